"""The nonlinear part of the generalised nonlinear Schroedinger equation.

Real and imaginary parts lie in the two rows of an array ``(2, n)``. Spectra are in
FFT order and scaled so that ``A(t_j) = sum_k s_k exp(-i Omega_k t_j)``: the way to time
needs no factor, the way back a factor 1/n that the nonlinear coefficient carries.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import (
    add,
    fma,
    fnma,
    load,
    load_pairs,
    mirror,
    multiply,
    splat,
    store,
    store_pairs,
    subtract,
)
from qleap.core.simd import total as sum_of
from qleap.laser._kernels.fft import LANES, split_into, transform_into

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@kernel
def respond_into(
    response: Floats, roots: Floats, tables: Floats, packed: Floats, work: Floats
) -> None:
    """Convolve a real signal with the medium's response, on the periodic grid.

    ``packed`` ``(2, n/2 + 8)`` holds the even samples in row 0 and the odd ones in
    row 1, on entry the intensity and on return its convolution; the last eight
    columns are scratch. ``response`` ``(2, n/2 + 1)`` is the response at frequencies
    from zero, divided by 2 n. ``roots`` ``(2, n/4)`` are cosines and sines of
    ``2 pi k/n``, ``tables`` those of `fft.transform_into` for n/2 points, ``work`` is
    of the length n; n is at least 64.
    """
    half = response.shape[1] - 1
    middle = half // 2
    zr, zi = packed[0], packed[1]
    transform_into(tables, zi[:half], zr[:half], work)
    zr[half], zi[half] = zr[0], zi[0]  # periodic: the mean is its own partner
    ar, ai = zr[middle], zi[middle]
    hr, hi = 4.0 * response[0, middle], 4.0 * response[1, middle]
    for k in range(0, middle, 8):
        _answer(response, roots, zr, zi, k, half - 7 - k)
    # A quarter of the sampling rate is its own partner, too.
    zr[middle], zi[middle] = hr * ar - hi * ai, hr * ai + hi * ar
    transform_into(tables, zr[:half], zi[:half], work)


@inner_kernel
def _reversed(v: Any) -> Any:
    return mirror(mirror(mirror(v, ()), (0,)), (0, 0))


@inner_kernel
def _answer(
    response: Floats, roots: Floats, zr: Floats, zi: Floats, k: int, j: int
) -> None:
    """Let the response act on eight frequencies from ``k`` and their mirror images."""
    ar, ai = load(zr, k, LANES), load(zi, k, LANES)
    br, bi = _reversed(load(zr, j, LANES)), _reversed(load(zi, j, LANES))
    # Twice the spectra of even and odd samples, then of the signal at k and half - k.
    er, ei, fr, fi = add(ar, br), subtract(ai, bi), add(ai, bi), subtract(br, ar)
    wr, wi = load(roots[0], k, LANES), load(roots[1], k, LANES)
    tr, ti = fnma(wi, fi, multiply(wr, fr)), fma(wi, fr, multiply(wr, fi))
    pr, pi, mr, mi = add(er, tr), add(ei, ti), subtract(er, tr), subtract(ti, ei)
    # The response acts on both (the second one as the conjugate's partner).
    cr, ci = load(response[0], k, LANES), load(response[1], k, LANES)
    dr = _reversed(load(response[0], j, LANES))
    di = _reversed(load(response[1], j, LANES))
    ar, ai = fnma(ci, pi, multiply(cr, pr)), fma(ci, pr, multiply(cr, pi))
    br, bi = fnma(di, mi, multiply(dr, mr)), fma(di, mr, multiply(dr, mi))
    er, ei, tr, ti = add(ar, br), subtract(ai, bi), subtract(ar, br), add(ai, bi)
    fr, fi = fma(wi, ti, multiply(wr, tr)), fnma(wi, tr, multiply(wr, ti))
    store(zr, k, subtract(er, fi))
    store(zi, k, add(ei, fr))
    store(zr, j, _reversed(add(er, fi)))
    store(zi, j, _reversed(subtract(fr, ei)))


@inner_kernel
def _power_into(re: Floats, im: Floats, even: Floats, odd: Floats, n: int) -> None:
    """Write the power of even and of odd samples."""
    for j in range(0, n, 16):
        ar, br = load_pairs(re, j, LANES)
        ai, bi = load_pairs(im, j, LANES)
        store(even, j // 2, fma(ai, ai, multiply(ar, ar)))
        store(odd, j // 2, fma(bi, bi, multiply(br, br)))


@inner_kernel
def _times_pairs(x: Floats, even: Floats, odd: Floats) -> None:
    """Multiply the even and the odd numbers of ``x``."""
    for j in range(0, x.size, 16):
        a, b = load_pairs(x, j, LANES)
        a = multiply(a, load(even, j // 2, LANES))
        b = multiply(b, load(odd, j // 2, LANES))
        store_pairs(x, j, a, b)


@inner_kernel
def _react(
    response: Floats,
    roots: Floats,
    tables: Floats,
    half_tables: Floats,
    work: Floats,
    packed: Floats,
    field: Floats,
) -> None:
    """Replace amplitudes by those of ``A (R * |A|^2)``, times n."""
    n = field.shape[1]
    re, im = field[0], field[1]
    transform_into(tables, re, im, work)
    if response.shape[1] == 0:
        for j in range(n):
            power = re[j] * re[j] + im[j] * im[j]
            re[j] *= power
            im[j] *= power
    else:
        even, odd = packed[0], packed[1]
        _power_into(re, im, even, odd, n)
        respond_into(response, roots, half_tables, packed, work)
        _times_pairs(re, even, odd)
        _times_pairs(im, even, odd)
    transform_into(tables, im, re, work)


@inner_kernel
def _pair(values: Floats, k: int) -> tuple[Any, Any]:
    """Return eight complex numbers from ``k`` on of an array of pairs."""
    even, odd = load_pairs(values, 2 * k, LANES)
    return even, odd


@inner_kernel
def _slope(coefficient: Floats, field: Floats, k: int) -> tuple[Any, Any]:
    """Return eight numbers of ``i coefficient field``."""
    c = load(coefficient, k, LANES)
    r, i = load(field[0], k, LANES), load(field[1], k, LANES)
    return multiply(subtract(splat(0.0, LANES), c), i), multiply(c, r)


@inner_kernel
def _keep(r: Any, i: Any, values: Floats, k: int) -> None:
    """Write eight complex numbers into the two rows of ``values``."""
    store(values[0], k, r)
    store(values[1], k, i)


@inner_kernel
def _kept(values: Floats, k: int) -> tuple[Any, Any]:
    return load(values[0], k, LANES), load(values[1], k, LANES)


@inner_kernel
def _times(a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[Any, Any]:
    (ar, ai), (br, bi) = a, b
    return fnma(ai, bi, multiply(ar, br)), fma(ai, br, multiply(ar, bi))


@inner_kernel
def _plus(a: tuple[Any, Any], size: float, b: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return ``a + size b``."""
    h = splat(size, LANES)
    return fma(h, b[0], a[0]), fma(h, b[1], a[1])


