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

NEGLIGIBLE = 1e-26
"""Squared magnitude that is only the rounding of a product of matrices."""

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
    matrix: Complexes  # (3, 16): room for a product; [2]: the global phase, rad,
    # and whether matrices of two qubits are reduced


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
    if scale < SMALLEST_PIVOT or _magnitude(left) > NEGLIGIBLE:
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
def _reduce(work: _Work, p: int, q: int) -> None:
    """Let local gates wait behind ``matrix[0]``, so that it has fewer entries.

    The first column is a state of two qubits. In the bases of its Schmidt decomposition
    it is ``(s0, 0, 0, s1)`` with real s0 >= s1, and the matrix costs 31 multiply-adds
    for four amplitudes instead of 64 (`qleap.processing._kernels.pairs`).
    """
    c0, c1 = work.matrix[0, 0], work.matrix[0, 4]
    c2, c3 = work.matrix[0, 8], work.matrix[0, 12]
    first, second = _magnitude(c0) + _magnitude(c2), _magnitude(c1) + _magnitude(c3)
    mixed = c0 * c1.conjugate() + c2 * c3.conjugate()
    angle = 0.5 * math.atan2(2.0 * math.sqrt(_magnitude(mixed)), first - second)
    phase = math.atan2(mixed.imag, mixed.real)
    turn = complex(math.cos(phase), -math.sin(phase))
    a0, a1 = complex(math.cos(angle)), turn * math.sin(angle)
    a2, a3 = complex(-math.sin(angle)), turn * math.cos(angle)  # the second vector
    b0 = a0.conjugate() * c0 + a1.conjugate() * c1
    b1 = a0.conjugate() * c2 + a1.conjugate() * c3
    norm = math.sqrt(_magnitude(b0) + _magnitude(b1))
    b0, b1 = b0 / norm, b1 / norm
    b2, b3 = -b1.conjugate(), b0.conjugate()
    r0 = a2.conjugate() * c0 + a3.conjugate() * c1
    r1 = a2.conjugate() * c2 + a3.conjugate() * c3
    other = b2.conjugate() * r0 + b3.conjugate() * r1
    size = math.sqrt(_magnitude(other))
    if size > 0.0:
        b2, b3 = b2 * other / size, b3 * other / size
    for column in range(4):
        for k in range(4):
            # Row k: the conjugate of vector (bit 0) of p and of vector (bit 1) of q.
            x0, x1 = (a2, a3) if k & 1 else (a0, a1)
            y0, y1 = (b2, b3) if k >> 1 else (b0, b1)
            low = x0.conjugate() * work.matrix[0, column]
            low += x1.conjugate() * work.matrix[0, 4 + column]
            high = x0.conjugate() * work.matrix[0, 8 + column]
            high += x1.conjugate() * work.matrix[0, 12 + column]
            work.matrix[1, 4 * k + column] = (
                y0.conjugate() * low + y1.conjugate() * high
            )
    for entry in range(16):
        work.matrix[0, entry] = work.matrix[1, entry]
    work.matrix[0, 0], work.matrix[0, 12] = complex(norm), complex(size)
    work.matrix[0, 4] = work.matrix[0, 8] = 0.0
    _wait(work, p, a0, a2, a1, a3)
    _wait(work, q, b0, b2, b1, b3)


@inner_kernel
def _multiply_two(work: _Work, p: int, q: int) -> None:
    """Append the 4 x 4 ``matrix[0]`` (index: bit of p + 2 bit of q)."""
    _take_waiting(work, p, q)
    reduces = work.matrix[2, 1].real != 0.0
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
        if reduces:
            for entry in range(16):
                work.matrix[0, entry] = work.numbers[first + entry]
            _reduce(work, work.rows[k, 1], work.rows[k, 2])
            for entry in range(16):
                work.numbers[first + entry] = work.matrix[0, entry]
        return
    if reduces:
        _reduce(work, p, q)
    k = _append(work)
    work.rows[k, 0], work.rows[k, 1], work.rows[k, 2] = MATRIX_TWO, p, q
    _mix(work, p, k)
    _mix(work, q, k)
    for entry in range(16):
        _write(work, work.matrix[0, entry])
