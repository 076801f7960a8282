"""Ultrafast light: pulses, media, and what they do to each other."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.cases.case import load_case
    from qleap.laser.cases.pictures import plot_output, plot_propagation
    from qleap.laser.driving import DrivingField, driving_field
    from qleap.laser.grid import FieldGrid, Grid
    from qleap.laser.guides.antiresonant import AntiresonantFibre
    from qleap.laser.guides.capillary import Capillary
    from qleap.laser.guides.fibre import Fibre
    from qleap.laser.media.materials import MATERIALS, Material
    from qleap.laser.propagation.beam import propagate_beam
    from qleap.laser.propagation.beam_grid import critical_power, self_focusing_distance
    from qleap.laser.propagation.beam_plots import plot_beam
    from qleap.laser.propagation.beam_shape import Beam
    from qleap.laser.propagation.capillary import propagate_capillary
    from qleap.laser.propagation.capillary_evolution import (
        analytic_signal,
        band_energy,
        light_at,
    )
    from qleap.laser.propagation.capillary_plots import plot_capillary
    from qleap.laser.propagation.coupled import mix_envelopes
    from qleap.laser.propagation.crystal import propagate_crystal
    from qleap.laser.propagation.crystal_plots import plot_conversion
    from qleap.laser.propagation.ensemble import coherence, propagate_ensemble
    from qleap.laser.propagation.fibre import propagate_fibre
    from qleap.laser.propagation.plots import (
        plot_coherence,
        plot_evolution,
        plot_spectrum,
        plot_time,
    )
    from qleap.laser.propagation.quadratic import Poling
    from qleap.laser.propagation.scans import scan
    from qleap.laser.pulses.pulse import Pulse
    from qleap.laser.pulses.widths import fwhm, spectral_extent, time_bandwidth_product

__all__ = [
    "MATERIALS",
    "AntiresonantFibre",
    "Beam",
    "Capillary",
    "DrivingField",
    "Fibre",
    "FieldGrid",
    "Grid",
    "Material",
    "Poling",
    "Pulse",
    "analytic_signal",
    "band_energy",
    "coherence",
    "critical_power",
    "driving_field",
    "fwhm",
    "light_at",
    "load_case",
    "mix_envelopes",
    "plot_beam",
    "plot_capillary",
    "plot_coherence",
    "plot_conversion",
    "plot_evolution",
    "plot_output",
    "plot_propagation",
    "plot_spectrum",
    "plot_time",
    "propagate_beam",
    "propagate_capillary",
    "propagate_crystal",
    "propagate_ensemble",
    "propagate_fibre",
    "scan",
    "self_focusing_distance",
    "spectral_extent",
    "time_bandwidth_product",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AntiresonantFibre": "guides.antiresonant",
        "Beam": "propagation.beam_shape",
        "Capillary": "guides.capillary",
        "DrivingField": "driving",
        "driving_field": "driving",
        "Fibre": "guides.fibre",
        "FieldGrid": "grid",
        "Grid": "grid",
        "MATERIALS": "media.materials",
        "Material": "media.materials",
        "Poling": "propagation.quadratic",
        "Pulse": "pulses.pulse",
        "analytic_signal": "propagation.capillary_evolution",
        "band_energy": "propagation.capillary_evolution",
        "coherence": "propagation.ensemble",
        "critical_power": "propagation.beam_grid",
        "fwhm": "pulses.widths",
        "light_at": "propagation.capillary_evolution",
        "mix_envelopes": "propagation.coupled",
        "plot_beam": "propagation.beam_plots",
        "load_case": "cases.case",
        "plot_capillary": "propagation.capillary_plots",
        "plot_coherence": "propagation.plots",
        "plot_conversion": "propagation.crystal_plots",
        "plot_evolution": "propagation.plots",
        "plot_output": "cases.pictures",
        "plot_propagation": "cases.pictures",
        "plot_spectrum": "propagation.plots",
        "plot_time": "propagation.plots",
        "propagate_beam": "propagation.beam",
        "propagate_capillary": "propagation.capillary",
        "propagate_crystal": "propagation.crystal",
        "propagate_ensemble": "propagation.ensemble",
        "propagate_fibre": "propagation.fibre",
        "self_focusing_distance": "propagation.beam_grid",
        "scan": "propagation.scans",
        "spectral_extent": "pulses.widths",
        "time_bandwidth_product": "pulses.widths",
    },
)
