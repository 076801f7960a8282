"""What light travels through: refraction, nonlinearity, absorption."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.media.crystals import CRYSTALS, Crystal
    from qleap.laser.media.materials import MATERIALS, Material
    from qleap.laser.media.mixing import ThreeWaveMixing
    from qleap.laser.media.raman import RAMAN_MODELS, RamanModel, raman_model

__all__ = [
    "CRYSTALS",
    "MATERIALS",
    "RAMAN_MODELS",
    "Crystal",
    "Material",
    "RamanModel",
    "ThreeWaveMixing",
    "raman_model",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CRYSTALS": "crystals",
        "Crystal": "crystals",
        "MATERIALS": "materials",
        "Material": "materials",
        "RAMAN_MODELS": "raman",
        "RamanModel": "raman",
        "ThreeWaveMixing": "mixing",
        "raman_model": "raman",
    },
)
