"""What light travels through: refraction, nonlinearity, absorption."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.media.crystals import CRYSTALS, Crystal
    from qleap.laser.media.materials import MATERIALS, Material
    from qleap.laser.media.mixing import ThreeWaveMixing
    from qleap.laser.media.multilayer import Layer, Multilayer
    from qleap.laser.media.plots import (
        plot_dispersion,
        plot_phase_matching,
        plot_transmission,
    )
    from qleap.laser.media.raman import RAMAN_MODELS, RamanModel, raman_model
    from qleap.laser.media.raman_gas import RAMAN_GASES, GasRaman
    from qleap.laser.media.xuv import XuvMedium

__all__ = [
    "CRYSTALS",
    "MATERIALS",
    "RAMAN_GASES",
    "RAMAN_MODELS",
    "Crystal",
    "GasRaman",
    "Layer",
    "Material",
    "Multilayer",
    "RamanModel",
    "ThreeWaveMixing",
    "XuvMedium",
    "plot_dispersion",
    "plot_phase_matching",
    "plot_transmission",
    "raman_model",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CRYSTALS": "crystals",
        "Crystal": "crystals",
        "MATERIALS": "materials",
        "Material": "materials",
        "ThreeWaveMixing": "mixing",
        "Layer": "multilayer",
        "Multilayer": "multilayer",
        "plot_dispersion": "plots",
        "plot_phase_matching": "plots",
        "plot_transmission": "plots",
        "RAMAN_MODELS": "raman",
        "RamanModel": "raman",
        "raman_model": "raman",
        "RAMAN_GASES": "raman_gas",
        "GasRaman": "raman_gas",
        "XuvMedium": "xuv",
    },
)
