"""Fused operations, written as operations on a block.

The lowest bits of a block's index are lanes of a vector, the others rows
(`qleap.processing._kernels.shears`). A condition on qubits becomes one on the row, one
on the lane, which goes into tables of a factor for each lane, and one on the base.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.processing._kernels.waiting import MATRIX_MANY

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
"""Kinds of operations on a block; `assembly.assemble` explains them."""

SIZE, KIND, CONTROL, WANTED, TOUCHED, TARGETS, ORDER, OTHER_ORDER = (
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    16,
)
"""Where `_Sheet.group` keeps what it knows: three targets and eight places."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


class _Sheet(NamedTuple):
    """The tables of a sweep as far as they are written."""

    rows: Integers  # (capacity, 10)
    tables: Floats
    terms: Integers  # (capacity, 3)
    angles: Floats
    places: Integers
    used: Integers  # (4,): how much of rows, tables, terms and places
    scale: Floats  # (1,): factor of the shears that has not been applied
    group: Integers  # (24,): shears that will run in one go, see `_join`
    shears: Floats  # (12,): their coefficients
    position: Integers  # (n_qubits,): bit in the block, or -1
    lanes: int  # bits of the block's index that are lanes


class _Where(NamedTuple):
    """A condition: bits of the row, of the lane and of the block's base."""

    row_mask: int
    row_value: int
    lane_mask: int
    lane_value: int
    base_mask: int
    base_value: int


@inner_kernel
def _split(sheet: _Sheet, mask: int, value: int) -> _Where:
    row_mask, row_value, lane_mask, lane_value = 0, 0, 0, 0
    base_mask, base_value = 0, 0
    qubit = 0
    while mask >> qubit:
        if mask >> qubit & 1:
            place, bit = sheet.position[qubit], value >> qubit & 1
            if place < 0:
                base_mask |= 1 << qubit
                base_value |= bit << qubit
            elif place < sheet.lanes:
                lane_mask |= 1 << place
                lane_value |= bit << place
            else:
                row_mask |= 1 << (place - sheet.lanes)
                row_value |= bit << (place - sheet.lanes)
        qubit += 1
    return _Where(row_mask, row_value, lane_mask, lane_value, base_mask, base_value)


@inner_kernel
def _append(sheet: _Sheet, where: _Where) -> int:
    """Return a new operation under a condition on rows and base."""
    k = sheet.used[0]
    row = sheet.rows[k]
    row[3], row[4], row[6] = where.row_mask, where.row_value, sheet.used[1]
    row[7], row[8], row[9] = where.base_mask, where.base_value, 0
    sheet.used[0] = k + 1
    return int(k)


@inner_kernel
def _write_pair(sheet: _Sheet, offset: int, lane: int, number: complex) -> None:
    """Write a factor of one lane; factors are two vectors each."""
    at = sheet.used[1] + (offset << (sheet.lanes + 1)) + lane
    sheet.tables[at] = number.real
    sheet.tables[at + (1 << sheet.lanes)] = number.imag


@inner_kernel
def _close_table(sheet: _Sheet, n_factors: int) -> None:
    sheet.used[1] += n_factors << (sheet.lanes + 1)


@inner_kernel
def _matrix_one(
    sheet: _Sheet,
    qubit: int,
    where: _Where,
    m00: complex,
    m01: complex,
    m10: complex,
    m11: complex,
) -> int:
    """Append a 2 x 2 matrix under any condition."""
    place = sheet.position[qubit]
    k = _append(sheet, where)
    row_target = place >= sheet.lanes
    sheet.rows[k, 0] = MATRIX_ROWS if row_target else MATRIX_LANE
    sheet.rows[k, 1] = 1 << (place - sheet.lanes) if row_target else place
    one = 1.0 + 0.0 * m00
    for lane in range(1 << sheet.lanes):
        a, b, c, d = one, one - one, one - one, one
        if lane & where.lane_mask == where.lane_value:
            a, b, c, d = m00, m01, m10, m11
        if row_target:
            _write_pair(sheet, 0, lane, a)
            _write_pair(sheet, 1, lane, b)
            _write_pair(sheet, 2, lane, c)
            _write_pair(sheet, 3, lane, d)
        elif lane >> place & 1:
            _write_pair(sheet, 0, lane, d)
            _write_pair(sheet, 1, lane, c)
        else:
            _write_pair(sheet, 0, lane, a)
            _write_pair(sheet, 1, lane, b)
    _close_table(sheet, 4 if row_target else 2)
    return k


