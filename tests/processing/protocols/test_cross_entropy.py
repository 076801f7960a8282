"""Cross entropy against Porter-Thomas statistics and errors of known size."""

import numpy as np
import pytest

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.protocols import CrossEntropy, run_protocol
from qleap.processing.protocols.cross_entropy import linear_cross_entropy_error
from qleap.processing.protocols.outcomes import ideal_of
from tests.processing.protocols.drawn import draw, misses, most_misses


def test_variance_of_the_plain_estimator_is_that_of_porter_and_thomas() -> None:
    rng = np.random.default_rng(1)
    size, fidelity, shots, trials = 2**14, 0.4, 100, 4000
    exact = rng.exponential(size=size)
    exact /= exact.sum()
    outcomes = np.where(
        rng.random((trials, shots)) < fidelity,
        rng.choice(size, (trials, shots), p=exact),
        rng.integers(size, size=(trials, shots)),
    )
    plain = size * exact[outcomes].mean(axis=1) - 1.0
    expected = linear_cross_entropy_error(fidelity, shots)
    # The standard deviation of 4000 trials is known to 1.1 %, that of 2^14 chances
    # to 1.2 %.
    assert plain.std() == pytest.approx(expected, rel=0.05)
    assert plain.mean() == pytest.approx(fidelity, abs=0.03)


def test_deep_circuits_speckle_as_porter_and_thomas_say() -> None:
    design = CrossEntropy(qubits=tuple(range(8)), depths=(1, 24), n_circuits=4)
    drawn = design.circuits(np.random.default_rng(2))
    deep = [ideal_of(one) for one in drawn if one.metadata["depth"] == 24]
    speckle = np.mean([one.size * (one @ one) for one in deep])
    assert speckle == pytest.approx(2.0, abs=0.2)


def test_errors_of_all_qubits_lie_in_the_interval() -> None:
    noisy = NoisyBackend(NoiseModel().after("cz", depolarizing(0.04, 2)))
    found = run_protocol(CrossEntropy(qubits=(0, 1)), noisy, shots=500, seed=3)
    assert 0.96 in found["polarisation_per_layer"]
    assert 1.0 not in found["polarisation_per_layer"]
    assert 1.0 in found["amplitude"]
    base = found["polarisation_per_layer"].value
    process = base + (1.0 - base) / 16.0
    assert found["fidelity_per_layer"].value == pytest.approx(process, rel=1e-12)


def test_errors_of_single_gates_lie_in_the_interval() -> None:
    noisy = NoisyBackend(NoiseModel().after("cz", depolarizing(0.03, 2)))
    design = CrossEntropy(qubits=(0, 1, 2, 3), depths=(2, 8, 16, 24), n_circuits=12)
    found = run_protocol(design, noisy, shots=500, seed=4)
    gate = 1.0 - 0.03 * 15.0 / 16.0  # process fidelity; 3 gates in 2 layers
    assert gate**1.5 in found["fidelity_per_layer"]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    design = CrossEntropy(qubits=(0, 1, 2), depths=(2, 8, 20), n_circuits=10)
    rng = np.random.default_rng(5)
    pool = design.circuits(rng)
    exact = [ideal_of(one) for one in pool]
    shares = [0.9 * 0.97 ** one.metadata["depth"] for one in pool]
    found = []
    for _ in range(100):
        counts = [
            draw(f * p + (1.0 - f) / p.size, 200, rng)
            for f, p in zip(shares, exact, strict=True)
        ]
        found.append(design.analyse(pool, counts))
    bases = [one["polarisation_per_layer"] for one in found]
    amplitudes = [one["amplitude"] for one in found]
    assert misses(bases, 0.97) <= most_misses(100)
    assert misses(amplitudes, 0.9) <= most_misses(100)


def test_layers_have_the_same_turn_never_twice() -> None:
    design = CrossEntropy(qubits=(0, 1, 2), depths=(1, 12), n_circuits=3)
    for circuit in design.circuits(np.random.default_rng(6)):
        turns = [one for one in circuit.data if one.operation.name == "r"]
        axes = np.array([one.operation.params[1] for one in turns]).reshape(-1, 3)
        assert len(axes) == circuit.metadata["depth"] + 1
        assert np.all(np.diff(axes, axis=0) != 0.0)


def test_depths_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(InvalidValue, match="depths"):
        CrossEntropy(qubits=(0, 1), depths=(8, 2))
