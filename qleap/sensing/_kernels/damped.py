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
    L = 1 << len(lanes)
    c0, c1, c2, c3 = columns[0], columns[1], columns[2], columns[3]
    for a in range(0, n, 2):
        b = min(a + 1, n - 1)
        a0, a1 = simd.load(c0, a * L, lanes), simd.load(c1, a * L, lanes)
        a2, a3 = simd.load(c2, a * L, lanes), simd.load(c3, a * L, lanes)
        b0, b1 = simd.load(c0, b * L, lanes), simd.load(c1, b * L, lanes)
        b2, b3 = simd.load(c2, b * L, lanes), simd.load(c3, b * L, lanes)
        above, below = a * (a + 1) // 2, b * (b + 1) // 2
        if a == b:  # the last of an odd number of rows
            for c in range(a + 1):
                place = (above + c) * L
                m = simd.load(matrix, place, lanes)
                m = simd.fma(a0, simd.load(c0, c * L, lanes), m)
                m = simd.fma(a1, simd.load(c1, c * L, lanes), m)
                m = simd.fma(a2, simd.load(c2, c * L, lanes), m)
                m = simd.fma(a3, simd.load(c3, c * L, lanes), m)
                simd.store(matrix, place, m)
            continue
        for c in range(a + 1):
            first, second = (above + c) * L, (below + c) * L
            m, k = simd.load(matrix, first, lanes), simd.load(matrix, second, lanes)
            v0, v1 = simd.load(c0, c * L, lanes), simd.load(c1, c * L, lanes)
            v2, v3 = simd.load(c2, c * L, lanes), simd.load(c3, c * L, lanes)
            m = simd.fma(a0, v0, simd.fma(a1, v1, m))
            k = simd.fma(b0, v0, simd.fma(b1, v1, k))
            simd.store(matrix, first, simd.fma(a2, v2, simd.fma(a3, v3, m)))
            simd.store(matrix, second, simd.fma(b2, v2, simd.fma(b3, v3, k)))
        last = (below + b) * L
        k = simd.load(matrix, last, lanes)
        k = simd.fma(b0, b0, simd.fma(b1, b1, k))
        simd.store(matrix, last, simd.fma(b2, b2, simd.fma(b3, b3, k)))


@inner_kernel
def _solve(
    matrix: Array, slope: Array, damping: Array, lower: Array, step: Array, lanes: Lanes
) -> None:
    """Write the solution of (matrix + damping diag(matrix)) step = slope.

    Cholesky's method; a lane whose matrix is not positive gets NaN.
    """
    L = 1 << len(lanes)
    n = slope.size // L
    one = simd.splat(matrix.dtype.type(1.0), lanes)
    factor = simd.add(one, simd.load(damping, 0, lanes))
    for a in range(n):
        s, row = simd.load(slope, a * L, lanes), a * (a + 1) // 2
        for b in range(a + 1):
            above, here = b * (b + 1) // 2, row + b
            m = simd.load(matrix, here * L, lanes)
            if a == b:
                m = simd.multiply(m, factor)
            for c in range(b):
                left = simd.load(lower, (row + c) * L, lanes)
                m = simd.fnma(left, simd.load(lower, (above + c) * L, lanes), m)
            if a == b:
                m = simd.square_root(m)
                m = simd.divide(one, m)  # the diagonal's inverse
                s = simd.multiply(s, m)
            else:
                m = simd.multiply(m, simd.load(lower, (above + b) * L, lanes))
                s = simd.fnma(m, simd.load(step, b * L, lanes), s)
            simd.store(lower, here * L, m)
        simd.store(step, a * L, s)
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
