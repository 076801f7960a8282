r"""Noise of a transition frequency, and the coherence it leaves.

Spectra are two-sided densities of the detuning in Hz over frequencies in Hz,

.. math:: S(f) = \int \langle \delta(t)\,\delta(0) \rangle\,e^{2\pi i f t}\,dt
    = S(-f), \qquad \langle \delta^2 \rangle = \int_{-\infty}^{\infty} S(f)\,df,

in Hz^2/Hz: half of the one-sided density that a spectrum analyser shows. For Gaussian
noise the coherence after a sequence is
:math:`W = e^{-\chi}` with

.. math:: \chi = 2 \pi^2 \int_{-\infty}^{\infty} S(f)\,|Y(f)|^2\,df .
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.toggling import Toggling

__all__ = [
    "BandNoise",
    "LineNoise",
    "LorentzianNoise",
    "NoiseSpectrum",
    "NoiseSum",
    "WhiteNoise",
    "power_law_noise",
]

Array = NDArray[np.float64]
Waves = NDArray[np.complexfloating[Any, Any]]


class NoiseSpectrum(Protocol):
    """Gaussian noise of a transition frequency."""

    def density(self, frequency: ArrayLike) -> Array:
        """Return the two-sided density at ``frequency``, Hz, in Hz^2/Hz."""

    def dephasing(self, frame: Toggling) -> float:
        """Return chi after the sequence with this toggling frame."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WhiteNoise:
    """The same density at all frequencies.

    Parameters
    ----------
    level : float
        S, Hz^2/Hz; the coherence decays as exp(-2 pi^2 S t) whatever the pulses.
    """

    level: float

    def __post_init__(self) -> None:
        checks.non_negative("level", self.level, "Hz")

    def density(self, frequency: ArrayLike) -> Array:
        """Return the two-sided density at ``frequency``, Hz, in Hz^2/Hz."""
        return np.full(np.shape(frequency), self.level)

    def dephasing(self, frame: Toggling) -> float:
        """Return chi after the sequence with this toggling frame."""
        total = 0.0
        for length, waves, rates in _pieces(frame):
            sums = rates[:, None] + rates[None, :]
            total += np.sum((waves @ waves.T) * _ramp(1j * sums, length)).real
        return float(2.0 * np.pi**2 * self.level * total)


@dataclass(frozen=True, kw_only=True, slots=True)
class LorentzianNoise:
    r"""Noise that forgets exponentially: an Ornstein-Uhlenbeck process.

    .. math:: \langle \delta(t) \delta(0) \rangle
        = \sigma^2 e^{-|t|/\tau_c} \cos(2\pi f_0 t)

    With a ``centre`` it is the double Lorentzian of a precessing nuclear bath.

    Parameters
    ----------
    rms : float
        sigma, Hz.
    correlation_time : float
        tau_c, s; the half width at half maximum of each peak is 1/(2 pi tau_c).
    centre : float
        f_0, Hz.
    """

    rms: float
    correlation_time: float
    centre: float = 0.0

    def __post_init__(self) -> None:
        checks.non_negative("rms", self.rms, "Hz")
        checks.positive("correlation_time", self.correlation_time, "s")
        checks.finite("centre", self.centre, "Hz")

    def density(self, frequency: ArrayLike) -> Array:
        """Return the two-sided density at ``frequency``, Hz, in Hz^2/Hz."""
        f = np.asarray(frequency, dtype=np.float64)
        tau = self.correlation_time
        peaks = (
            1.0 / (1.0 + (2.0 * np.pi * tau * (f - sign * self.centre)) ** 2)
            for sign in (1.0, -1.0)
        )
        return np.asarray(self.rms**2 * tau * sum(peaks))

    def dephasing(self, frame: Toggling) -> float:
        r"""Return chi after the sequence with this toggling frame.

        In closed form for any pulses: the noise is a filter
        :math:`\dot z = r - \kappa z`, and chi the integral of r . z.
        """
        kappa = 1.0 / self.correlation_time - 2j * np.pi * self.centre
        state: Waves = np.zeros(2, dtype=complex)
        total = 0.0
        for length, waves, rates in _pieces(frame):
            fall = _ramp(1j * rates - kappa, length)
            total += float(np.sum(state * (waves.T @ fall)).real)
            sums = 1j * (rates[:, None] + rates[None, :])
            pairs = (waves @ waves.T) * _memory(sums, rates, kappa, length)
            total += float(np.sum(pairs).real)
            grown = np.exp(1j * rates * length) * _ramp(-kappa - 1j * rates, length)
            state = np.exp(-kappa * length) * state + waves.T @ grown
        return float((2.0 * np.pi * self.rms) ** 2 * total)


