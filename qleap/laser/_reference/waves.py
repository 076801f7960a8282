"""Twins of the kernels of waves across a beam."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def energies_into(pairs: Floats, ends: Integers, out: Floats) -> None:
    """Write the sums of the squared modulus of parts of rows."""
    parts = np.split(pairs**2, 2 * ends[:-1], axis=1)
    last = 2 * (ends[-1] - (ends[-2] if ends.size > 1 else 0))
    parts[-1] = parts[-1][:, :last]
    out[...] = [part.sum(axis=1) for part in parts]


def product_into(
    matrix: Floats,
    x: Floats,
    y: Floats,
    lanes: tuple[int, ...],  # noqa: ARG001
) -> None:
    """Write the product of the first columns of ``matrix`` with ``x`` into ``y``."""
    y[...] = matrix[:, : len(x)] @ x
