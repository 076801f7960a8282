"""Between a density matrix and its Pauli basis, entry by entry."""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Complexes = NDArray[np.complex128]

PORTION, TILE = 4, 5


def _digits(numbers: NDArray[np.int64], n_qubits: int) -> NDArray[np.int64]:
    """Return the base-4 digits, least significant first, along a new last axis."""
    digits: NDArray[np.int64] = numbers[..., None] >> 2 * np.arange(n_qubits) & 3
    return digits


def _index(row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the transform of an entry lies."""
    found = np.zeros(np.broadcast(row, column).shape, np.int64)
    for k in range(31):
        found |= ((row ^ column) >> k & 1) << 2 * k | (row >> k & 1) << 2 * k + 1
    return found


def _tiles(
    n_qubits: int, first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of all entries of some tiles."""
    low = min(n_qubits, TILE)
    high = n_qubits - low
    tile = np.arange(first, last)[:, None, None]
    inner = np.arange(1 << low)
    row = (tile >> high) << low | inner[:, None]
    column = (tile & (1 << high) - 1) << low | inner
    return np.broadcast_arrays(row, column)[0], np.broadcast_arrays(row, column)[1]


def flip_signs_into(n_qubits: int, first: int, last: int, strings: Doubles) -> None:
    """Change the sign of strings with 2 or 3 Y modulo 4, in portions of 256."""
    size = 4 ** min(n_qubits, PORTION)
    numbers = np.arange(first * size, last * size)
    n_y = np.sum(_digits(numbers, n_qubits) == 2, axis=-1)
    strings[numbers] *= np.array([1.0, 1.0, -1.0, -1.0])[n_y % 4]


def entries_into(
    n_qubits: int, first: int, last: int, transformed: Doubles, entries: Complexes
) -> None:
    """Write tiles of the density matrix."""
    row, column = _tiles(n_qubits, first, last)
    a, b = transformed[_index(row, column)], transformed[_index(column, row)]
    entries[row, column] = 0.5 * (a + b) + 0.5j * (b - a)


def transformed_into(
    n_qubits: int, first: int, last: int, entries: Complexes, transformed: Doubles
) -> None:
    """Undo `entries_into`, tile by tile."""
    row, column = _tiles(n_qubits, first, last)
    value = entries[row, column]
    transformed[_index(row, column)] = value.real - value.imag
