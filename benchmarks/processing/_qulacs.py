"""qulacs: a circuit object built before the clock starts; no optimiser (slower)."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from ._circuits import bound_gates, pauli_terms
from ._peers import StateWork, Work, limit_openmp

__all__ = ["expectation", "final_state", "gradient", "samples", "small_circuits"]


def final_state(circuit: QuantumCircuit, threads: int) -> StateWork:
    """Return the work on a state that is allocated once."""
    limit_openmp(threads)
    from qulacs import QuantumState

    native = native_circuit(circuit)
    state = QuantumState(circuit.num_qubits)

    def work() -> Any:
        state.set_zero_state()
        native.update_quantum_state(state)
        return state.get_vector

    return work


def expectation(
    circuit: QuantumCircuit, observable: SparsePauliOp, threads: int
) -> Work:
    """Return the work of `Observable.get_expectation_value` on a state at hand."""
    state = _prepared(circuit, threads)
    native = _observable(observable)
    return lambda: native.get_expectation_value(state)


def gradient(
    circuit: QuantumCircuit, observable: SparsePauliOp, values: Any, threads: int
) -> Work:
    """Return the work of its adjoint method, `backprop`; ry gates carry parameters."""
    limit_openmp(threads)
    import qulacs

    native = qulacs.ParametricQuantumCircuit(circuit.num_qubits)
    bound = circuit.assign_parameters(values)
    for name, qubits, angles, matrix in bound_gates(bound):
        if name == "ry":
            # Its parametric rotations are exp(+i angle Y / 2).
            native.add_parametric_RY_gate(qubits[0], -angles[0])
        else:
            native.add_gate(_gate(name, qubits, angles, matrix))
    measured = _observable(observable)
    return lambda: -np.array(native.backprop(measured))


def samples(circuit: QuantumCircuit, shots: int, threads: int) -> Work:
    """Return the work from zero to a list of outcomes."""
    limit_openmp(threads)
    import qulacs

    native = native_circuit(circuit)
    state = qulacs.QuantumState(circuit.num_qubits)

    def work() -> Any:
        state.set_zero_state()
        native.update_quantum_state(state)
        outcomes = state.sampling(shots, 1)
        return lambda: np.array(outcomes)

    return work


def small_circuits(circuits: list[QuantumCircuit], shots: int, threads: int) -> Work:
    """Return the work of all circuits, built before, one after the other."""
    limit_openmp(threads)
    import qulacs

    natives = [native_circuit(circuit) for circuit in circuits]
    state = qulacs.QuantumState(circuits[0].num_qubits)

    def work() -> Any:
        found = []
        for native in natives:
            state.set_zero_state()
            native.update_quantum_state(state)
            found.append(state.sampling(shots))
        return lambda: np.array(found)

    return work


def _prepared(circuit: QuantumCircuit, threads: int) -> Any:
    limit_openmp(threads)
    import qulacs

    state = qulacs.QuantumState(circuit.num_qubits)
    native_circuit(circuit).update_quantum_state(state)
    return state


def _observable(observable: SparsePauliOp) -> Any:
    import qulacs

    native = qulacs.Observable(observable.num_qubits)
    for letters, qubits, weight in pauli_terms(observable):
        text = " ".join(f"{a} {k}" for a, k in zip(letters, qubits, strict=True))
        native.add_operator(weight, text)
    return native


def native_circuit(circuit: QuantumCircuit) -> Any:
    """Return the same gates as a `qulacs.QuantumCircuit`."""
    import qulacs

    native = qulacs.QuantumCircuit(circuit.num_qubits)
    for name, qubits, angles, matrix in bound_gates(circuit):
        native.add_gate(_gate(name, qubits, angles, matrix))
    return native


def _gate(name: str, qubits: Any, angles: Any, matrix: Any) -> Any:
    from qulacs import gate

    match name:
        case "u":
            # Its own U3 differs by nothing but is made anew from three angles.
            return gate.DenseMatrix(qubits[0], matrix)
        case "rx" | "ry" | "rz":
            # RotX is exp(-i angle X / 2); RX has the other sign.
            return getattr(gate, f"Rot{name[1].upper()}")(qubits[0], angles[0])
        case "h" | "x":
            return getattr(gate, name.upper())(qubits[0])
        case "cx":
            return gate.CNOT(*qubits)
        case "cz" | "swap":
            return getattr(gate, name.upper())(*qubits)
        case "cp":
            phase = gate.to_matrix_gate(gate.U1(qubits[1], angles[0]))
            phase.add_control_qubit(qubits[0], 1)
            return phase
        case "rzz":
            return gate.PauliRotation(list(qubits), [3, 3], -angles[0])
    return gate.DenseMatrix(list(qubits), np.ascontiguousarray(matrix))
