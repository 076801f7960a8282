"""Magnetometers: where they are, along what they measure, over what they average."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.axes import AXES

__all__ = ["SensorArray", "helmet", "square_grid"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SensorArray:
    """Sensors that measure one component of the field each, averaged over a volume.

    Parameters
    ----------
    positions : ndarray, shape (n, 3), m
    axes : ndarray, shape (n, 3)
        Along which each measures; of any length, stored as unit vectors.
    offsets : ndarray, shape (n, k, 3), m, optional
        Points of the volume of each sensor, from its position; a point by default.
    weights : ndarray, shape (k,), optional
        Of these points, with the sum 1; equal by default.
    """

    positions: Array
    axes: Array
    offsets: Array | None = None
    weights: Array | None = None

    def __post_init__(self) -> None:
        at = checks.vectors("positions", self.positions, "m").reshape(-1, 3)
        axes = _each("axes", self.axes, at)
        lengths = np.linalg.norm(axes, axis=1, keepdims=True)
        if len(at) == 0 or not np.all(lengths > 0.0):
            raise InvalidValue("axes must be directions of at least one sensor.")
        spread = np.zeros((len(at), 1, 3)) if self.offsets is None else self.offsets
        around = checks.vectors("offsets", spread, "m")
        if around.ndim != 3 or len(around) != len(at):
            raise InvalidValue(
                f"offsets must have the shape ({len(at)}, k, 3), got {around.shape}."
            )
        k = around.shape[1]
        given = np.full(k, 1.0 / k) if self.weights is None else self.weights
        weights = checks.vector("weights", given)
        if weights.size != k or abs(float(weights.sum()) - 1.0) > 1e-9:
            raise InvalidValue(
                f"weights must be {k} numbers with the sum 1, one for each point of a "
                f"sensor, got {weights.size} with the sum {weights.sum():g}."
            )
        object.__setattr__(self, "positions", at)
        object.__setattr__(self, "axes", axes / lengths)
        object.__setattr__(self, "offsets", around)
        object.__setattr__(self, "weights", weights)

    @classmethod
    def boxes(
        cls,
        positions: ArrayLike,
        axes: ArrayLike,
        size: ArrayLike,
        *,
        normals: ArrayLike | None = None,
        order: int = 3,
    ) -> "SensorArray":
        """Return sensors whose NV centres fill boxes, as a laser lights them.

        Parameters
        ----------
        positions, axes : array_like, shape (n, 3)
            Middles (m) and directions.
        size : array_like, shape (3,), m
            Two widths across the normal and the thickness along it.
        normals : array_like, shape (n, 3), optional
            Of the diamonds; the axes by default.
        order : int
            Points along each edge (Gauss and Legendre), exact for polynomials of the
            degree 2 order - 1.
        """
        edges = checks.triple("size", size, "m")
        if np.any(edges < 0.0):
            raise InvalidValue(f"size must be >= 0 m, got {edges.min():g}.")
        nodes, parts = np.polynomial.legendre.leggauss(
            checks.count("order", order, 1, 20)
        )
        local = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1)
        local = 0.5 * edges * local.reshape(-1, 3)
        weights = np.einsum("i,j,k->ijk", parts, parts, parts).ravel() / 8.0
        at = checks.vectors("positions", positions, "m").reshape(-1, 3)
        given = _each("normals", axes if normals is None else normals, at)
        frames = np.array([_frame(n) for n in given]).reshape(-1, 3, 3)
        return cls(
            positions=at,
            axes=np.asarray(axes, dtype=np.float64),
            offsets=np.einsum("kx,nxy->nky", local, frames),
            weights=weights,
        )

    @classmethod
    def vectors(cls, positions: ArrayLike, axes: ArrayLike = AXES) -> "SensorArray":
        """Return one sensor along each axis at each position, positions first.

        Parameters
        ----------
        positions : array_like, shape (n, 3), m
        axes : array_like, shape (m, 3)
            In the laboratory; by default the four axes of NV centres in a crystal
            whose cubic axes are those of the laboratory.
        """
        at = checks.vectors("positions", positions, "m").reshape(-1, 3)
        along = checks.vectors("axes", axes).reshape(-1, 3)
        return cls(
            positions=np.repeat(at, len(along), axis=0),
            axes=np.tile(along, (len(at), 1)),
        )

    @property
    def points(self) -> Array:
        """All points at which the field is taken, shape ``(n, k, 3)``, m."""
        spread: Any = self.offsets
        return np.asarray(self.positions[:, None, :] + spread)

    @property
    def shares(self) -> Array:
        """Weights of the points of a sensor, shape ``(k,)``."""
        given: Any = self.weights
        return np.asarray(given)

    def __len__(self) -> int:
        return len(self.positions)


def helmet(
    count: int, radius: float, *, opening: float = 2.0, centre: ArrayLike = (0, 0, 0)
) -> SensorArray:
    """Return radial point sensors spread evenly over the upper part of a sphere.

    Parameters
    ----------
    count : int
    radius : float
        Of the sphere, m.
    opening : float
        Largest angle from the z axis, rad.
    centre : array_like, shape (3,), m
    """
    n = checks.count("count", count)
    size = checks.positive("radius", radius, "m")
    lowest = np.cos(checks.between("opening", opening, 0.0, np.pi, "rad"))
    heights = 1.0 - (1.0 - lowest) * (np.arange(n) + 0.5) / n
    turns = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(n)  # golden angle
    across = np.sqrt(np.maximum(1.0 - heights**2, 0.0))
    outward = np.stack([across * np.cos(turns), across * np.sin(turns), heights], -1)
    return SensorArray(
        positions=checks.triple("centre", centre, "m") + size * outward, axes=outward
    )


def square_grid(
    count: int, pitch: float, height: float, *, axis: ArrayLike = (0, 0, 1)
) -> SensorArray:
    """Return ``count`` x ``count`` point sensors on a plane above the origin.

    Parameters
    ----------
    count : int
        On a side.
    pitch : float
        Distance of neighbours, m.
    height : float
        z of the plane, m.
    axis : array_like, shape (3,)
        Along which all measure.
    """
    n = checks.count("count", count)
    step = checks.positive("pitch", pitch, "m")
    level = checks.finite("height", height, "m")
    x = step * (np.arange(n) - 0.5 * (n - 1))
    grid = np.stack(np.meshgrid(x, x, [level], indexing="ij"), axis=-1)
    return SensorArray(positions=grid.reshape(-1, 3), axes=checks.triple("axis", axis))


def _each(name: str, value: ArrayLike, at: Array) -> Array:
    """Return one direction for each sensor, where one may be given for all."""
    given = checks.vectors(name, value)
    if given.shape not in {(3,), (1, 3), at.shape}:
        raise InvalidValue(
            f"{name} must be one direction or one for each of the {len(at)} sensors, "
            f"got the shape {given.shape}."
        )
    return np.broadcast_to(given, at.shape)


def _frame(normal: Array) -> Array:
    """Return three unit vectors as rows, the last along the normal."""
    size = float(np.linalg.norm(normal))
    if size == 0.0:
        raise InvalidValue("normals must be directions, got the zero vector.")
    z = normal / size
    x = np.cross(np.eye(3)[int(np.argmin(np.abs(z)))], z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])
