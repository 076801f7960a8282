"""Matrices on a block of amplitudes, row by row and lane by lane."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]


def _rows(re: Floats, im: Floats, lanes: Lanes) -> NDArray[np.complex128]:
    """Return the amplitudes, shape (rows, lanes)."""
    whole = re.astype(np.float64) + 1j * im.astype(np.float64)
    return whole.reshape(-1, 1 << len(lanes))


def _write(re: Floats, im: Floats, rows: NDArray[np.complex128]) -> None:
    re[:] = rows.real.ravel()
    im[:] = rows.imag.ravel()


def _factors(table: Floats, lanes: Lanes) -> NDArray[np.complex128]:
    """Return the complex vectors of a table, shape (factors, lanes)."""
    parts = table.astype(np.float64).reshape(-1, 2, 1 << len(lanes))
    return np.asarray(parts[:, 0] + 1j * parts[:, 1])


def _where(n_rows: int, fixed: int, value: int) -> NDArray[np.int64]:
    index = np.arange(n_rows)
    return np.asarray(index[index & fixed == value])


def exchange_rows(
    re: Floats, im: Floats, fixed: int, first: int, second: int, lanes: Lanes
) -> None:
    """Swap the rows whose ``fixed`` bits read ``first`` with those of ``second``."""
    rows = _rows(re, im, lanes)
    zero = _where(len(rows), fixed, 0)
    rows[zero | first], rows[zero | second] = rows[zero | second], rows[zero | first]
    _write(re, im, rows)


def matrix_rows(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply a matrix, its entries a vector each, to a row qubit."""
    a, b, c, d = _factors(table, lanes)
    rows = _rows(re, im, lanes)
    zero = _where(len(rows), fixed | target, value)
    x, y = rows[zero], rows[zero | target]
    rows[zero], rows[zero | target] = a * x + b * y, c * x + d * y
    _write(re, im, rows)


def matrix_lane(
    re: Floats,
    im: Floats,
    place: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply a matrix to lane qubit ``place``: factors of itself and its mirror."""
    same, flipped = _factors(table, lanes)
    rows = _rows(re, im, lanes)
    mirror = np.arange(rows.shape[1]) ^ (1 << place)
    chosen = _where(len(rows), fixed, value)
    rows[chosen] = same * rows[chosen] + flipped * rows[chosen][:, mirror]
    _write(re, im, rows)


def matrix_pair(
    re: Floats, im: Floats, low: int, high: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix, its entries a vector each, to two row qubits."""
    matrix = _factors(table, lanes).reshape(4, 4, -1)
    rows = _rows(re, im, lanes)
    zero = _where(len(rows), low | high, 0)
    places = np.array([0, low, high, low | high])
    found = np.stack([rows[zero | place] for place in places])
    for k in range(4):
        rows[zero | places[k]] = np.einsum("ij,irj->rj", matrix[k], found)
    _write(re, im, rows)


def _whole(table: Floats) -> NDArray[np.complex128]:
    """Return the 4 x 4 matrix that a reduced one stands for."""
    rows = table[:27].astype(np.float64).reshape(3, 3, 3)  # row, part, column
    inner = np.eye(4, dtype=np.complex128)
    inner[1:, 1:] = rows[:, 0] + 1j * (rows[:, 0] + rows[:, 2])
    t = float(table[27])
    shear = np.eye(4)
    shear[0, 3], shear[3, 0] = -t, t
    return np.asarray(shear @ inner)


def matrix_pair_reduced(
    re: Floats, im: Floats, low: int, high: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix on the last three states of two row qubits, and a real shear."""
    rows = _rows(re, im, lanes)
    zero = _where(len(rows), low | high, 0)
    places = [zero, zero | low, zero | high, zero | low | high]
    found = np.stack([rows[place] for place in places])
    for place, new in zip(places, np.tensordot(_whole(table), found, 1), strict=True):
        rows[place] = new
    _write(re, im, rows)


def matrix_row_lane_reduced(
    re: Floats, im: Floats, row_bit: int, place: int, table: Floats, lanes: Lanes
) -> None:
    """Do the same on a lane qubit and, as the higher one, a row qubit."""
    rows = _rows(re, im, lanes)
    lane = np.arange(rows.shape[1])
    clear = lane[lane & 1 << place == 0]
    zero = _where(len(rows), row_bit, 0)
    at = [
        np.ix_(chosen, clear | bit << place)
        for chosen in (zero, zero | row_bit)
        for bit in (0, 1)
    ]
    found = np.stack([rows[index] for index in at])
    for index, new in zip(at, np.tensordot(_whole(table), found, 1), strict=True):
        rows[index] = new
    _write(re, im, rows)


def matrix_row_lane(
    re: Floats, im: Floats, row_bit: int, place: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix to a row and a lane qubit."""
    factors = _factors(table, lanes).reshape(2, 2, 2, -1)
    rows = _rows(re, im, lanes)
    mirror = np.arange(rows.shape[1]) ^ (1 << place)
    zero = _where(len(rows), row_bit, 0)
    found = rows[zero], rows[zero | row_bit]
    for k, chosen in enumerate((zero, zero | row_bit)):
        rows[chosen] = sum(
            factors[k, j, 0] * found[j] + factors[k, j, 1] * found[j][:, mirror]
            for j in range(2)
        )
    _write(re, im, rows)


def matrix_lanes(
    re: Floats, im: Floats, one: int, other: int, table: Floats, lanes: Lanes
) -> None:
    """Apply a matrix to two lane qubits."""
    factors = _factors(table, lanes)
    rows = _rows(re, im, lanes)
    index = np.arange(rows.shape[1])
    flips = (0, 1 << one, 1 << other, 1 << one | 1 << other)
    _write(
        re, im, sum(f * rows[:, index ^ x] for f, x in zip(factors, flips, strict=True))
    )


def phase_rows(
    re: Floats, im: Floats, fixed: int, value: int, table: Floats, lanes: Lanes
) -> None:
    """Multiply rows by a number for each lane."""
    rows = _rows(re, im, lanes)
    rows[_where(len(rows), fixed, value)] *= _factors(table, lanes)[0]
    _write(re, im, rows)
