"""Damped normal equations of many small problems, one in each lane of a register.

Every quantity is a row of ``L`` numbers, one a lane; matrices are the rows of their
lower half, one after another. They serve `qleap.sensing._kernels.multiplet_maps`.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.choices import choose_less
from qleap.core.jit import inner_kernel

Array = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]

_LEAST_DAMPING = 1e-9
"""Share of the diagonal that is always added to it."""


@inner_kernel
def _add_products(columns: Array, matrix: Array, n: int, lanes: Lanes) -> None:
    """Add the products of all columns at four points to the matrix.

    Two rows at a time: a column that is loaded serves both.
    """
    L, W = 1 << len(lanes), columns.size // 4
    for a in range(0, n, 2):
        b = min(a + 1, n - 1)
        a0, a1 = simd.load(columns, a * L, lanes), simd.load(columns, a * L + W, lanes)
        a2, a3 = (
            simd.load(columns, a * L + 2 * W, lanes),
            simd.load(columns, a * L + 3 * W, lanes),
        )
        b0, b1 = simd.load(columns, b * L, lanes), simd.load(columns, b * L + W, lanes)
        b2, b3 = (
            simd.load(columns, b * L + 2 * W, lanes),
            simd.load(columns, b * L + 3 * W, lanes),
        )
        above, below = a * (a + 1) // 2, b * (b + 1) // 2
        if a == b:  # the last of an odd number of rows
            for c in range(a + 1):
                place = (above + c) * L
                m = simd.load(matrix, place, lanes)
                m = simd.fma(a0, simd.load(columns, c * L, lanes), m)
                m = simd.fma(a1, simd.load(columns, c * L + W, lanes), m)
                m = simd.fma(a2, simd.load(columns, c * L + 2 * W, lanes), m)
                m = simd.fma(a3, simd.load(columns, c * L + 3 * W, lanes), m)
                simd.store(matrix, place, m)
            continue
        for c in range(a + 1):
            first, second = (above + c) * L, (below + c) * L
            m, k = simd.load(matrix, first, lanes), simd.load(matrix, second, lanes)
            v0, v1 = (
                simd.load(columns, c * L, lanes),
                simd.load(columns, c * L + W, lanes),
            )
            v2, v3 = (
                simd.load(columns, c * L + 2 * W, lanes),
                simd.load(columns, c * L + 3 * W, lanes),
            )
            m = simd.fma(a0, v0, simd.fma(a1, v1, m))
            k = simd.fma(b0, v0, simd.fma(b1, v1, k))
            simd.store(matrix, first, simd.fma(a2, v2, simd.fma(a3, v3, m)))
            simd.store(matrix, second, simd.fma(b2, v2, simd.fma(b3, v3, k)))
        last = (below + b) * L
        k = simd.load(matrix, last, lanes)
        k = simd.fma(b0, b0, simd.fma(b1, b1, k))
        simd.store(matrix, last, simd.fma(b2, b2, simd.fma(b3, b3, k)))


@inner_kernel
def _factorise(
    matrix: Array, damping: Array, lower: Array, n: int, lanes: Lanes
) -> None:
    """Write Cholesky's factor of matrix + damping diag(matrix), its diagonal inverted.

    Four rows at a time, as one sum alone would wait for its last addition. A lane whose
    matrix is not positive gets NaN.
    """
    L = 1 << len(lanes)
    one = simd.splat(matrix.dtype.type(1.0), lanes)
    factor = simd.add(one, simd.load(damping, 0, lanes))
    for b in range(n):
        row = b * (b + 1) // 2
        m = simd.multiply(simd.load(matrix, (row + b) * L, lanes), factor)
        for c in range(row * L, (row + b) * L, L):
            v = simd.load(lower, c, lanes)
            m = simd.fnma(v, v, m)
        own = simd.divide(one, simd.square_root(m))
        simd.store(lower, (row + b) * L, own)
        for a in range(b + 1, n, 4):
            i, j, k = min(a + 1, n - 1), min(a + 2, n - 1), min(a + 3, n - 1)
            p0, p1 = a * (a + 1) // 2, i * (i + 1) // 2
            p2, p3 = j * (j + 1) // 2, k * (k + 1) // 2
            m0 = simd.load(matrix, (p0 + b) * L, lanes)
            m1 = simd.load(matrix, (p1 + b) * L, lanes)
            m2 = simd.load(matrix, (p2 + b) * L, lanes)
            m3 = simd.load(matrix, (p3 + b) * L, lanes)
            for c in range(b):
                v = simd.load(lower, (row + c) * L, lanes)
                m0 = simd.fnma(simd.load(lower, (p0 + c) * L, lanes), v, m0)
                m1 = simd.fnma(simd.load(lower, (p1 + c) * L, lanes), v, m1)
                m2 = simd.fnma(simd.load(lower, (p2 + c) * L, lanes), v, m2)
                m3 = simd.fnma(simd.load(lower, (p3 + c) * L, lanes), v, m3)
            simd.store(lower, (p0 + b) * L, simd.multiply(m0, own))
            simd.store(lower, (p1 + b) * L, simd.multiply(m1, own))
            simd.store(lower, (p2 + b) * L, simd.multiply(m2, own))
            simd.store(lower, (p3 + b) * L, simd.multiply(m3, own))


@inner_kernel
def _substitute(lower: Array, slope: Array, step: Array, n: int, lanes: Lanes) -> None:
    """Write the solution of matrix step = slope with the factor of the matrix."""
    L = 1 << len(lanes)
    step[: n * L] = slope[: n * L]
    for a in range(n):
        own = simd.load(lower, (a * (a + 1) // 2 + a) * L, lanes)
        s = simd.multiply(simd.load(step, a * L, lanes), own)
        simd.store(step, a * L, s)
        for b in range(a + 1, n):
            m = simd.load(lower, (b * (b + 1) // 2 + a) * L, lanes)
            rest = simd.load(step, b * L, lanes)
            simd.store(step, b * L, simd.fnma(m, s, rest))
    for a in range(n - 1, -1, -1):
        row = a * (a + 1) // 2
        own = simd.load(lower, (row + a) * L, lanes)
        s = simd.multiply(simd.load(step, a * L, lanes), own)
        simd.store(step, a * L, s)
        for b in range(a):
            rest = simd.load(step, b * L, lanes)
            m = simd.load(lower, (row + b) * L, lanes)
            simd.store(step, b * L, simd.fnma(m, s, rest))


@inner_kernel
def _judge(
    new_cost: Array, cost: Array, damping: Array, limit: Array, lanes: Lanes
) -> None:
    """Accept what did not become worse: write ``limit``, damping and cost.

    A lane accepts where its new cost is below its limit, a rounding above the old one.
    """
    new, old = simd.load(new_cost, 0, lanes), simd.load(cost, 0, lanes)
    above = cost.dtype.type(1.0 + 4.0 * np.finfo(cost.dtype).eps)
    bound = simd.multiply(old, simd.splat(above, lanes))
    simd.store(limit, 0, bound)
    now = simd.load(damping, 0, lanes)
    less = simd.multiply(now, simd.splat(cost.dtype.type(0.1), lanes))
    least = simd.splat(cost.dtype.type(_LEAST_DAMPING), lanes)
    less = choose_less(less, least, least, less)
    more = simd.multiply(now, simd.splat(cost.dtype.type(10.0), lanes))
    simd.store(damping, 0, choose_less(new, bound, less, more))
    simd.store(cost, 0, choose_less(new, bound, new, old))


@inner_kernel
def _accept(
    new_cost: Array, limit: Array, new: Array, kept: Array, lanes: Lanes
) -> None:
    """Copy what belongs to accepted lanes."""
    L = 1 << len(lanes)
    a, b = simd.load(new_cost, 0, lanes), simd.load(limit, 0, lanes)
    for k in range(0, kept.size, L):
        one, other = simd.load(new, k, lanes), simd.load(kept, k, lanes)
        simd.store(kept, k, choose_less(a, b, one, other))
