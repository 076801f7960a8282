"""Arithmetic of truncated Taylor series, as derivatives of any order need it.

A series is the array of its coefficients, constant first; a result has as many
coefficients as its arguments.
"""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["multiply", "power", "reciprocal", "square_root"]

Floats = NDArray[np.float64]


def multiply(left: Floats, right: Floats) -> Floats:
    """Return the product of two series."""
    return np.convolve(left, right)[: left.size]


def reciprocal(series: Floats) -> Floats:
    """Return the series whose product with ``series`` is one."""
    inverse = np.zeros_like(series)
    inverse[0] = 1.0 / series[0]
    for k in range(1, series.size):
        cross = float(np.dot(series[1 : k + 1], inverse[k - 1 :: -1]))
        inverse[k] = -cross * inverse[0]
    return inverse


def square_root(square: Floats) -> Floats:
    """Return the series whose square is ``square``."""
    series = np.zeros_like(square)
    series[0] = math.sqrt(square[0])
    for k in range(1, square.size):
        cross = float(np.dot(series[1:k], series[k - 1 : 0 : -1]))
        series[k] = (square[k] - cross) / (2.0 * series[0])
    return series


def power(exponent: float, order: int) -> Floats:
    """Return the binomial series of ``(1 + x)^exponent``."""
    series = np.ones(order + 1)
    for k in range(1, order + 1):
        series[k] = series[k - 1] * (exponent - k + 1) / k
    return series
