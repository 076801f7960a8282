"""PennyLane Lightning through its own state vectors: no QNode, no tape, no queue."""

import cmath
import importlib
from functools import partial
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from ._circuits import bound_gates, pauli_terms
from ._peers import StateWork, Work, fastest, limit_openmp

__all__ = ["expectation", "final_state", "gradient", "samples"]

NAMES = {
    "rx": "RX",
    "ry": "RY",
    "rz": "RZ",
    "h": "Hadamard",
    "x": "PauliX",
    "cx": "CNOT",
    "cz": "CZ",
    "cp": "ControlledPhaseShift",
    "rzz": "IsingZZ",
    "swap": "SWAP",
}


def library(device: str, threads: int) -> Any:
    """Return the compiled module of ``qubit`` or ``kokkos``."""
    limit_openmp(threads)
    return importlib.import_module(f"pennylane_lightning.lightning_{device}_ops")


def final_state(circuit: QuantumCircuit, threads: int, *, device: str) -> StateWork:
    """Return the work on a state that is allocated once, double precision."""
    n_qubits = circuit.num_qubits
    state = library(device, threads).StateVectorC128(n_qubits)
    calls, phase = _calls(state, circuit)

    def work() -> Any:
        state.resetStateVector()
        for call in calls:
            call()
        return partial(_amplitudes, state, n_qubits, phase)

    return work


def expectation(
    circuit: QuantumCircuit,
    observable: SparsePauliOp,
    threads: int,
    *,
    device: str,
) -> Work:
    """Return the work of ``Measurements.expval`` on a state at hand."""
    ops = library(device, threads)
    state = _prepared(ops, circuit)
    native = _hamiltonian(ops, observable)
    arguments: list[tuple[Any, ...]] = [(native,)]
    if device == "kokkos":
        last = circuit.num_qubits - 1
        words, wires, weights = zip(*pauli_terms(observable), strict=True)
        mirrored = [[last - qubit for qubit in qubits] for qubits in wires]
        arguments.append((words, mirrored, weights))

    def measure(*given: Any) -> Any:
        # Made anew, because it does not keep the state alive by itself.
        return ops.MeasurementsC128(state).expval(*given)

    return fastest(partial(measure, *given) for given in arguments)


def gradient(
    circuit: QuantumCircuit,
    observable: SparsePauliOp,
    values: Any,
    threads: int,
    *,
    device: str,
) -> Work:
    """Return the work of its adjoint method, the forward run included."""
    ops = library(device, threads)
    bound = circuit.assign_parameters(values)
    gates = bound_gates(bound)
    last = circuit.num_qubits - 1
    count = len(gates)
    lowered = ops.algorithms.create_ops_listC128(
        [NAMES[name] for name, *_ in gates],
        [list(angles) for _, _, angles, _ in gates],
        [[last - qubit for qubit in qubits] for _, qubits, _, _ in gates],
        [False] * count,
        [np.zeros(0, np.complex128)] * count,
        [[]] * count,
        [[]] * count,
    )
    trainable = list(range(sum(name == "ry" for name, *_ in gates)))
    measured = [_hamiltonian(ops, observable)]
    state = ops.StateVectorC128(circuit.num_qubits)
    calls, _ = _calls(state, bound)
    jacobian = ops.algorithms.AdjointJacobianC128()

    def work() -> Any:
        state.resetStateVector()
        for call in calls:
            call()
        return np.asarray(jacobian(state, measured, lowered, trainable)).ravel()

    return work


def samples(circuit: QuantumCircuit, shots: int, threads: int, *, device: str) -> Work:
    """Return the work from zero to an array of bits, one row a shot."""
    ops = library(device, threads)
    n_qubits = circuit.num_qubits
    state = ops.StateVectorC128(n_qubits)
    calls, _ = _calls(state, circuit)

    def work() -> Any:
        state.resetStateVector()
        for call in calls:
            call()
        bits = ops.MeasurementsC128(state).generate_samples(n_qubits, shots)
        return lambda: _outcomes(bits)

    return work


def _outcomes(bits: Any) -> Any:
    powers = 1 << np.arange(bits.shape[1])[::-1]
    return np.asarray(bits).astype(np.int64) @ powers


def _prepared(ops: Any, circuit: QuantumCircuit) -> Any:
    state = ops.StateVectorC128(circuit.num_qubits)
    calls, _ = _calls(state, circuit)
    for call in calls:
        call()
    return state


def _hamiltonian(ops: Any, observable: SparsePauliOp) -> Any:
    last = observable.num_qubits - 1
    kinds = ops.observables
    weights, terms = [], []
    for letters, qubits, weight in pauli_terms(observable):
        named = [
            kinds.NamedObsC128(f"Pauli{letter}", [last - qubit])
            for letter, qubit in zip(letters, qubits, strict=True)
        ]
        terms.append(named[0] if len(named) == 1 else kinds.TensorProdObsC128(named))
        weights.append(weight)
    return kinds.HamiltonianC128(np.array(weights), terms)


def _calls(state: Any, circuit: QuantumCircuit) -> tuple[list[Any], complex]:
    """Return the bound methods to call in order, and the phase they leave out."""
    # Wire 0 is the most significant bit of the index.
    last = circuit.num_qubits - 1
    calls, phase = [], 0.0
    for name, qubits, angles, matrix in bound_gates(circuit):
        wires = [last - qubit for qubit in qubits]
        if name == "unitary":
            calls.append(partial(state.applyMatrix, matrix, wires[::-1], False))
        elif name == "u":
            theta, phi, lam = angles
            phase += 0.5 * (phi + lam)
            calls.append(partial(state.Rot, wires, False, [lam, theta, phi]))
        else:
            method = getattr(state, NAMES[name])
            calls.append(partial(method, wires, False, list(angles)))
    return calls, cmath.exp(1j * phase)


def _amplitudes(state: Any, n_qubits: int, phase: complex) -> Any:
    copy = np.zeros(1 << n_qubits, np.complex128)
    (state.getState if hasattr(state, "getState") else state.DeviceToHost)(copy)
    return phase * copy
