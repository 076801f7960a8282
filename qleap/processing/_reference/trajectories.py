"""NumPy definition of the loop in `qleap.processing._kernels.trajectories`."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.events import apply_operator, collapse
from qleap.processing._reference.statevector import (
    _uniform,
    apply_exchange,
    apply_gate,
    measure,
)

ONE_QUBIT, MATRIX, DIAGONAL, EXCHANGE, MEASURE, RESET, BRANCH, CHANNEL, READOUT = range(
    9
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def run_trajectories(
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    noise: Any,
    n_qubits: int,
    seeds: NDArray[np.uint64],
    clocks: Floats,
    step_limit: int,
    x: Integers,
    z: Integers,
    bits: NDArray[np.uint8],
    values: Floats,
) -> int:
    """Run a noisy program once a seed; return the trajectories without end."""
    endless = 0
    for shot, seed in enumerate(seeds.tolist()):
        parts = np.zeros(2 << n_qubits)
        parts[0] = 1.0
        uniforms = (_uniform(seed, draw) for draw in range(1, 1 << 62))
        tables = (operations, wires, coefficients)
        endless += _run(
            parts, *tables, noise, uniforms, clocks[shot], step_limit, bits[shot]
        )
        state = parts[: 1 << n_qubits] + 1j * parts[1 << n_qubits :]
        for k in range(len(x)):
            values[shot, k] = _pauli_value(state, int(x[k]), int(z[k]))
    return endless


def _run(
    parts: Floats,
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    noise: Any,
    uniforms: Any,
    clock: float,
    step_limit: int,
    bits: NDArray[np.uint8],
) -> bool:
    half = parts.size // 2
    re, im, position = parts[:half], parts[half:], np.arange(64)
    k = steps = 0
    while k < len(operations) and steps < step_limit:
        row = operations[k]
        k, steps = k + 1, steps + 1
        targets = wires[row[3] : row[3] + row[1]]
        if row[0] < MEASURE:
            apply_gate(re, im, 0, position, row, wires, coefficients)
        elif row[0] == CHANNEL:
            hazard = noise.hazards[row[4]]
            if hazard <= clock:
                clock -= hazard
                _undisturbed(parts, targets, noise, row[4])
                continue
            _event(parts, targets, noise, row[4], next(uniforms))
            if hazard < math.inf:
                clock = -math.log1p(-next(uniforms))
        elif row[0] == BRANCH:
            k += int(wires[row[3] + row[1] + _value(bits[targets])])
        elif row[0] == READOUT:
            size = 1 << len(targets)
            first = noise.readouts[row[4]] + size * _value(bits[targets])
            sums = noise.assignments[first : first + size - 1]
            read = int(np.searchsorted(sums, next(uniforms), "right"))
            bits[targets] = read >> np.arange(len(targets)) & 1
        else:
            target = 1 << int(targets[0])
            outcome = measure(re, im, target, next(uniforms))
            if row[0] == MEASURE:
                bits[row[6]] = outcome
            elif outcome:
                apply_exchange(re, im, target, 0, target)
    return k < len(operations)


def _undisturbed(parts: Floats, targets: Integers, noise: Any, number: int) -> None:
    first, d = noise.channels[number, 0], 1 << len(targets)
    if first >= 0:
        matrix = noise.matrices[first : first + d * d].reshape(d, d)
        apply_operator(parts, 1, parts.size // 2, targets, matrix, 1.0)


def _event(
    parts: Floats, targets: Integers, noise: Any, number: int, uniform: float
) -> None:
    _, first, n, weights = noise.channels[number]
    d = 1 << len(targets)
    kraus = noise.matrices[first : first + n * d * d].reshape(n, d, d)
    if weights < 0:
        collapse(parts, 1, parts.size // 2, targets, kraus, uniform)
        return
    sums = noise.weights[weights : weights + n - 1]
    chosen = int(np.searchsorted(sums, uniform, "right"))
    apply_operator(parts, 1, parts.size // 2, targets, kraus[chosen], 1.0)


def _value(bits: NDArray[np.uint8]) -> int:
    return sum(int(bit) << j for j, bit in enumerate(bits))


def _pauli_value(state: NDArray[np.complex128], x: int, z: int) -> float:
    index = np.arange(state.size)
    signs = (-1.0) ** np.bitwise_count(index & z)
    image = 1j ** (x & z).bit_count() * signs * state  # of |k> at k ^ x
    return float(np.vdot(state[index ^ x], image).real)
