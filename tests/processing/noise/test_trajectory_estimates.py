"""Expectation values of trajectories: errors, when to stop, seeds and threads."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import DensityMatrix, Kraus, Operator, SparsePauliOp

from qleap.core.errors import InvalidValue
from qleap.core.jit import set_threads, threads
from qleap.processing import statevector
from qleap.processing.noise import (
    Channel,
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    depolarizing,
    over_rotation,
    pauli_channel,
    thermal_relaxation,
    trajectories,
)
from qleap.processing.noise.methods import noisy_program
from qleap.processing.noise.shared_path import FUSED_FROM, SharedPath
from qleap.processing.noise.trajectories import SMALLEST_BATCH, estimate
from qleap.processing.paulis import pauli_sum

SEEDS = range(12)
SIGMAS = 4.0

OBSERVABLES = [
    SparsePauliOp(["ZZI", "IXX", "YIY"], [0.7, -0.4, 1.1]),
    SparsePauliOp("ZII"),
    SparsePauliOp("XYZ"),
]


@pytest.fixture
def _restored_threads() -> Iterator[None]:
    before = threads()
    yield
    set_threads(before)


def _entangled(n_qubits: int = 3) -> QuantumCircuit:
    circuit = QuantumCircuit(n_qubits)
    for qubit in range(n_qubits):
        circuit.ry(0.9 + 0.4 * qubit, qubit)
        circuit.rz(0.4 - 0.3 * qubit, qubit)
    for qubit in range(n_qubits - 1):
        circuit.cx(qubit, qubit + 1)
    for qubit in range(n_qubits):
        circuit.rx(0.7 + 0.2 * qubit, qubit)
    return circuit


def _exact(noisy: QuantumCircuit, operators: list[Any]) -> np.ndarray:
    state = DensityMatrix.from_label("0" * noisy.num_qubits)
    for step in noisy.data:
        qubits = [noisy.find_bit(qubit).index for qubit in step.qubits]
        if step.name == "channel":
            state = state.evolve(Kraus(list(step.operation.channel.kraus)), qubits)
        else:
            state = state.evolve(Operator(step.operation), qubits)
    return np.array([state.expectation_value(one).real for one in operators])


CHANNELS = [
    depolarizing(0.1),
    pauli_channel({"X": 0.7}),
    over_rotation("X", 0.4).then(depolarizing(0.1)),
    thermal_relaxation(1.0, 0.7, 0.2, 0.1),
    thermal_relaxation(1.0, 1.9, 0.2),
    amplitude_damping(0.2),
]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_means_agree_with_the_density_matrix_within_their_errors(
    channel: Channel,
) -> None:
    noisy = NoiseModel().after(1, channel).after(2, channel).apply(_entangled())
    program = noisy_program(noisy, None)
    sums = [pauli_sum(one, 3) for one in OBSERVABLES]
    exact = _exact(noisy, OBSERVABLES)
    deviations = []
    for seed in SEEDS:
        values, errors = trajectories.expectations(program, sums, 500, seed)
        deviations.append((values - exact) / errors)
    assert np.abs(deviations).max() < SIGMAS
    # The errors are right, not only large enough: squares average to about one.
    assert 0.5 < np.mean(np.square(deviations)) < 1.8


def test_means_after_feedback_agree_with_the_circuit_without() -> None:
    # Deferred measurement: a gate chosen by a result is the controlled gate.
    chosen, controlled = QuantumCircuit(2, 1), QuantumCircuit(2)
    for circuit in (chosen, controlled):
        circuit.ry(1.0, 0)
        circuit.ry(0.4, 1)
    chosen.measure(0, 0)
    with chosen.if_test((chosen.clbits[0], 1)):
        chosen.rx(0.9, 1)
    controlled.crx(0.9, 0, 1)
    model = NoiseModel().after("ry", amplitude_damping(0.3))
    operators = [SparsePauliOp("ZI"), SparsePauliOp("YI"), SparsePauliOp("ZZ")]
    exact = _exact(model.apply(controlled), operators)
    found = estimate(chosen, model, operators, standard_error=0.02, seed=3)
    assert_allclose(found.values, exact, atol=SIGMAS * 0.02)
    assert found.standard_errors.max() <= 0.02


@pytest.mark.parametrize("wanted", [0.01, 0.003])
def test_trajectories_are_added_until_the_error_is_small_enough(wanted: float) -> None:
    model = NoiseModel().after(2, depolarizing(0.2, 2)).after(1, depolarizing(0.05))
    found = estimate(_entangled(), model, OBSERVABLES, standard_error=wanted, seed=1)
    assert found.standard_errors.max() <= wanted
    assert found.standard_errors.max() > 0.6 * wanted  # nor are there far too many
    exact = _exact(model.apply(_entangled()), OBSERVABLES)
    assert np.abs((found.values - exact) / found.standard_errors).max() < SIGMAS


def test_the_reported_error_is_the_spread_of_repeated_estimates() -> None:
    model = NoiseModel().after(2, depolarizing(0.2, 2))
    found = [
        estimate(_entangled(), model, OBSERVABLES[0], standard_error=0.05, seed=seed)
        for seed in range(40)
    ]
    spread = np.std([one.values[0] for one in found], ddof=1)
    reported = np.mean([one.standard_errors[0] for one in found])
    assert 0.7 < spread / reported < 1.4


def test_no_more_trajectories_than_allowed_are_run() -> None:
    model = NoiseModel().after(2, depolarizing(0.2, 2))
    found = estimate(
        _entangled(), model, "ZZZ", standard_error=1e-6, max_shots=100, seed=1
    )
    assert found.n_trajectories == 100
    assert found.standard_errors[0] > 1e-6


def test_without_events_the_value_is_exact() -> None:
    model = NoiseModel().after(1, over_rotation("X", 0.2))
    found = estimate(_entangled(), model, OBSERVABLES, standard_error=1e-9)
    assert found.n_trajectories == 0
    assert_array_equal(found.standard_errors, 0.0)
    exact = _exact(model.apply(_entangled()), OBSERVABLES)
    assert_allclose(found.values, exact, atol=1e-12)


def test_rare_events_cost_few_trajectories() -> None:
    # Trajectories without an event, nearly all, are known and not sampled.
    model = NoiseModel().after(2, depolarizing(1e-4, 2))
    found = estimate(_entangled(), model, OBSERVABLES, standard_error=1e-4, seed=2)
    assert found.n_trajectories == SMALLEST_BATCH
    exact = _exact(model.apply(_entangled()), OBSERVABLES)
    assert np.abs((found.values - exact) / found.standard_errors).max() < SIGMAS


def test_idle_qubits_are_in_their_ground_state() -> None:
    circuit = QuantumCircuit(5)
    circuit.ry(0.8, 3)
    operators = [SparsePauliOp(label) for label in ("ZZZZZ", "IZIII", "IXIIX", "ZIIII")]
    found = estimate(circuit, None, operators, standard_error=0.1)
    expected = [math.cos(0.8), math.cos(0.8), 0.0, 1.0]
    assert_allclose(found.values, expected, atol=1e-12)


@pytest.mark.usefixtures("_restored_threads")
@pytest.mark.parametrize("n_qubits", [3, FUSED_FROM, FUSED_FROM + 1])
def test_results_do_not_depend_on_the_number_of_threads(n_qubits: int) -> None:
    model = NoiseModel().after(1, thermal_relaxation(1.0, 0.8, 0.02))
    model = model.after(2, depolarizing(0.02, 2)).with_readout(
        ReadoutError.of_bit(0.1, 0.2)
    )
    circuit = _entangled(n_qubits)
    measured = circuit.copy()
    measured.measure_all()
    reused = circuit.copy()
    reused.reset(0)
    reused.measure_all()
    programs = [noisy_program(one, model) for one in (measured, reused)]
    observable = SparsePauliOp(["Z" * n_qubits, "X" * n_qubits])
    results = []
    for count in (1, 2):
        set_threads(min(count, threads()))
        samples = [trajectories.sample(program, 50, 9) for program in programs]
        mean = estimate(
            circuit, model, observable, standard_error=1.0, max_shots=40, seed=4
        )
        results.append((samples, mean))
    (one, first), (two, second) = results
    assert_array_equal(one[0], two[0])
    assert_array_equal(one[1], two[1])
    assert_array_equal(first.values, second.values)
    assert_array_equal(first.standard_errors, second.standard_errors)


def test_seeds_decide_and_shots_begin_alike() -> None:
    circuit = _entangled()
    circuit.measure_all()
    program = noisy_program(circuit, NoiseModel().after(1, depolarizing(0.2)))
    many = trajectories.sample(program, 300, 5)
    assert_array_equal(trajectories.sample(program, 300, 5), many)
    assert_array_equal(trajectories.sample(program, 100, 5), many[:100])
    assert (trajectories.sample(program, 300, 6) != many).any()


def test_a_wide_state_without_events_is_the_statevector() -> None:
    circuit = _entangled(FUSED_FROM + 1)
    model = NoiseModel().after(2, over_rotation("ZX", 0.3))
    noisy = circuit.copy_empty_like()
    for step in circuit.data:
        noisy.append(step)
        if step.name == "cx":
            noisy.unitary(over_rotation("ZX", 0.3).kraus[0], step.qubits)
    path = SharedPath(noisy_program(circuit, model))
    assert_allclose(path.final(), statevector(noisy), atol=1e-12)


def test_too_many_qubits_are_refused_with_the_memory_they_need() -> None:
    circuit = QuantumCircuit(45)
    circuit.h(range(45))
    with pytest.raises(InvalidValue, match="states of 45 qubits need"):
        estimate(circuit, None, "Z" * 45, standard_error=0.1)


def test_free_parameters_are_refused() -> None:
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("a"), 0)
    with pytest.raises(InvalidValue, match="parameter"):
        estimate(circuit, None, "Z", standard_error=0.1)


@pytest.mark.parametrize("wanted", [0.0, -1.0, math.nan])
def test_an_error_that_cannot_be_reached_is_refused(wanted: float) -> None:
    with pytest.raises(InvalidValue, match="standard_error must be"):
        estimate(_entangled(), None, "ZZZ", standard_error=wanted)


def test_estimated_seconds_grow_with_shots_and_qubits() -> None:
    model = NoiseModel().after(1, depolarizing(0.1))
    programs = [noisy_program(_entangled(n), model) for n in (3, 10, 14)]
    times = [trajectories.seconds(program, 1000) for program in programs]
    assert times[0] < times[1] < times[2]
    assert trajectories.seconds(programs[0], 10) < times[0]
