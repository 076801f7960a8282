"""Circuits in the gates of a machine."""

from functools import cache
from typing import Any

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Gate
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.providers import BackendV2
from qiskit.quantum_info import Operator

from qleap.core.errors import InvalidValue
from qleap.processing.parameters import check_angles

__all__ = ["native", "native_coupler", "refused"]


def native(
    circuit: QuantumCircuit, machine: BackendV2, seed: int | None = None
) -> QuantumCircuit:
    """Return ``circuit`` in the gates and on the couplers of ``machine``.

    One that is there already is returned as it is, so that a layout of the user's own
    is kept; parameters stay symbolic. So is any circuit for a noisy simulator without a
    device: its gates are what the noise acts on, and none may be optimised away.

    Parameters
    ----------
    circuit : QuantumCircuit
        Not wider than the machine.
    machine : BackendV2
        Where it is to run.
    seed : int, optional
        Of the choice of a layout.
    """
    if getattr(machine, "takes_any_circuit", False):
        _check_angles(circuit)
        return circuit
    n_qubits = machine.target.num_qubits
    if n_qubits is not None and circuit.num_qubits > n_qubits:
        raise InvalidValue(
            f"{machine.name} has {n_qubits} qubits, but the circuit has "
            f"{circuit.num_qubits}; take a larger device or the local backend."
        )
    _check_angles(circuit)
    circuit = _with_standard_gates(circuit)
    if _is_native(circuit, machine):
        return circuit
    # One that was laid out before keeps its qubits, whatever was done to it since.
    laid_out = circuit.layout is not None and circuit.num_qubits == n_qubits
    try:
        return transpile(
            circuit,
            backend=machine,
            initial_layout=list(range(circuit.num_qubits)) if laid_out else None,
            optimization_level=1,
            seed_transpiler=seed,
        )
    except Exception as error:  # the transpiler raises many kinds
        raise refused(machine.name, error) from error


def native_coupler(
    machine: BackendV2, pair: tuple[int, int]
) -> tuple[str, tuple[int, int]]:
    """Return the two-qubit gate that couples ``pair``, and its direction.

    Parameters
    ----------
    machine : BackendV2
        One with couplers; where it takes any gate, that is ``cx`` as given.
    pair : (int, int)
        Physical qubits, in any order.
    """
    target = machine.target
    for name in ("cx", "cz", "ecr", *sorted(target.operation_names)):
        if name not in target.operation_names:
            continue
        operation = target.operation_from_name(name)
        if not isinstance(operation, Gate) or operation.num_qubits != 2:
            continue
        for turned in (pair, pair[::-1]):
            if target.instruction_supported(name, turned):
                return name, (int(turned[0]), int(turned[1]))
    raise InvalidValue(
        f"{machine.name} does not couple {pair[0]} and {pair[1]}; choose neighbours."
    )


def refused(name: str, error: Exception) -> InvalidValue:
    """Return one sentence for what a machine or Qiskit's transpiler raised."""
    reason = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
    return InvalidValue(
        f"{name} could not run the circuit: {' '.join(str(reason).split())}; "
        "simplify the circuit or use the local backend."
    )


def _check_angles(circuit: QuantumCircuit) -> None:
    numbers = [
        angle
        for instruction in circuit.data
        for angle in instruction.operation.params
        if isinstance(angle, float)
    ]
    if isinstance(circuit.global_phase, float | int):
        numbers.append(float(circuit.global_phase))
    check_angles(np.array(numbers, np.float64))


def _with_standard_gates(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit without gates that have a standard name and are not that gate.

    OpenQASM writes gates beyond its library, such as ``ecr``, with a definition, and
    reads them as new ones. Those that do the same become the standard gate; others of
    the name are written out, since a machine would take them by it.
    """
    if not any(_is_strange(one.operation) for one in circuit.data):
        return circuit
    turned = circuit.copy_empty_like()
    for one in circuit.data:
        operation = one.operation
        if not _is_strange(operation):
            turned.append(one)
        elif (standard := _equal_standard(operation)) is not None:
            turned.append(standard, one.qubits)
        else:
            turned.compose(operation.definition, one.qubits, inplace=True)
    return turned


def _is_strange(operation: Any) -> bool:
    known = _standard_gates().get(operation.name)
    return (
        known is not None
        and isinstance(operation, Gate)
        and operation.definition is not None
        and not isinstance(operation, known.base_class)
    )


def _equal_standard(operation: Gate) -> Gate | None:
    known = _standard_gates()[operation.name]
    sizes = (operation.num_qubits, len(operation.params))
    if sizes != (known.num_qubits, len(known.params)) or operation.is_parameterized():
        return None
    standard: Gate = known.base_class(*operation.params)
    return standard if Operator(operation) == Operator(standard) else None


@cache
def _standard_gates() -> dict[str, Any]:
    found: dict[str, Any] = get_standard_gate_name_mapping()
    return found


def _is_native(circuit: QuantumCircuit, machine: BackendV2) -> bool:
    target = machine.target
    if target.num_qubits not in (None, circuit.num_qubits):
        return False
    for instruction in circuit.data:
        operation = instruction.operation
        if operation.name == "barrier":
            continue
        places = tuple(circuit.find_bit(qubit).index for qubit in instruction.qubits)
        blocks = getattr(operation, "blocks", ())
        if blocks or not target.instruction_supported(operation.name, places):
            return False
    return True
