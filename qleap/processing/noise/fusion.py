"""Gates and noise on the same one or two qubits as one transfer matrix.

Gates on one qubit are taken into the last operation on it: for the kernels a
permutation with factors (a Clifford gate with Pauli noise) that is followed by any
matrices on either qubit costs less than half of a full matrix. Before the first gate
on two qubits each one only turns its Bloch vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise.transfers import Transfer, is_affine

__all__ = ["Fused", "Fuser"]

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

ZERO: Final = (1.0, 0.0, 0.0, 1.0)
"""Pauli vector of a qubit in its ground state."""

_IDENTITY: Final = np.eye(4)
_EXCHANGED: Final = np.arange(16).reshape(4, 4).T.ravel()
"""Numbers of the Pauli strings of two qubits when these change places."""


@dataclass(slots=True)
class Fused:
    """One operation for the kernels.

    Parameters
    ----------
    qubits : tuple of int
        The first is the least significant digit of a row.
    matrix : ndarray of float64, or None
        What happens first; None for nothing, or what ``source`` says.
    source, factors : ndarray, or None
        Column and factor of each row, instead of a matrix.
    turns : list of (ndarray or None)
        What happens to each qubit then; for one or two qubits.
    """

    qubits: tuple[int, ...]
    matrix: Reals | None = None
    source: Integers | None = None
    factors: Reals | None = None
    turns: list[Reals | None] = field(default_factory=lambda: [None, None])

    @property
    def is_local(self) -> bool:
        """Tell whether it is a permutation and matrices that keep the trace."""
        turns = [turn for turn in self.turns if turn is not None]
        return self.source is not None and all(map(is_affine, turns))

    @property
    def is_turned(self) -> bool:
        """Tell whether anything follows the matrix."""
        return any(turn is not None for turn in self.turns)

    def whole(self) -> Reals:
        """Return it as one matrix, shape ``(4**k, 4**k)``."""
        size = 4 ** len(self.qubits)
        matrix = self.matrix
        if matrix is None:
            matrix = np.eye(size)
            if self.source is not None and self.factors is not None:
                matrix = self.factors[:, None] * matrix[self.source]
        if len(self.qubits) == 1:
            return matrix if self.turns[0] is None else self.turns[0] @ matrix
        if not self.is_turned:
            return matrix
        a, b = (_IDENTITY if turn is None else turn for turn in self.turns)
        return np.asarray(np.kron(b, a) @ matrix)


class Fuser:
    """Collects operations, in the order in which they happen.

    Parameters
    ----------
    n_qubits : int
        Of the state.
    fresh : bool
        The state begins with all qubits in zero; `vectors` then holds what is done to
        each of them first.
    """

    def __init__(self, n_qubits: int, *, fresh: bool) -> None:
        self.vectors: Reals | None = None
        if fresh:
            self.vectors = np.tile(ZERO, (n_qubits, 1))
        self._found: list[Fused | None] = []
        self._last: list[Fused | None] = [None] * n_qubits
        self._places: dict[int, int] = {}

    def append(self, qubits: Sequence[int], step: Transfer | Reals) -> None:
        """Append an operation; one on a single qubit is a bare matrix."""
        if not isinstance(step, Transfer):
            self.one(qubits[0], step)
        elif len(qubits) == 2:
            self.two(qubits[0], qubits[1], step)
        else:
            self._append(Fused(qubits=tuple(qubits), matrix=step.matrix))

    def one(self, qubit: int, matrix: Reals) -> None:
        """Append an operation on one qubit."""
        last = self._last[qubit]
        if last is None and self.vectors is not None:
            self.vectors[qubit] = matrix @ self.vectors[qubit]
        elif last is None or len(last.qubits) > 2:
            self._append(Fused(qubits=(qubit,), turns=[matrix, None]))
        else:
            which = 0 if last.qubits[0] == qubit else 1
            turn = last.turns[which]
            last.turns[which] = matrix if turn is None else matrix @ turn

    def two(self, first: int, second: int, step: Transfer) -> None:
        """Append an operation on two qubits."""
        last, simple = self._last[first], step.monomial
        if last is None or last is not self._last[second] or len(last.qubits) > 2:
            if simple is None:
                self._append_full(first, second, step.matrix)
            else:
                both, (source, factors) = (first, second), simple
                self._append(Fused(qubits=both, source=source, factors=factors))
            return
        matrix = step.matrix
        exchanged = last.qubits != (first, second)
        if last.source is None or simple is None:
            if exchanged:
                matrix = matrix[np.ix_(_EXCHANGED, _EXCHANGED)]
            last.matrix = matrix @ last.whole()
            last.source, last.factors, last.turns = None, None, [None, None]
        elif last.is_turned:
            both, (source, factors) = (first, second), simple
            self._append(Fused(qubits=both, source=source, factors=factors))
        else:
            source, factors = simple
            if exchanged:
                source, factors = _EXCHANGED[source[_EXCHANGED]], factors[_EXCHANGED]
            assert last.factors is not None  # it goes with its source
            last.factors = factors * last.factors[source]
            last.source = last.source[source]

    def operations(self) -> list[Fused]:
        """Return what is to be done to the state, in order."""
        return [one for one in self._found if one is not None]

    def _append_full(self, first: int, second: int, matrix: Reals) -> None:
        """Append a full matrix; what its qubits did alone before is taken in."""
        turns = []
        for qubit in (first, second):
            last = self._last[qubit]
            if last is None or len(last.qubits) > 1:
                turns.append(_IDENTITY)
            else:
                turns.append(last.whole())
                self._found[self._places.pop(id(last))] = None
        matrix = matrix @ np.kron(turns[1], turns[0])
        self._append(Fused(qubits=(first, second), matrix=matrix))

    def _append(self, step: Fused) -> None:
        self._places[id(step)] = len(self._found)
        self._found.append(step)
        for qubit in step.qubits:
            self._last[qubit] = step
