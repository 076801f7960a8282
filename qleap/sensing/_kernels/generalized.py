"""Coherence of a central spin with a few bath spins, both evolved."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.vmath import sincos

__all__ = ["cluster_coherences"]

Complex = NDArray[np.complex128]

_LANES = 16
"""Times side by side; with 16 columns of the bath, vectors stay in the first cache."""


@kernel
def cluster_coherences(
    energies: NDArray[np.float64],
    vectors: Complex,
    start: Complex,
    measured: Complex,
    rotations: Complex,
    pulses: NDArray[np.int64],
    spacing: NDArray[np.float64],
    occupied: NDArray[np.int64],
    times: NDArray[np.float64],
) -> Complex:
    """Return the coherence of each cluster, shape (n, t); see the reference.

    In the basis of eigenstates free evolution is a phase. The times of a tile lie
    side by side, so that each pulse is a product of matrices in vector registers.
    """
    n, d = energies.shape
    c = start.shape[0]
    m = d // c
    columns = m if n > 0 and occupied[0] < 0 else 1
    width = columns * _LANES
    turned = np.empty((rotations.shape[0], 2, d, d))
    ends = np.empty((2, 2, m, d))
    begin = np.empty((2, d, columns))
    psi, work = np.empty((2, d, width)), np.empty((2, d, width))
    result = np.empty((n, times.shape[0]), dtype=np.complex128)
    for which in range(n):
        states = vectors[which]
        first = max(occupied[which], 0)
        for a in range(d):
            for j in range(columns):
                total = 0.0 + 0.0j
                for s in range(c):
                    total += states[s * m + first + j, a].conjugate() * start[s]
                begin[0, a, j], begin[1, a, j] = total.real, total.imag
        for side in range(2):
            for j in range(m):
                for a in range(d):
                    total = 0.0 + 0.0j
                    for s in range(c):
                        total += measured[side, s].conjugate() * states[s * m + j, a]
                    ends[side, 0, j, a], ends[side, 1, j, a] = total.real, total.imag
        _turn(states, rotations, turned, m)
        for low in range(0, times.shape[0], _LANES):
            count = min(_LANES, times.shape[0] - low)
            for part in range(2):
                for a in range(d):
                    for j in range(columns):
                        for lane in range(_LANES):
                            psi[part, a, j * _LANES + lane] = begin[part, a, j]
            for step in range(spacing.shape[0]):
                _wait(energies[which], spacing[step], times, low, count, columns, psi)
                if step < pulses.shape[0]:
                    _multiply(turned[pulses[step]], psi, work)
                    psi, work = work, psi
            _measure(ends, psi, columns, low, count, result[which])
    return result


@kernel
def _turn(
    states: Complex, rotations: Complex, turned: NDArray[np.float64], m: int
) -> None:
    """Write pulses in the basis of eigenstates, real and imaginary part apart."""
    d = states.shape[0]
    c = d // m
    half = np.empty((d, d), dtype=np.complex128)
    for k in range(rotations.shape[0]):
        for s in range(c):
            for j in range(m):
                for b in range(d):
                    total = 0.0 + 0.0j
                    for r in range(c):
                        total += rotations[k, s, r] * states[r * m + j, b]
                    half[s * m + j, b] = total
        product = states.conj().T @ half
        for a in range(d):
            for b in range(d):
                turned[k, 0, a, b] = product[a, b].real
                turned[k, 1, a, b] = product[a, b].imag


@kernel
def _wait(
    energies: NDArray[np.float64],
    share: float,
    times: NDArray[np.float64],
    low: int,
    count: int,
    columns: int,
    psi: NDArray[np.float64],
) -> None:
    """Let the states of a tile evolve freely for a share of their times."""
    angle, sine, cosine = np.zeros(_LANES), np.empty(_LANES), np.empty(_LANES)
    for a in range(energies.shape[0]):
        for lane in range(count):
            turns = energies[a] * (share * times[low + lane])
            angle[lane] = 2.0 * math.pi * (turns - np.floor(turns))
        for lane in range(_LANES):
            sine[lane], cosine[lane] = sincos(angle[lane])
        for j in range(columns):
            for lane in range(_LANES):
                place = j * _LANES + lane
                real, imaginary = psi[0, a, place], psi[1, a, place]
                psi[0, a, place] = real * cosine[lane] + imaginary * sine[lane]
                psi[1, a, place] = imaginary * cosine[lane] - real * sine[lane]


@kernel
def _multiply(
    matrix: NDArray[np.float64], psi: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """Write the product of a pulse and the states of a tile."""
    d, width = psi.shape[1], psi.shape[2]
    for a in range(d):
        for place in range(width):
            out[0, a, place] = 0.0
            out[1, a, place] = 0.0
        for b in range(d):
            real, imaginary = matrix[0, a, b], matrix[1, a, b]
            for place in range(width):
                out[0, a, place] += (
                    real * psi[0, b, place] - imaginary * psi[1, b, place]
                )
                out[1, a, place] += (
                    real * psi[1, b, place] + imaginary * psi[0, b, place]
                )


@kernel
def _measure(
    ends: NDArray[np.float64],
    psi: NDArray[np.float64],
    columns: int,
    low: int,
    count: int,
    result: Complex,
) -> None:
    """Write the coherences of the times of a tile."""
    m, d = ends.shape[2], ends.shape[3]
    for lane in range(count):
        total = 0.0 + 0.0j
        for j in range(m):
            for k in range(columns):
                left, right = 0.0 + 0.0j, 0.0 + 0.0j
                for a in range(d):
                    amplitude = complex(
                        psi[0, a, k * _LANES + lane], psi[1, a, k * _LANES + lane]
                    )
                    left += complex(ends[0, 0, j, a], ends[0, 1, j, a]) * amplitude
                    right += complex(ends[1, 0, j, a], ends[1, 1, j, a]) * amplitude
                total += left * right.conjugate()
        result[low + lane] = total / columns
