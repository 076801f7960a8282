"""Lorentzian multiplets fitted to many spectra at once.

Each lane of a vector register fits a spectrum of its own by Levenberg and
Marquardt's method; a lane that is done takes the next spectrum. What a lane computes
does not depend on the others, so results are the same for any order and division.

The same source serves both precisions: the way to the minimum may be single, its end
must be double.

Layout: every quantity of a spectrum is a row of ``L`` numbers, one a lane. Parameters
of a spectrum are position, half width and depth of each line, then the polynomial of
the background.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.buffers import aligned, aligned_as
from qleap.core.choices import choose_less
from qleap.core.jit import inner_kernel, kernel
from qleap.sensing._kernels.damped import _accept, _add_products, _judge, _solve

__all__ = ["fit_multiplets", "multiplet_covariances"]

Array = NDArray[np.float64] | NDArray[np.float32]
Ints = NDArray[np.int64]
Lanes = tuple[int, ...]

_BLOCK = 4
"""Points whose columns are multiplied at once: an element of the normal matrix is
read and written once for all of them."""


_DAMPING = 1e-3
"""Of the diagonal of the normal matrix, at the start."""

_ROUNDING = 10.0
"""Squared roundings of the spectrum that the last step may still gain: without noise
there is nothing else to end with."""

_TRUSTED, _STUCK = 1e-2, 1e9
"""Damping below which a step tells how far the minimum is; above which none is left."""


@inner_kernel
def _columns(
    x: Array,
    offsets: Array,
    degree: int,
    values: Array,
    scales: Array,
    columns: Array,
    models: Array,
    lanes: Lanes,
) -> None:
    """Write derivatives and model at four points into rows of ``columns``, ``models``.

    With u = (x - p - o)/w a line is -d sum 1/(1 + u^2); its derivatives by p and w are
    -2d/w sum u/(1 + u^2)^2 and the same with another u. ``scales`` holds 1/w and -2d/w.
    Four reciprocals take one division, the slowest of all instructions here.
    """
    L = 1 << len(lanes)
    zero, one = (
        simd.splat(values.dtype.type(0.0), lanes),
        simd.splat(values.dtype.type(1.0), lanes),
    )
    n_lines = (values.size // L - degree - 1) // 3
    c0, c1, c2, c3 = columns[0], columns[1], columns[2], columns[3]
    x0, x1 = simd.splat(x[0], lanes), simd.splat(x[1], lanes)
    x2, x3 = simd.splat(x[2], lanes), simd.splat(x[3], lanes)
    t0, t1, t2, t3 = zero, zero, zero, zero
    for k in range(n_lines):
        row = 3 * k * L
        position = simd.load(values, row, lanes)
        inverse = simd.load(scales, 2 * k * L, lanes)
        l0, l1, l2, l3 = zero, zero, zero, zero
        s0, s1, s2, s3 = zero, zero, zero, zero
        w0, w1, w2, w3 = zero, zero, zero, zero
        for offset in offsets:
            place = simd.add(position, simd.splat(offset, lanes))
            u0 = simd.multiply(simd.subtract(x0, place), inverse)
            u1 = simd.multiply(simd.subtract(x1, place), inverse)
            u2 = simd.multiply(simd.subtract(x2, place), inverse)
            u3 = simd.multiply(simd.subtract(x3, place), inverse)
            d0, d1 = simd.fma(u0, u0, one), simd.fma(u1, u1, one)
            d2, d3 = simd.fma(u2, u2, one), simd.fma(u3, u3, one)
            left, right = simd.multiply(d0, d1), simd.multiply(d2, d3)
            all_four = simd.divide(one, simd.multiply(left, right))
            left, right = simd.multiply(all_four, right), simd.multiply(all_four, left)
            d0, d1 = simd.multiply(left, d1), simd.multiply(left, d0)
            d2, d3 = simd.multiply(right, d3), simd.multiply(right, d2)
            l0, l1 = simd.add(l0, d0), simd.add(l1, d1)
            l2, l3 = simd.add(l2, d2), simd.add(l3, d3)
            d0 = simd.multiply(simd.multiply(u0, d0), d0)
            d1 = simd.multiply(simd.multiply(u1, d1), d1)
            d2 = simd.multiply(simd.multiply(u2, d2), d2)
            d3 = simd.multiply(simd.multiply(u3, d3), d3)
            s0, s1, s2, s3 = (
                simd.add(s0, d0),
                simd.add(s1, d1),
                simd.add(s2, d2),
                simd.add(s3, d3),
            )
            w0, w1 = simd.fma(d0, u0, w0), simd.fma(d1, u1, w1)
            w2, w3 = simd.fma(d2, u2, w2), simd.fma(d3, u3, w3)
        size = simd.load(scales, (2 * k + 1) * L, lanes)
        depth = simd.load(values, row + 2 * L, lanes)
        t0, t1 = simd.fnma(depth, l0, t0), simd.fnma(depth, l1, t1)
        t2, t3 = simd.fnma(depth, l2, t2), simd.fnma(depth, l3, t3)
        _store_line(c0, row, size, s0, w0, l0, L, zero)
        _store_line(c1, row, size, s1, w1, l1, L, zero)
        _store_line(c2, row, size, s2, w2, l2, L, zero)
        _store_line(c3, row, size, s3, w3, l3, L, zero)
    p0, p1, p2, p3 = one, one, one, one
    for k in range(degree + 1):
        row = (3 * n_lines + k) * L
        level = simd.load(values, row, lanes)
        simd.store(c0, row, p0)
        simd.store(c1, row, p1)
        simd.store(c2, row, p2)
        simd.store(c3, row, p3)
        t0, t1 = simd.fma(p0, level, t0), simd.fma(p1, level, t1)
        t2, t3 = simd.fma(p2, level, t2), simd.fma(p3, level, t3)
        p0, p1 = simd.multiply(p0, x0), simd.multiply(p1, x1)
        p2, p3 = simd.multiply(p2, x2), simd.multiply(p3, x3)
    simd.store(models[0], 0, t0)
    simd.store(models[1], 0, t1)
    simd.store(models[2], 0, t2)
    simd.store(models[3], 0, t3)


@inner_kernel
def _store_line(
    own: Array,
    row: int,
    size: Any,
    slope: Any,
    width: Any,
    line: Any,
    L: int,
    zero: Any,
) -> None:
    """Write the three derivatives of a line at one point."""
    simd.store(own, row, simd.multiply(size, slope))
    simd.store(own, row + L, simd.multiply(size, width))
    simd.store(own, row + 2 * L, simd.subtract(zero, line))


@inner_kernel
def _weigh(
    roots: Array,
    begin: int,
    end: int,
    columns: Array,
    residuals: Array,
    cost: Array,
    lanes: Lanes,
) -> None:
    """Multiply columns and residuals of four points by the roots of their weights.

    The squares of the residuals are added to the cost.
    """
    L = 1 << len(lanes)
    for q in range(min(_BLOCK, end - begin)):
        own, miss = columns[q], residuals[q]
        root = simd.load(roots, (begin + q) * L, lanes)
        left = simd.multiply(simd.load(miss, 0, lanes), root)
        simd.store(miss, 0, left)
        simd.store(cost, 0, simd.fma(left, left, simd.load(cost, 0, lanes)))
        for a in range(0, own.size, L):
            simd.store(own, a, simd.multiply(simd.load(own, a, lanes), root))


@inner_kernel
def _normal_equations(
    x: Array,
    offsets: Array,
    degree: int,
    values: Array,
    data: Array,
    roots: Array,
    columns: Array,
    residuals: Array,
    scales: Array,
    matrix: Array,
    slope: Array,
    cost: Array,
    lanes: Lanes,
) -> None:
    """Write J^T J (the rows of its lower half), J^T r and r^T r.

    Where ``roots`` is not empty, its rows multiply those of J and r.
    """
    L = 1 << len(lanes)
    n = values.size // L
    n_lines = (n - degree - 1) // 3
    matrix[:] = 0.0
    slope[:] = 0.0
    cost[:] = 0.0
    for k in range(n_lines):
        for lane in range(L):
            width, depth = (
                values[(3 * k + 1) * L + lane],
                values[(3 * k + 2) * L + lane],
            )
            scales[2 * k * L + lane] = 1.0 / width
            scales[(2 * k + 1) * L + lane] = -2.0 * depth / width
    points = np.empty(_BLOCK, x.dtype)
    total = simd.splat(values.dtype.type(0.0), lanes)
    for begin in range(0, x.size, _BLOCK):
        for q in range(_BLOCK):  # points beyond the last stand in for nothing
            points[q] = x[min(begin + q, x.size - 1)]
        _columns(points, offsets, degree, values, scales, columns, residuals, lanes)
        for q in range(_BLOCK):
            own, miss = columns[q], residuals[q]
            if begin + q < x.size:
                seen = simd.load(data, (begin + q) * L, lanes)
                left = simd.subtract(seen, simd.load(miss, 0, lanes))
                simd.store(miss, 0, left)
                total = simd.fma(left, left, total)
            else:
                own[:] = 0.0
                miss[:] = 0.0
        if roots.size:
            _weigh(roots, begin, x.size, columns, residuals, cost, lanes)
        c0, c1, c2, c3 = columns[0], columns[1], columns[2], columns[3]
        r0 = simd.load(residuals[0], 0, lanes)
        r1 = simd.load(residuals[1], 0, lanes)
        r2 = simd.load(residuals[2], 0, lanes)
        r3 = simd.load(residuals[3], 0, lanes)
        for a in range(n):
            place = a * L
            s = simd.load(slope, place, lanes)
            s = simd.fma(simd.load(c0, place, lanes), r0, s)
            s = simd.fma(simd.load(c1, place, lanes), r1, s)
            s = simd.fma(simd.load(c2, place, lanes), r2, s)
            simd.store(slope, place, simd.fma(simd.load(c3, place, lanes), r3, s))
        _add_products(columns, matrix, n, lanes)
    if roots.size == 0:
        simd.store(cost, 0, total)


@inner_kernel
def _advance(
    values: Array,
    step: Array,
    slope: Array,
    trial: Array,
    gains: Array,
    n_lines: int,
    lanes: Lanes,
) -> None:
    """Write the values after a step, and what it is to gain.

    A line moves by a half width at most, and a half width changes by a factor of two at
    most, so that it stays positive.
    """
    L = 1 << len(lanes)
    zero = simd.splat(values.dtype.type(0.0), lanes)
    two = simd.splat(values.dtype.type(2.0), lanes)
    halved = simd.splat(values.dtype.type(0.5), lanes)
    gain = zero
    for k in range(0, values.size, L):
        move = simd.load(step, k, lanes)
        gain = simd.fma(move, simd.load(slope, k, lanes), gain)
        simd.store(trial, k, simd.add(simd.load(values, k, lanes), move))
    simd.store(gains, 0, gain)
    for k in range(n_lines):
        row = 3 * k * L
        width = simd.load(values, row + L, lanes)
        move, back = simd.load(step, row, lanes), simd.subtract(zero, width)
        move = choose_less(move, back, back, move)
        move = choose_less(width, move, width, move)
        simd.store(trial, row, simd.add(simd.load(values, row, lanes), move))
        low, high = simd.multiply(width, halved), simd.multiply(width, two)
        next_width = simd.load(trial, row + L, lanes)
        next_width = choose_less(next_width, low, low, next_width)
        next_width = choose_less(high, next_width, high, next_width)
        simd.store(trial, row + L, next_width)


@inner_kernel
def _take(
    spectra: Array,
    weights: Array,
    start: Array,
    taken: int,
    spectrum: Ints,
    data: Array,
    roots: Array,
    freedom: Array,
    trial: Array,
    floor: Array,
    L: int,
    lane: int,
) -> int:
    """Give a lane the next spectrum, if there is one; return how many are taken."""
    spectrum[lane] = -1
    if taken == spectra.shape[0]:
        return taken
    spectrum[lane] = taken
    power, unit = 0.0, np.finfo(data.dtype).eps
    used = 0 if roots.size else spectra.shape[1]
    for i in range(spectra.shape[1]):
        data[i * L + lane] = spectra[taken, i]
        power += spectra[taken, i] ** 2
        if roots.size:
            roots[i * L + lane] = math.sqrt(weights[taken, i])
            used += weights[taken, i] > 0.0
    freedom[lane] = max(used - start.shape[1], 1)
    floor[lane] = _ROUNDING * unit * unit * power
    for a in range(start.shape[1]):
        trial[a * L + lane] = start[taken, a]
    return taken + 1


@kernel
def fit_multiplets(
    x: Array,
    spectra: NDArray[np.float64],
    weights: NDArray[np.float64],
    start: Array,
    offsets: Array,
    degree: int,
    most_steps: int,
    gain: float,
    lanes: tuple[int, ...],
) -> tuple[Array, NDArray[np.float64], Ints]:
    """Return parameters, costs and steps of each spectrum; see the reference.

    The number of steps is negative where the fit did not converge.
    """
    L = 1 << len(lanes)
    n_spectra, n_points = spectra.shape
    n = start.shape[1]
    n_lines = (n - degree - 1) // 3
    found = np.empty((n_spectra, n), start.dtype)
    costs = np.empty(n_spectra)
    steps = np.zeros(n_spectra, np.int64)
    data = aligned_as(n_points * L, start)
    roots = aligned_as(n_points * L if weights.shape[0] else 0, start)
    values, trial = aligned_as(n * L, start), aligned_as(n * L, start)
    columns = aligned_as(_BLOCK * n * L, start).reshape((_BLOCK, n * L))
    residuals = aligned_as(_BLOCK * L, start).reshape((_BLOCK, L))
    scales = aligned_as(2 * n_lines * L, start)
    half = n * (n + 1) // 2 * L
    matrix, new_matrix = aligned_as(half, start), aligned_as(half, start)
    slope, new_slope = aligned_as(n * L, start), aligned_as(n * L, start)
    lower, step = aligned_as(half, start), aligned_as(n * L, start)
    cost, new_cost, damping = (
        aligned_as(L, start),
        aligned_as(L, start),
        aligned_as(L, start),
    )
    limit, gains, floor = aligned_as(L, start), aligned_as(L, start), np.zeros(L)
    freedom = np.ones(L)
    values[:] = 1.0  # empty lanes divide by it
    trial[:] = 1.0
    spectrum = np.full(L, -1)
    taken, count = 0, np.zeros(L, np.int64)
    for lane in range(L):
        taken = _take(
            spectra, weights, start, taken, spectrum, data, roots, freedom, trial,
            floor, L, lane,
        )  # fmt: skip
        cost[lane], damping[lane] = math.inf, _DAMPING
    while np.max(spectrum) >= 0:
        _normal_equations(
            x, offsets, degree, trial, data, roots, columns, residuals, scales,
            new_matrix, new_slope, new_cost, lanes,
        )  # fmt: skip
        _judge(new_cost, cost, damping, limit, lanes)
        _accept(new_cost, limit, trial, values, lanes)
        _accept(new_cost, limit, new_slope, slope, lanes)
        _accept(new_cost, limit, new_matrix, matrix, lanes)
        _solve(matrix, slope, damping, lower, step, lanes)
        _advance(values, step, slope, trial, gains, n_lines, lanes)
        for lane in range(L):
            count[lane] += 1
            small = gain * cost[lane] / freedom[lane] + floor[lane]
            done = gains[lane] <= small and damping[lane] <= _TRUSTED
            failed = count[lane] >= most_steps or not damping[lane] < _STUCK
            if spectrum[lane] < 0 or not (done or failed):
                continue
            here = spectrum[lane]
            for a in range(n):
                found[here, a] = values[a * L + lane]
                if done:
                    found[here, a] += step[a * L + lane]
            costs[here] = cost[lane] - (gains[lane] if done else 0.0)
            steps[here] = count[lane] if done else -count[lane]
            taken = _take(
                spectra, weights, start, taken, spectrum, data, roots, freedom, trial,
                floor, L, lane,
            )  # fmt: skip
            count[lane], cost[lane], damping[lane] = 0, math.inf, _DAMPING
    return found, costs, steps


@kernel
def multiplet_covariances(
    x: NDArray[np.float64],
    found: NDArray[np.float64],
    weights: NDArray[np.float64],
    offsets: NDArray[np.float64],
    degree: int,
    lanes: tuple[int, ...],
) -> NDArray[np.float64]:
    """Return the inverse of J^T W J of each spectrum, ``(n_spectra, n, n)``."""
    L = 1 << len(lanes)
    n_spectra, n = found.shape
    n_lines = (n - degree - 1) // 3
    half = n * (n + 1) // 2 * L
    inverses = np.empty((n_spectra, n, n))
    data, values = aligned(x.size * L), aligned(n * L)
    roots = aligned(x.size * L if weights.shape[0] else 0)
    columns, residuals = (
        aligned(_BLOCK * n * L).reshape((_BLOCK, n * L)),
        aligned(_BLOCK * L).reshape((_BLOCK, L)),
    )
    scales = aligned(2 * n_lines * L)
    matrix, slope, cost = aligned(half), aligned(n * L), aligned(L)
    lower, step, undamped = aligned(half), aligned(n * L), aligned(L)
    for begin in range(0, n_spectra, L):
        for lane in range(L):
            here = min(begin + lane, n_spectra - 1)
            for a in range(n):
                values[a * L + lane] = found[here, a]
            if roots.size:
                for i in range(x.size):
                    roots[i * L + lane] = math.sqrt(weights[here, i])
        _normal_equations(
            x, offsets, degree, values, data, roots, columns, residuals, scales,
            matrix, slope, cost, lanes,
        )  # fmt: skip
        for b in range(n):
            slope[:] = 0.0
            slope[b * L : (b + 1) * L] = 1.0
            _solve(matrix, slope, undamped, lower, step, lanes)
            for lane in range(min(L, n_spectra - begin)):
                for a in range(n):
                    inverses[begin + lane, a, b] = step[a * L + lane]
    return inverses
