"""Sampled trajectories against exact distributions, with every kind of noise.

The exact results are written on Qiskit's density matrices alone.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import DensityMatrix, Kraus, Operator

from qleap.processing.bits import unpack
from qleap.processing.noise import (
    Channel,
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    depolarizing,
    kraus_channel,
    over_rotation,
    pauli_channel,
    thermal_relaxation,
    trajectories,
    zz_rotation,
)
from qleap.processing.noise.methods import noisy_program
from qleap.processing.noise.shared_path import FUSED_FROM

SEEDS = range(20, 28)
SHOTS = 1000
SIGMAS = 4.0

ZERO, ONE = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
DOWN = np.array([[0.0, 1.0], [0.0, 0.0]])
NEGLIGIBLE = 1e-12

RELAXED = thermal_relaxation(1.0, 0.8, 0.2, 0.2)
SLOWLY_DEPHASED = thermal_relaxation(1.0, 1.8, 0.3)
PAIR_DECAY = kraus_channel(
    [
        np.diag([1.0, 1.0, math.sqrt(0.7), math.sqrt(0.4)]),
        math.sqrt(0.3) * np.outer([0, 1, 0, 0], [0, 0, 1, 0]),
        math.sqrt(0.6) * np.outer([1, 0, 0, 0], [0, 0, 0, 1]),
    ],
    "pair decay",
)
MISREAD = ReadoutError.of_bit(0.05, 0.15)
CORRELATED = ReadoutError(
    np.array(
        [
            [0.90, 0.05, 0.10, 0.02],
            [0.04, 0.80, 0.02, 0.08],
            [0.05, 0.03, 0.80, 0.10],
            [0.01, 0.12, 0.08, 0.80],
        ]
    )
)


def _probabilities(noisy: QuantumCircuit) -> NDArray[np.float64]:
    """Return the exact probability of each value of the classical bits.

    Nothing may follow a measurement but readout errors.
    """
    state = DensityMatrix.from_label("0" * noisy.num_qubits)
    measured: dict[int, int] = {}
    errors = []
    for step in noisy.data:
        qubits = [noisy.find_bit(qubit).index for qubit in step.qubits]
        bits = [noisy.find_bit(bit).index for bit in step.clbits]
        if step.name == "measure":
            measured[bits[0]] = qubits[0]
        elif step.name == "readout_error":
            errors.append((step.operation.error.assignment, bits))
        elif step.name == "channel":
            state = state.evolve(Kraus(list(step.operation.channel.kraus)), qubits)
        elif step.name != "barrier":
            state = state.evolve(Operator(step.operation), qubits)
    order = [measured[bit] for bit in range(noisy.num_clbits)]
    found: NDArray[np.float64] = state.probabilities(order)
    index = np.arange(found.size)
    for assignment, bits in errors:
        true = sum((index >> bit & 1) << k for k, bit in enumerate(bits))
        rest = index & ~sum(1 << bit for bit in bits)
        after = np.zeros_like(found)
        for read, weights in enumerate(assignment):
            place = rest | sum((read >> k & 1) << bit for k, bit in enumerate(bits))
            np.add.at(after, place, weights[true] * found)
        found = after
    return found


def _deviation(noisy: QuantumCircuit, seed: int) -> float:
    """Return the largest difference of a frequency, in standard errors."""
    exact = _probabilities(noisy)
    assert exact.sum() == pytest.approx(1.0)
    packed = trajectories.sample(noisy_program(noisy, None), SHOTS, seed)
    bits = unpack(packed, noisy.num_clbits).astype(np.int64)
    values = bits @ (1 << np.arange(noisy.num_clbits))
    counts = np.bincount(values, minlength=exact.size)
    assert not counts[exact < NEGLIGIBLE].any()
    error = np.sqrt(np.maximum(exact * (1.0 - exact) / SHOTS, 1.0 / SHOTS**2))
    return float(np.max(np.abs(counts / SHOTS - exact) / error))


@pytest.fixture(params=["shot by shot", "along a shared path"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test both ways, which the number of qubits chooses elsewhere."""
    if request.param == "along a shared path":
        monkeypatch.setattr(trajectories, "FUSED_FROM", 0)


def _agree(noisy: QuantumCircuit) -> None:
    deviations = [_deviation(noisy, seed) for seed in SEEDS]
    assert max(deviations) < SIGMAS
    # The errors are neither too large: over so many outcomes some must be felt.
    assert max(deviations) > 1.0


