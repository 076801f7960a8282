"""A circuit backwards, gate by gate, with what each parameter needs on its way.

`qleap.processing._kernels.turning` says what is measured.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.turning import (
    COMPLEX,
    CROSSES,
    INVERSES,
    MEASURE,
    RECORDS,
    ROWS,
    TINY,
    VALUE,
    WIRES,
    _crosses,
    _row,
    _settle,
    _undo_one,
    _Work,
    _write,
)
from qleap.processing._kernels.waiting import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    PHASE,
)

ONE_QUBIT, MATRIX, DIAGONAL, EXCHANGE = range(4)
"""Kinds of rows of a program, as `qleap.processing.program.Kind`."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@inner_kernel
def _load(
    work: _Work,
    row: Integers,
    n_angles: int,
    coefficients: Floats,
    derivatives: Floats,
) -> None:
    """Read a gate of at most two targets, and K of each of its angles."""
    size, first = 1 << row[1], row[5]
    diagonal = row[0] == DIAGONAL
    u = work.matrix[0]
    for entry in range(size * size):
        i, j = entry // size, entry % size
        u[entry] = 0.0
        if not diagonal or i == j:
            at = first + 2 * (i if diagonal else entry)
            u[entry] = complex(coefficients[at], coefficients[at + 1])
    for angle in range(n_angles):
        table = derivatives[angle]
        for entry in range(size * size):
            i, j = entry // size, entry % size
            total = 0.0j
            if diagonal:
                if i == j:
                    at = first + 2 * i
                    slope = complex(table[at], table[at + 1])
                    total = slope * u[entry].conjugate()
            else:
                for m in range(size):
                    at = first + 2 * (size * i + m)
                    slope = complex(table[at], table[at + 1])
                    total += slope * u[size * j + m].conjugate()
            work.matrix[1 + angle, entry] = total


