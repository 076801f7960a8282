"""Where the Bloch vector of a transition goes during a sequence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Laser, Pulse, Sequence
from qleap.sensing.sequences.evolution import evolve
from qleap.sensing.sequences.spins import ControlledSpins

__all__ = ["BlochTrajectory", "bloch_trajectory"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class BlochTrajectory:
    """Bloch vectors along a sequence.

    Parameters
    ----------
    time : ndarray, shape (n,)
        s; it stands still in ideal pulses.
    vector : ndarray, shape (n, 3)
        z is plus one in the level of the beginning.
    element : ndarray, shape (n,)
        Number of the element, repetitions carried out, that led to each point.
    """

    time: Array
    vector: Array
    element: NDArray[np.int64]


def bloch_trajectory(
    spins: ControlledSpins,
    sequence: Sequence,
    *,
    channel: str = "microwave",
    points: int = 40,
) -> BlochTrajectory:
    r"""Return the Bloch vector of the transition of a channel during a sequence.

    .. math:: (2 \langle X \rangle, -2 \langle Y \rangle,
        2i \langle [X, Y] \rangle)

    with the channel's X and Y; other spins are averaged over.

    Parameters
    ----------
    spins : ControlledSpins
    sequence : Sequence
    channel : str
    points : int
        In each element.
    """
    if channel not in spins.channels:
        raise InvalidValue(
            f"channel must be one of {', '.join(spins.channels)}, got {channel!r}."
        )
    x, y = spins.channels[channel].in_phase, spins.channels[channel].quadrature
    axes = np.array([2.0 * x, -2.0 * y, 2j * (x @ y - y @ x)])
    checks.count("points", points)
    state, now = spins.initial, 0.0
    time, vector, number = [0.0], [_seen(axes, state)], [0]
    for place, element in enumerate(sequence.flat()):
        for part in _parts(element, points):
            state = evolve(spins, Sequence((part,)), state=state)
            now += part.duration
            time.append(now)
            vector.append(_seen(axes, state))
            number.append(place)
    return BlochTrajectory(
        time=np.array(time), vector=np.array(vector), element=np.array(number)
    )


def _seen(axes: NDArray[np.complex128], state: NDArray[np.complex128]) -> Array:
    return np.asarray(np.einsum("aij,ji->a", axes, state).real)


def _parts(
    element: Pulse | Free | Laser, points: int
) -> Iterator[Pulse | Free | Laser]:
    """Yield an element in equal parts."""
    step = element.duration / points
    for k in range(points):
        if not isinstance(element, Pulse):
            yield replace(element, duration=step)
        elif element.duration == 0.0:
            yield replace(element, angle=element.angle / points)
        else:
            turn = 2.0 * np.pi * element.detuning * k * step
            shape = (
                "rectangular" if element.is_rectangular else _cut(element, k, points)
            )
            yield replace(
                element, duration=step, phase=element.phase + turn, shape=shape
            )


def _cut(pulse: Pulse, part: int, parts: int) -> Callable[[Array], Array]:
    return lambda u: pulse.envelope((part + u) / parts)
