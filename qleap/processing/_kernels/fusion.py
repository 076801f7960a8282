"""From the gates of a program to fewer and cheaper operations, in linear time.

A one-qubit gate waits until another gate needs its qubit, and takes up what follows on
the qubit meanwhile. Then only a part of it must be carried out at once: what commutes
with the other gate goes on waiting behind it.

- Before a control or a diagonal gate, ``U = D V`` with a diagonal D that waits, and
  ``V = s [[1, b], [c, 1]]``, a *shear*, or the same with its rows swapped. An
  antidiagonal gate waits as a whole and flips the wanted value of the control.
- Before the target of a controlled X, ``U = (g0 - i g1 X) V`` with ``g0 z = g1 y``,
  where ``U = w - i (x X + y Y + z Z)``; then V is a shear, too.

Where V is real or imaginary, as for RY, RX and H, it costs a quarter only; then D is
not kept waiting but becomes a phase among those that a layer gathers.

Among many dense matrices of two qubits each leaves local gates waiting that the next
one takes up, chosen so that two of its own entries vanish.

A shear costs half the arithmetic of a dense 2 x 2 matrix, and a controlled X that
follows one on its target costs nothing: it permutes where the shear stores. The factors
s are collected and applied at the end of a sweep. Swaps rename qubits.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.waiting import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    MIXED,
    PHASE,
    PLACE,
    ROUNDING,
    SHEAR,
    SWAP,
    TOUCHED,
    WAITS,
    _append,
    _condition,
    _mix,
    _multiply_one,
    _multiply_two,
    _settle,
    _settle_diagonal,
    _settle_target,
    _term,
    _wait,
    _Work,
    _write,
)

ONE_QUBIT, MATRIX, DIAGONAL, EXCHANGE = range(4)
"""Kinds of rows of a program, as `qleap.processing.program.Kind`."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@inner_kernel
def _controls(work: _Work, wires: Integers, state: int) -> tuple[int, int]:
    """Settle the control qubits; return their mask and the values they must read."""
    mask, value = 0, 0
    for k in range(wires.size):
        q = work.qubits[wires[k], PLACE]
        flipped = _settle_diagonal(work, q)
        mask |= 1 << q
        value |= ((state >> k & 1) ^ flipped) << q
    return mask, value


@inner_kernel
def _is_tied(work: _Work, k: int, mask: int) -> bool:
    """Tell whether some qubit of ``mask`` was mixed after operation ``k``."""
    bit = 0
    while mask >> bit:
        if mask >> bit & 1 and work.qubits[bit, MIXED] > k:
            return True
        bit += 1
    return False


@inner_kernel
def _controlled_x(work: _Work, target: int, mask: int, value: int) -> None:
    """Append a controlled X; the controls have been settled."""
    k = work.qubits[target, TOUCHED]
    if k >= 0 and work.rows[k, 0] == MATRIX_TWO:
        control = work.rows[k, 1] + work.rows[k, 2] - target
        if mask == 1 << control and work.qubits[control, TOUCHED] == k:
            wanted = 2 if value else 0
            for entry in range(16):
                row, column = entry >> 2, entry & 3
                flip = 1 if row & 2 == wanted else 0
                work.matrix[0, entry] = 1.0 if row == column ^ flip else 0.0
            _multiply_two(work, target, control)
            return
    n_controls = 2 if mask & (mask - 1) else 1
    angle = _settle_target(work, target, n_controls)
    k = work.qubits[target, TOUCHED]
    if (
        k < 0
        or work.rows[k, 0] != SHEAR
        or work.rows[k, 3] != 0
        or _is_tied(work, k, mask)
    ):
        k = _append(work)
        work.rows[k, 0], work.rows[k, 1] = FLIP, target
        _mix(work, target, k)
    _condition(work, k, mask, value)
    if angle != 0.0:
        _phase_of_both(work, target, mask, value, angle)


@inner_kernel
def _negate_one(work: _Work, q: int) -> None:
    """Let a Z act before what waits on a qubit, which may be an X."""
    if work.qubits[q, WAITS]:
        work.pending[q, 1] *= -1.0
        work.pending[q, 3] *= -1.0
    else:
        one = complex(1.0)
        _wait(work, q, one, 0.0 * one, 0.0 * one, -one)


@inner_kernel
def _phase_of_both(
    work: _Work, target: int, mask: int, value: int, angle: float
) -> None:
    """Append the phase that a target's phase has become behind a controlled X.

    It belongs to the sum modulo two of the target and of the control's fulfilment.
    """
    sign = 1.0
    if value == 0:
        work.matrix[2, 0] += angle
        sign = -1.0
    control = 0
    while mask >> control > 1:
        control += 1
    if abs(math.sin(angle)) > ROUNDING or math.cos(angle) > 0.0:
        _term(work, 1 << target, sign * angle)
        _term(work, mask, sign * angle)
        _term(work, mask | 1 << target, -2.0 * sign * angle)
    else:
        _negate_one(work, target)
        _negate_one(work, control)


