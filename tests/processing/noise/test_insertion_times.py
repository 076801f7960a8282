"""Noise of scheduled circuits: bodies, overlaps, what follows a measurement."""

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import NoisyBackend, run
from qleap.processing.noise import (
    NoiseModel,
    ReadoutError,
    density_matrix,
    depolarizing,
)
from qleap.processing.noise.model import Schedule

SHIFT = 25e3


@pytest.mark.parametrize("schedule", ["asap", "alap"])
def test_idle_time_in_a_body_is_that_of_a_circuit_without_it(
    schedule: Schedule,
) -> None:
    nested, flat = QuantumCircuit(2), QuantumCircuit(2)
    for circuit in (nested, flat):
        circuit.h([0, 1])
    with nested.for_loop(range(1)):
        for qubit in (0, 1):
            nested.delay(10, qubit, "us")
    for qubit in (0, 1):
        flat.delay(10, qubit, "us")
    model = (
        NoiseModel()
        .while_idle(3e-5, 2e-5)
        .with_crosstalk((0, 1), SHIFT)
        .with_durations({}, schedule=schedule)
    )
    found, expected = density_matrix(nested, model), density_matrix(flat, model)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert np.abs(expected - density_matrix(flat)).max() > 0.1


@pytest.mark.parametrize("schedule", ["asap", "alap"])
def test_a_qubit_outside_waits_for_the_longest_body(schedule: Schedule) -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.x([0, 1, 2])
    circuit.barrier()
    circuit.measure(2, 0)
    with circuit.if_test((0, 0)) as otherwise:
        circuit.delay(4, 0, "us")
    with otherwise:
        circuit.delay(1, 0, "us")
    circuit.barrier()
    circuit.x([0, 1])
    model = NoiseModel().while_idle(1e-5, 1e-5)
    model = model.with_durations({}, schedule=schedule)
    rho = density_matrix(circuit, model)
    zeros = np.diag(rho).real.reshape(2, 2, 2)
    excited = 1.0 - math.exp(-4e-6 / 1e-5)  # an X turned the decayed part to 1
    assert zeros[:, :, 1].sum() == pytest.approx(excited, abs=1e-12)
    assert zeros[:, 1, :].sum() == pytest.approx(excited, abs=1e-12)


def test_gates_that_overlap_act_in_the_order_of_their_middles() -> None:
    circuit = QuantumCircuit(2)
    circuit.h([0, 1])
    circuit.x([0, 1])
    model = (
        NoiseModel()
        .with_crosstalk((0, 1), SHIFT)
        .with_durations({("x", (0,)): 10e-6, ("x", (1,)): 2e-6}, schedule="asap")
    )
    state = np.full(4, 0.5, np.complex128)

    def wait(seconds: float) -> None:
        state[3] *= np.exp(-2j * np.pi * SHIFT * seconds)

    wait(1e-6)
    state[:] = state[[2, 3, 0, 1]]
    wait(4e-6)
    state[:] = state[[1, 0, 3, 2]]
    wait(5e-6)
    expected = np.outer(state, state.conj())
    np.testing.assert_allclose(density_matrix(circuit, model), expected, atol=1e-12)


def test_a_qubit_that_is_used_after_its_measurement_relaxes_to_the_end() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.x(0)
    circuit.delay(10, 0, "us")
    model = NoiseModel().while_idle(1e-5, 1e-5).with_durations({})
    excited = density_matrix(circuit, model)[1, 1].real
    assert excited == pytest.approx(math.exp(-1.0), abs=1e-12)


@pytest.mark.parametrize("method", ["density_matrix", "trajectories", "mps"])
@pytest.mark.parametrize("between", [False, True])
def test_a_bit_that_is_measured_again_is_misread_once(
    method: str, between: bool
) -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    if between:
        circuit.id(0)
    circuit.measure(1, 0)
    model = NoiseModel().with_readout(ReadoutError.of_bit(0.2, 0.2))
    machine = NoisyBackend(model, method=method)  # type: ignore[arg-type]
    ones = run(circuit, shots=20_000, seed=1, backend=machine).counts["1"]
    assert abs(ones - 4000) < 4 * math.sqrt(20_000 * 0.2 * 0.8)


def test_measurements_apart_in_the_circuit_are_misread_together() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    circuit.id(1)
    circuit.measure(1, 1)
    pair = ReadoutError(np.eye(4)[::-1])
    model = NoiseModel().with_readout(pair, (0, 1))
    steps = list(model.apply(circuit).data)
    assert [step.name for step in steps][-1] == "readout_error"
    assert steps[-1].operation.error is pair
    one_by_one = model.with_durations({"measure": 1e-6, "id": 2e-6}, schedule="asap")
    names = [step.name for step in one_by_one.apply(circuit).data]
    assert names == ["measure", "id", "readout_error", "measure", "readout_error"]


def test_a_rule_for_delays_acts() -> None:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.delay(1, 0, "us")
    rho = density_matrix(circuit, NoiseModel().after("delay", depolarizing(0.2)))
    assert rho[0, 0].real == pytest.approx(0.1, abs=1e-12)


def test_gates_are_run_as_they_are_written() -> None:
    """No optimisation takes gates away that have noise."""
    circuit = QuantumCircuit(2)
    for _ in range(4):
        circuit.x(0)
        circuit.cx(0, 1)
        circuit.cx(0, 1)
    expected = np.diag(density_matrix(circuit, NOISE)).real
    circuit.measure_all()
    counts = run(circuit, shots=8000, seed=2, backend=NoisyBackend(NOISE)).counts
    for state, p in enumerate(expected):
        often = counts.get(f"{state:02b}", 0)
        assert abs(often - 8000 * p) < 4 * math.sqrt(8000 * p * (1 - p))


NOISE = NoiseModel().after(1, depolarizing(0.1)).after(2, depolarizing(0.1, 2))


def test_wide_circuits_run_where_a_method_has_room_for_them() -> None:
    circuit = QuantumCircuit(60)
    circuit.x(range(60))
    circuit.measure_all()
    machine = NoisyBackend(NoiseModel().after("cx", depolarizing(0.1, 2)))
    assert run(circuit, shots=10, seed=1, backend=machine).counts == {"1" * 60: 10}


@pytest.mark.parametrize(
    ("gates", "options", "kind", "message"),
    [
        ([1, 2], {}, InvalidKind, "names of instructions"),
        ([], {}, InvalidKind, "names of instructions"),
        (1.5, {}, InvalidKind, "names of instructions"),
        ("h", {"on": [5]}, InvalidValue, "qubit 5"),
    ],
)
def test_rules_that_match_nothing_are_refused(
    gates: object, options: dict[str, list[int]], kind: type[Exception], message: str
) -> None:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    with pytest.raises(kind, match=message):
        NoiseModel().after(gates, depolarizing(0.1), **options).apply(circuit)  # type: ignore[arg-type]


def test_a_channel_on_more_qubits_than_the_gate_is_refused() -> None:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    with pytest.raises(InvalidValue, match="as many qubits"):
        NoiseModel().after("h", depolarizing(0.1, 2)).apply(circuit)


def test_crosstalk_without_times_is_refused() -> None:
    with pytest.raises(InvalidValue, match="schedule='alap'"):
        NoiseModel().with_crosstalk((0, 1), SHIFT).apply(QuantumCircuit(2))
