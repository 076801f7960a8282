"""Turns of one qubit that are measured and undone in one go, and sums over two states.

``x`` are parts of psi, ``y`` of lambda, in blocks as `qleap.processing._kernels.sheet`
describes them.
A real turn treats real and imaginary parts as states of their own and measures
``Im <lambda|Y|psi>``; a complex one measures X, Y and Z.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import (
    Vector,
    add,
    fma,
    fnma,
    load,
    mirror_both,
    multiply,
    splat,
    store,
    subtract,
    total,
)
from qleap.processing._kernels.products import _add_product, _product

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]
Complexes = tuple[Vector, Vector]


@inner_kernel
def turn_pair(
    x: Floats,
    y: Floats,
    low: int,
    high: int,
    order: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float]:
    """Turn two row qubits by real matrices; return the sums of low and of high.

    The rows where (high, low) read k are loaded from where they read the bits ``2 k``
    and ``2 k + 1`` of ``order``. ``table``: four entries of low, then of high.
    """
    count = len(lanes)
    pair = low | high
    occupied = pair | fixed
    a, b = splat(table[0], lanes), splat(table[1], lanes)
    c, d = splat(table[2], lanes), splat(table[3], lanes)
    e, f = splat(table[4], lanes), splat(table[5], lanes)
    g, h = splat(table[6], lanes), splat(table[7], lanes)
    zero = subtract(a, a)
    s0, s1, t0, t1 = zero, zero, zero, zero
    a0 = low * (order & 1) | high * (order >> 1 & 1)
    a1 = low * (order >> 2 & 1) | high * (order >> 3 & 1)
    a2 = low * (order >> 4 & 1) | high * (order >> 5 & 1)
    a3 = low * (order >> 6 & 1) | high * (order >> 7 & 1)
    row = value
    while row < x.size >> count:
        p0, p1 = (row | a0) << count, (row | a1) << count
        p2, p3 = (row | a2) << count, (row | a3) << count
        x0, x1 = load(x, p0, lanes), load(x, p1, lanes)
        x2, x3 = load(x, p2, lanes), load(x, p3, lanes)
        y0, y1 = load(y, p0, lanes), load(y, p1, lanes)
        y2, y3 = load(y, p2, lanes), load(y, p3, lanes)
        s0, s1 = fma(y1, x0, s0), fma(y3, x2, s1)
        s0, s1 = fnma(y0, x1, s0), fnma(y2, x3, s1)
        x0, x1 = fma(b, x1, multiply(a, x0)), fma(c, x0, multiply(d, x1))
        x2, x3 = fma(b, x3, multiply(a, x2)), fma(c, x2, multiply(d, x3))
        y0, y1 = fma(b, y1, multiply(a, y0)), fma(c, y0, multiply(d, y1))
        y2, y3 = fma(b, y3, multiply(a, y2)), fma(c, y2, multiply(d, y3))
        t0, t1 = fma(y2, x0, t0), fma(y3, x1, t1)
        t0, t1 = fnma(y0, x2, t0), fnma(y1, x3, t1)
        p0, p1 = row << count, (row | low) << count
        p2, p3 = (row | high) << count, (row | pair) << count
        store(x, p0, fma(f, x2, multiply(e, x0)))
        store(x, p1, fma(f, x3, multiply(e, x1)))
        store(x, p2, fma(g, x0, multiply(h, x2)))
        store(x, p3, fma(g, x1, multiply(h, x3)))
        store(y, p0, fma(f, y2, multiply(e, y0)))
        store(y, p1, fma(f, y3, multiply(e, y1)))
        store(y, p2, fma(g, y0, multiply(h, y2)))
        store(y, p3, fma(g, y1, multiply(h, y3)))
        row = (((row | occupied) + 1) & ~occupied) | value
    return total(add(s0, s1)), total(add(t0, t1))


@inner_kernel
def turn_rows(
    x: Floats,
    y: Floats,
    target: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> float:
    """Turn a row qubit by a real matrix.

    ``table``: its four entries and the sign of the sum, a vector each.
    """
    count = len(lanes)
    size = 1 << count
    occupied = target | fixed
    a, b = load(table, 0, lanes), load(table, size, lanes)
    c, d = load(table, 2 * size, lanes), load(table, 3 * size, lanes)
    s = subtract(a, a)
    row = value
    while row < x.size >> count:
        p, q = row << count, (row | target) << count
        x0, x1 = load(x, p, lanes), load(x, q, lanes)
        y0, y1 = load(y, p, lanes), load(y, q, lanes)
        s = fnma(y0, x1, fma(y1, x0, s))
        store(x, p, fma(b, x1, multiply(a, x0)))
        store(x, q, fma(c, x0, multiply(d, x1)))
        store(y, p, fma(b, y1, multiply(a, y0)))
        store(y, q, fma(c, y0, multiply(d, y1)))
        row = (((row | occupied) + 1) & ~occupied) | value
    found: float = total(multiply(s, load(table, 4 * size, lanes)))
    return found


@inner_kernel
def turn_lane(
    x: Floats,
    y: Floats,
    place: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> float:
    """Turn a lane qubit by a real matrix.

    ``table``: what multiplies the number itself and its mirror, and the sign of the
    sum, a vector each.
    """
    count = len(lanes)
    size = 1 << count
    a, b = load(table, 0, lanes), load(table, size, lanes)
    s = subtract(a, a)
    row = value
    while row < x.size >> count:
        p = row << count
        u, v = load(x, p, lanes), load(y, p, lanes)
        mu, mv = mirror_both(u, v, 1 << place)
        s = fma(v, mu, s)
        store(x, p, fma(b, mu, multiply(a, u)))
        store(y, p, fma(b, mv, multiply(a, v)))
        row = (((row | fixed) + 1) & ~fixed) | value
    found: float = total(multiply(s, load(table, 2 * size, lanes)))
    return found


@inner_kernel
def spin_rows(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float, float]:
    """Turn a row qubit by a complex matrix; return the sums for X, Y and Z.

    psi is the first half of the block, lambda the second. ``table``: four entries (re,
    im) and the sign of Y and Z, a vector each.
    """
    count = len(lanes)
    size = 1 << count
    half = re.size >> count + 1
    occupied = target | fixed
    ar, ai = load(table, 0, lanes), load(table, size, lanes)
    br, bi = load(table, 2 * size, lanes), load(table, 3 * size, lanes)
    cr, ci = load(table, 4 * size, lanes), load(table, 5 * size, lanes)
    dr, di = load(table, 6 * size, lanes), load(table, 7 * size, lanes)
    sx = sy = sz = subtract(ar, ar)
    row = value
    while row < half:
        p, q = row << count, (row | target) << count
        x0, u0 = load(re, p, lanes), load(im, p, lanes)
        x1, u1 = load(re, q, lanes), load(im, q, lanes)
        zr, zi = _product(ar, ai, x0, u0)
        zr, zi = _add_product(zr, zi, br, bi, x1, u1)
        store(re, p, zr)
        store(im, p, zi)
        zr, zi = _product(cr, ci, x0, u0)
        zr, zi = _add_product(zr, zi, dr, di, x1, u1)
        store(re, q, zr)
        store(im, q, zi)
        p, q = (row | half) << count, (row | half | target) << count
        y0, v0 = load(re, p, lanes), load(im, p, lanes)
        y1, v1 = load(re, q, lanes), load(im, q, lanes)
        sx = fnma(v0, x1, fma(y0, u1, sx))
        sy = fma(v1, u0, fma(y1, x0, sy))
        sz = fnma(v0, x0, fma(y0, u0, sz))
        sx = fnma(v1, x0, fma(y1, u0, sx))
        sy = fnma(v0, u1, fnma(y0, x1, sy))
        sz = fma(v1, x1, fnma(y1, u1, sz))
        zr, zi = _product(ar, ai, y0, v0)
        zr, zi = _add_product(zr, zi, br, bi, y1, v1)
        store(re, p, zr)
        store(im, p, zi)
        zr, zi = _product(cr, ci, y0, v0)
        zr, zi = _add_product(zr, zi, dr, di, y1, v1)
        store(re, q, zr)
        store(im, q, zi)
        row = (((row | occupied) + 1) & ~occupied) | value
    sign = load(table, 8 * size, lanes)
    return total(sx), total(multiply(sign, sy)), total(multiply(sign, sz))


@inner_kernel
def spin_lane(
    re: Floats,
    im: Floats,
    place: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float, float]:
    """Turn a lane qubit by a complex matrix; return the sums for X, Y and Z.

    ``table``: what multiplies the amplitude itself and its mirror (re, im), and the
    sign of Y, that of Z being the opposite; a vector each.
    """
    count = len(lanes)
    size = 1 << count
    half = re.size >> count + 1
    ar, ai = load(table, 0, lanes), load(table, size, lanes)
    br, bi = load(table, 2 * size, lanes), load(table, 3 * size, lanes)
    sx = sy = sz = subtract(ar, ar)
    row = value
    while row < half:
        p, q = row << count, (row | half) << count
        x, u = load(re, p, lanes), load(im, p, lanes)
        y, v = load(re, q, lanes), load(im, q, lanes)
        mx, mu = mirror_both(x, u, 1 << place)
        my, mv = mirror_both(y, v, 1 << place)
        sx = fnma(v, mx, fma(y, mu, sx))
        sy = fma(v, mu, fma(y, mx, sy))
        sz = fma(v, x, fnma(y, u, sz))
        zr, zi = _product(ar, ai, x, u)
        zr, zi = _add_product(zr, zi, br, bi, mx, mu)
        store(re, p, zr)
        store(im, p, zi)
        zr, zi = _product(ar, ai, y, v)
        zr, zi = _add_product(zr, zi, br, bi, my, mv)
        store(re, q, zr)
        store(im, q, zi)
        row = (((row | fixed) + 1) & ~fixed) | value
    sign = load(table, 4 * size, lanes)
    return total(sx), total(multiply(sign, sy)), total(multiply(sign, sz))


@inner_kernel
def cross_sum(
    re: Floats,
    im: Floats,
    flipped: int,
    flipped_lanes: int,
    fixed: int,
    value: int,
    packed: bool,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float]:
    """Return the sum of ``conj(lambda) psi``, psi with some bits flipped.

    It extends over the rows whose ``fixed`` bits read ``value`` and the lanes of which
    ``table`` holds a one. Where both states are real (``packed``) psi is the real part
    and lambda the imaginary part; else they are the halves of the block.
    """
    count = len(lanes)
    half = 0 if packed else re.size >> count + 1
    end = re.size >> count if packed else half
    chosen = load(table, 0, lanes)
    sr = si = subtract(chosen, chosen)
    row = value
    while row < end:
        p, q = (row ^ flipped) << count, (row | half) << count
        x, u = mirror_both(load(re, p, lanes), load(im, p, lanes), flipped_lanes)
        y, v = load(re, q, lanes), load(im, q, lanes)
        if packed:
            sr = fma(v, x, sr)
        else:
            sr = fma(v, u, fma(y, x, sr))
            si = fnma(v, x, fma(y, u, si))
        row = (((row | fixed) + 1) & ~fixed) | value
    return total(multiply(chosen, sr)), total(multiply(chosen, si))
