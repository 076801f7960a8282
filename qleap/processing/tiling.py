"""Tiles of a state that hold all pairs of amplitudes that Pauli strings couple.

A string flips the bits ``x`` of an index. The pairs ``(k, k ^ x)`` of several strings
lie in one tile where all their ``x`` lie in one linear space over bits (addition is
exclusive or). Each *pass* over the state has such a space; few passes serve all
strings. The kernels of `qleap.processing._kernels.pauli` explain the tables.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pass", "plan"]

TILE_BITS: Final = 14
"""Two arrays of as many doubles take 256 KiB of the L2 cache."""

RUN_BITS: Final = 4
"""Amplitudes side by side in memory: four cache lines of complex128."""

CHUNK: Final = 128
"""Rows; as in the kernels."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Pass:
    """Tables of one pass over the state, and which strings it serves.

    Parameters
    ----------
    generators : ndarray of int64, shape (m,)
        Span the tile; the first are the lowest bits. Each has a pivot, a bit that no
        other generator has.
    pivots : int
        All pivots as a mask.
    flips : ndarray of int64, shape (n_flips, 5)
        See the kernels.
    terms : ndarray of int64, shape (n_terms, 5)
        See the kernels.
    strings : ndarray of int64, shape (n_terms,)
        Which of the strings each term is.
    """

    generators: Integers
    pivots: int
    flips: Integers
    terms: Integers
    strings: Integers

    @cached_property
    def flips_by_lanes(self) -> Integers:
        """Return the flips in the order that products want: equal lanes together."""
        return self.flips[np.argsort(self.flips[:, 0], kind="stable")]


def plan(
    x: Integers, z: Integers, n_qubits: int, lane_bits: int, tile_bits: int = TILE_BITS
) -> tuple[Pass, ...]:
    """Return the passes that serve all strings; kept for the next call.

    Parameters
    ----------
    x, z : ndarray of int64, shape (n_strings,)
        Masks of the flipped and of the signed qubits of different strings.
    n_qubits : int
        Size of the state, at least ``lane_bits + 3``.
    lane_bits : int
        Logarithm of the numbers in a vector.
    tile_bits : int
        Logarithm of the size of a tile, at least ``lane_bits + 3``.
    """
    return _plan(x.tobytes(), z.tobytes(), n_qubits, lane_bits, tile_bits)


@lru_cache(maxsize=16)
def _plan(
    x_bytes: bytes, z_bytes: bytes, n_qubits: int, lane_bits: int, tile_bits: int
) -> tuple[Pass, ...]:
    x, z = (np.frombuffer(data, np.int64) for data in (x_bytes, z_bytes))
    size = min(tile_bits, n_qubits)
    run = max(RUN_BITS, lane_bits)
    passes = []
    left = np.unique(x)
    while left.size:
        generators, pivots, served = _space(left, n_qubits, size, run)
        strings = np.flatnonzero(np.isin(x, left[served]))
        passes.append(_tables(x, z, strings, generators, pivots, lane_bits))
        left = left[~served]
    return tuple(passes)


def _space(
    flips: Integers, n_qubits: int, size: int, run: int
) -> tuple[list[int], list[int], NDArray[np.bool_]]:
    """Return generators, their pivots, and which flips lie in their span."""
    low = (1 << run) - 1
    bits = _best_bits(flips & ~low, n_qubits, size, run)
    mask = low | sum(1 << bit for bit in bits)
    served = (flips & ~mask) == 0
    basis = _grown(flips & ~low, size - run)
    reached = _reduced(flips & ~low, basis) == 0
    if reached.sum() <= served.sum():
        basis = {bit: 1 << bit for bit in bits}
    else:
        served = reached
    for bit in range(run, n_qubits):  # what is left of the tile makes it contiguous
        if len(basis) < size - run and bit not in basis:
            basis = _extended(basis, 1 << bit)
    used = {pivot: int((flips >> pivot & 1)[served].sum()) for pivot in basis}
    order = sorted(basis, key=lambda pivot: -used[pivot])  # most flips within a chunk
    lowest = list(range(run))
    generators = [1 << k for k in lowest] + [basis[k] for k in order]
    return generators, lowest + order, served


def _best_bits(flips: Integers, n_qubits: int, size: int, run: int) -> list[int]:
    """Return the bits without which the fewest flips are lost, greedily."""
    bits = list(range(run, n_qubits))
    has = (flips[:, None] >> np.array(bits, np.int64)) & 1 == 1
    keep = np.ones(len(bits), bool)
    alive = np.ones(flips.size, bool)
    weight = 1.0 / np.maximum(has.sum(1), 1) ** 2
    for _ in range(len(bits) - (size - run)):
        cost = (weight * alive) @ has
        cost[~keep] = np.inf
        worst = int(np.argmin(cost))
        keep[worst] = False
        alive &= ~has[:, worst]
    return [bit for bit, kept in zip(bits, keep.tolist(), strict=True) if kept]


