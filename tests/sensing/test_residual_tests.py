"""p-values of residuals: both tails of chi-square, and those of few counts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from qleap.sensing import fit_trace
from qleap.sensing.fitting.residuals import deviance_moments
from qleap.sensing.models import FunctionModel, Polynomial

X = np.linspace(0.0, 1.0, 60)


def p_values(error: float, rng: np.random.Generator) -> dict[str, float]:
    y = 1.0 + X + rng.normal(scale=0.1, size=X.size)
    fit = fit_trace(Polynomial(degree=1), X, y, np.full(X.size, error))
    return fit.residual_tests()


def test_errors_that_are_too_small_and_too_large_are_told_apart(
    rng: np.random.Generator,
) -> None:
    small, right, large = (p_values(e, rng) for e in (0.05, 0.1, 0.2))
    assert small["chi_square"] < 1e-6
    assert small["chi_square_low"] > 1.0 - 1e-6
    assert large["chi_square_low"] < 1e-6
    assert large["chi_square"] > 1.0 - 1e-6
    for one in (small, right, large):
        assert_allclose(one["chi_square"] + one["chi_square_low"], 1.0, rtol=1e-9)
    assert min(right["chi_square"], right["chi_square_low"]) > 0.01


def test_both_tails_are_those_of_chi_square(rng: np.random.Generator) -> None:
    y = 1.0 + X + rng.normal(scale=0.1, size=X.size)
    fit = fit_trace(Polynomial(degree=1), X, y, np.full(X.size, 0.1))
    tests = fit.residual_tests()
    assert_allclose(tests["chi_square"], stats.chi2.sf(fit.cost, 58), rtol=1e-9)
    assert_allclose(tests["chi_square_low"], stats.chi2.cdf(fit.cost, 58), rtol=1e-9)


def test_moments_of_the_deviance_are_those_of_drawn_counts(
    rng: np.random.Generator,
) -> None:
    expected = np.array([0.1, 0.7, 3.0, 40.0])
    counts = rng.poisson(expected, size=(400_000, 4))
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / expected), 0.0)
    deviance = 2.0 * (expected - counts + logs)
    mean, variance = deviance_moments(expected)
    assert_allclose(mean, deviance.mean(axis=0), rtol=0.01)
    assert_allclose(variance, deviance.var(axis=0), rtol=0.02)
    assert_allclose(deviance_moments(np.array([1e4])), [[1.0], [2.0]])


@pytest.mark.parametrize("level", [0.5, 2.0])
def test_few_counts_of_a_good_model_are_not_doubted(
    level: float, rng: np.random.Generator
) -> None:
    model = FunctionModel(function=lambda x, a: a + 0.0 * x, start={"a": level})
    found = [
        fit_trace(
            model, X, rng.poisson(level, X.size).astype(float), cost="poisson"
        ).residual_tests()
        for _ in range(60)
    ]
    # 3 of 60 expected; of chi-square 10 (level 2) and none at all (level 0.5)
    assert sum(one["chi_square"] < 0.05 for one in found) <= 8
    assert sum(one["chi_square_low"] < 0.05 for one in found) <= 8
    assert min(one["normality"] for one in found) == 1.0
    assert_allclose(np.mean([one["chi_square"] for one in found]), 0.5, atol=0.15)
