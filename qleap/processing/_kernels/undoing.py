"""The rows of a reversed program, written as operations on blocks of two states.

Where the states are complex a block holds psi in its first and lambda in its second
half, so that whatever acts on a block acts on both; where both are real, psi is the
real and lambda the imaginary part of one state.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.assembly import _sheet
from qleap.processing._kernels.sheet import (
    _append,
    _close_table,
    _flip,
    _many,
    _matrix_one,
    _matrix_two,
    _phase,
    _Sheet,
    _split,
    _Where,
    _write_pair,
)
from qleap.processing._kernels.turning import MEASURE, TURN
from qleap.processing._kernels.waiting import FLIP, MATRIX_ONE, MATRIX_TWO, PHASE

TURN_PAIR, TURN_ROWS, TURN_LANE, SPIN_ROWS, SPIN_LANE, CROSS = range(32, 38)
"""Kinds of operations beside those of `qleap.processing._kernels.sheet`."""

RECORD, SECOND, LANE_MASK, LANE_VALUE = 10, 11, 1, 2
"""Columns: the records of an operation; the lanes of a cross, in columns of targets."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


class _Control(NamedTuple):
    """The qubit that flips the target of a turn before it."""

    qubit: int  # -1 for none
    wanted: int


@inner_kernel
def _control(row: Integers) -> _Control:
    mask, qubit = row[3], -1
    while mask:
        qubit += 1
        mask >>= 1
    return _Control(qubit, 1 if row[4] else 0)


@inner_kernel
def _with_bit(sheet: _Sheet, where: _Where, qubit: int, bit: int) -> _Where:
    """Return a condition that also asks for one bit of a row or of the base."""
    one = _split(sheet, 1 << qubit, bit << qubit)
    return _Where(
        where.row_mask | one.row_mask,
        where.row_value | one.row_value,
        0,
        0,
        where.base_mask | one.base_mask,
        where.base_value | one.base_value,
    )


@inner_kernel
def _write_vector(sheet: _Sheet, offset: int, lane: int, number: float) -> None:
    sheet.tables[sheet.used[1] + (offset << sheet.lanes) + lane] = number


@inner_kernel
def _turn(
    sheet: _Sheet,
    row: Integers,
    w: Complexes,
    where: _Where,
    flips: int,
    lane_control: _Control,
    real: bool,
) -> None:
    """Append a turn; ``flips`` or, where they control, lanes flip its target first."""
    place = sheet.position[row[1]]
    in_rows = place >= sheet.lanes
    k = _append(sheet, where)
    new = sheet.rows[k]
    if real:
        new[0] = TURN_ROWS if in_rows else TURN_LANE
    else:
        new[0] = SPIN_ROWS if in_rows else SPIN_LANE
    new[1] = 1 << (place - sheet.lanes) if in_rows else place
    new[RECORD] = row[7]
    n_entries = 4 if in_rows else 2
    for lane in range(1 << sheet.lanes):
        flip = flips
        if lane_control.qubit >= 0:
            control = sheet.position[lane_control.qubit]
            flip = 1 if lane >> control & 1 == lane_control.wanted else 0
        own = 0 if in_rows else lane >> place & 1
        for entry in range(n_entries):
            # where the target is flipped each entry meets the other number
            i, j = own ^ entry >> 1, own ^ (entry & 1) ^ flip
            if in_rows:
                j = (entry & 1) ^ flip
            number = w[2 * i + j]
            if real:
                _write_vector(sheet, entry, lane, number.real)
            else:
                _write_pair(sheet, entry, lane, number)
        sign = -1.0 if flip else 1.0
        if not in_rows and own == 0:
            sign = -sign
        _write_vector(sheet, n_entries if real else 2 * n_entries, lane, sign)
    _close_table(sheet, 5)


@inner_kernel
def _site(sheet: _Sheet, row: Integers, w: Complexes, real: bool) -> None:
    """Append a turn and the X under control before it."""
    always = _split(sheet, 0, 0)
    control = _control(row)
    nobody = _Control(-1, 0)
    if control.qubit < 0:
        _turn(sheet, row, w, always, 0, nobody, real)
    elif 0 <= sheet.position[control.qubit] < sheet.lanes:
        _turn(sheet, row, w, always, 0, control, real)
    else:
        for bit in range(2):
            where = _with_bit(sheet, always, control.qubit, bit)
            flips = 1 if bit == control.wanted else 0
            _turn(sheet, row, w, where, flips, nobody, real)


@inner_kernel
def _is_fast(sheet: _Sheet, row: Integers, packed: bool) -> bool:
    """Tell whether a row is a real turn of rows that no lane controls."""
    if row[0] != TURN or not (row[2] or packed):
        return False
    if sheet.position[row[1]] < sheet.lanes:
        return False
    qubit = _control(row).qubit
    return qubit < 0 or not 0 <= sheet.position[qubit] < sheet.lanes


