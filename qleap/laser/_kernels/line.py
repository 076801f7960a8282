r"""One electron on a line: steps of fourth order in time and space.

A step multiplies with a phase (what the field does) and applies the diagonal Pade
approximant [2/2] of :math:`\exp(-i\,\delta t\,H)` (what the atom does) in partial
fractions: two resolvents of the same right-hand side, independent of each other. With
Numerov's second derivative and ``w = f phi``, ``f = 1 - dx^2 (V - s)/6``, a resolvent
is ``-w[i-1] + (12/f - 10) w[i] - w[i+1] = b[i]``: one stored number a point (the
inverse pivot) and no division.

The line is cut into eight pieces, one for each lane of a vector, which are swept side
by side. What a piece needs of its neighbour is swept once more over ``warm`` rows
before it: a resolvent far off the real axis forgets exponentially fast. Element
``(row, part, lane)`` of a wave function is the real or the imaginary part at the point
``lane * rows + row``.

References
----------
H. G. Muller, Laser Phys. 9, 138 (1999): Numerov's formula, factors computed once.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import add, fma, fnma, load, multiply, splat, store, total
from qleap.core.vmath import sincos

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

LANES = (0, 0, 0)
"""Eight numbers a vector on every machine; narrower ones take several registers."""

FRESH = 64
"""Rows after which phases are computed anew."""


@kernel
def steps_into(
    psi: Floats,
    inverse: Floats,
    weights: Floats,
    warm: int,
    line: Floats,
    bend: Floats,
    kicks: Floats,
    room: Floats,
) -> None:
    """Carry a wave function on, a step between every two of ``kicks``.

    Parameters
    ----------
    psi : ndarray, shape (16 * rows,)
        Replaced.
    inverse : ndarray, shape (32 * rows,)
        Inverse pivots of the first and the second resolvent, row by row.
    weights : ndarray, shape (6,)
        Real and imaginary parts of the weights of both resolvents and of the wave
        function itself.
    warm : int
        Rows after which a sweep has forgotten where it began, below ``rows``.
    line : ndarray, shape (2,)
        The first point and the distance of two.
    bend : ndarray, shape (8 * rows,)
        What is added to the points for kicks; a thousandth or less of a radian.
    kicks : ndarray, shape (steps + 1,)
        Momenta that are given before, between and after the steps.
    room : ndarray, shape (32 * rows + 16,)
        Working memory.
    """
    _turn(psi, line[0], line[1], bend, kicks[0], room)
    for n in range(1, kicks.size):
        _down(psi, inverse, warm, room)
        _up(psi, inverse, weights, warm, room)
        _turn(psi, line[0], line[1], bend, kicks[n], room)


@inner_kernel
def _turn(
    psi: Floats, start: float, step: float, bend: Floats, kick: float, room: Floats
) -> None:
    """Multiply with ``exp(i kick (x + bend))``.

    Phases of neighbours follow from each other, anew from sines every few rows so that
    rounding does not add up; that of ``bend``, which is small, comes from its series.
    """
    if kick == 0.0:
        return
    rows = psi.size // 16
    end = room.size - 16
    sine, cosine = sincos(kick * step)
    qr, qi = splat(cosine, LANES), splat(sine, LANES)
    one, kicks = splat(1.0, LANES), splat(kick, LANES)
    half, third = splat(0.5, LANES), splat(1.0 / 3.0, LANES)
    twelfth = splat(1.0 / 12.0, LANES)
    for first in range(0, rows, FRESH):
        for k in range(8):
            x = start + step * (k * rows + first)
            room[end + 8 + k], room[end + k] = sincos(kick * x)
        cr, ci = load(room, end, LANES), load(room, end + 8, LANES)
        for row in range(first, min(first + FRESH, rows)):
            angle = multiply(kicks, load(bend, 8 * row, LANES))
            # exp(i a) = 1 - a^2/2 (1 - a^2/12) + i a (1 - a^2/2/3)
            square = multiply(half, multiply(angle, angle))
            br = fnma(square, fnma(twelfth, add(square, square), one), one)
            bi = multiply(angle, fnma(third, square, one))
            fr, fi = _product(cr, ci, br, bi)
            at = 16 * row
            pr, pi = load(psi, at, LANES), load(psi, at + 8, LANES)
            pr, pi = _product(pr, pi, fr, fi)
            store(psi, at, pr)
            store(psi, at + 8, pi)
            cr, ci = _product(cr, ci, qr, qi)


@inner_kernel
def _from_left(vector: Any, room: Floats) -> Any:
    """Return what the lane before has; the first lane takes 0."""
    end = room.size - 16
    room[end + 7] = 0.0
    store(room, end + 8, vector)
    return load(room, end + 7, LANES)


@inner_kernel
def _from_right(vector: Any, room: Floats) -> Any:
    """Return what the lane behind has; the last lane takes 0."""
    end = room.size - 16
    room[end + 8] = 0.0
    store(room, end, vector)
    return load(room, end + 1, LANES)


@inner_kernel
def _product(ar: Any, ai: Any, br: Any, bi: Any) -> tuple[Any, Any]:
    """Return the product of two complex numbers."""
    return fnma(ai, bi, multiply(ar, br)), fma(ai, br, multiply(ar, bi))


@inner_kernel
def _down(psi: Floats, inverse: Floats, warm: int, room: Floats) -> None:
    """Write what forward elimination leaves of both right-hand sides into ``room``."""
    rows = psi.size // 16
    zero = splat(0.0, LANES)
    end = (load(psi, 0, LANES), load(psi, 8, LANES))
    beyond = (_from_right(end[0], room), _from_right(end[1], room))
    begin = (zero, zero, zero, zero)
    a = _sweep_down(psi, inverse, rows - warm, rows, begin, beyond, room)
    begin = (
        _from_left(a[0], room),
        _from_left(a[1], room),
        _from_left(a[2], room),
        _from_left(a[3], room),
    )
    _sweep_down(psi, inverse, 0, rows, begin, beyond, room)


@inner_kernel
def _sweep_down(
    psi: Floats,
    inverse: Floats,
    first: int,
    last: int,
    begin: Any,
    beyond: Any,
    room: Floats,
) -> Any:
    """Eliminate over some rows, from ``begin`` above the first of them."""
    rows = psi.size // 16
    ten = splat(10.0, LANES)
    y1r, y1i, y2r, y2i = begin
    before = 16 * ((first - 1) if first > 0 else rows - 1)
    pr, pi = load(psi, before, LANES), load(psi, before + 8, LANES)
    if first == 0:
        pr, pi = _from_left(pr, room), _from_left(pi, room)
    hr, hi = load(psi, 16 * first, LANES), load(psi, 16 * first + 8, LANES)
    for row in range(first, last):
        if row + 1 < rows:
            at = 16 * (row + 1)
            nr, ni = load(psi, at, LANES), load(psi, at + 8, LANES)
        else:
            nr, ni = beyond
        br = fma(ten, hr, add(pr, nr))
        bi = fma(ten, hi, add(pi, ni))
        at = 32 * row
        r1r, r1i = load(inverse, at, LANES), load(inverse, at + 8, LANES)
        r2r, r2i = load(inverse, at + 16, LANES), load(inverse, at + 24, LANES)
        c1r, c1i = _product(r1r, r1i, br, bi)
        c2r, c2i = _product(r2r, r2i, br, bi)
        u1r = fma(r1r, y1r, fnma(r1i, y1i, c1r))
        u1i = fma(r1r, y1i, fma(r1i, y1r, c1i))
        u2r = fma(r2r, y2r, fnma(r2i, y2i, c2r))
        u2i = fma(r2r, y2i, fma(r2i, y2r, c2i))
        y1r, y1i, y2r, y2i = u1r, u1i, u2r, u2i
        store(room, at, y1r)
        store(room, at + 8, y1i)
        store(room, at + 16, y2r)
        store(room, at + 24, y2i)
        pr, pi, hr, hi = hr, hi, nr, ni
    return y1r, y1i, y2r, y2i


@inner_kernel
def _up(psi: Floats, inverse: Floats, weights: Floats, warm: int, room: Floats) -> None:
    """Substitute back, and add Numerov's mean of the weighted sum to ``psi``."""
    rows = psi.size // 16
    zero = splat(0.0, LANES)
    ten = splat(10.0, LANES)
    w = (zero, zero, zero, zero)
    for row in range(warm - 1, -1, -1):
        w = _substitute(inverse, room, row, w)
    tr, ti = _weighted(psi, weights, 0, w)
    w1r, w1i = _from_right(w[0], room), _from_right(w[1], room)
    w2r, w2i = _from_right(w[2], room), _from_right(w[3], room)
    nr, ni = _from_right(tr, room), _from_right(ti, room)  # the row beyond the last
    w = _substitute(inverse, room, rows - 1, (w1r, w1i, w2r, w2i))
    hr, hi = _weighted(psi, weights, rows - 1, w)
    lr, li = _from_left(hr, room), _from_left(hi, room)  # the row before the first
    for row in range(rows - 2, -2, -1):
        if row >= 0:
            w = _substitute(inverse, room, row, w)
            pr, pi = _weighted(psi, weights, row, w)
        else:
            pr, pi = lr, li
        at = 16 * (row + 1)
        store(psi, at, add(load(psi, at, LANES), fma(ten, hr, add(pr, nr))))
        at += 8
        store(psi, at, add(load(psi, at, LANES), fma(ten, hi, add(pi, ni))))
        nr, ni, hr, hi = hr, hi, pr, pi


