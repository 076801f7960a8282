"""Fits of pixels, what neighbours can mend, and how it all ended."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.parallel import map_points
from qleap.core.simd import host_lanes
from qleap.sensing.maps.cubes import Cube
from qleap.sensing.maps.start import LineFilter
from qleap.sensing.maps.status import Status
from qleap.sensing.models.multiplets import OdmrLines

__all__ = [
    "FitRows",
    "Fitted",
    "MapTask",
    "Verdict",
    "ask_neighbours",
    "fit_spectra",
]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_STEPS = 60
"""Evaluations of the model after which a pixel is given up."""

FIRST_GAIN, LAST_GAIN = 1e-3, 3e-6
"""Variances of the noise by which the last step of each precision may still lower the
cost: it is shorter than 0.03 and 0.002 standard errors, and taken without a look."""

STANDS_OUT = 4.0
"""Standard errors by which the deepest line must differ from zero."""

SUSPECT = 1.5
"""Residual variance, over the median of the neighbours', of a pixel that is tried
again."""

ROUNDS = 200
"""How often pixels ask their neighbours at most: what was mended helps others."""

CHUNK = 16384
"""Pixels of one task."""


def fit_spectra(
    x: Array, spectra: Array, start: Array, offsets: Array
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return parameters, costs and steps of spectra; see the kernel's reference.

    Single precision goes most of the way, with twice as many spectra in a register;
    double precision finds the minimum.
    """
    from qleap.sensing._kernels.multiplet_maps import fit_multiplets

    near, _, steps = fit_multiplets(
        x.astype(np.float32),
        spectra,
        start.astype(np.float32),
        offsets.astype(np.float32),
        0,
        MOST_STEPS,
        FIRST_GAIN,
        host_lanes(4),
    )
    use = (steps > 0) & np.all(np.isfinite(near), axis=1)
    begin = np.where(use[:, None], near, start)
    found, costs, more = fit_multiplets(
        x, spectra, begin, offsets, 0, MOST_STEPS, LAST_GAIN, host_lanes(8)
    )
    total = np.where(more > 0, np.abs(steps) + more, more - np.abs(steps))
    return np.asarray(found, dtype=np.float64), costs, total


@dataclass(frozen=True, eq=False)
class MapTask:
    """What all pixels share.

    Parameters
    ----------
    x : ndarray, shape (n_points,)
        Frequency that runs from -1 to 1.
    centre, half : float
        Hz of its 0, and of its 1 from there.
    model : OdmrLines
    common : ndarray, shape (p,)
        Position, half width, depth of each line and background, in units of x.
    filtering : LineFilter
    offsets : ndarray, shape (n_components,)
        Of a multiplet, in units of x.
    """

    x: Array
    centre: float
    half: float
    model: OdmrLines
    common: Array
    filtering: LineFilter
    offsets: Array

    def digest(self, left_out: Flags) -> str:
        """Return what tells this map from another."""
        found = hashlib.sha256(repr((self.model, self.centre, self.half)).encode())
        for array in (self.x, self.common, left_out):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()

    def fit(
        self, spectra: Array, start: Array
    ) -> tuple[Array, Array, NDArray[np.int64]]:
        """Return parameters, costs and steps of spectra."""
        return fit_spectra(self.x, spectra, start, self.offsets)

    def in_units(self, values: Array) -> Array:
        """Return values by name: positions, widths (Hz), depths, background."""
        n = self.model.n_lines
        lines = values[:, : 3 * n].reshape(-1, n, 3)
        return np.concatenate(
            [
                lines[:, :, 0] * self.half + self.centre,
                2.0 * self.half * lines[:, :, 1],
                lines[:, :, 2],
                values[:, 3 * n :],
            ],
            axis=1,
        )


