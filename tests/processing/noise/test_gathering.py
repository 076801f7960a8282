"""Channels taken together: the same map, fewer events, jumps that still fit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Kraus

from qleap.processing.noise import (
    Channel,
    NoiseModel,
    amplitude_damping,
    depolarizing,
    thermal_relaxation,
)
from qleap.processing.noise.gathering import gathered
from qleap.processing.noise.instructions import ChannelInstruction
from qleap.processing.noise.methods import noisy_program
from qleap.processing.noise.unravelling import unravel
from qleap.processing.program import Kind, Program

DAMPED = amplitude_damping(0.02)


def _program(*steps: tuple[Channel, tuple[int, ...]]) -> Program:
    circuit = QuantumCircuit(3)
    circuit.h(range(3))
    for channel, qubits in steps:
        circuit.append(ChannelInstruction(channel), qubits)
    return noisy_program(circuit, None)


def _state(program: Program) -> np.ndarray:
    """Return the density matrix behind the channels, from one without symmetry."""
    rng = np.random.default_rng(3)
    vector = rng.normal(size=8) + 1j * rng.normal(size=8)
    state = DensityMatrix(np.outer(vector, vector.conj()) / np.vdot(vector, vector))
    for row, qubits in zip(program.operations, program.qubits, strict=True):
        if row[0] == Kind.CHANNEL:
            kraus = list(program.channels[row[4]].kraus)
            where = qubits[: kraus[0].shape[0].bit_length() - 1]
            state = state.evolve(Kraus(kraus), where)
    return np.asarray(state.data)


def _silent(program: Program) -> float:
    numbers = program.operations[program.operations[:, 0] == Kind.CHANNEL, 4]
    shares = [unravel(program.channels[number]).share for number in numbers]
    return float(np.prod(shares))


@pytest.mark.parametrize(
    "steps",
    [
        [(depolarizing(0.01), (1,)), (DAMPED, (1,))],
        [(DAMPED, (1,)), (depolarizing(0.01), (1,))],
        [(depolarizing(0.01, 2), (0, 2)), (DAMPED, (0,)), (DAMPED, (2,))],
        [(depolarizing(0.01, 2), (2, 0)), (DAMPED, (0,)), (DAMPED, (2,))],
        [(DAMPED, (0,)), (DAMPED, (2,)), (depolarizing(0.01, 2), (2, 0))],
        [(DAMPED, (0,)), (depolarizing(0.01), (1,)), (depolarizing(0.01, 2), (0, 1))],
        [(DAMPED, (0,)), (depolarizing(0.01, 2), (0, 1)), (DAMPED, (1,))],
    ],
)
def test_joint_channels_do_the_same_with_fewer_events(
    steps: list[tuple[Channel, tuple[int, ...]]],
) -> None:
    program = _program(*steps)
    found = gathered(program)
    assert_allclose(_state(found), _state(program), atol=1e-12)
    assert _silent(program) == 0.0
    assert _silent(found) > 0.8


def test_channels_keep_their_order_where_they_do_not_commute() -> None:
    # Damping of qubit 0 may not pass the pair's channel, nor join one beyond it.
    pair = depolarizing(0.3, 2).then(DAMPED.tensor(amplitude_damping(0.5)))
    program = _program(
        (depolarizing(0.01), (0,)), (pair, (0, 1)), (DAMPED, (0,)), (DAMPED, (1,))
    )
    assert_allclose(_state(gathered(program)), _state(program), atol=1e-12)


def test_channels_are_left_alone_where_little_is_gained() -> None:
    short = thermal_relaxation(100e-6, 80e-6, 50e-9)
    program = _program((depolarizing(1e-3), (0,)), (short, (0,)))
    found = gathered(program)
    assert_array_equal(found.operations, program.operations)
    assert found.channels == program.channels


def test_channels_on_both_sides_of_a_gate_stay_apart() -> None:
    circuit = QuantumCircuit(1)
    circuit.append(ChannelInstruction(depolarizing(0.01)), [0])
    circuit.ry(0.3, 0)
    circuit.append(ChannelInstruction(DAMPED), [0])
    program = noisy_program(circuit, None)
    assert_array_equal(gathered(program).operations, program.operations)


def test_channels_behind_a_condition_stay_apart_from_those_inside() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.ry(0.7, 0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.append(ChannelInstruction(depolarizing(0.01)), [0])
    circuit.append(ChannelInstruction(DAMPED), [0])
    program = noisy_program(circuit, NoiseModel())
    assert_array_equal(gathered(program).operations, program.operations)
