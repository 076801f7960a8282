"""scaluq: a circuit object built before the clock starts; no optimiser (slower)."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from ._circuits import bound_gates, pauli_terms
from ._peers import StateWork, Work, limit_openmp

__all__ = ["expectation", "final_state", "gradient", "samples"]

PAULIS = {"X": 1, "Y": 2, "Z": 3}


def library(threads: int) -> Any:
    """Return scaluq's double-precision module with so many threads."""
    limit_openmp(threads)
    import scaluq

    return scaluq.default.f64


def final_state(circuit: QuantumCircuit, threads: int) -> StateWork:
    """Return the work on a state that is allocated once."""
    scaluq = library(threads)
    import scaluq as package

    native = _circuit(scaluq, circuit)
    state = scaluq.StateVector(circuit.num_qubits)

    def work() -> Any:
        state.set_zero_state()
        native.update_quantum_state(state)
        package.synchronize()
        return lambda: np.array(state.get_amplitudes())

    return work


def expectation(
    circuit: QuantumCircuit, observable: SparsePauliOp, threads: int
) -> Work:
    """Return the work of `Operator.get_expectation_value` on a state at hand."""
    scaluq = library(threads)
    state = scaluq.StateVector(circuit.num_qubits)
    _circuit(scaluq, circuit).update_quantum_state(state)
    native = _operator(scaluq, observable)
    return lambda: native.get_expectation_value(state).real


def gradient(
    circuit: QuantumCircuit, observable: SparsePauliOp, values: Any, threads: int
) -> Work:
    """Return the work of its back-propagation; every ry has a parameter of its own."""
    scaluq = library(threads)
    native = scaluq.Circuit()
    parameters: dict[str, float] = {}
    for name, qubits, angles, matrix in bound_gates(circuit.assign_parameters(values)):
        if name == "ry":
            key = f"t{len(parameters):04d}"
            parameters[key] = angles[0]
            native.add_param_gate(scaluq.gate.ParamRY(qubits[0]), key)
        else:
            native.add_gate(_gate(scaluq, name, qubits, angles, matrix))
    measured = _operator(scaluq, observable)

    def work() -> Any:
        found = native.compute_expectation_gradient(measured, parameters)
        return np.array([found[key] for key in parameters])

    return work


def samples(circuit: QuantumCircuit, shots: int, threads: int) -> Work:
    """Return the work from zero to a list of outcomes."""
    scaluq = library(threads)
    native = _circuit(scaluq, circuit)
    state = scaluq.StateVector(circuit.num_qubits)

    def work() -> Any:
        state.set_zero_state()
        native.update_quantum_state(state)
        outcomes = state.sampling(shots, 1)
        return lambda: np.array(outcomes)

    return work


def _circuit(scaluq: Any, circuit: QuantumCircuit) -> Any:
    native = scaluq.Circuit()
    for gate in bound_gates(circuit):
        native.add_gate(_gate(scaluq, *gate))
    return native


def _operator(scaluq: Any, observable: SparsePauliOp) -> Any:
    return scaluq.Operator(
        [
            scaluq.PauliOperator(qubits, [PAULIS[one] for one in letters], weight)
            for letters, qubits, weight in pauli_terms(observable)
        ]
    )


def _gate(scaluq: Any, name: str, qubits: Any, angles: Any, matrix: Any) -> Any:
    gate = scaluq.gate
    match name:
        case "u":
            return gate.U3(qubits[0], *angles)
        case "rx" | "ry" | "rz":
            return getattr(gate, name.upper())(qubits[0], angles[0])
        case "h" | "x":
            return getattr(gate, name.upper())(qubits[0])
        case "cx" | "cz":
            return getattr(gate, name.upper())(*qubits)
        case "swap":
            return gate.Swap(*qubits)
        case "cp":
            return gate.U1(qubits[1], angles[0], [qubits[0]])
        case "rzz":
            pauli = scaluq.PauliOperator(list(qubits), [3, 3])
            return gate.PauliRotation(pauli, angles[0])
    return gate.DenseMatrix(list(qubits), np.ascontiguousarray(matrix), is_unitary=True)
