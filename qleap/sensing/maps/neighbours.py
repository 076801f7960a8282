"""What neighbours can mend of a map of fits, and how it all ended."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.parallel import map_points
from qleap.core.simd import host_lanes
from qleap.sensing.maps.cubes import Cube
from qleap.sensing.maps.pixels import Fitted, MapTask, ordered, unpacked
from qleap.sensing.maps.status import Status

__all__ = ["Verdict", "ask_neighbours", "covariances", "inverses"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

STANDS_OUT = 4.0
"""Standard errors by which the depth of a line must differ from zero."""

LEAST_DEPTH = 1e-6
"""Share of the typical depth that a line must have: the dark has no noise either."""

SUSPECT = 1.5
"""Residual variance, over the median of the neighbours', of a pixel that is tried
again."""

ROUNDS = 200
"""How often pixels ask their neighbours at most: what was mended helps others."""

CHUNK = 16384
"""Pixels of one task."""


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
            variance = fitted.variances
        parts = [which[k : k + CHUNK] for k in range(0, which.size, CHUNK)]
        both = map_points(
            lambda part: _errors(
                task, fitted.values[part], fitted.bits[part], variance[part], part
            ),
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


def _errors(
    task: MapTask,
    values: Array,
    bits: NDArray[np.uint8],
    variance: Array,
    which: NDArray[np.int64],
) -> tuple[Array, Array]:
    """Return standard errors and covariances of the positions, in Hz."""
    lines = task.model.n_lines
    errors = np.full(values.shape, np.nan)
    covariance = np.full((len(values), lines, lines), np.nan)
    usable = np.all(np.isfinite(values), axis=1)
    if not np.any(usable):
        return errors, covariance
    inverse = covariances(task, values[usable], bits[usable], which[usable])
    with np.errstate(invalid="ignore"):  # pixels without light
        inverse *= variance[usable, None, None]
    squares = np.einsum("naa->na", inverse)
    errors[usable] = np.sqrt(np.where(squares >= 0.0, squares, np.nan))
    covariance[usable] = inverse[:, :lines, :lines]
    return errors, covariance


def covariances(
    task: MapTask, values: Array, bits: NDArray[np.uint8], which: NDArray[np.int64]
) -> Array:
    """Return inverses of the normal matrices by name, in Hz: noise of variance one."""
    kept = unpacked(bits, task.x.size)
    found = inverses(task, values, task.weighted(kept, task.weights_of(which)))
    found *= np.outer(task.units, task.units)
    return found[:, task.order[:, None], task.order]


def inverses(task: MapTask, values: Array, weights: Array) -> Array:
    """Return inverses of the normal matrices in units of the task, line by line."""
    from qleap.sensing._kernels.multiplet_maps import multiplet_covariances

    return multiplet_covariances(
        task.x, values, weights, task.offsets, task.degree, task.shape, host_lanes(8)
    )


def _status(
    task: MapTask,
    values: Array,
    steps: NDArray[np.int64],
    left_out: Flags,
    errors: Array,
) -> NDArray[np.int64]:
    n = task.model.n_lines
    lines = values[:, : 3 * n].reshape(-1, n, 3)
    known = np.all(np.isfinite(errors[:, : 3 * n]).reshape(-1, 3, n), axis=1)
    depth_errors = errors[:, 2 * n : 3 * n]
    step = float(np.min(np.diff(task.x)))
    with np.errstate(invalid="ignore"):
        outside = np.any(np.abs(lines[:, :, 0]) > 1.0, axis=1)
        narrow = np.any(2.0 * lines[:, :, 1] < 0.5 * step, axis=1)
        wide = np.any(2.0 * lines[:, :, 1] > 2.0, axis=1)
        seen = known & (np.abs(lines[:, :, 2]) > STANDS_OUT * depth_errors)
        least = LEAST_DEPTH * np.abs(task.common[2 : 3 * n : 3])
        dark = np.all(np.abs(lines[:, :, 2]) <= least, axis=1)
        seen &= np.abs(lines[:, :, 2]) > least
    status = np.full(len(lines), int(Status.CONVERGED), dtype=np.int64)
    status[~np.all(seen, axis=1)] = Status.LINE_MISSING
    status[~np.any(seen, axis=1)] = Status.NO_SIGNAL
    status[outside | narrow | wide] = Status.AT_LIMIT
    status[steps < 0] = Status.NOT_CONVERGED
    status[dark] = Status.NO_SIGNAL  # wherever a line of no depth has gone
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
        known = fitted.values.copy()  # what one part mends is news to no other
        better = [
            _try_again(cube, task, fitted, known, again[k : k + CHUNK], helpers)
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
    known: Array,
    which: NDArray[np.int64],
    helpers: list[tuple[Flags, NDArray[np.int64]]],
) -> bool:
    """Start pixels from each of their neighbours; tell whether one became better.

    ``known`` are the values of all pixels before any was tried.
    """
    spectra, better = cube.pixels(which), False
    weights = task.weights_of(which)
    finite = task.counting(spectra, weights)
    spectra = np.where(finite, spectra, 0.0)
    noise = fitted.variances
    for has, where in helpers:
        use = np.flatnonzero(has[which])
        if use.size == 0:
            continue
        pixels = which[use]
        values, costs, steps, kept = task.fit(
            spectra[use],
            known[where[pixels]],
            finite[use],
            None if weights is None else weights[use],
        )
        points = kept.sum(axis=1)
        now = costs / np.maximum(points - values.shape[1], 1)
        won = (steps > 0) & (
            (now < noise[pixels] * (1.0 - 1e-9)) | (fitted.steps[pixels] < 0)
        )
        chosen = pixels[won]
        fitted.values[chosen] = ordered(values[won], task.model.n_lines)
        fitted.costs[chosen], fitted.steps[chosen] = costs[won], steps[won]
        fitted.bits[chosen] = np.packbits(kept[won], axis=1)
        fitted.points[chosen], noise[chosen] = points[won], now[won]
        better |= bool(np.any(won))
    return better


def _doubtful(
    shape: tuple[int, int], fitted: Fitted, status: NDArray[np.int64], good: Flags
) -> Flags:
    """Return which pixels failed, or have larger residuals than those around them."""
    kinds = (Status.AT_LIMIT, Status.NO_SIGNAL, Status.NOT_CONVERGED)
    failed = np.isin(status, (*kinds, Status.LINE_MISSING))
    costs = np.where(good, fitted.variances, np.nan).reshape(shape)
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
