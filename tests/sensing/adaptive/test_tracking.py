"""Tracking loops against closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.linalg import solve_discrete_are
from scipy.optimize import minimize_scalar

from qleap.core.errors import InvalidValue
from qleap.sensing.adaptive import (
    Discriminator,
    ExtendedKalmanTracker,
    FrequencyTracker,
    Resonance,
    kalman_gain,
    random_walk,
    tracking_variance,
)

LINE = Resonance(fwhm=1e6, contrast=0.03, brightness=2.0)
KINDS = {
    "one_point": Discriminator.one_point(LINE),
    "two_point": Discriminator.two_point(LINE),
    "lock_in": Discriminator.lock_in(LINE),
}


@pytest.mark.parametrize("kind", KINDS)
def test_discriminators_give_small_detunings(kind: str) -> None:
    found = KINDS[kind]
    for away in (-2e3, 0.0, 1e3):
        seen = found.detuning(LINE.signal(found.offsets - away))
        assert_allclose(seen, away, rtol=0.02, atol=1e-6)


def test_only_the_one_point_discriminator_takes_dim_light_for_a_shift() -> None:
    for kind, found in KINDS.items():
        seen = abs(found.detuning(0.99 * LINE.signal(found.offsets)))
        assert (seen > 1e4) == (kind == "one_point")


def test_offsets_and_deviation_are_those_of_the_least_noise() -> None:
    best = minimize_scalar(
        lambda at: Discriminator.two_point(LINE, at).variance(1.0),
        bounds=(1e5, 9e5),
        method="bounded",
        options={"xatol": 1.0},
    )
    assert_allclose(best.x, LINE.steepest, rtol=1e-4)
    least = KINDS["lock_in"].variance(1.0)
    deviation = KINDS["lock_in"].offsets.max() / np.sin(2 * np.pi * 4.5 / 16)
    for factor in (0.9, 1.1):
        assert Discriminator.lock_in(LINE, factor * deviation).variance(1.0) > least


def test_noise_of_discriminators_is_the_analytic_one() -> None:
    """Of N samples, against the noise over the steepest slope of a Lorentzian line."""
    steepest = 0.75 * 3**0.5 * 2.0 * 0.03 / 1e6  # brightness * contrast / fwhm
    for found, expected in (
        (KINDS["one_point"], 1.0),
        (KINDS["two_point"], 1.0),
        (Discriminator.lock_in(LINE, n_samples=64), 729 / 512),
        (Discriminator.lock_in(LINE, 1e6, 64), 27 / 128 / 4 * 5**3),
    ):
        each = found.variance(1e-3) * found.offsets.size
        assert_allclose(each * (steepest / 1e-3) ** 2, expected, rtol=1e-6)
    best = Discriminator.lock_in(LINE, n_samples=64).offsets.max()
    assert_allclose(best, 1e6 / 8**0.5, rtol=2e-3)


def test_the_gain_solves_riccatis_equation() -> None:
    q, r = 3.0, 7.0
    one = np.eye(1)
    before = solve_discrete_are(one, one, q * one, r * one)[0, 0]
    gain = kalman_gain(q, r)
    assert_allclose(gain, before / (before + r), rtol=1e-12)
    assert_allclose(
        tracking_variance(gain, q, r), before * r / (before + r), rtol=1e-12
    )
    for other in (0.9 * gain, 1.1 * gain):
        assert tracking_variance(other, q, r) > tracking_variance(gain, q, r)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gain", [None, 0.3])
def test_tracked_errors_are_those_of_theory(kind: str, gain: float | None) -> None:
    tracker = FrequencyTracker(
        discriminator=KINDS[kind], noise=6e-4, step=2e3, gain=gain
    )
    path = random_walk(60_000, 2e3, rng=np.random.default_rng(1))
    found = tracker.simulate(LINE, path, rng=np.random.default_rng(2))
    assert_allclose(found.mean_square_error(100), tracker.steady_variance, rtol=0.04)
    assert_allclose(found.variances[-1], tracker.steady_variance, rtol=1e-9)


def test_a_loop_beside_an_apparatus_does_what_the_simulation_does() -> None:
    tracker = FrequencyTracker(
        discriminator=KINDS["two_point"], noise=6e-4, step=2e3, start_error=5e4
    )
    truth = 2.87e9 + np.linspace(0.0, 1e5, 40)
    at = iter(truth)

    def measure(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
        return LINE.signal(frequency - next(at))

    found = tracker.follow(measure, 2.87e9 + 5e4, 40)
    assert np.all(np.abs(found[5:] - truth[5:]) < 8e3)


def test_the_extended_filter_reaches_the_steady_state() -> None:
    tracker = ExtendedKalmanTracker(resonance=LINE, noise=6e-4, step=1.4e3)
    path = random_walk(60_000, 1.4e3, rng=np.random.default_rng(3))
    found, _ = tracker.simulate(path, rng=np.random.default_rng(4))
    r = (6e-4 / float(LINE.slope(LINE.steepest))) ** 2
    theory = tracking_variance(kalman_gain(1.4e3**2, r), 1.4e3**2, r)
    assert_allclose(found.mean_square_error(100), theory, rtol=0.04)
    assert_allclose(found.variances[-1], theory, rtol=0.01)


def test_the_extended_filter_follows_a_lamp_that_fades() -> None:
    rng = np.random.default_rng(5)
    lamp = 2.0 + random_walk(20_000, 2e-4, rng=rng)
    path = random_walk(20_000, 1.4e3, rng=rng)
    tracker = ExtendedKalmanTracker(
        resonance=LINE, noise=6e-4, step=1.4e3, brightness_step=2e-4
    )
    frequency, light = tracker.simulate(path, lamp, rng=rng)
    for found in (frequency, light):
        believed = found.variances[-1000:].mean()
        assert_allclose(found.mean_square_error(100), believed, rtol=0.1)
    stubborn = ExtendedKalmanTracker(resonance=LINE, noise=6e-4, step=1.4e3)
    blind, _ = stubborn.simulate(path, lamp, rng=rng)
    assert blind.mean_square_error(100) > 3.0 * frequency.mean_square_error(100)


def test_the_extended_filter_is_the_one_of_textbooks() -> None:
    """Matrices in Joseph's form, and the slope from a complex step."""
    tracker = ExtendedKalmanTracker(
        resonance=LINE, noise=6e-4, step=1.4e3, brightness_step=2e-4, start_error=3e4,
        brightness_error=0.02,
    )  # fmt: skip
    rng = np.random.default_rng(8)
    path = random_walk(300, 1.4e3, start=2.87e9, rng=rng)
    lamp = 2.0 + random_walk(300, 2e-4, rng=rng)
    tracked = tracker.simulate(
        path, lamp, start=2.87e9 + 2e4, rng=np.random.default_rng(9)
    )
    kicks = np.random.default_rng(9).normal(0.0, 6e-4, 300)

    def dip(detuning: complex) -> complex:
        return 1.0 - 0.03 / (1.0 + (2.0 * detuning / 1e6) ** 2)

    x, p = np.array([2.87e9 + 2e4, 2.0]), np.diag([9e8, 4e-4])
    states, variances = [], []
    for k in range(300):
        p = p + np.diag([1.4e3**2, 4e-8])
        away = 1e6 / 12**0.5 * (-1) ** k
        seen = lamp[k] * dip(x[0] + away - path[k]).real + kicks[k]
        slopes = np.array([x[1] * dip(away - 1e-9j).imag / 1e-9, dip(away).real])
        gain = p @ slopes / (slopes @ p @ slopes + 6e-4**2)
        x = x + gain * (seen - x[1] * dip(away).real)
        kept = np.eye(2) - np.outer(gain, slopes)
        p = kept @ p @ kept.T + np.outer(gain, gain) * 6e-4**2
        states.append(x)
        variances.append(np.diag(p))
    for found, state, variance in zip(
        tracked, np.transpose(states), np.transpose(variances), strict=True
    ):
        assert_allclose(found.estimates, state, rtol=1e-13)
        assert_allclose(found.variances, variance, rtol=1e-8)


