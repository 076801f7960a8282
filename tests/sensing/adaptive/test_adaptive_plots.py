"""Plots of adaptive measurements show what they were given."""

import numpy as np
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing.adaptive import (
    AdaptiveExperiment,
    Discriminator,
    FrequencyTracker,
    GaussianNoise,
    Resonance,
    Uniform,
    plot_adaptive,
    plot_posterior,
    plot_settings,
    plot_tracking,
    random_walk,
)
from qleap.sensing.models import FunctionModel

MODEL = FunctionModel(function=lambda x, rate: np.exp(-rate * x), units={"rate": "Hz"})


def test_a_run_is_drawn_with_units() -> None:
    experiment = AdaptiveExperiment(
        MODEL,
        {"rate": Uniform(1e3, 9e3)},
        np.linspace(0.0, 1e-3, 20),
        GaussianNoise(0.05),
        n_particles=500,
    )
    record = experiment.run(lambda t: float(np.exp(-4e3 * t)), 12)
    axes = plot_adaptive(record, "rate", truth=0.0)
    assert axes.get_ylabel() == "rate - truth (kHz)"
    assert_allclose(_drawn(axes), record.means[:, 0] / 1e3)
    axes = plot_settings(record, unit="s")
    assert axes.get_ylabel() == "chosen setting (µs)"
    assert_allclose(_drawn(axes), 1e6 * record.settings)
    axes = plot_posterior(experiment.estimate(), "rate")
    assert axes.get_xlabel() == "rate (kHz)"
    assert axes.get_ylabel() == "density (1/kHz)"


def test_a_tracked_frequency_is_drawn_beside_the_true_one() -> None:
    line = Resonance(fwhm=1e6, contrast=0.03)
    tracker = FrequencyTracker(
        discriminator=Discriminator.two_point(line), noise=1e-3, step=2e3
    )
    found = tracker.simulate(line, random_walk(50, 2e3, start=2.87e9))
    axes = plot_tracking(found, time=1e-3 * np.arange(50))
    assert axes.get_xlabel() == "time (ms)"
    assert axes.get_ylabel() == "shift of the resonance (kHz)"
    assert_allclose(_drawn(axes, 1), (found.truth - found.truth[0]) / 1e3, atol=1e-9)
    assert plot_tracking(found).get_xlabel() == "step"


def _drawn(axes: Axes, line: int = 0) -> NDArray[np.float64]:
    return np.asarray(axes.lines[line].get_ydata(), dtype=np.float64)
