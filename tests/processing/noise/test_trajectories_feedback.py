"""Noisy circuits whose measurements choose what follows, against exact results.

The exact results are written on Qiskit's density matrices alone: one for every record
of classical bits, so that conditions and readout errors are exact, too.
"""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.quantum_info import DensityMatrix, Kraus, Operator

from qleap.processing.bits import unpack
from qleap.processing.noise import (
    Channel,
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    depolarizing,
    kraus_channel,
    thermal_relaxation,
    trajectories,
)
from qleap.processing.noise.methods import noisy_program

SEEDS = range(12)
SHOTS = 2000
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


Ensemble = dict[tuple[int, ...], DensityMatrix]


def _ensemble(noisy: QuantumCircuit) -> Ensemble:
    """Return the unnormalised state for each record that can come out."""
    start = DensityMatrix.from_label("0" * noisy.num_qubits)
    record = (0,) * noisy.num_clbits
    qubits = list(range(noisy.num_qubits))
    return _run(noisy, {record: start}, qubits, list(range(noisy.num_clbits)))


def _probabilities(noisy: QuantumCircuit) -> NDArray[np.float64]:
    """Return the probability of each value of the classical bits."""
    found = np.zeros(2**noisy.num_clbits)
    for record, state in _ensemble(noisy).items():
        value = sum(bit << k for k, bit in enumerate(record))
        found[value] += np.trace(state.data).real
    return found


def _run(
    circuit: QuantumCircuit, states: Ensemble, qubits: list[int], bits: list[int]
) -> Ensemble:
    for step in circuit.data:
        where = [qubits[circuit.find_bit(q).index] for q in step.qubits]
        read = [bits[circuit.find_bit(c).index] for c in step.clbits]
        states = _step(circuit, step.operation, states, where, read, bits)
    return states


def _step(
    circuit: QuantumCircuit,
    operation: Any,
    states: Ensemble,
    where: list[int],
    read: list[int],
    bits: list[int],
) -> Ensemble:
    name = operation.name
    if name == "barrier":
        return states
    if name == "channel":
        kraus = Kraus(list(operation.channel.kraus))
        return {record: rho.evolve(kraus, where) for record, rho in states.items()}
    if name == "reset":
        kraus = Kraus([ZERO, DOWN])
        return {record: rho.evolve(kraus, where) for record, rho in states.items()}
    if name == "measure":
        return _measured(states, where, read[0])
    if name == "readout_error":
        return _misread(states, operation.error.assignment, read)
    if name == "while_loop":
        return _repeated(circuit, operation, states, where, read, bits)
    if name in ("if_else", "for_loop", "switch_case"):
        parts = []
        for record, rho in states.items():
            after = {record: rho}
            for body in _bodies(circuit, operation, record, bits):
                after = _run(body, after, where, read)
            parts.append(after)
        return _sum(parts)
    matrix = Operator(operation)
    return {record: rho.evolve(matrix, where) for record, rho in states.items()}


def _measured(states: Ensemble, where: list[int], bit: int) -> Ensemble:
    parts = []
    for record, rho in states.items():
        for value, projector in enumerate((ZERO, ONE)):
            after = (*record[:bit], value, *record[bit + 1 :])
            parts.append({after: rho.evolve(Kraus([projector]), where)})
    return _sum(parts)


def _misread(
    states: Ensemble, assignment: NDArray[np.float64], read: list[int]
) -> Ensemble:
    parts = []
    for record, rho in states.items():
        true = sum(record[bit] << k for k, bit in enumerate(read))
        for value, weight in enumerate(assignment[:, true]):
            changed = list(record)
            for k, bit in enumerate(read):
                changed[bit] = value >> k & 1
            parts.append({tuple(changed): DensityMatrix(rho.data * weight)})
    return _sum(parts)


def _repeated(
    circuit: QuantumCircuit,
    operation: Any,
    states: Ensemble,
    where: list[int],
    read: list[int],
    bits: list[int],
) -> Ensemble:
    parts, left = [], states
    while left:
        inside = {}
        for record, rho in left.items():
            if np.trace(rho.data).real < NEGLIGIBLE:
                continue
            if _holds(circuit, operation.condition, record, bits):
                inside[record] = rho
            else:
                parts.append({record: rho})
        left = _run(operation.blocks[0], inside, where, read) if inside else {}
    return _sum(parts)


