"""Coherence after any pulses beside small clusters, and what pairs add to singles.

Clusters are diagonalised one in each lane of a vector register; then each cluster is
walked through the times, which now fill the lanes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import fma, fnma, load, multiply, splat, store
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
    d: int,
    old: Floats,
    new: Floats,
    lanes: Lanes,
) -> None:
    """Fill ``new`` with M times ``old`` (``sign`` 1), or M dagger (-1).

    Blocks are ``(2, d, c, lanes)``, flat: one register of times for each element.
    """
    count = 1 << len(lanes)
    half = old.size // 2
    run = half // d
    for i in range(d):
        for column in range(0, run, count):
            x = y = splat(0.0, lanes)
            for k in range(d):
                place = (i * d + k if sign > 0.0 else k * d + i) * count + lane
                a = splat(overlaps[place], lanes)
                b = splat(sign * overlaps[d * d * count + place], lanes)
                at = k * run + column
                u, v = load(old, at, lanes), load(old, at + half, lanes)
                x, y = fnma(b, v, fma(a, u, x)), fma(b, u, fma(a, v, y))
            store(new, i * run + column, x)
            store(new, i * run + column + half, y)


@inner_kernel
def _wait(
    block: Floats,
    energies: Floats,
    lane: int,
    delays: Floats,
    angles: Floats,
    cosines: Floats,
    sines: Floats,
    lanes: Lanes,
) -> None:
    """Multiply row i of a block by ``exp(-2 pi i E_i delays)``."""
    count = 1 << len(lanes)
    half = block.size // 2
    d = energies.size // count
    run = half // d
    for i in range(d):
        turn = 2.0 * math.pi * energies[i * count + lane]
        for t in range(count):
            angles[i * count + t] = turn * delays[t]
    for k in range(angles.size):
        sines[k], cosines[k] = sincos(angles[k])
    for i in range(d):
        c, s = load(cosines, i * count, lanes), load(sines, i * count, lanes)
        for at in range(i * run, (i + 1) * run, count):
            x, y = load(block, at, lanes), load(block, at + half, lanes)
            store(block, at, fma(y, s, multiply(x, c)))
            store(block, at + half, fnma(x, s, multiply(y, c)))


@inner_kernel
def _begin(
    vectors: Floats, lane: int, d: int, initial: Complexes, block: Floats, lanes: Lanes
) -> None:
    """Write the initial columns in the basis of ``vectors``, the same at all times."""
    count = 1 << len(lanes)
    c, half = initial.shape[1], block.size // 2
    for i in range(d):
        for j in range(c):
            x, y = 0.0, 0.0
            for k in range(d):
                at = (k * d + i) * count + lane
                re, im = vectors[at], vectors[at + d * d * count]
                value = initial[k, j]
                x += re * value.real + im * value.imag
                y += re * value.imag - im * value.real
            at = (i * c + j) * count
            store(block, at, splat(x, lanes))
            store(block, at + half, splat(y, lanes))


@inner_kernel
def _overlap_into(
    out: Complexes, left: Floats, right: Floats, columns: int, count: int
) -> None:
    """Fill ``out`` with the products of two blocks over their columns."""
    half = left.size // 2
    for t in range(out.size):
        x, y = 0.0, 0.0
        for at in range(t, half, count):
            a, b = left[at], left[at + half]
            u, v = right[at], right[at + half]
            x += a * u + b * v
            y += b * u - a * v
        out[t] = complex(x / columns, y / columns)


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

    The numbers of clusters and times must be multiples of that of the lanes;
    ``out`` may have fewer rows and columns. Columns of states are kept in the
    eigenbasis of the level in which they are, so that waiting is a phase and a pulse
    a change of basis, the same at all times.
    """
    count = 1 << len(lanes)
    d, c = hamiltonians.shape[2], initial.shape[2]
    n = shares.size
    energies = aligned(2 * d * count).reshape((2, d * count))
    vectors, work = (
        aligned(2 * 2 * d * d * count).reshape((2, 2 * d * d * count)),
        aligned(2 * d * d * count),
    )
    overlaps, angles = aligned(2 * d * d * count), aligned(d * count)
    cosines, sines, delays = aligned(d * count), aligned(d * count), aligned(count)
    begun, here = (
        aligned(2 * 2 * d * c * count).reshape((2, 2 * d * c * count)),
        aligned(2 * 2 * d * c * count).reshape((2, 2 * d * c * count)),
    )
    there = aligned(2 * d * c * count)
    for start in range(0, out.shape[0], count):
        for level in range(2):
            matrices, found = hamiltonians[level], energies[level]
            eigenvectors_of_lanes(matrices, start, found, vectors[level], work, lanes)
        overlaps_of_lanes(vectors[0], vectors[1], d, overlaps, lanes)
        for lane in range(min(count, out.shape[0] - start)):
            own = initial[min(start + lane, initial.shape[0] - 1)]
            for level in range(2):
                _begin(vectors[level], lane, d, own, begun[level], lanes)
            for first in range(0, out.shape[1], count):
                for branch in range(2):
                    block, level = here[branch], (branch + n - 1) % 2
                    block[:] = begun[level]
                    for k in range(n):
                        for t in range(count):
                            delays[t] = times[first + t] * shares[k]
                        _wait(
                            block,
                            energies[level],
                            lane,
                            delays,
                            angles,
                            cosines,
                            sines,
                            lanes,
                        )
                        if k < n - 1:
                            sign = -1.0 if level == 0 else 1.0
                            _turn(overlaps, lane, sign, d, block, there, lanes)
                            block[:] = there
                            level = 1 - level
                _turn(overlaps, lane, 1.0, d, here[1], there, lanes)
                last = min(first + count, out.shape[1])
                found_at = out[start + lane, first:last]
                _overlap_into(found_at, here[0], there, c, count)


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