@inner_kernel
def _undo_large(
    work: _Work, row: Integers, qubits: Integers, mask: int, value: int, table: Floats
) -> int:
    """Append the inverse of a gate that is applied entry by entry."""
    diagonal = row[0] == DIAGONAL
    k = _row(work, LOOKUP if diagonal else MATRIX_MANY, 0, qubits.size, mask, value)
    at, size = work.used[INVERSES], 1 << qubits.size
    work.rows[k, 5] = at
    for bit in range(qubits.size):
        work.wires[work.used[WIRES] + bit] = qubits[bit]
        work.touched[qubits[bit]] = k
    work.used[WIRES] += qubits.size
    n_entries = size if diagonal else size * size
    for entry in range(n_entries):
        source = row[5] + 2 * entry
        if not diagonal:
            source = row[5] + 2 * (entry % size * size + entry // size)
        work.inverses[at + 2 * entry] = table[source]
        work.inverses[at + 2 * entry + 1] = -table[source + 1]
    work.used[INVERSES] += 2 * n_entries
    return k


@inner_kernel
def _undo_phases(
    work: _Work, qubits: Integers, mask: int, value: int, measured: bool
) -> int:
    """Append the inverse of a diagonal of at most two targets; return its first row."""
    size = 1 << qubits.size
    first = -1
    everywhere = mask == 0  # then one of the phases is global and can be left out
    if everywhere and abs(work.matrix[0, 0].imag) > TINY:
        work.used[COMPLEX] += 1
    for entry in range(1 if everywhere else 0, size):
        number = work.matrix[0, (size + 1) * entry].conjugate()
        if everywhere:
            number *= work.matrix[0, 0]
        angle = math.atan2(number.imag, number.real)
        if angle == 0.0 and not (measured and first < 0):
            continue
        fixed, wanted = mask, value
        for bit in range(qubits.size):
            fixed |= 1 << qubits[bit]
            wanted |= (entry >> bit & 1) << qubits[bit]
        k = _row(work, PHASE, 0, 0, fixed, wanted)
        _write(work, complex(angle))
        first = k if first < 0 else first
    return first


@inner_kernel
def _undo_exchange(work: _Work, row: Integers, wires: Integers) -> None:
    """Append an X or a SWAP under controls, or let it wait, or rename two qubits."""
    n_targets, n_controls, state = row[1], row[2], row[4]
    p, q = work.place[wires[0]], work.place[wires[n_targets - 1]]
    if n_controls == 0 and n_targets == 2:
        work.place[wires[0]], work.place[wires[1]] = q, p
        return
    if n_controls == 0:
        u = work.matrix[0]
        u[0], u[1], u[2], u[3] = 0.0, 1.0, 1.0, 0.0
        _undo_one(work, q, 0, 0, work.used)
        return
    mask, value = 0, 0
    for j in range(n_controls):
        control = work.place[wires[n_targets + j]]
        _settle(work, control)
        mask |= 1 << control
        value |= (state >> j & 1) << control
    _settle(work, p)
    _settle(work, q)
    if n_targets == 1:
        work.touched[q] = _row(work, FLIP, q, 0, mask, value)
        return
    # A SWAP is three X, of which the middle one suffices to be controlled.
    work.touched[p] = _row(work, FLIP, p, 0, 1 << q, 1 << q)
    work.touched[q] = _row(work, FLIP, q, 0, mask | 1 << p, value | 1 << p)
    work.touched[p] = _row(work, FLIP, p, 0, 1 << q, 1 << q)


@inner_kernel
def _undo(
    work: _Work,
    row: Integers,
    wires: Integers,
    coefficients: Floats,
    n_angles: int,
    slot: int,
    active: Integers,
    derivatives: Floats,
) -> None:
    """Undo a gate that is no exchange."""
    n_targets, n_controls = row[1], row[2]
    n = n_targets + n_controls
    if n == 0:  # a global phase
        return
    small = n_targets <= 2
    if small:
        _load(work, row, n_angles, coefficients, derivatives)
    if n == 1:
        if n_targets == 0:  # diag(1, e), its one qubit a control
            wanted = 3 * (row[4] & 1)
            for m in range(1 + n_angles):
                matrix = work.matrix[m]
                number = matrix[0]
                matrix[0] = matrix[1] = matrix[2] = matrix[3] = 0.0
                if m == 0:
                    matrix[0] = matrix[3] = 1.0
                matrix[wanted] = number
        _undo_one(work, work.place[wires[0]], n_angles, slot, active)
        return
    qubits = np.empty(n_targets, np.int64)
    mask, value = 0, 0
    for j in range(n):
        q = work.place[wires[j]]
        _settle(work, q)
        if j < n_targets:
            qubits[j] = q
        else:
            mask |= 1 << q
            value |= (row[4] >> (j - n_targets) & 1) << q
    if small and row[0] == DIAGONAL:
        k = _undo_phases(work, qubits, mask, value, n_angles > 0)
    elif n_targets == 1 or (n_targets == 2 and n_controls == 0):
        size = 1 << n_targets
        q = qubits[n_targets - 1]
        kind = MATRIX_ONE if n_targets == 1 else MATRIX_TWO
        k = _row(work, kind, qubits[0], q, mask, value)
        for j in range(n_targets):
            work.touched[qubits[j]] = k
        for entry in range(size * size):
            source = entry % size * size + entry // size
            _write(work, work.matrix[0, source].conjugate())
    else:
        k = _undo_large(work, row, qubits, mask, value, coefficients)
    if n_angles:
        _crosses(work, k, qubits, mask, value, n_angles, slot, active)


@inner_kernel
def _workspace(
    n_qubits: int, operations: Integers, recipe: Integers, counts: Integers
) -> _Work:
    """Return room for all that the gates may become."""
    n_rows, n_numbers, n_wires, n_inverses = n_qubits + 2, 4 * n_qubits, 0, 2
    n_crosses, n_terms = 1, 1
    for k in range(operations.shape[0]):
        n_targets = operations[k, 1]
        n_rows += 4 + n_targets + operations[k, 2]
        n_numbers += 16 + 4 * (n_targets + operations[k, 2])
        n_wires += n_targets
        if operations[k, 0] != EXCHANGE and n_targets > 1:
            twice = operations[k, 0] != DIAGONAL
            n_inverses += 2 << (2 * n_targets if twice else n_targets)
        if recipe[k] >= 0:
            size = 1 << 2 * min(max(n_targets, 1), 2)
            n_crosses += size
            n_terms += 2 * size * counts[recipe[k]]
    return _Work(
        np.zeros((n_qubits, 4), np.complex128),
        np.zeros(n_qubits, np.int64),
        np.zeros(n_qubits, np.int64) - 1,
        np.arange(n_qubits),
        np.zeros(n_qubits, np.int64) - 1,
        np.zeros((n_rows, 9), np.int64),
        np.zeros(n_numbers, np.complex128),
        np.zeros(n_wires, np.int64),
        np.zeros(n_inverses),
        np.zeros((n_crosses, 4), np.int64),
        np.zeros((n_terms, 3), np.int64),
        np.zeros(n_terms),
        np.zeros(8, np.int64),
        np.zeros((5, 16), np.complex128),
    )


@inner_kernel
def _is_real(work: _Work) -> bool:
    """Tell whether all that is undone has real entries."""
    for k in range(work.used[ROWS]):
        kind, first = work.rows[k, 0], work.rows[k, 5]
        if kind == FLIP or kind == MEASURE:
            continue
        if kind == PHASE:
            if abs(math.sin(work.numbers[first].real)) > TINY:
                return False
        elif kind != MATRIX_MANY and kind != LOOKUP:
            for entry in range(16 if kind == MATRIX_TWO else 4):
                if abs(work.numbers[first + entry].imag) > TINY:
                    return False
    for k in range(1, work.used[INVERSES], 2):
        if abs(work.inverses[k]) > TINY:
            return False
    return bool(work.used[COMPLEX] == 0)


@kernel
def reverse(
    n_qubits: int,
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    recipes: Integers,
    counts: Integers,
    active: Integers,
    derivatives: Floats,
) -> tuple[
    Integers, Complexes, Integers, Floats, Integers, Integers, Floats, int, bool
]:
    """Return what undoes a program and what is to be measured on the way.

    Parameters
    ----------
    n_qubits : int
        Of the state.
    operations, wires, coefficients, recipes : ndarray
        Of a program with all parameters bound; rows that are no gates are passed over.
    counts : ndarray of int64, shape (n_recipes,)
        Angles of each recipe.
    active : ndarray of int64, shape (n_slots,)
        1 for the angles whose derivatives are wanted.
    derivatives : ndarray, shape (4, n_coefficients)
        Of the coefficients, by the first, second, ... angle of their gate.

    Returns
    -------
    rows : ndarray of int64, shape (n, 9)
        As those of `fuse`, with these meanings: a TURN is the matrix of its four
        numbers on a, after an X of a where ``mask`` reads ``value``, real with three
        records that only want Y if b is 1; the eighth column is its first record. For
        other rows the last two columns say which crosses to measure before. A MEASURE
        does nothing else; the first row is that of the expectation value.
    numbers, wires, inverses : ndarray
        Of the rows; ``inverses`` are the coefficients of large gates.
    crosses : ndarray of int64, shape (n_crosses, 4)
        Mask, value, flipped bits, record: real and imaginary part of the sum over all
        k with ``k & mask == value`` of ``conj(lambda[k]) psi[k ^ flipped]``.
    terms : ndarray of int64, shape (n_terms, 2)
        Angle and record.
    weights : ndarray of float64, shape (n_terms,)
        With which the record counts for the derivative by the angle.
    n_records : int
        How many numbers are measured.
    real : bool
        Whether all rows have real entries.
    """
    recipe = np.zeros(operations.shape[0], np.int64) - 1
    for j in range(recipes.shape[0]):
        for angle in range(counts[j]):
            if active[recipes[j, 3] + angle]:
                recipe[recipes[j, 1]] = j
    work = _workspace(n_qubits, operations, recipe, counts)
    work.used[RECORDS] = VALUE + 2
    work.crosses[0, 3] = VALUE
    work.used[CROSSES] = 1
    _row(work, MEASURE, 0, 0, 0, 0)
    work.rows[0, 7] = 0
    for k in range(operations.shape[0] - 1, -1, -1):
        row = operations[k]
        if row[0] > EXCHANGE:
            continue
        own = wires[row[3] : row[3] + row[1] + row[2]]
        if row[0] == EXCHANGE:
            _undo_exchange(work, row, own)
            continue
        n_angles, slot = 0, 0
        if recipe[k] >= 0:
            n_angles, slot = counts[recipe[k]], recipes[recipe[k], 3]
        _undo(work, row, own, coefficients, n_angles, slot, active, derivatives)
    for q in range(n_qubits):
        _settle(work, q)
    n_rows, n_numbers, _, n_inverses, n_crosses, n_terms, n_records, _ = work.used
    return (
        work.rows[:n_rows],
        work.numbers[: n_numbers + 1],
        work.wires,
        work.inverses[: n_inverses + 2],
        work.crosses[:n_crosses],
        work.terms[:n_terms, :2],
        work.weights[:n_terms],
        n_records,
        _is_real(work),
    )
