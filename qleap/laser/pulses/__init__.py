"""Light before it meets anything: pulses and what is measured of them."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.pulses.arrays import sampled_from_spectrum, sampled_from_time
    from qleap.laser.pulses.combined import (
        PulseSum,
        ShiftedPulse,
        delayed,
        scaled,
        train,
    )
    from qleap.laser.pulses.light import Light, own_grid
    from qleap.laser.pulses.pulse import Pulse
    from qleap.laser.pulses.sampled import SampledPulse, to_samples
    from qleap.laser.pulses.shapes import SHAPES, fwhm_of
    from qleap.laser.pulses.widths import fwhm, spectral_extent, time_bandwidth_product

__all__ = [
    "SHAPES",
    "Light",
    "Pulse",
    "PulseSum",
    "SampledPulse",
    "ShiftedPulse",
    "delayed",
    "fwhm",
    "fwhm_of",
    "own_grid",
    "sampled_from_spectrum",
    "sampled_from_time",
    "scaled",
    "spectral_extent",
    "time_bandwidth_product",
    "to_samples",
    "train",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Light": "light",
        "Pulse": "pulse",
        "PulseSum": "combined",
        "SHAPES": "shapes",
        "SampledPulse": "sampled",
        "ShiftedPulse": "combined",
        "delayed": "combined",
        "fwhm": "widths",
        "fwhm_of": "shapes",
        "own_grid": "light",
        "sampled_from_spectrum": "arrays",
        "sampled_from_time": "arrays",
        "scaled": "combined",
        "spectral_extent": "widths",
        "time_bandwidth_product": "widths",
        "to_samples": "sampled",
        "train": "combined",
    },
)
