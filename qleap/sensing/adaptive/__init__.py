"""Measurements that adapt: the next setting, frequency tracking, phase estimation."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.adaptive.discriminator import Discriminator, Resonance
    from qleap.sensing.adaptive.experiment import AdaptiveExperiment, Cost
    from qleap.sensing.adaptive.noise import (
        BinomialNoise,
        GaussianNoise,
        PoissonNoise,
        StudentNoise,
    )
    from qleap.sensing.adaptive.particles import Particles
    from qleap.sensing.adaptive.phase import PhaseEstimation, PhaseEstimator
    from qleap.sensing.adaptive.plots import (
        plot_adaptive,
        plot_posterior,
        plot_settings,
        plot_tracking,
    )
    from qleap.sensing.adaptive.prior import LogUniform, Uniform
    from qleap.sensing.adaptive.record import AdaptiveRecord
    from qleap.sensing.adaptive.tracking import (
        ExtendedKalmanTracker,
        FrequencyTracker,
        TrackedFrequency,
        kalman_gain,
        random_walk,
        tracking_variance,
    )

__all__ = [
    "AdaptiveExperiment",
    "AdaptiveRecord",
    "BinomialNoise",
    "Cost",
    "Discriminator",
    "ExtendedKalmanTracker",
    "FrequencyTracker",
    "GaussianNoise",
    "LogUniform",
    "Particles",
    "PhaseEstimation",
    "PhaseEstimator",
    "PoissonNoise",
    "Resonance",
    "StudentNoise",
    "TrackedFrequency",
    "Uniform",
    "kalman_gain",
    "plot_adaptive",
    "plot_posterior",
    "plot_settings",
    "plot_tracking",
    "random_walk",
    "tracking_variance",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AdaptiveExperiment": "experiment",
        "AdaptiveRecord": "record",
        "BinomialNoise": "noise",
        "Cost": "experiment",
        "Discriminator": "discriminator",
        "ExtendedKalmanTracker": "tracking",
        "FrequencyTracker": "tracking",
        "GaussianNoise": "noise",
        "LogUniform": "prior",
        "Particles": "particles",
        "PhaseEstimation": "phase",
        "PhaseEstimator": "phase",
        "PoissonNoise": "noise",
        "Resonance": "discriminator",
        "StudentNoise": "noise",
        "TrackedFrequency": "tracking",
        "Uniform": "prior",
        "kalman_gain": "tracking",
        "plot_adaptive": "plots",
        "plot_posterior": "plots",
        "plot_settings": "plots",
        "plot_tracking": "plots",
        "random_walk": "tracking",
        "tracking_variance": "tracking",
    },
)
