"""What a sequence makes of a field that varies in time."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.sequences.elements import Sequence
from qleap.sensing.sequences.toggling import toggling_frame

__all__ = ["phase_response", "sign_function"]

Array = NDArray[np.float64]


def sign_function(
    sequence: Sequence, time: ArrayLike, *, channel: str = "microwave"
) -> Array:
    """Return y at ``time``, s: the weight with which a spin gathers phase, ``(n,)``.

    Plus or minus one between ideal pulses, turning smoothly in finite ones; time
    counts from the beginning of the sequence. Before and after it there is none: 0.
    """
    frame = toggling_frame(sequence, channel=channel)
    at = checks.vector("time", time, "s")
    inside = (at >= 0.0) & (at <= frame.total)
    return np.where(inside, frame.axis(at) @ frame.direction, 0.0)


def phase_response(
    sequence: Sequence, frequency: ArrayLike, *, channel: str = "microwave"
) -> NDArray[np.complex128]:
    r"""Return the phase a sequence gathers from an oscillating detuning, ``(n,)``.

    .. math:: R(f) = 2 \pi \int y(t)\,e^{2\pi i f t}\,dt

    in rad/Hz: the detuning :math:`a \cos(2\pi f t + \theta)`, Hz, t from the beginning
    of the sequence, gives the phase :math:`a\,\mathrm{Re}[R(f) e^{i\theta}]`. At most,
    over all theta, that is a times the absolute value of R. In a block that is
    repeated every T, R turns by :math:`e^{2\pi i f T}` each time: readouts oscillate
    at the alias of f (`qleap.sensing.nv.signals.synchronised_readout`, which takes
    any waveform, for pulses that are short against it).

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
