"""Noise of the points of a map, and what it makes of their weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.maps.cubes import Cube, as_cube

__all__ = ["CameraNoise", "PointNoise", "as_noise"]

Array = NDArray[np.float64]

SQUARES = 5, 3
"""How many squares in each direction stand for a cube of noise, and their size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraNoise:
    r"""Variance of a point of a pixel: :math:`\sigma_r^2 + y/g`.

    Parameters
    ----------
    counts_per_unit : float
        g: detected photoelectrons for one unit of the signal, all frames summed.
    read_noise : float
        :math:`\sigma_r`, in the unit of the signal.
    """

    counts_per_unit: float
    read_noise: float = 0.0

    def __post_init__(self) -> None:
        checks.positive("counts_per_unit", self.counts_per_unit)
        checks.non_negative("read_noise", self.read_noise)

    def variance(self, level: Array) -> Array:
        """Return the variance at a level of the signal.

        Contrasts are a few percent, so one variance serves a whole spectrum.
        """
        return self.read_noise**2 + np.maximum(level, 0.0) / self.counts_per_unit


@dataclass(frozen=True, eq=False)
class PointNoise:
    """Standard deviations that differ within a spectrum.

    Parameters
    ----------
    deviations : ndarray of shape (n_points,), or Cube
        Positive; infinite where a point does not count.
    variance : float
        That of a point of weight one.
    """

    deviations: "Array | Cube"
    variance: float

    def rows(self, begin: int, end: int, columns: int) -> Array:
        """Return the weights of rows, ``((end - begin) * columns, n_points)``."""
        if isinstance(self.deviations, Cube):
            return self._weights(self.deviations.rows(begin, end))
        return self._weights(np.tile(self.deviations, ((end - begin) * columns, 1)))

    def pixels(self, which: NDArray[np.int64]) -> Array:
        """Return the weights of pixels by their number, row by row."""
        if isinstance(self.deviations, Cube):
            return self._weights(self.deviations.pixels(which))
        return self._weights(np.tile(self.deviations, (which.size, 1)))

    def typical(self) -> Array:
        """Return what tells the weights from others without reading all of them."""
        chosen = self.deviations
        if isinstance(chosen, Cube):
            chosen = chosen.patches(*SQUARES)
        return np.asarray(chosen / np.sqrt(self.variance))

    def _weights(self, deviations: Array) -> Array:
        if not np.all(deviations > 0.0):
            raise InvalidValue(
                "noise must be positive at every point (infinite where none counts"
                f"), got {int(np.sum(~(deviations > 0.0)))} others."
            )
        return np.asarray(self.variance / deviations**2)


def _usual(deviations: Array) -> float:
    """Return the median of what is finite, which a weight of one stands for."""
    finite = deviations[np.isfinite(deviations)]
    if finite.size == 0:
        raise InvalidValue(
            "noise must be finite somewhere, got no point that counts; infinite noise "
            "leaves points out, and mask leaves out pixels."
        )
    return float(np.median(finite))


def as_noise(
    noise: Any, shape: tuple[int, int], n_points: int, axis: int
) -> "Array | CameraNoise | PointNoise | None":
    """Return one standard deviation of each pixel, or what tells those of its points.

    Parameters
    ----------
    noise : float, array_like, CameraNoise or None
    shape : tuple of int
        Rows and columns.
    n_points, axis : int
        Of the frequency.
    """
    if noise is None or isinstance(noise, CameraNoise):
        return noise
    dimensions = len(getattr(noise, "shape", np.shape(noise)))
    if dimensions == 3:
        given = noise if hasattr(noise, "shape") else np.asarray(noise)
        cube = as_cube(given, n_points, axis=axis, binning=1)
        if cube.shape != shape:
            raise InvalidValue(
                f"noise of every point must have {shape} pixels like the cube (after "
                f"binning), got {cube.shape}."
            )
        return PointNoise(cube, _usual(cube.patches(*SQUARES)) ** 2)
    if dimensions == 0:
        return np.full(shape, checks.positive("noise", noise))
    found = np.asarray(noise, dtype=np.float64)
    if found.shape == (n_points,):
        point = PointNoise(found, _usual(found) ** 2)
        point.rows(0, 1, 1)
        return point
    if found.shape != shape or not np.all(found > 0.0):
        raise InvalidValue(
            f"noise must be positive, one number or of the shape {shape}, one for each "
            f"of the {n_points} points, or for each point of each pixel; got the shape "
            f"{found.shape} and {int(np.sum(~(found > 0.0)))} that are not positive."
        )
    return found
