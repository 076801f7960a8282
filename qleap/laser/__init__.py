"""Ultrafast light: pulses, media, and what they do to each other."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.grid import Grid
    from qleap.laser.guides.fibre import Fibre
    from qleap.laser.media.materials import MATERIALS, Material
    from qleap.laser.propagation.cases import load_case
    from qleap.laser.propagation.ensemble import coherence, propagate_ensemble
    from qleap.laser.propagation.fibre import propagate_fibre
    from qleap.laser.propagation.plots import (
        plot_coherence,
        plot_evolution,
        plot_spectrum,
        plot_time,
    )
    from qleap.laser.pulses.pulse import Pulse
    from qleap.laser.pulses.widths import fwhm, spectral_extent, time_bandwidth_product

__all__ = [
    "MATERIALS",
    "Fibre",
    "Grid",
    "Material",
    "Pulse",
    "coherence",
    "fwhm",
    "load_case",
    "plot_coherence",
    "plot_evolution",
    "plot_spectrum",
    "plot_time",
    "propagate_ensemble",
    "propagate_fibre",
    "spectral_extent",
    "time_bandwidth_product",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "MATERIALS": "media.materials",
        "Fibre": "guides.fibre",
        "Grid": "grid",
        "Material": "media.materials",
        "Pulse": "pulses.pulse",
        "coherence": "propagation.ensemble",
        "fwhm": "pulses.widths",
        "load_case": "propagation.cases",
        "plot_coherence": "propagation.plots",
        "plot_evolution": "propagation.plots",
        "plot_spectrum": "propagation.plots",
        "plot_time": "propagation.plots",
        "propagate_ensemble": "propagation.ensemble",
        "propagate_fibre": "propagation.fibre",
        "spectral_extent": "pulses.widths",
        "time_bandwidth_product": "pulses.widths",
    },
)
