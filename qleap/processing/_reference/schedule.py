"""Which operations run together while a block is in the cache: the rule."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.fusion import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    SHEAR,
    SWAP,
)

Integers = NDArray[np.int64]

LONGEST_SWEEP = 2048
MOST_WAITING = 4096


def involved(row: Integers, wires: Integers) -> tuple[int, int]:
    """Return the qubits that an operation mixes and those it is diagonal on."""
    kind, a, b, mask, _, _, first = (int(entry) for entry in row)
    named = sum(1 << int(q) for q in wires[first : first + b])
    if kind in (SHEAR, FLIP, MATRIX_ONE):
        return 1 << a, mask
    if kind in (MATRIX_TWO, SWAP):
        return 1 << a | 1 << b, mask
    if kind == MATRIX_MANY:
        return named, mask
    return 0, mask | named if kind == LOOKUP else mask


def schedule(
    rows: Integers, wires: Integers, n_qubits: int, block_qubits: int, contiguous: int
) -> tuple[Integers, Integers, Integers]:
    """Return sweeps that together run the operations, in an order that is equivalent.

    A sweep takes, in order, each operation that finds room in the block and does not
    disturb one that was left behind. It looks at new operations until every qubit
    that is ever mixed has been mixed by one left behind.
    """
    order: list[int] = []
    starts: list[int] = [0]
    inner: list[int] = []
    waiting: list[int] = []
    fresh = 0
    everything = 0
    for row in rows:
        everything |= involved(row, wires)[0]
    while not inner or len(order) < len(rows):
        block = (1 << contiguous) - 1
        mixed_before = phased_before = 0
        queue = iter(waiting)
        part: list[int] = []
        left: list[int] = []
        while True:
            k = next(queue, -1)
            if k < 0:
                blocked = bool(everything) and mixed_before & everything == everything
                if fresh == len(rows) or blocked or len(left) == MOST_WAITING:
                    break
                k, fresh = fresh, fresh + 1
            mixed, diagonal = involved(rows[k], wires)
            fits = not part or (block | mixed).bit_count() <= block_qubits
            free = not (mixed & (mixed_before | phased_before)) and not (
                diagonal & mixed_before
            )
            if fits and free and len(part) < LONGEST_SWEEP:
                block |= mixed
                part.append(k)
            else:
                mixed_before |= mixed
                phased_before |= diagonal
                left.append(k)
        order += part
        waiting = left
        for qubit in range(n_qubits):
            if block.bit_count() < block_qubits:
                block |= 1 << qubit
        starts.append(len(order))
        inner.append(block)
    return tuple(np.array(found, np.int64) for found in (order, starts, inner))  # type: ignore[return-value]  # three
