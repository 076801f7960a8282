"""Fast Fourier transforms of powers of two, eight numbers at a time.

Stockham's algorithm with passes of radix 8 and 4: it needs no bit reversal, and
every pass but the first reads and writes runs of at least eight neighbours. The first
one works on eight butterflies at once and turns its 8 x 8 results over in registers.
Real and imaginary parts lie in arrays of their own. All transforms are sums with
``exp(-2 pi i jk/n)`` and no factor; exchange the parts of data and work for the sum
with the other sign.

References
----------
C. Van Loan, Computational Frameworks for the Fast Fourier Transform (1992), 1.7: the
autosort form.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import (
    add,
    exchange,
    fma,
    fnma,
    load,
    load_pairs,
    multiply,
    splat,
    store,
    store_pairs,
    subtract,
)

Floats = NDArray[np.float64]
Pair: TypeAlias = tuple[Any, Any]
Eight: TypeAlias = tuple[Any, Any, Any, Any, Any, Any, Any, Any]

LANES = (0, 0, 0)
"""Eight numbers a vector on every machine; narrower ones take several registers."""


@kernel
def transform_into(tables: Floats, re: Floats, im: Floats, work: Floats) -> None:
    """Replace ``re + i im`` by its sum with ``exp(-2 pi i jk/n)``.

    ``tables`` are the factors that `tables` in the twin lists. ``work`` is of the
    length ``2 n``.
    """
    n = re.size
    if n < 64:
        _direct(tables, re, im, work)
        return
    wr, wi = work[:n], work[n:]
    m = n // 8
    _first8(tables, re, im, wr, wi)
    offset, stride, moved = 14 * m, 8, True
    while m > 1:
        radix = 4 if m == 4 or m == 16 else 8  # 2 is never left over
        m //= radix
        here = tables[offset : offset + 2 * (radix - 1) * m]
        if moved:
            _pass(here, radix, stride, m, wr, wi, re, im)
        else:
            _pass(here, radix, stride, m, re, im, wr, wi)
        offset += 2 * (radix - 1) * m
        stride *= radix
        moved = not moved
    if moved:
        for k in range(n):
            re[k], im[k] = wr[k], wi[k]


@kernel
def split_into(pairs: Floats, re: Floats, im: Floats) -> None:
    """Write the even numbers of ``pairs`` into ``re`` and the odd ones into ``im``."""
    n = pairs.size // 2
    whole = n - n % 8
    for k in range(0, whole, 8):
        a, b = load_pairs(pairs, 2 * k, LANES)
        store(re, k, a)
        store(im, k, b)
    for k in range(whole, n):
        re[k], im[k] = pairs[2 * k], pairs[2 * k + 1]


@kernel
def join_into(scale: float, re: Floats, im: Floats, pairs: Floats) -> None:
    """Write ``scale re`` into the even numbers of ``pairs``, ``scale im`` into odd."""
    n = re.size
    whole = n - n % 8
    factor = splat(scale, LANES)
    for k in range(0, whole, 8):
        a, b = load(re, k, LANES), load(im, k, LANES)
        store_pairs(pairs, 2 * k, multiply(factor, a), multiply(factor, b))
    for k in range(whole, n):
        pairs[2 * k], pairs[2 * k + 1] = scale * re[k], scale * im[k]


@inner_kernel
def _direct(tables: Floats, re: Floats, im: Floats, work: Floats) -> None:
    """Sum up term by term; ``tables`` are n cosines and n sines."""
    n = re.size
    for j in range(n):
        a, b = 0.0, 0.0
        for k in range(n):
            c, s = tables[(j * k) % n], tables[n + (j * k) % n]
            a += c * re[k] - s * im[k]
            b += c * im[k] + s * re[k]
        work[j], work[n + j] = a, b
    for j in range(n):
        re[j], im[j] = work[j], work[n + j]


@inner_kernel
def _pass(
    table: Floats,
    radix: int,
    stride: int,
    m: int,
    xr: Floats,
    xi: Floats,
    yr: Floats,
    yi: Floats,
) -> None:
    if radix == 8:
        _pass8(table, stride, m, xr, xi, yr, yi)
    else:
        _pass4(table, stride, m, xr, xi, yr, yi)


@inner_kernel
def _turned(c: Any, s: Any, pair: Pair) -> Pair:
    """Return ``(c + i s)`` times a complex number."""
    r, i = pair
    return fnma(s, i, multiply(c, r)), fma(s, r, multiply(c, i))


@inner_kernel
def _eight(x: Floats, at: int, step: int) -> Eight:
    """Return eight vectors ``step`` apart."""
    return (
        load(x, at, LANES),
        load(x, at + step, LANES),
        load(x, at + 2 * step, LANES),
        load(x, at + 3 * step, LANES),
        load(x, at + 4 * step, LANES),
        load(x, at + 5 * step, LANES),
        load(x, at + 6 * step, LANES),
        load(x, at + 7 * step, LANES),
    )


@inner_kernel
def _write_eight(y: Floats, at: int, step: int, v: Eight) -> None:
    store(y, at, v[0])
    store(y, at + step, v[1])
    store(y, at + 2 * step, v[2])
    store(y, at + 3 * step, v[3])
    store(y, at + 4 * step, v[4])
    store(y, at + 5 * step, v[5])
    store(y, at + 6 * step, v[6])
    store(y, at + 7 * step, v[7])


@inner_kernel
def _sums8(r: Eight, i: Eight) -> tuple[Pair, ...]:
    """Return the Fourier sums of eight complex numbers."""
    half = splat(np.sqrt(0.5), LANES)
    r0, r1, r2, r3, r4, r5, r6, r7 = r
    i0, i1, i2, i3, i4, i5, i6, i7 = i
    a0r, a0i, a1r, a1i = add(r0, r4), add(i0, i4), subtract(r0, r4), subtract(i0, i4)
    a2r, a2i, a3r, a3i = add(r2, r6), add(i2, i6), subtract(r2, r6), subtract(i2, i6)
    b0r, b0i, b1r, b1i = add(r1, r5), add(i1, i5), subtract(r1, r5), subtract(i1, i5)
    b2r, b2i, b3r, b3i = add(r3, r7), add(i3, i7), subtract(r3, r7), subtract(i3, i7)
    e0r, e0i = add(a0r, a2r), add(a0i, a2i)
    e2r, e2i = subtract(a0r, a2r), subtract(a0i, a2i)
    e1r, e1i = add(a1r, a3i), subtract(a1i, a3r)
    e3r, e3i = subtract(a1r, a3i), add(a1i, a3r)
    o0r, o0i = add(b0r, b2r), add(b0i, b2i)
    o2r, o2i = subtract(b0r, b2r), subtract(b0i, b2i)
    o1r, o1i = add(b1r, b3i), subtract(b1i, b3r)
    o3r, o3i = subtract(b1r, b3i), add(b1i, b3r)
    ur, ui = add(o1r, o1i), subtract(o1i, o1r)
    vr, vi = subtract(o3i, o3r), add(o3r, o3i)
    return (
        (add(e0r, o0r), add(e0i, o0i)),
        (fma(half, ur, e1r), fma(half, ui, e1i)),
        (add(e2r, o2i), subtract(e2i, o2r)),
        (fma(half, vr, e3r), fnma(half, vi, e3i)),
        (subtract(e0r, o0r), subtract(e0i, o0i)),
        (fnma(half, ur, e1r), fnma(half, ui, e1i)),
        (subtract(e2r, o2i), add(e2i, o2r)),
        (fnma(half, vr, e3r), fma(half, vi, e3i)),
    )


@inner_kernel
def _over(v: Eight) -> Eight:
    """Return eight vectors of eight with rows and columns exchanged."""
    v0, v1 = exchange(v[0], v[1], ())
    v2, v3 = exchange(v[2], v[3], ())
    v4, v5 = exchange(v[4], v[5], ())
    v6, v7 = exchange(v[6], v[7], ())
    v0, v2 = exchange(v0, v2, (0,))
    v1, v3 = exchange(v1, v3, (0,))
    v4, v6 = exchange(v4, v6, (0,))
    v5, v7 = exchange(v5, v7, (0,))
    v0, v4 = exchange(v0, v4, (0, 0))
    v1, v5 = exchange(v1, v5, (0, 0))
    v2, v6 = exchange(v2, v6, (0, 0))
    v3, v7 = exchange(v3, v7, (0, 0))
    return v0, v1, v2, v3, v4, v5, v6, v7


@inner_kernel
def _first8(table: Floats, xr: Floats, xi: Floats, yr: Floats, yi: Floats) -> None:
    """Do the pass of stride one: eight butterflies side by side."""
    m = xr.size // 8
    for p in range(0, m, 8):
        s0, s1, s2, s3, s4, s5, s6, s7 = _sums8(_eight(xr, p, m), _eight(xi, p, m))
        t = 14 * p
        r1, i1 = _turned(load(table, t, LANES), load(table, t + 8, LANES), s1)
        r2, i2 = _turned(load(table, t + 16, LANES), load(table, t + 24, LANES), s2)
        r3, i3 = _turned(load(table, t + 32, LANES), load(table, t + 40, LANES), s3)
        r4, i4 = _turned(load(table, t + 48, LANES), load(table, t + 56, LANES), s4)
        r5, i5 = _turned(load(table, t + 64, LANES), load(table, t + 72, LANES), s5)
        r6, i6 = _turned(load(table, t + 80, LANES), load(table, t + 88, LANES), s6)
        r7, i7 = _turned(load(table, t + 96, LANES), load(table, t + 104, LANES), s7)
        _write_eight(yr, 8 * p, 8, _over((s0[0], r1, r2, r3, r4, r5, r6, r7)))
        _write_eight(yi, 8 * p, 8, _over((s0[1], i1, i2, i3, i4, i5, i6, i7)))


@inner_kernel
def _pass8(
    table: Floats, stride: int, m: int, xr: Floats, xi: Floats, yr: Floats, yi: Floats
) -> None:
    step = stride * m
    for p in range(m):
        t = 14 * p
        c1, w1 = splat(table[t], LANES), splat(table[t + 1], LANES)
        c2, w2 = splat(table[t + 2], LANES), splat(table[t + 3], LANES)
        c3, w3 = splat(table[t + 4], LANES), splat(table[t + 5], LANES)
        c4, w4 = splat(table[t + 6], LANES), splat(table[t + 7], LANES)
        c5, w5 = splat(table[t + 8], LANES), splat(table[t + 9], LANES)
        c6, w6 = splat(table[t + 10], LANES), splat(table[t + 11], LANES)
        c7, w7 = splat(table[t + 12], LANES), splat(table[t + 13], LANES)
        for q in range(stride * p, stride * (p + 1), 8):
            sums = _sums8(_eight(xr, q, step), _eight(xi, q, step))
            s0, s1, s2, s3, s4, s5, s6, s7 = sums
            r1, i1 = _turned(c1, w1, s1)
            r2, i2 = _turned(c2, w2, s2)
            r3, i3 = _turned(c3, w3, s3)
            r4, i4 = _turned(c4, w4, s4)
            r5, i5 = _turned(c5, w5, s5)
            r6, i6 = _turned(c6, w6, s6)
            r7, i7 = _turned(c7, w7, s7)
            at = q + 7 * stride * p
            _write_eight(yr, at, stride, (s0[0], r1, r2, r3, r4, r5, r6, r7))
            _write_eight(yi, at, stride, (s0[1], i1, i2, i3, i4, i5, i6, i7))


@inner_kernel
def _pass4(
    table: Floats, stride: int, m: int, xr: Floats, xi: Floats, yr: Floats, yi: Floats
) -> None:
    step = stride * m
    for p in range(m):
        t = 6 * p
        c1, w1 = splat(table[t], LANES), splat(table[t + 1], LANES)
        c2, w2 = splat(table[t + 2], LANES), splat(table[t + 3], LANES)
        c3, w3 = splat(table[t + 4], LANES), splat(table[t + 5], LANES)
        for q in range(stride * p, stride * (p + 1), 8):
            ar, ai = load(xr, q, LANES), load(xi, q, LANES)
            br, bi = load(xr, q + step, LANES), load(xi, q + step, LANES)
            cr, ci = load(xr, q + 2 * step, LANES), load(xi, q + 2 * step, LANES)
            dr, di = load(xr, q + 3 * step, LANES), load(xi, q + 3 * step, LANES)
            er, ei, fr, fi = (
                add(ar, cr),
                add(ai, ci),
                subtract(ar, cr),
                subtract(ai, ci),
            )
            gr, gi, hr, hi = (
                add(br, dr),
                add(bi, di),
                subtract(br, dr),
                subtract(bi, di),
            )
            at = q + 3 * stride * p
            store(yr, at, add(er, gr))
            store(yi, at, add(ei, gi))
            r, i = _turned(c1, w1, (add(fr, hi), subtract(fi, hr)))
            store(yr, at + stride, r)
            store(yi, at + stride, i)
            r, i = _turned(c2, w2, (subtract(er, gr), subtract(ei, gi)))
            store(yr, at + 2 * stride, r)
            store(yi, at + 2 * stride, i)
            r, i = _turned(c3, w3, (subtract(fr, hi), add(fi, hr)))
            store(yr, at + 3 * stride, r)
            store(yi, at + 3 * stride, i)