@inner_kernel
def _substitute(inverse: Floats, room: Floats, row: int, w: Any) -> Any:
    """Return both solutions in a row, from those in the row below."""
    w1r, w1i, w2r, w2i = w
    at = 32 * row
    r1r, r1i = load(inverse, at, LANES), load(inverse, at + 8, LANES)
    r2r, r2i = load(inverse, at + 16, LANES), load(inverse, at + 24, LANES)
    y1r, y1i = load(room, at, LANES), load(room, at + 8, LANES)
    y2r, y2i = load(room, at + 16, LANES), load(room, at + 24, LANES)
    return (
        fma(r1r, w1r, fnma(r1i, w1i, y1r)),
        fma(r1r, w1i, fma(r1i, w1r, y1i)),
        fma(r2r, w2r, fnma(r2i, w2i, y2r)),
        fma(r2r, w2i, fma(r2i, w2r, y2i)),
    )


@inner_kernel
def _weighted(psi: Floats, weights: Floats, row: int, w: Any) -> Any:
    """Return the weighted sum of both solutions and the wave function in a row."""
    at = 16 * row
    pr, pi = load(psi, at, LANES), load(psi, at + 8, LANES)
    a, b = splat(weights[0], LANES), splat(weights[1], LANES)
    c, d = splat(weights[2], LANES), splat(weights[3], LANES)
    e, f = splat(weights[4], LANES), splat(weights[5], LANES)
    re = fma(a, w[0], fnma(b, w[1], fma(c, w[2], fnma(d, w[3], multiply(e, pr)))))
    im = fma(a, w[1], fma(b, w[0], fma(c, w[3], fma(d, w[2], multiply(e, pi)))))
    return fnma(f, pi, re), fma(f, pr, im)


