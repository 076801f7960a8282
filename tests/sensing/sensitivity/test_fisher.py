"""Fisher information beside closed forms, and the bound beside estimators."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import curve_fit
from scipy.special import wofz

from qleap.core.errors import InvalidValue
from qleap.sensing.sensitivity import FisherInformation, cramer_rao, fisher_information

TIMES = np.linspace(0.0, 3.0, 13)


def decay(amplitude: Any, rate: Any) -> Any:
    return amplitude * np.exp(-rate * TIMES)


def test_an_exponential_under_gaussian_noise_has_its_textbook_matrix() -> None:
    a, r, sigma = 2.0, 0.7, 0.1
    found = fisher_information(
        decay, {"amplitude": a, "rate": r}, noise="gaussian", sigma=sigma
    )
    e = np.exp(-r * TIMES)
    slopes = np.array([e, -a * TIMES * e])
    assert_allclose(found.matrix, slopes @ slopes.T / sigma**2, rtol=1e-13)
    assert found.names == ("amplitude", "rate")


def test_a_count_of_known_mean_has_the_information_one_over_the_mean() -> None:
    found = fisher_information(
        lambda mean: mean * np.ones(5), {"mean": 40.0}, noise="poisson"
    )
    assert_allclose(found.matrix, 5.0 / 40.0)


def test_a_line_on_bright_light_gives_its_centre_by_the_integral_of_slopes() -> None:
    # A shallow Lorentzian dip on R counts a point, points dense at 1/spacing:
    # F = R c^2 / spacing * integral (dL/df)^2 = R c^2 / spacing * pi / fwhm / 2 * ...
    rate, depth, fwhm = 1e6, 1e-3, 1.0
    grid = np.linspace(-400.0, 400.0, 160_001)
    spacing = grid[1] - grid[0]

    def model(centre: Any) -> Any:
        return rate * (1.0 - depth / (1.0 + (2.0 * (grid - centre) / fwhm) ** 2))

    found = fisher_information(model, {"centre": 0.0}, noise="poisson")
    # integral of (dL/df)^2 for L = 1 / (1 + (2f/w)^2) is pi / (2 w)
    expected = rate * depth**2 * np.pi / (2.0 * fwhm) / spacing
    assert_allclose(found.matrix, expected, rtol=2.0 * depth)


def test_binomial_and_two_outcomes_are_the_same() -> None:
    def chance(phase: Any) -> Any:
        return 0.5 + 0.4 * np.sin(phase + TIMES)

    one = fisher_information(
        chance, {"phase": 0.3}, noise="binomial", repetitions=100.0
    )
    two = fisher_information(
        lambda phase: np.stack([chance(phase), 1.0 - chance(phase)], axis=-1),
        {"phase": 0.3},
        noise="categorical",
        repetitions=100.0,
    )
    assert_allclose(one.matrix, two.matrix, rtol=1e-13)


def test_each_setting_can_be_repeated_as_often_as_one_likes() -> None:
    def chances(phase: Any) -> Any:
        up = 0.5 + 0.4 * np.sin(phase + TIMES)
        return np.stack([up, 1.0 - up], axis=-1)

    times = np.arange(1.0, 14.0)
    whole = fisher_information(
        chances, {"phase": 0.3}, noise="categorical", repetitions=times
    )
    p = 0.5 + 0.4 * np.sin(0.3 + TIMES)
    slope = 0.4 * np.cos(0.3 + TIMES)
    assert_allclose(whole.matrix, np.sum(times * slope**2 / (p * (1 - p))))


def test_a_full_fringe_has_the_same_information_everywhere() -> None:
    # p = cos^2: F = t^2 at any phase, for p (1 - p) = (dp/dphase)^2
    for phase in (0.2, 0.9, 1.4):
        found = fisher_information(
            lambda omega, p=phase: np.cos(0.5 * (omega * 3.0 + p)) ** 2,
            {"omega": 0.0},
            noise="binomial",
        )
        assert_allclose(found.matrix, 9.0, rtol=1e-12)


def test_a_width_that_depends_on_the_parameter_adds_information() -> None:
    # N(mean, s): F(s) = 2 / s^2 a reading, F(mean) = 1 / s^2
    found = fisher_information(
        lambda mean, s: mean * np.ones(7) + 0.0 * s,
        {"mean": 1.0, "s": 0.5},
        noise="gaussian",
        sigma=lambda mean, s: s + 0.0 * mean,
    )
    assert_allclose(found.matrix, np.diag([7.0 / 0.25, 14.0 / 0.25]), atol=1e-12)


def test_correlated_noise_uses_the_inverse_of_its_covariance() -> None:
    lag = np.abs(TIMES[:, None] - TIMES[None, :])
    covariance = 0.01 * np.exp(-lag)
    found = fisher_information(
        decay, {"amplitude": 1.0, "rate": 0.5}, noise="gaussian", sigma=covariance
    )
    slopes = np.array([np.exp(-0.5 * TIMES), -TIMES * np.exp(-0.5 * TIMES)])
    expected = slopes @ np.linalg.inv(covariance) @ slopes.T
    assert_allclose(found.matrix, expected, rtol=1e-10)


def test_a_voigt_line_is_differentiated_exactly() -> None:
    # centre of a Voigt line: dV/dx from w' = -2 z w + 2i/sqrt(pi), done by hand
    grid, sigma, gamma = np.linspace(-5, 5, 41), 1.1, 0.6

    def model(centre: Any) -> Any:
        z = (grid - centre + 1j * gamma) / (sigma * np.sqrt(2.0))
        return np.real(wofz(z))

    found = fisher_information(model, {"centre": 0.0}, noise="gaussian", sigma=1.0)
    step = 1e-3
    stencil = model(-2 * step) - 8 * model(-step) + 8 * model(step) - model(2 * step)
    numeric = stencil / (12.0 * step)
    assert_allclose(found.matrix, numeric @ numeric, rtol=1e-9)


@pytest.mark.slow
def test_least_squares_reach_the_bound() -> None:
    truth = {"amplitude": 2.0, "rate": 0.7}
    bound = cramer_rao(fisher_information(decay, truth, noise="gaussian", sigma=0.02))
    rng = np.random.default_rng(1)
    fits = [
        curve_fit(
            lambda t, a, r: a * np.exp(-r * t),
            TIMES,
            decay(**truth) + 0.02 * rng.normal(size=TIMES.size),
            p0=[2.0, 0.7],
        )[0]
        for _ in range(1500)
    ]
    # 1500 repetitions: 3.7 % on a variance, three sigma 11 %
    assert_allclose(np.cov(np.array(fits).T), bound, rtol=0.12)


def test_known_parameters_and_more_readings_tighten_the_bound() -> None:
    info = fisher_information(
        decay, {"amplitude": 2.0, "rate": 0.7}, noise="gaussian", sigma=0.1
    )
    free = info.standard_errors
    assert info.known("amplitude").standard_errors["rate"] < free["rate"]
    twice = (info + info).standard_errors
    assert_allclose(twice["rate"], free["rate"] / np.sqrt(2.0))


def test_a_bound_does_not_mind_the_units() -> None:
    matrix = np.array([[4.0, 1.0], [1.0, 2.0]])
    scale = np.diag([1e-12, 1e9])
    plain = cramer_rao(FisherInformation(names=("a", "b"), matrix=matrix))
    scaled = cramer_rao(
        FisherInformation(names=("a", "b"), matrix=scale @ matrix @ scale)
    )
    assert_allclose(scaled, np.linalg.inv(scale) @ plain @ np.linalg.inv(scale))


def test_parameters_that_readings_cannot_tell_apart_are_named() -> None:
    info = fisher_information(
        lambda a, b, c: (a + b) * TIMES + c,
        {"a": 1.0, "b": 2.0, "c": 0.0},
        noise="gaussian",
        sigma=1.0,
    )
    with pytest.raises(InvalidValue, match="leaves a, b open"):
        cramer_rao(info)
    with pytest.raises(InvalidValue, match="leaves b open"):
        cramer_rao(
            fisher_information(
                lambda a, b: a * TIMES + 0.0 * b,
                {"a": 1.0, "b": 1.0},
                noise="gaussian",
                sigma=1.0,
            )
        )


def test_impossible_models_are_refused() -> None:
    at = {"x": 1.0}
    with pytest.raises(InvalidValue, match="sigma belongs to gaussian"):
        fisher_information(lambda x: x, at, noise="poisson", sigma=1.0)
    with pytest.raises(InvalidValue, match=">= 0 for poisson"):
        fisher_information(lambda x: -x, at, noise="poisson")
    with pytest.raises(InvalidValue, match="add up to 1"):
        fisher_information(lambda x: np.stack([x, x]), at, noise="categorical")
    with pytest.raises(InvalidValue, match="must not be certain"):
        fisher_information(lambda x: x, at, noise="binomial")
    with pytest.raises(InvalidValue, match="real readings"):
        fisher_information(lambda x: 1j * x, at, noise="gaussian", sigma=1.0)


def test_impossible_noise_is_refused_by_name() -> None:
    def model(a: Any, b: Any) -> Any:
        return np.stack([a, b])

    at = {"a": 1.0, "b": 2.0}
    for sigma in (-np.eye(2), np.ones((2, 2)), np.ones((3, 3)), [[1, 2], [0, 1]]):
        with pytest.raises(InvalidValue, match="sigma must be a covariance of the 2"):
            fisher_information(model, at, noise="gaussian", sigma=sigma)
    with pytest.raises(InvalidValue, match="sigma must be > 0"):
        fisher_information(model, at, noise="gaussian", sigma=lambda a, b: 0.0 * a * b)
    with pytest.raises(InvalidValue, match="sigma must be one number or one for each"):
        fisher_information(model, at, noise="gaussian", sigma=[1.0, 1.0, 1.0])
    with pytest.raises(InvalidValue, match="repetitions must be >= 0"):
        fisher_information(model, at, noise="poisson", repetitions=-1.0)
