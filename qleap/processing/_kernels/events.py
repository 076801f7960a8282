"""Operators that act on a few qubits by the state's leave: Kraus operators, readings.

A state is an array of its parts: amplitude k has its real part at ``k * step`` and its
imaginary part ``apart`` behind, so that complex numbers (step 2, apart 1) and two
arrays one behind the other (step 1) are the same to these kernels.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel

GROUP = 64
"""Amplitudes whose probability is summed before one of them is looked for."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]


@inner_kernel
def _offsets(targets: Integers) -> Integers:
    """Return the index of each basis state of the target qubits, others zero."""
    found = np.zeros(1 << targets.size, np.int64)
    for row in range(found.size):
        for k in range(targets.size):
            found[row] |= (row >> k & 1) << targets[k]
    return found


@inner_kernel
def _populations(
    parts: Floats, step: int, apart: int, offsets: Integers, found: Floats
) -> None:
    """Add the probability of each basis state of the targets to ``found``."""
    occupied = offsets[-1]
    run = occupied & -occupied
    skipped = occupied | (run - 1)
    size = parts.size >> 1
    start = 0
    while start < size:
        for row in range(offsets.size):
            at = (start | offsets[row]) * step
            total = 0.0
            for j in range(run):
                x, y = parts[at + j * step], parts[at + j * step + apart]
                total += x * x + y * y
            found[row] += total
        start = ((start | skipped) + 1) & ~skipped


@inner_kernel
def _coherences(
    parts: Floats, step: int, apart: int, offsets: Integers, found: Complexes
) -> None:
    """Add the reduced density matrix of the targets to ``found``, upper half only."""
    occupied = offsets[-1]
    size = parts.size >> 1
    start = 0
    while start < size:
        for i in range(offsets.size):
            p = (start | offsets[i]) * step
            x = complex(parts[p], parts[p + apart])
            for j in range(i, offsets.size):
                q = (start | offsets[j]) * step
                found[i, j] += x * complex(parts[q], -parts[q + apart])
        start = ((start | occupied) + 1) & ~occupied


@kernel
def operator_weights(
    parts: Floats, step: int, apart: int, targets: Integers, kraus: Complexes
) -> Floats:
    """Return the squared norm of the state behind each Kraus operator.

    ``kraus`` has the shape (n_operators, 2**n, 2**n); ``targets`` are qubits, that of
    the lowest bit first.
    """
    n_operators, dimension = kraus.shape[0], kraus.shape[1]
    offsets = _offsets(targets)
    products = np.zeros((n_operators, dimension, dimension), np.complex128)
    beside = 0.0
    for k in range(n_operators):
        for i in range(dimension):
            for j in range(dimension):
                for m in range(dimension):
                    products[k, i, j] += kraus[k, m, i].conjugate() * kraus[k, m, j]
                if i != j:
                    beside = max(beside, abs(products[k, i, j]))
    found = np.zeros(n_operators)
    if beside < 1e-14:  # as for damping and readings
        populations = np.zeros(dimension)
        _populations(parts, step, apart, offsets, populations)
        for k in range(n_operators):
            for i in range(dimension):
                found[k] += products[k, i, i].real * populations[i]
        return found
    reduced = np.zeros((dimension, dimension), np.complex128)
    _coherences(parts, step, apart, offsets, reduced)
    for k in range(n_operators):
        for i in range(dimension):
            found[k] += products[k, i, i].real * reduced[i, i].real
            for j in range(i + 1, dimension):
                found[k] += 2.0 * (products[k, j, i] * reduced[i, j]).real
    return found


@kernel
def apply_operator(
    parts: Floats,
    step: int,
    apart: int,
    targets: Integers,
    matrix: Complexes,
    scale: float,
) -> None:
    """Multiply ``scale`` times a matrix, unitary or not, onto ``targets``."""
    offsets = _offsets(targets)
    dimension, size = offsets.size, parts.size >> 1
    occupied = offsets[-1]
    if dimension == 2:
        ar, ai = scale * matrix[0, 0].real, scale * matrix[0, 0].imag
        br, bi = scale * matrix[0, 1].real, scale * matrix[0, 1].imag
        cr, ci = scale * matrix[1, 0].real, scale * matrix[1, 0].imag
        dr, di = scale * matrix[1, 1].real, scale * matrix[1, 1].imag
        skipped = occupied | (occupied - 1)
        start = 0
        while start < size:
            for j in range(occupied):
                p = (start + j) * step
                q = p + occupied * step
                xr, xi, yr, yi = (
                    parts[p],
                    parts[p + apart],
                    parts[q],
                    parts[q + apart],
                )
                parts[p] = ar * xr - ai * xi + br * yr - bi * yi
                parts[p + apart] = ar * xi + ai * xr + br * yi + bi * yr
                parts[q] = cr * xr - ci * xi + dr * yr - di * yi
                parts[q + apart] = cr * xi + ci * xr + dr * yi + di * yr
            start = ((start | skipped) + 1) & ~skipped
        return
    before = np.empty(dimension, np.complex128)
    start = 0
    while start < size:
        for i in range(dimension):
            p = (start | offsets[i]) * step
            before[i] = complex(parts[p], parts[p + apart])
        for i in range(dimension):
            total = 0.0j
            for j in range(dimension):
                total += matrix[i, j] * before[j]
            p = (start | offsets[i]) * step
            parts[p], parts[p + apart] = scale * total.real, scale * total.imag
        start = ((start | occupied) + 1) & ~occupied


@kernel
def collapse(
    parts: Floats,
    step: int,
    apart: int,
    targets: Integers,
    kraus: Complexes,
    uniform: float,
) -> int:
    """Let one Kraus operator act, drawn as the state demands; return which.

    Whatever the norm was, it is one behind it.
    """
    weights = operator_weights(parts, step, apart, targets, kraus)
    left = uniform * weights.sum()
    chosen = -1
    for k in range(weights.size):
        if weights[k] > 0.0:
            chosen = k
            if left < weights[k]:
                break
        left -= weights[k]
    scale = 1.0 / math.sqrt(weights[chosen])
    apply_operator(parts, step, apart, targets, kraus[chosen], scale)
    return chosen


@kernel
def reading(parts: Floats, step: int, apart: int, uniform: float) -> int:
    """Return the basis state that a reading of all qubits finds."""
    size = parts.size >> 1
    group = min(GROUP, size)
    sums = np.empty(size // group)
    total = 0.0
    for g in range(sums.size):
        weight = 0.0
        for j in range(g * group, (g + 1) * group):
            x, y = parts[j * step], parts[j * step + apart]
            weight += x * x + y * y
        sums[g] = weight
        total += weight
    left = uniform * total
    g = last = 0
    for k in range(sums.size):
        if sums[k] > 0.0:
            last = k
    while g < last and left >= sums[g]:
        left -= sums[g]
        g += 1
    found = -1
    for j in range(g * group, (g + 1) * group):
        x, y = parts[j * step], parts[j * step + apart]
        weight = x * x + y * y
        if weight > 0.0:
            found = j
            if left < weight:
                break
        left -= weight
    return found
