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
    from qleap.laser.pulses.intensity import (
        effective_area,
        field_amplitude,
        intensity_of_field,
        keldysh_parameter,
        normalised_vector_potential,
        peak_fluence,
        peak_intensity,
        peak_power,
        ponderomotive_energy,
    )
    from qleap.laser.pulses.light import Light, own_grid
    from qleap.laser.pulses.polarisation import (
        PolarisedPulse,
        ellipticity,
        jones_vector,
        polarisation_gate,
        polarised,
        polariser,
        stokes,
        wave_plate,
    )
    from qleap.laser.pulses.pulse import Pulse
    from qleap.laser.pulses.sampled import SampledPulse, to_samples
    from qleap.laser.pulses.shapes import SHAPES, fwhm_of
    from qleap.laser.pulses.widths import fwhm, spectral_extent, time_bandwidth_product

__all__ = [
    "SHAPES",
    "Light",
    "PolarisedPulse",
    "Pulse",
    "PulseSum",
    "SampledPulse",
    "ShiftedPulse",
    "delayed",
    "effective_area",
    "ellipticity",
    "field_amplitude",
    "fwhm",
    "fwhm_of",
    "intensity_of_field",
    "jones_vector",
    "keldysh_parameter",
    "normalised_vector_potential",
    "own_grid",
    "peak_fluence",
    "peak_intensity",
    "peak_power",
    "polarisation_gate",
    "polarised",
    "polariser",
    "ponderomotive_energy",
    "sampled_from_spectrum",
    "sampled_from_time",
    "scaled",
    "spectral_extent",
    "stokes",
    "time_bandwidth_product",
    "to_samples",
    "train",
    "wave_plate",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "SHAPES": "shapes",
        "Light": "light",
        "PolarisedPulse": "polarisation",
        "Pulse": "pulse",
        "PulseSum": "combined",
        "SampledPulse": "sampled",
        "ShiftedPulse": "combined",
        "delayed": "combined",
        "effective_area": "intensity",
        "ellipticity": "polarisation",
        "field_amplitude": "intensity",
        "fwhm": "widths",
        "fwhm_of": "shapes",
        "intensity_of_field": "intensity",
        "jones_vector": "polarisation",
        "keldysh_parameter": "intensity",
        "normalised_vector_potential": "intensity",
        "own_grid": "light",
        "peak_fluence": "intensity",
        "peak_intensity": "intensity",
        "peak_power": "intensity",
        "polarisation_gate": "polarisation",
        "polarised": "polarisation",
        "polariser": "polarisation",
        "ponderomotive_energy": "intensity",
        "sampled_from_spectrum": "arrays",
        "sampled_from_time": "arrays",
        "scaled": "combined",
        "spectral_extent": "widths",
        "stokes": "polarisation",
        "time_bandwidth_product": "widths",
        "to_samples": "sampled",
        "train": "combined",
        "wave_plate": "polarisation",
    },
)
