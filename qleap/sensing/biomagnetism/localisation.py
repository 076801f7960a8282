"""Where a dipole is: the fit of its position, and how well it can be known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.biomagnetism.conductors import VolumeConductor
from qleap.sensing.biomagnetism.sensors import SensorArray

__all__ = [
    "ConfidenceEllipsoid",
    "DipoleBound",
    "DipoleLocation",
    "dipole_bound",
    "locate_dipole",
    "scan_dipoles",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfidenceEllipsoid:
    """Where a position lies with some probability.

    Parameters
    ----------
    semi_axes : ndarray, shape (3,), m
        Longest first.
    directions : ndarray, shape (3, 3)
        Rows: unit vectors along the semi-axes.
    probability : float
    """

    semi_axes: Array
    directions: Array
    probability: float

    @property
    def volume(self) -> float:
        """m^3."""
        return float(4.0 / 3.0 * np.pi * np.prod(self.semi_axes))

    def contains(self, offset: ArrayLike) -> bool:
        """Return whether a point lies inside, given from the middle, m."""
        along = self.directions @ checks.triple("offset", offset, "m")
        return bool(np.sum((along / self.semi_axes) ** 2) <= 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class DipoleBound:
    """The smallest covariance that unbiased estimates of a dipole can have.

    Parameters
    ----------
    position_covariance : ndarray, shape (3, 3), m^2
    moment_covariance : ndarray, shape (3, 3)
        Of the part of the moment that sensors see.
    """

    position_covariance: Array
    moment_covariance: Array

    @property
    def position_error(self) -> float:
        """Root of the mean square distance from the truth, m."""
        return float(np.sqrt(np.trace(self.position_covariance)))

    def ellipsoid(self, probability: float = 0.95) -> ConfidenceEllipsoid:
        """Return the region that holds the position with a probability."""
        from scipy.stats import chi2

        checks.between("probability", probability, 1e-6, 1.0 - 1e-9)
        sizes, vectors = np.linalg.eigh(self.position_covariance)
        reach = np.sqrt(np.maximum(sizes, 0.0) * chi2.ppf(probability, 3))
        return ConfidenceEllipsoid(
            semi_axes=reach[::-1], directions=vectors.T[::-1], probability=probability
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DipoleLocation(DipoleBound):
    """One dipole that explains what sensors measured, with its errors.

    Parameters
    ----------
    position : ndarray, shape (3,), m
    moment : ndarray, shape (3,)
        A m for currents, A m^2 for magnetic dipoles; without the part that makes no
        field.
    chi_square : float
        Sum of squared residuals over the noise.
    degrees : int
        Sensors less parameters.
    explained : float
        Share of the squared readings over the noise that the dipole explains.
    converged : bool
        False too where the search ended at the surface of the conductor, as it does
        where noise hides the field; position and errors mean nothing then.
    """

    position: Array
    moment: Array
    chi_square: float
    degrees: int
    explained: float
    converged: bool


def dipole_bound(
    conductor: VolumeConductor,
    sensors: SensorArray,
    position: ArrayLike,
    moment: ArrayLike,
    *,
    noise: ArrayLike,
) -> DipoleBound:
    r"""Return the Cramér-Rao bound of position and moment of a dipole.

    Parameters
    ----------
    conductor : VolumeConductor
    sensors : SensorArray
    position, moment : array_like, shape (3,)
        The dipole, m and A m.
    noise : array_like, T
        Standard deviation of a reading: one number, or one for each sensor; or the
        covariance of all, T^2, shape ``(n, n)``.

    Notes
    -----
    The inverse of :math:`J^T\Sigma^{-1}J`, with the derivatives J by the position and
    by the components of the moment that make a field (P. Stoica, A. Nehorai, IEEE
    Trans. ASSP 37, 720 (1989), for separable models).
    """
    at = checks.triple("position", position, "m")
    if not np.all(conductor.holds(at)):
        raise InvalidValue(
            f"position must lie inside of the conductor, in m, got {at}; a dipole "
            "outside of it has no bound."
        )
    strength = checks.triple("moment", moment)
    whiten = _Whitening(noise, len(sensors))
    return _bound(conductor, sensors, at, strength, whiten)


def scan_dipoles(
    conductor: VolumeConductor,
    sensors: SensorArray,
    values: ArrayLike,
    candidates: ArrayLike,
    *,
    noise: ArrayLike,
) -> Array:
    """Return the share of readings that a dipole at each place explains, ``(d,)``.

    Parameters
    ----------
    conductor : VolumeConductor
    sensors : SensorArray
    values : array_like, shape (n,), T
    candidates : array_like, shape (d, 3), m
        Each with its best moment.
    noise : array_like
        As in `dipole_bound`.
    """
    whiten = _Whitening(noise, len(sensors))
    seen = whiten(_readings(values, sensors))
    places = checks.vectors("candidates", candidates, "m").reshape(-1, 3)
    return _scan(conductor, sensors, seen, places, whiten)


def locate_dipole(
    conductor: VolumeConductor,
    sensors: SensorArray,
    values: ArrayLike,
    *,
    noise: ArrayLike,
    start: ArrayLike,
) -> DipoleLocation:
    """Return the dipole whose field is nearest to what sensors measured.

    Parameters
    ----------
    conductor : VolumeConductor
    sensors : SensorArray
    values : array_like, shape (n,), T
        Readings; at least six.
    noise : array_like
        As in `dipole_bound`.
    start : array_like, shape (3,) or (d, 3), m
        About where the dipole is, or candidates, the best of which is taken.

    Notes
    -----
    For each position the best moment follows by linear least squares, and only the
    position is searched (variable projection, G. Golub and V. Pereyra 1973; L. Kaufman
    1975 for the derivatives).
    """
    from scipy.optimize import least_squares

    whiten = _Whitening(noise, len(sensors))
    seen = whiten(_readings(values, sensors))
    if seen.size < 6:
        raise InvalidValue(f"values must be at least 6, got {seen.size}.")
    places = checks.vectors("start", start, "m").reshape(-1, 3)
    if len(places) == 0:
        raise InvalidValue("start must be at least one place, in m, got none.")
    shares = _scan(conductor, sensors, seen, places, whiten)
    if np.any(seen) and not np.any(shares > 0.0):
        raise InvalidValue(
            f"start must be where dipoles make a field, got {places[0]} m among "
            f"{len(places)}, where all are silent as in the centre of a sphere; begin "
            "elsewhere."
        )
    begin = places[int(np.argmax(shares))]
    scale = float(np.min(np.linalg.norm(sensors.positions - begin, axis=1)))
    size = float(np.linalg.norm(seen)) or 1.0

    def project(position: Array) -> tuple[Array, Array]:
        basis = conductor.seen(position)
        matrix = whiten(conductor.gains(position, sensors)[:, 0] @ basis)
        weights = np.linalg.lstsq(matrix, seen)[0]
        return basis @ weights, seen - matrix @ weights

    def residual(step: Array) -> Array:
        position = begin + step * scale
        # A step out of the conductor explains nothing: the search turns back.
        inside = _holds(conductor, sensors, position)
        return (project(position)[1] if inside else 2.0 * seen) / size

    def slopes(step: Array) -> Array:
        # L. Kaufman's: the part of each derivative that no moment explains.
        position = begin + step * scale
        matrix = whiten(conductor.gains(position, sensors)[:, 0])
        moved = whiten(_slopes(conductor, sensors, position, project(position)[0]))
        return (
            (matrix @ np.linalg.lstsq(matrix, moved, 1e-10)[0] - moved) * scale / size
        )

    found: Any = least_squares(
        residual, np.zeros(3), slopes, xtol=1e-9, ftol=1e-10, gtol=1e-12
    )
    position = begin + found.x * scale
    moment, left = project(position)
    bound = _bound(conductor, sensors, position, moment, whiten)
    chi_square = float(left @ left)
    free = 3 + conductor.seen(position).shape[1]
    return DipoleLocation(
        position=position,
        moment=moment,
        position_covariance=bound.position_covariance,
        moment_covariance=bound.moment_covariance,
        chi_square=chi_square,
        degrees=seen.size - free,
        explained=1.0 - chi_square / size**2,
        converged=found.status > 0 and _holds(conductor, sensors, position, 1e-2),
    )


class _Whitening:
    """Divides by the noise, so that all readings have the variance one."""

    def __init__(self, noise: ArrayLike, n: int) -> None:
        given = np.asarray(noise, dtype=np.float64)
        if given.shape not in {(), (n,), (n, n)} or not np.all(np.isfinite(given)):
            raise InvalidValue(
                f"noise must be one number, one for each of the {n} sensors or their "
                f"covariance, got the shape {given.shape}."
            )
        self.root: Array | None = None
        if given.ndim == 2:
            size = np.sqrt(np.abs(np.diag(given)))
            if np.any(np.abs(given - given.T) > 1e-6 * np.outer(size, size)):
                raise InvalidValue(
                    "noise must be a symmetric covariance, in T^2, got one whose two "
                    f"halves differ by {np.max(np.abs(given - given.T)):.3g}; take "
                    "the mean of both."
                )
            try:
                self.root = np.asarray(np.linalg.cholesky(given), dtype=np.float64)
            except np.linalg.LinAlgError:
                raise InvalidValue(
                    "noise must be a positive covariance; leave out sensors that "
                    "repeat others."
                ) from None
        elif not np.all(given > 0.0):
            raise InvalidValue(f"noise must be > 0 T, got {given.min():g}.")
        self.size = given

    def __call__(self, rows: Array) -> Array:
        """Return rows (sensors first) in units of the noise."""
        if self.root is not None:
            flat = np.linalg.solve(self.root, rows.reshape(len(rows), -1))
            return np.asarray(flat.reshape(rows.shape))
        size = self.size.reshape(self.size.shape + (1,) * (rows.ndim - 1))
        return np.asarray(rows / size)


def _readings(values: ArrayLike, sensors: SensorArray) -> Array:
    given = checks.vector("values", values, "T")
    if given.size != len(sensors):
        raise InvalidValue(
            f"values must be one for each of the {len(sensors)} sensors, got "
            f"{given.size}; leave out sensors that do not measure."
        )
    return given


def _scan(
    conductor: VolumeConductor,
    sensors: SensorArray,
    seen: Array,
    places: Array,
    whiten: _Whitening,
) -> Array:
    gains = whiten(conductor.gains(places, sensors))
    normal = np.einsum("ndx,ndy->dxy", gains, gains)
    aim = np.einsum("ndx,n->dx", gains, seen)
    # The pseudo-inverse leaves out moments that make no field.
    inverse = np.linalg.pinv(normal, rcond=1e-10, hermitian=True)
    explained = np.einsum("dx,dxy,dy->d", aim, inverse, aim)
    return np.asarray(explained / (float(seen @ seen) or 1.0))


def _bound(
    conductor: VolumeConductor,
    sensors: SensorArray,
    position: Array,
    moment: Array,
    whiten: _Whitening,
) -> DipoleBound:
    basis = conductor.seen(position)
    slopes = _slopes(conductor, sensors, position, moment)
    here = conductor.gains(position, sensors)[:, 0] @ basis
    jacobian = whiten(np.hstack([slopes, here]))
    covariance = _inverse(jacobian)
    return DipoleBound(
        position_covariance=covariance[:3, :3],
        moment_covariance=basis @ covariance[3:, 3:] @ basis.T,
    )


def _holds(
    conductor: VolumeConductor,
    sensors: SensorArray,
    position: Array,
    reach: float = 1e-4,
) -> bool:
    """Return whether a conductor holds a place and what is around it."""
    return bool(np.all(conductor.holds(_around(sensors, position, reach))))


def _around(sensors: SensorArray, position: Array, reach: float = 1e-4) -> Array:
    """Return a row of four points along each axis, for differences, ``(3, 4, 3)``."""
    step = reach * float(np.min(np.linalg.norm(sensors.positions - position, axis=1)))
    shifts = step * np.array([-2.0, -1.0, 1.0, 2.0])
    return np.asarray(position + np.einsum("s,xy->xsy", shifts, np.eye(3)))


def _slopes(
    conductor: VolumeConductor, sensors: SensorArray, position: Array, moment: Array
) -> Array:
    """Return derivatives of the readings by the position, T/m, ``(n, 3)``."""
    reach = 1e-4
    # At the surface smaller steps remain inside, down to where rounding decides.
    while reach > 1e-7 and not _holds(conductor, sensors, position, reach):
        reach /= 8.0
    at = _around(sensors, position, reach)
    weights = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * (at[0, 2, 0] - position[0]))
    fields = conductor.gains(at.reshape(-1, 3), sensors) @ moment
    return np.asarray(fields.reshape(len(sensors), 3, 4) @ weights)


def _inverse(jacobian: Array) -> Array:
    from qleap.sensing.fitting.estimate import inverse_normal_matrix

    if len(jacobian) < jacobian.shape[1]:
        raise InvalidValue(
            f"sensors must be at least {jacobian.shape[1]} to fix a dipole, got "
            f"{len(jacobian)}."
        )
    return inverse_normal_matrix(jacobian)
