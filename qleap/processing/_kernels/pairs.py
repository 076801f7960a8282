"""Reduced matrices on two qubits, written as operations on a block.

Their first column (`qleap.processing._kernels.waiting` reduces it) is that of a real
turn of the first and the last state. What is left of a unitary matrix before that
turn mixes three states, which takes nine complex coefficients instead of sixteen.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.processing._kernels.sheet import (
    MATRIX_PAIR,
    MATRIX_ROW_LANE,
    _append,
    _Sheet,
    _split,
)
from qleap.processing._kernels.waiting import NEGLIGIBLE, _magnitude

Complexes = NDArray[np.complex128]


@inner_kernel
def _is_reduced(matrix: Complexes) -> bool:
    """Tell whether a matrix mixes three states and then turns the first with the last.

    So does a unitary one whose first column is (c, 0, 0, s) with real c >= s >= 0.
    """
    c, s = matrix[0], matrix[12]
    found = matrix[4] == 0.0 and matrix[8] == 0.0 and c.imag == 0.0 and s.imag == 0.0
    found &= c.real >= s.real and s.real >= 0.0 and c.real > 0.0
    for column in range(1, 4):
        beside = c * matrix[column] + s * matrix[12 + column]
        found &= _magnitude(beside) < NEGLIGIBLE
    return bool(found)


@inner_kernel
def _write_reduced(sheet: _Sheet, matrix: Complexes, reverse: bool) -> None:
    """Write the table of a reduced matrix over c, which the sweep is to give back."""
    c, s = matrix[0].real, matrix[12].real
    at = sheet.used[1]
    for i in range(1, 4):
        for j in range(1, 4):
            row = 3 - i if reverse and i < 3 else i
            column = 3 - j if reverse and j < 3 else j
            z = matrix[4 * row + column] / c
            if row == 3:
                z = c * matrix[12 + column] - s * matrix[column]
            k = at + 9 * (i - 1) + j - 1
            sheet.tables[k] = z.real
            sheet.tables[k + 3] = z.real + z.imag
            sheet.tables[k + 6] = z.imag - z.real
    sheet.tables[at + 27] = s / c
    sheet.used[1] = at + 28
    sheet.scale[0] *= c


@inner_kernel
def _reduced_two(sheet: _Sheet, a: int, b: int, matrix: Complexes) -> bool:
    """Append a 4 x 4 matrix (index: bit of a + 2 bit of b) if it is reduced.

    Return whether it was; that of two lane qubits is not meant.
    """
    p, q = sheet.position[a], sheet.position[b]
    low, high = min(p, q), max(p, q)
    if high < sheet.lanes or not _is_reduced(matrix):
        return False
    row = sheet.rows[_append(sheet, _split(sheet, 0, 0))]
    row[5] = 1
    if low < sheet.lanes:
        row[0], row[1], row[2] = MATRIX_ROW_LANE, 1 << (high - sheet.lanes), low
    else:
        row[0] = MATRIX_PAIR
        row[1], row[2] = 1 << (low - sheet.lanes), 1 << (high - sheet.lanes)
    _write_reduced(sheet, matrix, p > q)
    return True
