"""Matrix product states against Qiskit's state vectors and density matrices."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from qiskit.quantum_info import (
    DensityMatrix,
    Pauli,
    SparsePauliOp,
    Statevector,
    random_unitary,
)

from qleap.core.errors import InvalidValue, QleapWarning
from qleap.processing.noise import NoiseModel, amplitude_damping, depolarizing, mps
from qleap.processing.noise.matrix_product import MatrixProductState
from qleap.processing.noise.methods import noisy_program, sample_noisy
from qleap.processing.paulis import pauli_sum


def _circuit(seed: int, n_qubits: int = 6, n_gates: int = 15) -> QuantumCircuit:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(n_qubits)
    for _ in range(n_gates):
        wires = rng.permutation(n_qubits)[: rng.integers(1, 4)].tolist()
        matrix = random_unitary(2 ** len(wires), seed=int(rng.integers(2**31)))
        circuit.unitary(matrix, wires)
    circuit.ccx(0, 3, 5)
    circuit.cp(0.3, 4, 1)
    return circuit


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_amplitudes_are_those_of_the_state_vector(seed: int) -> None:
    circuit = _circuit(seed)
    state = mps.matrix_product_state(circuit)
    expected = Statevector(circuit).data
    assert_allclose(state.statevector(), expected, atol=1e-13)
    state.truncate()
    assert_allclose(state.statevector(), expected, atol=1e-13)
    assert max(state.bonds) <= 8
    assert state.discarded_weight < 1e-14


def test_cut_bonds_lose_the_weight_that_is_reported() -> None:
    circuit = _circuit(3, n_gates=40)
    state = mps.matrix_product_state(circuit, max_bond=4)
    state.truncate()
    assert max(state.bonds) <= 4
    overlap = abs(np.vdot(state.statevector(), Statevector(circuit).data)) ** 2
    assert 1.0 - overlap > 0.01
    assert 1.0 - overlap < 2.0 * state.discarded_weight


def test_one_cut_loses_exactly_its_weight() -> None:
    """Eckart and Young: the best overlap is that of the largest singular values."""
    matrix = random_unitary(16, seed=2).data
    state = MatrixProductState(4, max_bond=2)
    state.apply(matrix, [0, 1, 2, 3])
    exact = matrix[:, 0]
    values = np.linalg.svd(exact.reshape(4, 4), compute_uv=False)
    state.truncate()
    lost = values[2:] ** 2
    overlap = abs(np.vdot(state.statevector(), exact)) ** 2
    assert overlap == pytest.approx(1.0 - lost.sum(), abs=1e-12)
    assert state.discarded_weight == pytest.approx(lost.sum(), abs=1e-12)


def test_expectation_values_are_those_of_the_state_vector() -> None:
    circuit = _circuit(5)
    labels = ["ZIIIII", "XYZIZY", "IIYYII"]
    sums = [pauli_sum(label, 6) for label in labels]
    sums.append(pauli_sum(SparsePauliOp(labels, [1.0, 2.0, -0.5]), 6))
    found, errors = mps.expectations(noisy_program(circuit, None), sums, 1, 0)
    state = Statevector(circuit)
    single = [state.expectation_value(Pauli(label)).real for label in labels]
    expected = [*single, single[0] + 2 * single[1] - 0.5 * single[2]]
    assert_allclose(found, expected, atol=1e-12)
    assert not errors.any()


def _frequencies(packed: Any, size: int) -> Any:
    return np.bincount(packed[:, 0], minlength=size) / len(packed)


def test_samples_have_the_probabilities_of_the_state() -> None:
    circuit = _circuit(7)
    expected = Statevector(circuit).probabilities()
    circuit.measure_all()
    packed, choice = sample_noisy(circuit, None, 100_000, 1, "mps")
    assert choice.method == "mps"
    sigma = np.sqrt(expected * (1 - expected) / len(packed)) + 1e-6
    assert (np.abs(_frequencies(packed, 64) - expected) < 5 * sigma).all()


def test_noise_is_that_of_the_density_matrix() -> None:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 2)
    circuit.ry(0.7, 1)
    circuit.cx(2, 1)
    model = NoiseModel().after("cx", depolarizing(0.2, 2)).after(1, depolarizing(0.05))
    noisy = model.apply(circuit)
    state = DensityMatrix.from_label("000")
    for step in noisy.data:
        wires = [noisy.find_bit(q).index for q in step.qubits]
        is_noise = step.name == "channel"
        operation = step.operation.channel.to_qiskit() if is_noise else step.operation
        state = state.evolve(operation, wires)
    labels = ["ZZZ", "XIX", "IZI"]
    sums = [pauli_sum(label, 3) for label in labels]
    found, errors = mps.expectations(noisy_program(circuit, model), sums, 4000, 2)
    exact = [state.expectation_value(Pauli(label)).real for label in labels]
    assert (np.abs(found - exact) < 4 * errors + 1e-12).all()
    assert (errors < 0.02).all()
    circuit.measure_all()
    packed, _ = sample_noisy(circuit, model, 20_000, 1, "mps")
    assert_allclose(_frequencies(packed, 8), state.probabilities(), atol=0.015)


def test_a_chain_of_sixty_qubits_is_no_matter() -> None:
    circuit = QuantumCircuit(60)
    circuit.h(0)
    for qubit in range(59):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    packed, choice = sample_noisy(circuit, None, 200, 1, "mps")
    values = {row.tobytes() for row in packed}
    assert len(values) == 2
    assert choice.method == "mps"


def test_what_is_discarded_is_told() -> None:
    circuit = _circuit(1, n_qubits=14, n_gates=40)
    circuit.measure_all()
    with pytest.warns(QleapWarning, match="was discarded"):
        sample_noisy(circuit, None, 2, 1, "mps")
    assert mps.seconds(noisy_program(circuit, None), 10) == np.inf


def test_what_cannot_run_is_refused_in_a_sentence() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    damping = NoiseModel().after("x", amplitude_damping(0.1))
    with pytest.raises(InvalidValue, match="no mixture of unitary matrices"):
        sample_noisy(circuit, damping, 10, 1, "mps")
    circuit.measure(0, 0)
    circuit.x(0)
    with pytest.raises(InvalidValue, match="measurements at the end alone"):
        sample_noisy(circuit, None, 10, 1, "mps")
    wide = QuantumCircuit(8)
    wide.mcx(list(range(7)), 7)
    with pytest.raises(InvalidValue, match="a gate acts on 8 qubits"):
        mps.matrix_product_state(wide)
