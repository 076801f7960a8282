"""Runs of adaptive experiments: interruptions and outliers."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import rel_entr
from scipy.stats import t

from qleap.core.errors import InvalidValue, NotConverged
from qleap.sensing.adaptive import (
    AdaptiveExperiment,
    GaussianNoise,
    StudentNoise,
    Uniform,
)
from qleap.sensing.adaptive.noise import Noise
from qleap.sensing.models import FunctionModel, Gaussian, OdmrLines, Polynomial

LINE = OdmrLines(n_lines=1)
LEVEL = FunctionModel(function=lambda x, level: level + 0.0 * x)
STRAIGHT = Polynomial(degree=1)


def _experiment() -> AdaptiveExperiment:
    return AdaptiveExperiment(
        STRAIGHT,
        {"c0": Gaussian(0.0, 1.0), "c1": Gaussian(0.0, 1.0)},
        np.linspace(-1.0, 1.0, 11),
        GaussianNoise(0.3),
        n_particles=1000,
        rng=np.random.default_rng(2),
    )


def test_an_interrupted_run_keeps_what_it_measured_and_goes_on() -> None:
    """The measurements are those of a run that nobody interrupted."""
    whole = _experiment().run(np.sin, 12)
    experiment, left = _experiment(), iter(range(7))

    def measure(x: float) -> float:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return float(np.sin(x))

    assert experiment.record.means.shape == (0, 2)
    with pytest.raises(KeyboardInterrupt):
        experiment.run(measure, 12)
    kept = experiment.record
    assert np.array_equal(kept.means, whole.means[:7])
    assert np.array_equal(kept.outcomes, np.sin(kept.settings))
    again = pickle.loads(pickle.dumps(experiment))
    assert np.array_equal(again.record.settings, kept.settings)
    rest = experiment.run(np.sin, 5)
    assert rest.settings.size == 5
    assert experiment.record.settings.size == 12
    assert kept.to_dataset().sizes["measurement"] == 7


def test_a_level_with_outliers_gets_its_exact_posterior() -> None:
    outcomes = [0.31, 0.28, 0.9, 0.33, 0.27, -3.0, 0.3]
    experiment = AdaptiveExperiment(
        LEVEL,
        {"level": Uniform(0.0, 1.0)},
        [0.0],
        StudentNoise(0.02, 2.0),
        n_particles=40_000,
    )
    for outcome in outcomes:
        experiment.update(0.0, outcome)
    level = (np.arange(4000) + 0.5) / 4000
    density = np.prod([t.pdf(y, 2.0, level, 0.02) for y in outcomes], axis=0)
    density /= density.sum()
    mean = level @ density
    deviation = np.sqrt((level - mean) ** 2 @ density)
    found = experiment.estimate()["level"]
    assert abs(found.value - mean) < 0.2 * deviation
    assert_allclose(found.standard_error, deviation, rtol=0.1)


@pytest.mark.parametrize(("freedom", "high"), [(1.0, 1.24), (4.0, 1.04)])
def test_expected_information_with_outliers_is_that_of_quadrature(
    freedom: float, high: float
) -> None:
    level = (np.arange(500) + 0.5) / 500
    seen = 0.5 + 0.3 * np.sinh(np.linspace(-9.0, 9.0, 4001))
    widths = np.gradient(seen)[:, None]
    told = widths * t.pdf(seen[:, None], freedom, level, 0.3)
    exact = rel_entr(told, told.mean(axis=1, keepdims=True)).sum(axis=0).mean()
    for utility, share, within in (("variance", high, 0.04), ("information", 1.0, 0.2)):
        experiment = AdaptiveExperiment(
            LEVEL,
            {"level": Uniform(0.0, 1.0)},
            [0.0],
            StudentNoise(0.3, freedom),
            utility=utility,
        )
        runs = [experiment.information_per_second()[0] for _ in range(40)]
        assert_allclose(np.mean(runs), share * exact, rtol=within)


def test_outliers_spoil_a_line_only_with_normal_noise() -> None:
    """Every twentieth outcome is off by a hundred standard deviations."""

    def position(noise: Noise) -> tuple[float, float]:
        rng, settings = np.random.default_rng(3), np.linspace(2.86e9, 2.88e9, 201)
        experiment = AdaptiveExperiment(
            LINE,
            {
                "position_1": Uniform(2.86e9, 2.88e9),
                "fwhm_1": 1.5e6,
                "depth_1": Uniform(0.01, 0.05),
                "background": Gaussian(1.0, 0.01),
            },
            settings,
            noise,
            rng=np.random.default_rng(1),
        )

        def measure(frequency: float) -> float:
            seen = LINE.evaluate([frequency], [2.8713e9, 1.5e6, 0.03, 1.0])[0]
            return float(seen + rng.normal(0.0, 0.003) + 0.3 * (rng.random() < 0.05))

        experiment.run(measure, 120)
        found = experiment.estimate()["position_1"]
        return found.value - 2.8713e9, found.standard_error

    missed, error = position(StudentNoise(0.003))
    assert error < 4e4
    assert abs(missed) < 4.0 * error
    with pytest.raises(NotConverged, match="StudentNoise"):
        position(GaussianNoise(0.003))


def test_noise_without_size_or_freedom_is_refused() -> None:
    with pytest.raises(InvalidValue, match="scale must be > 0"):
        StudentNoise(0.0)
    with pytest.raises(InvalidValue, match="degrees_of_freedom must be > 0"):
        StudentNoise(1.0, 0.0)
