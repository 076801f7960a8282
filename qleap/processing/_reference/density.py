"""Transfer matrices on blocks of a density matrix, as products of whole matrices."""

import numpy as np
from numpy.typing import NDArray

AFFINE, LOCAL, DENSE, SPARSE = 0, 1, 2, 3
LARGEST = 256

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


def _matrix(
    kind: int, size: int, places: Integers, numbers: Doubles
) -> tuple[Doubles, Integers]:
    """Return the matrix of an operation and the rows, relative, that it acts on."""
    first = np.eye(4)[:1]
    if kind == AFFINE:
        full = np.concatenate((first, numbers.reshape(3, 4)))
        return full, np.arange(4) * places[0]
    if kind == LOCAL:
        a, b = (
            np.concatenate((first, part.reshape(3, 4)))
            for part in (numbers[16:28], numbers[28:])
        )
        place = places[16:]
        source = [place.tolist().index(one) for one in places[:16].tolist()]
        return np.kron(b, a) @ (numbers[:16, None] * np.eye(16)[source]), place
    if kind == DENSE:
        return numbers.reshape(16, 16), places
    starts, columns = places[size : 2 * size + 1], places[2 * size + 1 :]
    matrix = np.zeros((size, size))
    matrix[np.repeat(np.arange(size), np.diff(starts)), columns] = numbers
    return matrix, places[:size]


def transfer_blocks(
    operations: Integers,
    places: Integers,
    numbers: Doubles,
    rows: Integers,
    columns: Integers,
    bases: Integers,
    lanes: Lanes,  # noqa: ARG001  # the kernel's vectors
    state: Doubles,
) -> None:
    """Run operations on some blocks of a state."""
    for base in bases:
        index = base + rows[:, None] + columns
        block = state[index]
        for kind, acted, begin, end, first, last, size in operations.tolist():
            tables = (places[begin:end], numbers[first:last])
            matrix, place = _matrix(kind, size, *tables)
            free = np.flatnonzero((np.arange(rows.size) & acted) == 0)
            where = free[:, None] + place
            block[where] = np.einsum("ij,fjc->fic", matrix, block[where])
        state[index] = block
