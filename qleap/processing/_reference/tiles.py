"""Tiles of a state, index by index."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64] | NDArray[np.float32]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


def gather_into(
    amplitudes: Numbers,
    base: int,
    generators: Integers,  # noqa: ARG001  # the kernel copies run by run
    offsets: Integers,
    lanes: Lanes,  # noqa: ARG001
    re: Numbers,
    im: Numbers,
) -> None:
    """Copy the real and imaginary parts of a tile."""
    pairs = amplitudes.reshape(-1, 2)[base ^ offsets]
    re[:], im[:] = pairs[:, 0], pairs[:, 1]


def tile_offsets(generators: Integers) -> Integers:
    """Return the exclusive or of the generators that each local index selects."""
    local = np.arange(1 << generators.size)
    found = np.zeros_like(local)
    for k, generator in enumerate(generators.tolist()):
        found ^= generator * (local >> k & 1)
    return found


def tile_base(tile: int, pivots: int) -> int:
    """Return the index with the bits of ``tile`` at the places that are no pivots."""
    places = [k for k in range(63) if not pivots >> k & 1]
    return sum((tile >> k & 1) << place for k, place in enumerate(places))


def sign_table(like: Numbers, lanes: Lanes) -> Numbers:
    """Return ``(-1)**popcount(mask & k)`` at ``mask * count + k``."""
    k = np.arange(1 << len(lanes))
    odd = np.bitwise_count(k[:, None] & k) & 1
    found: Numbers = (1.0 - 2.0 * odd).ravel().astype(like.dtype)
    return found
