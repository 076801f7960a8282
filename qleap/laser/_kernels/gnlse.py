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
    re, im = field[0], field[1]
    split_into(amplitudes.view(np.float64), re, im)
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
    flat, zero = out.view(np.float64), splat(0.0, LANES)
    for k in range(0, n, 8):
        c = load(coefficient, k, LANES)
        r, i = multiply(c, load(re, k, LANES)), multiply(c, load(im, k, LANES))
        store_pairs(flat, 2 * k, subtract(zero, i), r)
