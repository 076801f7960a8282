"""Which operations run together while a block of the state is in the cache."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.program import Kind, Program

__all__ = ["BLOCK_QUBITS", "CONTIGUOUS_QUBITS", "Sweep", "sweeps"]

BLOCK_QUBITS: Final = 15
"""Qubits of a block: 2^15 amplitudes are 512 KiB and stay in the L2 cache."""

CONTIGUOUS_QUBITS: Final = 6
"""Lowest qubits, which every block holds so that it is read in runs of 1 KiB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """One pass over the state.

    Parameters
    ----------
    rows : ndarray of int64
        The operations to run on each block, in order.
    inner, outer : ndarray of int64
        Qubits of a block and the others, each ascending.
    """

    rows: NDArray[np.int64]
    inner: NDArray[np.int64]
    outer: NDArray[np.int64]


def sweeps(
    program: Program, rows: NDArray[np.int64], block_qubits: int = BLOCK_QUBITS
) -> Iterator[Sweep]:
    """Yield passes that together run the unitary operations ``rows`` in order.

    An operation whose targets do not fit the block any more waits for the next
    pass, and with it all that follow on one of its qubits. Controls and diagonals
    need no place in the block: they have one value throughout it.
    """
    mixed = _mixed(program)
    waiting = rows.tolist()
    while waiting:
        inner = set(range(min(CONTIGUOUS_QUBITS, program.n_qubits)))
        taken, left, blocked = list[int](), list[int](), set[int]()
        for row in waiting:
            qubits, moved = program.qubits[row], mixed[row]
            added = sum(qubit not in inner for qubit in moved)
            fits = not added or len(inner) + added <= block_qubits
            if (fits or not taken) and blocked.isdisjoint(qubits):
                inner.update(moved)
                taken.append(row)
            else:
                blocked.update(qubits)
                left.append(row)
            if len(blocked) == program.n_qubits:
                break
        left += waiting[len(taken) + len(left) :]
        inner |= _fill(program.n_qubits, inner, block_qubits)
        yield Sweep(
            rows=np.array(taken, np.int64),
            inner=np.array(sorted(inner), np.int64),
            outer=np.array(sorted(set(range(program.n_qubits)) - inner), np.int64),
        )
        waiting = left


def _mixed(program: Program) -> list[list[int]]:
    """Return the qubits whose amplitudes each operation mixes."""
    kinds = program.operations[:, :2].tolist()
    return [
        [] if kind == Kind.DIAGONAL else qubits[:n_targets]
        for (kind, n_targets), qubits in zip(kinds, program.qubits, strict=True)
    ]


def _fill(n_qubits: int, inner: set[int], block_qubits: int) -> set[int]:
    """Return the lowest qubits that still have a place in the block."""
    free = [qubit for qubit in range(n_qubits) if qubit not in inner]
    return set(free[: max(block_qubits - len(inner), 0)])
