"""Which fused operations run together while a block of the state is in the cache.

An operation mixes some qubits, which a block must hold, and is diagonal on others
(controls, phases), which have one value throughout a block that does not hold them.
Operations that are diagonal on all qubits they share change places freely.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.waiting import LOOKUP, MATRIX_MANY, MATRIX_ONE, SWAP

Integers = NDArray[np.int64]

LONGEST_SWEEP = 2048
"""Operations of one sweep; more would only make longer tables."""

MOST_WAITING = 4096
"""Operations that a sweep may pass over; keeps the time linear."""


@inner_kernel
def involved(row: Integers, wires: Integers) -> tuple[int, int]:
    """Return the qubits that an operation mixes and those it is diagonal on."""
    kind = row[0]
    mixed, diagonal = 0, row[3]
    if kind <= SWAP:
        mixed = 1 << row[1]
        if kind > MATRIX_ONE:
            mixed |= 1 << row[2]
    elif kind == MATRIX_MANY or kind == LOOKUP:
        for k in range(row[2]):
            if kind == LOOKUP:
                diagonal |= 1 << wires[row[6] + k]
            else:
                mixed |= 1 << wires[row[6] + k]
    return mixed, diagonal


@inner_kernel
def _count(mask: int) -> int:
    n = 0
    while mask:
        mask &= mask - 1
        n += 1
    return n


@inner_kernel
def _filled(inner: int, n_qubits: int, block_qubits: int) -> int:
    """Return ``inner`` with the lowest qubits that still have a place in the block."""
    free = block_qubits - _count(inner)
    for qubit in range(n_qubits):
        if free > 0 and not inner >> qubit & 1:
            inner |= 1 << qubit
            free -= 1
    return inner


@kernel
def schedule(
    rows: Integers, wires: Integers, n_qubits: int, block_qubits: int, contiguous: int
) -> tuple[Integers, Integers, Integers]:
    """Return sweeps that together run the operations, in an order that is equivalent.

    Parameters
    ----------
    rows, wires : ndarray of int64
        From `fuse`.
    n_qubits, block_qubits : int
        Of the state and of a block.
    contiguous : int
        Lowest qubits that every block holds.

    Returns
    -------
    order : ndarray of int64
        Numbers of the rows, sweep after sweep.
    starts : ndarray of int64, shape (n_sweeps + 1,)
        Where in ``order`` the sweeps begin.
    inner : ndarray of int64, shape (n_sweeps,)
        Mask of the qubits that a block holds.
    """
    n = rows.shape[0]
    order = np.empty(n, np.int64)
    starts = np.zeros(n + 2, np.int64)
    inner = np.zeros(n + 1, np.int64)
    waiting = np.empty(MOST_WAITING, np.int64)
    everything = 0
    masks = np.empty((n, 2), np.int64)
    for k in range(n):
        masks[k, 0], masks[k, 1] = involved(rows[k], wires)
        everything |= masks[k, 0]
    n_waiting, fresh, taken, sweep = 0, 0, 0, 0
    while True:
        block = (1 << contiguous) - 1
        hard, soft, left, seen = 0, 0, 0, 0
        while seen < n_waiting or fresh < n:
            if seen < n_waiting:
                k = waiting[seen]
                seen += 1
            else:
                blocked = everything != 0 and hard & everything == everything
                if blocked or left == MOST_WAITING:
                    break
                k = fresh
                fresh += 1
            mixed, diagonal = masks[k, 0], masks[k, 1]
            fits = _count(block | mixed) <= block_qubits or taken == starts[sweep]
            free = not mixed & (hard | soft) and not diagonal & hard
            if fits and free and taken - starts[sweep] < LONGEST_SWEEP:
                block |= mixed
                order[taken] = k
                taken += 1
            else:
                hard |= mixed
                soft |= diagonal
                waiting[left] = k
                left += 1
        n_waiting = left
        inner[sweep] = _filled(block, n_qubits, block_qubits)
        sweep += 1
        starts[sweep] = taken
        if taken == n:
            break
    return order, starts[: sweep + 1], inner[:sweep]
