"""Fidelities of GHZ and other states against density matrices."""

import math
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Pauli, Statevector, state_fidelity

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, density_matrix, depolarizing
from qleap.processing.protocols import DirectFidelity, GhzFidelity, run_protocol
from qleap.processing.protocols.fidelity import pauli_values
from qleap.processing.protocols.ghz import ghz_circuit
from tests.processing.protocols.drawn import draw, misses, most_misses


def prepared(noise: NoiseModel, circuit: QuantumCircuit) -> float:
    """Return the exact fidelity of what the noise leaves of a state."""
    found: float = state_fidelity(density_matrix(circuit, noise), Statevector(circuit))
    return found


@pytest.mark.parametrize("preparation", ["linear", "logarithmic"])
def test_preparations_make_the_state_at_their_depth(preparation: Any) -> None:
    for n_qubits in (2, 5, 8):
        circuit = ghz_circuit(n_qubits, preparation)
        expected = np.zeros(2**n_qubits)
        expected[[0, -1]] = math.sqrt(0.5)
        np.testing.assert_allclose(Statevector(circuit).data, expected, atol=1e-12)
        steps = n_qubits - 1 if preparation == "linear" else math.log2(n_qubits)
        assert circuit.depth() == 1 + math.ceil(steps)


def test_stabilisers_have_the_value_one() -> None:
    design = GhzFidelity(qubits=(0, 1, 2, 3, 4), method="stabilisers", n_settings=12)
    state = Statevector(ghz_circuit(5))
    seen = set()
    for circuit in design.circuits(np.random.default_rng(1))[1:]:
        word, sign = circuit.metadata["setting"], circuit.metadata["sign"]
        assert state.expectation_value(Pauli(word)) == pytest.approx(sign)
        seen.add(sign)
    assert seen == {1, -1}


@pytest.mark.parametrize("method", ["parity", "stabilisers"])
def test_fidelity_is_that_of_the_density_matrix(method: Any) -> None:
    noise = NoiseModel().after("cx", depolarizing(0.06, 2))
    truth = prepared(noise, ghz_circuit(4))
    design = GhzFidelity(qubits=(0, 1, 2, 3), method=method)
    found = run_protocol(design, NoisyBackend(noise), shots=1000, seed=2)
    assert truth in found["fidelity"]
    assert 1.0 not in found["fidelity"]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    design = GhzFidelity(qubits=(0, 1, 2))
    rng = np.random.default_rng(3)
    pool = design.circuits(rng)
    even = np.array([bin(k).count("1") % 2 == 0 for k in range(8)])
    ends = np.zeros(8)
    ends[[0, 7]] = 0.5
    populations, coherence = 0.9, 0.8
    found = []
    for _ in range(200):
        counts = [draw(populations * ends + (1.0 - populations) / 8.0, 300, rng)]
        for one in pool[1:]:
            parity = coherence * one.metadata["sign"]
            counts.append(draw(np.where(even, 1.0 + parity, 1.0 - parity), 300, rng))
        found.append(design.analyse(pool, counts)["fidelity"])
    truth = (populations + (1.0 - populations) / 4.0 + coherence) / 2.0
    assert misses(found, truth) <= most_misses(200)


def test_values_of_pauli_strings_are_those_of_qiskit() -> None:
    rng = np.random.default_rng(4)
    vector = rng.normal(size=(8, 2)) @ np.array([1.0, 1.0j])
    state = Statevector(vector / np.linalg.norm(vector))
    values = pauli_values(state.data)
    for x in range(8):
        for z in range(8):
            masks = [[bool(m >> q & 1) for q in range(3)] for m in (z, x)]
            expected = state.expectation_value(Pauli(tuple(masks))).real
            assert values[x, z] == pytest.approx(expected, abs=1e-12)


def test_direct_fidelity_of_any_state_is_that_of_the_density_matrix() -> None:
    circuit = QuantumCircuit(3)
    for qubit in range(3):
        circuit.ry(0.7 + qubit, qubit)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.rz(0.3, 2)
    noise = NoiseModel().after("cx", depolarizing(0.1, 2))
    design = DirectFidelity(qubits=(0, 1, 2), circuit=circuit, n_settings=100)
    found = run_protocol(design, NoisyBackend(noise), shots=1000, seed=5)
    assert prepared(noise, circuit) in found["fidelity"]
    assert 1.0 not in found["fidelity"]


def test_circuits_with_measurements_are_refused() -> None:
    circuit = QuantumCircuit(2, 2)
    with pytest.raises(InvalidValue, match="no classical bits"):
        DirectFidelity(qubits=(0, 1), circuit=circuit)
    design = GhzFidelity(qubits=(0, 1))
    drawn = design.circuits(np.random.default_rng(6))[1:]
    with pytest.raises(InvalidValue, match="populations"):
        design.analyse(drawn, [{"00": 1}] * 2)
