"""Electric fields from the lines of one axis."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.strain import STARK_PARALLEL, STARK_PERPENDICULAR
from qleap.sensing.spins.operators import spin_operators

__all__ = [
    "ElectricFieldFit",
    "electric_lines",
    "electric_lines_second_order",
    "electric_slopes",
    "fit_electric_field",
]

Array = NDArray[np.float64]

_STARK: Final = np.array([STARK_PERPENDICULAR, STARK_PERPENDICULAR, STARK_PARALLEL])


def electric_lines(centre: NVCentre, field: ArrayLike, electric: ArrayLike) -> Array:
    """Return the lower and upper line, Hz, by diagonalisation.

    Parameters
    ----------
    centre : NVCentre
        Its strain adds to the electric field; the nitrogen is left out.
    field : array_like, shape (..., 3)
        T, in the frame of the axis.
    electric : array_like, shape (..., 3)
        V/m, in the frame of the axis; broadcast against the magnetic fields.

    Returns
    -------
    ndarray, shape (..., 2)
    """
    energies = np.linalg.eigvalsh(_matrices(centre, field, electric))
    return np.asarray(energies[..., 1:] - energies[..., :1])


def electric_slopes(centre: NVCentre, field: ArrayLike, electric: ArrayLike) -> Array:
    """Return the derivatives of both lines by the electric field, Hz/(V/m).

    The shape is ``(..., 2, 3)``. They are expectation values (Hellmann and Feynman),
    exact unless two levels cross, and the coupling of an electric AC field in
    `accumulated_phase`.
    """
    _, states = np.linalg.eigh(_matrices(centre, field, electric))
    means = np.einsum("...ja,kji,...ia->...ak", states.conj(), _operators(), states)
    return np.asarray((means[..., 1:, :] - means[..., :1, :]).real)


def electric_lines_second_order(
    centre: NVCentre, field: ArrayLike, electric: ArrayLike
) -> Array:
    r"""Return both lines, Hz, to second order in the fields over D.

    .. math::
        f_\pm = D + d_\parallel E_z + 3\beta
        \pm \sqrt{b_z^2 + \beta^2 + (d_\perp E_\perp)^2
        - 2\beta\, d_\perp E_\perp \cos(2\varphi_B + \varphi_E)},
        \quad \beta = \frac{b_\perp^2}{2D},\ b = \gamma B

    A field across the axis makes the lines sensitive to the direction of the electric
    field across; a field along it turns the sensor off. Without strain.

    References
    ----------
    The angle :math:`2\varphi_B + \varphi_E` is that of Dolde et al., Nat. Phys. 7,
    459 (2011); the formula is derived in the documentation, with the signs of
    `Strain`.
    """
    b = checks.vectors("field", field, "T") * centre.gyromagnetic_ratios
    shift = checks.vectors("electric", electric, "V/m") * _STARK
    d = centre.zero_field_splitting
    beta = (b[..., 0] ** 2 + b[..., 1] ** 2) / (2.0 * d)
    stark = np.hypot(shift[..., 0], shift[..., 1])
    angle = 2.0 * np.arctan2(b[..., 1], b[..., 0])
    angle = angle + np.arctan2(shift[..., 1], shift[..., 0])
    inside = b[..., 2] ** 2 + beta**2 + stark**2
    half = np.sqrt(np.maximum(inside - 2.0 * beta * stark * np.cos(angle), 0.0))
    middle = d + shift[..., 2] + 3.0 * beta
    return np.asarray(np.stack([middle - half, middle + half], axis=-1))


_FEWEST: Final = 1e-3
"""How much less the fields may tell about one component across than about the other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ElectricFieldFit:
    """An electric field with what is known of its errors.

    Parameters
    ----------
    electric : ndarray, shape (3,), V/m
        In the frame of the axis.
    covariance : ndarray, shape (3, 3), (V/m)^2
        Of equal and independent errors of the lines, with the residual scatter.
    rms_residual : float
        Of the lines, Hz.
    """

    electric: Array
    covariance: Array
    rms_residual: float

    @property
    def standard_errors(self) -> Array:
        """Of the three components, V/m."""
        return np.sqrt(np.diag(self.covariance))


