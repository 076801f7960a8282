"""Transfer matrices on blocks of a density matrix in the Pauli basis, in the cache.

The state is a real vector; base-4 digits of its index are the Pauli matrices of the
qubits. A block lies in the cache as *rows* of a few contiguous numbers: two digits on
which no operation acts number the elements of a row, the acted ones number the rows.
So every operation works on whole vector registers, whatever its qubits are. A small
state has no digits to spare; each of its numbers gets a row of its own.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import Vector, add, fma, load, multiply, splat, store, store_pairs

AFFINE, LOCAL, DENSE, SPARSE = 0, 1, 2, 3
"""Kinds of operations.

One qubit with a first row (1, 0, 0, 0); two qubits, where a permutation of the rows
with factors is followed by such matrices on either; two qubits; any number.
"""

LARGEST = 256
"""Rows of the matrix of a sparse operation: four qubits."""

SQUARE, HALF = 256, 128
"""Numbers of sixteen rows of sixteen, which are transposed at a time."""

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


@inner_kernel
def _turn(
    w: Vector, x: Vector, y: Vector, z: Vector, m: Doubles, at: int, lanes: Lanes
) -> tuple[Vector, Vector, Vector]:
    """Return the last three rows of a 4 x 4 matrix, which begin at ``at``, times."""
    a = fma(splat(m[at + 1], lanes), x, multiply(splat(m[at], lanes), w))
    b = fma(splat(m[at + 5], lanes), x, multiply(splat(m[at + 4], lanes), w))
    c = fma(splat(m[at + 9], lanes), x, multiply(splat(m[at + 8], lanes), w))
    a = fma(splat(m[at + 2], lanes), y, a)
    b = fma(splat(m[at + 6], lanes), y, b)
    c = fma(splat(m[at + 10], lanes), y, c)
    a = fma(splat(m[at + 3], lanes), z, a)
    b = fma(splat(m[at + 7], lanes), z, b)
    c = fma(splat(m[at + 11], lanes), z, c)
    return a, b, c


@inner_kernel
def _affine(
    block: Doubles, run: int, acted: int, d: int, m: Doubles, lanes: Lanes
) -> None:
    """Apply a matrix with a first row (1, 0, 0, 0); ``d`` is the digit's distance."""
    row, n_rows = 0, block.size // run
    while row < n_rows:
        for p in range(row * run, row * run + run, 1 << len(lanes)):
            w, x = load(block, p, lanes), load(block, p + d, lanes)
            y, z = load(block, p + 2 * d, lanes), load(block, p + 3 * d, lanes)
            x, y, z = _turn(w, x, y, z, m, 0, lanes)
            store(block, p + d, x)
            store(block, p + 2 * d, y)
            store(block, p + 3 * d, z)
        row = ((row | acted) + 1) & ~acted


@inner_kernel
def _read(
    block: Doubles, p: int, source: Integers, k: int, m: Doubles, lanes: Lanes
) -> Vector:
    """Return a row of the block times its factor."""
    found: Vector = multiply(splat(m[k], lanes), load(block, p + source[k], lanes))
    return found


@inner_kernel
def _local(
    block: Doubles,
    run: int,
    acted: int,
    source: Integers,
    target: Integers,
    m: Doubles,
    lanes: Lanes,
) -> None:
    """Permute sixteen rows with factors, then turn each digit: one pass in registers.

    ``m`` holds sixteen factors and two matrices without their first rows.
    """
    row, n_rows = 0, block.size // run
    while row < n_rows:
        for p in range(row * run, row * run + run, 1 << len(lanes)):
            s00 = _read(block, p, source, 0, m, lanes)
            s01 = _read(block, p, source, 1, m, lanes)
            s02 = _read(block, p, source, 2, m, lanes)
            s03 = _read(block, p, source, 3, m, lanes)
            s10 = _read(block, p, source, 4, m, lanes)
            s11 = _read(block, p, source, 5, m, lanes)
            s12 = _read(block, p, source, 6, m, lanes)
            s13 = _read(block, p, source, 7, m, lanes)
            s20 = _read(block, p, source, 8, m, lanes)
            s21 = _read(block, p, source, 9, m, lanes)
            s22 = _read(block, p, source, 10, m, lanes)
            s23 = _read(block, p, source, 11, m, lanes)
            s30 = _read(block, p, source, 12, m, lanes)
            s31 = _read(block, p, source, 13, m, lanes)
            s32 = _read(block, p, source, 14, m, lanes)
            s33 = _read(block, p, source, 15, m, lanes)
            s01, s02, s03 = _turn(s00, s01, s02, s03, m, 16, lanes)
            s11, s12, s13 = _turn(s10, s11, s12, s13, m, 16, lanes)
            s21, s22, s23 = _turn(s20, s21, s22, s23, m, 16, lanes)
            s31, s32, s33 = _turn(s30, s31, s32, s33, m, 16, lanes)
            s10, s20, s30 = _turn(s00, s10, s20, s30, m, 28, lanes)
            s11, s21, s31 = _turn(s01, s11, s21, s31, m, 28, lanes)
            s12, s22, s32 = _turn(s02, s12, s22, s32, m, 28, lanes)
            s13, s23, s33 = _turn(s03, s13, s23, s33, m, 28, lanes)
            store(block, p + target[0], s00)
            store(block, p + target[1], s01)
            store(block, p + target[2], s02)
            store(block, p + target[3], s03)
            store(block, p + target[4], s10)
            store(block, p + target[5], s11)
            store(block, p + target[6], s12)
            store(block, p + target[7], s13)
            store(block, p + target[8], s20)
            store(block, p + target[9], s21)
            store(block, p + target[10], s22)
            store(block, p + target[11], s23)
            store(block, p + target[12], s30)
            store(block, p + target[13], s31)
            store(block, p + target[14], s32)
            store(block, p + target[15], s33)
        row = ((row | acted) + 1) & ~acted


