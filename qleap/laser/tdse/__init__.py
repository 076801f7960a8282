"""The time-dependent Schroedinger equation of one electron in strong light."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.tdse.bound_states import line_states
    from qleap.laser.tdse.line import solve_line
    from qleap.laser.tdse.photoelectrons import energy_spectrum, photoelectron_spectrum
    from qleap.laser.tdse.potentials import (
        POTENTIALS,
        CentralPotential,
        SoftCore,
        central_potential,
        soft_core,
    )

__all__ = [
    "POTENTIALS",
    "CentralPotential",
    "SoftCore",
    "central_potential",
    "energy_spectrum",
    "line_states",
    "photoelectron_spectrum",
    "soft_core",
    "solve_line",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CentralPotential": "potentials",
        "POTENTIALS": "potentials",
        "SoftCore": "potentials",
        "central_potential": "potentials",
        "energy_spectrum": "photoelectrons",
        "line_states": "bound_states",
        "photoelectron_spectrum": "photoelectrons",
        "soft_core": "potentials",
        "solve_line": "line",
    },
)