def fit_electric_field(
    centre: NVCentre, field: ArrayLike, lines: ArrayLike
) -> ElectricFieldFit:
    r"""Return the electric field behind lines in several known magnetic fields.

    Turning a field across the axis shows all three components: the splitting goes as
    :math:`\cos(2\varphi_B + \varphi_E)`, the mean of the lines gives the part along
    the axis. A linear fit of the squared splitting is the start, the exact
    Hamiltonian with its exact derivatives the end.

    Parameters
    ----------
    centre : NVCentre
        Its D must be known; 1 kHz of D is 0.3 MV/m along the axis.
    field : array_like, shape (n, 3)
        T, in the frame of the axis; at least two directions across it, neither along
        nor at right angles to each other: :math:`\cos(2\varphi_B + \varphi_E)` is
        the same there up to its sign.
    lines : array_like, shape (n, 2)
        Lower and upper line at each field, Hz.
    """
    from scipy.optimize import least_squares

    at = checks.vectors("field", field, "T")
    seen = np.asarray(lines, dtype=np.float64)
    if at.ndim != 2 or len(at) < 2 or seen.shape != (len(at), 2):
        raise InvalidValue(
            "lines must have the shape (n, 2) for n >= 2 fields (n, 3), got the shapes "
            f"{seen.shape} and {at.shape}."
        )
    scale = 1.0 / _STARK

    def misfit(shift: Array) -> Array:
        return np.ravel(electric_lines(centre, at, shift * scale) - seen)

    def slopes(shift: Array) -> Array:
        by_field = electric_slopes(centre, at, shift * scale)
        return np.asarray((by_field * scale).reshape(-1, 3))

    found = least_squares(misfit, _start(centre, at, seen), slopes, method="lm")
    freedom = max(seen.size - 3, 1)
    variance = 2.0 * float(found.cost) / freedom
    covariance = np.linalg.pinv(found.jac.T @ found.jac) * variance
    return ElectricFieldFit(
        electric=found.x * scale,
        covariance=covariance * np.outer(scale, scale),
        rms_residual=float(np.sqrt(2.0 * found.cost / seen.size)),
    )


def _start(centre: NVCentre, field: Array, lines: Array) -> Array:
    """Return the shifts d E, Hz, of the second-order formula; linear least squares."""
    b = field * centre.gyromagnetic_ratios
    d = centre.zero_field_splitting
    beta = (b[:, 0] ** 2 + b[:, 1] ** 2) / (2.0 * d)
    twice = 2.0 * np.arctan2(b[:, 1], b[:, 0])
    half = 0.25 * (lines[:, 1] - lines[:, 0]) ** 2 - b[:, 2] ** 2 - beta**2
    waves = [-2.0 * beta * np.cos(twice), 2.0 * beta * np.sin(twice)]
    columns = np.stack([*waves, np.full_like(beta, beta.max() + 1.0)], axis=1)
    seen = np.linalg.svd(columns[:, :2], compute_uv=False)
    if not seen[-1] > _FEWEST * seen[0]:
        turned = np.degrees(np.arctan2(b[:, 1], b[:, 0])).round(1).tolist()
        raise InvalidValue(
            "field must point in at least two directions across the axis, T, neither "
            f"along nor at right angles to each other, got the azimuths {turned!s:.60} "
            "degrees; add one in between, such as 45 degrees."
        )
    across = np.linalg.lstsq(columns, half, rcond=None)[0][:2]
    along = float(np.mean(lines.mean(axis=1) - d - 3.0 * beta))
    return np.array([across[0], across[1], along])


def _operators() -> NDArray[np.complex128]:
    """Return dH/dE_x, dH/dE_y, dH/dE_z, Hz/(V/m)."""
    s_x, s_y, s_z = spin_operators(1.0)
    return np.array([
        STARK_PERPENDICULAR * (s_y @ s_y - s_x @ s_x),
        STARK_PERPENDICULAR * (s_x @ s_y + s_y @ s_x),
        STARK_PARALLEL * (s_z @ s_z - 2.0 / 3.0 * np.eye(3)),
    ])  # fmt: skip


def _matrices(
    centre: NVCentre, field: ArrayLike, electric: ArrayLike
) -> NDArray[np.complex128]:
    magnetic = centre.electron_alone().hamiltonian(field)
    shifts = checks.vectors("electric", electric, "V/m")
    return np.asarray(magnetic + np.einsum("...k,kij->...ij", shifts, _operators()))
