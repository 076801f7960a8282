"""Magnetic dipoles behind a map of the field."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.estimate import inverse_normal_matrix
from qleap.sensing.maps.sources import field_of_dipole

__all__ = ["DipoleFit", "fit_dipole"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class DipoleFit:
    """One dipole.

    Parameters
    ----------
    position : ndarray, shape (3,), m
    moment : ndarray, shape (3,), A m^2
    covariance : ndarray, shape (6, 6)
        Of position and moment.
    background : float
        Constant in the map, T.
    reduced_chi_square : float
        With the given error; without it the residual variance, T^2.
    converged : bool
    """

    position: Array
    moment: Array
    covariance: Array
    background: float
    reduced_chi_square: float
    converged: bool

    @property
    def standard_errors(self) -> Array:
        """Of position (m) and moment (A m^2)."""
        return np.sqrt(np.diag(self.covariance))


def fit_dipole(
    values: ArrayLike,
    points: ArrayLike,
    *,
    along: ArrayLike = (0.0, 0.0, 1.0),
    start: ArrayLike,
    error: float | None = None,
) -> DipoleFit:
    """Return the dipole whose field is nearest to measured values.

    Parameters
    ----------
    values : array_like, shape (n,), T
        Component of the field along a direction; NaN is left out.
    points : array_like, shape (n, 3), m
    along : array_like, shape (3,)
        The direction that was measured.
    start : array_like, shape (3,), m
        About where the dipole is. Points in one plane cannot tell a dipole below from
        its mirror image above; the start decides.
    error : float, optional
        Standard error of a value, T; from the residuals by default.

    Notes
    -----
    The moment and the background are linear: for each position they follow by linear
    least squares (variable projection, Golub and Pereyra 1973), and only the position
    is searched.
    """
    from scipy.optimize import least_squares

    b = np.asarray(values, dtype=np.float64).ravel()
    at = checks.vectors("points", points, "m").reshape(-1, 3)
    begin = checks.triple("start", start, "m")
    axis = checks.triple("along", along, "1")
    if not np.any(axis):
        raise InvalidValue("along must be a direction, got the zero vector.")
    axis = axis / np.linalg.norm(axis)
    use = np.isfinite(b)
    if b.size != len(at) or use.sum() < 8:
        raise InvalidValue(
            f"values and points must be at least 8 pairs, got {b.size} values "
            f"({int(use.sum())} finite) and {len(at)} points."
        )
    b, at = b[use], at[use]
    scale = float(np.max(np.linalg.norm(at - begin, axis=1)))
    size = float(np.max(np.abs(b - np.median(b)))) or 1.0

    def design(position: Array) -> Array:
        columns = [field_of_dipole(m, position, at) @ axis for m in np.eye(3)]
        return np.column_stack([*columns, np.ones_like(b)])

    def projected(position: Array) -> tuple[Array, Array]:
        matrix = design(position * scale)
        lengths = np.linalg.norm(matrix, axis=0)
        weights = np.linalg.lstsq(matrix / lengths, b)[0] / lengths
        return weights, (matrix @ weights - b) / size

    found: Any = least_squares(
        lambda p: projected(p)[1], begin / scale, xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    position = found.x * scale
    weights, residual = projected(found.x)
    slopes = _slopes(weights, position, at, axis)
    freedom = max(b.size - 7, 1)
    variance = float(np.sum((residual * size) ** 2)) / freedom
    noise = variance if error is None else checks.positive("error", error, "T") ** 2
    covariance = inverse_normal_matrix(np.column_stack([slopes, design(position)]))
    return DipoleFit(
        position=position,
        moment=weights[:3],
        covariance=(noise * covariance)[:6, :6],
        background=float(weights[3]),
        reduced_chi_square=variance if error is None else variance / noise,
        converged=bool(found.status > 0),
    )


def _slopes(weights: Array, position: Array, points: Array, axis: Array) -> Array:
    """Return the derivatives of the field by the position, ``(n, 3)``."""
    step = 1e-5 * float(np.min(np.linalg.norm(points - position, axis=1)))
    columns = []
    for shift in np.eye(3) * step:
        up = field_of_dipole(weights[:3], position + shift, points) @ axis
        down = field_of_dipole(weights[:3], position - shift, points) @ axis
        columns.append((up - down) / (2.0 * step))
    return np.column_stack(columns)
