"""Quantum volume against Qiskit's states, noise of known strength, and coverage."""

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.protocols import QuantumVolume, run_protocol
from qleap.processing.protocols.outcomes import ideal_of
from qleap.processing.protocols.volume import HEAVY_LIMIT
from tests.processing.protocols.drawn import draw, misses, most_misses


def test_exact_distributions_are_those_of_qiskit() -> None:
    design = QuantumVolume(qubits=(0, 1, 2), n_circuits=2)
    for circuit in design.circuits(np.random.default_rng(1)):
        circuit.remove_final_measurements()
        kept = range(circuit.metadata["width"])
        expected = Statevector(circuit).probabilities(kept)
        np.testing.assert_allclose(ideal_of(circuit), expected, atol=1e-13)


def test_heavy_share_without_errors_is_that_of_porter_and_thomas() -> None:
    design = QuantumVolume(qubits=tuple(range(9)), widths=(9,), n_circuits=10)
    drawn = design.circuits(np.random.default_rng(2))
    counts = [draw(ideal_of(one), 4000, np.random.default_rng(3)) for one in drawn]
    found = design.analyse(drawn, counts)
    assert found.ideal.mean() == pytest.approx(HEAVY_LIMIT, abs=0.01)
    assert found.ideal.mean() in found["heavy_9"]
    assert 1.0 in found["polarisation_9"]


def test_uniform_outcomes_are_half_heavy_and_pass_nothing() -> None:
    design = QuantumVolume(qubits=(0, 1, 2), n_circuits=100)
    rng = np.random.default_rng(4)
    drawn = design.circuits(rng)
    counts = [draw(np.ones(2 ** c.metadata["width"]), 300, rng) for c in drawn]
    found = design.analyse(drawn, counts)
    for width in (2, 3):
        assert 0.5 in found[f"heavy_{width}"]
        assert 0.0 in found[f"polarisation_{width}"]
    assert found["log2_volume"].high == 0.0


def test_bound_is_that_of_the_published_algorithm() -> None:
    design = QuantumVolume(qubits=(0, 1), n_circuits=100)
    shots, n_circuits = 500, design.n_circuits
    rng = np.random.default_rng(5)
    drawn = design.circuits(rng)
    counts = [draw(ideal_of(one) + 0.02, shots, rng) for one in drawn]
    found = design.analyse(drawn, counts)
    heavy = found.heavy.sum() * shots
    spread = 2.0 * np.sqrt(heavy * (shots - heavy / n_circuits))
    bound = (heavy - spread) / (n_circuits * shots)
    assert found.bounds[0] == pytest.approx(bound, rel=1e-12)


def test_a_width_passes_with_a_hundred_circuits_alone() -> None:
    for n_circuits, volume in ((100, 2.0), (99, 0.0)):
        design = QuantumVolume(qubits=(0, 1), n_circuits=n_circuits)
        found = run_protocol(design, "local", shots=200, seed=6)
        assert found["log2_volume"].value == volume


def test_injected_depolarisation_lies_in_the_interval() -> None:
    noisy = NoisyBackend(NoiseModel().after(2, depolarizing(0.08, 2)))
    design = QuantumVolume(qubits=(0, 1), n_circuits=40)
    found = run_protocol(design, noisy, seed=7)
    assert 0.92**2 in found["polarisation_2"]
    assert 1.0 not in found["polarisation_2"]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    design = QuantumVolume(qubits=(0, 1, 2), widths=(3,), n_circuits=12)
    rng = np.random.default_rng(8)
    pool = design.circuits(rng)
    found = []
    for _ in range(100):
        chances = [0.7 * ideal_of(one) + 0.3 / 8.0 for one in pool]
        counts = [draw(one, 200, rng) for one in chances]
        found.append(design.analyse(pool, counts)["polarisation_3"])
    assert misses(found, 0.7) <= most_misses(100)


def test_a_width_beyond_the_qubits_is_refused() -> None:
    with pytest.raises(InvalidValue, match="widths"):
        QuantumVolume(qubits=(0, 1), widths=(2, 3))
    with pytest.raises(InvalidValue, match="ascend"):
        QuantumVolume(qubits=(0, 1, 2), widths=(3, 2))
