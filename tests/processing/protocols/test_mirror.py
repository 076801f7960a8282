"""Mirror circuits against stabiliser states and errors of known size."""

from typing import Any

import numpy as np
import pytest
from qiskit.quantum_info import StabilizerState
from scipy import stats

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.protocols import CrossEntropy, MirrorCircuits, run_protocol
from qleap.processing.protocols.mirror import effective_polarisation
from tests.processing.protocols.drawn import draw, misses, most_misses


@pytest.mark.parametrize("entangler", ["cz", "cx"])
def test_the_outcome_is_that_of_the_stabiliser_state(entangler: Any) -> None:
    design = MirrorCircuits(
        qubits=(0, 1, 2, 3), depths=(0, 10), n_circuits=4, entangler=entangler
    )
    targets = set()
    for circuit in design.circuits(np.random.default_rng(1)):
        circuit.remove_final_measurements()
        found = StabilizerState(circuit).probabilities_dict()
        assert found == {circuit.metadata["target"]: 1.0}
        targets.add(circuit.metadata["target"])
    assert len(targets) > 2


def test_effective_polarisation_is_one_of_the_outcome_and_zero_of_all() -> None:
    for n_qubits in (1, 3, 8):
        away = np.arange(n_qubits + 1)
        assert effective_polarisation((away == 0) * 1.0) == pytest.approx(1.0)
        uniform = stats.binom.pmf(away, n_qubits, 0.5)
        assert effective_polarisation(uniform) == pytest.approx(0.0, abs=1e-15)


def test_density_is_the_share_of_qubits_with_a_gate_on_two() -> None:
    design = MirrorCircuits(
        qubits=tuple(range(8)), depths=(0, 40), n_circuits=3, density=0.4
    )
    drawn = design.circuits(np.random.default_rng(2))[3:]
    gates = sum(one.count_ops()["cz"] for one in drawn)
    # 60 independent layers, each with 1.6 +- 1.1 gates, and its inverse.
    assert gates / (3 * 40) == pytest.approx(1.6, abs=0.5)


@pytest.mark.parametrize("entangler", ["cz", "cx"])
def test_errors_of_gates_lie_in_the_interval(entangler: Any) -> None:
    error = 0.04
    noisy = NoisyBackend(NoiseModel().after(entangler, depolarizing(error, 2)))
    design = MirrorCircuits(
        qubits=(0, 1), depths=(0, 6, 20), n_circuits=25, entangler=entangler
    )
    found = run_protocol(design, noisy, shots=400, seed=3)
    # Half of the layers have the gate, and their inverses too.
    base = np.sqrt(0.5 + 0.5 * (1.0 - error) ** 2)
    assert base in found["polarisation_per_layer"]
    assert 15.0 / 16.0 * (1.0 - base) in found["infidelity_per_layer"]
    assert 1.0 not in found["polarisation_per_layer"]


def test_nothing_is_cancelled_on_a_device() -> None:
    design = MirrorCircuits(qubits=(0, 1), depths=(0, 20), n_circuits=3, density=1.0)
    found = run_protocol(design, "local:noisy=kawasaki", shots=400, seed=4)
    assert found.effective[1].max() < found.effective[0].min()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    design = MirrorCircuits(qubits=(0, 1, 2), depths=(0, 8, 24), n_circuits=10)
    rng = np.random.default_rng(5)
    pool = design.circuits(rng)
    found = []
    for _ in range(100):
        counts = []
        for one in pool:
            right = int(one.metadata["target"], 2)
            share = 0.95 * 0.98 ** one.metadata["depth"]
            chances = np.full(8, (1.0 - share) / 8.0)
            chances[right] += share
            drawn = rng.multinomial(200, chances)
            counts.append({f"{k:03b}": int(drawn[k]) for k in np.flatnonzero(drawn)})
        found.append(design.analyse(pool, counts))
    bases = [one["polarisation_per_layer"] for one in found]
    assert misses(bases, 0.98) <= most_misses(100)


def test_sixty_qubits_need_no_state() -> None:
    design = MirrorCircuits(qubits=tuple(range(60)), depths=(0, 4), n_circuits=3)
    drawn = design.circuits(np.random.default_rng(6))
    found = design.analyse(drawn, [{one.metadata["target"]: 9} for one in drawn])
    assert found["polarisation_per_layer"].value == pytest.approx(1.0)


def test_an_odd_depth_is_refused() -> None:
    with pytest.raises(InvalidValue, match="multiples of 2"):
        MirrorCircuits(qubits=(0, 1), depths=(0, 3))
    with pytest.raises(InvalidValue, match="edge"):
        MirrorCircuits(qubits=(0, 1), edges=((0, 2),))


@pytest.mark.parametrize("protocol", [MirrorCircuits, CrossEntropy])
def test_a_device_of_which_only_noise_comes_may_have_any_decay(protocol: Any) -> None:
    design = protocol(qubits=(0, 1), depths=(2, 4, 8), n_circuits=4)
    rng = np.random.default_rng(7)
    circuits = design.circuits(rng)
    found = []
    for _ in range(60):
        counts = [draw(np.full(4, 0.25), 100, rng) for _ in circuits]
        found.append(design.analyse(circuits, counts)["polarisation_per_layer"])
    assert misses(found, 0.0) <= most_misses(60)
    assert misses(found, 1.0) <= most_misses(60)
    assert all(np.exp(-10.0) <= one.value <= np.exp(1 / 8) for one in found)
