"""Coherence of a central spin with a few bath spins, both evolved."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import add, fma, load, splat, store, subtract
from qleap.core.vmath import sincos

__all__ = ["cluster_coherences"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Lanes = tuple[int, ...]

_TILE = 16
"""Times side by side: two of the widest registers."""


@kernel
def cluster_coherences(
    energies: Floats,
    vectors: Complex,
    start: Complex,
    measured: Complex,
    rotations: Complex,
    pulses: NDArray[np.int64],
    spacing: Floats,
    occupied: NDArray[np.int64],
    times: Floats,
    lanes: Lanes,
) -> Complex:
    """Return the coherence of each cluster, shape (n, t); see the reference.

    In the basis of eigenstates free evolution is a phase. The times of a tile lie
    side by side, so that each pulse is a product of a matrix with vector registers.
    """
    n, d = energies.shape
    m = d // start.shape[0]
    columns = m if n > 0 and occupied[0] < 0 else 1
    width = columns * _TILE
    turned = np.empty((rotations.shape[0], 2 * d * d))
    ends, begin = np.empty(4 * m * d), np.empty((2 * d, columns))
    psi, work = aligned(2 * d * width), aligned(2 * d * width)
    found = aligned(4 * m * width)
    result = np.empty((n, times.shape[0]), dtype=np.complex128)
    for which in range(n):
        states = vectors[which]
        _begin(states, start, max(occupied[which], 0), m, begin)
        _end(states, measured, m, ends)
        for k in range(rotations.shape[0]):
            _turn(states, rotations[k], m, turned[k])
        for low in range(0, times.shape[0], _TILE):
            count = min(_TILE, times.shape[0] - low)
            for row in range(2 * d):
                for j in range(columns):
                    at = row * width + j * _TILE
                    for lane in range(_TILE):
                        psi[at + lane] = begin[row, j]
            for step in range(spacing.shape[0]):
                _wait(energies[which], spacing[step], times[low : low + count], psi)
                if step < pulses.shape[0]:
                    _multiply(turned[pulses[step]], psi, work, d, d, lanes)
                    psi, work = work, psi
            _multiply(ends, psi, found, 2 * m, d, lanes)
            _overlap(found, m, columns, result[which, low : low + count])
    return result


@inner_kernel
def _begin(states: Complex, start: Complex, first: int, m: int, begin: Floats) -> None:
    """Write the states of the bath, from ``first`` on, in the basis of eigenstates."""
    d, columns = states.shape[0], begin.shape[1]
    for a in range(d):
        for j in range(columns):
            total = 0.0 + 0.0j
            for s in range(start.shape[0]):
                total += states[s * m + first + j, a].conjugate() * start[s]
            begin[a, j], begin[d + a, j] = total.real, total.imag


@inner_kernel
def _end(states: Complex, measured: Complex, m: int, ends: Floats) -> None:
    """Write the matrices that take both ends from the basis of eigenstates."""
    d = states.shape[0]
    for side in range(2):
        for j in range(m):
            for a in range(d):
                total = 0.0 + 0.0j
                for s in range(measured.shape[1]):
                    total += measured[side, s].conjugate() * states[s * m + j, a]
                at = (side * m + j) * d + a
                ends[at], ends[2 * m * d + at] = total.real, total.imag


@inner_kernel
def _turn(states: Complex, rotation: Complex, m: int, turned: Floats) -> None:
    """Write a pulse in the basis of eigenstates, real and imaginary part apart."""
    d = states.shape[0]
    half = np.zeros((d, d), dtype=np.complex128)
    for s in range(rotation.shape[0]):
        for r in range(rotation.shape[0]):
            for j in range(m):
                for b in range(d):
                    half[s * m + j, b] += rotation[s, r] * states[r * m + j, b]
    for a in range(d):
        row = np.zeros(d, dtype=np.complex128)
        for i in range(d):
            factor = states[i, a].conjugate()
            for b in range(d):
                row[b] += factor * half[i, b]
        for b in range(d):
            turned[a * d + b], turned[d * d + a * d + b] = row[b].real, row[b].imag


@inner_kernel
def _wait(energies: Floats, share: float, times: Floats, psi: Floats) -> None:
    """Let the states of a tile evolve freely for a share of their times."""
    d, count = energies.shape[0], times.shape[0]
    half = psi.shape[0] // 2
    width = half // d
    angle, sine, cosine = np.zeros(_TILE), np.empty(_TILE), np.empty(_TILE)
    for a in range(d):
        for lane in range(count):
            turns = energies[a] * (share * times[lane])
            angle[lane] = 2.0 * math.pi * (turns - np.floor(turns))
        for lane in range(_TILE):
            sine[lane], cosine[lane] = sincos(angle[lane])
        for first in range(a * width, (a + 1) * width, _TILE):
            for lane in range(_TILE):
                real, imaginary = psi[first + lane], psi[half + first + lane]
                c, s = cosine[lane], sine[lane]
                psi[first + lane] = real * c + imaginary * s
                psi[half + first + lane] = imaginary * c - real * s


@inner_kernel
def _multiply(
    matrix: Floats, psi: Floats, out: Floats, rows: int, d: int, lanes: Lanes
) -> None:
    """Write the product of a matrix (rows, d) and the states of a tile."""
    count = 1 << len(lanes)
    half, shift = psi.shape[0] // 2, rows * d
    width = half // d
    for a in range(rows):
        for place in range(0, width, 2 * count):
            xp, xq, yp, yq = (
                splat(0.0, lanes),
                splat(0.0, lanes),
                splat(0.0, lanes),
                splat(0.0, lanes),
            )
            zp, zq, wp, wq = xp, xq, yp, yq
            for b in range(d):
                x, y = (
                    splat(matrix[a * d + b], lanes),
                    splat(matrix[shift + a * d + b], lanes),
                )
                at = b * width + place
                p, q = load(psi, at, lanes), load(psi, half + at, lanes)
                xp, xq = fma(x, p, xp), fma(x, q, xq)
                yp, yq = fma(y, p, yp), fma(y, q, yq)
                p, q = load(psi, at + count, lanes), load(psi, half + at + count, lanes)
                zp, zq = fma(x, p, zp), fma(x, q, zq)
                wp, wq = fma(y, p, wp), fma(y, q, wq)
            at = a * width + place
            store(out, at, subtract(xp, yq))
            store(out, at + count, subtract(zp, wq))
            store(out, rows * width + at, add(xq, yp))
            store(out, rows * width + at + count, add(zq, wp))


@inner_kernel
def _overlap(found: Floats, m: int, columns: int, result: Complex) -> None:
    """Write the coherences of the times of a tile."""
    width = columns * _TILE
    half = 2 * m * width
    real, imaginary = np.zeros(_TILE), np.zeros(_TILE)
    for first in range(0, m * width, _TILE):
        for lane in range(_TILE):
            left = first + lane
            right = left + m * width
            x, y = found[left], found[half + left]
            u, v = found[right], found[half + right]
            real[lane] += x * u + y * v
            imaginary[lane] += y * u - x * v
    for lane in range(result.shape[0]):
        result[lane] = complex(real[lane], imaginary[lane]) / columns
