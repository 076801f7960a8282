"""Noise: channels, models of devices, and the methods that simulate them."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.noise.channels import (
        Channel,
        amplitude_damping,
        coherent,
        depolarizing,
        kraus_channel,
        over_rotation,
        pauli_channel,
        phase_damping,
        thermal_relaxation,
        zz_rotation,
    )
    from qleap.processing.noise.density import density_matrix, probabilities
    from qleap.processing.noise.instructions import (
        ChannelInstruction,
        ReadoutInstruction,
    )
    from qleap.processing.noise.model import NoiseModel
    from qleap.processing.noise.readout import ReadoutError

__all__ = [
    "Channel",
    "ChannelInstruction",
    "NoiseModel",
    "ReadoutError",
    "ReadoutInstruction",
    "amplitude_damping",
    "coherent",
    "density_matrix",
    "depolarizing",
    "kraus_channel",
    "over_rotation",
    "pauli_channel",
    "phase_damping",
    "probabilities",
    "thermal_relaxation",
    "zz_rotation",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Channel": "channels",
        "ChannelInstruction": "instructions",
        "NoiseModel": "model",
        "ReadoutError": "readout",
        "ReadoutInstruction": "instructions",
        "amplitude_damping": "channels",
        "coherent": "channels",
        "density_matrix": "density",
        "depolarizing": "channels",
        "kraus_channel": "channels",
        "over_rotation": "channels",
        "pauli_channel": "channels",
        "phase_damping": "channels",
        "probabilities": "density",
        "thermal_relaxation": "channels",
        "zz_rotation": "channels",
    },
)
