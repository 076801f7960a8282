"""Coefficients of all gates with angles, computed at once.

A row of ``recipes`` holds: code (`qleap.processing.recipes.Recipe`), the operation's
row, first coefficient, first angle. The entries are those of Qiskit's matrices.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.vmath import sincos

NONE, RX, RY, R, U, CU, PHASE, RZ, RZZ, RXX, RYY, RZX, XX_PLUS_YY, XX_MINUS_YY = range(
    14
)
"""As `qleap.processing.recipes.Recipe`."""

EXACT = 1e8
"""Radians up to which `sincos` reduces its argument exactly."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@inner_kernel
def _turn(angle: float) -> tuple[float, float]:
    """Return cosine and sine of any angle."""
    if abs(angle) < EXACT:
        s, c = sincos(angle)
        return c, s
    return math.cos(angle), math.sin(angle)


@inner_kernel
def _write_one_qubit(
    code: int, angles: Floats, slot: int, table: Floats, at: int
) -> None:
    """Write the eight floats of a 2 x 2 matrix."""
    c, s = _turn(0.5 * angles[slot])
    table[at], table[at + 1], table[at + 6], table[at + 7] = c, 0.0, c, 0.0
    br, bi, cr, ci = 0.0, -s, 0.0, -s
    if code == RY:
        br, bi, cr, ci = -s, 0.0, s, 0.0
    elif code == R:
        x, y = _turn(angles[slot + 1])
        br, bi, cr, ci = -s * y, -s * x, s * y, -s * x
    elif code != RX:
        fx, fy = _turn(angles[slot + 1])
        lx, ly = _turn(angles[slot + 2])
        br, bi, cr, ci = -s * lx, -s * ly, s * fx, s * fy
        table[at + 6] = c * (fx * lx - fy * ly)
        table[at + 7] = c * (fx * ly + fy * lx)
    table[at + 2], table[at + 3], table[at + 4], table[at + 5] = br, bi, cr, ci
    if code == CU:
        gx, gy = _turn(angles[slot + 3])
        for k in range(at, at + 8, 2):
            x, y = table[k], table[k + 1]
            table[k], table[k + 1] = gx * x - gy * y, gx * y + gy * x


@inner_kernel
def _write_two_qubits(
    code: int, angles: Floats, slot: int, table: Floats, at: int
) -> None:
    """Write a 4 x 4 matrix, entry (row, column) at ``8 row + 2 column``."""
    c, s = _turn(0.5 * angles[slot])
    for k in range(32):
        table[at + k] = c if k % 10 == 0 else 0.0
    if code in (RXX, RYY):
        end = -s if code == RXX else s
        table[at + 7], table[at + 13] = end, -s
        table[at + 19], table[at + 25] = -s, end
    elif code == RZX:
        table[at + 5], table[at + 15], table[at + 17], table[at + 27] = -s, s, -s, s
    else:  # the sine couples 01 and 10, or 00 and 11
        x, y = _turn(angles[slot + 1])
        first, second = (1, 2) if code == XX_PLUS_YY else (0, 3)
        rest, last = (0, 3) if code == XX_PLUS_YY else (1, 2)
        table[at + 10 * rest], table[at + 10 * last] = 1.0, 1.0
        up, down = at + 8 * first + 2 * second, at + 8 * second + 2 * first
        table[up], table[up + 1] = -s * y, -s * x
        table[down], table[down + 1] = s * y, -s * x


@inner_kernel
def _write_diagonal(
    code: int, angles: Floats, slot: int, table: Floats, at: int
) -> None:
    """Write one, two or four phases."""
    c, s = _turn(angles[slot] * (1.0 if code == PHASE else 0.5))
    table[at] = c
    table[at + 1] = s if code == PHASE else -s
    if code != PHASE:
        table[at + 2], table[at + 3] = c, s
    if code == RZZ:
        table[at + 4], table[at + 5], table[at + 6], table[at + 7] = c, s, c, -s


@inner_kernel
def _write(code: int, angles: Floats, slot: int, table: Floats, at: int) -> None:
    """Write the entries of one recipe; arrays stay whole, as slices would cost more."""
    if code <= CU:
        _write_one_qubit(code, angles, slot, table, at)
    elif code <= RZZ:
        _write_diagonal(code, angles, slot, table, at)
    else:
        _write_two_qubits(code, angles, slot, table, at)


@kernel
def fill_coefficients(recipes: Integers, angles: Floats, coefficients: Floats) -> None:
    """Fill tables of ``coefficients``, one row for each row of ``angles``."""
    for k in range(angles.shape[0]):
        row, table = angles[k], coefficients[k]
        for j in range(recipes.shape[0]):
            _write(recipes[j, 0], row, recipes[j, 3], table, recipes[j, 2])
