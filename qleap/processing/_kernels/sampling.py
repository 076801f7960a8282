"""Readings of a state vector without a copy of it.

Probabilities are counted in whole numbers, so that sums do not depend on the order of
their terms and a basis state without weight is never found. One pass sums them over
blocks of `BLOCK` amplitudes. Then shots are sorted by the block that they read (a
counting sort); block after block the running sum is made once, in the L1 cache, and
all shots of the block are looked up in it.

A block is found from a *guide* (Chen and Asau 1974) that says where the search begins;
an amplitude in its block through three comparisons of eight sums each, the sums lying
as the levels of a tree.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import count_at_most

BLOCK = 512
"""Amplitudes of a block: three levels of eight."""

LEAVES = 8 + 64
"""Where the running sum begins in a tree; before it lie its levels."""

TILE = 1024
"""Shots whose random numbers are made at once."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Small = NDArray[np.int32]


@inner_kernel
def _target(seed: np.uint64, shot: int, total: float) -> int:
    """Return where a shot reads: a share of the total drawn in [0, 1) (SplitMix64)."""
    z = seed + np.uint64(shot + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return int(np.float64(np.int64(z >> np.uint64(11))) * 2.0**-53 * total)


@inner_kernel
def _probability(state: Floats, k: int) -> float:
    """Return the square of an amplitude."""
    re, im = np.float64(state[2 * k]), np.float64(state[2 * k + 1])
    return re * re + im * im


@inner_kernel
def _fill_tree(
    state: Floats, begin: int, size: int, scale: float, tree: Integers
) -> int:
    """Write the running sum of a block and its levels; return the sum."""
    for k in range(size):
        tree[LEAVES + k] = np.int64(_probability(state, begin + k) * scale)
    total = np.int64(0)
    for k in range(size):
        total += tree[LEAVES + k]
        tree[LEAVES + k] = total
    for k in range(size, BLOCK):
        tree[LEAVES + k] = total
    for k in range(64):
        tree[8 + k] = tree[LEAVES + 8 * k + 7]
    for k in range(8):
        tree[k] = tree[8 + 8 * k + 7]
    return int(total)


@kernel
def weigh_into(
    state: Floats, scale: float, first: int, last: int, sums: Integers
) -> float:
    """Write the weights of blocks ``first`` to ``last``; return their squared norm.

    ``state`` is interleaved, of either precision. The weight of an amplitude is its
    probability times ``scale``, cut to a whole number.
    """
    size = min(BLOCK, state.size // 2)
    norm = 0.0
    for block in range(first, last):
        total = np.int64(0)
        for k in range(size * block, size * (block + 1)):
            weight = _probability(state, k) * scale
            norm += weight
            total += np.int64(weight)
        sums[block] = total
    return norm / scale


@inner_kernel
def _find_block(ends: Integers, guide: Small, shift: int, target: int) -> int:
    """Return the first block that ends beyond ``target``."""
    k = int(guide[target >> shift])
    passed: int = count_at_most(ends, k, target)
    k += passed
    while passed == 8:
        passed = count_at_most(ends, k, target)
        k += passed
    return k


@inner_kernel
def _find_in_tree(tree: Integers, target: int) -> int:
    """Return the amplitude at which the running sum passes ``target``."""
    k = count_at_most(tree, 0, target)
    k = 8 * k + count_at_most(tree, 8 + 8 * k, target)
    found: int = 8 * k + count_at_most(tree, LEAVES + 8 * k, target)
    return found


@inner_kernel
def _sort_shots(
    ends: Integers,
    n_blocks: int,
    guide: Small,
    shift: int,
    seed: np.uint64,
    first: int,
    last: int,
) -> tuple[Small, Integers]:
    """Return shots, counted from the first, block by block, and where blocks end."""
    total = np.float64(ends[n_blocks - 1])
    blocks = np.empty(last - first, np.int32)
    edges = np.zeros(n_blocks + 1, np.int64)
    targets = np.empty(TILE, np.int64)
    for begin in range(0, blocks.size, TILE):
        count = min(TILE, blocks.size - begin)
        for k in range(count):
            targets[k] = _target(seed, first + begin + k, total)
        for k in range(count):
            block = _find_block(ends, guide, shift, targets[k])
            blocks[begin + k] = block
            edges[block + 1] += 1
    for block in range(n_blocks):
        edges[block + 1] += edges[block]
    order = np.empty(blocks.size, np.int32)
    for shot in range(blocks.size):
        block = blocks[shot]
        order[edges[block]] = shot
        edges[block] += 1
    return order, edges


@inner_kernel
def _label(outcome: int, wires: Integers, word: int) -> np.uint64:
    """Return 64 classical bits, from ``64 * word`` on, that a basis state sets."""
    label = np.uint64(0)
    for k in range(wires.shape[0]):
        if wires[k, 1] >> 6 == word:
            bit = np.uint64(outcome >> wires[k, 0] & 1)
            label |= bit << np.uint64(wires[k, 1] & 63)
    return label


@inner_kernel
def _put(
    packed: NDArray[np.uint8], shot: int, at: int, left: int, label: np.uint64
) -> None:
    """Write the lowest ``left`` bytes of a label, at most eight, from ``at`` on.

    Without a loop, as their number is the same for all shots: half the time.
    """
    packed[shot, at] = np.uint8(label)
    if left > 1:
        packed[shot, at + 1] = np.uint8(label >> np.uint64(8))
    if left > 2:
        packed[shot, at + 2] = np.uint8(label >> np.uint64(16))
    if left > 3:
        packed[shot, at + 3] = np.uint8(label >> np.uint64(24))
    if left > 4:
        packed[shot, at + 4] = np.uint8(label >> np.uint64(32))
    if left > 5:
        packed[shot, at + 5] = np.uint8(label >> np.uint64(40))
    if left > 6:
        packed[shot, at + 6] = np.uint8(label >> np.uint64(48))
    if left > 7:
        packed[shot, at + 7] = np.uint8(label >> np.uint64(56))


@kernel
def look_up_into(
    state: Floats,
    scale: float,
    ends: Integers,
    guide: Small,
    shift: int,
    seed: np.uint64,
    first: int,
    last: int,
    wires: Integers,
    packed: NDArray[np.uint8],
) -> None:
    """Write the classical bits of shots ``first`` to ``last``, one row a shot.

    ``ends`` is the running sum of the weights of blocks and eight numbers above all
    targets; ``guide[g]`` the first block that ends beyond ``g << shift``. A row of
    ``wires`` is a qubit and the bit that it sets, counted from the lowest bit of the
    first byte. A shot's outcome depends on ``seed`` and its number alone.
    """
    size = min(BLOCK, state.size // 2)
    n_blocks = ends.size - 8
    words = (packed.shape[1] + 7) // 8
    low = np.empty((words, BLOCK), np.uint64)
    for word in range(words):
        for k in range(size):
            low[word, k] = _label(k, wires, word)
    order, edges = _sort_shots(ends, n_blocks, guide, shift, seed, first, last)
    total = np.float64(ends[n_blocks - 1])
    tree = np.empty(LEAVES + BLOCK, np.int64)
    targets = np.empty(TILE, np.int64)
    high = np.empty(words, np.uint64)
    begin = 0
    for block in range(n_blocks):
        end = edges[block]
        if begin == end:
            continue
        weight = _fill_tree(state, size * block, size, scale, tree)
        before = ends[block] - weight
        for word in range(words):
            high[word] = _label(size * block, wires, word)
        while begin < end:
            count = min(TILE, end - begin)
            for k in range(count):
                target = _target(seed, first + order[begin + k], total)
                targets[k] = max(target - before, 0)
            for k in range(count):
                targets[k] = _find_in_tree(tree, targets[k])
            for word in range(words):
                left = packed.shape[1] - 8 * word
                for k in range(count):
                    label = low[word, targets[k]] | high[word]
                    _put(packed, first + order[begin + k], 8 * word, left, label)
            begin += count
