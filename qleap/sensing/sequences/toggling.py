r"""How a sequence turns the axis along which a spin feels a field.

A detuning of the transition, :math:`H/h = \delta(t)\,\sigma_z / 2` of a two-level spin,
acts in the frame of the pulses on :math:`r(t) \cdot \sigma / 2`, where r starts as z
and is turned by each pulse. With ideal pulses r is piecewise constant, and after the
first pi/2 pulse it is the sign function of dynamical decoupling; during a finite pulse
it turns steadily.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Laser, Pulse, Sequence, listed

__all__ = ["Toggling", "toggling_frame"]

Array = NDArray[np.float64]
SLICES = 400
"""Constant pieces a shaped pulse is cut into."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Toggling:
    r"""The axis r of a sequence, in pieces.

    .. math:: r(t) = a + b \cos[\Omega (t - t_0)] + c \sin[\Omega (t - t_0)]

    Parameters
    ----------
    start, duration : ndarray, shape (n,)
        t_0 and length of each piece, s.
    constant, cosine, sine : ndarray, shape (n, 3)
        a, b and c.
    rate : ndarray, shape (n,)
        Omega, rad/s; zero without a drive.
    direction : ndarray, shape (3,)
        Unit vector across z along which r lies after the first pulse; its component
        is the sign function with which a spin gathers phase.
    """

    start: Array
    duration: Array
    constant: Array
    cosine: Array
    sine: Array
    rate: Array
    direction: Array

    @property
    def total(self) -> float:
        """Duration of the whole, s."""
        return float(self.duration.sum())

    def axis(self, time: Array) -> Array:
        """Return r at times from 0 to the end, s, shape ``(n, 3)``."""
        place = np.searchsorted(self.start, time, side="right") - 1
        place = np.clip(place, 0, len(self.start) - 1)
        angle = (self.rate[place] * (time - self.start[place]))[:, None]
        wave = self.cosine[place] * np.cos(angle) + self.sine[place] * np.sin(angle)
        return np.asarray(self.constant[place] + wave)

    def transform(self, frequency: Array) -> NDArray[np.complex128]:
        r"""Return :math:`\int r(t) e^{2 \pi i f t} dt` at ``frequency``, Hz.

        Shape ``(3, n)``, s.
        """
        from qleap.sensing._kernels.filters import toggling_spectrum

        moving = self.rate != 0.0
        length, rate = self.duration[moving], self.rate[moving]
        wave = 0.5 * (self.cosine[moving] - 1j * self.sine[moving])
        wave = wave * np.exp(0.5j * rate * length)[:, None]
        every = [self.constant.astype(complex), wave, wave.conj()]
        middle = self.start + 0.5 * self.duration
        return np.asarray(
            toggling_spectrum(
                np.concatenate([middle, middle[moving], middle[moving]]),
                np.concatenate([self.duration, length, length]),
                np.concatenate([np.zeros(len(middle)), rate, -rate]),
                np.ascontiguousarray(np.concatenate(every).T),
                np.ascontiguousarray(2.0 * np.pi * frequency),
            )
        )


def toggling_frame(sequence: Sequence, *, channel: str = "microwave") -> Toggling:
    """Return the axis along which a resonant two-level spin feels its detuning.

    Parameters
    ----------
    sequence : Sequence
        Without light; pulses on other channels count as waiting.
    channel : str
        The drive of the spin.
    """
    pieces: list[tuple[float, Array, Array, Array, float]] = []
    turned = np.eye(3)
    direction: Array | None = None
    for element in listed([sequence])[0].flat():
        if isinstance(element, Laser):
            raise InvalidValue(
                "sequence must be without light to have a filter function, got a Laser "
                f"of {element.duration:g} s; leave preparation and readout out."
            )
        if isinstance(element, Free) or element.channel != channel:
            still = np.zeros(3)
            pieces.append((element.duration, turned[2], still, still, 0.0))
            continue
        turned = _drive(element, turned, pieces)
        if direction is None and math.hypot(turned[2, 0], turned[2, 1]) > 1e-9:
            direction = np.array([turned[2, 0], turned[2, 1], 0.0])
    kept = [piece for piece in pieces if piece[0] > 0.0]
    if not kept:
        raise InvalidValue("sequence must last longer than 0 s.")
    length, constant, cosine, sine, rate = (
        np.array(part) for part in zip(*kept, strict=True)
    )
    if direction is None:
        direction = np.array([1.0, 0.0, 0.0])
    return Toggling(
        start=np.concatenate([[0.0], np.cumsum(length)[:-1]]),
        duration=length,
        constant=constant,
        cosine=cosine,
        sine=sine,
        rate=rate,
        direction=direction / np.linalg.norm(direction),
    )


def _drive(
    pulse: Pulse,
    turned: Array,
    pieces: list[tuple[float, Array, Array, Array, float]],
) -> Array:
    """Append the pieces of a pulse and return the rotation after it."""
    axis = np.array([math.cos(pulse.phase), math.sin(pulse.phase), 0.0])
    if pulse.duration == 0.0:
        return np.asarray(_rotation(axis, pulse.angle) @ turned)
    steps = 1 if pulse.is_rectangular else SLICES
    length = pulse.duration / steps
    middle = (np.arange(steps) + 0.5) / steps
    up = np.array([0.0, 0.0, 1.0])
    for amplitude in pulse.rabi_frequency * pulse.envelope(middle):
        along = amplitude * axis - pulse.detuning * up
        size = float(np.linalg.norm(along))
        if size == 0.0:
            pieces.append((length, turned[2], np.zeros(3), np.zeros(3), 0.0))
            continue
        n = along / size
        rate = 2.0 * np.pi * size
        constant, cosine = n * n[2], up - n * n[2]
        # The row of z: Rot^T z = n n_z + (z - n n_z) cos - (n x z) sin.
        parts = (turned.T @ v for v in (constant, cosine, -np.cross(n, up)))
        pieces.append((length, *parts, rate))  # type: ignore[arg-type]
        turned = _rotation(n, rate * length) @ turned
    frame = 2.0 * np.pi * pulse.detuning * pulse.duration
    return np.asarray(_rotation(up, frame) @ turned)


def _rotation(axis: Array, angle: float) -> Array:
    """Return the rotation about a unit vector."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(
        np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * cross @ cross
    )
