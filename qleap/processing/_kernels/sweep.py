"""One pass over the state: blocks to the cache, all operations of a sweep, and back.

The state lies in memory as complex numbers, real and imaginary parts in turn. A block
is taken apart into two arrays on its way to the cache and joined on its way back, which
costs nothing beside the memory's own time.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_empty
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import (
    fma,
    fnma,
    load,
    load_pairs,
    multiply,
    splat,
    store,
    store_pairs,
)
from qleap.processing._kernels.diagonal import multiply_entries, multiply_phases
from qleap.processing._kernels.matrices import (
    exchange_rows,
    matrix_lane,
    matrix_lanes,
    matrix_pair,
    matrix_pair_reduced,
    matrix_row_lane,
    matrix_row_lane_reduced,
    matrix_rows,
    phase_rows,
)
from qleap.processing._kernels.shears import shear_one, shear_three, shear_two
from qleap.processing._kernels.sheet import (
    DENSE,
    ENTRIES,
    EXCHANGE_ROWS,
    MATRIX_LANE,
    MATRIX_LANES,
    MATRIX_PAIR,
    MATRIX_ROW_LANE,
    MATRIX_ROWS,
    PHASE_ROWS,
    PHASES,
    SHEAR_ONE,
    SHEAR_THREE,
    SHEAR_TWO,
)
from qleap.processing._kernels.statevector import apply_matrix

Floats = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]

PADDING = 2048
"""Bytes between the parts of a block, half of a page."""


@inner_kernel
def _gather(
    state: Floats,
    base: int,
    starts: Integers,
    run: int,
    empty: int,
    re: Floats,
    im: Floats,
    lanes: Lanes,
) -> None:
    """Copy a block to the cache, runs of contiguous amplitudes one after another.

    Where qubits of the mask ``empty`` are set there is nothing to read yet.
    """
    zero = splat(state.dtype.type(0.0), lanes)
    at = 0
    for k in range(starts.size):
        first = 2 * (base + starts[k])
        if starts[k] & empty:
            for _ in range(0, run, 1 << len(lanes)):
                store(re, at, zero)
                store(im, at, zero)
                at += 1 << len(lanes)
        else:
            for j in range(0, run, 1 << len(lanes)):
                xr, xi = load_pairs(state, first + 2 * j, lanes)
                store(re, at, xr)
                store(im, at, xi)
                at += 1 << len(lanes)


@inner_kernel
def _scatter(
    state: Floats,
    base: int,
    starts: Integers,
    run: int,
    re: Floats,
    im: Floats,
    factor: Floats,
    lanes: Lanes,
) -> None:
    """Copy a block back, times a complex number."""
    c, s = splat(factor[0], lanes), splat(factor[1], lanes)
    at = 0
    for k in range(starts.size):
        first = 2 * (base + starts[k])
        for j in range(0, run, 1 << len(lanes)):
            xr, xi = load(re, at, lanes), load(im, at, lanes)
            yr = fnma(xi, s, multiply(xr, c))
            yi = fma(xi, c, multiply(xr, s))
            store_pairs(state, first + 2 * j, yr, yi)
            at += 1 << len(lanes)


@inner_kernel
def _run_block(
    re: Floats,
    im: Floats,
    base: int,
    operations: Integers,
    tables: Floats,
    terms: Integers,
    angles: Doubles,
    places: Integers,
    coefficients: Doubles,
    depth: int,
    lanes: Lanes,
) -> None:
    """Run the operations of a sweep, as `assemble` returns them, on one block."""
    for k in range(operations.shape[0]):
        row = operations[k]
        kind, a, b, fixed, value, extra = row[0], row[1], row[2], row[3], row[4], row[5]
        fulfilled = base & row[7] == row[8]
        table = tables[row[6] :]
        if kind <= SHEAR_THREE:
            order = b if row[7] and fulfilled else extra
            c, d, e = row[9], row[10], row[11]
            if kind == SHEAR_ONE:
                shear_one(re, im, c, fixed, value, order, table, lanes)
            elif kind == SHEAR_TWO:
                shear_two(re, im, c, d, fixed, value, order, table, a, lanes)
            else:
                shear_three(re, im, c, d, e, fixed, value, order, table, a, lanes)
        elif not fulfilled:
            continue
        elif kind == EXCHANGE_ROWS:
            exchange_rows(re, im, fixed, a, b, lanes)
        elif kind == MATRIX_ROWS:
            matrix_rows(re, im, a, fixed, value, table, lanes)
        elif kind == MATRIX_LANE:
            matrix_lane(re, im, a, fixed, value, table, lanes)
        elif kind == MATRIX_PAIR:
            if extra:
                matrix_pair_reduced(re, im, a, b, table, lanes)
            else:
                matrix_pair(re, im, a, b, table, lanes)
        elif kind == MATRIX_ROW_LANE:
            if extra:
                matrix_row_lane_reduced(re, im, a, b, table, lanes)
            else:
                matrix_row_lane(re, im, a, b, table, lanes)
        elif kind == MATRIX_LANES:
            matrix_lanes(re, im, a, b, table, lanes)
        elif kind == PHASE_ROWS:
            phase_rows(re, im, fixed, value, table, lanes)
        elif kind == PHASES:
            entries = table[: 2 << depth]
            multiply_phases(
                re, im, base, entries, extra, terms[a:b], angles[a:b], lanes
            )
        elif kind == DENSE:
            targets = np.empty(b, np.int64)
            for j in range(b):
                targets[j] = 1 << places[a + j]
            entries = coefficients[row[6] :]
            apply_matrix(re, im, targets, fixed, value, entries)  # type: ignore[arg-type]  # single works as well
        elif kind == ENTRIES:
            chosen = places[a : a + b]
            entries = coefficients[row[6] :]
            multiply_entries(re, im, base, chosen, fixed, value, entries)


@inner_kernel
def _bits(mask: int) -> Integers:
    """Return the numbers of the bits of ``mask`` that are set."""
    found = np.zeros(64, np.int64)
    n = 0
    for bit in range(63):
        if mask >> bit & 1:
            found[n] = bit
            n += 1
    return found[:n]


@inner_kernel
def _spread(number: int, places: Integers) -> int:
    """Return an index that has the bits of ``number`` at ``places``."""
    index = 0
    for k in range(places.size):
        index |= (number >> k & 1) << places[k]
    return index


@inner_kernel
def _subsets(mask: int) -> Integers:
    """Return in ascending order the numbers that have no bits beside a mask's."""
    found = np.empty(1 << _bits(mask).size, np.int64)
    subset = 0
    for k in range(found.size):
        found[k] = subset
        subset = (subset - mask) & mask
    return found


