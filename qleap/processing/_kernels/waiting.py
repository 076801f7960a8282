"""One-qubit gates that wait for another gate on their qubit, and what becomes of them.

`qleap.processing._kernels.fusion` says why.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel

SHEAR, FLIP, MATRIX_ONE, MATRIX_TWO, SWAP, MATRIX_MANY, TERM, PHASE, LOOKUP = range(9)
"""Kinds of fused operations; `fuse` explains their columns.

The first three mix one qubit, the next two mix two, the last three are diagonal.
"""

TINY = 1e-30
"""Squared magnitude below which a matrix entry counts as zero."""

ROUNDING = 1e-15
"""Part of a coefficient below which it counts as zero."""

SMALLEST_PIVOT = 1.0 / 64.0
"""A shear with a smaller factor s would make the numbers grow too fast."""

WAITS, PLACE, TOUCHED, MIXED = range(4)
"""Columns of `_Work.qubits`: 1 where a matrix waits; the qubit that carries that of the
circuit; the last operation on a qubit, and the last that is not diagonal on it (or -1).
"""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


class _Work(NamedTuple):
    """What fusion knows: one-qubit gates that wait, and the operations so far."""

    qubits: Integers  # (n_qubits + 1, 4): columns below; last row: rows, numbers, wires
    pending: Complexes  # (n_qubits, 4): rows of the matrix that waits on each qubit
    rows: Integers  # (capacity, 7)
    numbers: Complexes
    wires: Integers
    matrix: Complexes  # (3, 16): room for a product; [2, 0] is the global phase, rad


@inner_kernel
def _magnitude(z: complex) -> float:
    return z.real * z.real + z.imag * z.imag


@inner_kernel
def _append(work: _Work) -> int:
    """Return a new operation; its numbers begin where the next ones will stand."""
    k = work.qubits[-1, 0]
    work.rows[k, 5], work.rows[k, 6] = work.qubits[-1, 1], work.qubits[-1, 2]
    work.qubits[-1, 0] = k + 1
    return int(k)


@inner_kernel
def _condition(work: _Work, k: int, mask: int, value: int) -> None:
    """Let operation ``k`` depend on, but not mix, the qubits of ``mask``."""
    work.rows[k, 3], work.rows[k, 4] = mask, value
    bit = 0
    while mask >> bit:
        if mask >> bit & 1:
            work.qubits[bit, TOUCHED] = max(work.qubits[bit, TOUCHED], k)
        bit += 1


@inner_kernel
def _mix(work: _Work, qubit: int, k: int) -> None:
    work.qubits[qubit, TOUCHED] = k
    work.qubits[qubit, MIXED] = k


@inner_kernel
def _write(work: _Work, number: complex) -> None:
    work.numbers[work.qubits[-1, 1]] = number
    work.qubits[-1, 1] += 1


@inner_kernel
def _wait(work: _Work, q: int, a: complex, b: complex, c: complex, d: complex) -> None:
    row = work.pending[q]
    row[0], row[1], row[2], row[3] = a, b, c, d
    work.qubits[q, WAITS] = 1


@inner_kernel
def _clean(z: complex) -> complex:
    """Return ``z`` without a real or imaginary part that is only rounding."""
    real = 0.0 if abs(z.real) < ROUNDING else z.real
    return complex(real, 0.0 if abs(z.imag) < ROUNDING else z.imag)


@inner_kernel
def _is_axial(b: complex, c: complex) -> bool:
    """Tell whether a shear is real or imaginary, which costs half of a complex one."""
    b, c = _clean(b), _clean(c)
    return (b.imag == 0.0 and c.imag == 0.0) or (b.real == 0.0 and c.real == 0.0)


@inner_kernel
def _shear(work: _Work, q: int, b: complex, c: complex, scale: complex) -> int:
    k = _append(work)
    work.rows[k, 0], work.rows[k, 1] = SHEAR, q
    _mix(work, q, k)
    _write(work, _clean(b))
    _write(work, _clean(c))
    _write(work, scale)
    return k


@inner_kernel
def _term(work: _Work, mask: int, angle: float) -> None:
    if mask == 0:
        work.matrix[2, 0] += angle
    elif angle != 0.0:
        k = _append(work)
        work.rows[k, 0] = TERM
        _condition(work, k, mask, mask)
        _write(work, complex(angle))


@inner_kernel
def _carry_out(work: _Work, q: int) -> tuple[int, float]:
    """Carry out a shear, so that a diagonal gate waits.

    Return whether the shear is real or imaginary, and the phase between one and zero.
    """
    a, b = work.pending[q, 0], work.pending[q, 1]
    c, d = work.pending[q, 2], work.pending[q, 3]
    swapped = _magnitude(a) < _magnitude(b)
    if swapped:
        a, b, c, d = b, a, d, c
    scale = complex(math.sqrt(_magnitude(a)))
    first, second = b / a, c / d
    if swapped:
        first, second = second, first
    k = _shear(work, q, first, second, scale)
    work.rows[k, 2] = swapped
    nothing = 0.0 * scale
    _wait(work, q, a / scale, nothing, nothing, d / scale)
    ratio = _clean(d / a)
    return _is_axial(first, second), math.atan2(ratio.imag, ratio.real)


@inner_kernel
def _settle_diagonal(work: _Work, q: int) -> int:
    """Carry out what does not commute with Z; return 1 if an X goes on waiting.

    A phase behind a real or imaginary shear does not wait: the next gate on the qubit
    would become a complex one, whereas phases of a layer are gathered anyway.
    """
    if not work.qubits[q, WAITS]:
        return 0
    if _magnitude(work.pending[q, 1]) < TINY:
        return 0
    if _magnitude(work.pending[q, 0]) < TINY:
        return 1
    axial, angle = _carry_out(work, q)
    if axial and abs(math.sin(angle)) > ROUNDING:
        _settle(work, q)
    return 0


@inner_kernel
def _settle(work: _Work, q: int) -> None:
    """Carry out all that waits on a qubit."""
    if not work.qubits[q, WAITS]:
        return
    flipped = _magnitude(work.pending[q, 0]) < TINY
    if not flipped and _magnitude(work.pending[q, 1]) >= TINY:
        _carry_out(work, q)
    first = work.pending[q, 2 * flipped]
    second = work.pending[q, 3 - 2 * flipped]
    angle = math.atan2(first.imag, first.real)
    work.matrix[2, 0] += angle
    _term(work, 1 << q, math.atan2(second.imag, second.real) - angle)
    work.qubits[q, WAITS] = 0
    if flipped:
        nothing = 0.0 * first
        k = _shear(work, q, nothing, nothing, nothing + 1.0)
        work.rows[k, 2] = 1


@inner_kernel
def _settle_target(work: _Work, q: int, n_controls: int) -> float:
    """Carry out what does not commute with X.

    Return the angle of a phase of one that is left behind a real or imaginary shear:
    behind an X under one control it is a phase of both qubits.
    """
    if not work.qubits[q, WAITS]:
        return 0.0
    a, b = work.pending[q, 0], work.pending[q, 1]
    c, d = work.pending[q, 2], work.pending[q, 3]
    one, x = 0.5 * (a + d), 0.5 * (b + c)
    y, z = 0.5j * (b - c), 0.5 * (a - d)
    if _magnitude(y) + _magnitude(z) < TINY:
        return 0.0
    small, large = min(_magnitude(a), _magnitude(b)), max(_magnitude(a), _magnitude(b))
    first, second = (b / a, c / d) if large == _magnitude(a) else (a / b, d / c)
    if small > TINY and n_controls == 1 and _is_axial(first, second):
        _, angle = _carry_out(work, q)
        phase = work.pending[q, 0]
        work.matrix[2, 0] += math.atan2(phase.imag, phase.real)
        work.qubits[q, WAITS] = 0
        return angle
    if _magnitude(y) >= _magnitude(z):
        g0, g1 = 1.0, (z / y).real
    else:
        g0, g1 = (y / z).real, 1.0
    norm = math.hypot(g0, g1)
    g0, g1 = g0 / norm, g1 / norm
    pivot, beside = g0 * one + 1j * g1 * x, g0 * x + 1j * g1 * one
    left = g0 * z - g1 * y
    y = g0 * y + g1 * z
    scale = math.sqrt(_magnitude(pivot))
    if scale < SMALLEST_PIVOT or _magnitude(left) > TINY:
        _settle(work, q)
        return 0.0
    b, c = (beside - 1j * y) / pivot, (beside + 1j * y) / pivot
    _shear(work, q, b, c, complex(scale))
    same, other = g0 * pivot / scale, -1j * g1 * pivot / scale
    _wait(work, q, same, other, other, same)
    return 0.0


@inner_kernel
def _multiply_one(
    work: _Work, q: int, m0: complex, m1: complex, m2: complex, m3: complex
) -> None:
    """Let a 2 x 2 matrix wait on a qubit, or take it into a 4 x 4 matrix."""
    k = work.qubits[q, TOUCHED]
    if work.qubits[q, WAITS]:
        a, b = work.pending[q, 0], work.pending[q, 1]
        c, d = work.pending[q, 2], work.pending[q, 3]
        a, c = m0 * a + m1 * c, m2 * a + m3 * c
        b, d = m0 * b + m1 * d, m2 * b + m3 * d
        _wait(work, q, a, b, c, d)
    elif k >= 0 and work.rows[k, 0] == MATRIX_TWO:
        bit = 1 if work.rows[k, 1] == q else 2
        first = work.rows[k, 5]
        for entry in range(16):
            if not entry >> 2 & bit:
                i, j = first + entry, first + entry + 4 * bit
                x, y = work.numbers[i], work.numbers[j]
                work.numbers[i] = m0 * x + m1 * y
                work.numbers[j] = m2 * x + m3 * y
    else:
        _wait(work, q, m0, m1, m2, m3)


@inner_kernel
def _take_waiting(work: _Work, p: int, q: int) -> None:
    """Multiply what waits on two qubits onto ``matrix[0]`` from the right."""
    for step in range(2):
        qubit, bit = (q, 2) if step else (p, 1)
        if work.qubits[qubit, WAITS]:
            a, b = work.pending[qubit, 0], work.pending[qubit, 1]
            c, d = work.pending[qubit, 2], work.pending[qubit, 3]
            for entry in range(16):
                if not entry & bit:
                    x, y = work.matrix[0, entry], work.matrix[0, entry | bit]
                    work.matrix[0, entry] = x * a + y * c
                    work.matrix[0, entry | bit] = x * b + y * d
            work.qubits[qubit, WAITS] = 0


@inner_kernel
def _multiply_two(work: _Work, p: int, q: int) -> None:
    """Append the 4 x 4 ``matrix[0]`` (index: bit of p + 2 bit of q)."""
    _take_waiting(work, p, q)
    k = work.qubits[p, TOUCHED]
    if k >= 0 and k == work.qubits[q, TOUCHED] and work.rows[k, 0] == MATRIX_TWO:
        reversed_order = work.rows[k, 1] != p
        first = work.rows[k, 5]
        for entry in range(16):
            work.matrix[1, entry] = work.numbers[first + entry]
        for entry in range(16):
            i, j = entry >> 2, entry & 3
            if reversed_order:  # the earlier one names the qubits the other way
                i = i >> 1 | (i & 1) << 1
            total = 0.0j
            for m in range(4):
                n = m >> 1 | (m & 1) << 1 if reversed_order else m
                total += work.matrix[0, 4 * i + n] * work.matrix[1, 4 * m + j]
            work.numbers[first + entry] = total
        return
    k = _append(work)
    work.rows[k, 0], work.rows[k, 1], work.rows[k, 2] = MATRIX_TWO, p, q
    _mix(work, p, k)
    _mix(work, q, k)
    for entry in range(16):
        _write(work, work.matrix[0, entry])
