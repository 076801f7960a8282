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
from qleap.core.simd import Vector, fma, fnma, load, mirror, multiply, splat, store

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]
Complexes = tuple[Vector, Vector]


@inner_kernel
def _product(ar: Vector, ai: Vector, br: Vector, bi: Vector) -> Complexes:
    """Return the product of two complex vectors."""
    return fnma(ai, bi, multiply(ar, br)), fma(ai, br, multiply(ar, bi))


@inner_kernel
def _add_product(
    cr: Vector, ci: Vector, ar: Vector, ai: Vector, br: Vector, bi: Vector
) -> Complexes:
    """Return ``c + a * b`` for complex vectors."""
    return fnma(ai, bi, fma(ar, br, cr)), fma(ai, br, fma(ar, bi, ci))


@inner_kernel
def shear_rows(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    swapped: int,
    coefficients: Floats,
    lanes: Lanes,
) -> None:
    """Apply ``[[1, b], [c, 1]]`` to a row qubit and swap the outcome if ``swapped``.

    ``coefficients`` holds real and imaginary part of b and c.
    """
    count = len(lanes)
    occupied = target | fixed
    br, bi = splat(coefficients[0], lanes), splat(coefficients[1], lanes)
    cr, ci = splat(coefficients[2], lanes), splat(coefficients[3], lanes)
    first, second = (target, 0) if swapped else (0, target)
    row = value
    while row < re.size >> count:
        p, q = row << count, (row | target) << count
        xr, xi = load(re, p, lanes), load(im, p, lanes)
        yr, yi = load(re, q, lanes), load(im, q, lanes)
        ur, ui = _add_product(xr, xi, br, bi, yr, yi)
        vr, vi = _add_product(yr, yi, cr, ci, xr, xi)
        p, q = (row | first) << count, (row | second) << count
        store(re, p, ur)
        store(im, p, ui)
        store(re, q, vr)
        store(im, q, vi)
        row = (((row | occupied) + 1) & ~occupied) | value


@inner_kernel
def shear_pair(
    re: Floats,
    im: Floats,
    low: int,
    high: int,
    order: int,
    coefficients: Floats,
    lanes: Lanes,
) -> None:
    """Apply shears to two row qubits and permute the outcome, in one go.

    The outcome where (high, low) read k is stored where they read the bits
    ``2 k`` and ``2 k + 1`` of ``order``. ``coefficients``: of low, then of high.
    """
    count = len(lanes)
    occupied = low | high
    br, bi = splat(coefficients[0], lanes), splat(coefficients[1], lanes)
    cr, ci = splat(coefficients[2], lanes), splat(coefficients[3], lanes)
    dr, di = splat(coefficients[4], lanes), splat(coefficients[5], lanes)
    er, ei = splat(coefficients[6], lanes), splat(coefficients[7], lanes)
    a0 = low * (order & 1) | high * (order >> 1 & 1)
    a1 = low * (order >> 2 & 1) | high * (order >> 3 & 1)
    a2 = low * (order >> 4 & 1) | high * (order >> 5 & 1)
    a3 = low * (order >> 6 & 1) | high * (order >> 7 & 1)
    row = 0
    while row < re.size >> count:
        p0, p1 = row << count, (row | low) << count
        p2, p3 = (row | high) << count, (row | occupied) << count
        x0, y0 = load(re, p0, lanes), load(im, p0, lanes)
        x1, y1 = load(re, p1, lanes), load(im, p1, lanes)
        x2, y2 = load(re, p2, lanes), load(im, p2, lanes)
        x3, y3 = load(re, p3, lanes), load(im, p3, lanes)
        u0, v0 = _add_product(x0, y0, br, bi, x1, y1)
        u1, v1 = _add_product(x1, y1, cr, ci, x0, y0)
        u2, v2 = _add_product(x2, y2, br, bi, x3, y3)
        u3, v3 = _add_product(x3, y3, cr, ci, x2, y2)
        x0, y0 = _add_product(u0, v0, dr, di, u2, v2)
        x2, y2 = _add_product(u2, v2, er, ei, u0, v0)
        x1, y1 = _add_product(u1, v1, dr, di, u3, v3)
        x3, y3 = _add_product(u3, v3, er, ei, u1, v1)
        p0, p1 = (row | a0) << count, (row | a1) << count
        p2, p3 = (row | a2) << count, (row | a3) << count
        store(re, p0, x0)
        store(im, p0, y0)
        store(re, p1, x1)
        store(im, p1, y1)
        store(re, p2, x2)
        store(im, p2, y2)
        store(re, p3, x3)
        store(im, p3, y3)
        row = ((row | occupied) + 1) & ~occupied