@kernel
def step_into(
    factor: Complex,
    state: Complex,
    first: Complex,
    step: float,
    weights: Floats,
    coefficient: Floats,
    response: Floats,
    roots: Floats,
    tables: Floats,
    half_tables: Floats,
    work: Floats,
    packed: Floats,
    field: Floats,
    sums: Floats,
    total: Complex,
    last: Complex,
) -> tuple[float, float]:
    """Do a whole step of ERK4(3)-IP, and return its two squared norms.

    ``factor`` carries half of the step, ``state`` is the light before it, ``first``
    its slope there; ``total`` becomes the light after it and ``last`` the slope of
    that. Returned are the norms, with ``weights``, of the difference of the last two
    slopes and of the light. ``sums`` ``(4, n)`` is scratch; the others are those of
    `nonlinear_into`.
    """
    n = state.size
    centre, sum_ = sums[:2], sums[2:]
    e, a, k1 = factor.view(np.float64), state.view(np.float64), first.view(np.float64)
    for k in range(0, n, 8):
        here = _times(_pair(e, k), _pair(a, k))
        rise = _times(_pair(e, k), _pair(k1, k))
        _keep(here[0], here[1], centre, k)
        now = _plus(here, step / 6.0, rise)
        _keep(now[0], now[1], sum_, k)
        now = _plus(here, step / 2.0, rise)
        _keep(now[0], now[1], field, k)
    _react(response, roots, tables, half_tables, work, packed, field)
    for k in range(0, n, 8):
        rise = _slope(coefficient, field, k)
        now = _plus(_kept(sum_, k), step / 3.0, rise)
        _keep(now[0], now[1], sum_, k)
        now = _plus(_kept(centre, k), step / 2.0, rise)
        _keep(now[0], now[1], field, k)
    _react(response, roots, tables, half_tables, work, packed, field)
    for k in range(0, n, 8):
        rise = _slope(coefficient, field, k)
        now = _times(_pair(e, k), _plus(_kept(sum_, k), step / 3.0, rise))
        _keep(now[0], now[1], sum_, k)
        now = _times(_pair(e, k), _plus(_kept(centre, k), step, rise))
        _keep(now[0], now[1], field, k)
    _react(response, roots, tables, half_tables, work, packed, field)
    new, end = total.view(np.float64), last.view(np.float64)
    for k in range(0, n, 8):
        rise = _slope(coefficient, field, k)
        _keep(rise[0], rise[1], centre, k)
        now = _plus(_kept(sum_, k), step / 6.0, rise)
        store_pairs(new, 2 * k, now[0], now[1])
        _keep(now[0], now[1], field, k)
    _react(response, roots, tables, half_tables, work, packed, field)
    apart, whole = splat(0.0, LANES), splat(0.0, LANES)
    for k in range(0, n, 8):
        w = load(weights, k, LANES)
        rise = _slope(coefficient, field, k)
        store_pairs(end, 2 * k, rise[0], rise[1])
        x, y = _plus(_kept(centre, k), -1.0, rise)
        apart = fma(w, fma(x, x, multiply(y, y)), apart)
        x, y = _pair(new, k)
        whole = fma(w, fma(x, x, multiply(y, y)), whole)
    return sum_of(apart), sum_of(whole)


@kernel
def nonlinear_into(
    amplitudes: Complex,
    coefficient: Floats,
    response: Floats,
    roots: Floats,
    tables: Floats,
    half_tables: Floats,
    work: Floats,
    packed: Floats,
    field: Floats,
    out: Complex,
) -> None:
    """Write ``i gamma (1 + Omega/omega0) F[A (R * |A|^2)]`` into ``out``.

    ``coefficient`` ``(n,)`` carries gamma, the shock term and 1/n. ``response``
    ``(2, n/2 + 1)`` as in `respond_into`; of no column where it is instantaneous.
    ``tables`` and ``half_tables`` are those of `fft.transform_into` for n and n/2
    points. ``work``, ``field`` and ``packed`` are scratch of the shapes ``(2 n,)``,
    ``(2, n)`` and ``(2, n/2 + 8)``; n is at least 64.
    """
    n = out.size
    split_into(amplitudes.view(np.float64), field[0], field[1])
    _react(response, roots, tables, half_tables, work, packed, field)
    flat = out.view(np.float64)
    for k in range(0, n, 8):
        r, i = _slope(coefficient, field, k)
        store_pairs(flat, 2 * k, r, i)
