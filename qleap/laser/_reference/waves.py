"""Twins of the kernels of waves across a beam."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def energies_into(pairs: Floats, ends: Integers, out: Floats) -> None:
    """Write the sums of the squares of parts of rows."""
    parts = np.split(pairs**2, ends, axis=1)[:-1]
    out[...] = np.stack([part.sum(axis=1) for part in parts], axis=1)


def lit_rows_into(energies: Floats, faint: float, least: float, out: Integers) -> None:
    """Write how many of the first rows hold all that are bright, for each part."""
    least = least * energies.sum(axis=1).max()
    bright = energies > np.maximum(faint * energies.max(axis=0), least)
    after = len(bright) - np.argmax(bright[::-1], axis=0)
    out[...] = np.where(bright.any(axis=0), after, 0)


def product_into(
    matrix: Floats,
    x: Floats,
    ends: Integers,
    counts: Integers,
    weights: Floats,
    y: Floats,
    lanes: tuple[int, ...],  # noqa: ARG001
) -> None:
    """Write ``weights`` times the product of ``matrix`` with ``x`` into ``y``."""
    first = 0
    for end, count in zip(ends, counts, strict=True):
        part = slice(first, end)
        y[:, part] = weights[:, part] * (matrix[:, :count] @ x[:count, part])
        first = end
