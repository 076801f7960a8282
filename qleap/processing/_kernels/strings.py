"""Between a density matrix and its Pauli basis: what is no tensor product.

``rho[r, r ^ x]`` is a Walsh-Hadamard transform over the Z parts of the strings whose X
part is ``x``, with a factor ``(-1j)**n_y``. Even and odd numbers of Y stay apart in the
real and the imaginary part of the result and have opposite symmetry under the exchange
of the two indices, so that one real transform serves both: only the sign of the
strings with two or three Y (modulo 4) must be turned before.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel

Doubles = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Integers = NDArray[np.int64]

PORTION, TILE = 4, 5
"""Qubits of the strings with one table of signs, and of a tile of the matrix."""


@inner_kernel
def _count_y(number: int) -> int:
    """Return how many base-4 digits are 2."""
    count = 0
    while number:
        count += number & 3 == 2
        number >>= 2
    return count


@inner_kernel
def _spread(number: int) -> int:
    """Return the number with its bits at every second place."""
    found, place = 0, 0
    while number >> place:
        found |= (number >> place & 1) << 2 * place
        place += 1
    return found


@kernel
def flip_signs_into(n_qubits: int, first: int, last: int, strings: Doubles) -> None:
    """Change the sign of strings with 2 or 3 Y modulo 4, in portions of 256."""
    size = 4 ** min(n_qubits, PORTION)
    signs = np.empty((4, size))
    for i in range(size):
        for k in range(4):
            signs[k, i] = 1.0 - 2.0 * ((_count_y(i) + k) >> 1 & 1)
    for portion in range(first, last):
        row = signs[_count_y(portion) & 3]
        for i in range(size):
            strings[portion * size + i] *= row[i]


@kernel
def entries_into(
    n_qubits: int, first: int, last: int, transformed: Doubles, entries: Complexes
) -> None:
    """Write tiles of the density matrix.

    ``transformed`` holds for every qubit in a base-4 digit: bit 0 whether row and
    column differ, bit 1 the row.
    """
    low = min(n_qubits, TILE)
    high = n_qubits - low
    spread = np.array([_spread(k) for k in range(1 << low)])
    for tile in range(first, last):
        row, column = tile >> high, tile & ((1 << high) - 1)
        x = _spread(row ^ column)
        here = (x | _spread(row) << 1) << 2 * low
        there = (x | _spread(column) << 1) << 2 * low
        for r in range(1 << low):
            for c in range(1 << low):
                differ = spread[r ^ c]
                a = transformed[here + (differ | spread[r] << 1)]
                b = transformed[there + (differ | spread[c] << 1)]
                value = complex(0.5 * (a + b), 0.5 * (b - a))
                entries[row << low | r, column << low | c] = value


@kernel
def transformed_into(
    n_qubits: int, first: int, last: int, entries: Complexes, transformed: Doubles
) -> None:
    """Undo `entries_into`, tile by tile."""
    low = min(n_qubits, TILE)
    high = n_qubits - low
    spread = np.array([_spread(k) for k in range(1 << low)])
    for tile in range(first, last):
        row, column = tile >> high, tile & ((1 << high) - 1)
        here = (_spread(row ^ column) | _spread(row) << 1) << 2 * low
        for r in range(1 << low):
            for c in range(1 << low):
                value = entries[row << low | r, column << low | c]
                index = here + (spread[r ^ c] | spread[r] << 1)
                transformed[index] = value.real - value.imag
