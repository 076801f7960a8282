"""Coherence after any pulses beside small clusters, and what pairs add to singles.

Clusters are diagonalised one in each lane of a vector register; then each cluster is
walked through the times, which now fill the lanes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import fma, fnma, load, splat, store
from qleap.core.vmath import sincos
from qleap.sensing._kernels.jacobi import eigenvectors_of_lanes, overlaps_of_lanes

__all__ = ["divide_out_parts", "sequence_coherences"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Lanes = tuple[int, ...]


@inner_kernel
def _turn(
    overlaps: Floats,
    lane: int,
    sign: float,
    columns: Floats,
    found: Floats,
    lanes: Lanes,
) -> None:
    """Fill ``found`` with M times ``columns`` (``sign`` 1), or M dagger (-1).

    Blocks are ``(2, d, c, lanes)``: one register of times for each element.
    """
    count = 1 << len(lanes)
    d, c = columns.shape[1], columns.shape[2]
    old, new = columns.reshape(columns.size), found.reshape(found.size)
    half = d * c * count
    for i in range(d):
        for j in range(c):
            x = y = splat(0.0, lanes)
            for k in range(d):
                place = (i * d + k if sign > 0.0 else k * d + i) * count + lane
                a = splat(overlaps[place], lanes)
                b = splat(sign * overlaps[d * d * count + place], lanes)
                at = (k * c + j) * count
                u, v = load(old, at, lanes), load(old, at + half, lanes)
                x, y = fnma(b, v, fma(a, u, x)), fma(b, u, fma(a, v, y))
            at = (i * c + j) * count
            store(new, at, x)
            store(new, at + half, y)


@inner_kernel
def _wait(
    columns: Floats,
    energies: Floats,
    first: int,
    step: int,
    times: Floats,
    share: float,
) -> None:
    """Multiply row i by ``exp(-2 pi i energies[first + i step] share times)``."""
    d, c, count = columns.shape[1], columns.shape[2], columns.shape[3]
    cosine, sine = np.empty(count), np.empty(count)
    for i in range(d):
        turn = 2.0 * math.pi * share * energies[first + i * step]
        for t in range(count):
            s, co = sincos(turn * times[t])
            cosine[t], sine[t] = co, s
        for j in range(c):
            for t in range(count):
                x, y = columns[0, i, j, t], columns[1, i, j, t]
                columns[0, i, j, t] = x * cosine[t] + y * sine[t]
                columns[1, i, j, t] = y * cosine[t] - x * sine[t]


@inner_kernel
def _begin(
    vectors: Floats, lane: int, count: int, initial: Complexes, columns: Floats
) -> None:
    """Write the initial columns in the basis of ``vectors`` at every time."""
    d, c = columns.shape[1], columns.shape[2]
    half = d * d * count
    for i in range(d):
        for j in range(c):
            x, y = 0.0, 0.0
            for k in range(d):
                at = (k * d + i) * count + lane
                value = initial[k, j]
                x += vectors[at] * value.real + vectors[at + half] * value.imag
                y += vectors[at] * value.imag - vectors[at + half] * value.real
            columns[0, i, j, :] = x
            columns[1, i, j, :] = y


@kernel
def sequence_coherences(
    hamiltonians: Floats,
    initial: Complexes,
    shares: Floats,
    times: Floats,
    out: Complexes,
    lanes: Lanes,
) -> None:
    """Fill ``out`` with the coherences after pi pulses; see the reference.

    Padding as in `echo_coherences`. Columns of states are kept in the eigenbasis of
    the level in which they are, so that waiting is a phase and a pulse a change of
    basis, the same at all times.
    """
    count = 1 << len(lanes)
    d, c = hamiltonians.shape[2], initial.shape[2]
    n = shares.size
    energies = np.empty((2, d * count))
    vectors, work = np.empty((2, 2 * d * d * count)), np.empty(2 * d * d * count)
    overlaps = np.empty(2 * d * d * count)
    here, there = np.empty((2, 2, d, c, count)), np.empty((2, d, c, count))
    for start in range(0, out.shape[0], count):
        for level in range(2):
            eigenvectors_of_lanes(
                hamiltonians[level],
                start,
                energies[level],
                vectors[level],
                work,
                lanes,
            )
        overlaps_of_lanes(vectors[0], vectors[1], d, overlaps, lanes)
        for lane in range(min(count, out.shape[0] - start)):
            own = initial[min(start + lane, initial.shape[0] - 1)]
            for first in range(0, out.shape[1], count):
                for branch in range(2):
                    columns = here[branch]
                    level = (branch + n - 1) % 2
                    _begin(vectors[level], lane, count, own, columns)
                    for k in range(n):
                        now = times[first : first + count]
                        _wait(columns, energies[level], lane, count, now, shares[k])
                        if k < n - 1:
                            sign = -1.0 if level == 0 else 1.0
                            _turn(overlaps, lane, sign, columns, there, lanes)
                            columns[:] = there
                            level = 1 - level
                _turn(overlaps, lane, 1.0, here[1], there, lanes)
                for t in range(min(count, out.shape[1] - first)):
                    x, y = 0.0, 0.0
                    for i in range(d):
                        for j in range(c):
                            a, b = here[0, 0, i, j, t], here[0, 1, i, j, t]
                            u, v = there[0, i, j, t], there[1, i, j, t]
                            x += a * u + b * v
                            y += b * u - a * v
                    out[start + lane, first + t] = complex(x / c, y / c)


@kernel
def divide_out_parts(
    values: Complexes, parts: NDArray[np.int64], lower: Complexes, product: Complexes
) -> None:
    """Divide each row of ``values`` by rows of ``lower``, multiply into ``product``.

    See the reference; ``parts`` are row numbers, -1 for none.
    """
    n = values.shape[1]
    re, im = np.empty(n), np.empty(n)
    whole_re, whole_im = product.real.copy(), product.imag.copy()
    for row in range(values.shape[0]):
        re[:] = 1.0
        im[:] = 0.0
        for k in range(parts.shape[1]):
            part = parts[row, k]
            if part < 0:
                continue
            for t in range(n):
                u, v = lower[part, t].real, lower[part, t].imag
                re[t], im[t] = re[t] * u - im[t] * v, re[t] * v + im[t] * u
        for t in range(n):
            u, v = values[row, t].real, values[row, t].imag
            size = re[t] * re[t] + im[t] * im[t]
            x = (u * re[t] + v * im[t]) / size
            y = (v * re[t] - u * im[t]) / size
            values[row, t] = complex(x, y)
            a, b = whole_re[t], whole_im[t]
            whole_re[t], whole_im[t] = a * x - b * y, a * y + b * x
    for t in range(n):
        product[t] = complex(whole_re[t], whole_im[t])
