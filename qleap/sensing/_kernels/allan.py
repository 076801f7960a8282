"""Sums behind Allan deviations: mean squared differences of a phase record.

Each loop runs from zero over slices that begin where their term does: with sums in
the index numba looks for negative indices, and the loop is then not vectorised (a
factor of twelve).
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel

__all__ = [
    "modified_difference_power",
    "second_difference_power",
    "third_difference_power",
]


@kernel
def second_difference_power(
    phase: NDArray[np.float64], factors: NDArray[np.int64], strides: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean squared second difference for each factor; see the reference."""
    powers = np.empty(factors.size)
    for k in range(factors.size):
        m, stride = factors[k], strides[k]
        last = phase.size - 2 * m
        a, b, c = phase[:last], phase[m : m + last], phase[2 * m :]
        total = 0.0
        if stride == 1:
            for i in range(last):
                d = c[i] - 2.0 * b[i] + a[i]
                total += d * d
        else:
            for i in range(0, last, stride):
                d = c[i] - 2.0 * b[i] + a[i]
                total += d * d
        powers[k] = total / ((last - 1) // stride + 1)
    return powers


@kernel
def third_difference_power(
    phase: NDArray[np.float64], factors: NDArray[np.int64], strides: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean squared third difference for each factor; see the reference."""
    powers = np.empty(factors.size)
    for k in range(factors.size):
        m, stride = factors[k], strides[k]
        last = phase.size - 3 * m
        a, b = phase[:last], phase[m : m + last]
        c, d = phase[2 * m : 2 * m + last], phase[3 * m :]
        total = 0.0
        if stride == 1:
            for i in range(last):
                e = d[i] - a[i] - 3.0 * (c[i] - b[i])
                total += e * e
        else:
            for i in range(0, last, stride):
                e = d[i] - a[i] - 3.0 * (c[i] - b[i])
                total += e * e
        powers[k] = total / ((last - 1) // stride + 1)
    return powers


@kernel
def modified_difference_power(
    phase: NDArray[np.float64], factors: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean squared averaged second difference; see the reference.

    The sum over m neighbours moves along with the window: its next value is the
    last one plus a third difference, so that one pass is enough for any m.
    """
    powers = np.empty(factors.size)
    for k in range(factors.size):
        m = factors[k]
        last = phase.size - 3 * m
        a, b, c, d = phase, phase[m:], phase[2 * m :], phase[3 * m :]
        window = 0.0
        for i in range(m):
            window += c[i] - 2.0 * b[i] + a[i]
        total = 0.0
        for i in range(last):
            total += window * window
            window += d[i] - a[i] - 3.0 * (c[i] - b[i])
        powers[k] = (total + window * window) / (last + 1) / m**2
    return powers