def _grown(flips: Integers, most: int) -> dict[int, int]:
    """Return a reduced basis of the span of the first flips, by pivot."""
    basis: dict[int, int] = {}
    for flip in flips.tolist():
        if len(basis) == most:
            break
        basis = _extended(basis, flip)
    return basis


def _extended(basis: dict[int, int], vector: int) -> dict[int, int]:
    """Return a basis that contains ``vector``, too, still fully reduced."""
    rest = _reduced(vector, basis)
    if rest == 0:
        return basis
    pivot = rest.bit_length() - 1
    changed = {k: v ^ rest if v >> pivot & 1 else v for k, v in basis.items()}
    return {**changed, pivot: rest}


def _reduced(vector: Any, basis: dict[int, int]) -> Any:
    """Return a vector, or an array of them, without what lies in the span."""
    for pivot, element in basis.items():
        vector = vector ^ (vector >> pivot & 1) * element
    return vector


def _tables(
    x: Integers,
    z: Integers,
    strings: Integers,
    generators: list[int],
    pivots: list[int],
    lane_bits: int,
) -> Pass:
    """Return the tables of one pass, flips sorted by the chunks that they couple."""
    lanes = (1 << lane_bits) - 1
    chunk = min(CHUNK, 1 << (len(generators) - lane_bits))
    local_x = _local_flip(x[strings], pivots)
    local_z = _local_signs(z[strings], generators)
    imaginary = np.bitwise_count(x[strings] & z[strings]) & 1
    rows = local_x >> lane_bits
    order = np.lexsort((imaginary, local_x & lanes, rows))
    strings, local_x, local_z = strings[order], local_x[order], local_z[order]
    rows, imaginary = rows[order], imaginary[order]
    starts = np.flatnonzero(np.diff(local_x, prepend=-1))
    ends = np.append(starts[1:], strings.size)
    middle = [e - int(imaginary[s:e].sum()) for s, e in zip(starts, ends, strict=True)]
    flips = np.stack([local_x[starts] & lanes, rows[starts], starts, middle, ends], 1)
    pair_signs = _pair_signs(rows, local_z >> lane_bits, chunk)
    row_signs, lane_signs = local_z >> lane_bits & 3, local_z & lanes
    terms = [z[strings], pair_signs, _quads(pair_signs, chunk), row_signs, lane_signs]
    return Pass(
        generators=np.array(generators, np.int64),
        pivots=sum(1 << pivot for pivot in pivots),
        flips=np.ascontiguousarray(flips, np.int64),
        terms=np.ascontiguousarray(np.stack(terms, 1), np.int64),
        strings=strings,
    )


def _local_flip(x: Integers, pivots: list[int]) -> Integers:
    """Return flips in the coordinates of a tile: the bits at its pivots."""
    bits = [(x >> pivot & 1) << k for k, pivot in enumerate(pivots)]
    found: Integers = np.sum(bits, axis=0, dtype=np.int64)
    return found


def _local_signs(z: Integers, generators: list[int]) -> Integers:
    """Return sign masks in the coordinates of a tile."""
    odd = [np.bitwise_count(z & g).astype(np.int64) & 1 for g in generators]
    found: Integers = np.sum(
        [bit << k for k, bit in enumerate(odd)], axis=0, dtype=np.int64
    )
    return found


def _pair_signs(rows: Integers, signs: Integers, chunk: int) -> Integers:
    """Return the sign masks of the number of a pair of rows in a chunk.

    Where both rows lie in one chunk the highest flipped bit tells them apart, and
    the pairs are numbered without it; below bit 2 both have a number.
    """
    inside = rows & (chunk - 1)
    signs = signs & (chunk - 1)
    halved = (rows < chunk) & (inside >= 4)
    top = 1 << np.maximum(np.frexp(inside.astype(float))[1] - 1, 0)
    without = signs & (top - 1) | signs >> 1 & ~(top - 1)
    found: Integers = np.where(halved, without, signs)
    return found


def _quads(pair_signs: Integers, chunk: int) -> Integers:
    """Return as bit k the sign of the pairs from ``4 k`` on."""
    fours = np.arange(0, chunk, 4)
    odd = np.bitwise_count(pair_signs[:, None] & fours) & 1
    places = np.arange(fours.size)
    found: Integers = np.sum(odd.astype(np.int64) << places, axis=1, dtype=np.int64)
    return found
