r"""Extreme ultraviolet on its way through the gas that makes it.

Transverse waves :math:`E_m(\omega)` of a beam go as

.. math:: \partial_z E_m = i\kappa_m E_m - \frac{i\mu_0 N}{2k_z}\,a_m(\omega)

with the transform :math:`a` of the dipoles' acceleration at density :math:`N`, and
:math:`\kappa_m = k_z - \omega/v` with diffraction, dispersion, absorption and the
frame of the driver. Each step is exact for sources that are cubic polynomials through
four neighbouring planes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMEABILITY
from qleap.laser.propagation.hankel import HankelTransform

__all__ = ["XuvWaves"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

NEAR_ZERO, TERMS = 1.0, 18
"""Exponents below which weights of a step are summed as series of so many terms."""


@dataclass(frozen=True, slots=True)
class XuvWaves:
    """Transverse waves of the extreme ultraviolet.

    Attributes
    ----------
    section : HankelTransform
        Radii and transverse wave numbers.
    omega : ndarray, shape (n,)
        rad/s.
    susceptibility : ndarray of complex, shape (n,)
        Complex index minus one, for one atom per volume, m^3.
    """

    section: HankelTransform
    omega: Floats
    susceptibility: Complex

    def part(self, frequencies: slice) -> "XuvWaves":
        """Return the waves of some of the frequencies."""
        return XuvWaves(
            self.section, self.omega[frequencies], self.susceptibility[frequencies]
        )

    def empty(self) -> Complex:
        """Return no light, ``(waves, n)``, V s."""
        return np.zeros((self.section.n_points, self.omega.size), np.complex128)

    def sources(self, size: float, shape: NDArray[np.complex64]) -> Complex:
        """Return what dipoles at the first radii add to the waves per length.

        ``size`` (C/(m^2 s)) times ``shape`` is the density of accelerations.
        """
        waves = self.empty()
        if size == 0.0:
            return waves
        self.section.to_waves_into(np.ascontiguousarray(shape, np.complex128), waves)
        along = np.sqrt(
            np.maximum(self._vacuum**2 - self.section.wavenumber[:, None] ** 2, 1e-300)
        )
        return np.asarray(-0.5j * VACUUM_PERMEABILITY * size / along * waves)

    def step_weights(
        self,
        places: Sequence[float],
        step: tuple[float, float],
        density: float,
        slower: float,
    ) -> tuple[Complex, list[Complex]]:
        """Return the factor of the waves over a step, and those of the sources.

        Parameters
        ----------
        places : sequence of float
            Of two to four planes about the step, m.
        step : (float, float)
            Where it begins and ends, m.
        density, slower : float
            Means over the step: atoms per volume (1/m^3), and how much later than
            light in vacuum the frame comes (s/m).
        """
        start, end = step
        length = end - start
        rate = self._diffraction - self.omega * slower
        exponent = 1j * length * (rate + self._vacuum * self.susceptibility * density)
        grown, integrals = _integrals(exponent, len(places))
        powers = np.vander((np.array(places) - start) / length, increasing=True)
        shares = length * np.linalg.inv(powers)
        each = [
            np.asarray(sum(shares[k, i] * part for k, part in enumerate(integrals)))
            for i in range(len(places))
        ]
        return grown, each

    def to_radii(self, waves: Complex) -> Complex:
        """Return the transform of the field at the radii, V s/m, ``(radii, n)``."""
        out = np.empty_like(waves)
        self.section.to_points_into(waves, out)
        return out

    @property
    def _vacuum(self) -> Floats:
        return self.omega / SPEED_OF_LIGHT

    @property
    def _diffraction(self) -> Floats:
        """Return ``k_z - k`` in vacuum without the difference of large numbers."""
        k, across = self._vacuum, self.section.wavenumber[:, None]
        return -(across**2) / (k + np.sqrt(np.maximum(k**2 - across**2, 0.0)))


def _integrals(x: Complex, count: int) -> tuple[Complex, list[Complex]]:
    r"""Return :math:`e^x` and :math:`\int_0^1 e^{x(1-u)}u^k\,du` for k below a number.

    By the recursion :math:`I_k = (k I_{k-1} - 1)/x`, or about zero backwards from a
    series of the last one.
    """
    grown = np.exp(x)
    small = np.abs(x) < NEAR_ZERO
    inverse = 1.0 / np.where(small, 1.0, x)
    found, last = [], grown
    for k in range(count):
        last = np.asarray(((k * last if k else grown) - 1.0) * inverse)
        found.append(last)
    near, top = x[small], count - 1
    series = np.zeros_like(near)
    for n in range(TERMS, -1, -1):  # k! x^n / (n + k + 1)!
        series = series * near + math.factorial(top) / math.factorial(n + top + 1)
    for k in range(top, -1, -1):
        found[k][small] = series
        if k:
            series = (near * series + 1.0) / k
    return grown, found


def mean_over(function: Callable[[float], float], start: float, end: float) -> float:
    """Return the mean of a function over a step, at three Gauss-Legendre places."""
    places, shares = np.polynomial.legendre.leggauss(3)
    middle, half = 0.5 * (start + end), 0.5 * (end - start)
    values = [function(middle + half * place) for place in places]
    return float(0.5 * np.dot(shares, values))
