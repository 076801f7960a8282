"""Decays: the fit against SciPy, intervals against repeated synthetic measurements."""

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import binom

from qleap.core.errors import InvalidValue
from qleap.processing.protocols.decays import (
    Survivals,
    asymptote,
    fit_decay,
    interval,
    survivals,
)

LENGTHS = np.array([1.0, 20, 60, 150, 300])
RATE = -np.log(0.99)


def measured(
    rng: np.random.Generator, samples: int, spread: float = 0.0, shots: int = 300
) -> Survivals:
    """Return a decay with binomial shots, and sequences that differ by ``spread``."""
    curve = 0.47 * np.exp(-RATE * LENGTHS) + 0.5
    truth = np.repeat(curve[:, None], samples, axis=1)
    if spread:
        truth = rng.beta(truth / spread**2, (1 - truth) / spread**2)
    return Survivals(x=LENGTHS, shares=rng.binomial(shots, truth) / shots, shots=shots)


def test_the_fit_is_that_of_scipy() -> None:
    data = measured(np.random.default_rng(1), 10, spread=0.1)

    def model(x: np.ndarray, rate: float, a: float, b: float) -> np.ndarray:
        return a * np.exp(-rate * x) + b

    found, _ = curve_fit(model, data.x, data.means, (0.02, 0.5, 0.5), data.errors)
    errors = data.errors_about(model(data.x, *found))
    found, _ = curve_fit(model, data.x, data.means, found, errors)
    fitted = fit_decay(data, resamples=2)
    assert [fitted.rate, fitted.amplitude, fitted.offset] == pytest.approx(
        found, rel=1e-4
    )


@pytest.mark.parametrize(("spread", "known"), [(0.0, False), (0.1, False), (0.1, True)])
def test_the_interval_holds_the_truth_in_99_of_100_repetitions(
    spread: float, known: bool
) -> None:
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(100):
        data = measured(rng, 12, spread)
        fitted = fit_decay(data, offset=asymptote(1, known=known), resamples=200)
        hits += RATE in interval(fitted.rate, fitted.rates)
    assert hits >= binom.ppf(1e-3, 100, 0.98)  # 200 resamples blur the tail


def test_the_interval_is_as_wide_as_repetitions_scatter() -> None:
    rng = np.random.default_rng(8)
    fits = [
        fit_decay(measured(rng, 20, 0.1), offset=(0.5, 0.5), resamples=200)
        for _ in range(40)
    ]
    scatter = np.std([one.rate for one in fits])
    told = np.mean([np.std(one.rates) for one in fits])
    # The scatter of 40 is known to 1/sqrt(2 * 39) = 11 %, here three times that, and
    # Student's widening of 20 sequences is 5 %.
    assert 0.7 < told / scatter < 1.5


def test_no_decay_at_all_leaves_an_interval_that_begins_near_zero() -> None:
    data = Survivals(x=LENGTHS, shares=np.ones((5, 4)), shots=500)
    fitted = fit_decay(data, offset=(0.5, 0.5))
    found = interval(fitted.rate, fitted.rates)
    assert found.low < 1e-6
    # Rule of three: 2000 shots without a loss at length 300 exclude 0.0023 / 300 / 0.5.
    assert 1e-7 < found.high < 1e-4


def test_a_flat_decay_stays_slow_where_the_asymptote_is_fitted() -> None:
    data = Survivals(x=LENGTHS, shares=np.full((5, 4), 0.97), shots=500)
    fitted = fit_decay(data, offset=asymptote(1, known=False))
    assert np.quantile(fitted.rates, 0.995) < 1e-3


def test_incomplete_sequences_are_refused() -> None:
    with pytest.raises(InvalidValue, match="every length needs as many sequences"):
        survivals([1, 1, 2], [1.0, 1.0, 0.9], [10, 10, 10])


def test_two_lengths_are_too_few_for_three_unknowns() -> None:
    data = Survivals(x=LENGTHS[:2], shares=np.ones((2, 3)), shots=5)
    with pytest.raises(InvalidValue, match="at least 3 lengths, got 2"):
        fit_decay(data)


def test_few_shots_do_not_make_a_decay_faster() -> None:
    # Weights from the data themselves prefer what is low by chance: 5 % at 30 shots.
    rng = np.random.default_rng(11)
    x = np.arange(17) / 4.0
    found = []
    for _ in range(200):
        shares = rng.binomial(30, 0.02 + 0.93 * np.exp(-x))[:, None] / 30
        data = Survivals(x=x, shares=shares, shots=30)
        found.append(fit_decay(data, offset=(0.0, 0.5), resamples=1).rate)
    assert np.median(found) == pytest.approx(1.0, abs=0.03)
