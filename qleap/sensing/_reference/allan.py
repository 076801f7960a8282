"""Definitions of the sums behind Allan deviations, in the form of the handbook.

W. J. Riley, Handbook of Frequency Stability Analysis, NIST SP 1065 (2008).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "modified_difference_power",
    "second_difference_power",
    "third_difference_power",
]

Factors = NDArray[np.int64]


def second_difference_power(
    phase: NDArray[np.float64], factors: Factors, strides: Factors
) -> NDArray[np.float64]:
    """Return the mean of ``(x[i+2m] - 2 x[i+m] + x[i])**2`` for every m.

    Parameters
    ----------
    phase : ndarray, shape (n,)
    factors : ndarray of int, shape (k,)
        m; at most ``(n - 1) // 2``.
    strides : ndarray of int, shape (k,)
        Step of i: one for overlapping differences, m for separate ones.
    """
    powers = []
    for m, stride in zip(factors, strides, strict=True):
        d = phase[2 * m :] - 2.0 * phase[m:-m] + phase[: -2 * m]
        powers.append(np.mean(d[::stride] ** 2))
    return np.array(powers)


def third_difference_power(
    phase: NDArray[np.float64], factors: Factors, strides: Factors
) -> NDArray[np.float64]:
    """Return the mean of ``(x[i+3m] - 3 x[i+2m] + 3 x[i+m] - x[i])**2`` for every m.

    Parameters as in `second_difference_power`, with m at most ``(n - 1) // 3``.
    """
    powers = []
    for m, stride in zip(factors, strides, strict=True):
        d = phase[3 * m :] - 3.0 * phase[2 * m : -m]
        d += 3.0 * phase[m : -2 * m] - phase[: -3 * m]
        powers.append(np.mean(d[::stride] ** 2))
    return np.array(powers)


def modified_difference_power(
    phase: NDArray[np.float64], factors: Factors
) -> NDArray[np.float64]:
    """Return the mean square of second differences averaged over m neighbours.

    Parameters as in `second_difference_power`, with m at most ``n // 3``.
    """
    powers = []
    for m in factors:
        d = phase[2 * m :] - 2.0 * phase[m:-m] + phase[: -2 * m]
        window = np.convolve(d, np.full(m, 1.0 / m), mode="valid")
        powers.append(np.mean(window**2))
    return np.array(powers)
