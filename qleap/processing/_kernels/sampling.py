"""Readings of a state vector without a copy of it.

The state is cut into groups of a few amplitudes. One pass sums the probability of each
group; a shot finds its group among these sums and its amplitude inside the group, both
as the inverse of the cumulative distribution. The search for the group starts from a
*guide* (Chen and Asau 1974): entry g is the first group that ends beyond the fraction
g / size of the total, so that on average one or two comparisons are left.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel, parallel_kernel, prange

SHELVES = 1024
"""Equal shares of the total probability by which shots are put in order."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Small = NDArray[np.int32]


@kernel
def _uniform(seed: np.uint64, draw: int) -> float:
    """Return number ``draw`` of the stream of ``seed`` in [0, 1) (SplitMix64)."""
    z = seed + np.uint64(draw + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.float64(z >> np.uint64(11)) * 2.0**-53


@kernel
def _accumulate(cumulative: Floats) -> int:
    """Replace weights by their running sum; return the last one above zero."""
    total = 0.0
    last = 0
    for k in range(cumulative.size):
        if cumulative[k] > 0.0:
            last = k
        total += cumulative[k]
        cumulative[k] = total
    return last


@kernel
def _fill_guide(cumulative: Floats, guide: Small) -> None:
    """Write the first interval that ends beyond each equal share of the total."""
    k = 0
    step = cumulative[-1] / guide.size
    for g in range(guide.size):
        while k < cumulative.size - 1 and cumulative[k] <= g * step:
            k += 1
        guide[g] = k


@kernel
def _find(cumulative: Floats, guide: Small, last: int, share: float) -> int:
    """Return the interval in which the ``share`` (0 to 1) of the total lies."""
    target = share * cumulative[-1]
    k = np.int64(guide[min(int(share * guide.size), guide.size - 1)])
    while k > 0 and cumulative[k - 1] > target:  # rounding of the guide
        k -= 1
    while k < last and cumulative[k] <= target:
        k += 1
    return int(k)


@kernel
def _find_inside(state: Floats, begin: int, end: int, target: float) -> int:
    """Return the amplitude at which the running sum from ``begin`` passes ``target``.

    One without weight is never returned, whatever rounding makes of ``target``.
    """
    left = max(target, 0.0)
    total = 0.0
    found = last = 0
    for k in range(begin, end):
        re, im = np.float64(state[2 * k]), np.float64(state[2 * k + 1])
        weight = re * re + im * im
        total += weight
        found += 1 if total <= left else 0
        last = k if weight > 0.0 else last
    return min(begin + found, last)


@kernel
def _by_share(seed: np.uint64, first: int, end: int) -> Small:
    """Return the shots ``first`` to ``end``, counted from the first, by their number.

    Shots that read neighbouring amplitudes follow one another and find them in the
    cache.
    """
    begin = np.zeros(SHELVES + 1, np.int64)
    for shot in range(first, end):
        begin[int(_uniform(seed, shot) * SHELVES) + 1] += 1
    for k in range(SHELVES):
        begin[k + 1] += begin[k]
    order = np.empty(end - first, np.int32)
    for shot in range(first, end):
        k = int(_uniform(seed, shot) * SHELVES)
        order[begin[k]] = shot - first
        begin[k] += 1
    return order


@parallel_kernel
def sample_into(
    state: Floats, seed: np.uint64, group: int, workers: int, outcomes: Integers
) -> None:
    """Write one basis state a shot, drawn with the probabilities of ``state``.

    ``state`` is interleaved, of either precision; ``group`` amplitudes, a power of
    two, share an interval. A shot's outcome depends on ``seed`` and its number alone.
    """
    n_groups = state.size // (2 * group)
    shots = outcomes.size
    cumulative = np.empty(n_groups)
    for worker in prange(workers):
        for g in range(
            n_groups * worker // workers, n_groups * (worker + 1) // workers
        ):
            weight = 0.0
            for k in range(2 * g * group, 2 * (g + 1) * group):
                weight += np.float64(state[k]) * np.float64(state[k])
            cumulative[g] = weight
    last = _accumulate(cumulative)
    guide = np.empty(n_groups, np.int32)
    _fill_guide(cumulative, guide)
    for worker in prange(workers):
        first, end = shots * worker // workers, shots * (worker + 1) // workers
        order = _by_share(seed, first, end)
        for k in range(order.size):
            shot = first + order[k]
            uniform = _uniform(seed, shot)
            g = _find(cumulative, guide, last, uniform)
            base = cumulative[g - 1] if g > 0 else 0.0
            target = uniform * cumulative[-1] - base
            outcomes[shot] = _find_inside(state, g * group, (g + 1) * group, target)


@parallel_kernel
def relabel_into(
    outcomes: Integers,
    tables: NDArray[np.uint8],
    workers: int,
    packed: NDArray[np.uint8],
) -> None:
    """Write the classical bytes of basis states, a look-up for each byte of qubits.

    ``tables[i, v]`` are the bytes (of one shot) that byte ``i`` of the basis state
    sets if it has the value ``v``.
    """
    shots = outcomes.size
    for worker in prange(workers):
        for shot in range(shots * worker // workers, shots * (worker + 1) // workers):
            outcome = outcomes[shot]
            for k in range(packed.shape[1]):
                byte = np.uint8(0)
                for i in range(tables.shape[0]):
                    byte |= tables[i, (outcome >> (8 * i)) & 255, k]
                packed[shot, k] = byte