@inner_kernel
def _flip(sheet: _Sheet, qubit: int, where: _Where) -> None:
    place = sheet.position[qubit]
    if place < sheet.lanes or where.lane_mask:
        nothing = complex(0.0 * qubit)
        one = nothing + 1.0
        _matrix_one(sheet, qubit, where, nothing, one, one, nothing)
        return
    k = _append(sheet, where)
    bit = 1 << (place - sheet.lanes)
    row = sheet.rows[k]
    row[0], row[1], row[2] = EXCHANGE_ROWS, where.row_value, where.row_value | bit
    row[3] = where.row_mask | bit


@inner_kernel
def _close_group(sheet: _Sheet) -> None:
    """Append the shears that were collected, as one operation or two halves."""
    group = sheet.group
    n = group[SIZE]
    if n == 0:
        return
    order, other = 0, 0
    for k in range(1 << n):
        order |= group[ORDER + k] << 3 * k
        other |= group[OTHER_ORDER + k] << 3 * k
    control, wanted = group[CONTROL], group[WANTED]
    place = sheet.position[control] if control >= 0 else -1
    halves = 2 if control >= 0 and place >= 0 else 1
    for half in range(halves):
        k = _append(sheet, _split(sheet, 0, 0))
        row = sheet.rows[k]
        row[0] = SHEAR_ONE + n - 1
        for j in range(n):
            row[9 + j] = 1 << (sheet.position[group[TARGETS + j]] - sheet.lanes)
        row[1], row[2], row[5] = group[KIND], other, order
        if halves == 2:
            row[3] = 1 << (place - sheet.lanes)
            row[4] = row[3] * (wanted if half else 1 - wanted)
            row[5] = other if half else order
        elif control >= 0:
            row[7], row[8] = 1 << control, wanted << control
    at = sheet.used[1]
    for j in range(4 * n):
        sheet.tables[at + j] = sheet.shears[j]
    sheet.used[1] = at + 4 * n
    group[SIZE], group[TOUCHED], group[CONTROL] = 0, 0, -1


@inner_kernel
def _touch(sheet: _Sheet, mask: int) -> None:
    """Append the collected shears if an operation on ``mask`` must come after them."""
    if sheet.group[TOUCHED] & mask:
        _close_group(sheet)


@inner_kernel
def _kind(b: complex, c: complex) -> int:
    """Return 0 for real, 1 for imaginary, 2 for complex coefficients."""
    if b.imag == 0.0 and c.imag == 0.0:
        return 0
    return 1 if b.real == 0.0 and c.real == 0.0 else 2


