"""What a sequence makes of a field that varies in time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.sequences.elements import Sequence
from qleap.sensing.sequences.toggling import toggling_frame

__all__ = ["accumulated_phase", "phase_response", "sign_function"]

Array = NDArray[np.float64]
Waveform = Callable[[Array], Array]


def sign_function(
    sequence: Sequence, time: ArrayLike, *, channel: str = "microwave"
) -> Array:
    """Return y at ``time``, s: the weight with which a spin gathers phase, ``(n,)``.

    Plus or minus one between ideal pulses, turning smoothly in finite ones; time
    counts from the beginning of the sequence.
    """
    frame = toggling_frame(sequence, channel=channel)
    return np.asarray(frame.axis(checks.vector("time", time, "s")) @ frame.direction)


def phase_response(
    sequence: Sequence, frequency: ArrayLike, *, channel: str = "microwave"
) -> NDArray[np.complex128]:
    r"""Return the phase a sequence gathers from an oscillating detuning, ``(n,)``.

    .. math:: R(f) = 2 \pi \int y(t)\,e^{2\pi i f t}\,dt

    in rad/Hz: the detuning :math:`a \cos(2\pi f t + \theta)`, Hz, t from the beginning
    of the sequence, gives the phase :math:`a\,\mathrm{Re}[R(f) e^{i\theta}]`. At most,
    over all theta, that is a times the absolute value of R.

    Parameters
    ----------
    sequence : Sequence
    frequency : array_like, shape (n,)
        Hz.
    channel : str
        Drive of the spin.
    """
    frame = toggling_frame(sequence, channel=channel)
    at = checks.vector("frequency", frequency, "Hz")
    return np.asarray(2.0 * np.pi * (frame.direction @ frame.transform(at)))


def accumulated_phase(
    sequence: Sequence, waveform: Waveform, *, channel: str = "microwave"
) -> float:
    r"""Return the phase gathered from any detuning, rad.

    .. math:: \phi = 2 \pi \int y(t)\,\delta(t)\,dt

    Parameters
    ----------
    sequence : Sequence
    waveform : callable
        delta, Hz, at an array of times from the beginning of the sequence, s. It
        must be smooth between the pulses: 32 Gauss-Legendre points are taken in
        each piece of the sequence.
    channel : str
        Drive of the spin.
    """
    frame = toggling_frame(sequence, channel=channel)
    nodes, weights = np.polynomial.legendre.leggauss(32)
    time = frame.start[:, None] + frame.duration[:, None] * 0.5 * (nodes + 1.0)
    weight = frame.duration[:, None] * 0.5 * weights
    y = frame.axis(time.ravel()) @ frame.direction
    seen = np.asarray(waveform(time.ravel()), dtype=np.float64)
    return float(2.0 * np.pi * np.sum(weight.ravel() * y * seen))
