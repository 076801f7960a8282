"""Compiled product of a Pauli sum and a state, tile by tile in the cache.

`pauli` explains the tables. Four rows of the result stay in registers while all flips
of a pass add to them.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_empty
from qleap.core.jit import inner_kernel, kernel, parallel_kernel, prange
from qleap.core.simd import (
    Vector,
    add,
    fma,
    fnma,
    load,
    load_pairs,
    mirror_both,
    odd,
    splat,
    store_pairs,
)
from qleap.processing._kernels.pauli import (
    END,
    IMAGINARY,
    LANE_SIGNS,
    LANES,
    REAL,
    ROW_SIGNS,
    ROWS,
    SIGNS,
)
from qleap.processing._kernels.tiles import (
    gather_into,
    sign_table,
    tile_base,
    tile_offsets,
)

Numbers = NDArray[np.float64] | NDArray[np.float32]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


@kernel
def add_paulis(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    weights: Numbers,
    lanes: Lanes,
    out: Numbers,
) -> None:
    """Add the terms' images of a state to ``out``, in one thread; see the reference."""
    tiles = amplitudes.size // 2 >> generators.size
    _apply_tiles(
        amplitudes, generators, pivots, flips, terms, weights, 0, tiles, lanes, out
    )


@parallel_kernel
def add_paulis_shared(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    weights: Numbers,
    lanes: Lanes,
    out: Numbers,
) -> None:
    """Do the same in several threads."""
    tiles = amplitudes.size // 2 >> generators.size
    for tile in prange(tiles):
        _apply_tiles(
            amplitudes,
            generators,
            pivots,
            flips,
            terms,
            weights,
            tile,
            tile + 1,
            lanes,
            out,
        )


@inner_kernel
def _apply_tiles(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    weights: Numbers,
    first: int,
    last: int,
    lanes: Lanes,
    out: Numbers,
) -> None:
    size = 1 << generators.size
    re, im = aligned_empty(size, amplitudes), aligned_empty(size, amplitudes)
    lane_signs = sign_table(amplitudes, lanes)
    offsets = tile_offsets(generators)
    for tile in range(first, last):
        base = tile_base(tile, pivots)
        gather_into(amplitudes, base, generators, offsets, lanes, re, im)
        for row in range(0, size >> len(lanes), 4):
            _add_four_rows(
                re,
                im,
                row,
                base,
                offsets,
                flips,
                terms,
                weights,
                lane_signs,
                lanes,
                out,
            )


@inner_kernel
def _add_four_rows(
    re: Numbers,
    im: Numbers,
    row: int,
    base: int,
    offsets: Integers,
    flips: Integers,
    terms: Integers,
    weights: Numbers,
    lane_signs: Numbers,
    lanes: Lanes,
    out: Numbers,
) -> None:
    index = base ^ offsets[row << len(lanes)]
    zero = splat(lane_signs[0] - lane_signs[0], lanes)
    ar, br, cr, dr = zero, zero, zero, zero
    ai, bi, ci, di = zero, zero, zero, zero
    begin = 0
    while begin < flips.shape[0]:  # in each loop below the lanes' order is constant
        order = flips[begin, LANES]
        end = begin + 1
        while end < flips.shape[0] and flips[end, LANES] == order:
            end += 1
        for k in range(begin, end):
            far, near = row ^ (flips[k, ROWS] & ~3), flips[k, ROWS] & 3
            ku, kv = _partner(re, im, far + near, order, lanes)
            lu, lv = _partner(re, im, far + (near ^ 1), order, lanes)
            mu, mv = _partner(re, im, far + (near ^ 2), order, lanes)
            nu, nv = _partner(re, im, far + (near ^ 3), order, lanes)
            if flips[k, REAL] < flips[k, IMAGINARY]:
                a, b, c, d = _diagonal(
                    flips[k, REAL],
                    flips[k, IMAGINARY],
                    index,
                    terms,
                    weights,
                    lane_signs,
                    lanes,
                )
                ar, br = fma(a, ku, ar), fma(b, lu, br)
                cr, dr = fma(c, mu, cr), fma(d, nu, dr)
                ai, bi = fma(a, kv, ai), fma(b, lv, bi)
                ci, di = fma(c, mv, ci), fma(d, nv, di)
            if flips[k, IMAGINARY] < flips[k, END]:
                a, b, c, d = _diagonal(
                    flips[k, IMAGINARY],
                    flips[k, END],
                    index,
                    terms,
                    weights,
                    lane_signs,
                    lanes,
                )
                ar, br = fnma(a, kv, ar), fnma(b, lv, br)
                cr, dr = fnma(c, mv, cr), fnma(d, nv, dr)
                ai, bi = fma(a, ku, ai), fma(b, lu, bi)
                ci, di = fma(c, mu, ci), fma(d, nu, di)
        begin = end
    _add_row(base ^ offsets[row << len(lanes)], ar, ai, lanes, out)
    _add_row(base ^ offsets[(row + 1) << len(lanes)], br, bi, lanes, out)
    _add_row(base ^ offsets[(row + 2) << len(lanes)], cr, ci, lanes, out)
    _add_row(base ^ offsets[(row + 3) << len(lanes)], dr, di, lanes, out)


@inner_kernel
def _partner(
    re: Numbers, im: Numbers, row: int, order: int, lanes: Lanes
) -> tuple[Vector, Vector]:
    x, y = load(re, row << len(lanes), lanes), load(im, row << len(lanes), lanes)
    found: tuple[Vector, Vector] = mirror_both(x, y, order)
    return found


@inner_kernel
def _diagonal(
    begin: int,
    end: int,
    index: int,
    terms: Integers,
    weights: Numbers,
    lane_signs: Numbers,
    lanes: Lanes,
) -> tuple[Vector, Vector, Vector, Vector]:
    """Return the signed sum of the weights of terms with one flip, for four rows."""
    a = splat(lane_signs[0] - lane_signs[0], lanes)
    b, c, d = a, a, a
    minus = (1 << len(lanes)) + 1
    for k in range(begin, end):
        row_signs = terms[k, ROW_SIGNS]
        weight = weights[k] * lane_signs[odd(index & terms[k, SIGNS]) * minus]
        second = weight * lane_signs[(row_signs & 1) * minus]
        pair = lane_signs[(row_signs >> 1) * minus]
        signs = load(lane_signs, terms[k, LANE_SIGNS] << len(lanes), lanes)
        a = fma(splat(weight, lanes), signs, a)
        b = fma(splat(second, lanes), signs, b)
        c = fma(splat(weight * pair, lanes), signs, c)
        d = fma(splat(second * pair, lanes), signs, d)
    return a, b, c, d


@inner_kernel
def _add_row(index: int, re: Vector, im: Vector, lanes: Lanes, out: Numbers) -> None:
    x, y = load_pairs(out, 2 * index, lanes)
    store_pairs(out, 2 * index, add(x, re), add(y, im))
