"""Fourier transforms in NumPy, and the factors that the kernels look up."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def tables(n: int) -> Floats:
    """Return the factors of all passes of a transform of ``n`` points.

    Of the first pass eight cosines and eight sines for each power, of the others
    cosine and sine one after the other; of less than 64 points all cosines and sines.
    """
    if n < 64:
        angle = -2.0 * np.pi * np.arange(n) / n
        return np.concatenate([np.cos(angle), np.sin(angle)])
    m = n // 8
    turns = np.outer(np.arange(1, 8), np.arange(m)) / n
    both = np.stack([np.cos(2 * np.pi * turns), -np.sin(2 * np.pi * turns)], axis=1)
    parts = [both.reshape(7, 2, m // 8, 8).transpose(2, 0, 1, 3).ravel()]
    while m > 1:
        radix = 4 if m in (4, 16) else 8
        turns = np.outer(np.arange(m // radix), np.arange(1, radix)) / m
        both = np.stack([np.cos(2 * np.pi * turns), -np.sin(2 * np.pi * turns)], -1)
        parts.append(both.ravel())
        m //= radix
    return np.concatenate(parts)


def transform_into(tables: Floats, re: Floats, im: Floats, work: Floats) -> None:  # noqa: ARG001
    """Replace ``re + i im`` by its sum with ``exp(-2 pi i jk/n)``."""
    found = np.fft.fft(re + 1j * im)
    re[:], im[:] = found.real, found.imag


def roots(n: int) -> Floats:
    """Return cosines and sines of ``2 pi k/n`` for a quarter of a turn."""
    angle = 2.0 * np.pi * np.arange(n // 4) / n
    return np.stack([np.cos(angle), np.sin(angle)])


def split_into(pairs: Floats, re: Floats, im: Floats) -> None:
    """Write the even numbers of ``pairs`` into ``re`` and the odd ones into ``im``."""
    re[:], im[:] = pairs[::2], pairs[1::2]


def join_into(scale: float, re: Floats, im: Floats, pairs: Floats) -> None:
    """Write ``scale re`` into the even numbers of ``pairs``, ``scale im`` into odd."""
    pairs[::2], pairs[1::2] = scale * re, scale * im
