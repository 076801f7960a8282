"""Exponentials of small matrices, several at once in the lanes of a vector."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import fma, fnma, load, multiply, splat, store, subtract

__all__ = ["exponentials", "magnus_generators"]

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]
Lanes = tuple[int, ...]

# A matrix of every lane lies in an array of doubles: all real parts, then all
# imaginary parts, element after element, the lanes side by side.


@inner_kernel
def _product(a: Array, b: Array, c: Array, n: int, lanes: Lanes) -> None:
    """Write a b to ``c``."""
    width = 1 << len(lanes)
    half = n * n * width
    for i in range(n):
        for j in range(0, n, 2):
            other = width if j + 1 < n else 0
            real, imag = splat(0.0, lanes), splat(0.0, lanes)
            real2, imag2 = splat(0.0, lanes), splat(0.0, lanes)
            left = i * n * width
            right = j * width
            for _ in range(n):
                x, y = load(a, left, lanes), load(a, half + left, lanes)
                u, v = load(b, right, lanes), load(b, half + right, lanes)
                real = fnma(y, v, fma(x, u, real))
                imag = fma(y, u, fma(x, v, imag))
                u = load(b, right + other, lanes)
                v = load(b, half + right + other, lanes)
                real2 = fnma(y, v, fma(x, u, real2))
                imag2 = fma(y, u, fma(x, v, imag2))
                left += width
                right += n * width
            at = (i * n + j) * width
            store(c, at + other, real2)
            store(c, half + at + other, imag2)
            store(c, at, real)
            store(c, half + at, imag)


@inner_kernel
def _add(a: Array, factor: float, b: Array, lanes: Lanes) -> None:
    """Add ``factor * a`` to ``b``."""
    width = 1 << len(lanes)
    by = splat(factor, lanes)
    for k in range(0, len(a), width):
        store(b, k, fma(by, load(a, k, lanes), load(b, k, lanes)))


@inner_kernel
def _scale(a: Array, factor: float, b: Array, lanes: Lanes) -> None:
    """Write ``factor * a`` to ``b``."""
    width = 1 << len(lanes)
    by = splat(factor, lanes)
    for k in range(0, len(a), width):
        store(b, k, multiply(by, load(a, k, lanes)))


@inner_kernel
def _commutator(
    a: Array, b: Array, c: Array, work: Array, n: int, lanes: Lanes
) -> None:
    """Write a b - b a to ``c``."""
    width = 1 << len(lanes)
    _product(a, b, c, n, lanes)
    _product(b, a, work, n, lanes)
    for k in range(0, len(c), width):
        store(c, k, subtract(load(c, k, lanes), load(work, k, lanes)))


@inner_kernel
def _taylor(powers: Array, value: Array, work: Array, n: int, lanes: Lanes) -> None:
    """Write the series of degree 16 to ``value``; ``powers[1]`` is the matrix.

    Six products, after Paterson and Stockmeyer, SIAM J. Comput. 2, 60 (1973).
    """
    width = 1 << len(lanes)
    _product(powers[1], powers[1], powers[2], n, lanes)
    _product(powers[2], powers[1], powers[3], n, lanes)
    _product(powers[2], powers[2], powers[4], n, lanes)
    _scale(powers[4], 1.0 / 20922789888000.0, value, lanes)
    factor = 1.0 / 1307674368000.0
    for part in range(3, -1, -1):
        for k in range(3, -1, -1):
            _add(powers[k], factor, value, lanes)
            factor *= max(4 * part + k, 1)
        if part > 0:
            _product(value, powers[4], work, n, lanes)
            for k in range(0, len(work), width):
                store(value, k, load(work, k, lanes))


@kernel
def exponentials(generators: Matrix, lanes: Lanes) -> Matrix:
    """Return exp(-i G) of every matrix G; see the reference.

    Scaling and squaring: the series is exact to rounding up to the norm 0.8.
    """
    count, n = generators.shape[0], generators.shape[1]
    width = 1 << len(lanes)
    half = n * n * width
    found = np.empty_like(generators)
    powers = aligned(5 * 2 * half).reshape((5, 2 * half))
    value, work = aligned(2 * half), aligned(2 * half)
    powers[0, :half].reshape((n * n, width))[:: n + 1] = 1.0
    for first in range(0, count, width):
        norm = 0.0
        for lane in range(width):
            at = min(first + lane, count - 1)
            for i in range(n):
                row = 0.0
                for j in range(n):
                    element = generators[at, i, j]
                    row += abs(element.real) + abs(element.imag)
                    k = (i * n + j) * width + lane
                    powers[1, k], powers[1, half + k] = element.imag, -element.real
                norm = max(norm, row)
        halvings = max(0, math.ceil(math.log2(norm / 0.8))) if norm > 0.0 else 0
        _scale(powers[1], 0.5**halvings, powers[1], lanes)
        _taylor(powers, value, work, n, lanes)
        for _ in range(halvings):
            _product(value, value, work, n, lanes)
            value, work = work, value
        for lane in range(min(width, count - first)):
            for k in range(n * n):
                at = k * width + lane
                found[first + lane, k // n, k % n] = complex(
                    value[at], value[half + at]
                )
    return found


@kernel
def magnus_generators(operators: Matrix, coefficients: Array, lanes: Lanes) -> Matrix:
    """Return the Magnus generators of sixth order; see the reference."""
    terms, n = operators.shape[0], operators.shape[1]
    count = coefficients.shape[0]
    width = 1 << len(lanes)
    half = n * n * width
    found = np.empty((count, n, n), dtype=np.complex128)
    nodes, part = (
        aligned(3 * 2 * half).reshape((3, 2 * half)),
        aligned(3 * 2 * half).reshape((3, 2 * half)),
    )
    inner, outer = aligned(2 * half), aligned(2 * half)
    work = aligned(2 * half)
    root = math.sqrt(15.0) / 3.0
    for first in range(0, count, width):
        nodes[:] = 0.0
        for term in range(terms):
            for k in range(n * n):
                element = operators[term, k // n, k % n]
                if element == 0.0:
                    continue
                for node in range(3):
                    for lane in range(width):
                        at = min(first + lane, count - 1)
                        by = coefficients[at, node, term]
                        nodes[node, k * width + lane] += by * element.imag
                        nodes[node, half + k * width + lane] -= by * element.real
        mean, slope, bend = part[0], part[1], part[2]
        _scale(nodes[1], 1.0, mean, lanes)
        _scale(nodes[2], root, slope, lanes)
        _add(nodes[0], -root, slope, lanes)
        _scale(nodes[2], 10.0 / 3.0, bend, lanes)
        _add(nodes[1], -20.0 / 3.0, bend, lanes)
        _add(nodes[0], 10.0 / 3.0, bend, lanes)
        first_order = nodes[0]
        _commutator(mean, slope, first_order, work, n, lanes)
        _scale(first_order, 1.0, inner, lanes)
        _add(bend, 2.0, inner, lanes)
        _commutator(mean, inner, outer, work, n, lanes)
        _add(outer, -1.0 / 60.0, slope, lanes)
        _add(mean, -20.0, first_order, lanes)
        _add(bend, -1.0, first_order, lanes)
        _commutator(first_order, slope, outer, work, n, lanes)
        _add(bend, 1.0 / 12.0, mean, lanes)
        _add(outer, 1.0 / 240.0, mean, lanes)
        for lane in range(min(width, count - first)):
            for k in range(n * n):
                at = k * width + lane
                found[first + lane, k // n, k % n] = complex(-mean[half + at], mean[at])
    return found
