"""Fits of lines to every pixel of a map."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.core.parallel import map_points
from qleap.sensing.maps.cubes import Cube, as_cube
from qleap.sensing.maps.pixels import (
    FitRows,
    Fitted,
    MapTask,
    ask_neighbours,
)
from qleap.sensing.maps.result import MapFit
from qleap.sensing.maps.start import LineFilter, common_start
from qleap.sensing.models.multiplets import OdmrLines

__all__ = ["CameraNoise", "fit_map"]

Array = NDArray[np.float64]

PATCHES, PATCH = 5, 3
"""How many squares in each direction show where the lines are, and their size."""

CHUNK = 16384
"""Pixels that one task fits."""


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


def fit_map(
    model: OdmrLines,
    x: ArrayLike,
    cube: Any,
    *,
    axis: int | None = None,
    binning: int = 1,
    mask: ArrayLike | None = None,
    noise: "float | CameraNoise | None" = None,
    start: Mapping[str, float] | None = None,
    executor: Any = None,
    store: str | os.PathLike[str] | None = None,
) -> MapFit:
    """Return the lines of every pixel of a cube of spectra.

    Parameters
    ----------
    model : OdmrLines
        Lorentzian lines, with or without hyperfine structure.
    x : array_like, shape (n,)
        Ascending frequencies, Hz.
    cube : array, shape (rows, columns, n) or (n, rows, columns)
        NumPy array or memory map, HDF5 or Zarr dataset or Dask array; it is read in
        blocks of rows, so it may be larger than memory.
    axis : int, optional
        Axis of the frequency, 0 or 2; found from the shape by default.
    binning : int
        Pixels that are averaged in both directions.
    mask : array_like of bool, shape (rows, columns), optional
        True where a pixel (after binning) is to be left out.
    noise : float or CameraNoise, optional
        Standard deviation of a point, or how it follows from the signal; by default
        each pixel's own residuals say.
    start : mapping, optional
        Start values for the whole map, by name; by default the lines of the mean
        spectrum. Each pixel looks for its lines about them, up to half way to the
        neighbouring line.
    executor : Executor or dask.distributed.Client, optional
        Where to compute; threads by default.
    store : path-like, optional
        Folder that keeps finished parts, from which an interrupted fit goes on.

    Returns
    -------
    MapFit

    Notes
    -----
    Levenberg and Marquardt's method with exact derivatives until the next step would
    gain less than a thousandth of a standard error. Pixels whose lines were not found
    that way start again from the results of their neighbours. What a pixel gets does
    not depend on how the map is divided or on the number of threads.
    """
    frequency = checks.increasing("x", x, "Hz", min_size=3)
    if model.lines.shape != "lorentzian":
        raise InvalidValue(
            f"shape of the lines of a map must be 'lorentzian', got "
            f"{model.lines.shape!r}; fit_trace takes other shapes, one pixel a call."
        )
    if frequency.size <= len(model.parameters):
        raise InvalidValue(
            f"x must have more points than the model has parameters "
            f"({len(model.parameters)}), got {frequency.size}."
        )
    picture = as_cube(cube, frequency.size, axis=axis, binning=binning)
    left_out = _mask(mask, picture.shape)
    task = _prepare(model, frequency, picture, start)
    return _fit(picture, task, left_out, noise, executor, store)


def _mask(mask: ArrayLike | None, shape: tuple[int, int]) -> NDArray[np.bool_]:
    if mask is None:
        return np.zeros(shape, dtype=bool)
    given = np.asarray(mask, dtype=bool)
    if given.shape != shape:
        raise InvalidValue(f"mask must have the shape {shape}, got {given.shape}.")
    return given


def _prepare(
    model: OdmrLines, x: Array, cube: Cube, start: Mapping[str, float] | None
) -> MapTask:
    centre, half = 0.5 * (x[0] + x[-1]), 0.5 * (x[-1] - x[0])
    n = model.n_lines
    if start is None:
        common = common_start(model, x, cube.patches(PATCHES, PATCH))
    else:
        values = model.ordered(start)
        lines = values[: 3 * n].reshape(3, n).T * [1.0, 0.5, 1.0]
        common = np.concatenate(
            [lines[np.argsort(lines[:, 0])].ravel(), values[3 * n :]]
        )
    common[0 : 3 * n : 3] = (common[0 : 3 * n : 3] - centre) / half
    common[1 : 3 * n : 3] /= half
    reduced, offsets = (x - centre) / half, model.lines.offsets() / half
    filtering = LineFilter.around(reduced, common, offsets, n)
    return MapTask(reduced, centre, half, model, common, filtering, offsets)


def _fit(
    cube: Cube,
    task: MapTask,
    left_out: NDArray[np.bool_],
    noise: "float | CameraNoise | None",
    executor: Any,
    store: Any,
) -> MapFit:
    """Fit all pixels, then those again that their neighbours can help."""
    rows, columns = cube.shape
    tall = max(1, CHUNK // columns)
    mark = task.digest(left_out)
    parts = [(row, min(row + tall, rows), mark) for row in range(0, rows, tall)]
    found = map_points(
        FitRows(cube, task, left_out),
        parts,
        executor=executor,
        store=store,
        label="pixels",
    )
    values, costs, levels, steps = map(np.concatenate, zip(*found, strict=True))
    fitted = Fitted(values, costs, levels, steps)
    known = None if noise is None else _variance(noise, levels)
    verdict = ask_neighbours(cube, task, fitted, left_out.ravel(), known)
    freedom = task.x.size - values.shape[1]
    chi = fitted.costs / (freedom * (1.0 if known is None else known))
    return MapFit(
        model=task.model,
        values=task.in_units(fitted.values).reshape(rows, columns, -1),
        standard_errors=verdict.errors.reshape(rows, columns, -1),
        position_covariance=verdict.covariance.reshape(
            rows, columns, *verdict.covariance.shape[1:]
        ),
        reduced_chi_square=chi.reshape(rows, columns),
        noise_given=known is not None,
        status=verdict.status.reshape(rows, columns),
        steps=np.abs(fitted.steps).reshape(rows, columns),
    )


def _variance(noise: "float | CameraNoise", levels: Array) -> Array:
    if isinstance(noise, CameraNoise):
        return noise.variance(levels)
    return np.full_like(levels, checks.positive("noise", noise) ** 2)
