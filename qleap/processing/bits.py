"""Measured bits of many shots, packed, and how they read as text and counts.

Packed as Qiskit's `BitArray` has them: one row of bytes a shot, the first classical
bit lowest in the last byte.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["bit_strings", "n_bytes", "pack", "select", "tally", "unpack"]

Bytes = NDArray[np.uint8]

MOST_BINS: Final = 22
"""Bits up to which counting into bins can beat sorting."""


def n_bytes(n_bits: int) -> int:
    """Return the bytes that ``n_bits`` take."""
    return (n_bits + 7) // 8


def pack(bits: Bytes) -> Bytes:
    """Return the rows of bytes for ``bits``, shape (shots, n_bits)."""
    return np.packbits(bits, axis=-1, bitorder="little")[..., ::-1]


def unpack(packed: Bytes, n_bits: int) -> Bytes:
    """Return one column a bit, shape (shots, n_bits)."""
    reverse = packed[..., ::-1]
    return np.unpackbits(reverse, axis=-1, count=n_bits, bitorder="little")


def select(packed: Bytes, columns: Sequence[int], n_bits: int) -> Bytes:
    """Return rows that hold the bits ``columns`` only, in this order."""
    if list(columns) == list(range(n_bits)):
        return packed
    return pack(unpack(packed, n_bits)[..., list(columns)])


def tally(packed: Bytes) -> tuple[Bytes, NDArray[np.int64], NDArray[np.int64]]:
    """Return the different rows, how often each occurs, and which one each shot is.

    The most frequent comes first, and of equally frequent ones the smallest.
    """
    width = packed.shape[1]
    if width > 8:
        rows, which, counts = np.unique(
            packed, axis=0, return_inverse=True, return_counts=True
        )
    else:
        wide = np.zeros((packed.shape[0], 8), np.uint8)
        wide[:, 8 - width :] = packed
        keys = wide.view(">u8").ravel().astype(np.uint64)
        values, which, counts = _tally_keys(keys)
        rows = values.astype(">u8")[:, None].view(np.uint8)[:, 8 - width :]
    order = np.argsort(-counts, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return rows[order], counts[order], place[which.ravel()]


def _tally_keys(keys: NDArray[np.uint64]) -> tuple[Any, Any, Any]:
    """Return different keys, ascending, the key of each shot, and the counts."""
    if int(keys.max(initial=0)) >> MOST_BINS:
        found: tuple[Any, Any, Any] = np.unique(
            keys, return_inverse=True, return_counts=True
        )
        return found
    places = keys.astype(np.int64)
    bins = np.bincount(places)
    values = np.flatnonzero(bins)
    counts = bins[values]
    bins[values] = np.arange(values.size)
    return values, bins[places], counts


def bit_strings(packed: Bytes, n_clbits: int, sizes: Sequence[int]) -> list[str]:
    """Return one string a row: registers from the last to the first, spaced.

    Parameters
    ----------
    packed : ndarray of uint8, shape (rows, n_bytes)
        Classical bits; those in no register come after all registers.
    n_clbits : int
        Number of classical bits.
    sizes : sequence of int
        Sizes of the registers, first register first.
    """
    bits = unpack(packed, n_clbits)
    n_loose = n_clbits - sum(sizes)
    ends = np.cumsum([*sizes, n_loose] if n_loose else sizes).tolist()
    starts = [0, *ends[:-1]]
    columns: list[Any] = []
    for start, end in reversed(list(zip(starts, ends, strict=True))):
        columns.append(bits[:, start:end][:, ::-1] + ord("0"))
        columns.append(np.full((bits.shape[0], 1), ord(" "), np.uint8))
    text = np.ascontiguousarray(np.hstack(columns[:-1]))
    found: list[str] = text.view(f"S{text.shape[1]}").ravel().astype(str).tolist()
    return found
