"""The rows of a reversed program as operations on blocks, one after another."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.assembly import DENSE, _Sheet
from qleap.processing._reference.assembly import ENTRIES as LAST
from qleap.processing._reference.fusion import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    PHASE,
    SHEAR,
)
from qleap.processing._reference.fusion import TERM as MEASURE

TURN = SHEAR
SPIN, CROSS = LAST + 1, LAST + 2
RECORD = 10

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_X = np.array([[0, 1], [1, 0]], np.complex128)


def _measure(
    sheet: _Sheet, kind: int, bits: int, mask: int, value: int, record: int
) -> None:
    """Append a measurement; its condition is one on the block's whole index."""
    places = sheet.position
    flipped = sum(1 << place for qubit, place in places.items() if bits >> qubit & 1)
    sheet.append(DENSE, (flipped, 0), mask, value)
    sheet.rows[-1][0], sheet.rows[-1][RECORD] = kind, record


def assemble_reversed(
    rows: Integers,
    numbers: Complexes,
    wires: Integers,
    crosses: Integers,
    order: Integers,
    inner: int,
    n_qubits: int,  # noqa: ARG001
    lanes: int,
    packed: bool,  # noqa: ARG001
) -> tuple[Integers, Floats, Integers]:
    """Return the tables that let a sweep undo the rows ``order`` on blocks."""
    sheet = _Sheet(int(inner), lanes)
    for kind, a, b, mask, value, number, wire, begin, end in rows[order].tolist():
        entries = numbers[number : number + 16]
        if kind == TURN:
            if mask:
                sheet.matrix([a], _X, mask, value)
            _measure(sheet, SPIN, 1 << a, 0, 0, begin)
            sheet.matrix([a], entries[:4].reshape(2, 2))
            continue
        for fixed, wanted, flipped, record in crosses[begin:end].tolist():
            _measure(sheet, CROSS, flipped, fixed, wanted, record)
        if kind == FLIP:
            sheet.matrix([a], _X, mask, value)
        elif kind == MATRIX_ONE:
            sheet.matrix([a], entries[:4].reshape(2, 2), mask, value)
        elif kind == MATRIX_TWO:
            sheet.matrix([a, b], entries.reshape(4, 4))
        elif kind in (MATRIX_MANY, LOOKUP):
            many = DENSE if kind == MATRIX_MANY else LAST
            sheet.many(many, wires[wire : wire + b].tolist(), mask, value, number)
        elif kind == PHASE:
            sheet.phase(np.exp(1j * entries[0].real), mask, value)
        elif kind != MEASURE:
            raise ValueError(kind)
    return (
        np.array(sheet.rows, np.int64).reshape(-1, 12),
        np.array([*sheet.tables, 0.0]),
        np.array(sheet.places, np.int64),
    )
