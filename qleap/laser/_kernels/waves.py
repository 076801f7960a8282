"""Rows of waves or of points across a beam, complex numbers as pairs of numbers."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import Vector, add, fma, load, multiply, splat, store, total

Floats = NDArray[np.float64]
Three: TypeAlias = tuple[Vector, Vector, Vector]
Lanes = tuple[int, ...]
Integers = NDArray[np.int64]

ROWS = 4
"""Of a product that are found together: with three vectors each they fill registers."""

HANDFUL = 8
"""Rows whose energies one thread finds: they lie on lines of the cache of their own."""

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


@inner_kernel
def _energies_of_row(x: Floats, ends: Integers, out: Floats) -> None:
    """Write the sums of the squares of parts of ``x``, as `energies_into` does."""
    start = 0
    for part in range(ends.size):
        out[part] = _square_sum(x, start, ends[part])
        start = ends[part]


@inner_kernel
def _energies_of_rows(pairs: Floats, number: int, ends: Integers, out: Floats) -> None:
    """Write those of a handful of rows."""
    start = HANDFUL * number
    for row in range(start, min(start + HANDFUL, pairs.shape[0])):
        _energies_of_row(pairs[row], ends, out[row])


@kernel
def energies_into(pairs: Floats, ends: Integers, out: Floats) -> None:
    """Write the sums of the squares of parts of rows.

    ``pairs`` ``(rows, n)``; ``ends`` says at which number each part ends, the next one
    begins there; ``out`` ``(rows, parts)``.
    """
    for row in range(pairs.shape[0]):
        _energies_of_row(pairs[row], ends, out[row])


@inner_kernel
def _total_of(energies: Floats) -> float:
    """Return the sum of those of the parts of a row."""
    found = 0.0
    for part in range(energies.size):
        found += energies[part]
    return found


@inner_kernel
def _brightest(energies: Floats) -> float:
    """Return the largest energy of all parts of a row together."""
    found = 0.0
    for row in range(energies.shape[0]):
        found = max(found, _total_of(energies[row]))
    return found


@kernel
def lit_rows_into(energies: Floats, faint: float, least: float, out: Integers) -> None:
    """Write how many of the first rows hold all that are bright, for each part.

    ``energies`` ``(rows, parts)``. Bright are those of more than ``faint`` times the
    largest of their part and ``least`` times the largest of all parts together.
    """
    largest = _brightest(energies)
    for part in range(energies.shape[1]):
        of_part, count = 0.0, energies.shape[0]
        for row in range(count):
            of_part = max(of_part, energies[row, part])
        bar = max(faint * of_part, least * largest)
        while count and not energies[count - 1, part] > bar:
            count -= 1
        out[part] = count


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
def _weigh(weights: Floats, row: int, at: int, v: Three, lanes: Lanes) -> Three:
    w = _three(weights[min(row, weights.shape[0] - 1)], at, lanes)
    return multiply(w[0], v[0]), multiply(w[1], v[1]), multiply(w[2], v[2])


@inner_kernel
def _panel(
    matrix: Floats,
    x: Floats,
    count: int,
    at: int,
    weights: Floats,
    y: Floats,
    lanes: Lanes,
) -> None:
    """Write three vectors of every row of a product with ``count`` rows of ``x``."""
    last = matrix.shape[0] - ROWS
    for start in range(0, last + ROWS, ROWS):
        r = min(start, last)  # the last rows may be found twice
        a, b, c, d = _zeros(lanes), _zeros(lanes), _zeros(lanes), _zeros(lanes)
        for k in range(count):
            v = _three(x[k], at, lanes)
            a = _add(a, matrix[r, k], v, lanes)
            b = _add(b, matrix[r + 1, k], v, lanes)
            c = _add(c, matrix[r + 2, k], v, lanes)
            d = _add(d, matrix[r + 3, k], v, lanes)
        _write_three(y[r], at, _weigh(weights, r, at, a, lanes), lanes)
        _write_three(y[r + 1], at, _weigh(weights, r + 1, at, b, lanes), lanes)
        _write_three(y[r + 2], at, _weigh(weights, r + 2, at, c, lanes), lanes)
        _write_three(y[r + 3], at, _weigh(weights, r + 3, at, d, lanes), lanes)


@inner_kernel
def _copy(x: Floats, y: Floats) -> None:
    for row in range(x.shape[0]):
        for k in range(x.shape[1]):
            y[row, k] = x[row, k]


@inner_kernel
def _narrow(
    matrix: Floats, x: Floats, weights: Floats, y: Floats, width: int, lanes: Lanes
) -> None:
    """Write a product of fewer columns than a panel has."""
    wide, found = np.zeros((x.shape[0], width)), np.empty((y.shape[0], width))
    factors = np.zeros((weights.shape[0], width))
    _copy(x, wide)
    _copy(weights, factors)
    _panel(matrix, wide, x.shape[0], 0, factors, found, lanes)
    _copy(found[:, : y.shape[1]], y)


@inner_kernel
def _panels_of(ends: Integers, lanes: Lanes) -> int:
    """Return the number of panels of all parts, each with as many as the widest."""
    width, most = 3 * 2 ** len(lanes), 0
    for part in range(ends.size):
        first = ends[part - 1] if part else 0
        most = max(most, (ends[part] - first + width - 1) // width)
    return most * ends.size


@inner_kernel
def _product_panel(
    number: int,
    matrix: Floats,
    x: Floats,
    ends: Integers,
    counts: Integers,
    weights: Floats,
    y: Floats,
    lanes: Lanes,
) -> None:
    """Write a panel of what `product_into` does; neighbours follow each other."""
    width = 3 * 2 ** len(lanes)
    part, panel = divmod(number, _panels_of(ends, lanes) // ends.size)
    first, end, count = ends[part - 1] if part else 0, ends[part], counts[part]
    at = first + panel * width
    if at >= end:
        return
    if count == 0:
        y[:, at : min(at + width, end)] = 0.0
    elif end - first < width:
        cut = slice(first, end)
        _narrow(matrix, x[:count, cut], weights[:, cut], y[:, cut], width, lanes)
    else:
        at = min(at, end - width)  # the last columns may be found twice
        _panel(matrix, x, count, at, weights, y, lanes)


@kernel
def product_into(
    matrix: Floats,
    x: Floats,
    ends: Integers,
    counts: Integers,
    weights: Floats,
    y: Floats,
    lanes: Lanes,
) -> None:
    """Write ``weights`` times the product of ``matrix`` with ``x`` into ``y``.

    ``matrix`` ``(rows, at least k)`` of four rows or more, ``x`` ``(k, n)``, ``y``
    ``(rows, n)``, ``weights`` ``(rows, n)`` or ``(1, n)``; numbers of a row of ``x`` or
    ``y`` are neighbours. Of parts of the columns, which end at ``ends``, the first
    ``counts`` rows of ``x`` are taken. Sums go from the first row on, rounded once a
    term: their bits depend on nothing else.
    """
    for number in range(_panels_of(ends, lanes)):
        _product_panel(number, matrix, x, ends, counts, weights, y, lanes)
