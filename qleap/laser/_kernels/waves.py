"""Rows of waves or of points across a beam, complex numbers as pairs of numbers."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import Vector, add, fma, load, splat, store, total

Floats = NDArray[np.float64]
Three: TypeAlias = tuple[Vector, Vector, Vector]
Lanes = tuple[int, ...]
Integers = NDArray[np.int64]

ROWS = 4
"""Of a product that are found together: with three vectors each they fill registers."""

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


@inner_kernel
def _zeros(lanes: Lanes) -> Three:
    zero = splat(0.0, lanes)
    return zero, zero, zero


@inner_kernel
def _three(x: Floats, at: int, lanes: Lanes) -> Three:
    width = 2 ** len(lanes)
    return (
        load(x, at, lanes),
        load(x, at + width, lanes),
        load(x, at + 2 * width, lanes),
    )


@inner_kernel
def _write_three(y: Floats, at: int, v: Three, lanes: Lanes) -> None:
    width = 2 ** len(lanes)
    store(y, at, v[0])
    store(y, at + width, v[1])
    store(y, at + 2 * width, v[2])


@inner_kernel
def _add(a: Three, number: float, v: Three, lanes: Lanes) -> Three:
    """Return ``a + number v``."""
    factor = splat(number, lanes)
    return fma(factor, v[0], a[0]), fma(factor, v[1], a[1]), fma(factor, v[2], a[2])


@inner_kernel
def _panel(matrix: Floats, x: Floats, at: int, y: Floats, lanes: Lanes) -> None:
    """Write three vectors of every row of a product."""
    last = matrix.shape[0] - ROWS
    for start in range(0, last + ROWS, ROWS):
        r = min(start, last)  # the last rows may be found twice
        a, b, c, d = _zeros(lanes), _zeros(lanes), _zeros(lanes), _zeros(lanes)
        for k in range(x.shape[0]):
            v = _three(x[k], at, lanes)
            a = _add(a, matrix[r, k], v, lanes)
            b = _add(b, matrix[r + 1, k], v, lanes)
            c = _add(c, matrix[r + 2, k], v, lanes)
            d = _add(d, matrix[r + 3, k], v, lanes)
        _write_three(y[r], at, a, lanes)
        _write_three(y[r + 1], at, b, lanes)
        _write_three(y[r + 2], at, c, lanes)
        _write_three(y[r + 3], at, d, lanes)


@inner_kernel
def _copy(x: Floats, columns: int, y: Floats) -> None:
    for row in range(x.shape[0]):
        for k in range(columns):
            y[row, k] = x[row, k]


@kernel
def product_into(matrix: Floats, x: Floats, y: Floats, lanes: Lanes) -> None:
    """Write the product of the first columns of ``matrix`` with ``x`` into ``y``.

    ``matrix`` ``(rows, at least k)`` of four rows or more, ``x`` ``(k, n)``, ``y``
    ``(rows, n)``; numbers of a row of ``x`` or ``y`` are neighbours. Sums go from the
    first column on, rounded once a term: their bits depend on nothing else.
    """
    n, width = x.shape[1], 3 * 2 ** len(lanes)
    if n < width:
        wide, found = np.zeros((x.shape[0], width)), np.empty((y.shape[0], width))
        _copy(x, n, wide)
        _panel(matrix, wide, 0, found, lanes)
        _copy(found, n, y)
        return
    for start in range(0, n, width):
        _panel(matrix, x, min(start, n - width), y, lanes)