@dataclass(frozen=True, kw_only=True, slots=True)
class LineNoise:
    """Sharp lines with random phases and Gaussian amplitudes.

    Parameters
    ----------
    frequency : tuple of float
        Hz.
    rms : tuple of float
        Of each line, Hz: its amplitude over the square root of two.
    """

    frequency: tuple[float, ...]
    rms: tuple[float, ...]

    def __post_init__(self) -> None:
        lines = checks.vector("frequency", self.frequency, "Hz")
        sizes = checks.vector("rms", self.rms, "Hz")
        if np.any(sizes < 0.0):
            raise InvalidValue(f"rms must be >= 0 Hz, got {sizes.min():g}.")
        if lines.shape != sizes.shape:
            raise InvalidValue(
                f"rms must have one value for each of {len(lines)} lines, got "
                f"{len(sizes)}."
            )

    def density(self, frequency: ArrayLike) -> Array:
        """Return zero: lines have no density."""
        return np.zeros(np.shape(frequency))

    def dephasing(self, frame: Toggling) -> float:
        """Return chi after the sequence with this toggling frame."""
        seen = _gain(frame, np.asarray(self.frequency, dtype=np.float64))
        return float(2.0 * np.pi**2 * np.sum(np.square(self.rms) * seen))


@dataclass(frozen=True, kw_only=True, slots=True)
class BandNoise:
    """Any smooth density between two frequencies.

    Parameters
    ----------
    function : callable
        Two-sided density, Hz^2/Hz, at an array of positive frequencies, Hz.
    low, high : float
        Where the band begins and ends, Hz.

    Notes
    -----
    With the duration T of a sequence, the density must be smooth over 1/(2T); above
    10 000/T the filter is averaged over its oscillations.
    """

    function: Callable[[Array], Array]
    low: float
    high: float

    def __post_init__(self) -> None:
        checks.positive("low", self.low, "Hz")
        if not self.low < checks.positive("high", self.high, "Hz"):
            raise InvalidValue(
                f"high must be above low = {self.low:g} Hz, got {self.high:g} Hz."
            )

    def density(self, frequency: ArrayLike) -> Array:
        """Return the two-sided density at ``frequency``, Hz, in Hz^2/Hz."""
        f = np.abs(np.asarray(frequency, dtype=np.float64))
        inside = (f >= self.low) & (f <= self.high)
        return np.where(inside, self.function(np.where(inside, f, self.low)), 0.0)

    def dephasing(self, frame: Toggling) -> float:
        """Return chi after the sequence with this toggling frame."""
        step = 0.5 / frame.total
        fast = min(max(20_000.0 * step, self.low), self.high)
        slow = min(max(step, self.low), fast)
        edges = [_logarithmic(self.low, slow)]
        edges.append(np.linspace(slow, fast, 1 + int(np.ceil((fast - slow) / step))))
        total = 0.0
        for edge in edges:
            f, weight = _gauss(edge)
            total += float(np.sum(weight * self.function(f) * _gain(frame, f)))
        f, weight = _gauss(_logarithmic(fast, self.high))
        jumps = _jumps(frame) / (2.0 * np.pi * f) ** 2
        total += float(np.sum(weight * self.function(f) * jumps))
        return 4.0 * np.pi**2 * total


