"""Sums behind Allan deviations: mean squared differences of a phase record."""

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
        total = 0.0
        if stride == 1:  # contiguous: the loop vectorises
            for i in range(last):
                d = phase[i + 2 * m] - 2.0 * phase[i + m] + phase[i]
                total += d * d
        else:
            for i in range(0, last, stride):
                d = phase[i + 2 * m] - 2.0 * phase[i + m] + phase[i]
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
        total = 0.0
        if stride == 1:
            for i in range(last):
                d = phase[i + 3 * m] - 3.0 * phase[i + 2 * m]
                d += 3.0 * phase[i + m] - phase[i]
                total += d * d
        else:
            for i in range(0, last, stride):
                d = phase[i + 3 * m] - 3.0 * phase[i + 2 * m]
                d += 3.0 * phase[i + m] - phase[i]
                total += d * d
        powers[k] = total / ((last - 1) // stride + 1)
    return powers


@kernel
def modified_difference_power(
    phase: NDArray[np.float64], factors: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean squared averaged second difference; see the reference.

    The average over m neighbours moves along with the window: its next value is the
    last one plus a third difference, so that one pass is enough for any m.
    """
    powers = np.empty(factors.size)
    for k in range(factors.size):
        m = factors[k]
        last = phase.size - 3 * m
        window = 0.0
        for i in range(m):
            window += phase[i + 2 * m] - 2.0 * phase[i + m] + phase[i]
        total = window * window
        for i in range(last):
            step = phase[i + 3 * m] - 3.0 * phase[i + 2 * m]
            step += 3.0 * phase[i + m] - phase[i]
            window += step
            total += window * window
        powers[k] = total / (last + 1) / m**2
    return powers