@kernel
def sweep_blocks(
    operations: Integers,
    tables: Floats,
    terms: Integers,
    angles: Doubles,
    places: Integers,
    coefficients: Doubles,
    inner: int,
    known: int,
    outside: int,
    beyond: int,
    depth: int,
    first: int,
    last: int,
    factor: Floats,
    lanes: Lanes,
    state: Floats,
) -> None:
    """Run a sweep on blocks ``first`` to ``last``, times a factor (re, im).

    ``inner`` is the mask of the qubits of a block, ``outside`` of those that number
    the blocks; where other qubits are set amplitudes are zero and are left alone.
    Where qubits of a block that are not in ``known`` are set amplitudes are zero
    before the sweep, whatever memory holds; the lowest four are always known.
    ``beyond`` are the set bits of qubits that number several such states.
    """
    run = (inner & known) + 1 & ~(inner & known)
    starts, outer = _subsets(inner & ~(run - 1)), _bits(outside)
    size = starts.size * run
    # The two parts must not fall on the same cache sets: a row of each is in use.
    apart = size + PADDING // state.itemsize
    room = aligned_empty(apart + size, state)
    re, im = room[:size], room[apart:]
    for block in range(first, last):
        base = _spread(block, outer)
        _gather(state, base, starts, run, inner & ~known, re, im, lanes)
        _run_block(
            re,
            im,
            base | beyond,
            operations,
            tables,
            terms,
            angles,
            places,
            coefficients,
            depth,
            lanes,
        )
        _scatter(state, base, starts, run, re, im, factor, lanes)
