"""Probabilities, samples and Pauli strings of a state that many ranks share.

All ranks call these functions together; each gets the whole result.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw", "string_values", "weights"]

GROUP: Final = 16
"""Amplitudes that share an interval of the table in which samples are looked up."""

ROWS: Final = 1 << 14
"""Groups, or shots, that are worked on at once."""

PIECE_QUBITS: Final = 20
"""Qubits of the pieces that ranks exchange to evaluate a Pauli string."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def weights(local: NDArray[Any]) -> Floats:
    """Return the probability of each group of neighbouring amplitudes."""
    real = local.view(local.real.dtype)
    parts = real.reshape(-1, min(2 * GROUP, real.size))
    found = np.empty(len(parts))
    for begin in range(0, len(parts), ROWS):
        block = parts[begin : begin + ROWS].astype(np.float64)
        found[begin : begin + ROWS] = np.einsum("ij,ij->i", block, block)
    return found


def draw(world: Any, local: NDArray[Any], shots: int, seed: int) -> Integers:
    """Return the basis states that ``shots`` readings find, shape ``(shots,)``.

    Shot k lies at the same place of the cumulative distribution as in
    `qleap.processing.shots.draw`, for any number of ranks.
    """
    from qleap.processing.shots import split, stream

    rank = int(world.Get_rank())
    each = weights(local)
    cumulative = np.cumsum(each)
    totals = np.array(world.allgather(float(cumulative[-1])))
    edges = np.concatenate([[0.0], np.cumsum(totals)])
    uniform = _uniform(split(np.array([stream(seed)]), np.arange(shots)))
    target = uniform * edges[-1]
    last_rank = int(np.flatnonzero(totals)[-1])
    owner = np.minimum(np.searchsorted(edges[1:], target, "right"), last_rank)
    mine = np.flatnonzero(owner == rank)
    outcomes = np.zeros(shots, np.int64)
    last = int(np.flatnonzero(each)[-1]) if totals[rank] else 0
    for begin in range(0, mine.size, ROWS):
        chosen = mine[begin : begin + ROWS]
        wanted = target[chosen] - edges[rank]
        group = np.minimum(np.searchsorted(cumulative, wanted, "right"), last)
        before = np.where(group > 0, cumulative[group - 1], 0.0)
        outcomes[chosen] = _inside(local, group, wanted - before) + rank * local.size
    return np.asarray(world.allreduce(outcomes), np.int64)


def _uniform(bits: NDArray[np.uint64]) -> Floats:
    """Return numbers in [0, 1) as the sampling kernels make them."""
    found: Floats = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return found


def _inside(local: NDArray[Any], group: Integers, left: Floats) -> Integers:
    """Return the amplitude at which the running sum in each group passes ``left``.

    One without weight is never returned, whatever rounding makes of ``left``.
    """
    size = min(GROUP, local.size)
    chosen = local.reshape(-1, size)[group].astype(np.complex128)
    each = chosen.real**2 + chosen.imag**2
    passed = (np.cumsum(each, axis=1) <= np.maximum(left, 0.0)[:, None]).sum(axis=1)
    last = size - 1 - np.argmax(each[:, ::-1] > 0.0, axis=1)
    return np.asarray(group * size + np.minimum(passed, last), np.int64)


def string_values(world: Any, local: NDArray[Any], x: Integers, z: Integers) -> Floats:
    """Return the expectation values of different Pauli strings.

    Strings that flip no bit of a rank's number need no messages. For the others two
    ranks share the work: each gets half of the other's amplitudes, in pieces.
    """
    from qleap.processing.observables import string_values as local_values

    rank = int(world.Get_rank())
    n_local = local.size.bit_length() - 1
    low = local.size - 1
    found = np.zeros(x.size)
    inside = np.flatnonzero(x >> n_local == 0)
    if inside.size:
        values = local_values(local, x[inside], z[inside] & low)
        found[inside] = values * _signs(z[inside] >> n_local & rank)
    n_piece = min(PIECE_QUBITS, n_local - 4)
    outside = np.flatnonzero(x >> n_local)
    flips = x[outside] >> n_piece
    for flip in np.unique(flips).tolist():
        chosen = outside[flips == flip]
        tables = (x[chosen], z[chosen])
        found[chosen] = _flipped_values(world, local, flip, n_piece, *tables)
    return np.asarray(world.allreduce(found), np.float64)


def _flipped_values(
    world: Any,
    local: NDArray[Any],
    flip: int,
    n_piece: int,
    x: Integers,
    z: Integers,
) -> Floats:
    """Return this rank's share for strings that flip the same bits above a piece.

    A pair of pieces that the flip couples is a state of one more qubit: the strings
    have X or Y on it, whichever leaves a real factor.
    """
    from qleap.processing.observables import string_values as local_values

    rank, n_bits = int(world.Get_rank()), local.size.bit_length() - 1 - n_piece
    partner = rank ^ flip >> n_bits
    inside = flip & (1 << n_bits) - 1
    high = z >> n_piece
    n_y = np.bitwise_count(high & flip).astype(np.int64)
    mask = (1 << n_piece) - 1
    pair_x = x & mask | 1 << n_piece
    pair_z = z & mask | (n_y & 1) << n_piece
    factors = np.where(n_y & 2, -1.0, 1.0)
    parts = local.reshape(-1, 1 << n_piece)
    pair = np.empty((2, 1 << n_piece), local.dtype)
    found = np.zeros(x.size)
    for k in range(0, len(parts), 2):
        # Of the lower rank's pieces it does the even ones, its partner the odd ones.
        mine, theirs = (k, k + 1) if rank < partner else (k + 1 ^ inside, k ^ inside)
        pair[0] = parts[mine]
        world.Sendrecv(parts[theirs], partner, 0, pair[1], partner, 0)
        values = local_values(pair.ravel(), pair_x, pair_z)
        found += values * factors * _signs(high & (rank << n_bits | mine))
    return found


def _signs(masks: Any) -> Floats:
    """Return -1 where a mask has an odd number of bits, else 1."""
    found: Floats = 1.0 - 2.0 * (np.bitwise_count(masks) & 1)
    return found
