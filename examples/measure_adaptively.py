"""Find a line of an NV centre with few measurements, then follow it.

Particles hold what is known; each measurement is taken where it tells most per second.
A Kalman filter then tracks the line from its two flanks while the field drifts.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.sensing import OdmrSpectrum
from qleap.sensing.adaptive import (
    AdaptiveExperiment,
    Cost,
    Discriminator,
    FrequencyTracker,
    GaussianNoise,
    LogUniform,
    Resonance,
    Uniform,
    plot_adaptive,
    plot_settings,
    plot_tracking,
    random_walk,
)
from qleap.sensing.models import Gaussian, OdmrLines

NOISE = 0.008  # of one reading, of the brightness
FIELD = (0.6e-3, 0.6e-3, 0.6e-3)  # T, along the first axis


def main() -> None:
    """Locate the line adaptively and in turn, compare, and track it."""
    diamond = OdmrSpectrum(field=FIELD, fwhm=1.2e6, contrast=0.06, axes=(0,))
    truth = float(diamond.lines()[0, 0])
    settings = 2.87e9 + np.linspace(-55e6, -15e6, 401)
    shown = dict(zip(settings.tolist(), diamond.evaluate(settings), strict=True))
    rng = np.random.default_rng(1)

    def measure(frequency: float) -> float:
        return float(rng.normal(shown[frequency], NOISE))

    adaptive = experiment(settings)
    record = adaptive.run(measure, 120)
    in_turn = experiment(settings)
    for frequency in settings:  # a whole sweep
        in_turn.update(float(frequency), measure(float(frequency)))
    found, swept = adaptive.estimate()["position_1"], in_turn.estimate()["position_1"]
    print(f"true line          {truth / 1e6:10.3f} MHz")
    for name, known in (("120 chosen", found), ("401 in turn", swept)):
        error = known.standard_error / 1e3
        print(f"{name:18s} {known.value / 1e6:10.3f} MHz +- {error:.0f} kHz")
    assert abs(found.value - truth) < 4.0 * found.standard_error
    assert found.standard_error < 0.8 * swept.standard_error

    line = Resonance(fwhm=1.2e6, contrast=0.03)
    tracker = FrequencyTracker(
        discriminator=Discriminator.two_point(line),
        noise=1e-3,
        step=4e3,
        start_error=found.standard_error,
    )
    path = random_walk(600, 4e3, start=truth, rng=rng)
    tracked = tracker.simulate(line, path, start=found.value, rng=rng)
    error = np.sqrt(tracked.mean_square_error(50))
    print(f"tracked to {error / 1e3:.1f} kHz, theory {_theory(tracker) / 1e3:.1f} kHz")
    assert abs(error / _theory(tracker) - 1.0) < 0.15

    figure, axes = style.figure(1, 3, figsize=(12.0, 3.4))
    plot_adaptive(record, "position_1", truth=truth, ax=axes[0])
    axes[0].set_ylim(-2.0, 2.0)
    plot_settings(record, unit="Hz", ax=axes[1])
    plot_tracking(tracked, ax=axes[2])
    print("saved", style.save_figure(figure, "measure_adaptively.png"))


def experiment(settings: NDArray[np.float64]) -> AdaptiveExperiment:
    """Return an experiment that knows little of the line."""
    return AdaptiveExperiment(
        OdmrLines(n_lines=1),
        {
            "position_1": Uniform(settings[0], settings[-1]),
            "fwhm_1": LogUniform(0.5e6, 4e6),
            "depth_1": Uniform(0.01, 0.08),
            "background": Gaussian(1.0, 0.01),
        },
        settings,
        GaussianNoise(NOISE),
        Cost(measuring=2e-3, overhead=1e-3),
    )


def _theory(tracker: FrequencyTracker) -> float:
    return float(np.sqrt(tracker.steady_variance))


if __name__ == "__main__":
    main()
