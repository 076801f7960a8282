"""NumPy definition of many small circuits in one call."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.statevector import (
    MEASURE,
    evolve_into,
    run_shots_into,
)

MEAN = 1.0 - 2.0**-30
FIRST, END, WIRE, PLACE, QUBITS, CLBITS, SHOTS, OUT = range(8)
MASK = (1 << 64) - 1

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]


def random_bits(stream: np.uint64, draw: int) -> np.uint64:
    """Return number ``draw`` of a stream, 64 random bits (SplitMix64)."""
    z = (int(stream) + (draw + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return np.uint64(z ^ (z >> 31))


def fill_alias(weights: Floats, stack: Integers, alias: Integers) -> None:
    """Turn ``weights`` into the shares that stay, and say who takes the rest."""
    weights *= weights.size / weights.sum()
    alias[:] = np.arange(weights.size)
    small = [k for k, weight in enumerate(weights) if weight < MEAN]
    large = [k for k, weight in enumerate(weights) if weight >= MEAN]
    while small and large:
        low, high = small.pop(), large[-1]
        alias[low] = high
        weights[high] -= 1.0 - weights[low]
        if weights[high] < MEAN:
            small.append(large.pop())
    weights[[*small, *large]] = 1.0
    stack[:] = 0


def sample_small_into(
    re: Floats,
    im: Floats,
    n_qubits: int,
    labels: Bytes,
    width: int,
    stream: np.uint64,
    packed: Bytes,
) -> None:
    """Write the bytes of independent readings of a state of a few qubits."""
    size = 1 << n_qubits
    weights = re[:size] ** 2 + im[:size] ** 2
    alias = np.empty(size, np.int64)
    fill_alias(weights, np.empty(size, np.int64), alias)
    rows = labels.reshape(size, width)
    for shot, row in enumerate(packed.reshape(-1, width)):
        bits = int(random_bits(stream, shot))
        place = bits >> (64 - n_qubits)
        rest = ((bits << n_qubits) & MASK) >> 16
        row[:] = rows[place if rest < int(weights[place] * 2**48) else alias[place]]


def _run_item(
    n_qubits: int,
    n_clbits: int,
    tables: tuple[Integers, Integers, Floats],
    stream: np.uint64,
    step_limit: int,
    packed: Bytes,
) -> int:
    """Run one circuit; return the shots without end."""
    operations, wires, coefficients = tables
    width = (n_clbits + 7) // 8
    rows = packed.reshape(-1, width)
    state = np.zeros(2 << n_qubits)
    state[0] = 1.0
    gates = operations[:, 0] < MEASURE
    if not _reads_at_end(operations, wires):
        begin = int(np.argmin(gates))
        evolve_into(operations[:begin], wires, coefficients, state)
        seeds = np.array([random_bits(stream, k) for k in range(len(rows))], np.uint64)
        bits = np.zeros((len(rows), n_clbits), np.uint8)
        rest = (operations[begin:], wires, coefficients, state, seeds)
        endless = run_shots_into(*rest, 1, step_limit, bits)
        rows[:] = np.packbits(bits, axis=1, bitorder="little")[:, ::-1]
        return endless
    evolve_into(operations[gates], wires, coefficients, state)
    bits = np.zeros((1 << n_qubits, 8 * width), np.uint8)
    for row in operations[~gates]:
        bits[:, row[6]] = np.arange(1 << n_qubits) >> wires[row[3]] & 1
    labels = np.packbits(bits, axis=1, bitorder="little")[:, ::-1].ravel()
    parts = (state[0::2], state[1::2], n_qubits)
    sample_small_into(*parts, labels, width, stream, packed)
    return 0


def _reads_at_end(operations: Integers, wires: Integers) -> bool:
    """Tell whether nothing happens to a qubit after its measurement."""
    if np.any(operations[:, 0] > MEASURE):
        return False
    measured: set[int] = set()
    for kind, n_targets, n_controls, first, *_ in operations.tolist():
        qubits = wires[first : first + n_targets + n_controls].tolist()
        if kind == MEASURE:
            measured.update(qubits)
        elif not measured.isdisjoint(qubits):
            return False
    return True


def run_batch_into(
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    items: Integers,
    streams: NDArray[np.uint64],
    step_limit: int,
    packed: Bytes,
) -> int:
    """Run all ``items`` from zero; return how many shots came to no end."""
    endless = 0
    for item, stream in zip(items, streams, strict=True):
        size = int(item[SHOTS]) * ((int(item[CLBITS]) + 7) // 8)
        endless += _run_item(
            int(item[QUBITS]),
            int(item[CLBITS]),
            (
                operations[item[FIRST] : item[END]],
                wires[item[WIRE] :],
                coefficients[item[PLACE] :],
            ),
            stream,
            step_limit,
            packed[item[OUT] : item[OUT] + size],
        )
    return endless
