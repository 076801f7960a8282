"""Dispersion formulas as they are published, and their exact derivatives.

All of them are one sum over wavelengths in micrometres,

    S = offset + sum B lambda^2 / (lambda^2 - C) + sum D lambda^(2 k),

which is ``n^2 - 1``, or in many papers on gases ``n - 1``.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import BOLTZMANN
from qleap.laser.media import series

__all__ = ["Coefficients", "Pole", "pole", "reciprocal_pole"]

Floats = NDArray[np.float64]
Pole = tuple[float, float]

FOLLOWED: Final = 2.0
"""Factor by which the susceptibility may leave its value at an edge of validity."""

CLEARANCE: Final = 1.02
"""Factor of the wavelength between a followed formula and a resonance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """One published fit.

    Parameters
    ----------
    terms : tuple of (float, float)
        ``(B, C)``, C in um^2.
    low, high : float
        Where the authors hold it valid, um.
    source : str
        The publication.
    offset : float
        Constant part.
    powers : tuple of (float, int)
        ``(D, k)`` of ``D lambda^(2 k)``.
    refractivity : bool
        Whether the sum is ``n - 1`` instead of ``n^2 - 1``.
    reference : (float, float), optional
        Of a gas, the pressure (Pa) and the temperature (K) at which the fit holds.
        None for what has a density of its own.
    """

    terms: tuple[Pole, ...]
    low: float
    high: float
    source: str
    offset: float = 0.0
    powers: tuple[tuple[float, int], ...] = ()
    refractivity: bool = False
    reference: tuple[float, float] | None = None

    @property
    def reference_density(self) -> float:
        """Molecules of a gas at the reference state, as an ideal gas, 1/m^3."""
        if self.reference is None:
            return 1.0
        pressure, temperature = self.reference
        return pressure / (BOLTZMANN * temperature)

    def susceptibility(self, microns: Floats) -> Floats:
        """Return ``n^2 - 1`` at the reference state by the formula, anywhere."""
        square = np.square(microns)
        total = np.full(square.shape, self.offset)
        for b, c in self.terms:
            total += b * square / (square - c)
        for d, k in self.powers:
            total += d * square**k
        return total * (2.0 + total) if self.refractivity else total

    def susceptibility_series(self, microns: float, order: int) -> Floats:
        """Return the Taylor coefficients of ``n^2 - 1`` in omega/omega0 - 1."""
        total = np.zeros(order + 1)
        total[0] = self.offset
        for b, c in self.terms:
            # 1 - C/lambda^2 (1 + x)^2, whose reciprocal is the resonance.
            resonance = np.zeros(max(order + 1, 3))
            share = c / microns**2
            resonance[:3] = 1.0 - share, -2.0 * share, -share
            total += b * series.reciprocal(resonance[: order + 1])
        for d, k in self.powers:
            total += d * microns ** (2 * k) * series.power(-2.0 * k, order)
        if self.refractivity:
            square = series.multiply(total, total)
            total = 2.0 * total + square
        return total

    def followed(self) -> tuple[float, float]:
        """Return the wavelengths (um) to which ``"extend"`` follows the formula."""
        return _followed(self)


def pole(numerator: float, square: float) -> tuple[float, Pole]:
    """Return offset and term of ``numerator / (lambda^2 - square)``."""
    strength = numerator / square
    return -strength, (strength, square)


def reciprocal_pole(numerator: float, square: float) -> Pole:
    """Return the term of ``numerator / (square - lambda^-2)``."""
    return numerator / square, 1.0 / square


@lru_cache(maxsize=256)
def _followed(fit: Coefficients) -> tuple[float, float]:
    """Walk outwards until the susceptibility has changed by the factor.

    The wavelengths are walked in steps of 0.2 %, at most a factor of ten, and never to
    a resonance, however weak.
    """
    steps = math.ceil(math.log(10.0) / math.log(1.002))
    reach: Floats = np.power(1.002, np.arange(1.0, steps))
    resonances = np.sqrt([c for _, c in fit.terms if c > 0.0])
    limits = []
    for edge, sign in ((fit.low, -1.0), (fit.high, 1.0)):
        walked = edge * reach**sign
        ratio = fit.susceptibility(walked) / fit.susceptibility(np.array([edge]))
        inside = (ratio < FOLLOWED) & (ratio > 1.0 / FOLLOWED)
        for resonance in resonances[sign * (resonances - edge) > 0.0]:
            inside &= sign * (walked - resonance * CLEARANCE**-sign) < 0.0
        left = np.flatnonzero(~inside)
        taken = int(left[0]) if left.size else walked.size
        limits.append(float(walked[taken - 1]) if taken else edge)
    return limits[0], limits[1]
