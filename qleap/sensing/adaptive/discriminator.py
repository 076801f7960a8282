"""From signals near a resonance to how far away it is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Discriminator", "Resonance", "flank_offset"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Resonance:
    """A Lorentzian dip.

    Parameters
    ----------
    fwhm : float
        Full width at half maximum, Hz.
    contrast : float
        Depth as a share of the brightness.
    brightness : float
        Signal far away, in the unit of the signal.
    """

    fwhm: float
    contrast: float
    brightness: float = 1.0

    def __post_init__(self) -> None:
        checks.positive("fwhm", self.fwhm, "Hz")
        checks.probability("contrast", self.contrast)
        checks.positive("contrast", self.contrast)
        checks.positive("brightness", self.brightness)

    @property
    def steepest(self) -> float:
        """Distance from the centre at which the slope is largest, Hz."""
        return self.fwhm / math.sqrt(12.0)

    def signal(self, detuning: ArrayLike) -> Array:
        """Return the signal at a distance from the centre, Hz."""
        u = 2.0 * np.asarray(detuning, dtype=np.float64) / self.fwhm
        return np.asarray(self.brightness * (1.0 - self.contrast / (1.0 + u**2)))

    def slope(self, detuning: ArrayLike) -> Array:
        """Return the derivative of the signal by the detuning, 1/Hz."""
        u = 2.0 * np.asarray(detuning, dtype=np.float64) / self.fwhm
        height = 4.0 * self.brightness * self.contrast / self.fwhm
        return np.asarray(height * u / (1.0 + u**2) ** 2)

    def as_array(self) -> Array:
        """Return width, contrast and brightness, as kernels take them."""
        return np.array([self.fwhm, self.contrast, self.brightness])


@dataclass(frozen=True, kw_only=True)
class Discriminator:
    r"""Signals at offsets from the carrier and their sum, which is the detuning.

    The distance of the resonance from the carrier is
    :math:`c + \sum_j w_j\,y(f_\mathrm{carrier} + o_j)`, to first order.

    Parameters
    ----------
    offsets : ndarray, shape (k,), Hz
    weights : ndarray, shape (k,)
        Hz per unit of the signal.
    constant : float
        Hz.
    """

    offsets: Array
    weights: Array
    constant: float = 0.0

    def __post_init__(self) -> None:
        for name in ("offsets", "weights"):
            array = checks.vector(name, getattr(self, name), min_size=1)
            object.__setattr__(self, name, array)
        if np.shape(self.offsets) != np.shape(self.weights):
            raise InvalidValue(
                "offsets and weights must be of one length, got "
                f"{np.size(self.offsets)} and {np.size(self.weights)}."
            )

    @classmethod
    def one_point(
        cls, resonance: Resonance, offset: float | None = None
    ) -> "Discriminator":
        """Return one point on a flank: fastest, but takes a darker lamp for a shift.

        Parameters
        ----------
        resonance : Resonance
        offset : float, optional
            Hz; where the slope is steepest by default.
        """
        at = flank_offset(resonance, offset)
        slope = float(resonance.slope(at))
        return cls(
            offsets=np.array([at]),
            weights=np.array([-1.0 / slope]),
            constant=float(resonance.signal(at)) / slope,
        )

    @classmethod
    def two_point(
        cls, resonance: Resonance, offset: float | None = None
    ) -> "Discriminator":
        """Return one point on each flank in turn; the brightness drops out.

        Parameters
        ----------
        resonance : Resonance
        offset : float, optional
            Hz; where the slope is steepest by default.
        """
        at = flank_offset(resonance, offset)
        weight = 0.5 / float(resonance.slope(at))
        return cls(offsets=np.array([at, -at]), weights=np.array([-weight, weight]))

    @classmethod
    def lock_in(
        cls, resonance: Resonance, deviation: float | None = None, n_samples: int = 16
    ) -> "Discriminator":
        """Return a period of sinusoidal frequency modulation and its first harmonic.

        Parameters
        ----------
        resonance : Resonance
        deviation : float, optional
            Amplitude of the modulation, Hz; that of the least noise by default.
        n_samples : int
            In a period.
        """
        checks.count("n_samples", n_samples, 2)
        if deviation is None:
            from scipy.optimize import minimize_scalar

            best = minimize_scalar(
                lambda u: cls.lock_in(
                    resonance, u * resonance.fwhm, n_samples
                ).variance(1.0),
                bounds=(0.05, 3.0),
                method="bounded",
            )
            deviation = float(best.x) * resonance.fwhm
        checks.positive("deviation", deviation, "Hz")
        wave = np.sin(2.0 * np.pi * (np.arange(n_samples) + 0.5) / n_samples)
        gain = float(wave @ resonance.slope(deviation * wave))
        return cls(offsets=deviation * wave, weights=-wave / gain)

    def detuning(self, signals: ArrayLike) -> float:
        """Return how far above the carrier the resonance lies, Hz."""
        seen = checks.vector("signals", signals)
        if seen.size != self.offsets.size:
            raise InvalidValue(
                f"signals must be one for each of the {self.offsets.size} offsets, got "
                f"{seen.size}."
            )
        return float(self.constant + self.weights @ seen)

    def variance(self, noise: float) -> float:
        """Return the variance of a detuning, Hz^2.

        Parameters
        ----------
        noise : float
            Standard deviation of one signal.
        """
        checks.non_negative("noise", noise)
        return float(noise**2 * np.sum(self.weights**2))


def flank_offset(resonance: Resonance, offset: float | None) -> float:
    """Return a given offset, or that of the steepest slope."""
    at = resonance.steepest if offset is None else checks.finite("offset", offset, "Hz")
    if at == 0.0:
        raise InvalidValue(
            "offset must not be 0 Hz, where the line has no slope; leave it out for "
            "the steepest place."
        )
    return at
