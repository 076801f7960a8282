"""The circuits of the race: Qiskit circuits that every peer can translate."""

import itertools

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.quantum_info import SparsePauliOp

__all__ = [
    "GATES",
    "ansatz",
    "bound_gates",
    "fourier",
    "gradient_ansatz",
    "ising",
    "layered",
    "pauli_sum",
    "pauli_terms",
    "small_circuits",
    "volume",
    "z_sum",
]

GATES = ("u", "rx", "ry", "rz", "h", "x", "cx", "cz", "cp", "rzz", "swap", "unitary")
"""All that the circuits below are made of; ``unitary`` is a matrix on two qubits."""

BoundGate = tuple[str, tuple[int, ...], tuple[float, ...], NDArray[np.complex128]]


def layered(n_qubits: int, depth: int = 20) -> QuantumCircuit:
    """Return ``depth`` layers of random u gates and a brickwork of CX."""
    rng = np.random.default_rng(n_qubits)
    circuit = QuantumCircuit(n_qubits)
    for layer in range(depth):
        for qubit in range(n_qubits):
            circuit.u(*rng.uniform(0, 2 * np.pi, 3), qubit)
        for qubit in range(layer % 2, n_qubits - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit


def volume(n_qubits: int, depth: int = 20) -> QuantumCircuit:
    """Return ``depth`` layers of Haar-random SU(4) on random pairs."""
    rng = np.random.default_rng(1000 + n_qubits)
    circuit = QuantumCircuit(n_qubits)
    for _ in range(depth):
        order = rng.permutation(n_qubits)
        for first, second in zip(order[0::2], order[1::2], strict=False):
            circuit.unitary(_haar(rng), [int(first), int(second)])
    return circuit


def ansatz(n_qubits: int, depth: int = 10) -> QuantumCircuit:
    """Return ``depth`` layers of ry, rz and a chain of CX."""
    rng = np.random.default_rng(2000 + n_qubits)
    circuit = QuantumCircuit(n_qubits)
    for _ in range(depth):
        for qubit in range(n_qubits):
            circuit.ry(rng.uniform(0, 2 * np.pi), qubit)
            circuit.rz(rng.uniform(0, 2 * np.pi), qubit)
        _chain(circuit)
    return circuit


def fourier(n_qubits: int, basis_state: int = 5) -> QuantumCircuit:
    """Return the quantum Fourier transform, gate by gate, of a basis state."""
    circuit = QuantumCircuit(n_qubits)
    for qubit in range(n_qubits):
        if basis_state >> qubit & 1:
            circuit.x(qubit)
    for target in reversed(range(n_qubits)):
        circuit.h(target)
        for control in reversed(range(target)):
            circuit.cp(np.pi / 2 ** (target - control), control, target)
    for qubit in range(n_qubits // 2):
        circuit.swap(qubit, n_qubits - 1 - qubit)
    return circuit


def ising(n_qubits: int, steps: int = 20) -> QuantumCircuit:
    """Return a first-order Trotter evolution of the Ising chain in a field."""
    circuit = QuantumCircuit(n_qubits)
    for _ in range(steps):
        for first, second in itertools.pairwise(range(n_qubits)):
            circuit.rzz(0.2, first, second)
        for qubit in range(n_qubits):
            circuit.rx(0.17, qubit)
    return circuit


def gradient_ansatz(n_qubits: int, layers: int = 10) -> QuantumCircuit:
    """Return layers of ry with a free parameter each and a chain of CX."""
    angles = ParameterVector("t", n_qubits * layers)
    circuit = QuantumCircuit(n_qubits)
    for layer in range(layers):
        for qubit in range(n_qubits):
            circuit.ry(angles[layer * n_qubits + qubit], qubit)
        _chain(circuit)
    return circuit


def small_circuits(number: int, n_qubits: int = 5) -> list[QuantumCircuit]:
    """Return different random circuits, all qubits measured into ``meas``."""
    rng = np.random.default_rng(3000)
    found = []
    for _ in range(number):
        circuit = QuantumCircuit(n_qubits)
        for layer in range(4):
            for qubit in range(n_qubits):
                circuit.u(*rng.uniform(0, 2 * np.pi, 3), qubit)
            for qubit in range(layer % 2, n_qubits - 1, 2):
                circuit.cx(qubit, qubit + 1)
        circuit.measure_all()
        found.append(circuit)
    return found


def pauli_sum(n_qubits: int, terms: int = 200) -> SparsePauliOp:
    """Return different random Pauli strings of weight 1 to 4 with real weights."""
    rng = np.random.default_rng(4000 + n_qubits)
    labels: dict[str, float] = {}
    while len(labels) < terms:
        letters = ["I"] * n_qubits
        for qubit in rng.choice(n_qubits, rng.integers(1, 5), replace=False):
            letters[qubit] = "XYZ"[rng.integers(3)]
        labels["".join(letters)] = float(rng.normal())
    return SparsePauliOp.from_list(list(labels.items()))


def z_sum(n_qubits: int) -> SparsePauliOp:
    """Return the sum of all Z and of ZZ on neighbours, with different weights."""
    singles = [("Z", [k], 1.0 + 0.05 * k) for k in range(n_qubits)]
    pairs = [("ZZ", [k, k + 1], 0.5 - 0.02 * k) for k in range(n_qubits - 1)]
    return SparsePauliOp.from_sparse_list([*singles, *pairs], n_qubits)


def pauli_terms(observable: SparsePauliOp) -> list[tuple[str, list[int], float]]:
    """Return letters, the qubits they act on, and the weight of every term."""
    return [
        (letters, list(qubits), float(weight.real))
        for letters, qubits, weight in observable.to_sparse_list()
    ]


def bound_gates(circuit: QuantumCircuit) -> list[BoundGate]:
    """Return name, qubits, angles and matrix of every gate, in order.

    A ``measure`` or ``barrier`` is left out. The matrix is in Qiskit's order: the
    first qubit is the least significant bit of its index.
    """
    index = {bit: k for k, bit in enumerate(circuit.qubits)}
    found: list[BoundGate] = []
    none = np.empty((0, 0), np.complex128)
    for instruction in circuit.data:
        gate = instruction.operation
        if gate.name in ("measure", "barrier"):
            continue
        if gate.name not in GATES:
            raise ValueError(f"the race has no gate {gate.name!r}.")
        qubits = tuple(index[bit] for bit in instruction.qubits)
        if gate.name == "unitary":
            found.append((gate.name, qubits, (), np.asarray(gate.to_matrix())))
            continue
        angles = tuple(float(value) for value in gate.params)
        matrix = np.asarray(gate.to_matrix()) if gate.name == "u" else none
        found.append((gate.name, qubits, angles, matrix))
    return found


def _chain(circuit: QuantumCircuit) -> None:
    for control, target in itertools.pairwise(range(circuit.num_qubits)):
        circuit.cx(control, target)


def _haar(rng: np.random.Generator) -> NDArray[np.complex128]:
    """Return a Haar-random special unitary 4x4 (Mezzadri, math-ph/0609050)."""
    ginibre = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    q, r = np.linalg.qr(ginibre)
    phases = np.diag(r) / np.abs(np.diag(r))
    unitary = q * phases
    return np.asarray(unitary / np.linalg.det(unitary) ** 0.25)
