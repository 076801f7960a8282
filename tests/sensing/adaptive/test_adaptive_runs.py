"""Runs of adaptive experiments: what is kept when one is interrupted."""

import pickle

import numpy as np
import pytest

from qleap.sensing.adaptive import AdaptiveExperiment, GaussianNoise
from qleap.sensing.models import Gaussian, Polynomial

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
