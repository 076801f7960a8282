"""The interval of a speed ratio from paired times, and tests of many of them."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks

__all__ = [
    "CONFIDENCE",
    "LOOKS",
    "MIN_PAIRS",
    "holm",
    "median_interval",
    "per_look",
    "sign_p_values",
]

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


def sign_p_values(ratios: ArrayLike, threshold: float) -> tuple[float, float]:
    """Return the chances of the data if the median is not below, and not above.

    The sign test asks nothing of the distribution but that the pairs are
    independent. A race looks up to `LOOKS` times and may stop at any of them; the
    smallest p-value of its looks times their number is valid all the same
    (Bonferroni).

    Parameters
    ----------
    ratios : array_like, shape (n,), n >= MIN_PAIRS
        Of each pair, in the order in which they were timed.
    threshold : float
        With what their median is compared.

    Returns
    -------
    tuple of float
        A small first one says that the median is below, a small second one above.
    """
    from scipy.special import bdtrc

    sample = checks.vector("ratios", ratios, min_size=MIN_PAIRS)
    chances = [1.0, 1.0]
    for size in [*(look for look in LOOKS if look < sample.size), sample.size]:
        seen = sample[:size]
        for i, count in enumerate((np.sum(seen < threshold), np.sum(seen > threshold))):
            # At least ``count`` of ``size`` fair coins; bdtrc is of more than k.
            chance = 1.0 if count == 0 else float(bdtrc(count - 1, size, 0.5))
            chances[i] = min(chances[i], len(LOOKS) * chance)
    return chances[0], chances[1]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for being many (Holm 1979, Scand. J. Stat. 6, 65).

    Who rejects what is adjusted to ``alpha`` or less rejects any true hypothesis
    with a probability of at most ``alpha``, however the tests depend on each other.
    """
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, (len(p_values) - rank) * p_values[i])
        adjusted[i] = min(1.0, largest)
    return adjusted


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
