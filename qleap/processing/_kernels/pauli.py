"""Compiled sums over a state for Pauli strings, tile by tile in the cache.

A string with the flip mask ``x`` and the sign mask ``z`` pairs the amplitudes ``k``
and ``k ^ x`` with the sign ``(-1)**popcount(k & z)``. A tile (see `tiles`) contains
every pair of all flips in the span of its generators; `qleap.processing.tiling`
chooses the tiles and makes the tables.

In the cache real and imaginary parts lie apart. A *row* is one vector, a *chunk*
`CHUNK` rows: what stays in the L1 cache while all flips between two chunks have their
turn. ``flips`` has the columns LANES to END, ``terms`` the columns SIGNS to
LANE_SIGNS.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_empty
from qleap.core.jit import inner_kernel, kernel, parallel_kernel, prange
from qleap.core.simd import (
    Vector,
    add,
    fma,
    load,
    mirror_both,
    multiply,
    odd,
    splat,
    store,
    subtract,
    total,
)
from qleap.processing._kernels.tiles import (
    gather_into,
    sign_table,
    tile_base,
    tile_offsets,
)

LANES, ROWS, REAL, IMAGINARY, END = range(5)
"""Columns of ``flips``: local flip of the lanes and of the rows; first term that wants
real parts of the products, first that wants imaginary ones, and the end of both."""

SIGNS, PAIR_SIGNS, QUADS, ROW_SIGNS, LANE_SIGNS = range(5)
"""Columns of ``terms``: sign mask of the index, of a pair's number in its chunk, the
sign of each four pairs as bits, sign masks of the row in a group of four and of the
lanes."""

CHUNK = 128
"""Rows; a power of two."""

DIRECT = 12
"""Terms of one flip from which the Walsh transform of the products pays."""

PARTS = 64
"""Groups of tiles at most, each with one sum: the result does not know the threads."""

Numbers = NDArray[np.float64] | NDArray[np.float32]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Lanes = tuple[int, ...]


@kernel
def pauli_sums(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    lanes: Lanes,
) -> Floats:
    """Return the sum over all pairs for each term, in one thread; see the reference."""
    tiles = amplitudes.size // 2 >> generators.size
    first, sums = 0, np.zeros(terms.shape[0])
    _add_tiles(amplitudes, generators, pivots, flips, terms, first, tiles, lanes, sums)
    return sums


@parallel_kernel
def pauli_sums_shared(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    lanes: Lanes,
) -> Floats:
    """Do the same in several threads."""
    tiles = amplitudes.size // 2 >> generators.size
    parts = min(tiles, PARTS)
    share = tiles // parts
    sums = np.zeros((parts, terms.shape[0]))
    for part in prange(parts):
        first, last = part * share, (part + 1) * share
        _add_tiles(
            amplitudes,
            generators,
            pivots,
            flips,
            terms,
            first,
            last,
            lanes,
            sums[part],
        )
    found = np.zeros(terms.shape[0])
    for part in range(parts):
        for k in range(found.size):
            found[k] += sums[part, k]
    return found


@inner_kernel
def _add_tiles(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    first: int,
    last: int,
    lanes: Lanes,
    sums: Floats,
) -> None:
    """Add the sums over the tiles from ``first`` on."""
    size = 1 << generators.size
    rows = size >> len(lanes)
    chunk = min(rows, CHUNK)
    parts = aligned_empty(2 * size, amplitudes)
    re, im = parts[:size], parts[size:]
    products = aligned_empty(chunk << len(lanes), amplitudes)
    lane_signs = sign_table(amplitudes, lanes)
    offsets = tile_offsets(generators)
    for tile in range(first, last):
        base = tile_base(tile, pivots)
        gather_into(amplitudes, base, generators, offsets, lanes, re, im)
        begin = 0
        while begin < flips.shape[0]:
            across = flips[begin, ROWS] // chunk
            end = begin + 1
            while end < flips.shape[0] and flips[end, ROWS] // chunk == across:
                end += 1
            for one in range(rows // chunk):
                two = one ^ across
                if one <= two:
                    index = base ^ offsets[one * chunk << len(lanes)]
                    _add_chunks(
                        parts,
                        one * chunk,
                        two * chunk,
                        index,
                        flips[begin:end],
                        terms,
                        products,
                        lane_signs,
                        lanes,
                        sums,
                    )
            begin = end


@inner_kernel
def _add_chunks(
    parts: Numbers,
    one: int,
    two: int,
    index: int,
    flips: Integers,
    terms: Integers,
    products: Numbers,
    lane_signs: Numbers,
    lanes: Lanes,
    sums: Floats,
) -> None:
    """Add the pairs of the chunks that begin with the rows ``one`` and ``two``."""
    chunk, minus = products.size >> len(lanes), (1 << len(lanes)) + 1
    for k in range(flips.shape[0]):
        order, inside = flips[k, LANES], flips[k, ROWS] & (chunk - 1)
        low, turns, factor = -1, chunk, 2.0
        if one == two:
            if inside >= 4:  # only one of the two rows of a pair has a turn
                turns >>= 1
                low = _highest(inside) - 1
            else:
                factor = 1.0
        for imaginary in range(2):
            relative = splat(lane_signs[imaginary * minus], lanes)
            begin, end = flips[k, REAL + imaginary], flips[k, REAL + imaginary + 1]
            if begin == end:
                continue
            if end - begin == 1:
                found = _signed_product(
                    parts, one, two, low, inside, turns, order, imaginary,
                    terms[begin, QUADS], terms[begin, PAIR_SIGNS],
                    load(lane_signs, terms[begin, LANE_SIGNS] << len(lanes), lanes),
                    lane_signs, lanes,
                )  # fmt: skip
                sums[begin] += (
                    factor * found * (1 - 2 * odd(index & terms[begin, SIGNS]))
                )
                continue
            far, near = inside & ~3, inside & 3
            second, third, fourth = near ^ 1, near ^ 2, near ^ 3
            for t in range(0, turns, 4):
                row = ((t & ~low) << 1) | (t & low)
                p, q = one + row, two + (row ^ far)
                a = _product(parts, p, q + near, order, imaginary, relative, lanes)
                b = _product(
                    parts, p + 1, q + second, order, imaginary, relative, lanes
                )
                c = _product(parts, p + 2, q + third, order, imaginary, relative, lanes)
                d = _product(
                    parts, p + 3, q + fourth, order, imaginary, relative, lanes
                )
                store(products, t << len(lanes), a)
                store(products, (t + 1) << len(lanes), b)
                store(products, (t + 2) << len(lanes), c)
                store(products, (t + 3) << len(lanes), d)
            walsh = end - begin >= DIRECT
            if walsh:
                _transform(products, turns, lanes)
            for term in range(begin, end):
                signs = load(lane_signs, terms[term, LANE_SIGNS] << len(lanes), lanes)
                if walsh:
                    place = terms[term, PAIR_SIGNS] << len(lanes)
                    found = total(multiply(signs, load(products, place, lanes)))
                else:
                    found = _signed_sum(
                        products, turns, terms[term, QUADS], terms[term, PAIR_SIGNS],
                        signs, lane_signs, lanes,
                    )  # fmt: skip
                sums[term] += factor * found * (1 - 2 * odd(index & terms[term, SIGNS]))


@inner_kernel
def _product(
    parts: Numbers,
    p: int,
    q: int,
    order: int,
    imaginary: int,
    relative: Vector,
    lanes: Lanes,
) -> Vector:
    """Return the real or imaginary part of ``conj(a[k ^ x]) a[k]`` for a pair of rows.

    The former is ``x u + y v``, the latter ``y u - x v``; ``relative`` is that sign.
    """
    size = parts.size >> 1
    p, q = p << len(lanes), q << len(lanes)
    x = load(parts, imaginary * size + p, lanes)
    y = load(parts, (1 - imaginary) * size + p, lanes)
    u, v = mirror_both(load(parts, q, lanes), load(parts, size + q, lanes), order)
    found: Vector = fma(multiply(relative, y), v, multiply(x, u))
    return found


@inner_kernel
def _signed_product(
    parts: Numbers,
    one: int,
    two: int,
    low: int,
    inside: int,
    turns: int,
    order: int,
    imaginary: int,
    quads: int,
    pair_signs: int,
    signs: Vector,
    lane_signs: Numbers,
    lanes: Lanes,
) -> float:
    """Return the signed sum of the products of two chunks without storing them."""
    minus = (1 << len(lanes)) + 1
    a = splat(lane_signs[0] - lane_signs[0], lanes)
    b, c, d = a, a, a
    relative = splat(lane_signs[imaginary * minus], lanes)
    far, near = inside & ~3, inside & 3
    second, third, fourth = near ^ 1, near ^ 2, near ^ 3
    for t in range(0, turns, 4):
        sign = splat(lane_signs[(quads & 1) * minus], lanes)
        quads >>= 1
        row = ((t & ~low) << 1) | (t & low)
        p, q = one + row, two + (row ^ far)
        e = _product(parts, p, q + near, order, imaginary, relative, lanes)
        f = _product(parts, p + 1, q + second, order, imaginary, relative, lanes)
        g = _product(parts, p + 2, q + third, order, imaginary, relative, lanes)
        h = _product(parts, p + 3, q + fourth, order, imaginary, relative, lanes)
        a, b = fma(sign, e, a), fma(sign, f, b)
        c, d = fma(sign, g, c), fma(sign, h, d)
    next_sign = splat(lane_signs[(pair_signs & 1) * minus], lanes)
    pair_sign = splat(lane_signs[(pair_signs >> 1 & 1) * minus], lanes)
    fours = fma(pair_sign, fma(next_sign, d, c), fma(next_sign, b, a))
    found: float = total(multiply(signs, fours))
    return found


@inner_kernel
def _signed_sum(
    products: Numbers,
    turns: int,
    quads: int,
    pair_signs: int,
    signs: Vector,
    lane_signs: Numbers,
    lanes: Lanes,
) -> float:
    """Return the signed sum of stored products."""
    minus = (1 << len(lanes)) + 1
    a = splat(lane_signs[0] - lane_signs[0], lanes)
    b, c, d = a, a, a
    for t in range(0, turns, 4):
        sign = splat(lane_signs[(quads & 1) * minus], lanes)
        quads >>= 1
        a = fma(sign, load(products, t << len(lanes), lanes), a)
        b = fma(sign, load(products, (t + 1) << len(lanes), lanes), b)
        c = fma(sign, load(products, (t + 2) << len(lanes), lanes), c)
        d = fma(sign, load(products, (t + 3) << len(lanes), lanes), d)
    next_sign = splat(lane_signs[(pair_signs & 1) * minus], lanes)
    pair_sign = splat(lane_signs[(pair_signs >> 1 & 1) * minus], lanes)
    fours = fma(pair_sign, fma(next_sign, d, c), fma(next_sign, b, a))
    found: float = total(multiply(signs, fours))
    return found


@inner_kernel
def _transform(products: Numbers, turns: int, lanes: Lanes) -> None:
    """Replace rows by their sums with all patterns of signs (Walsh, Hadamard)."""
    half = 1
    while half < turns:
        for start in range(0, turns, 2 * half):
            for t in range(start, start + half):
                p, q = t << len(lanes), (t + half) << len(lanes)
                x, y = load(products, p, lanes), load(products, q, lanes)
                store(products, p, add(x, y))
                store(products, q, subtract(x, y))
        half <<= 1


@inner_kernel
def _highest(bits: int) -> int:
    """Return the highest bit that is set."""
    bit = 1
    while bit << 1 <= bits:
        bit <<= 1
    return bit
