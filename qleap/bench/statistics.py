"""The interval of a speed ratio, from paired times."""

import math

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks

__all__ = ["CONFIDENCE", "LOOKS", "MIN_PAIRS", "median_interval", "per_look"]

CONFIDENCE = 0.99
"""Of every interval that the engine states, over all its looks together."""

LOOKS = (20, 60, 180)
"""Numbers of pairs after which a race asks whether it is decided."""

MIN_PAIRS = 10
"""With fewer pairs not even the range of all values covers the median that surely."""

RESAMPLES = 4000


def per_look() -> float:
    """Return the confidence of one look, so that all looks keep `CONFIDENCE`."""
    return 1.0 - (1.0 - CONFIDENCE) / len(LOOKS)


def median_interval(
    values: ArrayLike, *, confidence: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the bootstrap interval (percentile method) of the median.

    With few values that interval is too narrow; it is widened, where need be, to
    the order statistics between which the median lies with at least the asked
    probability whatever the distribution.

    Parameters
    ----------
    values : array_like, shape (n,), n >= MIN_PAIRS
        Independent draws.
    confidence : float
        Probability with which the interval covers the true median.
    rng : numpy.random.Generator
        Draws the resamples.

    Returns
    -------
    tuple of float
        Low and high end, in the unit of ``values``.
    """
    sample = checks.vector("values", values, min_size=MIN_PAIRS)
    tail = 0.5 * (1.0 - checks.probability("confidence", confidence))
    medians = np.median(rng.choice(sample, size=(RESAMPLES, sample.size)), axis=1)
    low, high = np.quantile(medians, (tail, 1.0 - tail))
    ordered = np.sort(sample)
    rank = _outer_rank(sample.size, tail)
    return float(min(low, ordered[rank])), float(max(high, ordered[-1 - rank]))


def _outer_rank(size: int, tail: float) -> int:
    """Return how many of ``size`` values may be left out at each end.

    The number of values below the median is binomial with probability 1/2; the
    chance that no more than ``rank`` of them are must not exceed ``tail``.
    """
    rank, chance = 0, 2.0**-size
    while chance + math.comb(size, rank + 1) * 2.0**-size <= tail:
        rank += 1
        chance += math.comb(size, rank) * 2.0**-size
    return rank
