"""Lorentzian multiplets fitted to many spectra at once.

Each lane of a vector register fits a spectrum of its own; a lane that is done takes the
next spectrum. What a lane computes does not depend on the others, so results are the
same for any order and division. A fit has two parts:

- the approach: Levenberg and Marquardt's method, with depths and background solved for
  at each evaluation as by Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973);
- the end: steps with the last normal matrix and a new slope, which cost a third and
  are as good near the minimum; what they have in common is foreseen.

The same source serves both precisions; see `multiplet_columns` for what single
precision needs to be enough, and for the layout.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned, aligned_as
from qleap.core.jit import inner_kernel, kernel
from qleap.sensing._kernels.damped import _accept, _factorise, _judge, _substitute
from qleap.sensing._kernels.multiplet_columns import (
    _BLOCK,
    PSEUDO_VOIGT,
    _normal_equations,
)
from qleap.sensing._kernels.multiplet_steps import _accelerate, _advance, _project

__all__ = ["fit_multiplets", "multiplet_covariances"]

Array = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Lanes = tuple[int, ...]

_TOGETHER = 512
"""Spectra that approach before they end: their normal matrices stay near."""

_DAMPING = 1e-3
"""Of the diagonal of the normal matrix, at the start."""

_PROJECTION = 1e-5
"""Damping of depths and background: two lines may be at one place."""

_ROUNDING = 10.0
"""Squared roundings of the spectrum that the last step may still gain: without noise
there is nothing else to end with."""

_TRUSTED, _STUCK = 1e-2, 1e9
"""Damping below which a step tells how far the minimum is; above which none is left."""

_BEST_RATIO, _WORST_RATIO = 0.04, 0.96
"""Of the gains of two steps: steps become shorter by a factor of five at best, as the
curvature of the model times the residuals is not in the normal matrix."""


@inner_kernel
def _take(
    spectra: Doubles,
    weights: Doubles,
    levels: Doubles,
    here: int,
    data: Array,
    roots: Array,
    L: int,
    lane: int,
) -> None:
    """Give a lane a spectrum, where points without a weight have the mean."""
    level = levels[here]
    for i in range(spectra.shape[1]):
        data[i * L + lane] = spectra[here, i] - level
    if roots.size:
        for i in range(spectra.shape[1]):
            roots[i * L + lane] = math.sqrt(weights[here, i])
            if not weights[here, i] > 0.0:
                data[i * L + lane] = 0.0


@inner_kernel
def _survey(
    spectra: Doubles,
    weights: Doubles,
    begin: int,
    end: int,
    n: int,
    unit: float,
    levels: Doubles,
    floors: Doubles,
    freedom: Doubles,
) -> None:
    """Write the means of spectra, what rounding may gain, and degrees of freedom.

    Points without a weight may have any value.
    """
    for here in range(begin, end):
        level, power, used = 0.0, 0.0, spectra.shape[1]
        if weights.shape[0]:
            used = 0
            for i in range(spectra.shape[1]):
                if weights[here, i] > 0.0:
                    used += 1
                    level += spectra[here, i]
            level /= max(used, 1)
            for i in range(spectra.shape[1]):
                if weights[here, i] > 0.0:
                    power += weights[here, i] * (spectra[here, i] - level) ** 2
        else:
            level = spectra[here].mean()
            for i in range(spectra.shape[1]):
                power += (spectra[here, i] - level) ** 2
        levels[here], freedom[here] = level, max(used - n, 1)
        floors[here] = _ROUNDING * unit * unit * power


@inner_kernel
def _approach(
    x: Doubles,
    spectra: Doubles,
    weights: Doubles,
    levels: Doubles,
    floors: Doubles,
    freedom: Doubles,
    offsets: Doubles,
    degree: int,
    shape: int,
    most_steps: int,
    near: float,
    begin: int,
    end: int,
    found: Array,
    found_low: Array,
    steps: Ints,
    reached: Doubles,
    factors: Array,
    lanes: Lanes,
) -> None:
    """Bring spectra near the minimum from ``found``, which is replaced.

    ``factors`` gets their normal matrices, ``reached`` what the last step is to gain;
    steps are negative where that fails.
    """
    L = 1 << len(lanes)
    n = found.shape[1]
    mixes = 1 if shape == PSEUDO_VOIGT else 0
    n_lines, rows = (n - mixes - degree - 1) // 3, factors.shape[1]
    data = aligned_as(x.size * L, found)
    roots = aligned_as(x.size * L if weights.shape[0] else 0, found)
    values, trial = aligned_as(n * L, found), aligned_as(n * L, found)
    low, trial_low = aligned_as(n_lines * L, found), aligned_as(n_lines * L, found)
    columns = aligned_as(_BLOCK * n * L, found)
    residuals = aligned_as(_BLOCK * L, found)
    scales = aligned_as((offsets.size + 1) * n_lines * L, found)
    matrix, new_matrix = aligned_as(rows * L, found), aligned_as(rows * L, found)
    slope, new_slope = aligned_as(n * L, found), aligned_as(n * L, found)
    lower, step = aligned_as(rows * L, found), aligned_as(n * L, found)
    work = aligned_as((n + rows) * L, found)
    cost, new_cost = aligned_as(L, found), aligned_as(L, found)
    limit, gains = aligned_as(L, found), aligned_as(L, found)
    damping, slight = aligned_as(L, found), aligned_as(L, found)
    values[:] = 1.0  # empty lanes divide by it
    trial[:] = 1.0
    slight[:] = _PROJECTION
    spectrum, count = np.full(L, -1), np.full(L, most_steps)
    taken = begin
    cost[:] = math.inf
    gains[:] = math.inf
    while True:
        for lane in range(L):
            here = spectrum[lane]
            if here >= 0:
                count[lane] += 1
                small = near * cost[lane] / freedom[here] + floors[here]
                done = gains[lane] <= small and damping[lane] <= _TRUSTED
                failed = count[lane] >= most_steps or not damping[lane] < _STUCK
                if not (done or failed):
                    continue
                steps[here] = count[lane] if done else -count[lane]
                reached[here] = gains[lane]
                for a in range(n):
                    k = a * L + lane
                    found[here, a] = trial[k] if done else values[k]
                for k in range(n_lines if done else 0):
                    found_low[here, k] = trial_low[k * L + lane]
                for k in range(rows if done else 0):
                    factors[here - begin, k] = lower[k * L + lane]
            here = spectrum[lane] = taken if taken < end else -1
            if here >= 0:
                taken += 1
                _take(spectra, weights, levels, here, data, roots, L, lane)
                count[lane], cost[lane], damping[lane] = 0, math.inf, _DAMPING
                for a in range(n):
                    trial[a * L + lane] = found[here, a]
                for k in range(n_lines):
                    trial_low[k * L + lane] = found_low[here, k]
        if np.max(spectrum) < 0:
            return
        _normal_equations(
            x, offsets, degree, shape, trial, trial_low, data, roots, columns,
            residuals, scales, new_matrix, new_slope, new_cost, lanes,
        )  # fmt: skip
        _project(
            new_matrix, new_slope, new_cost, trial, work, lower, step, slight, n_lines,
            mixes, lanes,
        )  # fmt: skip
        _judge(new_cost, cost, damping, limit, lanes)
        _accept(new_cost, limit, trial, values, lanes)
        _accept(new_cost, limit, trial_low, low, lanes)
        _accept(new_cost, limit, new_slope, slope, lanes)
        _accept(new_cost, limit, new_matrix, matrix, lanes)
        _factorise(matrix, damping, lower, n, lanes)
        _substitute(lower, slope, step, n, lanes)
        _advance(values, low, step, slope, trial, trial_low, gains, mixes, lanes)


@inner_kernel
def _end(
    x: Doubles,
    spectra: Doubles,
    weights: Doubles,
    levels: Doubles,
    floors: Doubles,
    freedom: Doubles,
    offsets: Doubles,
    degree: int,
    shape: int,
    most_steps: int,
    gain: float,
    begin: int,
    end: int,
    found: Array,
    found_low: Array,
    costs: Doubles,
    steps: Ints,
    reached: Doubles,
    factors: Array,
    lanes: Lanes,
) -> None:
    """Bring spectra to the minimum with the normal matrices they have.

    What all further steps are to gain follows from the ratio of the last two.
    """
    L = 1 << len(lanes)
    n = found.shape[1]
    mixes = 1 if shape == PSEUDO_VOIGT else 0
    n_lines, rows = (n - mixes - degree - 1) // 3, factors.shape[1]
    data = aligned_as(x.size * L, found)
    roots = aligned_as(x.size * L if weights.shape[0] else 0, found)
    values, low = aligned_as(n * L, found), aligned_as(n_lines * L, found)
    columns = aligned_as(_BLOCK * n * L, found)
    residuals = aligned_as(_BLOCK * L, found)
    scales = aligned_as((offsets.size + 1) * n_lines * L, found)
    slope, step = aligned_as(n * L, found), aligned_as(n * L, found)
    lower, none = aligned_as(rows * L, found), aligned_as(0, found)
    cost, gains = aligned_as(L, found), aligned_as(L, found)
    old_step, old_slope = aligned_as(n * L, found), aligned_as(n * L, found)
    moved, sizes = aligned_as(n * L, found), aligned_as(L, found)
    before, count = np.ones(L), np.zeros(L, np.int64)
    single = np.finfo(found.dtype).eps > 1e-10
    spectrum = np.full(L, -1)
    values[:] = 1.0  # empty lanes divide by it
    taken = begin
    while True:
        for lane in range(L):
            here = spectrum[lane]
            if here >= 0:
                count[lane] += 1
                now = sizes[lane]
                left = max(cost[lane] - now, 0.0)
                costs[here] = left
                ratio, small = now / before[lane], gain * left / freedom[here]
                before[lane] = now
                rounded = single and floors[here] > small
                rest = math.sqrt(max(ratio, _BEST_RATIO))
                rest /= max(1.0 - rest, 0.0)
                done = now * rest * rest <= small or now <= floors[here]
                failed = not ratio < _WORST_RATIO or count[lane] >= most_steps
                if not (done or failed):
                    continue
                steps[here] = count[lane] if done and not rounded else -count[lane]
                for a in range(n):
                    found[here, a] = values[a * L + lane]
                for k in range(n_lines):
                    found_low[here, k] = low[k * L + lane]
            while taken < end and steps[taken] < 0:
                taken += 1
            here = spectrum[lane] = taken if taken < end else -1
            if here >= 0:
                taken += 1
                _take(spectra, weights, levels, here, data, roots, L, lane)
                count[lane], before[lane] = steps[here], reached[here]
                for a in range(n):
                    values[a * L + lane] = found[here, a]
                    old_step[a * L + lane] = 0.0
                    old_slope[a * L + lane] = 0.0
                    moved[a * L + lane] = 0.0
                for k in range(n_lines):
                    low[k * L + lane] = found_low[here, k]
                for k in range(rows):
                    lower[k * L + lane] = factors[here - begin, k]
        if np.max(spectrum) < 0:
            return
        _normal_equations(
            x, offsets, degree, shape, values, low, data, roots, columns, residuals,
            scales, none, slope, cost, lanes,
        )  # fmt: skip
        _substitute(lower, slope, step, n, lanes)
        _accelerate(step, slope, old_step, old_slope, moved, sizes, lanes)
        _advance(values, low, step, slope, values, low, gains, mixes, lanes)


@kernel
def fit_multiplets(
    x: Doubles,
    spectra: Doubles,
    weights: Doubles,
    start: Array,
    offsets: Doubles,
    degree: int,
    shape: int,
    most_steps: int,
    near: float,
    gain: float,
    lanes: tuple[int, ...],
) -> tuple[Doubles, Doubles, Ints]:
    """Return parameters, costs and steps of each spectrum; see the reference.

    The precision is that of ``start``. The number of steps is negative where the fit
    did not converge, or where rounding is not small enough.
    """
    n_spectra, n = start.shape
    mixes = 1 if shape == PSEUDO_VOIGT else 0
    n_lines = (n - mixes - degree - 1) // 3
    found, low = np.empty_like(start), np.zeros((n_spectra, n_lines), start.dtype)
    result, costs = np.empty((n_spectra, n)), np.full(n_spectra, np.inf)
    steps, reached = np.zeros(n_spectra, np.int64), np.empty(n_spectra)
    levels, floors = np.empty(n_spectra), np.empty(n_spectra)
    freedom, unit = np.empty(n_spectra), float(np.finfo(start.dtype).eps)
    rows = n * (n + 1) // 2
    factors = np.empty((min(n_spectra, _TOGETHER), rows), start.dtype)
    for begin in range(0, n_spectra, _TOGETHER):
        end = min(begin + _TOGETHER, n_spectra)
        _survey(spectra, weights, begin, end, n, unit, levels, floors, freedom)
        for here in range(begin, end):
            found[here] = start[here]
            found[here, 3 * n_lines + mixes] = 0.0  # least squares find the background
        _approach(
            x, spectra, weights, levels, floors, freedom, offsets, degree, shape,
            most_steps, near, begin, end, found, low, steps, reached, factors, lanes,
        )  # fmt: skip
        _end(
            x, spectra, weights, levels, floors, freedom, offsets, degree, shape,
            most_steps, gain, begin, end, found, low, costs, steps, reached, factors,
            lanes,
        )  # fmt: skip
        for here in range(begin, end):
            for a in range(n):
                result[here, a] = found[here, a]
            for k in range(n_lines):
                result[here, 3 * k] += low[here, k]
            result[here, 3 * n_lines + mixes] += levels[here]
    return result, costs, steps


@kernel
def multiplet_covariances(
    x: Doubles,
    found: Doubles,
    weights: Doubles,
    offsets: Doubles,
    degree: int,
    shape: int,
    lanes: tuple[int, ...],
) -> Doubles:
    """Return the inverse of J^T W J of each spectrum, ``(n_spectra, n, n)``."""
    L = 1 << len(lanes)
    n_spectra, n = found.shape
    mixes = 1 if shape == PSEUDO_VOIGT else 0
    n_lines, rows = (n - mixes - degree - 1) // 3, n * (n + 1) // 2
    inverses = np.empty((n_spectra, n, n))
    data, values, low = aligned(x.size * L), aligned(n * L), aligned(n_lines * L)
    roots = aligned(x.size * L if weights.shape[0] else 0)
    columns, residuals = aligned(_BLOCK * n * L), aligned(_BLOCK * L)
    scales = aligned((offsets.size + 1) * n_lines * L)
    matrix, slope, cost = aligned(rows * L), aligned(n * L), aligned(L)
    lower, step, undamped = aligned(rows * L), aligned(n * L), aligned(L)
    units = np.ones((n, L))
    for begin in range(0, n_spectra, L):
        for lane in range(L):
            here = min(begin + lane, n_spectra - 1)
            for a in range(n):
                values[a * L + lane] = found[here, a]
            for k in range(n_lines):
                width, depth = found[here, 3 * k + 1], found[here, 3 * k + 2]
                units[3 * k : 3 * k + 2, lane] = -0.5 * width / depth
                units[3 * k + 2, lane] = -1.0
            units[3 * n_lines : 3 * n_lines + mixes, lane] = -1.0
            if roots.size:
                for i in range(x.size):
                    roots[i * L + lane] = math.sqrt(weights[here, i])
        _normal_equations(
            x, offsets, degree, shape, values, low, data, roots, columns, residuals,
            scales, matrix, slope, cost, lanes,
        )  # fmt: skip
        _factorise(matrix, undamped, lower, n, lanes)
        for b in range(n):
            slope[:] = 0.0
            slope[b * L : (b + 1) * L] = 1.0
            _substitute(lower, slope, step, n, lanes)
            for lane in range(min(L, n_spectra - begin)):
                for a in range(n):
                    unit = units[a, lane] * units[b, lane]
                    inverses[begin + lane, a, b] = step[a * L + lane] * unit
    return inverses
