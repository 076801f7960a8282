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
    from qleap.laser.pulses.correlations import (
        field_autocorrelation,
        intensity_autocorrelation,
        interferometric_autocorrelation,
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
    from qleap.laser.pulses.phases import (
        compression_quality,
        group_delay,
        transform_limited,
    )
    from qleap.laser.pulses.plots import (
        plot_autocorrelation,
        plot_pulse,
        plot_time_frequency,
    )
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
    from qleap.laser.pulses.timefrequency import spectrogram, wigner
    from qleap.laser.pulses.widths import (
        fwhm,
        rms_width,
        spectral_extent,
        time_bandwidth_product,
    )

__all__ = [
    "SHAPES",
    "Light",
    "PolarisedPulse",
    "Pulse",
    "PulseSum",
    "SampledPulse",
    "ShiftedPulse",
    "compression_quality",
    "delayed",
    "effective_area",
    "ellipticity",
    "field_amplitude",
    "field_autocorrelation",
    "fwhm",
    "fwhm_of",
    "group_delay",
    "intensity_autocorrelation",
    "intensity_of_field",
    "interferometric_autocorrelation",
    "jones_vector",
    "keldysh_parameter",
    "normalised_vector_potential",
    "own_grid",
    "peak_fluence",
    "peak_intensity",
    "peak_power",
    "plot_autocorrelation",
    "plot_pulse",
    "plot_time_frequency",
    "polarisation_gate",
    "polarised",
    "polariser",
    "ponderomotive_energy",
    "rms_width",
    "sampled_from_spectrum",
    "sampled_from_time",
    "scaled",
    "spectral_extent",
    "spectrogram",
    "stokes",
    "time_bandwidth_product",
    "to_samples",
    "train",
    "transform_limited",
    "wave_plate",
    "wigner",
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
        "compression_quality": "phases",
        "delayed": "combined",
        "effective_area": "intensity",
        "ellipticity": "polarisation",
        "field_amplitude": "intensity",
        "field_autocorrelation": "correlations",
        "fwhm": "widths",
        "fwhm_of": "shapes",
        "group_delay": "phases",
        "intensity_autocorrelation": "correlations",
        "intensity_of_field": "intensity",
        "interferometric_autocorrelation": "correlations",
        "jones_vector": "polarisation",
        "keldysh_parameter": "intensity",
        "normalised_vector_potential": "intensity",
        "own_grid": "light",
        "peak_fluence": "intensity",
        "peak_intensity": "intensity",
        "peak_power": "intensity",
        "plot_autocorrelation": "plots",
        "plot_pulse": "plots",
        "plot_time_frequency": "plots",
        "polarisation_gate": "polarisation",
        "polarised": "polarisation",
        "polariser": "polarisation",
        "ponderomotive_energy": "intensity",
        "rms_width": "widths",
        "sampled_from_spectrum": "arrays",
        "sampled_from_time": "arrays",
        "scaled": "combined",
        "spectral_extent": "widths",
        "spectrogram": "timefrequency",
        "stokes": "polarisation",
        "time_bandwidth_product": "widths",
        "to_samples": "sampled",
        "train": "combined",
        "transform_limited": "phases",
        "wave_plate": "polarisation",
        "wigner": "timefrequency",
    },
)
