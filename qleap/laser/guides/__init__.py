"""What holds light together: fibres, capillaries, free space."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.guides.fibre import Fibre

__all__ = [
    "Fibre",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Fibre": "fibre",
    },
)
