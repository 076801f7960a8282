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
    from qleap.laser.pulses.compression import (
        Compressed,
        compress,
        compress_by_polynomial,
    )
    from qleap.laser.pulses.compressors import Bulk, GratingPair, PrismPair
    from qleap.laser.pulses.correlations import (
        field_autocorrelation,
        intensity_autocorrelation,
        interferometric_autocorrelation,
    )
    from qleap.laser.pulses.elements import (
        Element,
        PolynomialPhase,
        delay_and_derivatives,
        through,
    )
    from qleap.laser.pulses.frog_files import read_frog
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
    from qleap.laser.pulses.light import Light, field_amplitudes, own_grid
    from qleap.laser.pulses.mirror_files import read_mirror
    from qleap.laser.pulses.mirrors import ChirpedMirror
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
    from qleap.laser.pulses.spectrum_files import MeasuredSpectrum, read_spectrum
    from qleap.laser.pulses.timefrequency import spectrogram, wigner
    from qleap.laser.pulses.widths import (
        fwhm,
        rms_width,
        spectral_extent,
        time_bandwidth_product,
    )

__all__ = [
    "SHAPES",
    "Bulk",
    "ChirpedMirror",
    "Compressed",
    "Element",
    "GratingPair",
    "Light",
    "MeasuredSpectrum",
    "PolarisedPulse",
    "PolynomialPhase",
    "PrismPair",
    "Pulse",
    "PulseSum",
    "SampledPulse",
    "ShiftedPulse",
    "compress",
    "compress_by_polynomial",
    "compression_quality",
    "delay_and_derivatives",
    "delayed",
    "effective_area",
    "ellipticity",
    "field_amplitude",
    "field_amplitudes",
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
    "read_frog",
    "read_mirror",
    "read_spectrum",
    "rms_width",
    "sampled_from_spectrum",
    "sampled_from_time",
    "scaled",
    "spectral_extent",
    "spectrogram",
    "stokes",
    "through",
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
        "Bulk": "compressors",
        "ChirpedMirror": "mirrors",
        "Compressed": "compression",
        "Element": "elements",
        "GratingPair": "compressors",
        "Light": "light",
        "MeasuredSpectrum": "spectrum_files",
        "PolarisedPulse": "polarisation",
        "PolynomialPhase": "elements",
        "PrismPair": "compressors",
        "Pulse": "pulse",
        "PulseSum": "combined",
        "SampledPulse": "sampled",
        "ShiftedPulse": "combined",
        "compress": "compression",
        "compress_by_polynomial": "compression",
        "compression_quality": "phases",
        "delay_and_derivatives": "elements",
        "delayed": "combined",
        "effective_area": "intensity",
        "ellipticity": "polarisation",
        "field_amplitude": "intensity",
        "field_amplitudes": "light",
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
        "read_frog": "frog_files",
        "read_mirror": "mirror_files",
        "read_spectrum": "spectrum_files",
        "rms_width": "widths",
        "sampled_from_spectrum": "arrays",
        "sampled_from_time": "arrays",
        "scaled": "combined",
        "spectral_extent": "widths",
        "spectrogram": "timefrequency",
        "stokes": "polarisation",
        "through": "elements",
        "time_bandwidth_product": "widths",
        "to_samples": "sampled",
        "train": "combined",
        "transform_limited": "phases",
        "wave_plate": "polarisation",
        "wigner": "timefrequency",
    },
)
