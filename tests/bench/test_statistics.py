"""Intervals and tests against theory and against their own promise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from qleap.bench.racing.statistics import (
    CONFIDENCE,
    LOOKS,
    holm,
    median_interval,
    per_look,
    sign_p_values,
)
from qleap.core.errors import InvalidValue


@pytest.mark.parametrize("size", [10, 20, 60])
def test_interval_covers_the_true_median_as_often_as_it_says(
    size: int, rng: np.random.Generator
) -> None:
    # Laplace noise has heavier tails than timings that are not interrupted.
    trials, covered = 400, 0
    for _ in range(trials):
        sample = rng.laplace(0.3, 0.05, size)
        low, high = median_interval(sample, confidence=CONFIDENCE, rng=rng)
        covered += low <= 0.3 <= high
    # 400 draws at 99 % give 396 +- 2; four standard deviations below is 388.
    assert covered >= 388


def test_interval_shrinks_with_the_root_of_the_number(rng: np.random.Generator) -> None:
    def width(size: int) -> float:
        low, high = median_interval(rng.normal(size=size), confidence=0.99, rng=rng)
        return high - low

    narrow = np.mean([width(400) for _ in range(20)])
    wide = np.mean([width(100) for _ in range(20)])
    assert wide / narrow == pytest.approx(2.0, rel=0.15)


def test_interval_of_normal_draws_has_the_width_of_theory() -> None:
    # The median of n normal draws has the deviation sqrt(pi / 2 n); 2.576 of them
    # on each side hold 99 % (Kendall and Stuart, vol. 1, section 10.10).
    rng = np.random.default_rng(5)
    widths = []
    for _ in range(60):
        low, high = median_interval(rng.normal(size=180), confidence=0.99, rng=rng)
        widths.append(high - low)
    theory = 2 * 2.576 * np.sqrt(np.pi / (2 * 180))
    assert np.mean(widths) == pytest.approx(theory, rel=0.07)


def test_range_of_ten_values_is_the_interval_of_ten_values(
    rng: np.random.Generator,
) -> None:
    # Both ends lie on one side of the median once in 2^9 samples; leaving out one
    # value at each end, once in 47: more than the 1 in 300 of one look.
    sample = rng.normal(size=10)
    ends = median_interval(sample, confidence=per_look(), rng=rng)
    assert ends == (sample.min(), sample.max())


def test_all_looks_together_keep_the_confidence() -> None:
    assert len(LOOKS) * (1.0 - per_look()) == pytest.approx(1.0 - CONFIDENCE)


def test_too_few_values_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InvalidValue, match="at least 10 values, got 9"):
        median_interval(np.ones(9), confidence=0.99, rng=rng)


def test_sign_test_is_that_of_scipy_with_three_looks() -> None:
    ratios = [0.9] * 17 + [1.1] * 3
    below, above = sign_p_values(ratios, 1.0)
    exact = binomtest(17, 20, 0.5, alternative="greater").pvalue
    assert below == pytest.approx(3.0 * exact)
    assert above == 1.0
    # What the look at 20 pairs said stays said, whatever comes later.
    later = sign_p_values(ratios + [1.1, 0.9] * 20, 1.0)
    assert later[0] == pytest.approx(3.0 * exact)
    assert sign_p_values([1.0] * 20, 1.0) == (1.0, 1.0)


def test_holm_steps_down() -> None:
    """By hand: 4 x 0.005, 3 x 0.01, then no less than that, then 1 x 0.04."""
    adjusted = holm([0.01, 0.04, 0.005, 0.0101])
    assert adjusted == pytest.approx([0.03, 0.04, 0.02, 0.03])
    assert holm([0.9, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_sign_test_rejects_what_is_true_as_rarely_as_it_says(
    rng: np.random.Generator,
) -> None:
    """1000 races of identical code whose looks may stop at any time."""
    draws = np.exp(rng.normal(0.0, 0.1, (1000, 180)))
    wrong = sum(min(sign_p_values(row, 1.0)) <= 0.005 for row in draws)
    # Both sides at 0.5 % each: 10 expected at most, and four standard deviations.
    assert wrong <= 10 + 4 * np.sqrt(10)
