"""The two waves of a direction in a crystal, and the three components of their field.

The frame of the components is that of the wave vector: polar and azimuthal direction,
and along it, where walk-off puts a part of the field.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.media.crystals import Crystal

__all__ = ["CrystalWaves", "rotated_tensor"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class CrystalWaves:
    r"""Amplitudes in sqrt(W) of two waves, and the field (V/m) over an area.

    Parameters
    ----------
    crystal : Crystal
        Indices and directions of the fields.
    omega : ndarray, shape (n,)
        Angular frequencies, rad/s, increasing from zero.
    theta, phi : float
        Direction, rad.
    area : float
        Effective area, m^2.

    Attributes
    ----------
    index, walk_off : ndarray, shape (2, n)
        Refractive indices and the sines of the walk-off angles, held or followed
        beyond the fits.

    Notes
    -----
    With the walk-off angle :math:`\rho` the power along the wave vector is
    :math:`\tfrac12\varepsilon_0 c\,n\cos^2\!\rho\,|E|^2` times the area, and a source
    drives :math:`dE/dz = i\omega\,\mathbf e\cdot\mathbf P /
    (2\varepsilon_0 c\,n\cos^2\!\rho)` (Lorentz reciprocity).
    """

    n_points = 3

    def __init__(
        self, crystal: Crystal, omega: Floats, theta: float, phi: float, area: float
    ) -> None:
        frame = _frame(theta, phi)
        # Zero has no wavelength; nothing drives it.
        wavelength = 2.0 * np.pi * SPEED_OF_LIGHT / np.maximum(omega, omega[1])
        fields, indices = [], []
        for polarisation in crystal.polarisations:
            at = (wavelength, polarisation, theta, phi)
            fields.append(crystal.field_direction(*at, outside="extend") @ frame.T)
            indices.append(crystal.refractive_index(*at, outside="extend"))
        directions = np.stack(fields).transpose(0, 2, 1)  # waves, components, n
        self.index = np.stack(indices)
        self.walk_off = directions[:, 2].copy()
        power = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * self.index
        power *= 1.0 - self.walk_off**2
        self._to_field = directions * np.sqrt(2.0 / (power * area))[:, None]
        self._to_wave = directions * np.sqrt(area / (8.0 * power))[:, None]
        self._part = np.empty(omega.size, np.complex128)

    def to_points_into(
        self,
        position: float,  # noqa: ARG002
        amplitudes: Complex,
        out: Complex,
    ) -> None:
        """Write amplitudes of the components, shape ``(3, n)``, into ``out``."""
        for i in range(3):
            np.multiply(self._to_field[0, i], amplitudes[0], out=out[i])
            np.multiply(self._to_field[1, i], amplitudes[1], out=self._part)
            out[i] += self._part

    def to_modes_into(
        self,
        position: float,  # noqa: ARG002
        sources: Complex,
        out: Complex,
    ) -> None:
        """Write ``C`` times the sources along the fields, shape ``(2, n)``."""
        for wave in range(2):
            np.multiply(self._to_wave[wave, 0], sources[0], out=out[wave])
            for i in (1, 2):
                np.multiply(self._to_wave[wave, i], sources[i], out=self._part)
                out[wave] += self._part


def rotated_tensor(crystal: Crystal, theta: float, phi: float) -> Floats:
    """Return ``d_ijk`` in the frame of the wave vector, m/V."""
    frame = _frame(theta, phi)
    tensor = crystal.nonlinear_tensor
    return np.asarray(np.einsum("ai,bj,ck,ijk->abc", frame, frame, frame, tensor))


def _frame(theta: float, phi: float) -> Floats:
    """Return the rows polar, azimuthal, and along the wave vector."""
    st, ct, sp, cp = math.sin(theta), math.cos(theta), math.sin(phi), math.cos(phi)
    return np.array([[ct * cp, ct * sp, -st], [-sp, cp, 0.0], [st * cp, st * sp, ct]])
