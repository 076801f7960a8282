"""Phase estimation: range, scaling, and the run shot by shot."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing.adaptive import PhaseEstimation, PhaseEstimator
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import ramsey, rotating_frame, signal


def _holevo(plan: PhaseEstimation, n: int, seed: int = 1) -> float:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(-1, 1, n) * plan.half_range
    phase = 2.0 * np.pi * plan.shortest_time * (plan.simulate(truth, rng=rng) - truth)
    return float(np.abs(np.mean(np.exp(1j * phase))) ** -2 - 1.0)


def test_the_variance_falls_with_the_square_of_the_time() -> None:
    plans = [PhaseEstimation(shortest_time=1.0, doublings=k) for k in range(3, 8)]
    times = [plan.total_time for plan in plans]
    variances = [_holevo(plan, 600) for plan in plans]
    exponent = np.polyfit(np.log(times), np.log(variances), 1)[0]
    assert -2.2 < exponent < -1.8  # -1 is the standard limit
    assert np.all(np.multiply(variances, np.square(times)) > np.pi**2)  # Heisenberg


def test_repeated_short_times_stay_at_the_standard_limit() -> None:
    plans = [
        PhaseEstimation(shortest_time=1.0, doublings=0, shots=n) for n in (40, 160)
    ]
    variances = [_holevo(plan, 800) for plan in plans]
    assert_allclose(variances[0] / variances[1], 4.0, rtol=0.25)


def test_frequencies_over_the_whole_range_are_told_apart() -> None:
    plan = PhaseEstimation(
        shortest_time=20e-9, doublings=7, shots=7, more_shots=3, visibility=0.9,
        t2_star=5e-6,
    )  # fmt: skip
    truth = np.linspace(-0.99, 0.99, 101) * plan.half_range
    missed = plan.wrapped(plan.simulate(truth) - truth)
    longest = plan.times.max()
    assert np.mean(np.abs(missed) < 0.25 / longest) > 0.95
    assert plan.half_range * longest > 60.0  # one fringe holds a hundredth of that


def test_a_run_beside_a_simulated_spin_finds_its_detuning() -> None:
    plan = PhaseEstimation(shortest_time=50e-9, doublings=4, shots=6, more_shots=3)
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
    detuning, rng = 3.21e6, np.random.default_rng(6)
    detuned = spins.detuned("microwave", detuning)
    estimator = PhaseEstimator(plan)
    while not estimator.is_done:
        time, phase = estimator.choose()
        shot = ramsey(time, final_phase=phase + np.pi)
        estimator.update(bool(rng.random() < signal(detuned, [shot])[0]))
    found = estimator.estimate()
    assert found.standard_error < 2e5
    assert abs(found.value - detuning) < 4.0 * found.standard_error
    with pytest.raises(InvalidValue, match="all 60 shots are taken"):
        estimator.choose()


def test_the_error_it_tells_is_the_error_it_makes() -> None:
    plan = PhaseEstimation(shortest_time=1.0, doublings=3)
    rng = np.random.default_rng(7)
    pulls = []
    for truth in rng.uniform(-0.5, 0.5, 200):
        estimator = PhaseEstimator(plan)
        while not estimator.is_done:
            time, phase = estimator.choose()
            bright = 0.5 * (1.0 + np.cos(2.0 * np.pi * truth * time + phase))
            estimator.update(bool(rng.random() < bright))
        found = estimator.estimate()
        pulls.append(float(plan.wrapped(found.value - truth)) / found.standard_error)
    assert 0.7 < np.sqrt(np.mean(np.square(pulls))) < 1.4


@pytest.mark.parametrize(("shots", "visibility"), [(5, 1.0), (3, 0.7)])
def test_a_run_is_bayes_rule_on_a_grid_with_the_best_phases(
    shots: int, visibility: float
) -> None:
    plan = PhaseEstimation(
        shortest_time=1.0, doublings=4, shots=shots, visibility=visibility, t2_star=40.0
    )
    estimator, rng = PhaseEstimator(plan), np.random.default_rng(8)
    phi = 2.0 * np.pi * np.arange(2048) / 2048
    density, truth = np.full(2048, 1.0 / 2048), 1.234
    controls = 2.0 * np.pi * np.arange(360) / 360
    while not estimator.is_done:
        time, phase = estimator.choose()
        contrast = visibility * np.exp(-((time / 40.0) ** 2))
        tried = np.append(controls, phase)[:, None]
        bright = 0.5 * (1.0 + contrast * np.cos(time * phi + tried))
        sharp = sum(
            np.abs((p * density) @ np.exp(1j * time * phi))
            for p in (bright, 1.0 - bright)
        )
        assert sharp[-1] > 0.999 * sharp.max()
        seen = rng.random() < 0.5 * (1.0 + contrast * np.cos(time * truth + phase))
        estimator.update(bool(seen))
        density *= bright[-1] if seen else 1.0 - bright[-1]
        density /= density.sum()
    mean = density @ np.exp(1j * phi)
    found = estimator.estimate()
    assert_allclose(2.0 * np.pi * found.value, np.angle(mean), rtol=1e-11)
    assert_allclose(
        2.0 * np.pi * found.standard_error, np.sqrt(np.abs(mean) ** -2 - 1), rtol=1e-9
    )


def test_the_variance_keeps_its_distance_from_the_heisenberg_limit() -> None:
    for doublings in (5, 8):
        plan = PhaseEstimation(shortest_time=1.0, doublings=doublings)
        limit = np.tan(np.pi / (plan.multiples.sum() + 2)) ** 2
        assert_allclose(_holevo(plan, 1500) / limit, 3.15, rtol=0.2)
    lone = PhaseEstimation(shortest_time=1.0, doublings=7, shots=1, more_shots=0)
    limit = np.tan(np.pi / (lone.multiples.sum() + 2)) ** 2
    assert _holevo(lone, 1500) > 10.0 * limit  # one shot at each time loses fringes


def test_six_shots_at_six_times_reach_what_was_measured_with_photons() -> None:
    """B. L. Higgins et al., Nature 450, 393 (2007): 10 dB below 1/N for N = 378."""
    plan = PhaseEstimation(shortest_time=1.0, doublings=5, shots=6, more_shots=0)
    assert plan.multiples.sum() == 378
    found = _holevo(plan, 8000)
    assert np.tan(np.pi / 380) ** 2 < found < 0.1 / 378


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(InvalidValue, match="t2_star must be > 0 s"):
        PhaseEstimation(shortest_time=1e-8, doublings=2, t2_star=0.0)


@pytest.mark.parametrize("readout", [np.nan, 17, 0.4, "dark", None, np.array([1, 0])])
def test_a_readout_that_is_neither_bright_nor_dark_is_refused(readout: Any) -> None:
    estimator = PhaseEstimator(PhaseEstimation(shortest_time=1e-8, doublings=1))
    with pytest.raises(InvalidValue, match="bright must be True or False, got"):
        estimator.update(readout)
    before = estimator.choose()
    bits: list[Any] = [True, np.bool_(False), 1, np.int64(0)]
    for seen in bits:
        estimator.update(seen)
    assert estimator.choose() != before
