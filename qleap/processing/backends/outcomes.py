"""What came of a circuit, and Qiskit's record of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from qiskit import QuantumCircuit
from qiskit.result.models import ExperimentResult, ExperimentResultData

__all__ = ["Outcome", "circuit_header", "experiment"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one circuit.

    Parameters
    ----------
    counts : dict of str to int
        Bits without spaces, classical bit 0 rightmost.
    memory : list of str or None
        The bits of every shot in order, where the provider tells them.
    value, error : float or None
        Of an estimation.
    method : str or None
        How it was simulated.
    """

    counts: dict[str, int] = field(default_factory=dict)
    memory: list[str] | None = None
    value: float | None = None
    error: float | None = None
    method: str | None = None

    @classmethod
    def of_shots(cls, memory: list[str], method: str | None = None) -> "Outcome":
        """Return the outcome in which the bits of every shot are known."""
        counts = dict(sorted(Counter(memory).items()))
        return cls(counts=counts, memory=memory, method=method)


def experiment(
    circuit: QuantumCircuit, outcome: Outcome, *, memory: bool
) -> ExperimentResult:
    """Return Qiskit's record of one circuit; shots that nobody told come sorted."""
    shots = outcome.memory
    if memory and shots is None:
        shots = [bits for bits, n in sorted(outcome.counts.items()) for _ in range(n)]
    return ExperimentResult(
        shots=sum(outcome.counts.values()),
        success=True,
        data=ExperimentResultData(
            counts={_hex(bits): n for bits, n in outcome.counts.items()},
            memory=list(map(_hex, shots or [])) if memory else None,
        ),
        header=circuit_header(circuit),
        metadata={"method": outcome.method} if outcome.method else {},
    )


def circuit_header(circuit: QuantumCircuit) -> dict[str, Any]:
    """Return what Qiskit's record of a circuit says about it."""
    return {
        "name": circuit.name,
        "creg_sizes": [[r.name, r.size] for r in circuit.cregs],
        "memory_slots": circuit.num_clbits,
        "qreg_sizes": [[r.name, r.size] for r in circuit.qregs],
        "n_qubits": circuit.num_qubits,
        "metadata": circuit.metadata,
    }


def _hex(bits: str) -> str:
    return hex(int(bits, 2)) if bits else "0x0"
