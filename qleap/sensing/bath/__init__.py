"""Spin baths and the coherence that they leave."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.bath.spins import BathSpins

__all__ = [
    "BathSpins",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "BathSpins": "spins",
    },
)
