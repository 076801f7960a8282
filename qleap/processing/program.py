"""The flat program: what a circuit is lowered to and what the kernels run.

Three tables, so that one compiled signature serves every circuit. A row of
``operations`` holds: kind, number of targets, number of controls, first entry in
``wires`` (targets, then controls), wanted value of the controls (bit k for control
k), first entry in ``coefficients`` (real and imaginary parts), classical bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Program", "ProgramBuilder"]

_X: Final = np.array([[0, 1], [1, 0]])
_SWAP: Final = np.eye(4)[[0, 2, 1, 3]]


class Kind(IntEnum):
    """What an operation does."""

    ONE_QUBIT = 0
    MATRIX = 1
    DIAGONAL = 2
    EXCHANGE = 3
    """X of one target or SWAP of two."""
    MEASURE = 4
    RESET = 5
    BRANCH = 6
    """Jump: ``wires`` holds the classical bits, then a distance for each value."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A circuit as plain tables.

    Parameters
    ----------
    n_qubits, n_clbits : int
        Sizes; qubit 0 is the least significant bit of a state's index.
    operations : ndarray of int64, shape (n_operations, 7)
        See the module.
    wires : ndarray of int64
        Qubits and classical bits that the operations name.
    coefficients : ndarray of float64
        Matrices row by row and diagonals, real and imaginary parts in turn.
    """

    n_qubits: int
    n_clbits: int
    operations: NDArray[np.int64]
    wires: NDArray[np.int64]
    coefficients: NDArray[np.float64]

    @cached_property
    def is_gate(self) -> NDArray[np.bool_]:
        """Tell which operations are unitary, shape ``(n_operations,)``."""
        gates: NDArray[np.bool_] = self.operations[:, 0] < Kind.MEASURE
        return gates

    @cached_property
    def qubits(self) -> list[list[int]]:
        """Return the qubits of each operation, targets first; none for a branch."""
        wires = self.wires.tolist()
        return [
            [] if row[0] == Kind.BRANCH else wires[row[3] : row[3] + row[1] + row[2]]
            for row in self.operations.tolist()
        ]

    @cached_property
    def has_terminal_measurements(self) -> bool:
        """Tell whether nothing happens to a qubit after its measurement."""
        if np.any(self.operations[:, 0] > Kind.MEASURE):
            return False
        measured: set[int] = set()
        for qubits, is_gate in zip(self.qubits, self.is_gate.tolist(), strict=True):
            if not is_gate:
                measured.update(qubits)
            elif not measured.isdisjoint(qubits):
                return False
        return True

    @cached_property
    def measurements(self) -> dict[int, int]:
        """Return which qubit is read last into each classical bit."""
        rows = self.operations[self.operations[:, 0] == Kind.MEASURE]
        return {int(row[6]): int(self.wires[row[3]]) for row in rows}


class ProgramBuilder:
    """Collect operations into tables; neighbouring one-qubit gates become one."""

    def __init__(self, n_qubits: int, n_clbits: int) -> None:
        self._sizes = (n_qubits, n_clbits)
        self._operations: list[tuple[int, ...]] = []
        self._wires: list[int] = []
        self._coefficients: list[NDArray[np.float64]] = []
        self._n_coefficients = 0
        self._pending: dict[int, NDArray[np.complex128]] = {}
        self.touched: set[int] = set()

    def gate(
        self,
        matrix: NDArray[np.complex128],
        targets: Sequence[int],
        controls: Sequence[int] = (),
        control_state: int = 0,
    ) -> None:
        """Append a matrix (or a diagonal, one-dimensional) on ``targets``."""
        if len(targets) == 1 and not controls and matrix.ndim == 2:
            (target,) = targets
            before = self._pending.get(target)
            self._pending[target] = matrix if before is None else matrix @ before
            self.touched.add(target)
            return
        self._flush((*targets, *controls))
        self._append_gate(matrix, tuple(targets), tuple(controls), control_state)

    def phase(self, angle: float) -> None:
        """Append the factor ``exp(1j * angle)`` on the whole state."""
        if angle:
            self.gate(np.exp(np.array([1j * angle])), ())

    def measure(self, qubit: int, clbit: int) -> None:
        """Append a measurement of ``qubit`` into ``clbit``."""
        self._flush((qubit,))
        self._append(Kind.MEASURE, (qubit,), clbit=clbit)

    def reset(self, qubit: int) -> None:
        """Append a reset of ``qubit`` to zero."""
        self._flush((qubit,))
        self._append(Kind.RESET, (qubit,))

    def branch(self, clbits: Sequence[int]) -> int:
        """Append a jump by the value of ``clbits``; `aim` fills in where to."""
        here = self.here()
        self._append(Kind.BRANCH, tuple(clbits))
        self._wires.extend([0] * (1 << len(clbits)))
        return here

    def aim(self, branch: int, value: int, destination: int) -> None:
        """Let ``branch`` jump to ``destination`` where its bits read ``value``."""
        _, n_clbits, _, first, *_ = self._operations[branch]
        self._wires[first + n_clbits + value] = destination - branch - 1

    def here(self) -> int:
        """Return the number of the next row, with nothing left pending."""
        self._flush(tuple(self._pending))
        return len(self._operations)

    def build(self) -> Program:
        """Return the program."""
        self._flush(tuple(self._pending))
        n_qubits, n_clbits = self._sizes
        # Kernels read a few entries ahead of short tables.
        table = np.concatenate([*self._coefficients, np.zeros(2)])
        return Program(
            n_qubits=n_qubits,
            n_clbits=n_clbits,
            operations=np.array(self._operations, np.int64).reshape(-1, 7),
            wires=np.array(self._wires, np.int64),
            coefficients=table,
        )

    def _flush(self, qubits: Sequence[int]) -> None:
        self.touched.update(qubits)
        for qubit in qubits:
            matrix = self._pending.pop(qubit, None)
            if matrix is not None:
                self._append_gate(matrix, (qubit,), (), 0)

    def _append_gate(
        self,
        matrix: NDArray[np.complex128],
        targets: tuple[int, ...],
        controls: tuple[int, ...],
        state: int,
    ) -> None:
        diagonal = _diagonal(matrix)
        if diagonal is not None:
            if len(targets) == 1 and diagonal[0] == 1.0:  # the target controls, too
                state |= 1 << len(controls)
                controls, targets, diagonal = (*controls, *targets), (), diagonal[1:]
            if np.any(diagonal != 1.0):
                self._append(Kind.DIAGONAL, targets, controls, state, diagonal)
        elif np.array_equal(matrix, _X) or np.array_equal(matrix, _SWAP):
            self._append(Kind.EXCHANGE, targets, controls, state)
        elif len(targets) == 1:
            self._append(Kind.ONE_QUBIT, targets, controls, state, matrix)
        else:
            self._append(Kind.MATRIX, targets, controls, state, matrix)

    def _append(
        self,
        kind: Kind,
        targets: tuple[int, ...],
        controls: tuple[int, ...] = (),
        state: int = 0,
        entries: NDArray[np.complex128] | None = None,
        clbit: int = -1,
    ) -> None:
        sizes = (len(targets), len(controls))
        places = (len(self._wires), state, self._n_coefficients)
        self._operations.append((kind, *sizes, *places, clbit))
        self._wires.extend((*targets, *controls))
        if entries is not None:
            flat = np.ascontiguousarray(entries, np.complex128).ravel()
            self._coefficients.append(flat.view(np.float64))
            self._n_coefficients += 2 * flat.size


def _diagonal(matrix: NDArray[np.complex128]) -> NDArray[np.complex128] | None:
    """Return the diagonal of a matrix that has nothing beside it."""
    if matrix.ndim == 1:
        return matrix
    diagonal = np.diagonal(matrix)
    beside = np.count_nonzero(matrix) - np.count_nonzero(diagonal)
    return None if beside else diagonal
