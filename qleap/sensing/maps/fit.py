"""Fits of lines to every pixel of a map."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.core.parallel import map_points
from qleap.sensing.fitting.model import BACKGROUNDS
from qleap.sensing.maps.bias import biases
from qleap.sensing.maps.cubes import Cube, as_cube
from qleap.sensing.maps.neighbours import ask_neighbours, covariances
from qleap.sensing.maps.noise import CameraNoise, PointNoise, as_noise
from qleap.sensing.maps.pixels import FitRows, Fitted, MapTask, faint
from qleap.sensing.maps.result import MapFit
from qleap.sensing.maps.start import LineFilter, common_start, share_of
from qleap.sensing.models.multiplets import OdmrLines

__all__ = ["fit_map"]

Array = NDArray[np.float64]

PATCHES, PATCH = 5, 3
"""How many squares in each direction show where the lines are, and their size."""

CHUNK = 16384
"""Pixels that one task fits."""


def fit_map(
    model: OdmrLines,
    x: ArrayLike,
    cube: Any,
    *,
    axis: int | None = None,
    binning: int = 1,
    mask: ArrayLike | None = None,
    noise: "float | ArrayLike | CameraNoise | None" = None,
    background: str = "constant",
    outliers: float | None = None,
    saturation: float | None = None,
    start: "Mapping[str, float] | MapFit | None" = None,
    full_covariance: bool = False,
    correct_bias: bool = False,
    executor: Any = None,
    store: str | os.PathLike[str] | None = None,
) -> MapFit:
    r"""Return the lines of every pixel of a cube of spectra.

    Parameters
    ----------
    model : OdmrLines
        Lines of any of its shapes, with or without hyperfine structure. The Lorentzian
        share of pseudo-Voigt lines, one for all lines of a pixel, is put at its limit
        where it would leave the range from 0 to 1.
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
    noise : float, array_like or CameraNoise, optional
        Standard deviation of a point (after binning): one for all, one for each pixel
        (rows, columns), for each point of the spectrum (n,), or for each point of each
        pixel, like ``cube``; or how it follows from the signal. Where it differs within
        a spectrum, points are weighted by it. By default each pixel's own residuals
        say.
    background : str
        ``"constant"``, or ``"linear"`` or ``"quadratic"`` in the frequency.
    outliers : float, optional
        Points that are farther from the fit than so many standard deviations (from
        the median of the pixel's residuals) do not count, 5 for example. By default
        all points do.
    saturation : float, optional
        Values from here on are taken for missing, before binning.
    start : mapping or MapFit, optional
        Start values for the whole map, by name; by default the lines of small squares
        of it. Each pixel looks for its lines about them, up to half way to the
        neighbouring line. Or an earlier fit, from which each pixel starts.
    full_covariance : bool
        Whether to keep the covariance of all parameters of each pixel, not only of
        the positions.
    correct_bias : bool
        Whether to subtract the bias of second order in the noise, which least squares
        have wherever the model is curved; then `MapFit.bias` says how much it was.
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
    that way start again from the results of their neighbours. Up to three tenths of
    the points of a pixel may be missing (NaN, infinite, saturated). What a pixel gets
    does not depend on how the map is divided or on the number of threads.

    Depths come out too large by about 0.9 standard errors over the ratio of depth and
    noise of a point, as their estimates correlate with those of the widths. The
    correction is that of M. J. Box, J. R. Stat. Soc. B 33, 171 (1971),

    .. math:: b = -\tfrac12 C J^T W t, \qquad t_i = \mathrm{tr}(C\,\partial^2 f_i),

    with the covariance C of the parameters and a variance of one for a weight of one.
    """
    frequency = checks.increasing("x", x, "Hz", min_size=3)
    if correct_bias and model.lines.shape != "lorentzian":
        raise InvalidValue(
            "correct_bias is for lines of the shape 'lorentzian', got "
            f"{model.lines.shape!r}."
        )
    degree = BACKGROUNDS.index(
        checks.one_of("background", background, tuple(BACKGROUNDS[:3]))
    )
    if outliers is not None:
        checks.between("outliers", outliers, 2.0, 1e3)
    if frequency.size <= len(model.parameters) + degree:
        raise InvalidValue(
            f"x must have more points than the model has parameters "
            f"({len(model.parameters) + degree}), got {frequency.size}."
        )
    picture = as_cube(
        cube, frequency.size, axis=axis, binning=binning, saturation=saturation
    )
    left_out = _mask(mask, picture.shape)
    used = as_noise(noise, picture.shape, frequency.size, picture.axis)
    weights = used if isinstance(used, PointNoise) else None
    task = _prepare(model, frequency, picture, start, background, outliers, weights)
    return _fit(
        picture, task, left_out, used, full_covariance, correct_bias, executor, store
    )


def _mask(mask: ArrayLike | None, shape: tuple[int, int]) -> NDArray[np.bool_]:
    if mask is None:
        return np.zeros(shape, dtype=bool)
    given = np.asarray(mask, dtype=bool)
    if given.shape != shape:
        raise InvalidValue(f"mask must have the shape {shape}, got {given.shape}.")
    return given


def _prepare(
    model: OdmrLines,
    x: Array,
    cube: Cube,
    start: "Mapping[str, float] | MapFit | None",
    background: str,
    outliers: float | None,
    noise: PointNoise | None,
) -> MapTask:
    centre, half = 0.5 * (x[0] + x[-1]), 0.5 * (x[-1] - x[0])
    n, degree = model.n_lines, BACKGROUNDS.index(background)
    patches = cube.patches(PATCHES, PATCH)
    if noise is not None and not isinstance(noise.deviations, Cube):
        patches[:, faint(noise.rows(0, 1, 1))[0]] = np.nan
    if isinstance(start, MapFit):
        lines, share = _lines_of(start, model, cube.shape)
    elif start is None:
        lines, share = common_start(model, x, patches, background)
    else:
        given = model.ordered(start)
        lines = given[: 3 * n].reshape(3, n).T * [1.0, 0.5, 1.0]
        share = share_of(model, given)
        lines = lines[np.argsort(lines[:, 0])]
        _check_start(lines, x)
    lines = (lines - [centre, 0.0, 0.0]) / [half, half, 1.0]
    shares = [share] * model.lines.mixes
    common = np.concatenate([lines.ravel(), shares, np.zeros(degree + 1)])
    reduced, offsets = (x - centre) / half, model.lines.offsets() / half
    task = MapTask(
        x=reduced,
        centre=centre,
        half=half,
        model=model,
        common=common,
        filtering=LineFilter.around(reduced, common, offsets, n, degree, share),
        offsets=offsets,
        degree=degree,
        outliers=outliers,
        noise=noise,
    )
    if not isinstance(start, MapFit):
        return task
    former = np.where(start.converged[..., None], start.values, np.nan)
    padded = np.zeros((cube.shape[0] * cube.shape[1], common.size))
    shared = min(common.size, former.shape[2])
    padded[:, :shared] = former.reshape(len(padded), -1)[:, :shared]
    return replace(task, former=task.from_units(padded))


def _lines_of(
    fit: MapFit, model: OdmrLines, shape: tuple[int, int]
) -> tuple[Array, float]:
    """Return the typical lines of an earlier fit, and their Lorentzian share."""
    if fit.model != model or fit.shape != shape or not np.any(fit.converged):
        raise InvalidValue(
            f"start must be a fit of the same model and shape {shape} that converged "
            f"somewhere, got the shape {fit.shape} with {fit.model.n_lines} lines and "
            f"{int(fit.converged.sum())} converged pixels; give start values by name."
        )
    typical = np.median(fit.values[fit.converged], axis=0)
    lines = typical[: 3 * model.n_lines].reshape(3, -1).T * [1.0, 0.5, 1.0]
    return lines, share_of(model, typical)


def _check_start(lines: Array, x: Array) -> None:
    """Refuse start values with which no line can be found."""
    low, high = float(x[0]), float(x[-1])
    for place, half, _ in lines:
        if not low <= place <= high:
            raise InvalidValue(
                f"positions of start must lie between {low:g} and {high:g} Hz, got "
                f"{place:g} Hz."
            )
        least = 0.5 * float(np.min(np.diff(x)))
        checks.between("fwhm of start", 2.0 * half, least, high - low, "Hz")
    if np.any(np.diff(lines[:, 0]) <= 0.0):
        raise InvalidValue(
            "positions of start must differ: a pixel looks for each line up to half "
            "way to the next one."
        )


def _fit(
    cube: Cube,
    task: MapTask,
    left_out: NDArray[np.bool_],
    noise: "Array | CameraNoise | PointNoise | None",
    full_covariance: bool,
    correct_bias: bool,
    executor: Any,
    store: Any,
) -> MapFit:
    """Fit all pixels, then those again that their neighbours can help."""
    rows, columns = cube.shape
    tall = max(1, CHUNK // columns)
    # The squares stand for the cube: another one must not go on from this store.
    mark = task.digest(cube, left_out, cube.patches(PATCHES, PATCH))
    parts = [(row, min(row + tall, rows), mark) for row in range(0, rows, tall)]
    found = map_points(
        FitRows(cube, task, left_out),
        parts,
        executor=executor,
        store=store,
        label="pixels",
    )
    fitted = Fitted(*map(np.concatenate, zip(*found, strict=True)))
    known = None if noise is None else _variance(noise, fitted.levels)
    verdict = ask_neighbours(cube, task, fitted, left_out.ravel(), known)
    p = task.common.size
    with np.errstate(invalid="ignore", divide="ignore"):  # pixels without light
        chi = fitted.variances / (1.0 if known is None else known)
    covariance = None
    if full_covariance:
        covariance = _covariance(task, fitted, known).reshape(rows, columns, p, p)
    values, bias = task.in_units(fitted.values), None
    if correct_bias:
        variance = fitted.variances if known is None else known
        bias = (biases(task, fitted, variance) * task.units)[:, task.order]
        values = values - bias
        bias = bias.reshape(rows, columns, p)
    return MapFit(
        model=task.model,
        background=BACKGROUNDS[task.degree],
        values=values.reshape(rows, columns, p),
        standard_errors=verdict.errors.reshape(rows, columns, p),
        position_covariance=verdict.covariance.reshape(
            rows, columns, *verdict.covariance.shape[1:]
        ),
        covariance=covariance,
        bias=bias,
        reduced_chi_square=chi.reshape(rows, columns),
        noise_given=known is not None,
        status=verdict.status.reshape(rows, columns),
        steps=np.abs(fitted.steps).reshape(rows, columns),
        points=fitted.points.reshape(rows, columns),
    )


def _variance(noise: "Array | CameraNoise | PointNoise", levels: Array) -> Array:
    if isinstance(noise, PointNoise):
        return np.full(levels.shape, noise.variance)
    if isinstance(noise, CameraNoise):
        return noise.variance(levels)
    return noise.ravel() ** 2


def _covariance(task: MapTask, fitted: Fitted, known: Array | None) -> Array:
    """Return the covariance of all parameters of each pixel."""
    variance = fitted.variances if known is None else known
    n, p = fitted.values.shape
    found = np.full((n, p, p), np.nan)
    usable = np.flatnonzero(np.all(np.isfinite(fitted.values), axis=1))
    for begin in range(0, usable.size, CHUNK):
        part = usable[begin : begin + CHUNK]
        own = covariances(task, fitted.values[part], fitted.bits[part], part)
        found[part] = own * variance[part, None, None]
    return found
