"""Beams of radial symmetry: free-space waves outside, the field at radii inside."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.propagation.hankel import HankelTransform

__all__ = ["RadialBeam", "free_space_rates"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class RadialBeam:
    r"""Amplitudes of transverse waves, and the field (V/m) at radii.

    Parameters
    ----------
    hankel : HankelTransform
        Radii and transverse wave numbers.
    wavenumber : ndarray, shape (n,)
        Of the medium over frequency, n omega / c, rad/m; zero where no light is kept.
    omega : ndarray, shape (n,)
        Angular frequencies, rad/s.

    Notes
    -----
    Amplitudes have the shape ``(n_radii, n)`` and the unit sqrt(W): the sum of
    :math:`|a|^2` over transverse waves is the beam's power. Sources drive a wave with
    :math:`i\omega^2/(2\varepsilon_0 c^2 k_z)`, so that steep waves get their due.
    """

    def __init__(
        self, hankel: HankelTransform, wavenumber: Floats, omega: Floats
    ) -> None:
        self.n_points = hankel.n_radii
        self._matrix = hankel.matrix
        kept = (wavenumber > 0.0) & (omega > 0.0)
        index = np.where(kept, wavenumber * SPEED_OF_LIGHT, 0.0)
        index = np.divide(index, omega, out=np.ones_like(omega), where=kept)
        admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * index
        self._to_field = kept * np.sqrt(2.0 / admittance)
        self._per_radius = 1.0 / np.sqrt(hankel.area)[:, None]
        self._from_source = kept * np.sqrt(1.0 / (8.0 * admittance))
        self._root_area = np.sqrt(hankel.area)[:, None]
        along = wavenumber**2 - hankel.wavenumber[:, None] ** 2
        steep = np.sqrt(np.maximum(along, 0.0))
        self._drive = self._from_source * np.divide(
            wavenumber, steep, out=np.zeros_like(steep), where=along > 0.0
        )
        self._scaled = np.empty((hankel.n_radii, omega.size), np.complex128)

    def to_points_into(
        self,
        position: float,  # noqa: ARG002
        amplitudes: Complex,
        out: Complex,
    ) -> None:
        """Write amplitudes of the field, shape ``(n_radii, n)``, into ``out``."""
        np.multiply(amplitudes, self._to_field, out=self._scaled)
        _product_into(self._matrix, self._scaled, out)
        out *= self._per_radius

    def to_modes_into(
        self,
        position: float,  # noqa: ARG002
        sources: Complex,
        out: Complex,
    ) -> None:
        """Write what the sources at the radii add to the waves per m into ``out``."""
        np.multiply(sources, self._root_area, out=self._scaled)
        _product_into(self._matrix, self._scaled, out)
        out *= self._drive


def _product_into(matrix: Floats, amplitudes: Complex, out: Complex) -> None:
    """Write ``matrix @ amplitudes`` into ``out``, as one product of real matrices."""
    np.matmul(matrix, amplitudes.view(np.float64), out=out.view(np.float64))


def free_space_rates(
    transverse: Floats, wavenumber: Floats, omega: Floats, inverse_velocity: float
) -> Complex:
    """Return ``i (k_z - omega / v)`` of waves, 1/m; evanescent ones die out.

    Parameters
    ----------
    transverse : ndarray, shape (m,)
        Transverse wave numbers, rad/m.
    wavenumber : ndarray, shape (n,)
        Of the medium, rad/m.
    omega : ndarray, shape (n,)
        rad/s.
    inverse_velocity : float
        Of the frame, s/m.

    Returns
    -------
    ndarray of complex, shape (m, n)
    """
    along = (wavenumber**2 - transverse[:, None] ** 2).astype(np.complex128)
    return np.asarray(1j * (np.sqrt(along) - omega * inverse_velocity))