def _entangled() -> QuantumCircuit:
    """Return three qubits in a state without symmetry, measured."""
    circuit = QuantumCircuit(3, 3)
    for qubit, angle in enumerate((0.9, 1.7, 2.3)):
        circuit.ry(angle, qubit)
        circuit.rz(0.4 + angle, qubit)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.rx(0.7, 0)
    circuit.ry(0.5, 1)
    circuit.rx(1.1, 2)
    circuit.measure(range(3), range(3))
    return circuit


@pytest.mark.parametrize(
    "channel",
    [
        depolarizing(0.2),
        pauli_channel({"X": 0.1, "Y": 0.05, "Z": 0.2}),
        pauli_channel({"X": 0.7}),
        over_rotation("Y", 0.4),
        over_rotation("X", 0.4).then(depolarizing(0.1)),
        amplitude_damping(0.3),
        amplitude_damping(0.3, 0.3),
        RELAXED,
        SLOWLY_DEPHASED,
        SLOWLY_DEPHASED.then(depolarizing(0.1)),
    ],
    ids=lambda channel: channel.name,
)
def test_noise_of_one_qubit_after_every_gate(channel: Channel) -> None:
    model = NoiseModel().after(1, channel).after(2, channel)
    _agree(model.apply(_entangled()))


@pytest.mark.parametrize(
    "channel",
    [
        depolarizing(0.3, 2),
        pauli_channel({"XX": 0.2, "ZY": 0.2}),
        zz_rotation(0.8),
        PAIR_DECAY,
        PAIR_DECAY.then(depolarizing(0.1, 2)),
        RELAXED.tensor(SLOWLY_DEPHASED),
    ],
    ids=lambda channel: channel.name,
)
def test_noise_of_two_qubits_after_every_cx(channel: Channel) -> None:
    _agree(NoiseModel().after("cx", channel).apply(_entangled()))


def test_noise_of_several_kinds_at_once() -> None:
    model = NoiseModel().after(1, depolarizing(0.05)).after(1, RELAXED)
    model = model.after(2, depolarizing(0.1, 2)).after(2, amplitude_damping(0.1))
    model = model.before(2, over_rotation("Z", 0.2)).with_readout(MISREAD)
    _agree(model.apply(_entangled()))


def test_correlated_readout_errors() -> None:
    model = NoiseModel().after(2, RELAXED).with_readout(CORRELATED, [2, 0])
    _agree(model.apply(_entangled()))


@pytest.mark.parametrize("seed", range(4))
def test_random_circuits(seed: int) -> None:
    circuit = random_circuit(4, 4, max_operands=3, seed=seed, measure=True)
    model = NoiseModel().after(1, RELAXED).after(2, PAIR_DECAY).after(3, RELAXED)
    _agree(model.after(2, depolarizing(0.05, 2)).apply(circuit))


@pytest.mark.parametrize("_way", ["shot by shot"], indirect=True)
def test_wide_states_are_fused_and_agree_as_well() -> None:
    # The added qubits are entangled with the three that are read, and freed again.
    narrow = _entangled()
    wide = QuantumCircuit(FUSED_FROM, 3)
    wide.h(range(3, FUSED_FROM))
    for step in narrow.data:
        qubits = [narrow.find_bit(qubit).index for qubit in step.qubits]
        bits = [narrow.find_bit(bit).index for bit in step.clbits]
        wide.append(step.operation, qubits, bits)
        if step.name == "cx":
            for _ in range(2):
                for qubit in range(3, FUSED_FROM):
                    wide.cz(qubits[0], qubit)
    model = (
        NoiseModel()
        .after(["rz", "cx"], RELAXED)
        .after("rx", over_rotation("X", 0.4).then(depolarizing(0.1)))
    )
    exact = _probabilities(model.apply(narrow))
    program = noisy_program(model.apply(wide), None)
    counts = np.zeros(exact.size)
    for seed in SEEDS:
        read = unpack(trajectories.sample(program, SHOTS // 2, seed), 3)
        counts += np.bincount(read.astype(np.int64) @ (1, 2, 4), minlength=exact.size)
    shots = counts.sum()
    error = np.sqrt(exact * (1.0 - exact) / shots)
    assert np.max(np.abs(counts / shots - exact) / error) < SIGMAS
