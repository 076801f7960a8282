"""What a pulse sequence makes of an AC signal: phases, spectra, lock-in readout."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.signals.waveforms import Waveform
from qleap.sensing.sequences.elements import Pulse, Sequence
from qleap.sensing.sequences.toggling import toggling_frame

__all__ = [
    "accumulated_phase",
    "demodulate",
    "seen_frequency",
    "synchronised_readout",
]

Array = NDArray[np.float64]

NODES = 24
"""Of Gauss and Legendre in one piece of a pulse that lasts."""


def accumulated_phase(
    sequence: Sequence,
    waveform: Waveform,
    coupling: float,
    *,
    start: ArrayLike = 0.0,
) -> Array:
    r"""Return the phase :math:`2\pi\kappa\int y(t)\,B(t_s + t)\,dt`, rad.

    y is the `qleap.sensing.sequences.sign_function` of the sequence: +1 or -1 between
    pulses, turning steadily in those that last, zero before and after the sensing.

    Parameters
    ----------
    sequence : Sequence
        On one channel, without light.
    waveform : Waveform
        T, or V/m.
    coupling : float
        :math:`\kappa`, shift of the transition with the signal, Hz/T (28 GHz/T for a
        field along the axis, twice that for the double quantum) or Hz/(V/m) (see
        `electric_slopes`).
    start : array_like
        When the sequence begins on the clock of the waveform, s; the result has this
        shape.

    Notes
    -----
    Between pulses it is the closed integral of the waveform, without steps in time.
    Pulses that last take Gauss's rule, and are right to first order in the signal
    that acts during them. Where the signal is not along the axis, give the waveform as
    ``field`` to the evolution of spins.
    """
    frame = toggling_frame(sequence, channel=_channel(sequence))
    checks.finite("coupling", coupling, "Hz/T")
    at = np.asarray(start, dtype=np.float64)[..., None]
    still = frame.rate == 0.0
    weight = (frame.constant @ frame.direction)[still]
    begin, end = frame.start[still], (frame.start + frame.duration)[still]
    grown = waveform.antiderivative(at + end) - waveform.antiderivative(at + begin)
    total = grown @ weight
    turns = np.ceil((frame.rate * frame.duration)[~still] / (2.0 * math.pi))
    for begin_, length, n in zip(
        frame.start[~still], frame.duration[~still], turns, strict=True
    ):
        nodes, shares = np.polynomial.legendre.leggauss(NODES * int(n))
        time = begin_ + 0.5 * length * (nodes + 1.0)
        sign = frame.axis(time) @ frame.direction
        total = total + waveform(at + time) @ (0.5 * length * shares * sign)
    return np.asarray(2.0 * math.pi * coupling * total)


def _channel(sequence: Sequence) -> str:
    """Return the channel of all pulses."""
    names = {e.channel for e in sequence.flat() if isinstance(e, Pulse)}
    if len(names) != 1:
        raise InvalidValue(
            "sequence must drive one channel for a phase, got "
            f"{', '.join(sorted(names)) or 'none'}; evolve the spins instead."
        )
    return names.pop()


def synchronised_readout(
    sequence: Sequence,
    waveform: Waveform,
    coupling: float,
    *,
    interval: float,
    count: int,
) -> Array:
    """Return the readouts of a sequence that is repeated on one clock.

    Each is the sine of the phase: the last pulse a quarter turn beside the first. A
    tone appears at `seen_frequency` (coherently averaged synchronised readout).

    Parameters
    ----------
    sequence, waveform, coupling
        As in `accumulated_phase`.
    interval : float
        From one beginning to the next, s; not shorter than the sequence.
    count : int
        How many.

    Returns
    -------
    ndarray, shape (count,)
        Between -1 and 1.

    References
    ----------
    Glenn et al., Nature 555, 351 (2018); Boss et al., Science 356, 837 (2017);
    Schmitt et al., Science 356, 832 (2017).
    """
    checks.at_least("interval", interval, sequence.duration, "s")
    start = interval * np.arange(checks.count("count", count))
    return np.sin(accumulated_phase(sequence, waveform, coupling, start=start))


def seen_frequency(frequency: float, interval: float) -> float:
    """Return where a tone appears in samples at ``interval``, Hz.

    Positive where the phase of the samples advances, at most half of the sampling
    rate: the distance from the next multiple of that rate.
    """
    checks.finite("frequency", frequency, "Hz")
    rate = 1.0 / checks.positive("interval", interval, "s")
    return frequency - rate * round(frequency / rate)


def demodulate(
    series: ArrayLike, interval: float, frequency: ArrayLike
) -> NDArray[np.complex128]:
    r"""Return the complex amplitudes that a lock-in at ``frequency`` finds.

    :math:`\tfrac2n\sum_j s_j\,e^{-2\pi i f j \Delta t}`: ``a cos(2 pi f t + p)`` gives
    ``a exp(i p)`` over whole periods. Frequencies in Hz, the result in their shape.
    """
    samples = checks.vector("series", series, min_size=1)
    checks.positive("interval", interval, "s")
    f = np.asarray(frequency, dtype=np.float64)[..., None]
    turning = np.exp(-2j * math.pi * f * interval * np.arange(samples.size))
    return np.asarray(2.0 * (samples * turning).mean(axis=-1))