@inner_kernel
def exchange_rows(
    re: Floats, im: Floats, fixed: int, first: int, second: int, lanes: Lanes
) -> None:
    """Swap the rows whose ``fixed`` bits read ``first`` with those of ``second``."""
    count = len(lanes)
    row = 0
    while row < re.size >> count:
        p, q = (row | first) << count, (row | second) << count
        xr, xi = load(re, p, lanes), load(im, p, lanes)
        yr, yi = load(re, q, lanes), load(im, q, lanes)
        store(re, p, yr)
        store(im, p, yi)
        store(re, q, xr)
        store(im, q, xi)
        row = ((row | fixed) + 1) & ~fixed


@inner_kernel
def matrix_rows(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply a matrix to a row qubit; ``table``: 2 x 2 x (re, im), a vector each."""
    count = len(lanes)
    size = 1 << count
    occupied = target | fixed
    ar, ai = load(table, 0, lanes), load(table, size, lanes)
    br, bi = load(table, 2 * size, lanes), load(table, 3 * size, lanes)
    cr, ci = load(table, 4 * size, lanes), load(table, 5 * size, lanes)
    dr, di = load(table, 6 * size, lanes), load(table, 7 * size, lanes)
    row = value
    while row < re.size >> count:
        p, q = row << count, (row | target) << count
        xr, xi = load(re, p, lanes), load(im, p, lanes)
        yr, yi = load(re, q, lanes), load(im, q, lanes)
        ur, ui = _product(ar, ai, xr, xi)
        ur, ui = _add_product(ur, ui, br, bi, yr, yi)
        vr, vi = _product(cr, ci, xr, xi)
        vr, vi = _add_product(vr, vi, dr, di, yr, yi)
        store(re, p, ur)
        store(im, p, ui)
        store(re, q, vr)
        store(im, q, vi)
        row = (((row | occupied) + 1) & ~occupied) | value


@inner_kernel
def _matrix_lane(
    re: Floats,
    im: Floats,
    place: Lanes,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    count = len(lanes)
    size = 1 << count
    ar, ai = load(table, 0, lanes), load(table, size, lanes)
    br, bi = load(table, 2 * size, lanes), load(table, 3 * size, lanes)
    row = value
    while row < re.size >> count:
        p = row << count
        xr, xi = load(re, p, lanes), load(im, p, lanes)
        ur, ui = _product(ar, ai, xr, xi)
        ur, ui = _add_product(ur, ui, br, bi, mirror(xr, place), mirror(xi, place))
        store(re, p, ur)
        store(im, p, ui)
        row = (((row | fixed) + 1) & ~fixed) | value


@inner_kernel
def matrix_lane(
    re: Floats,
    im: Floats,
    place: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply a matrix to lane qubit ``place``.

    ``table`` holds, a vector each, what multiplies the amplitude itself (re, im) and
    the one with the qubit flipped (re, im), so that lanes may also control.
    """
    if place == 0:
        _matrix_lane(re, im, (), fixed, value, table, lanes)
    elif place == 1:
        _matrix_lane(re, im, (0,), fixed, value, table, lanes)
    elif place == 2:
        _matrix_lane(re, im, (0, 0), fixed, value, table, lanes)
    else:
        _matrix_lane(re, im, (0, 0, 0), fixed, value, table, lanes)


@inner_kernel
def _combine(
    table: Floats,
    at: int,
    a: Complexes,
    b: Complexes,
    c: Complexes,
    d: Complexes,
    lanes: Lanes,
) -> Complexes:
    """Return a row of a 4 x 4 matrix times four complex vectors."""
    size = 1 << len(lanes)
    ur, ui = _product(load(table, at, lanes), load(table, at + size, lanes), a[0], a[1])
    at += 2 * size
    mr, mi = load(table, at, lanes), load(table, at + size, lanes)
    ur, ui = _add_product(ur, ui, mr, mi, b[0], b[1])
    at += 2 * size
    mr, mi = load(table, at, lanes), load(table, at + size, lanes)
    ur, ui = _add_product(ur, ui, mr, mi, c[0], c[1])
    at += 2 * size
    mr, mi = load(table, at, lanes), load(table, at + size, lanes)
    return _add_product(ur, ui, mr, mi, d[0], d[1])


@inner_kernel
def matrix_pair(
    re: Floats, im: Floats, low: int, high: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix to two row qubits; ``table``: 4 x 4 x (re, im), a vector each."""
    count = len(lanes)
    step = 8 << count
    occupied = low | high
    row = 0
    while row < re.size >> count:
        p0, p1 = row << count, (row | low) << count
        p2, p3 = (row | high) << count, (row | occupied) << count
        a = load(re, p0, lanes), load(im, p0, lanes)
        b = load(re, p1, lanes), load(im, p1, lanes)
        c = load(re, p2, lanes), load(im, p2, lanes)
        d = load(re, p3, lanes), load(im, p3, lanes)
        ur, ui = _combine(table, 0, a, b, c, d, lanes)
        store(re, p0, ur)
        store(im, p0, ui)
        ur, ui = _combine(table, step, a, b, c, d, lanes)
        store(re, p1, ur)
        store(im, p1, ui)
        ur, ui = _combine(table, 2 * step, a, b, c, d, lanes)
        store(re, p2, ur)
        store(im, p2, ui)
        ur, ui = _combine(table, 3 * step, a, b, c, d, lanes)
        store(re, p3, ur)
        store(im, p3, ui)
        row = ((row | occupied) + 1) & ~occupied


@inner_kernel
def _matrix_row_lane(
    re: Floats, im: Floats, row_bit: int, place: Lanes, table: Floats, lanes: Lanes
) -> None:
    count = len(lanes)
    step = 8 << count
    row = 0
    while row < re.size >> count:
        p, q = row << count, (row | row_bit) << count
        a = load(re, p, lanes), load(im, p, lanes)
        b = mirror(a[0], place), mirror(a[1], place)
        c = load(re, q, lanes), load(im, q, lanes)
        d = mirror(c[0], place), mirror(c[1], place)
        ur, ui = _combine(table, 0, a, b, c, d, lanes)
        store(re, p, ur)
        store(im, p, ui)
        ur, ui = _combine(table, step, a, b, c, d, lanes)
        store(re, q, ur)
        store(im, q, ui)
        row = ((row | row_bit) + 1) & ~row_bit


@inner_kernel
def matrix_row_lane(
    re: Floats, im: Floats, row_bit: int, place: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix to a row and a lane qubit.

    ``table``: for each value of the row qubit the factors (re, im; a vector each) of
    the amplitude and its mirror with the row qubit 0, then with it 1.
    """
    if place == 0:
        _matrix_row_lane(re, im, row_bit, (), table, lanes)
    elif place == 1:
        _matrix_row_lane(re, im, row_bit, (0,), table, lanes)
    elif place == 2:
        _matrix_row_lane(re, im, row_bit, (0, 0), table, lanes)
    else:
        _matrix_row_lane(re, im, row_bit, (0, 0, 0), table, lanes)


@inner_kernel
def _matrix_lanes(
    re: Floats, im: Floats, one: Lanes, other: Lanes, table: Floats, lanes: Lanes
) -> None:
    count = len(lanes)
    for row in range(re.size >> count):
        p = row << count
        a = load(re, p, lanes), load(im, p, lanes)
        b = mirror(a[0], one), mirror(a[1], one)
        c = mirror(a[0], other), mirror(a[1], other)
        d = mirror(b[0], other), mirror(b[1], other)
        ur, ui = _combine(table, 0, a, b, c, d, lanes)
        store(re, p, ur)
        store(im, p, ui)


@inner_kernel
def matrix_lanes(
    re: Floats, im: Floats, one: int, other: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix to the lane qubits ``one`` < ``other``.

    ``table``: factors (re, im; a vector each) of the amplitude itself and of those
    with ``one``, ``other`` and both flipped.
    """
    if other == 1:
        _matrix_lanes(re, im, (), (0,), table, lanes)
    elif other == 2:
        if one == 0:
            _matrix_lanes(re, im, (), (0, 0), table, lanes)
        else:
            _matrix_lanes(re, im, (0,), (0, 0), table, lanes)
    elif one == 0:
        _matrix_lanes(re, im, (), (0, 0, 0), table, lanes)
    elif one == 1:
        _matrix_lanes(re, im, (0,), (0, 0, 0), table, lanes)
    else:
        _matrix_lanes(re, im, (0, 0), (0, 0, 0), table, lanes)


@inner_kernel
def phase_rows(
    re: Floats, im: Floats, fixed: int, value: int, table: Floats, lanes: Lanes
) -> None:
    """Multiply rows by a number for each lane; ``table``: (re, im), a vector each."""
    count = len(lanes)
    ar, ai = load(table, 0, lanes), load(table, 1 << count, lanes)
    row = value
    while row < re.size >> count:
        p = row << count
        ur, ui = _product(ar, ai, load(re, p, lanes), load(im, p, lanes))
        store(re, p, ur)
        store(im, p, ui)
        row = (((row | fixed) + 1) & ~fixed) | value
