"""Reading counts: which shots fit, and which native gates a circuit has."""

from collections.abc import Mapping, Sequence
from typing import Final

from qiskit import QuantumCircuit

__all__ = ["label", "native_gates", "share_of"]

VIRTUAL: Final = frozenset({"rz", "z", "s", "sdg", "t", "tdg", "p", "u1", "id"})
"""Turns around z, which most devices do by shifting the phase of later pulses."""


def share_of(counts: Mapping[str, int], bits: Sequence[int], wanted: str) -> float:
    """Return the share of shots in which ``bits`` read ``wanted``, rightmost first.

    Parameters
    ----------
    counts : mapping of str to int
        The rightmost character is classical bit 0; spaces between registers are
        ignored.
    bits : sequence of int
        Classical bits, the first belongs to the rightmost character of ``wanted``.
    wanted : str
        Of 0 and 1.
    """
    total = hits = 0
    pairs = list(zip(bits, reversed(wanted), strict=True))
    for key, often in counts.items():
        text = key.replace(" ", "")
        total += often
        if all(text[-1 - bit] == value for bit, value in pairs):
            hits += often
    return hits / total


def native_gates(circuit: QuantumCircuit) -> tuple[int, int]:
    """Return the pulses on one qubit and the gates on two; virtual ones are free."""
    pulses = couplers = 0
    for step in circuit.data:
        name, n_qubits = step.operation.name, len(step.qubits)
        if step.clbits or name in ("barrier", "delay") or name in VIRTUAL:
            continue
        pulses += n_qubits == 1
        couplers += n_qubits == 2
    return pulses, couplers


def label(qubits: Sequence[int]) -> str:
    """Return how the estimates of some qubits are named."""
    return "_".join(f"q{qubit}" for qubit in qubits)
