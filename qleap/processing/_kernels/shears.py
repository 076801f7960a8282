"""Gates on a block of amplitudes in the cache, a vector register at a time.

Real and imaginary parts lie in two arrays. The lowest qubits of the block number the
elements of a vector, the *lanes*; the others number the vectors, the *rows*. A row
qubit appears as a bit mask of the row's number, a lane qubit as the number of its bit.
Rows whose ``fixed`` bits read ``value`` are walked without a table: the next row with
those bits clear is ``((r | fixed) + 1) & ~fixed``.

One-qubit gates come as a *shear*, ``[[1, b], [c, 1]]`` times a number that is left to
the end of the sweep: half the arithmetic of a full matrix. `qleap.processing._kernels.
fusion` says how every gate becomes one.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import Vector, fma, fnma, load, splat, store
from qleap.processing._kernels.products import _add_product

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]
Complexes = tuple[Vector, Vector]


@inner_kernel
def _shear(
    xr: Vector,
    xi: Vector,
    yr: Vector,
    yi: Vector,
    br: Vector,
    bi: Vector,
    cr: Vector,
    ci: Vector,
    kind: Lanes,
) -> tuple[Vector, Vector, Vector, Vector]:
    """Return ``x + b y`` and ``y + c x``.

    ``kind`` is a tuple of as many zeros as: 0 for real b and c, which stand in their
    real parts; 1 for imaginary ones; 2 for complex ones. The compiler keeps one branch.
    """
    if len(kind) == 0:
        return fma(br, yr, xr), fma(br, yi, xi), fma(cr, xr, yr), fma(cr, xi, yi)
    if len(kind) == 1:
        return fnma(bi, yi, xr), fma(bi, yr, xi), fnma(ci, xi, yr), fma(ci, xr, yi)
    ur, ui = _add_product(xr, xi, br, bi, yr, yi)
    vr, vi = _add_product(yr, yi, cr, ci, xr, xi)
    return ur, ui, vr, vi


@inner_kernel
def shear_one(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply the shear ``[[1, b], [c, 1]]`` to a row qubit and permute the outcome.

    The outcome 0 is stored where bit 0 of ``order`` says, 1 where bit 3 does.
    ``table`` begins with b and c (re, im).
    """
    count = len(lanes)
    occupied = target | fixed
    br, bi = splat(table[0], lanes), splat(table[1], lanes)
    cr, ci = splat(table[2], lanes), splat(table[3], lanes)
    first, second = target * (order & 1), target * (order >> 3 & 1)
    row = value
    while row < re.size >> count:
        p, q = row << count, (row | target) << count
        xr, xi = load(re, p, lanes), load(im, p, lanes)
        yr, yi = load(re, q, lanes), load(im, q, lanes)
        xr, xi, yr, yi = _shear(xr, xi, yr, yi, br, bi, cr, ci, (0, 0))
        p, q = (row | first) << count, (row | second) << count
        store(re, p, xr)
        store(im, p, xi)
        store(re, q, yr)
        store(im, q, yi)
        row = (((row | occupied) + 1) & ~occupied) | value


@inner_kernel
def _place(order: int, k: int, a: int, b: int, c: int) -> int:
    """Return the row bits that three bits of ``order`` stand for."""
    bits = order >> 3 * k
    return a * (bits & 1) | b * (bits >> 1 & 1) | c * (bits >> 2 & 1)


@inner_kernel
def _shear_two(
    re: Floats,
    im: Floats,
    a: int,
    b: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    kind: Lanes,
    lanes: Lanes,
) -> None:
    count = len(lanes)
    occupied = a | b | fixed
    br, bi = splat(table[0], lanes), splat(table[1], lanes)
    cr, ci = splat(table[2], lanes), splat(table[3], lanes)
    dr, di = splat(table[4], lanes), splat(table[5], lanes)
    er, ei = splat(table[6], lanes), splat(table[7], lanes)
    s0, s1 = _place(order, 0, a, b, 0), _place(order, 1, a, b, 0)
    s2, s3 = _place(order, 2, a, b, 0), _place(order, 3, a, b, 0)
    row = value
    while row < re.size >> count:
        p0, p1 = row << count, (row | a) << count
        p2, p3 = (row | b) << count, (row | a | b) << count
        x0, y0 = load(re, p0, lanes), load(im, p0, lanes)
        x1, y1 = load(re, p1, lanes), load(im, p1, lanes)
        x2, y2 = load(re, p2, lanes), load(im, p2, lanes)
        x3, y3 = load(re, p3, lanes), load(im, p3, lanes)
        x0, y0, x1, y1 = _shear(x0, y0, x1, y1, br, bi, cr, ci, kind)
        x2, y2, x3, y3 = _shear(x2, y2, x3, y3, br, bi, cr, ci, kind)
        x0, y0, x2, y2 = _shear(x0, y0, x2, y2, dr, di, er, ei, kind)
        x1, y1, x3, y3 = _shear(x1, y1, x3, y3, dr, di, er, ei, kind)
        p0, p1 = (row | s0) << count, (row | s1) << count
        p2, p3 = (row | s2) << count, (row | s3) << count
        store(re, p0, x0)
        store(im, p0, y0)
        store(re, p1, x1)
        store(im, p1, y1)
        store(re, p2, x2)
        store(im, p2, y2)
        store(re, p3, x3)
        store(im, p3, y3)
        row = (((row | occupied) + 1) & ~occupied) | value


