"""Matrices on a block of amplitudes in the cache, a vector register at a time.

See `qleap.processing._kernels.shears` for rows, lanes and conditions. Coefficients are
vectors of their own, one number a lane, so that a lane qubit may be target or control.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import Vector, load, mirror, multiply, store
from qleap.processing._kernels.products import _add_product, _product

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]
Complexes = tuple[Vector, Vector]


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
    first: tuple[Complexes, ...],
    second: tuple[Complexes, ...],
    lanes: Lanes,
) -> tuple[Vector, Vector, Vector, Vector]:
    """Return a row of a 4 x 4 matrix times four complex vectors, twice.

    Each coefficient is read once for both, which is what this kernel waits for.
    """
    size = 1 << len(lanes)
    mr, mi = load(table, at, lanes), load(table, at + size, lanes)
    ur, ui = _product(mr, mi, first[0][0], first[0][1])
    vr, vi = _product(mr, mi, second[0][0], second[0][1])
    for k in range(1, 4):
        at += 2 * size
        mr, mi = load(table, at, lanes), load(table, at + size, lanes)
        ur, ui = _add_product(ur, ui, mr, mi, first[k][0], first[k][1])
        vr, vi = _add_product(vr, vi, mr, mi, second[k][0], second[k][1])
    return ur, ui, vr, vi


@inner_kernel
def _combine_rest(
    table: Floats,
    at: int,
    first: tuple[Complexes, ...],
    second: tuple[Complexes, ...],
    end: int,
    lanes: Lanes,
) -> tuple[Vector, Vector, Vector, Vector]:
    """Do the same for a row whose first entry is real at an ``end``, elsewhere zero."""
    size = 1 << len(lanes)
    if end:
        mr = load(table, at, lanes)
        ur, ui = multiply(mr, first[0][0]), multiply(mr, first[0][1])
        vr, vi = multiply(mr, second[0][0]), multiply(mr, second[0][1])
        at += 2 * size
        mr, mi = load(table, at, lanes), load(table, at + size, lanes)
        ur, ui = _add_product(ur, ui, mr, mi, first[1][0], first[1][1])
        vr, vi = _add_product(vr, vi, mr, mi, second[1][0], second[1][1])
    else:
        at += 2 * size
        mr, mi = load(table, at, lanes), load(table, at + size, lanes)
        ur, ui = _product(mr, mi, first[1][0], first[1][1])
        vr, vi = _product(mr, mi, second[1][0], second[1][1])
    for k in range(2, 4):
        at += 2 * size
        mr, mi = load(table, at, lanes), load(table, at + size, lanes)
        ur, ui = _add_product(ur, ui, mr, mi, first[k][0], first[k][1])
        vr, vi = _add_product(vr, vi, mr, mi, second[k][0], second[k][1])
    return ur, ui, vr, vi


@inner_kernel
def _load_four(
    re: Floats, im: Floats, row: int, low: int, high: int, lanes: Lanes
) -> tuple[Complexes, Complexes, Complexes, Complexes]:
    count = len(lanes)
    p0, p1 = row << count, (row | low) << count
    p2, p3 = (row | high) << count, (row | low | high) << count
    return (
        (load(re, p0, lanes), load(im, p0, lanes)),
        (load(re, p1, lanes), load(im, p1, lanes)),
        (load(re, p2, lanes), load(im, p2, lanes)),
        (load(re, p3, lanes), load(im, p3, lanes)),
    )


@inner_kernel
def matrix_pair(
    re: Floats, im: Floats, low: int, high: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix to two row qubits; ``table``: 4 x 4 x (re, im), a vector each.

    There must be at least eight rows.
    """
    count = len(lanes)
    step = 8 << count
    occupied = low | high
    row = 0
    while row < re.size >> count:
        other = ((row | occupied) + 1) & ~occupied
        first = _load_four(re, im, row, low, high, lanes)
        second = _load_four(re, im, other, low, high, lanes)
        for k in range(4):
            place = low * (k & 1) | high * (k >> 1)
            ur, ui, vr, vi = _combine(table, k * step, first, second, lanes)
            p, q = (row | place) << count, (other | place) << count
            store(re, p, ur)
            store(im, p, ui)
            store(re, q, vr)
            store(im, q, vi)
        row = ((other | occupied) + 1) & ~occupied


@inner_kernel
def matrix_pair_reduced(
    re: Floats, im: Floats, low: int, high: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix whose first column has real ends and zeros between them.

    See `matrix_pair`.
    """
    count = len(lanes)
    step = 8 << count
    occupied = low | high
    row = 0
    while row < re.size >> count:
        other = ((row | occupied) + 1) & ~occupied
        first = _load_four(re, im, row, low, high, lanes)
        second = _load_four(re, im, other, low, high, lanes)
        for k in range(4):
            place = low * (k & 1) | high * (k >> 1)
            end = 1 if k == 0 or k == 3 else 0
            ur, ui, vr, vi = _combine_rest(table, k * step, first, second, end, lanes)
            p, q = (row | place) << count, (other | place) << count
            store(re, p, ur)
            store(im, p, ui)
            store(re, q, vr)
            store(im, q, vi)
        row = ((other | occupied) + 1) & ~occupied


@inner_kernel
def _load_mirrored(
    re: Floats, im: Floats, row: int, row_bit: int, place: Lanes, lanes: Lanes
) -> tuple[Complexes, Complexes, Complexes, Complexes]:
    count = len(lanes)
    p, q = row << count, (row | row_bit) << count
    a = load(re, p, lanes), load(im, p, lanes)
    c = load(re, q, lanes), load(im, q, lanes)
    b = mirror(a[0], place), mirror(a[1], place)
    return a, b, c, (mirror(c[0], place), mirror(c[1], place))


@inner_kernel
def _matrix_row_lane(
    re: Floats, im: Floats, row_bit: int, place: Lanes, table: Floats, lanes: Lanes
) -> None:
    count = len(lanes)
    step = 8 << count
    row = 0
    while row < re.size >> count:
        other = ((row | row_bit) + 1) & ~row_bit
        first = _load_mirrored(re, im, row, row_bit, place, lanes)
        second = _load_mirrored(re, im, other, row_bit, place, lanes)
        for k in range(2):
            ur, ui, vr, vi = _combine(table, k * step, first, second, lanes)
            p, q = (row | row_bit * k) << count, (other | row_bit * k) << count
            store(re, p, ur)
            store(im, p, ui)
            store(re, q, vr)
            store(im, q, vi)
        row = ((other | row_bit) + 1) & ~row_bit


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
def _load_flipped(
    re: Floats, im: Floats, at: int, one: Lanes, other: Lanes, lanes: Lanes
) -> tuple[Complexes, Complexes, Complexes, Complexes]:
    a = load(re, at, lanes), load(im, at, lanes)
    b = mirror(a[0], one), mirror(a[1], one)
    c = mirror(a[0], other), mirror(a[1], other)
    return a, b, c, (mirror(b[0], other), mirror(b[1], other))


@inner_kernel
def _matrix_lanes(
    re: Floats, im: Floats, one: Lanes, other: Lanes, table: Floats, lanes: Lanes
) -> None:
    count = len(lanes)
    for row in range(0, re.size >> count, 2):
        p, q = row << count, (row + 1) << count
        first = _load_flipped(re, im, p, one, other, lanes)
        second = _load_flipped(re, im, q, one, other, lanes)
        ur, ui, vr, vi = _combine(table, 0, first, second, lanes)
        store(re, p, ur)
        store(im, p, ui)
        store(re, q, vr)
        store(im, q, vi)


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
