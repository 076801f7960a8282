"""What a pulse sequence makes of an AC signal: phases, spectra, lock-in readout."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.signals.waveforms import Waveform
from qleap.sensing.sequences.elements import Laser, Pulse, Sequence, envelope_area

__all__ = [
    "SignFunction",
    "accumulated_phase",
    "demodulate",
    "seen_frequency",
    "synchronised_readout",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SignFunction:
    """How the phase of a superposition counts the signal: +1, -1, and 0 outside.

    Parameters
    ----------
    edges : ndarray, shape (n + 1,), s
    signs : ndarray, shape (n,)
        Between the edges.
    """

    edges: Array
    signs: Array

    @classmethod
    def of(cls, sequence: Sequence) -> "SignFunction":
        """Read the signs off a sequence on one transition.

        An odd multiple of pi / 2 begins or ends the sensing, an odd multiple of pi
        turns the sign, in the middle of pulses that last. Exact for pulses that are
        short against the signal's period.
        """
        time, sign, on = 0.0, 1.0, False
        edges, signs = [0.0], []
        channels = {e.channel for e in sequence.flat() if isinstance(e, Pulse)}
        if len(channels) > 1:
            raise InvalidValue(
                "sequence must drive one channel for a sign function, got "
                f"{', '.join(sorted(channels))}; evolve the spins instead."
            )
        for element in sequence.flat():
            if isinstance(element, Pulse):
                quarters = _quarters(element)
                middle = time + 0.5 * element.duration
                if quarters % 4 != 0:
                    edges.append(middle)
                    signs.append(sign if on else 0.0)
                if quarters % 2:
                    on, sign = not on, 1.0
                elif quarters % 4 == 2:
                    sign = -sign
            elif isinstance(element, Laser) and element.duration > 0.0 and on:
                raise InvalidValue(
                    f"sequence must close the sensing before light, got a Laser at "
                    f"{time:.4g} s; add a pi / 2 pulse."
                )
            time += element.duration
        edges.append(time)
        signs.append(sign if on else 0.0)
        kept = np.diff(edges) > 0.0
        starts, ends = np.array(edges[:-1])[kept], np.array(edges[1:])[kept]
        return cls(edges=np.append(starts, ends[-1:]), signs=np.array(signs)[kept])

    def transfer(self, frequency: ArrayLike) -> NDArray[np.complex128]:
        r"""Return :math:`Y(f) = \int y(t)\,e^{2\pi i f t}dt`, s.

        A tone of amplitude A turns the phase by at most
        :math:`2\pi\kappa A\,|Y(f)|`.
        """
        f = np.asarray(frequency, dtype=np.float64)[..., None]
        length = np.diff(self.edges)
        middle = 0.5 * (self.edges[1:] + self.edges[:-1])
        parts = self.signs * length * np.sinc(f * length)
        return np.asarray((parts * np.exp(2j * math.pi * f * middle)).sum(axis=-1))


def accumulated_phase(
    sequence: Sequence | SignFunction,
    waveform: Waveform,
    coupling: float,
    *,
    start: ArrayLike = 0.0,
) -> Array:
    r"""Return the phase :math:`2\pi\kappa\int y(t)\,B(t_s + t)\,dt`, rad.

    Parameters
    ----------
    sequence : Sequence or SignFunction
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
    Exact for ideal pulses, with the closed integral of the waveform and no steps in
    time. Where the pulses are not short or the signal not along the axis, give the
    waveform as ``field`` to the evolution of spins.
    """
    counted = (
        sequence if isinstance(sequence, SignFunction) else SignFunction.of(sequence)
    )
    checks.finite("coupling", coupling, "Hz/T")
    at = np.asarray(start, dtype=np.float64)[..., None]
    primitive = waveform.antiderivative(at + counted.edges)
    pieces = np.diff(primitive, axis=-1) * counted.signs
    return np.asarray(2.0 * math.pi * coupling * pieces.sum(axis=-1))


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


def _quarters(pulse: Pulse) -> int:
    """Return by how many quarter turns a resonant pulse turns the spin."""
    angle = pulse.angle
    if pulse.duration > 0.0:
        area = pulse.duration * envelope_area(pulse.shape)
        angle = 2.0 * math.pi * pulse.rabi_frequency * area
    quarters = angle / (0.5 * math.pi)
    if abs(quarters - round(quarters)) > 1e-6:
        raise InvalidValue(
            f"pulses must turn by multiples of pi / 2 for a sign function, got "
            f"{angle:.6g} rad; evolve the spins instead."
        )
    return round(quarters)
