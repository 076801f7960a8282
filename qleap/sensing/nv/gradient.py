"""Lines of the axes with their derivatives by field, D, strain and drive."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing._reference.spin_one import S_X, S_Y, S_Z

if TYPE_CHECKING:
    from qleap.sensing.nv.centre import NVCentre

__all__ = ["AxisLines", "axis_lines", "resonances_with_gradient"]

Array = NDArray[np.float64]

_SPIN: Final = np.array([S_X, S_Y, S_Z])
_ZERO_FIELD: Final = np.array([
    S_Z @ S_Z - 2.0 / 3.0 * np.eye(3),
    S_Y @ S_Y - S_X @ S_X,
    S_X @ S_Y + S_Y @ S_X,
    S_X @ S_Z + S_Z @ S_X,
    S_Y @ S_Z + S_Z @ S_Y,
])  # fmt: skip
_OPERATORS: Final = np.concatenate([_SPIN, _ZERO_FIELD])
_POPULATION: Final = np.diag([0.0, 1.0, 0.0])
_STRENGTH: Final = 3.0
"""Scales the squared element of m_S = 0 to +1 along x, averaged, to one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AxisLines:
    """The two lines of each axis from its lowest level, and their derivatives.

    Parameters
    ----------
    frequencies : ndarray, shape (..., 2), Hz
    slopes : ndarray, shape (..., 2, 8)
        By the factors of S_x, S_y, S_z and by the five zero-field terms (each 1).
    strengths : ndarray, shape (..., 2), or None without a drive
        See `Transitions.weights`.
    strength_slopes : ndarray, shape (..., 2, 11), or None
        By the same eight (1/Hz), and by the components of the drive in the frame of
        the axis.
    """

    frequencies: Array
    slopes: Array
    strengths: Array | None = None
    strength_slopes: Array | None = None


def axis_lines(zeeman: Array, terms: Array, drive: Array | None = None) -> AxisLines:
    """Return the lines of spins one in fields and zero-field terms of their own.

    Parameters
    ----------
    zeeman : ndarray, shape (..., 3), Hz
        Factors of S_x, S_y, S_z.
    terms : ndarray, shape (..., 5), Hz
        As `Strain.terms` gives them.
    drive : ndarray, shape (..., 3), optional
        Unit vector of a linearly polarised microwave in the frame of the axis.

    Notes
    -----
    The slopes are expectation values of the derivative of the Hamiltonian (Hellmann
    and Feynman), those of the strengths come from first-order perturbation theory;
    both are exact unless two levels cross.
    """
    factors = np.concatenate(_same_shape(zeeman, terms), axis=-1)
    matrices = (factors.astype(complex) @ _OPERATORS.reshape(8, 9)).reshape(
        *factors.shape[:-1], 3, 3
    )
    energies, states = np.linalg.eigh(matrices)
    back = states.conj().swapaxes(-1, -2)
    turned = back[..., None, :, :] @ _OPERATORS @ states[..., None, :, :]
    means = np.diagonal(turned, axis1=-2, axis2=-1).real.swapaxes(-1, -2)
    frequencies = energies[..., 1:] - energies[..., :1]
    slopes = means[..., 1:, :] - means[..., :1, :]
    if drive is None:
        return AxisLines(frequencies=frequencies, slopes=slopes)
    strengths, by = _strengths(energies, turned, back @ _POPULATION @ states, drive)
    return AxisLines(
        frequencies=frequencies, slopes=slopes, strengths=strengths, strength_slopes=by
    )


def _same_shape(zeeman: Array, terms: Array) -> tuple[Array, Array]:
    """Return both with the same leading axes."""
    lead = np.broadcast_shapes(zeeman.shape[:-1], terms.shape[:-1])
    return np.broadcast_to(zeeman, (*lead, 3)), np.broadcast_to(terms, (*lead, 5))


def _strengths(
    energies: Array,
    turned: NDArray[np.complex128],
    population: NDArray[np.complex128],
    drive: Array,
) -> tuple[Array, Array]:
    """Return strengths and slopes from operators ``turned`` into the eigenbasis."""
    gaps = energies[..., None, :] - energies[..., :, None]
    with np.errstate(divide="ignore"):
        inverse = np.where(gaps == 0.0, 0.0, 1.0 / gaps)
    change = turned * inverse[..., None, :, :]  # d|n> = sum_m |m> change_mn
    spins = turned[..., :3, :, :]
    along = np.einsum("...o,...oij->...ij", drive, spins)

    def moved(matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
        wide = matrix[..., None, :, :]
        return np.asarray(wide @ change - change @ wide)

    element, slope = along[..., 1:, 0], moved(along)[..., 1:, 0]
    slope = np.concatenate([slope, spins[..., 1:, 0]], axis=-2).swapaxes(-1, -2)
    levels = np.diagonal(population, axis1=-2, axis2=-1).real
    shifts = np.diagonal(moved(population), axis1=-2, axis2=-1).real.swapaxes(-1, -2)
    excess = levels[..., :1] - levels[..., 1:]
    by_excess = shifts[..., :1, :] - shifts[..., 1:, :]
    dipole = np.abs(element) ** 2
    by = 2.0 * (element.conj()[..., None] * slope).real * excess[..., None]
    by[..., :8] += dipole[..., None] * by_excess
    sign = np.sign(excess)
    strengths = _STRENGTH * dipole * np.abs(excess)
    return strengths, _STRENGTH * sign[..., None] * by


def resonances_with_gradient(
    centre: "NVCentre", field: Array, rotations: Array
) -> tuple[Array, Array]:
    """Return the lines ``(4, 2)``, Hz, and their gradients ``(4, 2, 4)``.

    The last axis holds the derivatives by the three laboratory components of the
    field (Hz/T) and by D (1); see `axis_lines`.
    """
    ratios = centre.gyromagnetic_ratios
    terms = centre.strain.terms(centre.zero_field_splitting)
    found = axis_lines(rotations @ field * ratios, terms)
    by_field = np.einsum("alo,o,aoi->ali", found.slopes[..., :3], ratios, rotations)
    return found.frequencies, np.concatenate([by_field, found.slopes[..., 3:4]], -1)
