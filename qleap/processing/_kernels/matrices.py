"""Matrices on a block of amplitudes in the cache, a vector register at a time.

See `qleap.processing._kernels.shears` for rows, lanes and conditions. Coefficients are
vectors of their own, one number a lane, so that a lane qubit may be target or control.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import (
    Vector,
    add,
    exchange,
    fma,
    fnma,
    load,
    mirror,
    multiply,
    splat,
    store,
)
from qleap.processing._kernels.products import _add_product, _product

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]
Complexes = tuple[Vector, Vector]
Four = tuple[Complexes, Complexes, Complexes, Complexes]


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
def _load_four(
    re: Floats, im: Floats, row: int, low: int, high: int, lanes: Lanes
) -> Four:
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
def _row_of_three(
    table: Floats, at: int, x: Complexes, y: Complexes, z: Complexes, lanes: Lanes
) -> Complexes:
    """Return a row of a 3 x 3 matrix times three complex vectors.

    A complex product takes three real ones: with ``p = a (x + y)`` it is
    ``p - (a + b) y + i (p + (b - a) x)``; ``table`` holds a, a + b, b - a.
    """
    p = multiply(splat(table[at], lanes), add(x[0], x[1]))
    p = fma(splat(table[at + 1], lanes), add(y[0], y[1]), p)
    p = fma(splat(table[at + 2], lanes), add(z[0], z[1]), p)
    re = fnma(splat(table[at + 3], lanes), x[1], p)
    re = fnma(splat(table[at + 4], lanes), y[1], re)
    re = fnma(splat(table[at + 5], lanes), z[1], re)
    im = fma(splat(table[at + 6], lanes), x[0], p)
    im = fma(splat(table[at + 7], lanes), y[0], im)
    return re, fma(splat(table[at + 8], lanes), z[0], im)


@inner_kernel
def _reduced(table: Floats, four: Four, lanes: Lanes) -> Four:
    """Return four amplitudes after a reduced matrix, see `matrix_pair_reduced`."""
    w, x, y, z = four
    u = _row_of_three(table, 0, x, y, z, lanes)
    v = _row_of_three(table, 9, x, y, z, lanes)
    z = _row_of_three(table, 18, x, y, z, lanes)
    t = splat(table[27], lanes)
    first = fnma(t, z[0], w[0]), fnma(t, z[1], w[1])
    return first, u, v, (fma(t, w[0], z[0]), fma(t, w[1], z[1]))


@inner_kernel
def _store_four(
    re: Floats, im: Floats, row: int, low: int, high: int, four: Four, lanes: Lanes
) -> None:
    count = len(lanes)
    for k in range(4):
        p = (row | low * (k & 1) | high * (k >> 1)) << count
        store(re, p, four[k][0])
        store(im, p, four[k][1])


@inner_kernel
def matrix_pair_reduced(
    re: Floats, im: Floats, low: int, high: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix on the last three states of two row qubits, and a real shear.

    The shear is ``[[1, -t], [t, 1]]`` on the first and the last state. Each row of the
    3 x 3 matrix is nine numbers of ``table`` (see `_row_of_three`); t follows. There
    must be at least eight rows.
    """
    occupied = low | high
    row = 0
    while row < re.size >> len(lanes):
        other = ((row | occupied) + 1) & ~occupied
        # Two at a time: each coefficient is read once for both.
        first = _reduced(table, _load_four(re, im, row, low, high, lanes), lanes)
        second = _reduced(table, _load_four(re, im, other, low, high, lanes), lanes)
        _store_four(re, im, row, low, high, first, lanes)
        _store_four(re, im, other, low, high, second, lanes)
        row = ((other | occupied) + 1) & ~occupied


@inner_kernel
def _exchange_four(four: Four, place: Lanes) -> Four:
    """Exchange a lane qubit with the lower one of the row qubits of four amplitudes."""
    w, x, y, z = four
    wr, xr = exchange(w[0], x[0], place)
    wi, xi = exchange(w[1], x[1], place)
    yr, zr = exchange(y[0], z[0], place)
    yi, zi = exchange(y[1], z[1], place)
    return (wr, wi), (xr, xi), (yr, yi), (zr, zi)


@inner_kernel
def _matrix_row_lane_reduced(
    re: Floats, im: Floats, row_bit: int, place: Lanes, table: Floats, lanes: Lanes
) -> None:
    spare = 2 if row_bit == 1 else 1
    occupied = spare | row_bit
    row = 0
    while row < re.size >> len(lanes):
        four = _load_four(re, im, row, spare, row_bit, lanes)
        four = _reduced(table, _exchange_four(four, place), lanes)
        four = _exchange_four(four, place)
        _store_four(re, im, row, spare, row_bit, four, lanes)
        row = ((row | occupied) + 1) & ~occupied


@inner_kernel
def matrix_row_lane_reduced(
    re: Floats, im: Floats, row_bit: int, place: int, table: Floats, lanes: Lanes
) -> None:
    """Do the same as `matrix_pair_reduced` on a lane (low) and a row qubit (high).

    In the registers the lane qubit changes places with another row qubit meanwhile.
    """
    if place == 0:
        _matrix_row_lane_reduced(re, im, row_bit, (), table, lanes)
    elif place == 1:
        _matrix_row_lane_reduced(re, im, row_bit, (0,), table, lanes)
    elif place == 2:
        _matrix_row_lane_reduced(re, im, row_bit, (0, 0), table, lanes)
    else:
        _matrix_row_lane_reduced(re, im, row_bit, (0, 0, 0), table, lanes)


@inner_kernel
def _load_mirrored(
    re: Floats, im: Floats, row: int, row_bit: int, place: Lanes, lanes: Lanes
) -> Four:
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
) -> Four:
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
