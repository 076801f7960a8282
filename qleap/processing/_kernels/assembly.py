"""The operations of one sweep, translated to positions in the block and to tables.

A block holds the ``inner`` qubits in ascending order. Phases that commute are gathered
into one pass over the block, and shears of two row qubits run as a pair.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.diagonal import phase_table
from qleap.processing._kernels.pairs import _reduced_two
from qleap.processing._kernels.schedule import involved
from qleap.processing._kernels.sheet import (
    CONTROL,
    EXCHANGE_ROWS,
    PHASES,
    _append,
    _close_group,
    _flip,
    _many,
    _matrix_one,
    _matrix_two,
    _phase,
    _shear,
    _Sheet,
    _split,
    _touch,
)
from qleap.processing._kernels.waiting import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    PHASE,
    SHEAR,
    SWAP,
    TERM,
)

RESCALE = 2.0**-60
"""Collected factor of the shears below which the block is multiplied by it."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Sweep = tuple[Integers, Floats, Integers, Floats, Integers, float]


@inner_kernel
def _layers(
    rows: Integers, wires: Integers, order: Integers, n_qubits: int
) -> tuple[Integers, int]:
    """Return an equivalent order in which phases come in few groups, and how many.

    Layers of mixing operations and of phases take turns; each operation goes to the
    first layer that its qubits allow.
    """
    mixed_at = np.zeros(n_qubits, np.int64)  # layer of what must come before
    phased_at = np.zeros(n_qubits, np.int64)  # first layer behind the phases
    layer = np.zeros(order.size, np.int64)
    for j in range(order.size):
        row = rows[order[j]]
        mixed, diagonal = involved(row, wires)
        level = 0
        for qubit in range(n_qubits):
            if (mixed | diagonal) >> qubit & 1:
                level = max(level, mixed_at[qubit])
            if mixed >> qubit & 1:
                level = max(level, phased_at[qubit])
        for qubit in range(n_qubits):
            if (mixed | diagonal) >> qubit & 1:
                if row[0] == TERM:
                    phased_at[qubit] = max(phased_at[qubit], level + 1)
                else:
                    phased_at[qubit] = max(phased_at[qubit], level)
                    if mixed >> qubit & 1:
                        mixed_at[qubit] = level
        layer[j] = 2 * level + (1 if row[0] == TERM else 0)
    count = np.zeros(2 * order.size + 3, np.int64)
    for j in range(order.size):
        count[layer[j] + 1] += 1
    n_groups = 0
    for k in range(1, count.size):
        if k % 2 == 0 and count[k]:
            n_groups += 1
        count[k] += count[k - 1]
    sorted_order = np.zeros(order.size, np.int64)
    for j in range(order.size):
        sorted_order[count[layer[j]]] = order[j]
        count[layer[j]] += 1
    return sorted_order, n_groups


@inner_kernel
def _sheet(
    rows: Integers,
    order: Integers,
    n_groups: int,
    inner: int,
    n_qubits: int,
    lanes: int,
    depth: int,
) -> _Sheet:
    """Return empty tables that are large enough."""
    n_rows, n_tables, n_terms, n_places = 1, (n_groups + 1) * (2 << depth), 0, 0
    for j in range(order.size):
        row = rows[order[j]]
        n_rows += 4
        if row[0] == TERM:
            n_terms += 1
        elif row[0] == MATRIX_MANY or row[0] == LOOKUP:
            n_places += row[2]
        elif row[0] > MATRIX_ONE:
            n_tables += 32 << lanes
        else:
            n_tables += 18 << lanes
    position = np.zeros(n_qubits, np.int64) - 1
    place = 0
    for qubit in range(n_qubits):
        if inner >> qubit & 1:
            position[qubit] = place
            place += 1
    return _Sheet(
        np.zeros((n_rows, 12), np.int64),
        np.zeros(n_tables),
        np.zeros((n_terms, 3), np.int64),
        np.zeros(n_terms),
        np.zeros(n_places, np.int64),
        np.zeros(4, np.int64),
        np.ones(1),
        np.zeros(24, np.int64),
        np.zeros(12),
        position,
        lanes,
    )


@inner_kernel
def _phases(
    sheet: _Sheet,
    rows: Integers,
    numbers: Complexes,
    order: Integers,
    first: int,
    depth: int,
) -> None:
    """Append all phases from ``order[first]`` on as one pass."""
    _close_group(sheet)
    k = _append(sheet, _split(sheet, 0, 0))
    begin = sheet.used[2]
    masks = np.zeros(order.size - first, np.int64)
    angles = np.zeros(order.size - first)
    n_low = 0
    for j in range(first, order.size):
        if rows[order[j], 0] != TERM:
            break
        row = rows[order[j]]
        angle = numbers[row[5]].real
        low, high, base = 0, 0, 0
        for qubit in range(sheet.position.size):
            if row[3] >> qubit & 1:
                place = sheet.position[qubit]
                if place < 0:
                    base |= 1 << qubit
                elif place < depth:
                    low |= 1 << place
                else:
                    high |= 1 << (place - depth)
        if high == 0 and base == 0:
            masks[n_low], angles[n_low] = low, angle
            n_low += 1
            continue
        t = sheet.used[2]
        sheet.terms[t, 0], sheet.terms[t, 1], sheet.terms[t, 2] = high, base, -1
        while low > 0:
            sheet.terms[t, 2] += 1
            low >>= 1
        sheet.angles[t] = angle
        sheet.used[2] = t + 1
    at = sheet.used[1]
    table = sheet.tables[at : at + (2 << depth)]
    phase_table(depth, masks[:n_low], angles[:n_low], table)
    sheet.used[1] = at + (2 << depth)
    new = sheet.rows[k]
    new[0], new[1], new[2] = PHASES, begin, sheet.used[2]
    new[5] = 1 if n_low == 0 else 0


