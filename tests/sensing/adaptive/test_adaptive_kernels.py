"""Kernels of particle filters, tracking and phase estimation against their twins."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.stats import kstest

from qleap.sensing._kernels import particle_predictions as prediction_kernels
from qleap.sensing._kernels import particles as kernels
from qleap.sensing._kernels import phase_estimation as phase_kernels
from qleap.sensing._kernels import tracking as tracking_kernels
from qleap.sensing._reference import particle_predictions as prediction_reference
from qleap.sensing._reference import particles as reference
from qleap.sensing._reference import phase_estimation as phase_reference
from qleap.sensing._reference import tracking as tracking_reference

Array = NDArray[np.float64]
RNG = np.random.default_rng(5)
WEIGHTS = RNG.random(1003)
WEIGHTS /= WEIGHTS.sum()
CLOUD = np.array([[2.87e9], [1e6], [1.0]]) + RNG.normal(
    0.0, [[1e6], [1e5], [0.01]], (3, 1003)
)


def test_predictions_of_lines_equal_the_reference() -> None:
    x = np.linspace(2.86e9, 2.88e9, 5)
    lines = np.vstack([CLOUD[[0, 0, 1, 1]], 0.02 * CLOUD[[2, 2]], CLOUD[2]])
    lines[[1, 3, 5]] *= [[1.001], [2.0], [0.5]]  # no row of a line may serve another
    offsets = np.array([-2.16e6, 0.0, 2.3e6])
    found = prediction_kernels.lorentzian_predictions(x, lines, offsets)
    expected = prediction_reference.lorentzian_predictions(x, lines, offsets)
    assert_allclose(found, expected, rtol=1e-12)
    for i in (0, 500):  # numpy alone, line by line
        level = np.full(x.size, lines[-1, i])
        for place, fwhm, depth in lines[:6, i].reshape(3, 2).T:
            away = (x[:, None] - offsets - place) / (0.5 * fwhm)
            level -= (depth / (1.0 + away**2)).sum(axis=1)
        assert_allclose(found[:, i], level, rtol=1e-9)


def test_predictions_of_oscillations_equal_the_reference() -> None:
    t = np.array([0.0, 1e-7, 3e-6, -2e-7])
    ones = np.ones(40)
    rabi = np.array(
        [ones, 0.1 * ones, 1e6 * RNG.random(40), 1e-6 * (1 + RNG.random(40)),
         1e6 * RNG.random(40), 1e-8 * RNG.random(40)]
    )  # fmt: skip
    rabi[2, 0] = rabi[4, 0] = 0.0  # no drive, no detuning
    nodes, weights = np.array([0.0, 1.3]), np.array([0.4, 0.6])
    assert_allclose(
        prediction_kernels.rabi_predictions(t, rabi, nodes, weights),
        prediction_reference.rabi_predictions(t, rabi, nodes, weights),
        rtol=1e-13,
    )
    ramsey = np.array(
        [
            ones,
            ones,
            1e6 * RNG.random(40),
            1e-6 * (1 + RNG.random(40)),
            1 + RNG.random(40),
            ones,
        ]
    )
    places, shares = np.array([-2e6, 1e6]), np.array([0.3, 0.7])
    assert_allclose(
        prediction_kernels.ramsey_predictions(t, ramsey, places, shares),
        prediction_reference.ramsey_predictions(t, ramsey, places, shares),
        rtol=1e-12,
        atol=1e-13,
    )


@pytest.mark.parametrize(
    ("kind", "outcome", "scale"), [(0, 0.3, 0.1), (1, 3, 1), (2, 2, 9), (3, 0.3, 0.1)]
)
def test_new_weights_equal_the_reference(
    kind: int, outcome: float, scale: float
) -> None:
    for n in (7, 1003, 3000):
        weights = RNG.random(n)
        arguments = weights, RNG.random(n), outcome, kind, scale, 2.5, 0.7
        ours, theirs = np.empty(n), np.empty(n)
        size = kernels.reweigh(*arguments, ours)
        assert_allclose(size, reference.reweigh(*arguments, theirs), rtol=1e-11)
        assert_allclose(ours, theirs, rtol=1e-11)


def test_new_weights_stand_on_one_scale_however_small_they_are() -> None:
    expected = np.concatenate([np.full(1024, 60.0), np.full(1024, 50.0), [3e200] * 9])
    found = np.empty(2057)
    size = kernels.reweigh(np.ones(2057), expected, 0.0, 0, 1.0, 1.0, 1e-2, found)
    shares = np.exp(-0.5e-2 * np.array([60.0**2, 50.0**2]))
    shares /= shares.sum() * 1024
    assert_allclose(found[[0, 1024, 2050]], [*shares, 0.0], rtol=1e-12)
    assert_allclose(size, 1.0 / (1024 * np.sum(shares**2)), rtol=1e-12)
    nobody = np.full(2057, 3e200)
    assert kernels.reweigh(np.ones(2057), nobody, 0.0, 0, 1.0, 1.0, 1.0, found) == 0.0


@pytest.mark.parametrize("place", range(19))
def test_one_likely_particle_is_found_wherever_it_lies(place: int) -> None:
    expected = np.full(19, 70.0)
    expected[place] = 40.0  # exp(-800): nothing is left if it goes relative to others
    found = np.empty(19)
    size = kernels.reweigh(np.ones(19), expected, 0.0, 0, 1.0, 1.0, 1.0, found)
    assert_allclose(found, np.arange(19) == place, atol=1e-300)
    assert_allclose(size, 1.0, rtol=1e-14)


def test_squares_of_small_weights_do_not_vanish() -> None:
    expected, found = np.array([37.0, 37.0, 37.0, 39.0]), np.empty(4)  # exp(-684)
    size = kernels.reweigh(np.ones(4), expected, 0.0, 0, 1.0, 1.0, 1.0, found)
    assert_allclose(size, 3.0, rtol=1e-12)
    assert_allclose(found[:3], 1.0 / 3.0, rtol=1e-12)


def test_expectations_of_no_counts_and_of_certainty_have_a_likelihood() -> None:
    found = np.empty(4)
    certain = np.array([-0.1, 0.0, 0.5, 1.2])
    for kind, outcome, scale in ((1, 0, 1.0), (1, 2, 1.0), (2, 0, 3.0), (2, 3, 3.0)):
        arguments = np.ones(4), certain, float(outcome), kind, scale, 1.0, 1.0
        expected = np.empty(4)
        size = kernels.reweigh(*arguments, found)
        assert_allclose(size, reference.reweigh(*arguments, expected), rtol=1e-9)
        assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_moments_equal_the_reference() -> None:
    for rows in ([0, 1, 2], [2, 0], [1]):
        for found, expected in zip(
            kernels.cloud_moments(CLOUD, WEIGHTS, np.array(rows)),
            reference.cloud_moments(CLOUD, WEIGHTS, np.array(rows)),
            strict=True,
        ):
            assert_allclose(found, expected, rtol=1e-7, atol=1e-18)


def test_moments_lose_nothing_on_a_large_carrier_and_are_not_negative() -> None:
    offsets = 8.0 * np.round(100.0 * RNG.normal(size=(1, 1003)))  # exact on 2.87 GHz
    mean, covariance = kernels.cloud_moments(2.87e9 + offsets, WEIGHTS, np.array([0]))
    assert_allclose(mean - 2.87e9, offsets @ WEIGHTS, atol=1e-6)
    assert_allclose(covariance[0, 0], np.cov(offsets, ddof=0, aweights=WEIGHTS))
    for n in range(2, 60):  # all weight at one place, seen from another
        apart, weights = np.full((1, n), 0.1), np.full(n, 1.0 / (n - 1))
        apart[0, 0], weights[0] = 1.0, 0.0
        assert kernels.cloud_moments(apart, weights, np.array([0]))[1] >= 0.0


def test_systematic_draws_equal_the_reference() -> None:
    for size in (1, 5, 15, 300, 1003, 1024, 2500):
        weights = RNG.random(size) * (RNG.random(size) < 0.6)
        weights[size // 2] = 1.0
        for n in (1, 7, 1003, 5000):
            ours, theirs = np.empty((2, n), np.int32)
            kernels.draw_systematically(weights, 0.37, ours)
            reference.draw_systematically(weights, 0.37, theirs)
            assert np.mean(ours != theirs) < 1e-3  # sums of another order
            assert np.all(weights[ours] > 0.0)
    spiked, picked = np.zeros(300), np.empty(4, np.int32)
    spiked[[3, 299]] = 0.5
    kernels.draw_systematically(spiked, 0.5, picked)
    assert_allclose(picked, [3, 3, 299, 299])


def test_systematic_draws_are_as_many_as_the_weights_say() -> None:
    weights = RNG.random(1500) ** 4
    share, total = 5000 * weights / weights.sum(), np.zeros(1500)
    picked = np.empty(5000, np.int32)
    starts = (np.arange(200) + 0.5) / 200
    for start in starts:
        kernels.draw_systematically(weights, start, picked)
        count = np.bincount(picked, minlength=1500)
        assert np.all(np.abs(count - share) < 1.0)
        total += count / starts.size
    assert_allclose(total, share, atol=1.0 / 200 + 1e-9)  # unbiased


def test_moved_particles_and_normal_numbers_equal_the_reference() -> None:
    uniforms = RNG.random((2, 251))
    normals, theirs = np.empty((2, 2, 502))
    kernels.normal_pairs(uniforms, normals)
    reference.normal_pairs(uniforms, theirs)
    assert_allclose(normals, theirs, rtol=1e-12, atol=1e-14)
    parents = np.empty(1003, np.int32)
    kernels.draw_systematically(WEIGHTS, 0.1, parents)
    mean = CLOUD.mean(axis=1)
    root = np.array([[1e5, 0.0], [1e4, 3e4], [0.0, 1e-3]])
    limits = np.array([[2.869e9, 2.871e9], [0.0, np.inf], [-np.inf, np.inf]])
    for free in ([0, 1, 2], [2, 0], [1]):
        for kicks in (normals, normals[:, :100], normals[:, :1]):
            arguments = (
                CLOUD, parents, np.array(free), mean[free], root[free], 0.9,
                limits[free], kicks,
            )  # fmt: skip
            found, expected = np.zeros((2, 3, 1003))
            kernels.moved_particles(*arguments, found)
            reference.moved_particles(*arguments, expected)
            assert_allclose(found, expected, rtol=1e-12)


def test_normal_numbers_are_normal() -> None:
    uniforms, both = RNG.random((1, 10_000)), np.empty((1, 20_000))
    kernels.normal_pairs(uniforms, both)
    (normals,) = both
    assert kstest(normals, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(normals[:10_000], normals[10_000:])[0, 1]) < 0.04


def test_information_equals_the_reference() -> None:
    predictions = RNG.normal(size=(3, 20))
    outcomes = predictions[..., None] + 0.3 * RNG.normal(size=(3, 20, 2))
    weights = np.full(20, 0.05)
    assert_allclose(
        kernels.prediction_moments(predictions, weights),
        reference.prediction_moments(predictions, weights),
        rtol=1e-12,
    )
    assert_allclose(
        kernels.mutual_information(predictions, outcomes, 0, 0.3, 1.0),
        reference.mutual_information(predictions, outcomes, 0, 0.3, 1.0),
        rtol=1e-12,
    )


@pytest.mark.parametrize(("kind", "scale"), [(1, 1.0), (2, 5000.0), (3, 90.0)])
def test_information_of_large_counts_equals_the_reference(
    kind: int, scale: float
) -> None:
    predictions = RNG.uniform(0.4, 0.6, (2, 20)) * (1.0 if kind == 2 else 5000.0)
    outcomes = np.round(RNG.uniform(2300, 2700, (2, 20, 1)))
    assert_allclose(
        kernels.mutual_information(predictions, outcomes, kind, scale, 3.0),
        reference.mutual_information(predictions, outcomes, kind, scale, 3.0),
        rtol=1e-9,
    )


@pytest.mark.parametrize("shots", [1, 2, 25])
def test_information_of_shots_equals_the_reference(shots: int) -> None:
    predictions = np.vstack(
        [RNG.random((3, 200)), RNG.random(200) < 0.4, np.full(200, 0.3)]
    )
    weights = RNG.random(200)
    weights /= weights.sum()
    found = kernels.binomial_information(predictions, weights, shots)
    expected = reference.binomial_information(predictions, weights, shots)
    assert_allclose(found, expected, rtol=1e-9, atol=1e-13)
    assert found[-1] < 1e-13  # known already
    predictions[1, 7] = np.nan
    found = kernels.binomial_information(predictions, weights, shots)
    assert np.isnan(found).tolist() == [False, True, False, False, False]


def test_loops_equal_the_reference() -> None:
    n = 50
    path, noise = np.cumsum(RNG.normal(0, 1e4, n)), 1e-3 * RNG.normal(size=(n, 2))
    line, gains = np.array([1e6, 0.03, 2.0]), np.linspace(1.0, 0.2, n)
    offsets, weights = np.array([3e5, -3e5]), np.array([-1e7, 1e7])
    loop = (path, offsets, weights, 10.0, line, noise, gains, 0.0)
    assert_allclose(
        tracking_kernels.follow_resonance(*loop),
        tracking_reference.follow_resonance(*loop),
        rtol=1e-9,
    )
    assert_allclose(
        tracking_kernels.riccati_gains(9, 4.0, 1.0, 2.0),
        tracking_reference.riccati_gains(9, 4.0, 1.0, 2.0),
        rtol=1e-13,
    )
    light = 2.0 + 0.01 * np.sin(np.arange(n))
    start, process = np.array([0.0, 2.0, 1e8, 1e-4]), np.array([1e8, 1e-6])
    found = tracking_kernels.extended_kalman_path(
        path, light, 3e5, line, noise[:, 0], process, 1e-6, start
    )
    expected = tracking_reference.extended_kalman_path(
        path, light, 3e5, line, noise[:, 0], process, 1e-6, start
    )
    for ours, theirs in zip(found, expected, strict=True):  # theirs: differences
        size = np.abs(theirs).max(axis=0)
        assert_allclose(ours / size, theirs / size, atol=1e-5)


def test_a_step_of_the_extended_filter_equals_the_reference() -> None:
    line, process = np.array([1e6, 0.03, 2.0]), np.array([1e8, 1e-6])
    x, p = np.array([1e4, 2.1]), np.array([[1e10, 20.0], [20.0, 1e-4]])
    state, covariance = x.copy(), p.copy()
    tracking_kernels.extended_kalman_step(x, p, process, 3e5, 1.97, line, 1e-6)
    tracking_reference.extended_kalman_step(
        state, covariance, process, 3e5, 1.97, line, 1e-6
    )
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert_allclose(x, state, rtol=1e-7)
    assert_allclose(p / scale, covariance / scale, atol=1e-6)


def test_phase_estimation_equals_the_reference() -> None:
    multiples = np.repeat([4, 2, 1], [3, 4, 5])
    visibilities = np.full(12, 0.9)
    truths, uniforms = RNG.uniform(-3, 3, 6), RNG.random((6, 12))
    arguments = (truths, uniforms, multiples, visibilities)
    assert_allclose(
        phase_kernels.estimate_phases(*arguments),
        phase_reference.estimate_phases(*arguments),
        atol=1e-12,
    )


def test_an_absorbed_outcome_is_bayes_rule_on_a_grid() -> None:
    phi = 2.0 * np.pi * np.arange(256) / 256
    density = np.ones(256)
    coefficients = np.zeros(20, np.complex128)
    coefficients[0] = 1.0
    for multiple, phase, contrast in ((4, 0.3, 0.8), (4, 1.0, -0.9), (2, 2.0, 0.7)):
        phase_kernels.absorb_outcome(coefficients, multiple, phase, contrast, 1)
        density *= 1.0 + contrast * np.cos(multiple * phi + phase)
    harmonics = np.exp(1j * np.outer(np.arange(1, 20), phi))
    series = 1.0 + 2.0 * np.real(coefficients[1:] @ harmonics)
    assert_allclose(series, density / density.mean(), atol=1e-12)


def test_roots_of_covariances_are_roots_even_where_parameters_are_known() -> None:
    loose = RNG.normal(size=(5, 3)) * np.array([[1e6], [0.0], [1.0], [1e-3], [1.0]])
    loose[4] = 2.0 * loose[2]  # one parameter tells another
    covariance = loose @ loose.T
    found = kernels.covariance_root(covariance)
    assert found.shape == (5, 4)
    size = np.sqrt(np.diag(covariance)) + (np.diag(covariance) == 0.0)
    scale = np.outer(size, size)
    assert_allclose(found @ found.T / scale, covariance / scale, atol=1e-12)
    expected = reference.covariance_root(covariance)
    assert_allclose(found / size[:, None], expected / size[:, None], atol=1e-6)


def test_steps_of_phase_estimation_equal_the_reference() -> None:
    for size, multiple in ((13, 4), (9, 4), (8, 4), (6, 2), (5, 4)):
        for stride in (1, 2):
            given = RNG.normal(size=(2, size)).T @ np.array([0.1, 0.1j])
            given[0] = 1.0
            given[np.arange(size) % stride > 0] = 0.0
            ours, theirs = given.copy(), given.copy()
            phase_kernels.absorb_outcome(ours, multiple, 0.7, -0.8, stride)
            phase_reference.absorb_outcome(theirs, multiple, 0.7, -0.8, stride)
            assert_allclose(ours, theirs, rtol=1e-12)
            found = phase_kernels.control_phase(given, multiple, 0.8)
            expected = phase_reference.control_phase(given, multiple, 0.8)
            assert_allclose(found, expected, rtol=1e-12)


def test_what_other_parameters_determine_gets_no_kick_of_rounding() -> None:
    loose = RNG.normal(size=(4, 3)) * np.array([[1e6], [1.0], [1e-3], [1.0]])
    for share in (0.1, 0.3, 0.7, 1.1, 1.3):
        loose[2] = share * loose[1] + 3e-7 * loose[0]
        found = kernels.covariance_root(loose @ loose.T)
        assert np.all(found[:, 2] == 0.0)
