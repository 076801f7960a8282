"""Fourier transforms of the rows of an array, complex or real, one or many at once.

Complex numbers come and go as pairs of numbers. The rows of a real array are
transformed as complex ones of half the length, with even samples as real and odd ones
as imaginary parts.

References
----------
W. H. Press et al., Numerical Recipes (3rd ed., 2007), 12.3.2: real from half complex.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel, parallel_kernel, prange
from qleap.core.simd import (
    add,
    fma,
    fnma,
    load,
    mirror,
    multiply,
    store,
    subtract,
)
from qleap.laser._kernels.fft import LANES, join_into, split_into, transform_into

Floats = NDArray[np.float64]


@inner_kernel
def _row(
    tables: Floats, backward: bool, scale: float, x: Floats, y: Floats, room: Floats
) -> None:
    n = x.size // 2
    re, im, work = room[:n], room[n : 2 * n], room[2 * n : 4 * n]
    split_into(x, re, im)
    if backward:
        transform_into(tables, im, re, work)
    else:
        transform_into(tables, re, im, work)
    join_into(scale, re, im, y)


@kernel
def rows_into(
    tables: Floats, backward: bool, scale: float, x: Floats, y: Floats, room: Floats
) -> None:
    """Write ``scale`` times the Fourier sums of the rows of ``x`` into ``y``.

    Rows are ``n`` complex numbers each, as pairs of numbers: ``(rows, 2 n)``. The sums
    go with ``exp(-2 pi i jk/n)``, ``backward`` with the other sign. ``room`` is
    scratch of ``(1, 4 n)``.
    """
    for row in range(x.shape[0]):
        _row(tables, backward, scale, x[row], y[row], room[0])


@parallel_kernel
def shared_rows_into(
    tables: Floats, backward: bool, scale: float, x: Floats, y: Floats, room: Floats
) -> None:
    """Do the same with as many threads as ``room`` has rows, to the same bits."""
    rows, parts = x.shape[0], room.shape[0]
    for part in prange(parts):
        for row in range(rows * part // parts, rows * (part + 1) // parts):
            _row(tables, backward, scale, x[row], y[row], room[part])


@inner_kernel
def _reversed(v: Any) -> Any:
    return mirror(mirror(mirror(v, ()), (0,)), (0, 0))


@inner_kernel
def _half_turns(roots: Floats, sign: float, zr: Floats, zi: Floats) -> None:
    """Go between twice the amplitudes of a real row and those of its half complex one.

    ``zr`` and ``zi`` hold the first at the index n/2, too. ``sign`` is 1 on the way to
    time and -1 on the way to frequency.
    """
    half, middle = zr.size - 8, (zr.size - 8) // 2
    ar, ai = 2.0 * zr[middle], 2.0 * zi[middle]
    for k in range(0, middle, 8):
        j = half - 7 - k
        pr, pi = load(zr, k, LANES), load(zi, k, LANES)
        mr, mi = _reversed(load(zr, j, LANES)), _reversed(load(zi, j, LANES))
        sr, si, dr, di = add(pr, mr), subtract(pi, mi), subtract(pr, mr), add(pi, mi)
        c, s = load(roots[0], k, LANES), load(roots[1], k, LANES)
        if sign > 0.0:
            tr, ti = fnma(c, di, multiply(s, dr)), fma(c, dr, multiply(s, di))
        else:
            tr, ti = fma(c, di, multiply(s, dr)), fnma(c, dr, multiply(s, di))
        store(zr, k, add(sr, tr))
        store(zi, k, add(si, ti))
        store(zr, j, _reversed(subtract(sr, tr)))
        store(zi, j, _reversed(subtract(ti, si)))
    zr[middle], zi[middle] = ar, ai


@inner_kernel
def _inverse(
    tables: Floats, roots: Floats, x: Floats, zr: Floats, zi: Floats, work: Floats
) -> None:
    """Write twice the even samples of a real row into ``zr``, odd ones into ``zi``.

    Both have eight places more than samples, which are used on the way.
    """
    half, kept = zr.size - 8, x.size // 2
    split_into(x, zr[:kept], zi[:kept])
    for k in range(kept, half + 8):
        zr[k], zi[k] = 0.0, 0.0
    zi[0] = 0.0
    _half_turns(roots, 1.0, zr, zi)
    transform_into(tables, zr[:half], zi[:half], work)


@inner_kernel
def _forward(
    tables: Floats, roots: Floats, zr: Floats, zi: Floats, work: Floats
) -> None:
    """Replace even and odd samples of a real row by ``n`` times its amplitudes."""
    half = zr.size - 8
    transform_into(tables, zi[:half], zr[:half], work)
    zr[half], zi[half] = zr[0], zi[0]
    _half_turns(roots, -1.0, zr, zi)


@inner_kernel
def _to_time(tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats) -> None:
    half = y.size // 2
    zr, zi = room[: half + 8], room[half + 8 : 2 * half + 16]
    _inverse(tables, roots, x, zr, zi, room[2 * half + 16 : 4 * half + 16])
    join_into(0.5, zr[:half], zi[:half], y)


@inner_kernel
def _to_frequency(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    half, kept = x.size // 2, y.size // 2
    zr, zi = room[: half + 8], room[half + 8 : 2 * half + 16]
    split_into(x, zr[:half], zi[:half])
    _forward(tables, roots, zr, zi, room[2 * half + 16 : 4 * half + 16])
    join_into(0.5 / half, zr[:kept], zi[:kept], y)


@kernel
def real_to_time_into(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    """Write ``Re sum_k a_k exp(-2 pi i jk/n)`` of the rows of ``x`` into ``y``.

    Of frequency zero half is taken. ``x`` are the lowest amplitudes, at most n/2, as
    pairs of numbers; ``y`` is ``(rows, n)`` with n of at least 64. ``tables`` are those
    for n/2 points, ``roots`` are cosines and sines of ``2 pi k/n``, ``(2, n/4)``;
    ``room`` is scratch of ``(1, 2 n + 16)``.
    """
    for row in range(x.shape[0]):
        _to_time(tables, roots, x[row], y[row], room[0])


@parallel_kernel
def shared_real_to_time_into(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    """Do the same with as many threads as ``room`` has rows, to the same bits."""
    rows, parts = x.shape[0], room.shape[0]
    for part in prange(parts):
        for row in range(rows * part // parts, rows * (part + 1) // parts):
            _to_time(tables, roots, x[row], y[row], room[part])


@kernel
def real_to_frequency_into(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    """Write ``2/n sum_j x_j exp(2 pi i jk/n)`` of the rows of ``x`` into ``y``.

    Shapes as for `real_to_time_into`, with ``x`` and ``y`` exchanged.
    """
    for row in range(x.shape[0]):
        _to_frequency(tables, roots, x[row], y[row], room[0])


@parallel_kernel
def shared_real_to_frequency_into(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    """Do the same with as many threads as ``room`` has rows, to the same bits."""
    rows, parts = x.shape[0], room.shape[0]
    for part in prange(parts):
        for row in range(rows * part // parts, rows * (part + 1) // parts):
            _to_frequency(tables, roots, x[row], y[row], room[part])
