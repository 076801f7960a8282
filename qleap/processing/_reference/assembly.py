"""The operations of a sweep as tables, one after another: the definition.

Few kinds suffice: matrices on one or two qubits, phases, and what is applied entry by
entry. The kinds that the kernels have beside these are faster, not more.
"""

from collections.abc import Sequence

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

(
    SHEAR_ONE,
    SHEAR_TWO,
    SHEAR_THREE,
    EXCHANGE_ROWS,
    MATRIX_ROWS,
    MATRIX_LANE,
    MATRIX_PAIR,
    MATRIX_ROW_LANE,
    MATRIX_LANES,
    PHASE_ROWS,
    PHASES,
    DENSE,
    ENTRIES,
) = range(13)

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Sweep = tuple[Integers, Floats, Integers, Floats, Integers, float]

_X = np.array([[0, 1], [1, 0]], np.complex128)
_SWAP = np.eye(4, dtype=np.complex128)[[0, 2, 1, 3]]
_KINDS = {
    (1, 0): MATRIX_ROWS,
    (1, 1): MATRIX_LANE,
    (2, 0): MATRIX_PAIR,
    (2, 1): MATRIX_ROW_LANE,
    (2, 2): MATRIX_LANES,
}
"""By the number of targets, and how many of them are lanes."""


class _Sheet:
    """The tables of a sweep as far as they are written."""

    def __init__(self, inner: int, lanes: int) -> None:
        qubits = [q for q in range(inner.bit_length()) if inner >> q & 1]
        self.position = {qubit: k for k, qubit in enumerate(qubits)}
        self.lanes = lanes
        self.rows: list[list[int]] = []
        self.tables: list[float] = []
        self.places: list[int] = []

    def append(
        self, kind: int, targets: Sequence[int], mask: int, value: int
    ) -> NDArray[np.bool_]:
        """Append an operation; return which lanes fulfil its condition."""
        parts = [[0, 0], [0, 0], [0, 0]]  # mask and value of lanes, rows and base
        for qubit in range(mask.bit_length()):
            if mask >> qubit & 1:
                place = self.position.get(qubit)
                if place is None:
                    part, bit = parts[2], qubit
                elif place < self.lanes:
                    part, bit = parts[0], place
                else:
                    part, bit = parts[1], place - self.lanes
                part[0] |= 1 << bit
                part[1] |= (value >> qubit & 1) << bit
        (lane_mask, lane_value), fixed, base = parts
        if kind in (DENSE, ENTRIES):
            fixed[0] = fixed[0] << self.lanes | lane_mask
            fixed[1] = fixed[1] << self.lanes | lane_value
        table = (0, len(self.tables))
        self.rows.append([kind, *targets, *fixed, *table, *base, 0, 0, 0])
        lane = np.arange(1 << self.lanes)
        return np.asarray(lane & lane_mask == lane_value)

    def write(self, factor: NDArray[np.generic]) -> None:
        """Write one factor for each lane, first the real parts."""
        self.tables += factor.real.tolist()
        self.tables += factor.imag.tolist()

    def matrix(
        self, qubits: list[int], matrix: Complexes, mask: int = 0, value: int = 0
    ) -> None:
        """Append a matrix on one qubit, or on two without a condition.

        Row qubits appear in the table by their value, lane qubits by whether they
        change theirs.
        """
        places = [self.position[qubit] for qubit in qubits]
        if places != sorted(places):
            places.reverse()
            matrix = matrix[np.ix_([0, 2, 1, 3], [0, 2, 1, 3])]
        in_lanes = sum(place < self.lanes for place in places)
        kind = _KINDS[len(places), in_lanes]
        targets = [p if p < self.lanes else 1 << (p - self.lanes) for p in places]
        if kind == MATRIX_ROW_LANE:
            targets.reverse()
        met = self.append(kind, [*targets, 0][:2], mask, value)
        lane = np.arange(1 << self.lanes)
        own = np.zeros_like(lane)
        for k in range(in_lanes):
            own |= (lane >> places[k] & 1) << k
        for i in range(0, 1 << len(places), 1 << in_lanes):
            for j in range(1 << len(places)):
                to, source = i | own, j ^ own
                self.write(np.where(met, matrix[to, source], to == source))

    def phase(self, factor: complex, mask: int, value: int) -> None:
        """Append the multiplication of some amplitudes by a number."""
        met = self.append(PHASE_ROWS, (0, 0), mask, value)
        self.write(np.where(met, factor, 1.0 + 0.0j))

    def many(
        self, kind: int, qubits: list[int], mask: int, value: int, entry: int
    ) -> None:
        """Append a gate that is applied entry by entry."""
        self.append(kind, (len(self.places), len(qubits)), mask, value)
        self.rows[-1][6] = entry
        self.places += [self.position.get(qubit, -1 - qubit) for qubit in qubits]


def assemble(
    rows: Integers,
    numbers: Complexes,
    wires: Integers,
    order: Integers,
    inner: int,
    n_qubits: int,  # noqa: ARG001
    lanes: int,
    depth: int,  # noqa: ARG001
) -> Sweep:
    """Return the tables that let a sweep run the operations ``order`` on a block."""
    sheet = _Sheet(int(inner), lanes)
    for kind, a, b, mask, value, number, wire in rows[order].tolist():
        entries = numbers[number : number + 16]
        if kind == SHEAR:
            shear = entries[2] * np.array([[1.0, entries[0]], [entries[1], 1.0]])
            sheet.matrix([a], _X @ shear if b else shear)
            if mask:
                sheet.matrix([a], _X, mask, value)
        elif kind == FLIP:
            sheet.matrix([a], _X, mask, value)
        elif kind == MATRIX_ONE:
            sheet.matrix([a], entries[:4].reshape(2, 2), mask, value)
        elif kind == MATRIX_TWO:
            sheet.matrix([a, b], entries.reshape(4, 4))
        elif kind == SWAP:
            sheet.matrix([a, b], _SWAP)
        elif kind in (MATRIX_MANY, LOOKUP):
            many = DENSE if kind == MATRIX_MANY else ENTRIES
            sheet.many(many, wires[wire : wire + b].tolist(), mask, value, number)
        else:
            sheet.phase(np.exp(1j * entries[0].real), mask, value)
    return (
        np.array(sheet.rows, np.int64).reshape(-1, 12),
        np.array(sheet.tables),
        np.empty((0, 3), np.int64),
        np.empty(0),
        np.array(sheet.places, np.int64),
        1.0,
    )
