"""Circuits of protocols on the physical qubits and in the gates of a machine."""

from collections.abc import Sequence

from qiskit import QuantumCircuit, transpile
from qiskit.providers import BackendV2

from qleap.core.errors import InvalidValue
from qleap.processing.backends.local import LocalBackend
from qleap.processing.backends.native import refused

__all__ = ["place"]


def place(
    circuits: Sequence[QuantumCircuit],
    machine: BackendV2,
    qubits: Sequence[int],
    *,
    seed: int | None = None,
    level: int = 1,
    may_route: bool = False,
) -> list[QuantumCircuit]:
    """Return circuits whose wire ``k`` is the physical qubit ``qubits[k]``.

    Gates are translated to those of the machine, and merged only between barriers. A
    noisy simulator without a device takes them as they are, since its noise acts on
    gates by their names; so does the noiseless one.

    Parameters
    ----------
    circuits : sequence of QuantumCircuit
        On ``len(qubits)`` qubits.
    machine : BackendV2
        Where they are to run.
    qubits : sequence of int
        Physical qubits.
    seed : int, optional
        Of the transpiler.
    level : int
        Of the transpiler's optimisation.
    may_route : bool
        Whether gates without a coupler may go over other qubits; else they are refused.
    """
    if isinstance(machine, LocalBackend):
        return list(circuits)
    if getattr(machine, "takes_any_circuit", False):
        return [_widened(circuit, qubits) for circuit in circuits]
    n_qubits = machine.target.num_qubits
    if n_qubits is not None and max(qubits) >= n_qubits:
        raise InvalidValue(
            f"{machine.name} has the qubits 0 to {n_qubits - 1}, got {max(qubits)}; "
            "choose others."
        )
    if not may_route:
        _check_couplers(circuits, machine, qubits)
    try:
        found: list[QuantumCircuit] = transpile(
            list(circuits),
            backend=machine,
            initial_layout=list(qubits),
            optimization_level=level,
            seed_transpiler=seed,
            scheduling_method="alap" if _wants_times(circuits, machine) else None,
            num_processes=1,
        )
    except Exception as error:  # the transpiler raises many kinds
        raise refused(machine.name, error) from error
    return found


def _check_couplers(
    circuits: Sequence[QuantumCircuit], machine: BackendV2, qubits: Sequence[int]
) -> None:
    """Refuse gates without a coupler: swaps would be a part of their error."""
    couplers = machine.target.build_coupling_map()
    if couplers is None:
        return
    known = {frozenset(edge) for edge in couplers.get_edges()}
    for circuit in circuits:
        for step in circuit.data:
            if len(step.qubits) != 2 or step.operation.name == "barrier":
                continue
            first, second = (qubits[circuit.find_bit(q).index] for q in step.qubits)
            if frozenset((first, second)) not in known:
                raise InvalidValue(
                    f"{machine.name} does not couple {first} and {second}, which the "
                    f"protocol needs of qubits {list(qubits)}; choose neighbours."
                )


def _wants_times(circuits: Sequence[QuantumCircuit], machine: BackendV2) -> bool:
    """Tell whether delays must be put on the clock of the machine, which has one."""
    target = machine.target
    steps = max(target.pulse_alignment or 1, target.acquire_alignment or 1)
    return steps > 1 and any("delay" in one.count_ops() for one in circuits)


def _widened(circuit: QuantumCircuit, qubits: Sequence[int]) -> QuantumCircuit:
    wide = QuantumCircuit(max(qubits) + 1, name=circuit.name)
    wide.metadata = circuit.metadata
    for register in circuit.cregs:
        wide.add_register(register)
    return wide.compose(circuit, list(qubits), circuit.clbits)
