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
def _write_two_qubits(
    code: int, c: float, s: float, x: float, y: float, table: Floats, at: int
) -> None:
    """Write a 4 x 4 matrix, entry (row, column) at ``8 row + 2 column``.

    ``c``, ``s`` are cosine and sine of the first angle, ``x``, ``y`` of the second.
    """
    for k in range(32):
        table[at + k] = c if k % 10 == 0 else 0.0
    if code in (RXX, RYY):
        end = -s if code == RXX else s
        table[at + 7], table[at + 13] = end, -s
        table[at + 19], table[at + 25] = -s, end
    elif code == RZX:
        table[at + 5], table[at + 15], table[at + 17], table[at + 27] = -s, s, -s, s
    else:  # the sine couples 01 and 10, or 00 and 11
        first, second = (1, 2) if code == XX_PLUS_YY else (0, 3)
        rest, last = (0, 3) if code == XX_PLUS_YY else (1, 2)
        table[at + 10 * rest], table[at + 10 * last] = 1.0, 1.0
        up, down = at + 8 * first + 2 * second, at + 8 * second + 2 * first
        table[up], table[up + 1] = -s * y, -s * x
        table[down], table[down + 1] = s * y, -s * x


@inner_kernel
def _turn_all(turns: Floats, cosines: Floats, sines: Floats) -> None:
    """Fill cosines and sines of angles: all as vectors, then the huge ones again."""
    for k in range(turns.size):
        sines[k], cosines[k] = sincos(turns[k])
    for k in range(turns.size):
        if abs(turns[k]) >= EXACT:
            cosines[k], sines[k] = math.cos(turns[k]), math.sin(turns[k])


@kernel
def fill_coefficients(recipes: Integers, angles: Floats, coefficients: Floats) -> None:
    """Fill tables of ``coefficients``, one row for each row of ``angles``.

    Matrices of one qubit and phases are written here: at some nanoseconds each, a
    function that takes the table would cost as much again.
    """
    turns = np.empty(angles.shape[1] + 1)  # one more, as kinds without a second angle
    cosines, sines = np.empty(turns.size), np.empty(turns.size)  # look at one, too
    for row in range(angles.shape[0]):
        table = coefficients[row]
        for k in range(turns.size):
            turns[k] = angles[row, k] if k < angles.shape[1] else 0.0
        for j in range(recipes.shape[0]):
            turns[recipes[j, 3]] *= 1.0 if recipes[j, 0] == PHASE else 0.5
        _turn_all(turns, cosines, sines)
        for j in range(recipes.shape[0]):
            code, at, slot = recipes[j, 0], recipes[j, 2], recipes[j, 3]
            c, s = cosines[slot], sines[slot]
            x, y = cosines[slot + 1], sines[slot + 1]
            if code <= CU:
                ar, ai, dr, di = c, 0.0, c, 0.0
                br, bi, cr, ci = 0.0, -s, 0.0, -s
                if code == RY:
                    br, bi, cr, ci = -s, 0.0, s, 0.0
                elif code == R:
                    br, bi, cr, ci = -s * y, -s * x, s * y, -s * x
                elif code != RX:
                    u, v = cosines[slot + 2], sines[slot + 2]
                    br, bi, cr, ci = -s * u, -s * v, s * x, s * y
                    dr, di = c * (x * u - y * v), c * (x * v + y * u)
                table[at], table[at + 1], table[at + 2], table[at + 3] = ar, ai, br, bi
                table[at + 4], table[at + 5], table[at + 6], table[at + 7] = (
                    cr,
                    ci,
                    dr,
                    di,
                )
                if code == CU:
                    u, v = cosines[slot + 3], sines[slot + 3]
                    for k in range(at, at + 8, 2):
                        p, q = table[k], table[k + 1]
                        table[k], table[k + 1] = u * p - v * q, u * q + v * p
            elif code <= RZZ:
                table[at], table[at + 1] = c, s if code == PHASE else -s
                if code != PHASE:
                    table[at + 2], table[at + 3] = c, s
                if code == RZZ:
                    table[at + 4], table[at + 5] = c, s
                    table[at + 6], table[at + 7] = c, -s
            else:
                _write_two_qubits(code, c, s, x, y, table, at)
