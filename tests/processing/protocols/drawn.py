"""Counts drawn from known distributions, much faster than any simulation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from qleap.processing.protocols import Estimate


def draw(
    distribution: NDArray[np.float64], shots: int, rng: np.random.Generator
) -> dict[str, int]:
    """Return counts of ``shots`` outcomes."""
    width = distribution.size.bit_length() - 1
    found = rng.multinomial(shots, distribution / distribution.sum())
    return {f"{k:0{width}b}": int(found[k]) for k in np.flatnonzero(found)}


def most_misses(trials: int) -> int:
    """Return how many 99 % intervals may miss; more are a defect, with chance 1e-4."""
    return int(stats.binom.ppf(1.0 - 1e-4, trials, 0.01))


def misses(found: Sequence[Estimate], truth: float) -> int:
    """Return how many intervals do not hold ``truth``."""
    return sum(truth not in one for one in found)