@inner_kernel
def _exchange(work: _Work, targets: Integers, controls: Integers, state: int) -> None:
    """Append an X or a SWAP with any controls."""
    p, q = work.qubits[targets[0], PLACE], work.qubits[targets[targets.size - 1], PLACE]
    if controls.size == 0 and targets.size == 2:
        work.qubits[targets[0], PLACE], work.qubits[targets[1], PLACE] = q, p
        return
    if controls.size == 0:
        nothing = complex(0.0 * state)
        _multiply_one(work, q, nothing, nothing + 1.0, nothing + 1.0, nothing)
        return
    # A SWAP is three X, of which the middle one suffices to be controlled.
    for turn in range(0 if targets.size == 2 else 1, 3 if targets.size == 2 else 2):
        mask, value, target = 0, 0, q
        if turn == 1:
            mask, value = _controls(work, controls, state)
        else:
            target = p
        if targets.size == 2:
            source = p + q - target
            flipped = _settle_diagonal(work, source)
            mask |= 1 << source
            value |= (1 - flipped) << source
        _controlled_x(work, target, mask, value)


@inner_kernel
def _diagonal(
    work: _Work, targets: Integers, controls: Integers, state: int, entries: Floats
) -> None:
    """Append a diagonal of at most two qubits as a polynomial in their bits."""
    n_targets, n = targets.size, targets.size + controls.size
    p, q, flips = 0, 0, 0
    for k in range(n):
        q = work.qubits[targets[k] if k < n_targets else controls[k - n_targets], PLACE]
        p = q if k == 0 else p
        if n > 1:
            flips |= _settle_diagonal(work, q) << k
    for index in range(4):
        true = index ^ flips
        value = complex(1.0)
        if true >> n_targets == state and index < 1 << n:
            entry = 2 * (true & ((1 << n_targets) - 1))
            value = complex(entries[entry], entries[entry + 1])
        work.matrix[0, index] = value
    if n == 1:
        nothing = 0.0 * work.matrix[0, 0]
        first, second = work.matrix[0, 0], work.matrix[0, 1]
        _multiply_one(work, q, first, nothing, nothing, second)
        return
    a, b = np.angle(work.matrix[0, 0]), np.angle(work.matrix[0, 1])
    c, d = np.angle(work.matrix[0, 2]), np.angle(work.matrix[0, 3])
    work.matrix[2, 0] += a
    if n == 2:
        _term(work, 1 << p, b - a)
        _term(work, 1 << q, c - a)
        _term(work, 1 << p | 1 << q, d - c - b + a)


@inner_kernel
def _many(
    work: _Work, targets: Integers, controls: Integers, state: int, mixes: int
) -> int:
    """Append a gate that is applied entry by entry."""
    for k in range(targets.size):
        _settle(work, work.qubits[targets[k], PLACE])
    mask, value = _controls(work, controls, state)
    k = _append(work)
    _condition(work, k, mask, value)
    work.rows[k, 2] = targets.size
    for j in range(targets.size):
        q = work.qubits[targets[j], PLACE]
        work.wires[work.qubits[-1, 2] + j] = q
        work.qubits[q, TOUCHED] = k
        if mixes:
            work.qubits[q, MIXED] = k
    work.qubits[-1, 2] += targets.size
    return k


@inner_kernel
def _unitary(
    work: _Work, targets: Integers, controls: Integers, state: int, entries: Floats
) -> None:
    """Append a dense matrix on one qubit, or on two without controls."""
    q = work.qubits[targets[targets.size - 1], PLACE]
    for entry in range(4 if targets.size == 1 else 16):
        work.matrix[0, entry] = complex(entries[2 * entry], entries[2 * entry + 1])
    if targets.size == 2:
        _multiply_two(work, work.qubits[targets[0], PLACE], q)
    elif controls.size == 0:
        a, b, c, d = work.matrix[0, :4]
        _multiply_one(work, q, a, b, c, d)
    else:
        _settle(work, q)
        mask, value = _controls(work, controls, state)
        k = _append(work)
        work.rows[k, 0], work.rows[k, 1] = MATRIX_ONE, q
        _mix(work, q, k)
        _condition(work, k, mask, value)
        for entry in range(4):
            _write(work, work.matrix[0, entry])