@dataclass(eq=False)
class Fitted:
    """Results of all pixels in one row each; mended in place.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        In units of the task; NaN where nothing was fitted.
    costs, levels : ndarray, shape (n,)
        Sum of squared residuals; mean of the spectrum.
    steps : ndarray of int, shape (n,)
        Negative where a fit did not converge, zero where none was made.
    """

    values: Array
    costs: Array
    levels: Array
    steps: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FitRows:
    """A part of a map, fitted."""

    cube: Cube
    task: MapTask
    left_out: Flags

    def __call__(
        self, part: tuple[int, int, str]
    ) -> tuple[Array, Array, Array, NDArray[np.int64]]:
        """Return values, costs, levels and steps of the pixels of some rows."""
        begin, end, _ = part
        spectra = self.cube.rows(begin, end)
        usable = np.all(np.isfinite(spectra), axis=1)
        usable &= ~self.left_out[begin:end].ravel()
        n = len(spectra)
        values = np.full((n, self.task.common.size), np.nan)
        costs, levels = np.full(n, np.nan), np.full(n, np.nan)
        steps = np.zeros(n, dtype=np.int64)
        clean = np.where(usable[:, None], spectra, 0.0)
        first = begin * self.cube.shape[1]
        start = self.task.filtering.start(clean, first, self.task.model.n_lines, 0)
        found = self.task.fit(clean[usable], start[usable])
        values[usable], costs[usable], steps[usable] = (
            _ordered(found[0], self.task.model.n_lines),
            found[1],
            found[2],
        )
        levels[usable] = clean[usable].mean(axis=1)
        return values, costs, levels, steps


def _ordered(values: Array, n_lines: int) -> Array:
    """Return values with ascending lines."""
    lines = values[:, : 3 * n_lines].reshape(-1, n_lines, 3)
    order = np.argsort(lines[:, :, 0], axis=1)
    lines = np.take_along_axis(lines, order[:, :, None], axis=1)
    return np.concatenate([lines.reshape(-1, 3 * n_lines), values[:, 3 * n_lines :]], 1)


@dataclass(eq=False)
class Verdict:
    """Standard errors, covariances of the positions, and status of all pixels."""

    errors: Array
    covariance: Array
    status: NDArray[np.int64]

    def renew(
        self,
        task: MapTask,
        fitted: Fitted,
        which: NDArray[np.int64],
        left_out: Flags,
        variance: Array | None,
    ) -> None:
        """Judge some pixels again."""
        if variance is None:
            variance = fitted.costs / (task.x.size - fitted.values.shape[1])
        parts = [which[k : k + CHUNK] for k in range(0, which.size, CHUNK)]
        both = map_points(
            lambda part: _errors(task, fitted.values[part], variance[part]),
            parts,
            label="errors",
        )
        for part, (errors, covariance) in zip(parts, both, strict=True):
            self.errors[part], self.covariance[part] = errors, covariance
        self.status[which] = _status(
            task,
            fitted.values[which],
            fitted.steps[which],
            left_out[which],
            self.errors[which],
        )


def _errors(task: MapTask, values: Array, variance: Array) -> tuple[Array, Array]:
    """Return standard errors and covariances of the positions, in Hz."""
    from qleap.sensing._kernels.multiplet_maps import multiplet_covariances

    lines = task.model.n_lines
    errors = np.full(values.shape, np.nan)
    covariance = np.full((len(values), lines, lines), np.nan)
    usable = np.all(np.isfinite(values), axis=1)
    if not np.any(usable):
        return errors, covariance
    inverse = multiplet_covariances(
        task.x, values[usable], task.offsets, 0, host_lanes(8)
    )
    inverse *= variance[usable, None, None]
    squares = np.einsum("naa->na", inverse)
    sizes = np.sqrt(np.where(squares >= 0.0, squares, np.nan))
    reduced = task.in_units(sizes)
    reduced[:, :lines] -= task.centre  # an error is a difference
    errors[usable] = reduced
    at = slice(0, 3 * lines, 3)
    covariance[usable] = inverse[:, at, at] * task.half**2
    return errors, covariance


def _status(
    task: MapTask,
    values: Array,
    steps: NDArray[np.int64],
    left_out: Flags,
    errors: Array,
) -> NDArray[np.int64]:
    n = task.model.n_lines
    lines = values[:, : 3 * n].reshape(-1, n, 3)
    depth_errors = errors[:, 2 * n : 3 * n]
    step = float(np.min(np.diff(task.x)))
    with np.errstate(invalid="ignore"):
        outside = np.any(np.abs(lines[:, :, 0]) > 1.0, axis=1)
        narrow = np.any(2.0 * lines[:, :, 1] < 0.5 * step, axis=1)
        wide = np.any(2.0 * lines[:, :, 1] > 2.0, axis=1)
        seen = np.any(np.abs(lines[:, :, 2]) > STANDS_OUT * depth_errors, axis=1)
    status = np.full(len(lines), int(Status.CONVERGED), dtype=np.int64)
    status[~seen] = Status.NO_SIGNAL
    status[outside | narrow | wide] = Status.AT_LIMIT
    status[steps < 0] = Status.NOT_CONVERGED
    status[steps == 0] = Status.NOT_FINITE
    status[left_out] = Status.MASKED
    return status


