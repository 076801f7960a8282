"""Cubes of spectra, in memory or larger than it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Cube", "as_cube"]


@dataclass(frozen=True, eq=False)
class Cube:
    """Spectra of a picture, read in blocks of rows.

    Parameters
    ----------
    source : array of three dimensions
        NumPy array or memory map, HDF5 or Zarr dataset, Dask array: whatever has a
        shape and gives an array for a slice.
    axis : int
        The axis of the frequency, 0 or 2.
    binning : int
        Pixels that are averaged in both directions.
    saturation : float, optional
        Values from here on are taken for missing.
    """

    source: Any
    axis: int
    binning: int
    saturation: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns after binning; what does not fill a bin is left out."""
        rows, columns = (n for k, n in enumerate(self.source.shape) if k != self.axis)
        return rows // self.binning, columns // self.binning

    @property
    def n_points(self) -> int:
        """Points of a spectrum."""
        return int(self.source.shape[self.axis])

    def rows(self, begin: int, end: int) -> NDArray[np.float64]:
        """Return the spectra of rows, ``((end - begin) * columns, n_points)``."""
        b, columns = self.binning, self.shape[1]
        part = slice(begin * b, end * b)
        read = self.source[part] if self.axis == 2 else self.source[:, part]
        block = np.moveaxis(np.asarray(read), self.axis, -1)[:, : columns * b]
        block = block.astype(np.float64)
        if self.saturation is not None:
            block[block >= self.saturation] = np.nan
        if b > 1:
            split = block.reshape(end - begin, b, columns, b, self.n_points)
            block = split.mean(axis=(1, 3))
        return np.ascontiguousarray(block.reshape(-1, self.n_points))

    def pixels(self, which: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the spectra of pixels by their number, row by row."""
        found = np.empty((which.size, self.n_points))
        row = which // self.shape[1]
        for r in np.unique(row):
            here = row == r
            found[here] = self.rows(int(r), int(r) + 1)[which[here] % self.shape[1]]
        return found

    def patches(self, across: int, size: int) -> NDArray[np.float64]:
        """Return the median spectra of ``across`` x ``across`` squares of the picture.

        Points that are not finite are left out; they are NaN where no other is there.
        """
        rows, columns = self.shape
        tall, wide = min(size, rows), min(size, columns)
        tops = np.unique(np.linspace(0, rows - tall, across).astype(np.int64))
        lefts = np.unique(np.linspace(0, columns - wide, across).astype(np.int64))
        found = []
        for top in tops:
            band = self.rows(int(top), int(top) + tall)
            band = band.reshape(tall, columns, self.n_points)
            for left in lefts:
                patch = band[:, left : left + wide].reshape(-1, self.n_points)
                patch = np.where(np.isfinite(patch), patch, np.nan)
                seen = np.any(np.isfinite(patch), axis=0)
                if np.any(seen):
                    middle = np.full(self.n_points, np.nan)
                    middle[seen] = np.nanmedian(patch[:, seen], axis=0)
                    found.append(middle)
        return np.array(found).reshape(-1, self.n_points)


def as_cube(
    source: Any,
    n_points: int,
    *,
    axis: int | None,
    binning: int,
    saturation: float | None = None,
) -> Cube:
    """Return ``source`` as a cube whose frequency axis has ``n_points``."""
    shape: Sequence[int] = getattr(source, "shape", ())
    if len(shape) != 3:
        raise InvalidValue(
            f"cube must have three dimensions, got the shape {tuple(shape)}; a single "
            "spectrum is for fit_trace or fit_odmr."
        )
    if axis is None:
        fitting = [k for k in (2, 0) if shape[k] == n_points]
        axis = fitting[0] if fitting else 2
    if axis not in (0, 2, -1):
        raise InvalidValue(f"axis must be 0 or 2, got {axis}.")
    axis %= 3
    if shape[axis] != n_points:
        raise InvalidValue(
            f"cube must have {n_points} points of x along axis {axis}, got the shape "
            f"{tuple(shape)}; name the axis of the frequency."
        )
    if saturation is not None:
        saturation = checks.finite("saturation", saturation)
    cube = Cube(source, axis, checks.count("binning", binning), saturation)
    if min(cube.shape) < 1:
        raise InvalidValue(
            f"binning must leave at least one pixel, got {binning} for {tuple(shape)}."
        )
    return cube