@inner_kernel
def _join(
    sheet: _Sheet, qubit: int, swapped: int, b: complex, c: complex, where: _Where
) -> None:
    """Add a shear of a row qubit, and the X under one control behind it, to the group.

    The group holds: the targets; where outcome k of them is stored, without and with
    the one control outside the group fulfilled; that control and its wanted value; the
    kind of the coefficients; and all qubits involved.
    """
    group = sheet.group
    control, wanted = -1, 0
    mask = where.row_mask | where.base_mask
    if mask:
        wanted = 1 if where.row_value | where.base_value else 0
        control = _qubit_of(sheet, where)
    kind = _kind(b, c)
    if group[SIZE] and kind != group[KIND]:
        kind = 2
    inside = False
    for j in range(group[SIZE]):
        inside |= group[TARGETS + j] == control
    if (
        group[TOUCHED] >> qubit & 1
        or group[SIZE] >= (2 if kind == 2 else 3)
        or (control >= 0 and not inside and group[CONTROL] >= 0)
    ):
        _close_group(sheet)
        inside = False
        kind = _kind(b, c)
    n = group[SIZE]
    if n == 0:
        group[ORDER] = group[OTHER_ORDER] = 0
    group[TARGETS + n], group[KIND] = qubit, kind
    group[SIZE] = n + 1
    group[TOUCHED] |= 1 << qubit
    if control >= 0:
        group[TOUCHED] |= 1 << control
        if not inside:
            group[CONTROL], group[WANTED] = control, wanted
    bit = 1 << n
    for k in range(bit):
        group[ORDER + (k | bit)] = group[ORDER + k] | bit
        group[OTHER_ORDER + (k | bit)] = group[OTHER_ORDER + k] | bit
    for k in range(2 * bit):
        flip, other_flip = swapped * bit, swapped * bit
        if control >= 0 and not inside:
            other_flip ^= bit
        for j in range(n):
            if group[TARGETS + j] == control:
                if group[ORDER + k] >> j & 1 == wanted:
                    flip ^= bit
                if group[OTHER_ORDER + k] >> j & 1 == wanted:
                    other_flip ^= bit
        group[ORDER + k] ^= flip
        group[OTHER_ORDER + k] ^= other_flip
    sheet.shears[4 * n], sheet.shears[4 * n + 1] = b.real, b.imag
    sheet.shears[4 * n + 2], sheet.shears[4 * n + 3] = c.real, c.imag


@inner_kernel
def _qubit_of(sheet: _Sheet, where: _Where) -> int:
    """Return the qubit of a condition on one bit of row or base."""
    for qubit in range(sheet.position.size):
        place = sheet.position[qubit]
        if place < 0 and where.base_mask == 1 << qubit:
            return qubit
        if place >= sheet.lanes and where.row_mask == 1 << (place - sheet.lanes):
            return qubit
    return -1


@inner_kernel
def _shear(sheet: _Sheet, row: Integers, numbers: Complexes) -> None:
    """Append a shear and the X under control that follows it."""
    qubit, swapped, mask, value = row[1], row[2], row[3], row[4]
    b, c = numbers[row[5]], numbers[row[5] + 1]
    sheet.scale[0] *= numbers[row[5] + 2].real
    where, always = _split(sheet, mask, value), _split(sheet, 0, 0)
    place = sheet.position[qubit]
    one = 1.0 + 0.0 * b
    if place < sheet.lanes or where.lane_mask:
        u00, u01, u10, u11 = (c, one, one, b) if swapped else (one, b, c, one)
        _touch(sheet, mask | 1 << qubit)
        if mask == 0:
            _matrix_one(sheet, qubit, always, u00, u01, u10, u11)
        elif where.row_mask or where.base_mask:
            _matrix_one(sheet, qubit, always, u00, u01, u10, u11)
            _flip(sheet, qubit, where)
        else:
            # Lanes that do not control get the shear, those that do the flipped one.
            k = _matrix_one(sheet, qubit, where, u10, u11, u00, u01)
            _fill_other_lanes(sheet, k, where, u00, u01, u10, u11)
        return
    if where.row_mask & (where.row_mask - 1) or (
        where.base_mask & (where.base_mask - (0 if where.row_mask else 1))
    ):
        _join(sheet, qubit, swapped, b, c, always)
        _close_group(sheet)
        _flip(sheet, qubit, where)
    else:
        _join(sheet, qubit, swapped, b, c, where)


