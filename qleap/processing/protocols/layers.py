"""Decays with the number of layers, A p^d, of circuits and their intervals."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.protocols import intervals
from qleap.processing.protocols.protocol import Estimate

__all__ = ["check_depths", "decay", "fit_decays"]

Array = NDArray[np.float64]

FASTEST: Final = 10.0
"""Largest rate of decay, a layer."""

STEPS: Final = 25
"""Of Gauss and Newton; from a weighted line of logarithms five are enough."""


def fit_decays(depths: Array, values: Array, weights: Array) -> Array:
    """Return A and p of least squares of A p^d, shape (n, 2).

    Parameters
    ----------
    depths : ndarray, shape (n_depths,)
        Numbers of layers d.
    values : ndarray, shape (n, n_depths)
        What decays, in each of n data sets.
    weights : ndarray, shape (n_depths,)
        Inverse variances.

    Notes
    -----
    In A and the rate -log p, which is at most 10 a layer, and at least growth by e over
    the largest depth. Where nothing is left that could decay the rate stays as it is.
    """
    safe = np.maximum(values, 1e-3)
    both = _line(depths, np.log(safe), weights * safe**2)
    amplitude, rate = np.exp(both[:, 0]), -both[:, 1]
    limits = -1.0 / depths.max(), FASTEST
    for _ in range(STEPS):
        rate = np.clip(rate, *limits)
        shape = np.exp(-rate[:, None] * depths)
        slope = -amplitude[:, None] * depths * shape
        step = _solve(shape, slope, values - amplitude[:, None] * shape, weights)
        amplitude, rate = amplitude + step[:, 0], rate + step[:, 1]
    return np.stack([amplitude, np.exp(-np.clip(rate, *limits))], axis=-1)


def decay(
    depths: Sequence[int],
    groups: Sequence[Array],
    statistic: Callable[[Array], Array],
    least: float,
) -> tuple[list[Estimate], list[Estimate]]:
    """Return A and p, and the value at each depth, with 99 % intervals.

    Where that of the smallest depth reaches zero, that of p holds all from 0 to 1.

    Parameters
    ----------
    depths : sequence of int
        Numbers of layers.
    groups : sequence of ndarray, shape (circuits, ...)
        What the circuits of each depth say.
    statistic : callable
        From (n, circuits, ...) to the value that decays, (n,).
    least : float
        The least half width of a value; p is then known to ``least`` over the largest
        depth at best.
    """
    points = [
        intervals.jackknifed(lambda one: statistic(one)[:, None], [group], least)[0]
        for group in groups
    ]
    # Half the mean of all depths: an error of one that is small by luck shall not
    # draw the curve through its point.
    variances = np.array([(one.high - one.low) ** 2 for one in points])
    weights = 1.0 / (variances + variances.mean())
    numbers = np.array(depths, float)

    def fit(*drawn: Array) -> Array:
        values = np.stack([statistic(one) for one in drawn], axis=-1)
        return fit_decays(numbers, values, weights)

    bounds = np.array([least, least / numbers.max()])
    amplitude, base = intervals.jackknifed(fit, groups, bounds)
    if points[0].low <= 0.0:  # nothing is left: any decay is possible
        low, high = min(base.low, 0.0), max(base.high, 1.0)
        base = Estimate(value=base.value, low=low, high=high)
    return [amplitude, base], points


def check_depths(depths: Sequence[int], low: int, step: int = 1) -> tuple[int, ...]:
    """Return two or more ascending numbers of layers."""
    found = tuple(depths)
    for depth in found:
        checks.count("depths", depth, low)
    if len(found) < 2 or list(found) != sorted(set(found)):
        raise InvalidValue(
            "depths must be two or more ascending numbers of layers, got "
            f"{list(found)}."
        )
    if any(d % step for d in found):
        raise InvalidValue(f"depths must be multiples of {step}, got {list(found)}.")
    return found


def _line(x: Array, y: Array, weights: Array) -> Array:
    """Return offset and slope of weighted straight lines, shape (n, 2)."""
    ones = np.ones_like(y)
    return _solve(ones, x * ones, y, weights)


def _solve(first: Array, second: Array, right: Array, weights: Array) -> Array:
    """Return the weighted least-squares coefficients of two columns, shape (n, 2)."""
    a = np.sum(weights * first * first, axis=1)
    b = np.sum(weights * first * second, axis=1)
    c = np.sum(weights * second * second, axis=1)
    d = np.sum(weights * first * right, axis=1)
    e = np.sum(weights * second * right, axis=1)
    bottom = a * c - b * b
    safe = np.where(bottom > 1e-15 * a * c, bottom, np.inf)
    return np.stack([(c * d - b * e) / safe, (a * e - b * d) / safe], axis=-1)
