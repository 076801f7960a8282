"""Benchmarking: injected errors come back; Clifford gates are the whole group."""

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Clifford, Statevector
from scipy.stats import chi2

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend, backend
from qleap.processing.noise import NoiseModel, ReadoutError, depolarizing
from qleap.processing.protocols import (
    LayerFidelity,
    RandomizedBenchmarking,
    run_protocol,
)
from qleap.processing.protocols.cliffords import draw_cliffords
from qleap.processing.protocols.placing import place
from qleap.processing.protocols.randomized_benchmarking import systematic_bound

COUPLERS = np.array([576, 5184, 5184, 576]) / 11520
"""Shares of the Clifford gates on two qubits that take 0, 1, 2 and 3 CX gates: the 24^2
products, those classes with 24^2 * 9 elements each, and the products after a SWAP."""


def contraction(strength: float, n_qubits: int) -> float:
    """Return by what our depolarising channel shrinks the Bloch vector."""
    pauli = depolarizing(strength, n_qubits).pauli
    assert pauli is not None
    d2 = 4**n_qubits
    return float(1 - d2 / (d2 - 1) * pauli[1:].sum())


def noisy(gates: list[str], strength: float, n_qubits: int) -> NoisyBackend:
    model = NoiseModel().after(gates, depolarizing(strength, n_qubits))
    model = model.with_readout(ReadoutError.of_bit(0.02, 0.05))
    return NoisyBackend(model, method="density_matrix")


def test_drawn_gates_on_one_qubit_are_all_24_equally_often() -> None:
    drawn = draw_cliffords(1, 4800, np.random.default_rng(2))
    keys = [Clifford(circuit).tableau.tobytes() for circuit in drawn[:4800:4]]
    counts = np.unique(keys, return_counts=True)[1]
    assert counts.size == 24
    assert np.sum((counts - 50) ** 2 / 50) < chi2.ppf(0.999, 23)
    assert max(sum(c.count_ops().get(g, 0) for g in ("sx", "x")) for c in drawn) == 1


def test_drawn_gates_on_two_qubits_take_as_many_couplers_as_the_group_has() -> None:
    drawn = draw_cliffords(2, 2000, np.random.default_rng(3))
    counts = np.bincount([c.count_ops().get("cx", 0) for c in drawn], minlength=4)
    assert np.sum((counts - 2000 * COUPLERS) ** 2 / (2000 * COUPLERS)) < chi2.ppf(
        0.999, 3
    )