@inner_kernel
def _fill_other_lanes(
    sheet: _Sheet,
    k: int,
    where: _Where,
    m00: complex,
    m01: complex,
    m10: complex,
    m11: complex,
) -> None:
    """Write the matrix of the lanes that do not fulfil the condition."""
    after = sheet.used[1]
    sheet.used[1] = sheet.rows[k, 6]
    place = sheet.rows[k, 1]
    for lane in range(1 << sheet.lanes):
        if lane & where.lane_mask == where.lane_value:
            continue
        if sheet.rows[k, 0] == MATRIX_ROWS:
            _write_pair(sheet, 0, lane, m00)
            _write_pair(sheet, 1, lane, m01)
            _write_pair(sheet, 2, lane, m10)
            _write_pair(sheet, 3, lane, m11)
        elif lane >> place & 1:
            _write_pair(sheet, 0, lane, m11)
            _write_pair(sheet, 1, lane, m10)
        else:
            _write_pair(sheet, 0, lane, m00)
            _write_pair(sheet, 1, lane, m01)
    sheet.used[1] = after


@inner_kernel
def _matrix_two(sheet: _Sheet, a: int, b: int, matrix: Complexes) -> None:
    """Append a 4 x 4 matrix (index: bit of a + 2 bit of b)."""
    p, q = sheet.position[a], sheet.position[b]
    low, high = min(p, q), max(p, q)
    k = _append(sheet, _split(sheet, 0, 0))
    n_out = 4
    if high < sheet.lanes:
        sheet.rows[k, 0], sheet.rows[k, 1], sheet.rows[k, 2] = MATRIX_LANES, low, high
        n_out = 1
    elif low < sheet.lanes:
        sheet.rows[k, 0], sheet.rows[k, 2] = MATRIX_ROW_LANE, low
        sheet.rows[k, 1] = 1 << (high - sheet.lanes)
        n_out = 2
    else:
        sheet.rows[k, 0] = MATRIX_PAIR
        sheet.rows[k, 1] = 1 << (low - sheet.lanes)
        sheet.rows[k, 2] = 1 << (high - sheet.lanes)
    for lane in range(1 << sheet.lanes):
        own = 0  # the bits (low, high) that the lane has itself
        if low < sheet.lanes:
            own |= lane >> low & 1
        if high < sheet.lanes:
            own |= (lane >> high & 1) << 1
        for i in range(n_out):
            # Rows count from the value itself, lanes as flips of their own value.
            out = i << 1 | own if n_out == 2 else i ^ own
            for j in range(4):
                source = j ^ own
                r, c = out, source
                if p > q:
                    r, c = r >> 1 | (r & 1) << 1, c >> 1 | (c & 1) << 1
                _write_pair(sheet, 4 * i + j, lane, matrix[4 * r + c])
    _close_table(sheet, 4 * n_out)


@inner_kernel
def _phase(sheet: _Sheet, where: _Where, factor: complex) -> None:
    """Append the multiplication of some amplitudes by a number."""
    k = _append(sheet, where)
    sheet.rows[k, 0] = PHASE_ROWS
    one = 1.0 + 0.0 * factor
    for lane in range(1 << sheet.lanes):
        meant = lane & where.lane_mask == where.lane_value
        _write_pair(sheet, 0, lane, factor if meant else one)
    _close_table(sheet, 1)


@inner_kernel
def _many(sheet: _Sheet, row: Integers, wires: Integers) -> None:
    """Append a gate that is applied entry by entry."""
    where = _split(sheet, row[3], row[4])
    k = _append(sheet, where)
    new = sheet.rows[k]
    new[0] = DENSE if row[0] == MATRIX_MANY else ENTRIES
    new[1], new[2] = sheet.used[3], row[2]
    new[3] = where.row_mask << sheet.lanes | where.lane_mask
    new[4] = where.row_value << sheet.lanes | where.lane_value
    new[6] = row[5]
    for j in range(row[2]):
        qubit = wires[row[6] + j]
        place = sheet.position[qubit]
        sheet.places[sheet.used[3] + j] = place if place >= 0 else -1 - qubit
    sheet.used[3] += row[2]
