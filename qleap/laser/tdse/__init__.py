"""The time-dependent Schroedinger equation of one electron in strong light."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.tdse.atom import solve_atom
    from qleap.laser.tdse.bound_states import line_states, relaxed_line_states
    from qleap.laser.tdse.line import solve_line
    from qleap.laser.tdse.models import AtomModel, atom_model
    from qleap.laser.tdse.partial_waves import PartialWaves
    from qleap.laser.tdse.photoelectrons import energy_spectrum, photoelectron_spectrum
    from qleap.laser.tdse.potentials import (
        POTENTIALS,
        CentralPotential,
        SoftCore,
        central_potential,
        soft_core,
    )
    from qleap.laser.tdse.radial_states import (
        radial_levels,
        radial_state,
        relaxed_state,
    )
    from qleap.laser.tdse.radii import RadialGrid, radial_grid
    from qleap.laser.tdse.surface_flux import electron_distribution, level_spectrum

__all__ = [
    "POTENTIALS",
    "AtomModel",
    "CentralPotential",
    "PartialWaves",
    "RadialGrid",
    "SoftCore",
    "atom_model",
    "central_potential",
    "electron_distribution",
    "energy_spectrum",
    "level_spectrum",
    "line_states",
    "photoelectron_spectrum",
    "radial_grid",
    "radial_levels",
    "radial_state",
    "relaxed_line_states",
    "relaxed_state",
    "soft_core",
    "solve_atom",
    "solve_line",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AtomModel": "models",
        "CentralPotential": "potentials",
        "POTENTIALS": "potentials",
        "PartialWaves": "partial_waves",
        "RadialGrid": "radii",
        "SoftCore": "potentials",
        "atom_model": "models",
        "central_potential": "potentials",
        "electron_distribution": "surface_flux",
        "energy_spectrum": "photoelectrons",
        "level_spectrum": "surface_flux",
        "line_states": "bound_states",
        "photoelectron_spectrum": "photoelectrons",
        "radial_grid": "radii",
        "radial_levels": "radial_states",
        "radial_state": "radial_states",
        "relaxed_line_states": "bound_states",
        "relaxed_state": "radial_states",
        "soft_core": "potentials",
        "solve_atom": "atom",
        "solve_line": "line",
    },
)
