"""Readout: injected assignment matrices come back, with correlations of pairs."""

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, ReadoutError
from qleap.processing.protocols import ReadoutFidelity, run_protocol
from qleap.processing.protocols.readout import correlation, share

FIRST, SECOND = ReadoutError.of_bit(0.01, 0.03), ReadoutError.of_bit(0.02, 0.06)
CORRELATED = 0.98 * np.kron(SECOND.assignment, FIRST.assignment) + 0.02 * np.fliplr(
    np.eye(4)
)
"""In 2 % of the shots both bits are wrong at once."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_injected_matrices_come_back_within_their_intervals(seed: int) -> None:
    model = NoiseModel().with_readout(ReadoutError(CORRELATED), [4, 1])
    model = model.with_readout(ReadoutError.of_bit(0.03, 0.08), [2])
    design = ReadoutFidelity(qubits=(4, 1, 2), pairs=((4, 1), (1, 2)))
    found = run_protocol(design, NoisyBackend(model), shots=3000, seed=seed)
    assert 0.03 in found["one_for_zero_q2"]
    assert 0.08 in found["zero_for_one_q2"]
    assert 1 - 0.055 in found["fidelity_q2"]
    assert 0.98 * 0.01 + 0.02 in found["one_for_zero_q4"]
    assert correlation(CORRELATED) in found["correlation_q4_q1"]
    assert found["correlation_q4_q1"].low > 0
    assert 0.0 in found["correlation_q1_q2"]
    assert np.abs(found.assignment(4, 1) - CORRELATED).max() < 0.03
    assert found.to_dataset()["pair_shots"].sum() == 2 * 6 * 3000


@pytest.mark.parametrize("n", [1, 2, 5, 8, 9])
def test_few_circuits_prepare_every_pair_in_all_four_states(n: int) -> None:
    circuits = ReadoutFidelity(qubits=tuple(range(n))).circuits(
        np.random.default_rng(0)
    )
    assert len(circuits) == 2 + 2 * int(np.ceil(np.log2(n)))
    rows = [circuit.metadata["prepared"] for circuit in circuits]
    for a, b in itertools.combinations(range(n), 2):
        assert len({(row[a], row[b]) for row in rows}) == 4


def test_shares_have_the_exact_interval_of_scipy() -> None:
    for hits, shots in ((0, 50), (3, 200), (50, 50)):
        exact = binomtest(hits, shots).proportion_ci(0.99, "exact")
        found = share(hits, shots)
        assert (found.low, found.high) == pytest.approx((exact.low, exact.high))


def test_the_fidelity_holds_the_truth_in_99_of_100_repetitions() -> None:
    rng = np.random.default_rng(3)
    design = ReadoutFidelity(qubits=(0,))
    circuits = design.circuits(rng)
    hits = 0
    for _ in range(100):
        wrong = rng.binomial(800, [0.01, 0.04])
        counts = [
            {"1": int(wrong[0]), "0": 800 - int(wrong[0])},
            {"0": int(wrong[1]), "1": 800 - int(wrong[1])},
        ]
        hits += 0.975 in design.analyse(circuits, counts)["fidelity_q0"]
    assert hits >= 96


def test_independent_bits_are_not_correlated() -> None:
    product = np.array(np.kron(SECOND.assignment, FIRST.assignment), np.float64)
    assert correlation(product) == pytest.approx(0, abs=1e-15)


def test_matrices_that_were_not_measured_are_refused() -> None:
    design = ReadoutFidelity(qubits=(0, 1))
    found = run_protocol(design, seed=1)
    assert np.array_equal(found.assignment(1), np.eye(2))
    with pytest.raises(InvalidValue, match=r"matrix of \[0, 1\] was not measured"):
        found.assignment(0, 1)
    with pytest.raises(InvalidValue, match="pairs must be of the qubits"):
        ReadoutFidelity(qubits=(0, 1), pairs=((0, 3),))
