"""Intervals of 99 % for means, ratios and anything else of values of circuits.

A circuit gives one value, which holds the scatter of the drawn circuits and that of
the shots. Circuits are left out one at a time (the jackknife); the standard error
times Student's quantile is half the interval. That keeps its coverage with few
circuits and where a few of them decide, where percentiles of resampled circuits are
too narrow.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from qleap.processing.protocols.protocol import CONFIDENCE, Estimate

__all__ = ["from_deviation", "jackknifed", "mean", "resolution"]

Array = NDArray[np.float64]


def resolution(shots: float) -> float:
    """Return the chance of an event that ``shots`` would not show once in 200 trials.

    It is the least half width of an interval of a share: where all shots agree, their
    scatter says nothing about what is rarer than that.
    """
    return -math.log((1.0 - CONFIDENCE) / 2.0) / shots


def from_deviation(
    value: float, deviation: float, freedom: float, least: float = 0.0
) -> Estimate:
    """Return ``value`` with Student's interval of a standard error."""
    quantile = stats.t.ppf(0.5 + CONFIDENCE / 2.0, freedom)
    half = max(float(quantile) * deviation, least)
    return Estimate(value=value, low=value - half, high=value + half)


def mean(values: Array, least: float = 0.0) -> Estimate:
    """Return the mean of values of circuits; ``least`` bounds half the interval."""
    size = values.size
    deviation = float(values.std(ddof=1)) / math.sqrt(size)
    return from_deviation(float(values.mean()), deviation, size - 1, least)


def jackknifed(
    statistic: Callable[..., Array],
    groups: Sequence[Array],
    least: float | Array = 0.0,
) -> list[Estimate]:
    """Return estimates of what ``statistic`` makes of values of circuits.

    Parameters
    ----------
    statistic : callable
        From ``groups`` with one axis of data sets ahead, (n, circuits, ...) each, to
        an array (n, n_estimates).
    groups : sequence of ndarray, shape (circuits, ...)
        Three circuits or more each; one circuit at a time is left out.
    least : float or ndarray, shape (n_estimates,)
        The least half width.
    """
    found = statistic(*[group[None] for group in groups])[0]
    variance = np.zeros_like(found)
    for k, group in enumerate(groups):
        size = len(group)
        others = [
            group[_left_out(size)]
            if j == k
            else np.broadcast_to(one, (size, *one.shape))
            for j, one in enumerate(groups)
        ]
        variance += (size - 1.0) * statistic(*others).var(axis=0)
    # One group of few circuits can decide alone: its degrees of freedom count.
    freedom = min(len(group) for group in groups) - 1
    bounds = np.broadcast_to(least, found.shape)
    return [
        from_deviation(float(v), float(s), freedom, float(b))
        for v, s, b in zip(found, np.sqrt(variance), bounds, strict=True)
    ]


def _left_out(size: int) -> NDArray[np.int64]:
    """Return in row k the numbers below ``size`` but k."""
    numbers = np.arange(size - 1)
    return numbers + (numbers >= np.arange(size)[:, None])
