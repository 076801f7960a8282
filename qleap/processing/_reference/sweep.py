"""One pass over the state, block by block and operation by operation."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference import diagonal, matrices, shears
from qleap.processing._reference.assembly import (
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
from qleap.processing._reference.statevector import apply_matrix

Floats = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]

_FACTORS = {
    MATRIX_ROWS: 4,
    MATRIX_LANE: 2,
    MATRIX_PAIR: 16,
    MATRIX_ROW_LANE: 8,
    MATRIX_LANES: 4,
    PHASE_ROWS: 1,
}
"""Factors (re, im; a vector each) in the table of an operation."""


def _spread(mask: int) -> Integers:
    """Return in ascending order the indices whose ones are among those of ``mask``."""
    index = np.zeros(1, np.int64)
    for bit in range(mask.bit_length()):
        if mask >> bit & 1:
            index = np.concatenate((index, index | 1 << bit))
    return index


def _apply(
    re: Floats,
    im: Floats,
    base: int,
    row: Integers,
    tables: Floats,
    terms: Integers,
    angles: Doubles,
    places: Integers,
    coefficients: Doubles,
    depth: int,
    lanes: Lanes,
) -> None:
    """Run one operation, as `assemble` returns it, on one block."""
    kind, a, b, fixed, value, extra, first, needed, reads = row[:9].tolist()
    met = base & needed == reads
    table = tables[first:]
    if kind in _FACTORS:
        table = table[: _FACTORS[kind] << len(lanes) + 1]
    order = b if met and needed else extra
    shear = (fixed, value, order, table)
    if kind == SHEAR_ONE:
        shears.shear_one(re, im, row[9], *shear, lanes)
    elif kind == SHEAR_TWO:
        shears.shear_two(re, im, row[9], row[10], *shear, a, lanes)
    elif kind == SHEAR_THREE:
        shears.shear_three(re, im, row[9], row[10], row[11], *shear, a, lanes)
    elif not met:
        pass
    elif kind == EXCHANGE_ROWS:
        matrices.exchange_rows(re, im, fixed, a, b, lanes)
    elif kind == MATRIX_ROWS:
        matrices.matrix_rows(re, im, a, fixed, value, table, lanes)
    elif kind == MATRIX_LANE:
        matrices.matrix_lane(re, im, a, fixed, value, table, lanes)
    elif kind == MATRIX_PAIR and extra:
        matrices.matrix_pair_reduced(re, im, a, b, tables[first:], lanes)
    elif kind == MATRIX_ROW_LANE and extra:
        matrices.matrix_row_lane_reduced(re, im, a, b, tables[first:], lanes)
    elif kind == MATRIX_PAIR:
        matrices.matrix_pair(re, im, a, b, table, lanes)
    elif kind == MATRIX_ROW_LANE:
        matrices.matrix_row_lane(re, im, a, b, table, lanes)
    elif kind == MATRIX_LANES:
        matrices.matrix_lanes(re, im, a, b, table, lanes)
    elif kind == PHASE_ROWS:
        matrices.phase_rows(re, im, fixed, value, table, lanes)
    elif kind == PHASES:
        phases = (table[: 2 << depth], extra, terms[a:b], angles[a:b])
        diagonal.multiply_phases(re, im, base, *phases, lanes)
    elif kind == DENSE:
        targets = 1 << places[a : a + b]
        apply_matrix(re, im, targets, fixed, value, coefficients[first:])  # type: ignore[arg-type]  # single as well
    elif kind == ENTRIES:
        chosen = places[a : a + b]
        condition = (fixed, value, coefficients[first:])
        diagonal.multiply_entries(re, im, base, chosen, *condition)
    else:
        raise ValueError(kind)


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
    """Run a sweep on blocks ``first`` to ``last``, times a factor (re, im)."""
    within = _spread(inner)
    for base in _spread(outside)[first:last].tolist():
        index = 2 * (base | within)
        re, im = state[index], state[index + 1]
        re[within & ~known != 0] = im[within & ~known != 0] = 0.0
        data = (tables, terms, angles, places, coefficients, depth, lanes)
        for row in operations:
            _apply(re, im, base | beyond, row, *data)
        c, s = factor
        state[index], state[index + 1] = c * re - s * im, s * re + c * im
