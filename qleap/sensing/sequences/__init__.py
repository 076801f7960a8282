"""Pulse sequences: a small language, and what it does to spins."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.sequences.elements import Free, Laser, Pulse, Repeat, Sequence
    from qleap.sensing.sequences.evolution import evolve, signal
    from qleap.sensing.sequences.frames import rotating_frame
    from qleap.sensing.sequences.spins import Channel, ControlledSpins

__all__ = [
    "Channel",
    "ControlledSpins",
    "Free",
    "Laser",
    "Pulse",
    "Repeat",
    "Sequence",
    "evolve",
    "rotating_frame",
    "signal",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Channel": "spins",
        "ControlledSpins": "spins",
        "Free": "elements",
        "Laser": "elements",
        "Pulse": "elements",
        "Repeat": "elements",
        "Sequence": "elements",
        "evolve": "evolution",
        "rotating_frame": "frames",
        "signal": "evolution",
    },
)