@pytest.mark.parametrize("known", [False, True])
def test_every_sequence_ends_in_its_target(known: bool) -> None:
    design = RandomizedBenchmarking(
        qubits=(4, 2), lengths=(1, 3, 5), samples=4, known_asymptote=known
    )
    targets = []
    for circuit in design.circuits(np.random.default_rng(4)):
        plain = circuit.remove_final_measurements(inplace=False)
        (target,) = circuit.metadata["targets"]
        assert Statevector(plain).probabilities_dict().get(target, 0) > 1 - 1e-9
        targets.append(target)
        assert circuit.count_ops()["barrier"] == circuit.metadata["length"] + 1
    assert len(set(targets)) == (4 if known else 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_injected_error_of_pulses_comes_back_within_its_interval(seed: int) -> None:
    factor = (20 * contraction(0.01, 1) + 4) / 24  # 20 of 24 take a pulse
    design = RandomizedBenchmarking(
        qubits=(1,), lengths=(1, 30, 80, 160), samples=6, known_asymptote=seed > 1
    )
    found = run_protocol(design, noisy(["sx", "x"], 0.01, 1), shots=400, seed=seed)
    assert (1 - factor) / 2 in found["error_per_clifford"]
    assert found["error_per_clifford"].high < (1 - factor)
    assert found.pulses_per_clifford == pytest.approx(5 / 6, rel=0.05)


@pytest.mark.parametrize("seed", [1, 2])
def test_an_injected_error_of_an_interleaved_gate_comes_back(seed: int) -> None:
    f = contraction(0.03, 2)
    factor = float(COUPLERS @ f ** np.arange(4))
    design = RandomizedBenchmarking(
        qubits=(0, 1),
        lengths=(1, 6, 15, 40),
        samples=8,
        interleaved="cx",
        known_asymptote=True,
    )
    found = run_protocol(design, noisy(["cx"], 0.03, 2), shots=400, seed=seed)
    assert 0.75 * (1 - factor) in found["error_per_clifford"]
    assert 0.75 * (1 - f) in found["error_per_gate"]
    assert found["error_per_gate"].high < 0.05
    bounds = found["error_per_gate_bounds"]
    assert bounds.low <= found["error_per_gate"].value <= bounds.high
    assert found.to_dataset()["survival"].shape == (2, 1, 4, 8)


def test_simultaneous_groups_find_the_error_of_their_own_qubits() -> None:
    model = NoiseModel().after(["sx", "x"], depolarizing(0.02), qubits=[3])
    model = model.after(["sx", "x"], depolarizing(0.004), qubits=[1])
    design = RandomizedBenchmarking(
        qubits=(3, 1), width=1, lengths=(1, 40, 120), samples=6, known_asymptote=True
    )
    machine = NoisyBackend(model, method="density_matrix")
    found = run_protocol(design, machine, shots=400, seed=5)
    for qubit, strength in ((3, 0.02), (1, 0.004)):
        factor = (20 * contraction(strength, 1) + 4) / 24
        assert (1 - factor) / 2 in found[f"error_per_clifford_q{qubit}"]


def test_the_systematic_bound_is_the_smaller_of_the_two_published() -> None:
    # d = 2, p = 0.99, ratio 0.995: (0.005 + 0.01) / 2 against more than 0.6.
    assert systematic_bound(0.99, 0.995, 2) == pytest.approx(0.0075)
    # d = 2, p = 0.1: (|0.1 - 1| + 0.9) / 2 = 0.9, the other one is above 30.
    assert systematic_bound(0.1, 1.0, 2) == pytest.approx(0.9)


def test_nothing_is_cancelled_across_barriers_on_a_device() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    circuit = QuantumCircuit(1, 1)
    for _ in range(6):
        circuit.sx(0)
        circuit.barrier()
    circuit.measure(0, 0)
    machine = backend("local:noisy=kawasaki")
    (placed,) = place([circuit], machine, (7,))
    assert placed.count_ops()["sx"] == 6
    assert {placed.find_bit(step.qubits[0]).index for step in placed.data} == {7}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"qubits": (0, 1, 2)}, "width, qubits of a Clifford gate, must be between 1"),
        ({"qubits": (0, 1, 2), "width": 2}, "groups of 2, got 3 qubits"),
        ({"qubits": (0, 0)}, "must be different qubits"),
        ({"qubits": (0,), "interleaved": "t"}, "must name a Clifford gate on 1"),
        ({"qubits": (0,), "interleaved": "cx"}, "must name a Clifford gate on 1"),
        ({"qubits": (0,), "lengths": (5, 1, 9)}, "lengths must increase"),
    ],
)
def test_bad_designs_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        RandomizedBenchmarking(**settings)


def test_a_known_asymptote_needs_all_states_equally_often() -> None:
    # 1 is misread as 0 in 10 %: sequences that all end in 0 fall to 0.55, not to 0.5.
    with pytest.raises(
        InvalidValue, match=r"multiple of 2 for known_asymptote.* take 4"
    ):
        RandomizedBenchmarking(qubits=(0,), samples=3, known_asymptote=True)
    with pytest.raises(InvalidValue, match=r"in all 4 states equally .* got 1; take 4"):
        LayerFidelity(qubits=(0, 1), samples=1)
    design = RandomizedBenchmarking(
        qubits=(0,), lengths=(1, 100, 300), samples=2, known_asymptote=True
    )
    circuits = design.circuits(np.random.default_rng(1))
    counts = []
    for circuit in circuits:
        right = 0.5 + 0.5 * 0.99 ** circuit.metadata["length"]
        one = right if circuit.metadata["targets"] == ["1"] else 1.0 - right
        ones = round(1_000_000 * 0.9 * one)
        counts.append({"1": ones, "0": 1_000_000 - ones})
    found = design.analyse(circuits, counts)["error_per_clifford"]
    assert found.value == pytest.approx(0.005, rel=1e-3)
