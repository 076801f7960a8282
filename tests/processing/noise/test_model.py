"""Noise models: what is inserted where, and when."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import statevector
from qleap.processing.lowering import compile_circuit
from qleap.processing.noise import (
    Channel,
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    coherent,
    depolarizing,
    thermal_relaxation,
    zz_rotation,
)
from qleap.processing.noise.model import Schedule

Line = tuple[str, tuple[int, ...]]


def _lines(circuit: QuantumCircuit) -> list[Line]:
    """Return the instructions, channels by their names."""
    found = []
    for step in circuit.data:
        name = getattr(getattr(step.operation, "channel", None), "name", step.name)
        bits = step.qubits or step.clbits
        find = circuit.find_bit
        found.append((name, tuple(find(bit).index for bit in bits)))
    return found


def _channels(circuit: QuantumCircuit) -> list[Channel]:
    return [s.operation.channel for s in circuit.data if s.name == "channel"]


def _assert_same(found: Channel, expected: Channel) -> None:
    table: Any = found.transfer_matrix
    assert_allclose(table, expected.transfer_matrix, atol=1e-14)


def test_channels_follow_and_precede_the_gates_that_rules_name() -> None:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    damping, pair = amplitude_damping(0.1), depolarizing(0.1, 2)
    model = (
        NoiseModel()
        .after(1, damping)
        .before("cx", pair, qubits=(1, 2))
        .after("cx", damping)
        .after("cx", zz_rotation(0.1), qubits=(0, 1), on=(1, 2))
    )
    assert _lines(model.apply(circuit)) == [
        ("h", (0,)),
        (damping.name, (0,)),
        ("cx", (0, 1)),
        (damping.name, (0,)),
        (damping.name, (1,)),
        ("over_rotation(ZZ, 0.1)", (1, 2)),
        (pair.name, (1, 2)),
        ("cx", (1, 2)),
        (damping.name, (1,)),
        (damping.name, (2,)),
    ]


def test_gates_that_qiskit_does_not_know_get_the_noise_of_their_parts() -> None:
    part = QuantumCircuit(2, name="part", global_phase=0.3)
    part.cx(1, 0)
    circuit = QuantumCircuit(2)
    circuit.append(part.to_gate(), [1, 0])
    noise = depolarizing(0.1, 2)
    inside = NoiseModel().after("cx", noise).apply(circuit)
    assert _lines(inside) == [("cx", (0, 1)), (noise.name, (0, 1))]
    assert inside.global_phase == pytest.approx(0.3)
    whole = NoiseModel().after("part", noise).apply(circuit)
    assert _lines(whole) == [("part", (1, 0)), (noise.name, (1, 0))]


def test_bodies_of_control_flow_get_noise() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    noisy = NoiseModel().after("x", depolarizing(0.1)).apply(circuit)
    (body,) = noisy.data[-1].operation.blocks
    assert _lines(body)[0][0] == "x"
    assert _lines(body)[1][0].startswith("depolarizing")
    program = compile_circuit(noisy, noisy=True)
    assert len(program.channels) == 1


@pytest.mark.parametrize("schedule", ["asap", "alap"])
def test_idle_time_is_what_a_schedule_leaves(schedule: Schedule) -> None:
    circuit = QuantumCircuit(2)
    circuit.x(0)
    circuit.x(1)
    circuit.x(1)
    circuit.x(1)
    circuit.cx(0, 1)
    model = (
        NoiseModel()
        .while_idle(5e-5, 3e-5)
        .with_durations({"x": 50e-9, "cx": 300e-9}, schedule=schedule)
    )
    found = _channels(model.apply(circuit))
    if schedule == "alap":  # the single gate is moved next to the pair
        assert found == []
        return
    (channel,) = found
    expected = thermal_relaxation(5e-5, 3e-5, 100e-9)
    _assert_same(channel, expected)


def test_what_is_not_measured_relaxes_until_the_circuit_ends() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.x(0)
    circuit.x(1)
    circuit.x(1)
    circuit.measure(1, 0)
    model = (
        NoiseModel()
        .while_idle(5e-5, 3e-5)
        .with_durations({"x": 1e-7, "measure": 1e-6}, schedule="asap")
    )
    (channel,) = _channels(model.apply(circuit))
    expected = thermal_relaxation(5e-5, 3e-5, 1.1e-6)
    _assert_same(channel, expected)


@pytest.mark.parametrize(
    ("duration", "unit", "dt"),
    [(2e-6, "s", None), (2000, "ns", None), (1000, "dt", 2e-9)],
)
def test_a_qubit_relaxes_in_a_delay(
    duration: float, unit: str, dt: float | None
) -> None:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.delay(duration, 0, unit)
    model = NoiseModel().while_idle(5e-5, 3e-5)
    if dt is not None:
        model = model.with_durations({}, schedule="none", dt=dt)
    (channel,) = _channels(model.apply(circuit))
    expected = thermal_relaxation(5e-5, 3e-5, 2e-6)
    _assert_same(channel, expected)


def test_an_echo_turns_always_on_coupling_into_a_rotation() -> None:
    """With |11><11| an X in the middle of b leaves half the phase on a alone."""
    shift, wait = 1e5, 2e-6
    circuit = QuantumCircuit(2)
    circuit.h([0, 1])
    circuit.delay(wait / 2, 1, "s")
    circuit.x(1)
    circuit.delay(wait / 2, 1, "s")
    circuit.barrier()
    circuit.x(1)
    circuit.x(0)
    model = (
        NoiseModel()
        .with_crosstalk((1, 0), shift)
        .with_durations({"x": 0.0, "h": 0.0}, schedule="asap")
    )
    noisy = model.apply(circuit)
    ideal = noisy.copy_empty_like()
    for step in noisy.data:
        operation = step.operation
        if step.name == "channel":
            ideal.unitary(operation.channel.kraus[0], step.qubits)
        elif step.name != "delay":
            ideal.append(step)
    expected = QuantumCircuit(2)
    expected.h([0, 1])
    expected.p(-math.pi * shift * wait, 0)
    expected.x(0)
    overlap = abs(np.vdot(statevector(ideal), statevector(expected)))
    assert overlap == pytest.approx(1.0, abs=1e-12)


def test_readout_errors_follow_the_measurements() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.measure([2, 0, 1], [0, 1, 2])
    single, pair = ReadoutError.of_bit(0.1, 0.2), ReadoutError(np.eye(4)[::-1])
    model = NoiseModel().with_readout(single).with_readout(pair, (0, 2))
    noisy = model.apply(circuit)
    assert _lines(noisy)[3:] == [("readout_error", (1, 0)), ("readout_error", (2,))]
    assert noisy.data[3].operation.error is pair
    program = compile_circuit(noisy, noisy=True)
    assert program.has_terminal_measurements
    assert len(program.readouts) == 2


def test_a_correlated_error_of_some_bits_takes_the_others_as_zero() -> None:
    rng = np.random.default_rng(1)
    table = rng.random((8, 8))
    error = ReadoutError(table / table.sum(axis=0))
    part = error.of_bits([2, 0])
    for true in range(4):
        whole_true = (true & 1) << 2 | true >> 1
        for read in range(4):
            whole_read = (read & 1) << 2 | read >> 1
            expected = sum(
                error.assignment[whole_read | bit << 1, whole_true] for bit in (0, 1)
            )
            assert part.assignment[read, true] == pytest.approx(expected, abs=1e-14)


def test_a_new_readout_error_replaces_the_old_one() -> None:
    first, second = ReadoutError.of_bit(0.1, 0.2), ReadoutError.of_bit(0.0, 0.0)
    model = NoiseModel().with_readout(first, (0,)).with_readout(second, (0,))
    assert model.readouts == ((second, (0,)),)


def test_programs_with_noise_are_refused_by_the_ideal_simulator() -> None:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    noisy = NoiseModel().after("x", depolarizing(0.1)).apply(circuit)
    with pytest.raises(InvalidValue, match="noise instructions"):
        statevector(noisy)
    with pytest.raises(InvalidValue, match="no inverse"):
        noisy.inverse()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda m: m.after("cx", depolarizing(0.1, 2), qubits=(0,)),
            "acts on 2 qubits",
        ),
        (lambda m: m.after("cx", depolarizing(0.1, 2), qubits=(0, 0)), "different"),
        (lambda m: m.with_readout(ReadoutError(np.eye(4))), "needs as many qubits"),
        (lambda m: m.with_crosstalk((1,), 1.0), "two qubits"),
        (lambda m: m.while_idle(1e-5, 3e-5), "at most 2 t1"),
        (lambda m: m.with_durations({"x": -1.0}), "duration of x must be >= 0 s"),
        (lambda m: m.with_durations({}, schedule="soon"), "must be one of none, asap"),
        (lambda _: ReadoutError(np.full((2, 2), 0.4)), "add up to 1"),
        (lambda _: ReadoutError(np.eye(3)), r"2\*\*k rows"),
    ],
)
def test_impossible_rules_are_refused(make: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        make(NoiseModel())  # type: ignore[operator]


def test_a_rule_needs_a_channel() -> None:
    with pytest.raises(InvalidKind, match="must be a Channel"):
        NoiseModel().after("x", coherent)  # type: ignore[arg-type]


def test_a_delay_in_dt_needs_its_length() -> None:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.delay(100, 0, "dt")
    with pytest.raises(InvalidValue, match="does not say how long dt is"):
        NoiseModel().while_idle(5e-5, 3e-5).apply(circuit)
