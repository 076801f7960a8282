"""Rows of waves or of points across a beam, complex numbers as pairs of numbers."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import add, fma, load, splat, total

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LANES = (0, 0, 0)
"""Eight numbers a vector on every machine; narrower ones take several registers."""


@inner_kernel
def _square_sum(x: Floats, start: int, end: int) -> float:
    """Return the sum of the squares of ``x`` from ``start`` up to ``end``."""
    zero = splat(0.0, LANES)
    a, b, c, d = zero, zero, zero, zero
    whole = start + (end - start) // 32 * 32
    for i in range(start, whole, 32):
        p, q = load(x, i, LANES), load(x, i + 8, LANES)
        r, s = load(x, i + 16, LANES), load(x, i + 24, LANES)
        a, b, c, d = fma(p, p, a), fma(q, q, b), fma(r, r, c), fma(s, s, d)
    found: float = total(add(add(a, b), add(c, d)))
    for i in range(whole, end):
        found += x[i] * x[i]
    return found


@kernel
def energies_into(pairs: Floats, ends: Integers, out: Floats) -> None:
    """Write the sums of the squared modulus of parts of rows.

    ``pairs`` ``(rows, 2 n)``; ``ends`` says at which complex number each part ends,
    the next one begins there; ``out`` ``(parts, rows)``.
    """
    for row in range(pairs.shape[0]):
        start = 0
        for part in range(ends.size):
            out[part, row] = _square_sum(pairs[row], 2 * start, 2 * ends[part])
            start = ends[part]