@inner_kernel
def _finish(work: _Work) -> None:
    """Carry out what waits and put the qubits back in their places."""
    for q in range(work.qubits.shape[0] - 1):
        _settle(work, q)
    for wire in range(work.qubits.shape[0] - 1):
        while work.qubits[wire, PLACE] != wire:
            q = work.qubits[wire, PLACE]
            k = _append(work)
            work.rows[k, 0], work.rows[k, 1], work.rows[k, 2] = SWAP, wire, q
            _mix(work, wire, k)
            _mix(work, q, k)
            for other in range(work.qubits.shape[0] - 1):
                if work.qubits[other, PLACE] == wire:
                    work.qubits[other, PLACE] = q
                    break
            work.qubits[wire, PLACE] = wire


@inner_kernel
def _workspace(n_qubits: int, operations: Integers) -> _Work:
    """Return room for all that the gates may become."""
    n_rows, n_numbers, n_wires = 4 * n_qubits + 1, 0, 0
    n_dense, n_others = 0, 0
    for k in range(operations.shape[0]):
        qubits = operations[k, 1] + operations[k, 2]
        if qubits != 1:
            # A controlled SWAP is three controlled X, each with up to eight rows.
            n_rows += 2 * qubits + 24
            n_wires += operations[k, 1]
            if operations[k, 0] == MATRIX and qubits == 2:
                n_dense += 1
            else:
                n_others += 1
        n_numbers += 16 if operations[k, 0] == MATRIX else 4
    qubits = np.zeros((n_qubits + 1, 4), np.int64)
    for q in range(n_qubits):
        qubits[q, PLACE] = q
        qubits[q, TOUCHED] = qubits[q, MIXED] = -1
    matrix = np.zeros((3, 16), np.complex128)
    if n_dense >= 2 * (n_others + n_qubits):
        # What waits is taken up by the next matrix; only the last ones cost more.
        matrix[2, 1] = 1.0
    return _Work(
        qubits,
        np.zeros((n_qubits, 4), np.complex128),
        np.zeros((n_rows, 7), np.int64),
        np.zeros(n_numbers + 3 * n_rows, np.complex128),
        np.zeros(n_wires, np.int64),
        matrix,
    )


@kernel
def fuse(
    n_qubits: int, operations: Integers, wires: Integers, coefficients: Floats
) -> tuple[Integers, Complexes, Integers, float]:
    """Return fused operations that together do what the gates of a program do.

    Parameters
    ----------
    n_qubits : int
        Of the state.
    operations, wires, coefficients : ndarray
        Unitary rows of a program and its tables.

    Returns
    -------
    rows : ndarray of int64, shape (n, 7)
        Kind, qubits a and b, mask, value, first number and first wire:

        - SHEAR: on a, outcome swapped if b, then X of a where ``mask`` reads ``value``
          (if there is a mask); three numbers: b, c and the factor s
        - FLIP: X of a where ``mask`` reads ``value``
        - MATRIX_ONE: 2 x 2 on a under controls; MATRIX_TWO: 4 x 4 on a and b
        - TERM, PHASE: phase where ``mask`` reads ``value``; one number, the angle;
          a TERM has at most two bits and ``value`` equals ``mask``
        - SWAP: of a and b
        - MATRIX_MANY, LOOKUP: dense matrix and diagonal on the b ``wires``, under
          controls; the first number is one of ``coefficients``
    numbers : ndarray of complex128
        See above.
    wires : ndarray of int64
        Qubits of MATRIX_MANY and LOOKUP.
    angle : float
        Of the global phase, rad.
    """
    work = _workspace(n_qubits, operations)
    for k in range(operations.shape[0]):
        row = operations[k]
        first, n_targets, n_controls = row[3], row[1], row[2]
        targets = wires[first : first + n_targets]
        controls = wires[first + n_targets : first + n_targets + n_controls]
        entries = coefficients[row[5] :]
        diagonal = row[0] == DIAGONAL
        if row[0] == EXCHANGE:
            _exchange(work, targets, controls, row[4])
        elif diagonal and n_targets + n_controls <= 2:
            _diagonal(work, targets, controls, row[4], entries)
        elif not diagonal and (n_targets == 1 or n_targets + n_controls == 2):
            _unitary(work, targets, controls, row[4], entries)
        else:
            last = _many(work, targets, controls, row[4], 0 if diagonal else 1)
            work.rows[last, 0] = LOOKUP if diagonal else MATRIX_MANY
            work.rows[last, 5] = row[5]
            if n_targets == 0:
                work.rows[last, 0], work.rows[last, 5] = PHASE, work.qubits[-1, 1]
                _write(work, complex(math.atan2(entries[1], entries[0])))
    _finish(work)
    n_rows = work.qubits[-1, 0]
    return work.rows[:n_rows], work.numbers, work.wires, work.matrix[2, 0].real
