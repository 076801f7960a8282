r"""Extreme ultraviolet on its way through the gas that makes it.

Transverse waves :math:`E_m(\omega)` of a beam go as

.. math:: \partial_z E_m = i\kappa_m E_m - \frac{i\mu_0 N}{2k_z}\,a_m(\omega)

with the transform :math:`a` of the dipoles' acceleration at density :math:`N`, and
:math:`\kappa_m = k_z - \omega/v` with diffraction, dispersion, absorption and the
frame of the driver. Each step is exact for sources that go straight from plane to
plane.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMEABILITY
from qleap.laser.propagation.hankel import HankelTransform

__all__ = ["XuvWaves"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

NEAR_ZERO = 1e-2
"""Exponents below which the weights of a step are summed as series."""


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

    def empty(self) -> Complex:
        """Return no light, ``(waves, n)``, V s."""
        return np.zeros((self.section.n_points, self.omega.size), np.complex128)

    def sources(self, density: float, acceleration: NDArray[np.complex64]) -> Complex:
        """Return what dipoles at the first radii add to the waves per length."""
        waves = self.empty()
        points = np.ascontiguousarray(acceleration, np.complex128)
        self.section.to_waves_into(points, waves)
        along = np.sqrt(
            np.maximum(self._vacuum**2 - self.section.wavenumber[:, None] ** 2, 1e-300)
        )
        return np.asarray(-0.5j * VACUUM_PERMEABILITY * density / along * waves)

    def step_into(
        self,
        waves: Complex,
        first: Complex,
        last: Complex,
        length: float,
        density: float,
        slower: float,
    ) -> None:
        """Carry ``waves`` on by ``length`` (m), in place.

        Parameters
        ----------
        waves : ndarray
        first, last : ndarray
            Sources at both ends, see `sources`.
        length : float
            m.
        density, slower : float
            Means over the step: atoms per volume (1/m^3), and how much later than
            light in vacuum the frame comes (s/m).
        """
        exponent = (
            1j
            * length
            * (
                self._diffraction
                + self._vacuum * self.susceptibility * density
                - self.omega * slower
            )
        )
        grown = np.exp(exponent)
        one, two = _weights(exponent, grown)
        waves *= grown
        waves += length * ((one - two) * first + two * last)

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


def _weights(x: Complex, grown: Complex) -> tuple[Complex, Complex]:
    """Return ``(e^x - 1)/x`` and ``(e^x - 1 - x)/x^2``."""
    small = np.abs(x) < NEAR_ZERO
    safe = np.where(small, 1.0, x)
    one = np.where(small, 1.0 + x * (0.5 + x * (1 / 6 + x / 24)), (grown - 1.0) / safe)
    two = np.where(
        small, 0.5 + x * (1 / 6 + x * (1 / 24 + x / 120)), (one - 1.0) / safe
    )
    return one, two


def mean_over(function: Callable[[float], float], start: float, end: float) -> float:
    """Return the mean of a function over a step, at three Gauss-Legendre places."""
    places, shares = np.polynomial.legendre.leggauss(3)
    middle, half = 0.5 * (start + end), 0.5 * (end - start)
    values = [function(middle + half * place) for place in places]
    return float(0.5 * np.dot(shares, values))
