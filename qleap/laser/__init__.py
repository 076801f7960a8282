"""Ultrafast light: pulses, media, and what they do to each other."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.cases import load_case
    from qleap.laser.fibre import Fibre
    from qleap.laser.grid import Grid
    from qleap.laser.materials import MATERIALS, Material
    from qleap.laser.measure import fwhm, spectral_extent, time_bandwidth_product
    from qleap.laser.plots import plot_evolution, plot_spectrum, plot_time
    from qleap.laser.propagation import propagate_fibre
    from qleap.laser.pulses import Pulse

__all__ = [
    "MATERIALS",
    "Fibre",
    "Grid",
    "Material",
    "Pulse",
    "fwhm",
    "load_case",
    "plot_evolution",
    "plot_spectrum",
    "plot_time",
    "propagate_fibre",
    "spectral_extent",
    "time_bandwidth_product",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "MATERIALS": "materials",
        "Fibre": "fibre",
        "Grid": "grid",
        "Material": "materials",
        "Pulse": "pulses",
        "fwhm": "measure",
        "load_case": "cases",
        "plot_evolution": "plots",
        "plot_spectrum": "plots",
        "plot_time": "plots",
        "propagate_fibre": "propagation",
        "spectral_extent": "measure",
        "time_bandwidth_product": "measure",
    },
)
