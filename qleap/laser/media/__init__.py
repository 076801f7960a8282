"""What light travels through: refraction, nonlinearity, absorption."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.media.materials import MATERIALS, Material
    from qleap.laser.media.raman import RAMAN_MODELS, RamanModel, raman_model

__all__ = [
    "MATERIALS",
    "RAMAN_MODELS",
    "Material",
    "RamanModel",
    "raman_model",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "MATERIALS": "materials",
        "Material": "materials",
        "RAMAN_MODELS": "raman",
        "RamanModel": "raman",
        "raman_model": "raman",
    },
)