@inner_kernel
def _pair(sheet: _Sheet, first: Integers, second: Integers, numbers: Complexes) -> None:
    """Append two turns as one operation for each value of the qubits that control."""
    one, two = _control(first), _control(second)
    inside = one.qubit == second[1]
    outer = np.zeros(2, np.int64) - 1
    n_outer = 0
    if one.qubit >= 0 and not inside:
        outer[0] = one.qubit
        n_outer = 1
    if two.qubit >= 0 and two.qubit != outer[0]:
        outer[n_outer] = two.qubit
        n_outer += 1
    p, q = sheet.position[first[1]], sheet.position[second[1]]
    low, high = (first, second) if p < q else (second, first)
    table = sheet.used[1]
    for k in range(4):
        sheet.tables[table + k] = numbers[low[5] + k].real
        sheet.tables[table + 4 + k] = numbers[high[5] + k].real
    sheet.used[1] = table + 8
    for case in range(1 << n_outer):
        where = _split(sheet, 0, 0)
        flip_one, flip_two = 0, 0
        for j in range(n_outer):
            bit = case >> j & 1
            where = _with_bit(sheet, where, outer[j], bit)
            if outer[j] == one.qubit and bit == one.wanted:
                flip_one = 1
            if outer[j] == two.qubit and bit == two.wanted:
                flip_two = 1
        order = 0
        for k in range(4):
            j_one, j_two = (k & 1, k >> 1) if p < q else (k >> 1, k & 1)
            j_two ^= flip_two
            j_one ^= flip_one
            if inside and j_two == one.wanted:
                j_one ^= 1
            order |= (j_one | j_two << 1 if p < q else j_two | j_one << 1) << 2 * k
        new = sheet.rows[_append(sheet, where)]
        new[0], new[5], new[6] = TURN_PAIR, order, table
        new[1] = 1 << (min(p, q) - sheet.lanes)
        new[2] = 1 << (max(p, q) - sheet.lanes)
        new[RECORD], new[SECOND] = low[7], high[7]


@inner_kernel
def _cross(sheet: _Sheet, cross: Integers) -> None:
    """Append the measurement of a sum over both states."""
    where, flip = _split(sheet, cross[0], cross[1]), _split(sheet, cross[2], 0)
    new = sheet.rows[_append(sheet, where)]
    new[0], new[1], new[2], new[RECORD] = CROSS, flip.row_mask, flip.lane_mask, cross[3]
    for lane in range(1 << sheet.lanes):
        meant = lane & where.lane_mask == where.lane_value
        _write_vector(sheet, 0, lane, 1.0 if meant else 0.0)
    _close_table(sheet, 1)


@inner_kernel
def _empty(
    rows: Integers, order: Integers, inner: int, n_qubits: int, lanes: int
) -> _Sheet:
    """Return empty tables that are large enough."""
    n_crosses = 1
    for j in range(order.size):
        row = rows[order[j]]
        if row[0] != TURN:
            n_crosses += row[8] - row[7]
    # A matrix of one qubit, kind 0, stands for more room.
    dummies = np.zeros((2 * order.size + n_crosses, 9), np.int64)
    for j in range(order.size):
        dummies[j] = rows[order[j]]
    return _sheet(dummies, np.arange(dummies.shape[0]), 1, inner, n_qubits, lanes, 0)


@kernel
def assemble_reversed(
    rows: Integers,
    numbers: Complexes,
    wires: Integers,
    crosses: Integers,
    order: Integers,
    inner: int,
    n_qubits: int,
    lanes: int,
    packed: bool,
) -> tuple[Integers, Floats, Integers]:
    """Return the tables that let a sweep undo the rows ``order`` on blocks.

    Parameters
    ----------
    rows, numbers, wires, crosses : ndarray
        From `reverse`.
    order : ndarray of int64
        The rows of the sweep.
    inner : int
        Mask of the qubits that a block holds.
    n_qubits, lanes : int
        Of the state; bits of the block's index that are lanes.
    packed : bool
        Whether both states are real and share an array.

    Returns
    -------
    operations : ndarray of int64, shape (n, 12)
        As from `assemble`, with the records in the last two columns.
    tables : ndarray of float64
        Factors.
    places : ndarray of int64
        Qubits of the gates that are applied entry by entry.
    """
    sheet = _empty(rows, order, inner, n_qubits, lanes)
    done = False
    for j in range(order.size):
        row = rows[order[j]]
        kind, mask, number = row[0], row[3], row[5]
        if done:  # it was the second one of a pair
            done = False
            continue
        if kind == TURN:
            if j + 1 < order.size and _is_fast(sheet, row, packed):
                other = rows[order[j + 1]]
                apart = other[1] != row[1] and _control(other).qubit != row[1]
                if apart and _is_fast(sheet, other, packed):
                    _pair(sheet, row, other, numbers)
                    done = True
                    continue
            real = row[2] == 1 or packed
            _site(sheet, row, numbers[number : number + 4], real)
            continue
        for k in range(row[7], row[8]):
            _cross(sheet, crosses[k])
        where = _split(sheet, mask, row[4])
        if kind == MEASURE:
            continue
        if kind == FLIP:
            _flip(sheet, row[1], where)
        elif kind == PHASE:
            angle = numbers[number].real
            _phase(sheet, where, complex(np.cos(angle), np.sin(angle)))
        elif kind == MATRIX_ONE:
            a, b = numbers[number], numbers[number + 1]
            c, d = numbers[number + 2], numbers[number + 3]
            _matrix_one(sheet, row[1], where, a, b, c, d)
        elif kind == MATRIX_TWO:
            _matrix_two(sheet, row[1], row[2], numbers[number : number + 16])
        else:
            _many(sheet, row, wires)
    n_rows, n_tables = sheet.used[0], sheet.used[1]
    return sheet.rows[:n_rows], sheet.tables[: n_tables + 64], sheet.places