def _bodies(
    circuit: QuantumCircuit, operation: Any, record: tuple[int, ...], bits: list[int]
) -> list[QuantumCircuit]:
    if operation.name == "for_loop":
        indices, _, body = operation.params
        return [body] * len(indices)
    if operation.name == "if_else":
        holds = _holds(circuit, operation.condition, record, bits)
        chosen = operation.blocks[0 if holds else 1 :][:1]
        return list(chosen)
    value = _value(circuit, operation.target, record, bits)
    for labels, body in operation.cases_specifier():
        if value in labels or CASE_DEFAULT in labels:
            return [body]
    return []


def _holds(
    circuit: QuantumCircuit, condition: Any, record: tuple[int, ...], bits: list[int]
) -> bool:
    target, wanted = condition
    return _value(circuit, target, record, bits) == int(wanted)


def _value(
    circuit: QuantumCircuit, target: Any, record: tuple[int, ...], bits: list[int]
) -> int:
    members = list(target) if isinstance(target, ClassicalRegister) else [target]
    places = [bits[circuit.find_bit(bit).index] for bit in members]
    return sum(record[place] << k for k, place in enumerate(places))


def _sum(parts: list[Ensemble]) -> Ensemble:
    found: dict[tuple[int, ...], Any] = defaultdict(lambda: 0.0)
    for part in parts:
        for record, rho in part.items():
            found[record] = found[record] + rho.data
    return {record: DensityMatrix(rho) for record, rho in found.items()}


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


def _agree(noisy: QuantumCircuit) -> None:
    deviations = [_deviation(noisy, seed) for seed in SEEDS]
    assert max(deviations) < SIGMAS
    # The errors are neither too large: over so many outcomes some must be felt.
    assert max(deviations) > 1.0


def _teleported() -> QuantumCircuit:
    """Return a state handed on by measurements whose results choose gates."""
    circuit = QuantumCircuit(3, 3)
    circuit.ry(1.1, 0)
    circuit.rz(0.6, 0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(2)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.z(2)
    with otherwise:
        circuit.rx(0.3, 2)
    circuit.rx(0.8, 2)
    circuit.measure(2, 2)
    return circuit


def _until_zero() -> QuantumCircuit:
    """Return a circuit that repeats a measurement until it reads zero."""
    circuit = QuantumCircuit(2, 3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.ry(0.9, 0)
        circuit.cx(0, 1)
        circuit.measure(0, 0)
    circuit.ry(0.5, 1)
    circuit.measure([0, 1], [1, 2])
    return circuit


def _chosen_by_register() -> QuantumCircuit:
    """Return a circuit with a switch on two measured bits and a counted loop."""
    qubits, chosen = QuantumRegister(3), ClassicalRegister(2, "chosen")
    found = ClassicalRegister(1, "found")
    circuit = QuantumCircuit(qubits, chosen, found)
    circuit.ry(1.0, 0)
    circuit.ry(1.4, 1)
    circuit.cx(0, 1)
    circuit.measure([0, 1], chosen)
    with circuit.switch(chosen) as case:
        with case(0):
            circuit.ry(0.3, 2)
        with case(1, 2):
            circuit.ry(1.2, 2)
        with case(case.DEFAULT):
            circuit.x(2)
    with circuit.for_loop(range(3)):
        circuit.rx(0.4, 2)
        circuit.cx(2, 0)
    circuit.measure(2, found)
    return circuit


def _with_resets() -> QuantumCircuit:
    """Return a circuit that reuses a qubit."""
    circuit = QuantumCircuit(2, 3)
    circuit.ry(1.2, 0)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.ry(0.7, 0)
    circuit.cx(1, 0)
    circuit.measure([0, 1], [1, 2])
    return circuit


@pytest.mark.parametrize(
    "make", [_teleported, _until_zero, _chosen_by_register, _with_resets]
)
@pytest.mark.parametrize(
    "channel",
    [depolarizing(0.1), RELAXED, amplitude_damping(0.2)],
    ids=lambda channel: channel.name,
)
def test_measurements_choose_what_follows_and_are_misread(
    make: Callable[[], QuantumCircuit], channel: Channel
) -> None:
    model = NoiseModel().after(1, channel).after(2, channel).after("reset", channel)
    model = model.with_readout(MISREAD)
    _agree(model.apply(make()))


def test_correlated_readout_errors_choose_what_follows() -> None:
    model = NoiseModel().after(2, RELAXED).with_readout(CORRELATED, [0, 1])
    _agree(model.apply(_teleported()))
