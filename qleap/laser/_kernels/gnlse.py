"""The nonlinear part of the generalised nonlinear Schroedinger equation.

Real and imaginary parts lie in the two rows of an array ``(2, n)``, which the
compiler turns into vector instructions. Spectra are in FFT order and scaled so that
``A(t_j) = sum_k s_k exp(-i Omega_k t_j)``: the way to time needs no factor, the way
back a factor 1/n that the nonlinear coefficient carries. The Fourier transform is a
Stockham radix-4 one (no bit reversal), with a radix-2 pass where log2 n is odd.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@kernel
def transform_into(tables: Floats, sign: float, work: Floats, data: Floats) -> None:
    """Replace ``data`` by its unnormalised Fourier sum with ``exp(-sign 2 pi i)``.

    ``tables`` holds the twiddle factors of all passes, see `tables` in the twin.
    """
    n = data.shape[1]
    stride = 1
    length = n
    offset = 0
    in_data = True
    while length >= 4:
        quarter = length // 4
        twiddles = tables[offset : offset + 6 * quarter]
        if in_data:
            _pass4(data, work, twiddles, quarter, stride, sign)
        else:
            _pass4(work, data, twiddles, quarter, stride, sign)
        in_data = not in_data
        offset += 6 * quarter
        length = quarter
        stride *= 4
    if length == 2:
        if in_data:
            _pass2(data, work, stride)
        else:
            _pass2(work, data, stride)
        in_data = not in_data
    if not in_data:
        data[:] = work


@kernel
def _pass4(
    x: Floats, y: Floats, twiddles: Floats, quarter: int, stride: int, sign: float
) -> None:
    """One radix-4 pass: butterflies of elements a quarter apart, sorted on writing."""
    xr, xi, yr, yi = x[0], x[1], y[0], y[1]
    if stride == 1:
        c1, s1 = twiddles[:quarter], twiddles[quarter : 2 * quarter]
        c2, s2 = twiddles[2 * quarter : 3 * quarter], twiddles[3 * quarter :]
        c3, s3 = twiddles[4 * quarter : 5 * quarter], twiddles[5 * quarter :]
        for p in range(quarter):
            ar, ai, br, bi = xr[p], xi[p], xr[p + quarter], xi[p + quarter]
            cr, ci = xr[p + 2 * quarter], xi[p + 2 * quarter]
            dr, di = xr[p + 3 * quarter], xi[p + 3 * quarter]
            sr, si, tr, ti = ar + cr, ai + ci, ar - cr, ai - ci
            ur, ui, vr, vi = br + dr, bi + di, sign * (bi - di), sign * (dr - br)
            yr[4 * p] = sr + ur
            yi[4 * p] = si + ui
            er, ei, w = tr + vr, ti + vi, sign * s1[p]
            yr[4 * p + 1] = c1[p] * er - w * ei
            yi[4 * p + 1] = c1[p] * ei + w * er
            er, ei, w = sr - ur, si - ui, sign * s2[p]
            yr[4 * p + 2] = c2[p] * er - w * ei
            yi[4 * p + 2] = c2[p] * ei + w * er
            er, ei, w = tr - vr, ti - vi, sign * s3[p]
            yr[4 * p + 3] = c3[p] * er - w * ei
            yi[4 * p + 3] = c3[p] * ei + w * er
        return
    span = stride * quarter
    for p in range(quarter):
        k1, w1 = twiddles[p], sign * twiddles[quarter + p]
        k2, w2 = twiddles[2 * quarter + p], sign * twiddles[3 * quarter + p]
        k3, w3 = twiddles[4 * quarter + p], sign * twiddles[5 * quarter + p]
        i = stride * p
        o = 4 * i
        for q in range(stride):
            ar, ai = xr[i + q], xi[i + q]
            br, bi = xr[i + span + q], xi[i + span + q]
            cr, ci = xr[i + 2 * span + q], xi[i + 2 * span + q]
            dr, di = xr[i + 3 * span + q], xi[i + 3 * span + q]
            sr, si, tr, ti = ar + cr, ai + ci, ar - cr, ai - ci
            ur, ui, vr, vi = br + dr, bi + di, sign * (bi - di), sign * (dr - br)
            yr[o + q] = sr + ur
            yi[o + q] = si + ui
            er, ei = tr + vr, ti + vi
            yr[o + stride + q] = k1 * er - w1 * ei
            yi[o + stride + q] = k1 * ei + w1 * er
            er, ei = sr - ur, si - ui
            yr[o + 2 * stride + q] = k2 * er - w2 * ei
            yi[o + 2 * stride + q] = k2 * ei + w2 * er
            er, ei = tr - vr, ti - vi
            yr[o + 3 * stride + q] = k3 * er - w3 * ei
            yi[o + 3 * stride + q] = k3 * ei + w3 * er


@kernel
def _pass2(x: Floats, y: Floats, stride: int) -> None:
    """Finish where log2 n is odd: sums and differences of the two halves."""
    for part in range(2):
        a, b = x[part, :stride], x[part, stride:]
        low, high = y[part, :stride], y[part, stride:]
        for q in range(stride):
            low[q] = a[q] + b[q]
            high[q] = a[q] - b[q]


@kernel
def respond_into(
    response: Floats, tables: Floats, work: Floats, packed: Floats
) -> None:
    """Convolve a real signal with the medium's response, on the periodic grid.

    ``packed`` ``(2, n/2)`` holds the even samples in row 0 and the odd ones in
    row 1, on entry the intensity and on return its convolution. ``response``
    ``(2, n/2 + 1)`` is the response at frequencies from zero, divided by n/2.
    ``tables`` are those of length n/2 followed by cos and sin of ``2 pi k/n``.
    """
    half = packed.shape[1]
    wave = tables[tables.size - 2 * (half // 2 + 1) :]
    cosines, sines = wave[: half // 2 + 1], wave[half // 2 + 1 :]
    zr, zi = packed[0], packed[1]
    hr, hi = response[0], response[1]
    transform_into(tables, -1.0, work, packed)
    for k in range(half // 2 + 1):
        # Spectra of even and odd samples, then of the signal at k and half - k.
        j = (half - k) % half
        er, ei = 0.5 * (zr[k] + zr[j]), 0.5 * (zi[k] - zi[j])
        dr, di = 0.5 * (zi[k] + zi[j]), 0.5 * (zr[j] - zr[k])
        wr, wi = cosines[k], sines[k]
        tr, ti = wr * dr - wi * di, wr * di + wi * dr
        pr, pi, mr, mi = er + tr, ei + ti, er - tr, ti - ei
        # The response acts on both (the second one as the conjugate's partner).
        ar, ai = hr[k] * pr - hi[k] * pi, hr[k] * pi + hi[k] * pr
        br = hr[half - k] * mr - hi[half - k] * mi
        bi = hr[half - k] * mi + hi[half - k] * mr
        er, ei = 0.5 * (ar + br), 0.5 * (ai - bi)
        tr, ti = 0.5 * (ar - br), 0.5 * (ai + bi)
        dr, di = wr * tr + wi * ti, wr * ti - wi * tr
        zr[k], zi[k] = er - di, ei + dr
        zr[j], zi[j] = er + di, dr - ei
    transform_into(tables, 1.0, work, packed)


@kernel
def nonlinear_into(
    amplitudes: Complex,
    coefficient: Floats,
    response: Floats,
    tables: Floats,
    work: Floats,
    packed: Floats,
    field: Floats,
    out: Complex,
) -> None:
    """Write ``i gamma (1 + Omega/omega0) F[A (R * |A|^2)]`` into ``out``.

    ``coefficient`` ``(n,)`` carries gamma, the shock term and 1/n. ``response``
    ``(2, n/2 + 1)`` as in `respond_into`; of no column where it is instantaneous.
    ``work``, ``field`` and ``packed`` are scratch of the shapes ``(2, n)``,
    ``(2, n)`` and ``(2, n/2)``.
    """
    n = out.size
    size = tables[0]
    whole = tables[1 : 1 + int(size)]
    re, im = field[0], field[1]
    for k in range(n):
        re[k] = amplitudes[k].real
        im[k] = amplitudes[k].imag
    transform_into(whole, 1.0, work, field)
    if response.shape[1] == 0:
        for j in range(n):
            power = re[j] * re[j] + im[j] * im[j]
            re[j] *= power
            im[j] *= power
    else:
        even, odd = packed[0], packed[1]
        for j in range(n // 2):
            even[j] = re[2 * j] * re[2 * j] + im[2 * j] * im[2 * j]
            odd[j] = re[2 * j + 1] * re[2 * j + 1] + im[2 * j + 1] * im[2 * j + 1]
        respond_into(response, tables[1 + int(size) :], work[:, : n // 2], packed)
        for j in range(n // 2):
            re[2 * j] *= even[j]
            im[2 * j] *= even[j]
            re[2 * j + 1] *= odd[j]
            im[2 * j + 1] *= odd[j]
    transform_into(whole, -1.0, work, field)
    for k in range(n):
        out[k] = coefficient[k] * complex(-im[k], re[k])