def test_the_extended_filter_runs_beside_an_apparatus() -> None:
    tracker = ExtendedKalmanTracker(
        resonance=LINE, noise=1e-4, step=1e2, start_error=1e5, brightness_error=0.1
    )
    states, errors = tracker.follow(
        lambda f: 0.97 * float(LINE.signal(f - 2.87e9)), 2.87e9 + 8e4, 200
    )
    assert_allclose(states[-1], [2.87e9, 0.97 * 2.0], rtol=1e-6)
    assert errors[-1, 0] < errors[0, 0]


def test_unstable_and_flat_loops_are_refused() -> None:
    with pytest.raises(InvalidValue, match="between 0 and 2"):
        tracking_variance(2.0, 1.0, 1.0)
    for gain in (2.0, np.nan):
        with pytest.raises(InvalidValue, match="between 0 and 2"):
            FrequencyTracker(
                discriminator=KINDS["two_point"], noise=1e-3, step=1.0, gain=gain
            )
    follower = ExtendedKalmanTracker(resonance=LINE, noise=1e-3, step=1.0)
    with pytest.raises(InvalidValue, match="signal must be a finite number"):
        follower.follow(lambda _: np.nan, 2.87e9, 3)
    with pytest.raises(InvalidValue, match=r"one for each of the 5 steps.*got 7"):
        follower.simulate(np.zeros(5), np.ones(7))
    with pytest.raises(InvalidValue, match="path must have at least 1"):
        follower.simulate([])
    pair = Discriminator(offsets=[1e5, -1e5], weights=[-1e7, 1e7])  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match=r"one for each of the 2 offsets, got 3"):
        pair.detuning([1.0, 1.0, 1.0])
    with pytest.raises(InvalidValue, match="n must be"):
        follower.follow(lambda _: 1.0, 2.87e9, -1)
    with pytest.raises(InvalidValue, match="no slope"):
        Discriminator.two_point(LINE, 0.0)
    with pytest.raises(InvalidValue, match="no slope"):
        ExtendedKalmanTracker(resonance=LINE, noise=1e-3, step=1.0, offset=0.0)
    with pytest.raises(InvalidValue, match="offset must be a finite number"):
        ExtendedKalmanTracker(resonance=LINE, noise=1e-3, step=1.0, offset=np.nan)