@inner_kernel
def _dense(
    block: Doubles, run: int, acted: int, place: Integers, m: Doubles, lanes: Lanes
) -> None:
    """Multiply sixteen rows, which stay in registers, by a full matrix."""
    row, n_rows = 0, block.size // run
    while row < n_rows:
        for p in range(row * run, row * run + run, 1 << len(lanes)):
            x0, x1 = load(block, p + place[0], lanes), load(block, p + place[1], lanes)
            x2, x3 = load(block, p + place[2], lanes), load(block, p + place[3], lanes)
            x4, x5 = load(block, p + place[4], lanes), load(block, p + place[5], lanes)
            x6, x7 = load(block, p + place[6], lanes), load(block, p + place[7], lanes)
            x8, x9 = load(block, p + place[8], lanes), load(block, p + place[9], lanes)
            xa = load(block, p + place[10], lanes)
            xb = load(block, p + place[11], lanes)
            xc = load(block, p + place[12], lanes)
            xd = load(block, p + place[13], lanes)
            xe = load(block, p + place[14], lanes)
            xf = load(block, p + place[15], lanes)
            for k in range(16):
                at = 16 * k
                y = multiply(splat(m[at], lanes), x0)
                z = multiply(splat(m[at + 1], lanes), x1)
                y = fma(splat(m[at + 2], lanes), x2, y)
                z = fma(splat(m[at + 3], lanes), x3, z)
                y = fma(splat(m[at + 4], lanes), x4, y)
                z = fma(splat(m[at + 5], lanes), x5, z)
                y = fma(splat(m[at + 6], lanes), x6, y)
                z = fma(splat(m[at + 7], lanes), x7, z)
                y = fma(splat(m[at + 8], lanes), x8, y)
                z = fma(splat(m[at + 9], lanes), x9, z)
                y = fma(splat(m[at + 10], lanes), xa, y)
                z = fma(splat(m[at + 11], lanes), xb, z)
                y = fma(splat(m[at + 12], lanes), xc, y)
                z = fma(splat(m[at + 13], lanes), xd, z)
                y = fma(splat(m[at + 14], lanes), xe, y)
                z = fma(splat(m[at + 15], lanes), xf, z)
                store(block, p + place[k], add(y, z))
        row = ((row | acted) + 1) & ~acted


@inner_kernel
def _sparse(
    block: Doubles,
    run: int,
    acted: int,
    place: Integers,
    starts: Integers,
    columns: Integers,
    m: Doubles,
    room: Doubles,
    lanes: Lanes,
) -> None:
    """Multiply some rows by a sparse matrix; the old ones are kept in ``room``."""
    row, n_rows = 0, block.size // run
    while row < n_rows:
        p = row * run
        for k in range(place.size):
            for j in range(0, run, 1 << len(lanes)):
                store(room, k * run + j, load(block, p + place[k] + j, lanes))
        for k in range(place.size):
            for j in range(0, run, 1 << len(lanes)):
                y = splat(0.0, lanes)
                for t in range(starts[k], starts[k + 1]):
                    x = load(room, columns[t] * run + j, lanes)
                    y = fma(splat(m[t], lanes), x, y)
                store(block, p + place[k] + j, y)
        row = ((row | acted) + 1) & ~acted


