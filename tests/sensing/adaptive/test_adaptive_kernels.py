"""Kernels of particle filters, tracking and phase estimation against their twins."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.stats import kstest

from qleap.sensing._kernels import particles as kernels
from qleap.sensing._kernels import phase_estimation as phase_kernels
from qleap.sensing._kernels import tracking as tracking_kernels
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
    offsets = np.array([-2.16e6, 0.0, 2.16e6])
    found = kernels.lorentzian_predictions(x, lines, offsets)
    expected = reference.lorentzian_predictions(x, lines, offsets)
    assert_allclose(found, expected, rtol=1e-12)


def test_predictions_of_oscillations_equal_the_reference() -> None:
    t = np.array([0.0, 1e-7, 3e-6])
    ones = np.ones(40)
    rabi = np.array(
        [ones, 0.1 * ones, 1e6 * RNG.random(40), 1e-6 * (1 + RNG.random(40)),
         1e6 * RNG.random(40), 1e-8 * RNG.random(40)]
    )  # fmt: skip
    rabi[2, 0] = rabi[4, 0] = 0.0  # no drive, no detuning
    nodes, weights = np.array([0.0, 1.3]), np.array([0.4, 0.6])
    assert_allclose(
        kernels.rabi_predictions(t, rabi, nodes, weights),
        reference.rabi_predictions(t, rabi, nodes, weights),
        rtol=1e-13,
    )
    ramsey = np.array(
        [ones, ones, 1e6 * RNG.random(40), 1e-6 * (1 + RNG.random(40)), 2 * ones, ones]
    )
    places, shares = np.array([-2e6, 2e6]), np.array([0.3, 0.7])
    assert_allclose(
        kernels.ramsey_predictions(t, ramsey, places, shares),
        reference.ramsey_predictions(t, ramsey, places, shares),
        rtol=1e-12,
        atol=1e-13,
    )


@pytest.mark.parametrize(
    ("kind", "outcome", "scale"), [(0, 0.3, 0.1), (1, 3, 1), (2, 2, 9)]
)
def test_new_weights_equal_the_reference(
    kind: int, outcome: float, scale: float
) -> None:
    ours = RNG.random(WEIGHTS.size)
    theirs = ours.copy()
    size = kernels.reweigh(WEIGHTS, ours, outcome, kind, scale, 0.7)
    expected = reference.reweigh(WEIGHTS, theirs, outcome, kind, scale, 0.7)
    assert_allclose(size, expected, rtol=1e-11)
    assert_allclose(ours, theirs, rtol=1e-11)


def test_moments_and_systematic_draws_equal_the_reference() -> None:
    for found, expected in zip(
        kernels.cloud_moments(CLOUD, WEIGHTS),
        reference.cloud_moments(CLOUD, WEIGHTS),
        strict=True,
    ):
        assert_allclose(found, expected, rtol=1e-7, atol=1e-18)
    for n in (1, 7, 1003, 5000):
        ours = kernels.draw_systematically(WEIGHTS, n, 0.37)
        theirs = reference.draw_systematically(WEIGHTS, n, 0.37)
        assert np.mean(ours != theirs) < 1e-3  # sums of another order
        assert np.all(np.abs(ours - theirs) <= 1)
    spiked = np.zeros(300)
    spiked[[3, 299]] = 0.5
    assert_allclose(kernels.draw_systematically(spiked, 4, 0.5), [3, 3, 299, 299])


def test_moved_particles_and_normal_numbers_equal_the_reference() -> None:
    uniforms = RNG.random((2, 1004), dtype=np.float32)
    normals = kernels.normal_pairs(uniforms)
    assert_allclose(normals, reference.normal_pairs(uniforms), rtol=1e-5, atol=1e-6)
    parents = kernels.draw_systematically(WEIGHTS, 1003, 0.1)
    mean = CLOUD.mean(axis=1)
    root = np.array([[1e5, 0.0], [1e4, 3e4], [0.0, 1e-3]])
    limits = np.array([[2.869e9, 2.871e9], [0.0, np.inf], [-np.inf, np.inf]])
    arguments = (CLOUD, parents, mean, root, 0.9, limits, normals[:, :502])
    found = kernels.moved_particles(*arguments)
    assert_allclose(found, reference.moved_particles(*arguments), rtol=1e-12)


def test_normal_numbers_are_normal() -> None:
    uniforms = np.random.default_rng(1).random((1, 20_000), dtype=np.float32)
    normals = kernels.normal_pairs(uniforms)[0]
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
        kernels.mutual_information(predictions, outcomes, 0, 0.3),
        reference.mutual_information(predictions, outcomes, 0, 0.3),
        rtol=1e-12,
    )


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
