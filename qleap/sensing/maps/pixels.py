"""Fits of pixels, one by one, with points that are missing or far off."""

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.model import SHAPES
from qleap.sensing.maps.cubes import Cube
from qleap.sensing.maps.noise import PointNoise
from qleap.sensing.maps.spectra import fit_spectra
from qleap.sensing.maps.start import LineFilter, line_shape
from qleap.sensing.models.multiplets import OdmrLines

__all__ = [
    "FitRows",
    "Fitted",
    "MapTask",
    "faint",
    "lacking",
    "ordered",
    "unpacked",
]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MISSING = 0.3
"""Share of the points that a spectrum may lack."""

FAINT = 0.01
"""Share of the usual weight below which a point does not help to find the lines: ten
times the noise."""

RANGE = 40
"""Powers of two that depths may be away from one: single precision holds the squares of
a ten thousandth of them, and sums of squares of ten thousand times them."""

OUTLIER_ROUNDS = 8
"""How often outliers are looked for, as each fit shows better what they are."""


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
        Position, half width, depth of each line, perhaps the Lorentzian share, and
        background, in units of x.
    filtering : LineFilter
    offsets : ndarray, shape (n_components,)
        Of a multiplet, in units of x.
    degree : int
        Of the background.
    outliers : float, optional
        Standard deviations beyond which a point is left out.
    former : ndarray, shape (n_pixels, p), optional
        Start values of each pixel; NaN where the filter has to find them.
    noise : PointNoise, optional
        Where it differs within a spectrum.
    """

    x: Array
    centre: float
    half: float
    model: OdmrLines
    common: Array
    filtering: LineFilter
    offsets: Array
    degree: int = 0
    outliers: float | None = None
    former: Array | None = None
    noise: PointNoise | None = None

    @property
    def shape(self) -> int:
        """Number of the shape of the lines, as the kernels take it."""
        return SHAPES.index(self.model.lines.shape)

    @property
    def scale(self) -> float:
        """Power of two that brings signals near one where their unit is far from it."""
        depths = self.common[2 : 3 * self.model.n_lines : 3]
        _, power = math.frexp(float(np.max(np.abs(depths))))
        return 1.0 if abs(power) <= RANGE else 2.0**-power

    def digest(self, cube: Cube, *others: Array | Flags) -> str:
        """Return what tells this map from another."""
        settings = (
            self.model, self.centre, self.half, self.degree, self.outliers,
            cube.axis, cube.binning, cube.saturation,
        )  # fmt: skip
        found = hashlib.sha256(repr(settings).encode())
        former = np.empty(0) if self.former is None else self.former
        if self.noise is not None:
            others = (*others, self.noise.typical())
        for array in (self.x, self.common, former, *others):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()

    def weights_of(self, which: NDArray[np.int64]) -> Array | None:
        """Return the weights of pixels where they differ within a spectrum."""
        return None if self.noise is None else self.noise.pixels(which)

    def counting(self, spectra: Array, weights: Array | None) -> Flags:
        """Return which points are measured and have a weight."""
        seen = np.isfinite(spectra)
        return seen if weights is None else np.asarray(seen & (weights > 0.0))

    def weighted(self, kept: Flags, weights: Array | None) -> Array:
        """Return the weights of kept points; of no rows where all are one."""
        if weights is not None:
            return np.where(kept, weights, 0.0)
        return np.empty((0, self.x.size)) if np.all(kept) else kept.astype(np.float64)

    def fit(
        self, spectra: Array, start: Array, finite: Flags, weights: Array | None
    ) -> tuple[Array, Array, NDArray[np.int64], Flags]:
        """Return parameters, costs and steps of spectra, and which points count."""
        if self.outliers is None:
            return *self._fit(spectra, start, finite, weights), finite
        depths = np.abs(start[:, 2 : 3 * self.model.n_lines : 3])
        kept = self.without_outliers(
            spectra, start, finite, weights, 0.5 * depths.max(axis=1)
        )
        values, costs, steps = self._fit(spectra, start, kept, weights)
        for _ in range(OUTLIER_ROUNDS):
            now = self.without_outliers(spectra, values, finite, weights)
            again = np.flatnonzero(np.any(now != kept, axis=1) & (steps > 0))
            if again.size == 0:
                break
            kept[again] = now[again]
            own = None if weights is None else weights[again]
            values[again], costs[again], steps[again] = self._fit(
                spectra[again], values[again], kept[again], own
            )
        return values, costs, steps, kept

    def _fit(
        self, spectra: Array, start: Array, kept: Flags, weights: Array | None
    ) -> tuple[Array, Array, NDArray[np.int64]]:
        values, costs = np.empty_like(start), np.empty(len(start))
        steps = np.empty(len(start), dtype=np.int64)
        whole = np.all(kept, axis=1)
        if self.scale != 1.0:
            spectra, start = spectra * self.scale, self._scaled(start, self.scale)
        for part in (whole, ~whole):
            if np.any(part):
                own = None if weights is None else weights[part]
                values[part], costs[part], steps[part] = fit_spectra(
                    self.x,
                    spectra[part],
                    start[part],
                    self.offsets,
                    degree=self.degree,
                    shape=self.shape,
                    weights=self.weighted(kept[part], own),
                )
        if self.scale != 1.0:
            values, costs = self._scaled(values, 1 / self.scale), costs / self.scale**2
        return values, costs, steps

    def _scaled(self, values: Array, scale: float) -> Array:
        """Return values of signals in another unit."""
        n, mixes = 3 * self.model.n_lines, self.model.lines.mixes
        factors = np.full(values.shape[1], scale)
        for first in (0, 1):
            factors[first:n:3] = 1.0
        factors[n : n + mixes] = 1.0
        return np.asarray(values * factors)

    def without_outliers(
        self,
        spectra: Array,
        values: Array,
        finite: Flags,
        weights: Array | None,
        allowance: Array | float = 0.0,
    ) -> Flags:
        """Return which points are as near to the model as others are.

        Where too many points are far off, all are kept: then the model is wrong.
        """
        assert self.outliers is not None
        off = np.abs(spectra - self.model_of(values))
        if weights is not None:
            off *= np.sqrt(weights)
        off = np.where(finite, off, np.inf)
        place = np.maximum(finite.sum(axis=1) - 1, 0) // 2
        middle = np.take_along_axis(np.sort(off, axis=1), place[:, None], axis=1)[:, 0]
        near = off <= (self.outliers * 1.4826 * middle + allowance)[:, None]
        near[lacking(near & finite, values.shape[1])] = True
        return np.asarray(near & finite)

    def model_of(self, values: Array) -> Array:
        """Return the spectra of parameters, shape ``(n, n_points)``."""
        n = self.model.n_lines
        first = 3 * n + self.model.lines.mixes
        share: Array | float = 1.0 - self.shape
        if self.model.lines.mixes:
            share = values[:, 3 * n, None]
        total = values[:, first:] @ np.vander(self.x, self.degree + 1, True).T
        for position, half, depth in values[:, : 3 * n].reshape(-1, n, 3).swapaxes(
            0, 1
        ).swapaxes(1, 2):  # fmt: skip
            for offset in self.offsets:
                away = (self.x - (position + offset)[:, None]) / half[:, None]
                total -= depth[:, None] * line_shape(away, share)
        return np.asarray(total)

    @property
    def units(self) -> Array:
        """Hz and Hz to some power of each parameter, line by line."""
        line = np.tile([self.half, 2.0 * self.half, 1.0], self.model.n_lines)
        line = np.concatenate([line, np.ones(int(self.model.lines.mixes))])
        slopes = self.half ** -np.arange(self.degree + 1.0)
        return np.concatenate([line, slopes])

    @property
    def order(self) -> NDArray[np.int64]:
        """Where the parameters by name (positions first) stand line by line."""
        n = self.model.n_lines
        lines = np.arange(3 * n).reshape(n, 3).T.ravel()
        return np.concatenate([lines, np.arange(3 * n, self.common.size)])

    def in_units(self, values: Array) -> Array:
        """Return values by name: positions, widths (Hz), depths, background."""
        found = (values * self.units)[:, self.order]
        found[:, : self.model.n_lines] += self.centre
        return np.asarray(found)

    def from_units(self, values: Array) -> Array:
        """Return what `in_units` was made of."""
        found = np.empty_like(values)
        found[:, self.order] = values
        found[:, 0 : 3 * self.model.n_lines : 3] -= self.centre
        return np.asarray(found / self.units)


def lacking(kept: Flags, n_parameters: int) -> Flags:
    """Return which spectra have too few points."""
    n = kept.sum(axis=1)
    return np.asarray((n < (1.0 - MISSING) * kept.shape[1]) | (n <= n_parameters))


def faint(weights: Array) -> Flags:
    """Return which points weigh next to nothing beside the others of their spectra."""
    place = weights.shape[1] // 2
    usual = np.partition(weights, place, axis=1)[:, place, None]
    return np.asarray(weights < FAINT * usual)


def unpacked(bits: NDArray[np.uint8], n_points: int) -> Flags:
    """Return flags that were packed into bits."""
    return np.unpackbits(bits, axis=1, count=n_points).astype(bool)


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
    bits : ndarray of uint8, shape (n, bytes)
        Which points count, packed.
    points : ndarray of int, shape (n,)
        How many.
    """

    values: Array
    costs: Array
    levels: Array
    steps: NDArray[np.int64]
    bits: NDArray[np.uint8]
    points: NDArray[np.int64]

    @property
    def variances(self) -> Array:
        """Cost over degrees of freedom."""
        freedom = np.maximum(self.points - self.values.shape[1], 1)
        return np.asarray(self.costs / freedom)


