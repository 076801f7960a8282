"""Noise as instructions of a Qiskit circuit."""

from typing import Any

from qiskit.circuit import Instruction

from qleap.processing.noise.channels import Channel
from qleap.processing.noise.readout import ReadoutError

__all__ = ["ChannelInstruction", "ReadoutInstruction"]


class ChannelInstruction(Instruction):  # type: ignore[misc]  # Qiskit is untyped
    """A channel at a place of a circuit: ``circuit.append(instruction, qubits)``.

    Parameters
    ----------
    channel : Channel
        Its first qubit is the first of the instruction.
    """

    def __init__(self, channel: Channel) -> None:
        super().__init__("channel", channel.n_qubits, 0, [])
        self.channel = channel

    def __deepcopy__(self, memo: Any = None) -> "ChannelInstruction":
        return ChannelInstruction(self.channel)

    def inverse(self, annotated: bool = False) -> Any:  # noqa: ARG002
        """Refuse: noise cannot be undone."""
        from qleap.core.errors import InvalidValue

        raise InvalidValue(
            "a circuit with noise channels has no inverse; invert the circuit first "
            "and add noise then."
        )


class ReadoutInstruction(Instruction):  # type: ignore[misc]  # Qiskit is untyped
    """A readout error on classical bits that have just been measured.

    Parameters
    ----------
    error : ReadoutError
        Its first bit is the first of the instruction.
    """

    def __init__(self, error: ReadoutError) -> None:
        super().__init__("readout_error", 0, error.n_bits, [])
        self.error = error

    def __deepcopy__(self, memo: Any = None) -> "ReadoutInstruction":
        return ReadoutInstruction(self.error)