@inner_kernel
def _shear_three(
    re: Floats,
    im: Floats,
    a: int,
    b: int,
    c: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    kind: Lanes,
    lanes: Lanes,
) -> None:
    count = len(lanes)
    occupied = a | b | c | fixed
    br, bi = splat(table[0], lanes), splat(table[1], lanes)
    cr, ci = splat(table[2], lanes), splat(table[3], lanes)
    dr, di = splat(table[4], lanes), splat(table[5], lanes)
    er, ei = splat(table[6], lanes), splat(table[7], lanes)
    fr, fi = splat(table[8], lanes), splat(table[9], lanes)
    gr, gi = splat(table[10], lanes), splat(table[11], lanes)
    s0, s1 = _place(order, 0, a, b, c), _place(order, 1, a, b, c)
    s2, s3 = _place(order, 2, a, b, c), _place(order, 3, a, b, c)
    s4, s5 = _place(order, 4, a, b, c), _place(order, 5, a, b, c)
    s6, s7 = _place(order, 6, a, b, c), _place(order, 7, a, b, c)
    row = value
    while row < re.size >> count:
        p0, p1 = row << count, (row | a) << count
        p2, p3 = (row | b) << count, (row | a | b) << count
        p4, p5 = (row | c) << count, (row | a | c) << count
        p6, p7 = (row | b | c) << count, (row | a | b | c) << count
        x0, y0 = load(re, p0, lanes), load(im, p0, lanes)
        x1, y1 = load(re, p1, lanes), load(im, p1, lanes)
        x2, y2 = load(re, p2, lanes), load(im, p2, lanes)
        x3, y3 = load(re, p3, lanes), load(im, p3, lanes)
        x4, y4 = load(re, p4, lanes), load(im, p4, lanes)
        x5, y5 = load(re, p5, lanes), load(im, p5, lanes)
        x6, y6 = load(re, p6, lanes), load(im, p6, lanes)
        x7, y7 = load(re, p7, lanes), load(im, p7, lanes)
        x0, y0, x1, y1 = _shear(x0, y0, x1, y1, br, bi, cr, ci, kind)
        x2, y2, x3, y3 = _shear(x2, y2, x3, y3, br, bi, cr, ci, kind)
        x4, y4, x5, y5 = _shear(x4, y4, x5, y5, br, bi, cr, ci, kind)
        x6, y6, x7, y7 = _shear(x6, y6, x7, y7, br, bi, cr, ci, kind)
        x0, y0, x2, y2 = _shear(x0, y0, x2, y2, dr, di, er, ei, kind)
        x1, y1, x3, y3 = _shear(x1, y1, x3, y3, dr, di, er, ei, kind)
        x4, y4, x6, y6 = _shear(x4, y4, x6, y6, dr, di, er, ei, kind)
        x5, y5, x7, y7 = _shear(x5, y5, x7, y7, dr, di, er, ei, kind)
        x0, y0, x4, y4 = _shear(x0, y0, x4, y4, fr, fi, gr, gi, kind)
        x1, y1, x5, y5 = _shear(x1, y1, x5, y5, fr, fi, gr, gi, kind)
        x2, y2, x6, y6 = _shear(x2, y2, x6, y6, fr, fi, gr, gi, kind)
        x3, y3, x7, y7 = _shear(x3, y3, x7, y7, fr, fi, gr, gi, kind)
        p0, p1 = (row | s0) << count, (row | s1) << count
        p2, p3 = (row | s2) << count, (row | s3) << count
        p4, p5 = (row | s4) << count, (row | s5) << count
        p6, p7 = (row | s6) << count, (row | s7) << count
        store(re, p0, x0)
        store(im, p0, y0)
        store(re, p1, x1)
        store(im, p1, y1)
        store(re, p2, x2)
        store(im, p2, y2)
        store(re, p3, x3)
        store(im, p3, y3)
        store(re, p4, x4)
        store(im, p4, y4)
        store(re, p5, x5)
        store(im, p5, y5)
        store(re, p6, x6)
        store(im, p6, y6)
        store(re, p7, x7)
        store(im, p7, y7)
        row = (((row | occupied) + 1) & ~occupied) | value


@inner_kernel
def shear_two(
    re: Floats,
    im: Floats,
    a: int,
    b: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    kind: int,
    lanes: Lanes,
) -> None:
    """Apply shears to the row qubits a and b and permute the outcome, in one go.

    The outcome where (a, b) read k is stored where they read the bits from ``3 k`` on
    of ``order``. ``table`` begins with b and c (re, im) of each qubit; ``kind`` is 0 if
    all are real, 1 if all are imaginary, else 2.
    """
    if kind == 0:
        _shear_two(re, im, a, b, fixed, value, order, table, (), lanes)
    elif kind == 1:
        _shear_two(re, im, a, b, fixed, value, order, table, (0,), lanes)
    else:
        _shear_two(re, im, a, b, fixed, value, order, table, (0, 0), lanes)


@inner_kernel
def shear_three(
    re: Floats,
    im: Floats,
    a: int,
    b: int,
    c: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    kind: int,
    lanes: Lanes,
) -> None:
    """Apply shears to three row qubits, as `shear_two` does; not for complex ones."""
    if kind == 0:
        _shear_three(re, im, a, b, c, fixed, value, order, table, (), lanes)
    else:
        _shear_three(re, im, a, b, c, fixed, value, order, table, (0,), lanes)
