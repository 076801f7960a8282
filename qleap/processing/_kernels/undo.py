"""One pass backwards over both states of the adjoint method."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_empty
from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.sweep import (
    _bits,
    _gather,
    _run_block,
    _scatter,
    _spread,
    _subsets,
)
from qleap.processing._kernels.turns import (
    cross_sum,
    spin_lane,
    spin_rows,
    turn_lane,
    turn_pair,
    turn_rows,
)
from qleap.processing._kernels.undoing import (
    RECORD,
    SECOND,
    SPIN_LANE,
    SPIN_ROWS,
    TURN_LANE,
    TURN_PAIR,
    TURN_ROWS,
)

Floats = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]

PADDING = 2048
"""Bytes between the parts of a block, which must not share cache sets."""


@inner_kernel
def _turn_block(
    x: Floats, y: Floats, row: Integers, tables: Floats, lanes: Lanes, out: Doubles
) -> None:
    """Measure and undo a real turn on parts of psi and lambda."""
    kind, a, b, fixed, value = row[0], row[1], row[2], row[3], row[4]
    table = tables[row[6] :]
    if kind == TURN_PAIR:
        low, high = turn_pair(x, y, a, b, row[5], fixed, value, table, lanes)
        out[row[RECORD] + 1] += low
        out[row[SECOND] + 1] += high
    elif kind == TURN_ROWS:
        out[row[RECORD] + 1] += turn_rows(x, y, a, fixed, value, table, lanes)
    else:
        out[row[RECORD] + 1] += turn_lane(x, y, a, fixed, value, table, lanes)


@inner_kernel
def _undo_block(
    re: Floats,
    im: Floats,
    base: int,
    operations: Integers,
    tables: Floats,
    places: Integers,
    inverses: Doubles,
    packed: bool,
    lanes: Lanes,
    out: Doubles,
) -> None:
    """Run the operations of `assemble_reversed` on one block."""
    half = re.size // 2
    terms, angles = np.empty((0, 3), np.int64), np.empty(0)
    k = 0
    while k < operations.shape[0]:
        row = operations[k]
        kind, a, fixed, value = row[0], row[1], row[3], row[4]
        first = k
        while k < operations.shape[0] and operations[k, 0] < TURN_PAIR:
            k += 1
        if k > first:
            part = operations[first:k]
            _run_block(
                re, im, base, part, tables, terms, angles, places, inverses, 0, lanes
            )
            continue
        k += 1
        if base & row[7] != row[8]:
            continue
        table = tables[row[6] :]
        if kind <= TURN_LANE:
            if packed:
                _turn_block(re, im, row, tables, lanes, out)
            else:
                _turn_block(re[:half], re[half:], row, tables, lanes, out)
                _turn_block(im[:half], im[half:], row, tables, lanes, out)
        elif kind == SPIN_ROWS or kind == SPIN_LANE:
            if kind == SPIN_ROWS:
                sums = spin_rows(re, im, a, fixed, value, table, lanes)
            else:
                sums = spin_lane(re, im, a, fixed, value, table, lanes)
            for axis in range(3):
                out[row[RECORD] + axis] += sums[axis]
        else:
            flipped = row[2]
            sr, si = cross_sum(re, im, a, flipped, fixed, value, packed, table, lanes)
            out[row[RECORD]] += sr
            out[row[RECORD] + 1] += si


@kernel
def undo_blocks(
    operations: Integers,
    tables: Floats,
    places: Integers,
    inverses: Doubles,
    inner: int,
    outside: int,
    first: int,
    last: int,
    packed: bool,
    keep: bool,
    lanes: Lanes,
    psi: Floats,
    lam: Floats,
    out: Doubles,
) -> None:
    """Undo a sweep on blocks ``first`` to ``last`` of both states.

    Parameters
    ----------
    operations, tables, places : ndarray
        From `assemble_reversed`.
    inverses : ndarray of float64
        From `reverse`.
    inner, outside : int
        Masks of the qubits of a block and of those that number the blocks.
    first, last : int
        Blocks.
    packed : bool
        Whether ``psi`` holds both states, which are real, as its two parts; then
        ``lam`` is left alone.
    keep : bool
        Whether the states are wanted afterwards.
    lanes : tuple of int
        Width of the vectors.
    psi, lam : ndarray
        The states; real and imaginary parts in turn.
    out : ndarray of float64, shape (n_records,)
        What the operations measure is added to it.
    """
    run = (inner + 1) & ~inner
    starts, outer = _subsets(inner & ~(run - 1)), _bits(outside)
    nowhere = inner & ~inner  # there is something to read everywhere
    half = starts.size * run
    size = half if packed else 2 * half
    apart = size + PADDING // psi.itemsize
    room = aligned_empty(apart + size, psi)
    re, im = room[:size], room[apart:]
    factor = np.zeros(2, psi.dtype)
    factor[0] = 1.0
    for block in range(first, last):
        base = _spread(block, outer)
        _gather(psi, base, starts, run, nowhere, re[:half], im[:half], lanes)
        if not packed:
            _gather(lam, base, starts, run, nowhere, re[half:], im[half:], lanes)
        _undo_block(
            re, im, base, operations, tables, places, inverses, packed, lanes, out
        )
        if not keep:
            continue
        _scatter(psi, base, starts, run, re[:half], im[:half], factor, lanes)
        if not packed:
            _scatter(lam, base, starts, run, re[half:], im[half:], factor, lanes)
