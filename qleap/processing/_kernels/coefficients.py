"""Coefficients of all gates with angles, computed at once.

A row of ``recipes`` holds: code (`qleap.processing.recipes.Recipe`), the operation's
row, first coefficient, first angle. The entries are those of Qiskit's matrices.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel, parallel_kernel, prange
from qleap.core.vmath import sincos

NONE, RX, RY, R, U, CU, PHASE, RZ, RZZ, RXX, RYY, RZX, XX_PLUS_YY, XX_MINUS_YY = range(
    14
)
"""As `qleap.processing.recipes.Recipe`."""

EXACT = 1e8
"""Radians up to which `sincos` reduces its argument exactly."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@kernel
def _turn(angle: float) -> tuple[float, float]:
    """Return cosine and sine of any angle."""
    if abs(angle) < EXACT:
        s, c = sincos(angle)
        return c, s
    return math.cos(angle), math.sin(angle)


@kernel
def _write_one_qubit(code: int, angle: Floats, out: Floats) -> None:
    """Write the eight floats of a 2 x 2 matrix."""
    c, s = _turn(0.5 * angle[0])
    out[0], out[1], out[6], out[7] = c, 0.0, c, 0.0
    if code == RX:
        out[2], out[3], out[4], out[5] = 0.0, -s, 0.0, -s
    elif code == RY:
        out[2], out[3], out[4], out[5] = -s, 0.0, s, 0.0
    elif code == R:
        x, y = _turn(angle[1])
        out[2], out[3], out[4], out[5] = -s * y, -s * x, s * y, -s * x
    else:
        fx, fy = _turn(angle[1])
        lx, ly = _turn(angle[2])
        out[2], out[3], out[4], out[5] = -s * lx, -s * ly, s * fx, s * fy
        out[6], out[7] = c * (fx * lx - fy * ly), c * (fx * ly + fy * lx)
        if code == CU:
            gx, gy = _turn(angle[3])
            for k in range(0, 8, 2):
                x, y = out[k], out[k + 1]
                out[k], out[k + 1] = gx * x - gy * y, gx * y + gy * x


@kernel
def _write_two_qubits(code: int, angle: Floats, out: Floats) -> None:
    """Write a 4 x 4 matrix, entry (row, column) at ``8 row + 2 column``."""
    c, s = _turn(0.5 * angle[0])
    out[:32] = 0.0
    for k in range(4):
        out[10 * k] = c
    if code == RXX:
        out[7], out[13], out[19], out[25] = -s, -s, -s, -s
    elif code == RYY:
        out[7], out[13], out[19], out[25] = s, -s, -s, s
    elif code == RZX:
        out[5], out[15], out[17], out[27] = -s, s, -s, s
    else:  # the sine couples 01 and 10, or 00 and 11
        x, y = _turn(angle[1])
        first, second = (1, 2) if code == XX_PLUS_YY else (0, 3)
        rest, last = (0, 3) if code == XX_PLUS_YY else (1, 2)
        out[10 * rest], out[10 * last] = 1.0, 1.0
        up, down = 8 * first + 2 * second, 8 * second + 2 * first
        out[up], out[up + 1] = -s * y, -s * x
        out[down], out[down + 1] = s * y, -s * x


@kernel
def _write(code: int, angle: Floats, out: Floats) -> None:
    """Write the entries of one recipe."""
    if code <= CU:
        _write_one_qubit(code, angle, out)
    elif code == PHASE:
        out[0], out[1] = _turn(angle[0])
    elif code == RZ:
        c, s = _turn(0.5 * angle[0])
        out[0], out[1], out[2], out[3] = c, -s, c, s
    elif code == RZZ:
        c, s = _turn(0.5 * angle[0])
        out[0], out[1], out[2], out[3] = c, -s, c, s
        out[4], out[5], out[6], out[7] = c, s, c, -s
    else:
        _write_two_qubits(code, angle, out)


@kernel
def fill_coefficients(recipes: Integers, angles: Floats, coefficients: Floats) -> None:
    """Fill tables of ``coefficients``, one row for each row of ``angles``."""
    for table in range(angles.shape[0]):
        for k in range(recipes.shape[0]):
            place, slot = recipes[k, 2], recipes[k, 3]
            _write(recipes[k, 0], angles[table, slot:], coefficients[table, place:])


@parallel_kernel
def fill_coefficients_parallel(
    recipes: Integers, angles: Floats, workers: int, coefficients: Floats
) -> None:
    """Fill tables of ``coefficients`` as `fill_coefficients`, in several threads."""
    total = angles.shape[0] * recipes.shape[0]
    for worker in prange(workers):
        for job in range(total * worker // workers, total * (worker + 1) // workers):
            table = job // recipes.shape[0]
            k = job - table * recipes.shape[0]
            place, slot = recipes[k, 2], recipes[k, 3]
            _write(recipes[k, 0], angles[table, slot:], coefficients[table, place:])
