"""Steady states of a linear system over one swept parameter, by blocks.

The unknowns that do not know the sweep are eliminated once, with pivots. What is left
for each value is a system of the few that do: real and imaginary parts of coherences
that turn with the sweep, four unknowns for two driven lines. It is solved for `WIDTH`
values side by side, with pivots of two by two that hold a whole coherence: these are
never small, as a coherence decays or turns. Derivatives take the adjoint state from
the same factors.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel

__all__ = ["swept_signal", "swept_signal_and_slopes"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]
WIDTH: Final = 8
"""Values of the sweep that go side by side through vector registers."""


@inner_kernel
def _assembled(parts: Array, weights: Array, trace: Array) -> Array:
    """Return the static matrix with the trace in its first row."""
    n = parts.shape[1]
    matrix = np.zeros((n, n))
    for k in range(weights.size):
        if weights[k] != 0.0:
            for i in range(n):
                for j in range(n):
                    matrix[i, j] += weights[k] * parts[k, i, j]
    scale = 0.0
    for i in range(n):
        for j in range(n):
            scale = max(scale, abs(matrix[i, j]))
    for j in range(n):
        matrix[0, j] = 0.0
    for j in range(trace.size):
        matrix[0, j] = scale * trace[j]
    return matrix


@inner_kernel
def _inverse(matrix: Array, size: int) -> Array:
    """Return the inverse of the leading block, by Gauss and Jordan with row pivots."""
    work = np.zeros((size, 2 * size))
    for i in range(size):
        for j in range(size):
            work[i, j] = matrix[i, j]
        work[i, size + i] = 1.0
    for k in range(size):
        best = k
        for i in range(k + 1, size):
            if abs(work[i, k]) > abs(work[best, k]):
                best = i
        if best != k:
            for j in range(2 * size):
                work[k, j], work[best, j] = work[best, j], work[k, j]
        share = 1.0 / work[k, k]
        for j in range(2 * size):
            work[k, j] *= share
        for i in range(size):
            factor = work[i, k]
            if i != k and factor != 0.0:
                for j in range(2 * size):
                    work[i, j] -= factor * work[k, j]
    return work[:, size:].copy()


@inner_kernel
def _product(a: Array, b: Array) -> Array:
    """Return ``a @ b`` of small matrices."""
    out = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                out[i, j] += a[i, k] * b[k, j]
    return out


@inner_kernel
def _minus(target: Array, i: int, a: Array, b: Array) -> None:
    """Take ``a * b`` from row ``i`` of ``target``, all rows of WIDTH numbers."""
    for lane in range(WIDTH):
        target[i, lane] -= a[lane] * b[lane]


@inner_kernel
def _factorise(block: Array, pivots: Array) -> None:
    """Put L and U in the place of the matrices ``[m, m, lane]``, pivots inverted."""
    m = block.shape[0]
    for p in range(0, m, 2):
        for lane in range(WIDTH):
            a, b = block[p, p, lane], block[p, p + 1, lane]
            c, d = block[p + 1, p, lane], block[p + 1, p + 1, lane]
            share = 1.0 / (a * d - b * c)
            pivots[p, 0, lane], pivots[p, 1, lane] = d * share, -b * share
            pivots[p + 1, 0, lane], pivots[p + 1, 1, lane] = -c * share, a * share
        for i in range(p + 2, m):
            for lane in range(WIDTH):
                a, b = block[i, p, lane], block[i, p + 1, lane]
                u = a * pivots[p, 0, lane] + b * pivots[p + 1, 0, lane]
                v = a * pivots[p, 1, lane] + b * pivots[p + 1, 1, lane]
                block[i, p, lane], block[i, p + 1, lane] = u, v
            for j in range(p + 2, m):
                _minus(block[i], j, block[i, p], block[p, j])
                _minus(block[i], j, block[i, p + 1], block[p + 1, j])


@inner_kernel
def _solve(block: Array, pivots: Array, x: Array) -> None:
    """Replace the right-hand sides ``[m, lane]`` by the solutions."""
    m = block.shape[0]
    for i in range(2, m):
        for j in range(i - i % 2):
            _minus(x, i, block[i, j], x[j])
    for p in range(m - 2, -1, -2):
        for j in range(p + 2, m):
            _minus(x, p, block[p, j], x[j])
            _minus(x, p + 1, block[p + 1, j], x[j])
        for lane in range(WIDTH):
            a, b = x[p, lane], x[p + 1, lane]
            x[p, lane] = pivots[p, 0, lane] * a + pivots[p, 1, lane] * b
            x[p + 1, lane] = pivots[p + 1, 0, lane] * a + pivots[p + 1, 1, lane] * b


@inner_kernel
def _solve_transposed(block: Array, pivots: Array, x: Array) -> None:
    """Replace right-hand sides by solutions with the transposed matrices."""
    m = block.shape[0]
    for p in range(0, m, 2):
        for j in range(p):
            _minus(x, p, block[j, p], x[j])
            _minus(x, p + 1, block[j, p + 1], x[j])
        for lane in range(WIDTH):
            a, b = x[p, lane], x[p + 1, lane]
            x[p, lane] = pivots[p, 0, lane] * a + pivots[p + 1, 0, lane] * b
            x[p + 1, lane] = pivots[p, 1, lane] * a + pivots[p + 1, 1, lane] * b
    for i in range(m - 3, -1, -1):
        for j in range(i + 2 - i % 2, m):
            _minus(x, i, block[j, i], x[j])


@inner_kernel
def _prepare(
    static: Array, swept: Array, right: Array, values: Array, block: Array, x: Array
) -> None:
    """Fill the matrices and right-hand sides of WIDTH values of the sweep."""
    m = static.shape[0]
    for i in range(m):
        for j in range(m):
            for lane in range(WIDTH):
                block[i, j, lane] = static[i, j] + values[lane] * swept[i, j]
        for lane in range(WIDTH):
            x[i, lane] = right[i]


@kernel
def swept_signal(
    parts: Array, weights: Array, swept: Array, sweep: Array, trace: Array, seen: Array
) -> Array:
    """Return what is seen of the steady states, ``(n_f,)``; see the reference."""
    matrix = _assembled(parts, weights, trace)
    m, s = swept.shape[0], trace.size
    inverse = _inverse(matrix, s)
    coupling, into = matrix[s:, :s], matrix[:s, s:]
    back = _product(coupling, inverse)
    static = matrix[s:, s:] - _product(back, into)
    scale = matrix[0, :s].max()
    right, noticed = -scale * back[:, 0], np.zeros(s)
    for i in range(s):
        for j in range(s):
            noticed[j] += seen[i] * inverse[i, j]
    shown, base = np.zeros(m), noticed[0] * scale
    for i in range(s):
        for j in range(m):
            shown[j] += noticed[i] * into[i, j]
    signal, values = np.empty(sweep.size), np.empty(WIDTH)
    block, pivots = np.empty((m, m, WIDTH)), np.empty((m, 2, WIDTH))
    x = np.empty((m, WIDTH))
    for start in range(0, sweep.size, WIDTH):
        for lane in range(WIDTH):
            values[lane] = sweep[min(start + lane, sweep.size - 1)]
        _prepare(static, swept, right, values, block, x)
        _factorise(block, pivots)
        _solve(block, pivots, x)
        values[:] = base
        for i in range(m):
            for lane in range(WIDTH):
                values[lane] -= shown[i] * x[i, lane]
        for lane in range(min(WIDTH, sweep.size - start)):
            signal[start + lane] = values[lane]
    return signal


@kernel
def swept_signal_and_slopes(
    parts: Array,
    weights: Array,
    swept: Array,
    sweep: Array,
    trace: Array,
    seen: Array,
    entries: Index,
    values: Array,
) -> tuple[Array, Array]:
    """Return signal ``(n_f,)`` and slopes ``(n_f, k)``; see the reference."""
    matrix = _assembled(parts, weights, trace)
    m, s = swept.shape[0], trace.size
    n = s + m
    inverse = _inverse(matrix, s)
    coupling, into = matrix[s:, :s], matrix[:s, s:]
    back, forth = _product(coupling, inverse), _product(inverse, into)
    static = matrix[s:, s:] - _product(back, into)
    scale = matrix[0, :s].max()
    right, noticed = -scale * back[:, 0], np.zeros(s)
    for i in range(s):
        for j in range(s):
            noticed[j] += seen[i] * inverse[i, j]
    shown = np.zeros(m)
    for i in range(s):
        for j in range(m):
            shown[j] -= noticed[i] * into[i, j]
    signal, slopes = np.empty(sweep.size), np.zeros((sweep.size, weights.size))
    block, pivots = np.empty((m, m, WIDTH)), np.empty((m, 2, WIDTH))
    state, adjoint = np.empty((n, WIDTH)), np.empty((n, WIDTH))
    at, sums = np.empty(WIDTH), np.empty((weights.size, WIDTH))
    for start in range(0, sweep.size, WIDTH):
        for lane in range(WIDTH):
            at[lane] = sweep[min(start + lane, sweep.size - 1)]
        _prepare(static, swept, right, at, block, state[s:])
        for i in range(m):
            adjoint[s + i] = shown[i]
        _factorise(block, pivots)
        _solve(block, pivots, state[s:])
        _solve_transposed(block, pivots, adjoint[s:])
        at[:] = 0.0
        for i in range(s):
            state[i], adjoint[i] = scale * inverse[i, 0], noticed[i]
            for j in range(m):
                for lane in range(WIDTH):
                    state[i, lane] -= forth[i, j] * state[s + j, lane]
                    adjoint[i, lane] -= back[j, i] * adjoint[s + j, lane]
            for lane in range(WIDTH):
                at[lane] += seen[i] * state[i, lane]
        adjoint[0] = 0.0  # the row of the trace has no weights
        sums[:] = 0.0
        for e in range(values.size):
            k, i, j = entries[e, 0], entries[e, 1], entries[e, 2]
            for lane in range(WIDTH):
                sums[k, lane] -= adjoint[i, lane] * values[e] * state[j, lane]
        for lane in range(min(WIDTH, sweep.size - start)):
            signal[start + lane] = at[lane]
            for k in range(weights.size):
                slopes[start + lane, k] = sums[k, lane]
    return signal, slopes