@dataclass(frozen=True, eq=False)
class FitRows:
    """A part of a map, fitted."""

    cube: Cube
    task: MapTask
    left_out: Flags

    def __call__(self, part: tuple[int, int, str]) -> tuple[NDArray[Any], ...]:
        """Return what `Fitted` holds of the pixels of some rows."""
        begin, end, _ = part
        task, spectra = self.task, self.cube.rows(begin, end)
        weights = None
        if task.noise is not None:
            weights = task.noise.rows(begin, end, self.cube.shape[1])
        finite = task.counting(spectra, weights)
        n, p = len(spectra), task.common.size
        usable = ~lacking(finite, p) & ~self.left_out[begin:end].ravel()
        clean = _filled(task.x, spectra, finite, usable)
        first = begin * self.cube.shape[1]
        telling = clean
        if weights is not None:
            telling = _filled(task.x, spectra, finite & ~faint(weights), usable)
        start = self._start(telling, first, finite, usable, weights)
        values, costs, levels = (
            np.full((n, p), np.nan), np.full(n, np.nan), np.full(n, np.nan)
        )  # fmt: skip
        steps, kept = np.zeros(n, dtype=np.int64), finite
        if np.any(usable):
            own = None if weights is None else weights[usable]
            found = task.fit(clean[usable], start[usable], finite[usable], own)
            values[usable] = ordered(found[0], task.model.n_lines)
            costs[usable], steps[usable], kept[usable] = found[1:]
        levels[usable] = clean[usable].mean(axis=1)
        return (
            values, costs, levels, steps, np.packbits(kept, axis=1), kept.sum(axis=1)
        )  # fmt: skip

    def _start(
        self,
        clean: Array,
        first: int,
        finite: Flags,
        usable: Flags,
        weights: Array | None,
    ) -> Array:
        """Return start values: former ones, or those of the filter."""
        task = self.task
        start = task.filtering.start(clean, first, task.model.n_lines)
        if task.outliers is not None and np.any(usable):
            # What is far from the first guess must not lead the second astray.
            depths = np.abs(start[:, 2 : 3 * task.model.n_lines : 3]).max(axis=1)
            kept = task.without_outliers(clean, start, finite, weights, 0.5 * depths)
            bad = usable & np.any(finite & ~kept, axis=1)
            if np.any(bad):
                mended = _filled(task.x, clean, kept, bad)
                start[bad] = task.filtering.start(
                    mended, first, task.model.n_lines
                )[bad]  # fmt: skip
        if task.former is not None:
            known = task.former[first : first + len(clean)]
            use = np.all(np.isfinite(known), axis=1)
            start[use] = known[use]
        return start


def _filled(x: Array, spectra: Array, kept: Flags, usable: Flags) -> Array:
    """Return usable spectra with straight lines across gaps, and zeros elsewhere."""
    clean = np.where(usable[:, None], spectra, 0.0)
    for k in np.flatnonzero(usable & ~np.all(kept, axis=1)):
        own = kept[k]
        clean[k, ~own] = np.interp(x[~own], x[own], spectra[k, own])
    return np.asarray(clean)


def ordered(values: Array, n_lines: int) -> Array:
    """Return values with ascending lines."""
    lines = values[:, : 3 * n_lines].reshape(-1, n_lines, 3)
    order = np.argsort(lines[:, :, 0], axis=1)
    lines = np.take_along_axis(lines, order[:, :, None], axis=1)
    return np.concatenate([lines.reshape(-1, 3 * n_lines), values[:, 3 * n_lines :]], 1)