def power_law_noise(
    level: float, exponent: float, *, low: float, high: float
) -> BandNoise:
    """Return noise of the density level / f^exponent, f in Hz, in a band.

    Parameters
    ----------
    level : float
        Two-sided density at 1 Hz, Hz^2/Hz.
    exponent : float
    low, high : float
        Where the band begins and ends, Hz.
    """
    size = checks.non_negative("level", level, "Hz")
    power = checks.finite("exponent", exponent)
    return BandNoise(function=lambda f: size / f**power, low=low, high=high)


@dataclass(frozen=True, slots=True)
class NoiseSum:
    """Independent noises together.

    Parameters
    ----------
    parts : sequence of NoiseSpectrum
    """

    parts: tuple[NoiseSpectrum, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))

    def density(self, frequency: ArrayLike) -> Array:
        """Return the two-sided density at ``frequency``, Hz, in Hz^2/Hz."""
        still = np.zeros(np.shape(frequency))
        return np.asarray(sum((one.density(frequency) for one in self.parts), still))

    def dephasing(self, frame: Toggling) -> float:
        """Return chi after the sequence with this toggling frame."""
        return sum(one.dephasing(frame) for one in self.parts)


def _gain(frame: Toggling, frequency: Array) -> Array:
    """Return |Y|^2 across z, s^2."""
    return np.asarray(np.sum(np.abs(frame.transform(frequency)[:2]) ** 2, axis=0))


def _pieces(
    frame: Toggling,
) -> Iterator[tuple[float, Waves, Array]]:
    """Yield length, waves (m, 2) and rates (m,): r = sum of w exp(i rate s)."""
    for k, length in enumerate(frame.duration):
        rate = frame.rate[k]
        constant = frame.constant[k, :2].astype(complex)
        if rate == 0.0:
            yield length, constant[None, :], np.zeros(1)
            continue
        wave = 0.5 * (frame.cosine[k, :2] - 1j * frame.sine[k, :2])
        waves = np.array([constant, wave, wave.conj()])
        yield length, waves, np.array([0.0, rate, -rate])


def _ramp(x: Waves, length: float) -> Waves:
    """Return the integral of exp(x s) over 0 to length."""
    small = np.abs(x) * length < 1e-12
    grown = np.expm1(x * length) / np.where(small, 1.0, x)
    return np.asarray(np.where(small, length, grown))


def _memory(sums: Waves, rates: Array, kappa: complex, length: float) -> Waves:
    """Return the double integral of exp(i v s - kappa (s - u) + i w u), u < s.

    ``sums`` holds i (v + w); rows are v, columns w.
    """
    growing = kappa + 1j * rates[None, :]
    falling = _ramp(1j * rates[:, None] - kappa + 0j * growing, length)
    direct = (_ramp(sums, length) - falling) / growing
    x = -kappa * length
    if abs(x) < 0.1:  # no cancellation: (e^x - 1 - x) / x^2 as a series
        term, series = 0.5 + 0.0j, 0.5 + 0.0j
        for k in range(3, 16):
            term *= x / k
            series += term
        direct[0, 0] = length**2 * series
    return direct


def _jumps(frame: Toggling) -> float:
    """Return the sum of the squared jumps of r across z, its ends included."""
    ends = frame.constant + frame.cosine * np.cos(frame.rate * frame.duration)[:, None]
    ends = ends + frame.sine * np.sin(frame.rate * frame.duration)[:, None]
    still = np.zeros((1, 3))
    after = np.concatenate([frame.constant + frame.cosine, still])
    return float(np.sum((after - np.concatenate([still, ends]))[:, :2] ** 2))


def _logarithmic(low: float, high: float) -> Array:
    pieces = 1 + int(np.ceil(8.0 * np.log10(high / low)))
    return np.geomspace(low, high, pieces + 1)


def _gauss(edge: Array) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(8)
    width = np.diff(edge)[:, None]
    f = edge[:-1, None] + width * 0.5 * (nodes + 1.0)
    return f.ravel(), (width * 0.5 * weights).ravel()
