"""Clifford circuits with Pauli noise, against Qiskit's density matrices."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Pauli, random_clifford

from qleap.core.errors import InvalidValue
from qleap.processing.noise import (
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    depolarizing,
    pauli_channel,
    thermal_relaxation,
)
from qleap.processing.noise import clifford as method
from qleap.processing.noise.methods import noisy_program, sample_noisy
from qleap.processing.paulis import pauli_sum

ONE = ("id", "x", "y", "z", "h", "s", "sdg", "sx", "sxdg")
TWO = ("cx", "cy", "cz", "swap", "iswap", "ecr", "dcx")

NOISE = (
    NoiseModel()
    .after(1, pauli_channel({"X": 0.05, "Y": 0.02, "Z": 0.01}))
    .after(2, pauli_channel({"XI": 0.04, "ZY": 0.1, "IZ": 0.02}))
)


def _circuit(seed: int, n_qubits: int = 3, depth: int = 12) -> QuantumCircuit:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(n_qubits)
    for _ in range(depth):
        if rng.random() < 0.5:
            getattr(circuit, rng.choice(ONE))(int(rng.integers(n_qubits)))
        else:
            pair = rng.permutation(n_qubits)[:2].tolist()
            getattr(circuit, rng.choice(TWO))(*pair)
    circuit.rz(np.pi / 2, 0)
    circuit.append(
        random_clifford(n_qubits, seed=seed).to_circuit().to_gate(), range(n_qubits)
    )
    return circuit


def _density(circuit: QuantumCircuit) -> DensityMatrix:
    """Return the final state by Qiskit, channels as Kraus operators."""
    state = DensityMatrix.from_label("0" * circuit.num_qubits)
    for step in circuit.data:
        wires = [circuit.find_bit(q).index for q in step.qubits]
        if step.name == "channel":
            state = state.evolve(step.operation.channel.to_qiskit(), wires)
        elif step.name == "reset":
            state = state.reset(wires)
        elif step.name not in ("measure", "readout_error", "barrier"):
            state = state.evolve(step.operation, wires)
    return state


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_expectation_values_are_those_of_the_density_matrix(seed: int) -> None:
    circuit = _circuit(seed)
    circuit.reset(1)
    circuit.h(1)
    noisy = NOISE.apply(circuit)
    labels = ["ZII", "IXI", "YZX", "ZZZ", "XIY"]
    sums = [pauli_sum(label, 3) for label in labels]
    found, errors = method.expectations(noisy_program(circuit, NOISE), sums, 1, 0)
    state = _density(noisy)
    expected = [state.expectation_value(Pauli(label)).real for label in labels]
    assert_allclose(found, expected, atol=1e-12)
    assert not errors.any()


def _frequencies(packed: Any, size: int) -> Any:
    return np.bincount(packed[:, 0], minlength=size) / len(packed)


@pytest.mark.parametrize("seed", range(6))
def test_samples_have_the_probabilities_of_the_density_matrix(seed: int) -> None:
    pytest.importorskip("stim")
    circuit = _circuit(seed)
    expected = _density(NOISE.apply(circuit)).probabilities()
    circuit.measure_all()
    packed, choice = sample_noisy(circuit, NOISE, 40_000, seed, "clifford")
    assert choice.method == "clifford"
    sigma = np.sqrt(expected * (1 - expected) / len(packed)) + 1e-9
    assert np.abs(_frequencies(packed, 8) - expected).max() < 5 * sigma.max()
    again, _ = sample_noisy(circuit, NOISE, 40_000, seed, "clifford")
    assert np.array_equal(packed, again)


def test_channels_on_three_qubits_are_drawn_as_a_whole() -> None:
    pytest.importorskip("stim")
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.measure_all()
    noise = pauli_channel({"XIX": 0.3, "IXI": 0.2})
    model = NoiseModel().after("x", noise, on=(0, 1, 2))
    packed, _ = sample_noisy(circuit, model, 40_000, 1, "clifford")
    expected = np.zeros(8)
    expected[[0b001, 0b100, 0b011]] = 0.5, 0.3, 0.2
    assert_allclose(_frequencies(packed, 8), expected, atol=0.012)


def test_bits_are_read_where_the_circuit_says() -> None:
    pytest.importorskip("stim")
    circuit = QuantumCircuit(2, 10)
    circuit.x(1)
    circuit.measure([0, 1, 1], [9, 2, 0])
    packed, _ = sample_noisy(circuit, None, 5, 1, "clifford")
    assert packed.tolist() == [[0, 5]] * 5


def test_readout_errors_have_their_probabilities() -> None:
    pytest.importorskip("stim")
    circuit = QuantumCircuit(3)
    circuit.x(1)
    circuit.measure_all()
    table = np.array([[0.7, 0.1, 0, 0], [0.3, 0.6, 0, 0], [0, 0, 1, 0], [0, 0.3, 0, 1]])
    model = (
        NoiseModel()
        .with_readout(ReadoutError.of_bit(0.1, 0.2), (2,))
        .with_readout(ReadoutError(table), (1, 0))
    )
    shots = 100_000
    packed, _ = sample_noisy(circuit, model, shots, 3, "clifford")
    # Qubit 1 is the first bit of the pair: true value 1, read 0, 1 or 3.
    pair = {0b00: 0.1, 0b10: 0.6, 0b11: 0.3}
    expected = np.zeros(8)
    for low, share in pair.items():
        expected[low], expected[low | 4] = 0.9 * share, 0.1 * share
    assert_allclose(_frequencies(packed, 8), expected, atol=5 / shots**0.5 / 2)


def test_twirled_noise_has_the_same_diagonal() -> None:
    relaxing = thermal_relaxation(5e-5, 3e-5, 5e-6)
    pair = relaxing.tensor(amplitude_damping(0.2))
    twirled = pair.twirled()
    assert twirled.pauli is not None
    assert twirled.pauli.sum() == pytest.approx(1.0, abs=1e-14)
    expected = np.diag(np.diagonal(pair.transfer_matrix))
    assert_allclose(twirled.transfer_matrix, expected, atol=1e-14)


def test_what_is_no_clifford_circuit_is_refused_in_a_sentence() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.t(1)
    with pytest.raises(InvalidValue, match=r"a phase on qubits \[1\]\) is no Clifford"):
        sample_noisy(circuit, None, 10, 1, "clifford")
    damping = NoiseModel().after("x", amplitude_damping(0.1))
    plain = QuantumCircuit(1, 1)
    plain.x(0)
    with pytest.raises(InvalidValue, match=r"amplitude_damping\(0.1\) is no mixture"):
        sample_noisy(plain, damping, 10, 1, "clifford")
    assert method.refusal(noisy_program(plain, damping.twirled())) is None
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    with pytest.raises(InvalidValue, match="has no control flow"):
        sample_noisy(circuit, None, 10, 1, "clifford")


def test_a_depolarised_pair_loses_its_correlation() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    model = NoiseModel().after("cx", depolarizing(0.1, 2))
    sums = [pauli_sum(label, 2) for label in ("XX", "ZZ", "YY", "ZI")]
    found, _ = method.expectations(noisy_program(circuit, model), sums, 1, 0)
    assert_allclose(found, [0.9, 0.9, -0.9, 0.0], atol=1e-15)
