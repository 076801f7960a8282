"""Folded circuits: the same unitary with more noise.

Giurgica-Tiron et al. 2020, arXiv:2005.10921. A fold replaces ``G`` by ``G G+ G``.
Barriers stand between, so that no later transpilation undoes it.
"""

from collections.abc import Iterable

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["fold_gates", "fold_globally"]


def fold_globally(circuit: QuantumCircuit, factor: float) -> QuantumCircuit:
    """Return ``C (C+ C)**k`` and one more fold of the last gates, to meet ``factor``.

    Parameters
    ----------
    circuit : QuantumCircuit
        Of gates alone.
    factor : float
        Number of gates of the result over that of the circuit, at least 1.
    """
    steps = _gates(circuit)
    whole, part = _folds(len(steps), factor)
    found = circuit.copy()
    for _ in range(whole):
        _append(found, _inverse(steps))
        _append(found, steps)
    if part:
        _append(found, _inverse(steps[-part:]))
        _append(found, steps[-part:])
    return found


def fold_gates(circuit: QuantumCircuit, factor: float) -> QuantumCircuit:
    """Return a circuit in which gates are folded one by one, evenly to meet ``factor``.

    Parameters
    ----------
    circuit : QuantumCircuit
        Of gates alone.
    factor : float
        Number of gates of the result over that of the circuit, at least 1.
    """
    steps = _gates(circuit)
    whole, part = _folds(len(steps), factor)
    found = circuit.copy_empty_like()
    k = 0
    for step in circuit.data:
        found.append(step)
        if step.name in ("barrier", "delay"):
            continue
        # The extra folds are spread over the circuit.
        extra = (k + 1) * part // len(steps) - k * part // len(steps)
        k += 1
        for _ in range(whole + extra):
            found.barrier(step.qubits)
            found.append(step.operation.inverse(), step.qubits)
            found.barrier(step.qubits)
            found.append(step)
    return found


def _gates(circuit: QuantumCircuit) -> list[CircuitInstruction]:
    steps = [step for step in circuit.data if step.name not in ("barrier", "delay")]
    for step in steps:
        if step.clbits or step.name == "reset" or hasattr(step.operation, "blocks"):
            raise InvalidValue(
                f"only gates can be folded, but the circuit has {step.name!r}; fold "
                "the part without it."
            )
    if not steps:
        raise InvalidValue("a circuit without gates cannot be folded.")
    return steps


def _folds(n_gates: int, factor: float) -> tuple[int, int]:
    """Return the folds of all gates, and how many gates are folded once more."""
    number = checks.at_least("factor", factor, 1.0)
    total = round((number - 1.0) * n_gates / 2.0)
    return divmod(total, n_gates)


def _inverse(steps: Iterable[CircuitInstruction]) -> list[CircuitInstruction]:
    return [
        CircuitInstruction(step.operation.inverse(), step.qubits)
        for step in reversed(list(steps))
    ]


def _append(circuit: QuantumCircuit, steps: Iterable[CircuitInstruction]) -> None:
    circuit.barrier()
    for step in steps:
        circuit.append(step)
