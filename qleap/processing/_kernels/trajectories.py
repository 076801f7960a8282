"""Noisy programs shot by shot: every gate, jump, reading and event of one run.

`qleap.processing.noise.unravelling` explains events. They are found by a clock: a
number from the exponential distribution is drawn, every channel that is passed takes
its hazard off, and the event happens where the number falls below zero; then the clock
is wound up again. A channel of infinite hazard has an event every time and leaves the
clock alone.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.events import apply_operator, collapse
from qleap.processing._kernels.statevector import (
    BRANCH,
    MEASURE,
    RESET,
    _uniform,
    apply_exchange,
    apply_gate,
    measure,
)

CHANNEL, READOUT = 7, 8
"""As `qleap.processing.program.Kind`."""

UNITARY, KRAUS, N_KRAUS, WEIGHTS = range(4)
"""Columns of `Noise.channels`."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]


class Noise(NamedTuple):
    """What the channels and readout errors of a program do, by their numbers.

    Attributes
    ----------
    channels : ndarray of int64, shape (n_channels, 4)
        First entries in ``matrices`` of the unitary (or -1) and of the first Kraus
        operator, number of operators, first entry in ``weights`` (or -1 where the state
        decides).
    hazards : ndarray of float64, shape (n_channels,)
        See `qleap.processing.noise.unravelling.Unravelling.hazard`.
    matrices : ndarray of complex128
        Row by row.
    weights : ndarray of float64
        Running sums of probabilities of operators.
    readouts : ndarray of int64, shape (n_readouts,)
        First entry in ``assignments``.
    assignments : ndarray of float64
        Running sums of the columns of assignment matrices, true value by true value.
    """

    channels: Integers
    hazards: Floats
    matrices: Complexes
    weights: Floats
    readouts: Integers
    assignments: Floats


@inner_kernel
def _first_beyond(sums: Floats, uniform: float) -> int:
    """Return the first entry of a running sum that exceeds ``uniform``."""
    k = 0
    while k < sums.size - 1 and sums[k] <= uniform:
        k += 1
    return k


@inner_kernel
def _event(
    parts: Floats, targets: Integers, noise: Noise, number: int, uniform: float
) -> None:
    """Let the event of a channel happen to a state (real parts, imaginary parts)."""
    row = noise.channels[number]
    n, d, first = row[N_KRAUS], 1 << targets.size, row[KRAUS]
    kraus = noise.matrices[first : first + n * d * d].reshape(n, d, d)
    apart = parts.size >> 1
    if row[WEIGHTS] < 0:
        collapse(parts, 1, apart, targets, kraus, uniform)
        return
    chosen = _first_beyond(noise.weights[row[WEIGHTS] : row[WEIGHTS] + n], uniform)
    apply_operator(parts, 1, apart, targets, kraus[chosen], 1.0)


@inner_kernel
def _value(bits: NDArray[np.uint8], wires: Integers) -> int:
    """Return the number that classical bits stand for, the first one lowest."""
    value = np.int64(0)
    for j in range(wires.size):
        value |= np.int64(bits[wires[j]]) << j
    return int(value)


@inner_kernel
def _misread(
    bits: NDArray[np.uint8], wires: Integers, sums: Floats, uniform: float
) -> None:
    """Replace classical bits by what is read; ``sums`` is for all true values."""
    size = 1 << wires.size
    true = _value(bits, wires)
    read = _first_beyond(sums[true * size : (true + 1) * size], uniform)
    for j in range(wires.size):
        bits[wires[j]] = read >> j & 1


@inner_kernel
def _run(
    parts: Floats,
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    noise: Noise,
    seed: np.uint64,
    clock: float,
    step_limit: int,
    bits: NDArray[np.uint8],
) -> int:
    """Run one trajectory; return 1 if it does not end within ``step_limit`` steps."""
    apart = parts.size >> 1
    re, im = parts[:apart], parts[apart:]
    position = np.arange(64)
    draws, k, steps = 1, 0, 0
    while k < operations.shape[0] and steps < step_limit:
        row = operations[k]
        kind, first = row[0], row[3]
        targets = wires[first : first + row[1]]
        k += 1
        steps += 1
        if kind < MEASURE:
            apply_gate(re, im, 0, position, row, wires, coefficients)
        elif kind == CHANNEL:
            hazard = noise.hazards[row[4]]
            if hazard <= clock:
                clock -= hazard
                unitary = noise.channels[row[4], UNITARY]
                if unitary >= 0:
                    d = 1 << row[1]
                    matrix = noise.matrices[unitary : unitary + d * d].reshape(d, d)
                    apply_operator(parts, 1, apart, targets, matrix, 1.0)
            else:
                _event(parts, targets, noise, row[4], _uniform(seed, draws))
                draws += 1
                if hazard < math.inf:
                    clock = -math.log1p(-_uniform(seed, draws))
                    draws += 1
        elif kind == BRANCH:  # how far to jump, by the value of the classical bits
            k += wires[first + row[1] + _value(bits, targets)]
        elif kind == READOUT:
            sums = noise.assignments[noise.readouts[row[4]] :]
            _misread(bits, targets, sums, _uniform(seed, draws))
            draws += 1
        else:
            target = 1 << targets[0]
            outcome = measure(re, im, target, _uniform(seed, draws))
            draws += 1
            if kind == MEASURE:
                bits[row[6]] = outcome
            elif kind == RESET and outcome == 1:
                apply_exchange(re, im, target, 0, target)
    return 1 if k < operations.shape[0] else 0


@inner_kernel
def _pauli_value(parts: Floats, x: int, z: int) -> float:
    """Return the expectation value of a Pauli string with the masks ``x``, ``z``."""
    apart = parts.size >> 1
    n_y, signs = 0, x & z
    while signs > 0:
        n_y += signs & 1
        signs >>= 1
    real, imaginary = 0.0, 0.0
    for k in range(apart):
        odd = k & z
        odd ^= odd >> 32
        odd ^= odd >> 16
        odd ^= odd >> 8
        odd ^= odd >> 4
        odd ^= odd >> 2
        odd ^= odd >> 1
        sign = 1.0 - 2.0 * (odd & 1)
        a, b = parts[k], parts[apart + k]
        c, d = parts[k ^ x], parts[apart + (k ^ x)]
        real += sign * (c * a + d * b)  # of conj(a[k ^ x]) a[k]
        imaginary += sign * (c * b - d * a)
    n_y &= 3
    found = real if n_y & 1 == 0 else -imaginary
    return found if n_y < 2 else -found


@kernel
def run_trajectories(
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    noise: Noise,
    n_qubits: int,
    seeds: NDArray[np.uint64],
    clocks: Floats,
    step_limit: int,
    x: Integers,
    z: Integers,
    bits: NDArray[np.uint8],
    values: Floats,
) -> int:
    """Run a noisy program once a seed; return the trajectories without end.

    ``clocks`` are what the clocks show at the start, which uses up number 0 of each
    stream. Writes the classical ``bits``, shape (shots, n_clbits), and the ``values``
    of the Pauli strings ``x``, ``z`` in the final states, shape (shots, n_strings).
    """
    endless = 0
    parts = np.empty(2 << n_qubits)
    for shot in range(seeds.size):
        parts[:] = 0.0
        parts[0] = 1.0
        endless += _run(
            parts,
            operations,
            wires,
            coefficients,
            noise,
            seeds[shot],
            clocks[shot],
            step_limit,
            bits[shot],
        )
        for k in range(x.size):
            values[shot, k] = _pauli_value(parts, x[k], z[k])
    return endless
