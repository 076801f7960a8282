"""Compiled tiles of a state: which amplitudes they hold, and copies in the cache.

A *tile* holds the amplitudes of the indices ``base ^ span(generators)``, a linear
space over bits. Bit i of a *local* index stands for ``generators[i]``; the first
generators are the lowest bits, for runs in memory. Each generator has a pivot, a bit
that no other one has: the tiles are told apart by all other bits of the index.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_empty
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import load_pairs, odd, store

Numbers = NDArray[np.float64] | NDArray[np.float32]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


@kernel
def gather_into(
    amplitudes: Numbers,
    base: int,
    generators: Integers,
    offsets: Integers,
    lanes: Lanes,
    re: Numbers,
    im: Numbers,
) -> None:
    """Copy a tile to two arrays, run by run of contiguous amplitudes."""
    run = _run(generators)
    for start in range(0, re.size, run):
        source = 2 * (base ^ offsets[start])
        for j in range(0, run, 1 << len(lanes)):
            x, y = load_pairs(amplitudes, source + 2 * j, lanes)
            store(re, start + j, x)
            store(im, start + j, y)


@inner_kernel
def _run(generators: Integers) -> int:
    """Return how many amplitudes lie side by side."""
    k = 0
    while k < generators.size and generators[k] == 1 << k:
        k += 1
    return 1 << k


@kernel
def tile_offsets(generators: Integers) -> Integers:
    """Return the index that each local index stands for, base left out."""
    found = np.zeros(1 << generators.size, np.int64)
    for k in range(generators.size):
        for j in range(1 << k):
            found[(1 << k) + j] = found[j] ^ generators[k]
    return found


@kernel
def tile_base(tile: int, pivots: int) -> int:
    """Return a tile's number with its bits spread over those that are no pivots."""
    base, bit = 0, 1
    while tile:
        if not pivots & bit:
            base |= bit * (tile & 1)
            tile >>= 1
        bit <<= 1
    return base


@kernel
def sign_table(like: Numbers, lanes: Lanes) -> Numbers:
    """Return the signs of the lanes for every mask, one vector after another.

    Element ``count + 1`` is -1, so that ``odd(...) * (count + 1)`` looks up a sign.
    """
    count = 1 << len(lanes)
    found = aligned_empty(count * count, like)
    for mask in range(count):
        for k in range(count):
            found[mask * count + k] = 1 - 2 * odd(mask & k)
    return found