def ask_neighbours(
    cube: Cube,
    task: MapTask,
    fitted: Fitted,
    left_out: Flags,
    variance: Array | None,
) -> Verdict:
    """Fit doubtful pixels again from the results of their neighbours; judge all.

    A pixel keeps what has the lowest cost. Those that fail, and those whose residuals
    are larger than their neighbours', are tried, again when more neighbours are good.
    """
    n, lines = len(left_out), task.model.n_lines
    verdict = Verdict(
        np.empty_like(fitted.values),
        np.empty((n, lines, lines)),
        np.empty(n, dtype=np.int64),
    )
    verdict.renew(task, fitted, np.arange(n), left_out, variance)
    tried = np.zeros(n, dtype=np.int64)
    for _ in range(ROUNDS):
        good = verdict.status == Status.CONVERGED
        doubtful = _doubtful(cube.shape, fitted, verdict.status, good)
        helpers = list(_neighbours(cube.shape, good))
        count = np.sum([has for has, _ in helpers], axis=0)
        again = np.flatnonzero(doubtful & (count > tried))
        tried[again] = count[again]
        better = [
            _try_again(cube, task, fitted, again[k : k + CHUNK], helpers)
            for k in range(0, again.size, CHUNK)
        ]
        if not any(better):
            break
        verdict.renew(task, fitted, again, left_out, variance)
    return verdict


def _try_again(
    cube: Cube,
    task: MapTask,
    fitted: Fitted,
    which: NDArray[np.int64],
    helpers: list[tuple[Flags, NDArray[np.int64]]],
) -> bool:
    """Start pixels from each of their neighbours; tell whether one became better."""
    spectra, better = cube.pixels(which), False
    known = fitted.values.copy()
    for has, where in helpers:
        use = np.flatnonzero(has[which])
        if use.size == 0:
            continue
        pixels = which[use]
        values, costs, steps = task.fit(spectra[use], known[where[pixels]])
        worse = fitted.costs[pixels]
        won = (steps > 0) & (
            (costs < worse * (1.0 - 1e-9)) | (fitted.steps[pixels] < 0)
        )
        chosen = pixels[won]
        fitted.values[chosen] = _ordered(values[won], task.model.n_lines)
        fitted.costs[chosen], fitted.steps[chosen] = costs[won], steps[won]
        better |= bool(np.any(won))
    return better


def _doubtful(
    shape: tuple[int, int], fitted: Fitted, status: NDArray[np.int64], good: Flags
) -> Flags:
    """Return which pixels failed, or have larger residuals than those around them."""
    failed = np.isin(status, (Status.AT_LIMIT, Status.NO_SIGNAL, Status.NOT_CONVERGED))
    costs = np.where(good, fitted.costs, np.nan).reshape(shape)
    padded = np.pad(costs, 1, constant_values=np.nan)
    rows, columns = shape
    around = np.stack(
        [
            padded[1 + i : 1 + i + rows, 1 + j : 1 + j + columns]
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if (i, j) != (0, 0)
        ]
    )
    some = np.any(np.isfinite(around), axis=0)
    median = np.full(shape, np.inf)
    median[some] = np.nanmedian(around[:, some], axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(failed | (costs > SUSPECT * median).ravel())


def _neighbours(
    shape: tuple[int, int], good: Flags
) -> Iterator[tuple[Flags, NDArray[np.int64]]]:
    """Yield for each of eight directions which pixels have a good one, and where."""
    rows, columns = shape
    row, column = np.divmod(np.arange(rows * columns), columns)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            r, c = row + i, column + j
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            where = np.where(inside, r * columns + c, 0)
            if (i, j) != (0, 0):
                yield inside & good[where], where
