"""Passes of iterative retrieval: a pulse times a gate that moves along it.

Spectra are in FFT order.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.laser._kernels.fft import transform_into

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@inner_kernel
def _projected(
    tables: Floats, size: Floats, fields: Floats, at: int, room: Floats
) -> float:
    """Leave the signal with the measured size in ``room[0:2]``, its old in ``[2:4]``.

    Returns the summed square of what measured and computed intensities differ by.
    """
    n = size.size
    sr, si, tr, ti = room[0, :n], room[1, :n], room[2, :n], room[3, :n]
    work = room[4, : 2 * n]
    for t in range(n):
        pr, pi = fields[0, t], fields[1, t]
        gr, gi = fields[2, at + t], fields[3, at + t]
        tr[t] = pr * gr - pi * gi
        ti[t] = pr * gi + pi * gr
        sr[t], si[t] = tr[t], ti[t]
    transform_into(tables, si, sr, work)
    error = 0.0
    for k in range(n):
        square = sr[k] * sr[k] + si[k] * si[k]
        away = square - size[k] * size[k]
        error += away * away
        factor = size[k] / np.sqrt(square + 1e-300) / n
        sr[k] *= factor
        si[k] *= factor
    transform_into(tables, sr, si, work)
    return error


@kernel
def least_squares_pass_into(
    tables: Floats,
    sizes: Floats,
    stride: int,
    fields: Floats,
    sums: Floats,
    room: Floats,
) -> float:
    """Replace pulse and gate by those that fit all projected signals best.

    ``sizes`` ``(n_delays, n)`` are square roots of intensities. ``fields``
    ``(4, length)`` are real and imaginary part of the pulse (first ``n``) and of the
    gate, which the pulse meets ``stride`` points later at each delay; ``length = n +
    stride (n_delays - 1)``. The gate is brought to modulus one. ``sums``
    is scratch of ``(6, length)`` and ``room`` of ``(5, 2 n)``. Returns the summed
    squared difference of intensities before the pass.
    """
    n, length = sizes.shape[1], fields.shape[1]
    sums[:] = 0.0
    error = 0.0
    for d in range(sizes.shape[0]):
        at = d * stride
        error += _projected(tables, sizes[d], fields, at, room)
        for t in range(n):
            sr, si = room[0, t], room[1, t]
            pr, pi = fields[0, t], fields[1, t]
            gr, gi = fields[2, at + t], fields[3, at + t]
            sums[0, t] += sr * gr + si * gi
            sums[1, t] += si * gr - sr * gi
            sums[2, t] += gr * gr + gi * gi
            sums[3, at + t] += sr * pr + si * pi
            sums[4, at + t] += si * pr - sr * pi
            sums[5, at + t] += pr * pr + pi * pi
    floor = 1e-9 * sums[5].max()
    for t in range(n):
        fields[0, t] = sums[0, t] / sums[2, t]
        fields[1, t] = sums[1, t] / sums[2, t]
    for t in range(length):
        modulus = np.sqrt(sums[3, t] ** 2 + sums[4, t] ** 2)
        if sums[5, t] > floor and modulus > 0.0:
            fields[2, t] = sums[3, t] / modulus
            fields[3, t] = sums[4, t] / modulus
    return error


@kernel
def ptychographic_pass_into(
    tables: Floats,
    sizes: Floats,
    stride: int,
    order: Integers,
    gain: float,
    fields: Floats,
    room: Floats,
) -> float:
    """Update pulse and gate at one delay after the other, in ``order``.

    ``gain`` is the share of each correction that is taken; ``order`` lists delays. The
    other arguments are those of `least_squares_pass_into`.
    """
    n = sizes.shape[1]
    error = 0.0
    for index in range(order.size):
        d = order[index]
        at = d * stride
        error += _projected(tables, sizes[d], fields, at, room)
        top, high = 1e-300, 1e-300
        for t in range(n):
            top = max(top, fields[0, t] ** 2 + fields[1, t] ** 2)
            high = max(high, fields[2, at + t] ** 2 + fields[3, at + t] ** 2)
        for t in range(n):
            dr, di = room[0, t] - room[2, t], room[1, t] - room[3, t]
            pr, pi = fields[0, t], fields[1, t]
            gr, gi = fields[2, at + t], fields[3, at + t]
            fields[0, t] = pr + gain / high * (dr * gr + di * gi)
            fields[1, t] = pi + gain / high * (di * gr - dr * gi)
            gr += gain / top * (dr * pr + di * pi)
            gi += gain / top * (di * pr - dr * pi)
            modulus = np.sqrt(gr * gr + gi * gi) + 1e-300
            fields[2, at + t], fields[3, at + t] = gr / modulus, gi / modulus
    return error