@inner_kernel
def _rescale(sheet: _Sheet) -> None:
    """Apply the factors of the shears before the numbers grow too large."""
    _close_group(sheet)
    _phase(sheet, _split(sheet, 0, 0), complex(sheet.scale[0]))
    sheet.scale[0] = 1.0


@kernel
def assemble(
    rows: Integers,
    numbers: Complexes,
    wires: Integers,
    order: Integers,
    inner: int,
    n_qubits: int,
    lanes: int,
    depth: int,
) -> Sweep:
    """Return the tables that let a sweep run the operations ``order`` on a block.

    Parameters
    ----------
    rows, numbers, wires : ndarray
        From `fuse`.
    order : ndarray of int64
        The operations of the sweep.
    inner : int
        Mask of the qubits that a block holds.
    n_qubits, lanes, depth : int
        Of the state; bits of the block's index that are lanes; bits of the table of
        phases within a block.

    Returns
    -------
    operations : ndarray of int64, shape (n, 12)
        Column 0 is the kind, 3 and 4 fixed bits of the row and the values they must
        have, 6 the first entry in ``tables``, 7 and 8 bits needed of the base and their
        values. The others, by kind:

        - SHEAR_ONE, SHEAR_TWO, SHEAR_THREE: 1 kind of the coefficients, 5 order of the
          outcome, 2 the order where the base fulfils its condition (it runs on every
          block), 9 to 11 row bits of the targets
        - EXCHANGE_ROWS: 1 and 2 first and second pattern of the fixed bits
        - MATRIX_ROWS, MATRIX_LANE: 1 the target (row bit, or place of the lane)
        - MATRIX_PAIR, MATRIX_ROW_LANE, MATRIX_LANES: 1 and 2 the targets; 5 is 1 for a
          reduced matrix on a pair or on row and lane
        - PHASES: 1 and 2 from where to where in ``terms``; 5 is 1 for a plain table
        - DENSE, ENTRIES: 1 the first of ``places``, 2 their number; 3 and 4 are bits of
          the block's index, 6 the first entry in the program's coefficients
    tables : ndarray of float64
        Factors and coefficients.
    terms, angles : ndarray
        Phases of all passes; targets of PHASES say from where to where.
    places : ndarray of int64
        Qubits of DENSE and ENTRIES.
    scale : float
        Factor that the result still needs.
    """
    order, n_groups = _layers(rows, wires, order, n_qubits)
    sheet = _sheet(rows, order, n_groups, inner, n_qubits, lanes, depth)
    sheet.group[CONTROL] = -1
    for j in range(order.size):
        row = rows[order[j]]
        kind, mask, number = row[0], row[3], row[5]
        if kind != SHEAR:
            mixed, diagonal = involved(row, wires)
            _touch(sheet, mixed | diagonal)
        if kind == SHEAR:
            _shear(sheet, row, numbers)
        elif kind == FLIP:
            _flip(sheet, row[1], _split(sheet, mask, row[4]))
        elif kind == TERM:
            if j == 0 or rows[order[j - 1], 0] != TERM:
                _phases(sheet, rows, numbers, order, j, depth)
        elif kind == PHASE:
            angle = numbers[number].real
            factor = complex(np.cos(angle), np.sin(angle))
            _phase(sheet, _split(sheet, mask, row[4]), factor)
        elif kind == MATRIX_ONE:
            a, b = numbers[number], numbers[number + 1]
            c, d = numbers[number + 2], numbers[number + 3]
            _matrix_one(sheet, row[1], _split(sheet, mask, row[4]), a, b, c, d)
        elif kind == MATRIX_TWO:
            matrix = numbers[number : number + 16]
            if not _reduced_two(sheet, row[1], row[2], matrix):
                _matrix_two(sheet, row[1], row[2], matrix)
        elif kind == SWAP:
            _swap(sheet, row[1], row[2])
        else:
            _many(sheet, row, wires)
        if sheet.scale[0] < RESCALE:
            _rescale(sheet)
    _close_group(sheet)
    n_rows, n_tables, n_terms, _ = sheet.used
    return (
        sheet.rows[:n_rows],
        sheet.tables[:n_tables],
        sheet.terms[:n_terms],
        sheet.angles[:n_terms],
        sheet.places,
        sheet.scale[0],
    )


@inner_kernel
def _swap(sheet: _Sheet, a: int, b: int) -> None:
    p, q = sheet.position[a] - sheet.lanes, sheet.position[b] - sheet.lanes
    if p >= 0 and q >= 0:
        k = _append(sheet, _split(sheet, 0, 0))
        row = sheet.rows[k]
        row[0], row[1], row[2] = EXCHANGE_ROWS, 1 << p, 1 << q
        row[3] = 1 << p | 1 << q
        return
    matrix = np.zeros(16, np.complex128)
    matrix[0] = matrix[6] = matrix[9] = matrix[15] = 1.0
    _matrix_two(sheet, a, b, matrix)