@kernel
def observe_into(psi: Floats, weights: Floats, state: Floats, out: Floats) -> None:
    """Write what is measured of a wave function.

    Parameters
    ----------
    psi : ndarray, shape (16 * rows,)
    weights : ndarray, shape (8 * rows * 3,)
        Three real weights of the density, row by row.
    state : ndarray, shape (8 * rows,)
        A real wave function.
    out : ndarray, shape (6,)
        Sums of the density, of it times each of the weights, and real and imaginary
        part of the product with ``state``.
    """
    zero = splat(0.0, LANES)
    norm, first, second, third, re, im = zero, zero, zero, zero, zero, zero
    for row in range(psi.size // 16):
        a, b = load(psi, 16 * row, LANES), load(psi, 16 * row + 8, LANES)
        density = fma(a, a, multiply(b, b))
        norm = add(norm, density)
        at = 24 * row
        first = fma(density, load(weights, at, LANES), first)
        second = fma(density, load(weights, at + 8, LANES), second)
        third = fma(density, load(weights, at + 16, LANES), third)
        bound = load(state, 8 * row, LANES)
        re, im = fma(bound, a, re), fma(bound, b, im)
    out[0], out[1], out[2] = total(norm), total(first), total(second)
    out[3], out[4], out[5] = total(third), total(re), total(im)


@kernel
def inverse_pivots_into(ratios: Complex, out: Floats) -> None:
    """Write the inverse pivots of ``-1, 12/f - 10, -1``.

    Parameters
    ----------
    ratios : ndarray, shape (2, 8 * rows)
        ``f`` at every point, of both resolvents.
    out : ndarray, shape (32 * rows,)
        As `steps_into` takes them.
    """
    rows = out.size // 32
    for k in range(2):
        before = 0.0j
        for i in range(8 * rows):
            before = 1.0 / (12.0 / ratios[k, i] - 10.0 - before)
            at = 32 * (i % rows) + 16 * k + i // rows
            out[at], out[at + 8] = before.real, before.imag