@inner_kernel
def _interleave(a: Doubles, i: int, b: Doubles, k: int, lanes: Lanes) -> None:
    """Write the two halves of 256 numbers alternately; four times transposes them."""
    for j in range(0, HALF, 1 << len(lanes)):
        x, y = load(a, i + j, lanes), load(a, i + j + HALF, lanes)
        store_pairs(b, k + 2 * j, x, y)


@inner_kernel
def _gather(
    state: Doubles,
    base: int,
    rows: Integers,
    columns: Integers,
    run: int,
    block: Doubles,
    room: Doubles,
    lanes: Lanes,
) -> None:
    """Copy a block to the cache."""
    if columns.size == 1:
        for k in range(rows.size):
            block[k * run] = state[base + rows[k]]
    elif columns[1] == 1:  # rows are contiguous in memory, too
        for k in range(rows.size):
            for j in range(0, run, 1 << len(lanes)):
                store(block, k * run + j, load(state, base + rows[k] + j, lanes))
    else:  # sixteen rows at a time are contiguous in each column
        one, two = room[:SQUARE], room[SQUARE:]
        for k in range(0, rows.size, run):
            p = base + rows[k]
            for j in range(0, HALF, 1 << len(lanes)):
                i = p + (j & (run - 1))
                x = load(state, i + columns[j // run], lanes)
                y = load(state, i + columns[(j + HALF) // run], lanes)
                store_pairs(one, 2 * j, x, y)
            _interleave(one, 0, two, 0, lanes)
            _interleave(two, 0, one, 0, lanes)
            _interleave(one, 0, block, k * run, lanes)


@inner_kernel
def _scatter(
    state: Doubles,
    base: int,
    rows: Integers,
    columns: Integers,
    run: int,
    block: Doubles,
    room: Doubles,
    lanes: Lanes,
) -> None:
    """Copy a block back."""
    if columns.size == 1:
        for k in range(rows.size):
            state[base + rows[k]] = block[k * run]
    elif columns[1] == 1:
        for k in range(rows.size):
            for j in range(0, run, 1 << len(lanes)):
                store(state, base + rows[k] + j, load(block, k * run + j, lanes))
    else:
        one, two = room[:SQUARE], room[SQUARE:]
        for k in range(0, rows.size, run):
            p = base + rows[k]
            _interleave(block, k * run, one, 0, lanes)
            _interleave(one, 0, two, 0, lanes)
            _interleave(two, 0, one, 0, lanes)
            for j in range(0, HALF, 1 << len(lanes)):
                i = p + columns[2 * j // run] + (2 * j & (run - 1))
                x, y = load(one, j, lanes), load(one, j + HALF, lanes)
                store_pairs(state, i, x, y)


@kernel
def transfer_blocks(
    operations: Integers,
    places: Integers,
    numbers: Doubles,
    rows: Integers,
    columns: Integers,
    bases: Integers,
    lanes: Lanes,
    state: Doubles,
) -> None:
    """Run operations on some blocks of a state.

    A row of ``operations`` holds: kind, mask of the acted bits of a row's number, where
    its ``places`` begin and end, where its ``numbers`` do, and how many rows it acts
    on. Places are distances of rows, or of a digit; sparse matrices add where each row
    begins and the columns. ``rows``, ``columns`` and ``bases`` are offsets in the
    state: of each row of a block, of the elements of a row (sixteen or one), of each
    block.
    """
    run = max(columns.size, 1 << len(lanes))
    block, room = aligned(rows.size * run), aligned(LARGEST * run)
    for base in bases:
        _gather(state, base, rows, columns, run, block, room, lanes)
        for k in range(operations.shape[0]):
            kind, acted = operations[k, 0], operations[k, 1]
            place = places[operations[k, 2] : operations[k, 3]] * run
            m = numbers[operations[k, 4] : operations[k, 5]]
            if kind == AFFINE:
                _affine(block, run, acted, place[0], m, lanes)
            elif kind == LOCAL:
                _local(block, run, acted, place[:16], place[16:], m, lanes)
            elif kind == DENSE:
                _dense(block, run, acted, place, m, lanes)
            else:
                n = operations[k, 6]
                tables = places[operations[k, 2] + n : operations[k, 3]]
                starts, own = tables[: n + 1], tables[n + 1 :]
                _sparse(block, run, acted, place[:n], starts, own, m, room, lanes)
        _scatter(state, base, rows, columns, run, block, room, lanes)
