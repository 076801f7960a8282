"""Numbers of photons: exact distributions against closed forms and Monte Carlo."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.special import gammainc
from scipy.stats import chisquare, poisson

from qleap.core.errors import InvalidValue
from qleap.sensing.nv.photophysics import (
    ChargeRates,
    RateModel,
    charge_readout,
    photon_distribution,
    photon_moments,
    poisson_mixture,
)

Array = NDArray[np.float64]


def test_a_constant_rate_gives_poissons_law() -> None:
    found = photon_distribution([[0.0]], [[3e5]], [1.0], 1e-5, dark_counts=0.5)
    assert_allclose(found, poisson.pmf(np.arange(found.size), 3.5), atol=1e-14)


def test_an_emitter_that_must_be_excited_again_emits_more_regularly() -> None:
    # Equal rates up and down: the n-th photon comes after 2 n exponential waits, so
    # that P(N >= n) is a regularised incomplete gamma function.
    rate, window = 2e7, 4e-7
    jumps = np.array([[0.0, rate], [0.0, 0.0]])
    generator = np.array([[-rate, rate], [rate, -rate]])
    found = photon_distribution(generator, jumps, [1.0, 0.0], window)
    n = np.arange(1, found.size)
    assert_allclose(
        1.0 - np.cumsum(found)[:-1], gammainc(2 * n, rate * window), atol=1e-11
    )
    mean, variance = photon_moments(generator, jumps, [1.0, 0.0], window)
    assert variance < 0.6 * mean  # antibunched


@pytest.mark.parametrize("charge", [None, ChargeRates(collected=0.5)])
def test_moments_are_those_of_the_distribution(charge: ChargeRates | None) -> None:
    model = RateModel(charge=charge)
    generator = model.generator(2e7)
    counted = model.photon_jumps(efficiency=0.3)
    start = model.polarised(2e7)
    p = photon_distribution(generator, counted, start, 2e-6)
    n = np.arange(p.size)
    mean, variance = photon_moments(generator, counted, start, 2e-6)
    assert_allclose(p.sum(), 1.0, rtol=1e-11)
    assert_allclose(n @ p, mean, rtol=1e-9)
    assert_allclose((n - mean) ** 2 @ p, variance, rtol=1e-8)
    assert_allclose(mean, 0.3 * model.photons([2e-6], 2e7)[0] @ start, rtol=1e-10)


def test_charges_that_last_count_as_a_mixture_of_poissons() -> None:
    bright, dark = charge_readout(
        4e4, 2e3, ionisation=0.0, recombination=0.0, duration=1e-3
    )
    assert_allclose(bright, poisson_mixture([1.0], [40.0], bright.size), atol=1e-12)
    both = 0.7 * bright + 0.3 * dark
    assert_allclose(
        both, poisson_mixture([0.7, 0.3], [40.0, 2.0], both.size), atol=1e-12
    )


def test_a_charge_that_flips_is_found_by_simulated_trajectories() -> None:
    rng = np.random.default_rng(7)
    bright, dark, away, back, window = 3e4, 2e3, 300.0, 120.0, 2e-3
    exact, _ = charge_readout(
        bright, dark, ionisation=away, recombination=back, duration=window
    )
    counts = []
    for _ in range(20_000):
        left, state, mean = window, 0, 0.0
        while left > 0.0:
            stay = min(left, rng.exponential(1.0 / (away, back)[state]))
            mean += stay * (bright, dark)[state]
            left, state = left - stay, 1 - state
        counts.append(rng.poisson(mean))
    _agree(np.array(counts), exact)


def test_jumps_between_the_seven_levels_are_counted_as_they_happen() -> None:
    rng = np.random.default_rng(8)
    model, pump, window = RateModel(), 2e7, 3e-7
    start = model.spin_state(-1)
    generator = model.generator(pump)
    counted = model.photon_jumps(efficiency=0.6)
    exact = photon_distribution(generator, counted, start, window)
    jumps = np.where(np.eye(7) > 0.0, 0.0, generator)
    loss = jumps.sum(axis=0)
    nexts = np.cumsum(jumps / loss, axis=0)
    n = 20_000
    level, left, counts = np.full(n, 2), np.full(n, window), np.zeros(n, int)
    alive = np.arange(n)
    while alive.size:
        at = level[alive]
        left[alive] -= rng.exponential(1.0 / loss[at])
        alive, at = alive[left[alive] > 0.0], at[left[alive] > 0.0]
        to = (rng.random(alive.size) > nexts[:, at]).sum(axis=0)
        photon = (at >= 3) & (at <= 5) & (to < 3)
        counts[alive] += photon & (rng.random(alive.size) < 0.6)
        level[alive] = to
    _agree(counts, exact)


def _agree(counts: NDArray[np.int64], exact: Array) -> None:
    seen = np.bincount(counts, minlength=exact.size).astype(float)
    expected = np.zeros(seen.size)
    expected[: exact.size] = exact * counts.size
    enough = expected > 20.0
    observed = np.append(seen[enough], seen[~enough].sum())
    predicted = np.append(expected[enough], counts.size - expected[enough].sum())
    assert chisquare(observed, predicted).pvalue > 1e-3


def test_matrices_of_another_size_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"counted must have the shape \(1, 1\)"):
        photon_distribution([[0.0]], np.eye(2), [1.0], 1.0)
    with pytest.raises(InvalidValue, match="counted must be >= 0 1/s"):
        photon_distribution([[0.0]], [[-1.0]], [1.0], 1.0)


def test_a_long_window_keeps_its_variance_and_its_length() -> None:
    # Reference: the same triangular exponential with 40 digits (mpmath).
    model = RateModel()
    generator, start = model.generator(1e7), model.spin_state(0)
    mean, variance = photon_moments(generator, model.photon_jumps(), start, 1e-2)
    assert_allclose(mean, 50377.643032, rtol=1e-7)
    assert_allclose(variance, 99956.297706, rtol=1e-6)

    few = photon_distribution(
        generator, model.photon_jumps(efficiency=0.01), start, 1e-2
    )
    assert few.size < 1000
    assert_allclose(few @ np.arange(few.size), 503.77643, rtol=1e-6)
