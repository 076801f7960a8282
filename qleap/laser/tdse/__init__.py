"""The time-dependent Schroedinger equation of one electron in strong light."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
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
    "soft_core",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CentralPotential": "potentials",
        "POTENTIALS": "potentials",
        "SoftCore": "potentials",
        "central_potential": "potentials",
        "soft_core": "potentials",
    },
)
