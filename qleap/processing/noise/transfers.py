"""Pauli transfer matrices of the operations of a program."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise.strings import pauli_matrices
from qleap.processing.program import Kind, Program

__all__ = [
    "RESET",
    "Transfer",
    "clean",
    "conjugated",
    "is_affine",
    "n_entries",
    "row_unitary",
    "transfers",
]

MOST_QUBITS: Final = 4
"""Of a transfer matrix, 256 rows; gates on more act on the density matrix itself."""

ROUNDING: Final = 1e-15
"""Entries below are zero, exactly."""

Reals = NDArray[np.float64]

RESET: Final = np.array([[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0.0]])
DEPHASE: Final = np.diag([1.0, 0.0, 0.0, 1.0])
"""A measurement whose outcome nobody looks at."""


@dataclass(frozen=True, eq=False)
class Transfer:
    """A matrix on Pauli strings, the first qubit being the least significant digit.

    Parameters
    ----------
    matrix : ndarray of float64, shape (4**k, 4**k)
    """

    matrix: Reals

    @cached_property
    def monomial(self) -> tuple[NDArray[np.int64], Reals] | None:
        """Return the column and the factor of each row, where there is only one.

        So it is for Clifford gates and mixtures of Pauli strings.
        """
        kept = self.matrix != 0.0
        if np.any(kept.sum(axis=1) > 1):
            return None
        source = np.argmax(kept, axis=1)
        return source, self.matrix[np.arange(len(source)), source]


def transfers(
    program: Program, rows: Sequence[int]
) -> Iterator[tuple[list[int], Transfer | Reals | None]]:
    """Yield the qubits of each operation and what it does to Pauli strings.

    That is a matrix for one qubit, a `Transfer` for up to four, and None for a unitary
    operation on more. A measurement forgets its outcome.
    """
    operations = program.operations[rows]
    alone = iter(_one_qubit(program, operations))
    channels = [Transfer(clean(one.transfer_matrix)) for one in program.channels]
    for row, (kind, n_targets, n_controls, _, state, first, _) in zip(
        rows, operations.tolist(), strict=True
    ):
        qubits = program.qubits[row]
        if kind == Kind.CHANNEL:
            found = channels[state]
            yield qubits, found.matrix if n_targets == 1 else found
        elif kind == Kind.RESET:
            yield qubits, RESET
        elif kind == Kind.MEASURE:
            yield qubits, DEPHASE
        elif len(qubits) == 1:
            yield qubits, next(alone)
        elif len(qubits) > MOST_QUBITS:
            yield qubits, None
        else:
            size = n_entries(kind, n_targets)
            entries = program.coefficients[first : first + size]
            yield (
                qubits,
                _of_gate(kind, n_targets, n_controls, state, entries.tobytes()),
            )


def conjugated(unitaries: NDArray[np.complex128]) -> Reals:
    """Return the transfer matrices of unitary matrices, shape ``(m, 4**k, 4**k)``.

    ``R[i, j] = Tr(P_i U P_j U+) / 2**k`` (Greenbaum, arXiv:1509.02921, eq. 2.17).
    """
    size = unitaries.shape[-1]
    paulis = pauli_matrices(size.bit_length() - 1)
    u = unitaries[:, None]
    images = (u @ paulis @ u.conj().swapaxes(-1, -2)).reshape(-1, size**2, size**2)
    flat = paulis.conj().reshape(size**2, size**2)
    return clean((flat @ images.swapaxes(-1, -2)).real / size)


def clean(matrices: Reals) -> Reals:
    """Return matrices without what rounding left beside zeros and first rows."""
    found = np.where(np.abs(matrices) < ROUNDING, 0.0, matrices)
    first = np.zeros(found.shape[-1])
    first[0] = 1.0
    close = np.abs(found[..., 0, :] - first).max(axis=-1) < 8 * ROUNDING
    found[..., 0, :] = np.where(close[..., None], first, found[..., 0, :])
    return found


def is_affine(matrix: Reals) -> bool:
    """Tell whether the trace stays as it is: the first row is (1, 0, 0, ...)."""
    return bool(matrix[0, 0] == 1.0 and not matrix[0, 1:].any())


def _one_qubit(program: Program, operations: NDArray[np.int64]) -> Reals:
    """Return the matrices of all gates on one qubit, in order."""
    kind, n_targets, n_controls, state, first = operations[:, [0, 1, 2, 4, 5]].T
    alone = (n_targets + n_controls == 1) & (kind < Kind.MEASURE)
    kind, n_controls, state, first = (
        column[alone] for column in (kind, n_controls, state, first)
    )
    unitaries = np.zeros((kind.size, 4), np.complex128)
    entries = program.coefficients
    full = kind == Kind.ONE_QUBIT
    table = entries[first[full][:, None] + np.arange(8)]
    unitaries[full] = table.view(np.complex128)
    unitaries[kind == Kind.EXCHANGE] = [0, 1, 1, 0]
    diagonal = kind == Kind.DIAGONAL
    table = entries[first[diagonal][:, None] + np.arange(4)].view(np.complex128)
    chosen = np.ones_like(table)  # a phase of one value of its only qubit
    chosen[np.arange(len(chosen)), state[diagonal]] = table[:, 0]
    target = n_controls[diagonal] == 0
    chosen[target] = table[target]
    unitaries[diagonal, 0], unitaries[diagonal, 3] = chosen.T
    return conjugated(unitaries.reshape(-1, 2, 2))


def n_entries(kind: int, n_targets: int) -> int:
    """Return how many floats describe a unitary operation."""
    if kind == Kind.EXCHANGE:
        return 0
    return 2 << (n_targets if kind == Kind.DIAGONAL else 2 * n_targets)


def row_unitary(program: Program, row: int) -> NDArray[np.complex128]:
    """Return the matrix of a unitary operation, targets then controls, ascending."""
    kind, n_targets, n_controls, _, state, first, _ = program.operations[row].tolist()
    entries = program.coefficients[first : first + n_entries(kind, n_targets)]
    return _unitary(kind, n_targets, n_controls, state, entries.tobytes())


@lru_cache(maxsize=4096)
def _of_gate(
    kind: int, n_targets: int, n_controls: int, state: int, entries: bytes
) -> Transfer:
    """Return what a unitary operation on some qubits does, targets first."""
    whole = _unitary(kind, n_targets, n_controls, state, entries)
    return Transfer(conjugated(whole[None])[0])


def _unitary(
    kind: int, n_targets: int, n_controls: int, state: int, entries: bytes
) -> NDArray[np.complex128]:
    size = 1 << n_targets
    numbers = np.frombuffer(entries, np.complex128)
    if kind == Kind.DIAGONAL:
        matrix: NDArray[Any] = np.diag(numbers)
    elif kind == Kind.EXCHANGE:
        matrix = np.eye(2)[::-1] if size == 2 else np.eye(4)[[0, 2, 1, 3]]
    else:
        matrix = numbers.reshape(size, size)
    # Controls count more than targets, so that each of their values is a block.
    whole = np.eye(size << n_controls, dtype=np.complex128)
    here = slice(state * size, (state + 1) * size)
    whole[here, here] = matrix
    return whole
