"""A noisy program without feedback as rows of gates, with events and without."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise.unravelling import Unravelling, unravel
from qleap.processing.program import Kind, Program

__all__ = ["EventRows"]

_Z: Final = (-1.0, 0.0)
_Y: Final = (0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0)

_NO_EVENT: Final = -1

Integers = NDArray[np.int64]


class EventRows:
    """The gates that run where no event happens, and the gates that an event is.

    Parameters
    ----------
    program : Program
        Its measurements and readout errors are left out.

    Attributes
    ----------
    program : Program
        With the coefficients that the rows here name.
    hazards : ndarray of float64, shape (n_operations,)
        Of each operation of the program; zero where no event can happen.
    """

    def __init__(self, program: Program) -> None:
        self._operations = program.operations
        self._unravellings = [unravel(channel) for channel in program.channels]
        self._first: dict[tuple[int, int], int] = {}
        self.program = self._with_matrices(program)
        kinds, numbers = program.operations[:, 0], program.operations[:, 4]
        is_channel = kinds == Kind.CHANNEL
        self.hazards = np.zeros(len(kinds))
        rates = np.array([one.hazard for one in self._unravellings])
        self.hazards[is_channel] = rates[numbers[is_channel]]
        self._rows, self._index = self._undisturbed()

    def between(self, first: int, last: int) -> Integers:
        """Return the gates of the operations ``first`` to ``last`` without events."""
        return self._rows[self._index[first] : self._index[last]]

    def until(self, n_gates: NDArray[np.int64]) -> Integers:
        """Return before which operations so many gates have run."""
        return np.searchsorted(self._index, n_gates)

    def n_gates(self, last: int) -> int:
        """Return the number of gates before operation ``last``."""
        return int(self._index[last])

    def unravelling(self, row: int) -> Unravelling:
        """Return what the channel of an operation may do."""
        found: Unravelling = self._unravellings[self._operations[row, 4]]
        return found

    def targets(self, row: int) -> Integers:
        """Return the qubits of an operation."""
        _, n, _, first, *_ = self._operations[row]
        return self.program.wires[first : first + n]

    def event(self, row: int, chosen: int) -> Integers:
        """Return the gates of a unitary event: one, or one a letter of a string."""
        _, n, _, first, number, *_ = self._operations[row].tolist()
        paulis = self._unravellings[number].paulis
        if paulis is None:
            return self._matrix(row, self._first[number, chosen])[None]
        string, gates = int(paulis[chosen]), []
        for k in range(n):
            letter, wire = string >> 2 * k & 3, first + k
            if letter == 1:
                gates.append((Kind.EXCHANGE, 1, 0, wire, 0, 0, -1))
            elif letter == 2:
                gates.append((Kind.ONE_QUBIT, 1, 0, wire, 0, self._y, -1))
            elif letter == 3:
                gates.append((Kind.DIAGONAL, 0, 1, wire, 1, self._z, -1))
        return np.array(gates, np.int64).reshape(-1, 7)

    def _with_matrices(self, program: Program) -> Program:
        """Return the program with the unitaries of its channels as coefficients."""
        self._z = program.coefficients.size
        self._y = self._z + len(_Z)
        entries = [program.coefficients, np.array(_Z + _Y)]
        size = self._y + len(_Y)
        for number, one in enumerate(self._unravellings):
            matrices = [] if one.unitary is None else [(_NO_EVENT, one.unitary)]
            if one.weights is not None and one.paulis is None:
                matrices += list(enumerate(one.kraus))
            for which, matrix in matrices:
                self._first[number, which] = size
                entries.append(np.ascontiguousarray(matrix).view(np.float64).ravel())
                size += entries[-1].size
        entries.append(np.zeros(2))  # kernels read a few entries ahead
        return replace(program, coefficients=np.concatenate(entries))

    def _undisturbed(self) -> tuple[Integers, Integers]:
        """Return all gates without events, and how many precede each operation."""
        rows: list[Integers] = []
        index: list[int] = []
        for k, (kind, *_, number, _, _) in enumerate(self._operations.tolist()):
            index.append(len(rows))
            if kind < Kind.MEASURE:
                rows.append(self._operations[k])
            elif kind == Kind.CHANNEL and (number, _NO_EVENT) in self._first:
                rows.append(self._matrix(k, self._first[number, _NO_EVENT]))
        index.append(len(rows))
        return np.array(rows, np.int64).reshape(-1, 7), np.array(index)

    def _matrix(self, row: int, first: int) -> Integers:
        _, n, _, wire, *_ = self._operations[row].tolist()
        kind = Kind.ONE_QUBIT if n == 1 else Kind.MATRIX
        return np.array([kind, n, 0, wire, 0, first, -1])
