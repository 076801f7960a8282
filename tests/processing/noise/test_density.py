"""The density matrix against Qiskit, QuTiP and Aer, and circuits with measurements."""

import itertools
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit.library import DiagonalGate, MCXGate, UnitaryGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import (
    DensityMatrix,
    SparsePauliOp,
    random_unitary,
)

from qleap.core import jit
from qleap.core.errors import InvalidValue
from qleap.processing import memory
from qleap.processing.bits import unpack
from qleap.processing.lowering import compile_circuit
from qleap.processing.noise import (
    ChannelInstruction,
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    density,
    density_matrix,
    depolarizing,
    kraus_channel,
    over_rotation,
    pauli_channel,
    phase_damping,
    probabilities,
    thermal_relaxation,
    zz_rotation,
)
from qleap.processing.noise.methods import choose, noisy_program
from qleap.processing.paulis import pauli_sum

Matrix = NDArray[np.complex128]
seeds = st.integers(0, 2**31 - 1)

ROUNDING = 1e-12


def by_qiskit(circuit: QuantumCircuit) -> Matrix:
    """Return the density matrix as Qiskit finds it, instruction by instruction."""
    state = DensityMatrix.from_label("0" * circuit.num_qubits)
    for step in circuit.data:
        qubits = [circuit.find_bit(bit).index for bit in step.qubits]
        if step.name == "reset":
            state = state.reset(qubits)
        elif step.name == "channel":
            state = state.evolve(step.operation.channel.to_qiskit(), qubits)
        else:
            state = state.evolve(step.operation, qubits)
    return np.asarray(state.data)


def noise() -> NoiseModel:
    return (
        NoiseModel()
        .after(1, depolarizing(0.01))
        .after(1, thermal_relaxation(50e-6, 70e-6, 1e-6, 0.1))
        .before(2, zz_rotation(0.05))
        .after(2, amplitude_damping(0.02))
        .after(2, depolarizing(0.03, 2))
        .after(3, over_rotation("XYZ", 0.1))
    )


def random_noisy_circuit(rng: np.random.Generator, n_qubits: int) -> QuantumCircuit:
    """Return random gates on up to four qubits among random channels and resets."""
    gates = random_circuit(
        n_qubits, 5, max_operands=4, seed=int(rng.integers(2**31)), reset=False
    )
    circuit = QuantumCircuit(n_qubits)
    for step in gates.data:
        circuit.append(step.operation, [gates.find_bit(q).index for q in step.qubits])
        place = rng.permutation(n_qubits)
        if rng.random() < 0.6:
            width = min(int(rng.integers(1, 4)), n_qubits)
            channel = random_channel(rng, width)
            circuit.append(ChannelInstruction(channel), place[:width].tolist())
        elif rng.random() < 0.2:
            circuit.reset(int(place[0]))
    return circuit


def random_channel(rng: np.random.Generator, n_qubits: int) -> Any:
    size = 2**n_qubits
    known: list[Callable[[], Any]] = [
        lambda: depolarizing(rng.random(), n_qubits),
        lambda: pauli_channel({"".join(rng.choice(list("XYZ"), n_qubits)): 0.3}),
        lambda: over_rotation("".join(rng.choice(list("XYZ"), n_qubits)), 0.4),
    ]
    if n_qubits == 1:
        known += [
            lambda: amplitude_damping(rng.random(), rng.random()),
            lambda: phase_damping(rng.random()),
        ]

    def any_kraus() -> Any:  # a random isometry in three parts
        mixed = rng.normal(size=(3 * size, size)) + 1j * rng.normal(
            size=(3 * size, size)
        )
        return kraus_channel(list(np.linalg.qr(mixed)[0].reshape(3, size, size)))

    return [*known, any_kraus][rng.integers(len(known) + 1)]()


@settings(max_examples=60, deadline=None)
@given(seed=seeds, n_qubits=st.integers(1, 8))
def test_random_circuits_with_random_channels_agree_with_qiskit(
    seed: int, n_qubits: int
) -> None:
    circuit = random_noisy_circuit(np.random.default_rng(seed), n_qubits)
    expected = by_qiskit(circuit)
    assert_allclose(density_matrix(circuit), expected, rtol=0, atol=ROUNDING)
    diagonal = np.diagonal(expected).real
    assert_allclose(probabilities(circuit), diagonal, rtol=0, atol=ROUNDING)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_gates_on_one_pair_are_fused_in_either_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(3)
    for qubit in range(3):
        circuit.u(*rng.uniform(0, 6, 3), qubit)
    for _ in range(8):
        pair = rng.permutation(3 if rng.random() < 0.2 else 2)[:2].tolist()
        kind = rng.integers(8)
        if kind == 0:
            circuit.rzx(rng.uniform(0, 6), *pair)
        elif kind == 1:
            circuit.sx(pair[0])
        elif kind == 2:
            mixed = pauli_channel({"XY": 0.1, "ZX": 0.2})
            circuit.append(ChannelInstruction(mixed), pair)
        else:
            name = ["cx", "iswap", "ecr", "dcx", "csx"][kind - 3]
            getattr(circuit, name)(*pair)
    expected = by_qiskit(circuit)
    assert_allclose(density_matrix(circuit), expected, rtol=0, atol=ROUNDING)


@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_models_on_nine_qubits_agree_with_qiskit(seed: int) -> None:
    circuit = random_circuit(9, 2, max_operands=3, seed=seed)
    noisy = noise().apply(circuit)
    found = density_matrix(circuit, noise())
    assert_allclose(found, by_qiskit(noisy), rtol=0, atol=ROUNDING)


def test_decay_agrees_with_the_master_equation_of_qutip() -> None:
    t1, t2, time = 40e-6, 50e-6, 13e-6
    circuit = QuantumCircuit(2)
    circuit.ry(0.7, 0)
    circuit.cx(0, 1)
    circuit.rx(0.4, 1)
    before = density_matrix(circuit)
    relaxation = ChannelInstruction(thermal_relaxation(t1, t2, time))
    for qubit in (0, 1):
        circuit.append(relaxation, [qubit])
    jumps = []
    for qubit in (0, 1):
        for matrix, rate in (
            (qutip.fock(2, 0) * qutip.fock(2, 1).dag(), 1 / t1),
            (qutip.sigmaz(), 0.5 * (1 / t2 - 0.5 / t1)),
        ):
            parts = [qutip.qeye(2), qutip.qeye(2)]
            parts[1 - qubit] = matrix  # QuTiP's first factor counts most
            jumps.append(np.sqrt(rate * time) * qutip.tensor(parts))
    generator = qutip.liouvillian(None, jumps)
    start = qutip.operator_to_vector(qutip.Qobj(before, dims=[[2, 2], [2, 2]]))
    after = qutip.vector_to_operator(generator.expm() * start).full()
    assert_allclose(density_matrix(circuit), after, atol=ROUNDING)


def test_agrees_with_the_density_matrix_of_aer() -> None:
    aer = pytest.importorskip("qiskit_aer")
    from qiskit_aer.noise import NoiseModel as AerModel

    rng = np.random.default_rng(3)
    circuit = QuantumCircuit(5)
    known, both = ["sx", "h", "t"], ["cx", "cz", "swap"]
    for _ in range(60):
        first, second = rng.permutation(5)[:2].tolist()
        getattr(circuit, rng.choice(known))(first)
        getattr(circuit, rng.choice(both))(first, second)
    one, pair = amplitude_damping(0.03), depolarizing(0.05, 2)
    theirs = AerModel(basis_gates=[*known, *both])
    theirs.add_all_qubit_quantum_error(one.to_qiskit(), known)
    theirs.add_all_qubit_quantum_error(pair.to_qiskit(), both)
    ours = NoiseModel().after(1, one).after(2, pair)
    saved = circuit.copy()
    saved.save_density_matrix()
    simulator = aer.AerSimulator(method="density_matrix", noise_model=theirs)
    expected = simulator.run(saved).result().data(0)["density_matrix"]
    found = density_matrix(circuit, ours)
    assert_allclose(found, np.asarray(expected), rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("n_qubits", [5, 7])
def test_gates_on_five_qubits_act_on_both_sides(n_qubits: int) -> None:
    circuit = QuantumCircuit(n_qubits)
    for qubit in range(n_qubits):
        circuit.ry(0.3 + qubit, qubit)
        circuit.rx(0.2 * qubit, qubit)
    order = [4, 1, 0, 3, 2]
    circuit.append(MCXGate(4, ctrl_state=5), order)
    circuit.append(UnitaryGate(random_unitary(32, seed=1)), order)
    circuit.append(DiagonalGate(list(np.exp(1j * np.arange(32)))), order[::-1])
    circuit.ry(0.3, 1)
    expected = DensityMatrix(circuit).data
    assert_allclose(density_matrix(circuit), expected, rtol=0, atol=ROUNDING)


def test_expectations_are_exact_and_without_error() -> None:
    circuit = noise().apply(random_circuit(4, 6, max_operands=3, seed=8))
    observables = [
        SparsePauliOp.from_list([("XYZI", 0.5), ("ZZII", -1.5), ("IYIX", 2.0)]),
        SparsePauliOp.from_list([("IIII", 1.0), ("YYYY", 0.25)]),
    ]
    program = compile_circuit(circuit, noisy=True)
    sums = [pauli_sum(one, 4) for one in observables]
    found, errors = density.expectations(program, sums, 0, 0)
    state = DensityMatrix(by_qiskit(circuit))
    expected = [state.expectation_value(one).real for one in observables]
    assert_allclose(found, expected, rtol=0, atol=ROUNDING)
    assert_array_equal(errors, 0.0)


def shares(circuit: QuantumCircuit, model: NoiseModel, shots: int = 40_000) -> Any:
    """Return how often each value of all classical bits occurs."""
    program = noisy_program(circuit, model)
    bits = unpack(density.sample(program, shots, 5), program.n_clbits)
    values = bits.astype(np.int64) @ (1 << np.arange(program.n_clbits))
    return np.bincount(values, minlength=1 << program.n_clbits) / shots


def assert_shares(found: Any, expected: Any, shots: int = 40_000) -> None:
    error = np.sqrt(np.maximum(expected * (1.0 - np.asarray(expected)), 1e-9) / shots)
    assert np.all(np.abs(found - expected) < 5.0 * error)


def test_samples_follow_the_diagonal_and_the_readout_errors() -> None:
    circuit = random_circuit(3, 4, max_operands=2, seed=4)
    expected = np.diagonal(by_qiskit(noise().apply(circuit))).real
    measured = circuit.copy()
    measured.measure_all()
    assert_shares(shares(measured, noise()), expected)
    error = ReadoutError.of_bit(0.1, 0.3)
    whole = np.kron(error.assignment, np.kron(error.assignment, error.assignment))
    assert_shares(shares(measured, noise().with_readout(error)), whole @ expected)


def test_a_qubit_can_be_measured_reset_and_measured_again() -> None:
    circuit = QuantumCircuit(1, 2)
    circuit.ry(2 * np.arcsin(np.sqrt(0.3)), 0)
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.ry(2 * np.arcsin(np.sqrt(0.2)), 0)
    circuit.measure(0, 1)
    model = NoiseModel().with_readout(ReadoutError.of_bit(0.1, 0.2))
    first, second = (0.1 + 0.7 * p for p in (0.3, 0.2))
    expected = np.kron([1 - second, second], [1 - first, first])
    assert_shares(shares(circuit, model), expected)


def test_outcomes_of_one_qubit_stay_correlated() -> None:
    circuit = QuantumCircuit(2, 3)
    circuit.h(0)
    circuit.measure(0, 0)
    circuit.cx(0, 1)
    circuit.measure(0, 1)
    circuit.measure(1, 2)
    found = shares(circuit, NoiseModel().after("cx", amplitude_damping(0.25)))
    expected = np.zeros(8)
    expected[0] = 0.5
    expected[[0b111, 0b011, 0b101, 0b001]] = 0.5 * np.kron([0.75, 0.25], [0.75, 0.25])
    assert_shares(found, expected)


def teleportation(angle: float) -> QuantumCircuit:
    circuit = QuantumCircuit(
        QuantumRegister(3), ClassicalRegister(1), ClassicalRegister(1)
    )
    circuit.ry(angle, 0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    circuit.measure(1, 1)
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(2)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(2)
    return circuit


def test_conditions_follow_each_outcome() -> None:
    angle = 0.8
    circuit = teleportation(angle)
    program = noisy_program(circuit, None)
    sums = [pauli_sum("ZII", 3), pauli_sum("XII", 3)]
    found, _ = density.expectations(program, sums, 0, 0)
    assert_allclose(found, [np.cos(angle), np.sin(angle)], atol=ROUNDING)
    whole = DensityMatrix(density_matrix(circuit))
    assert_allclose(whole.expectation_value(SparsePauliOp("ZII")), np.cos(angle))


def test_what_a_condition_reads_has_its_readout_error() -> None:
    wrong = 0.2  # each wrong bit flips Z or X of what arrives
    model = NoiseModel().with_readout(ReadoutError.of_bit(wrong, wrong))
    circuit = teleportation(0.8)
    program = noisy_program(circuit, model)
    sums = [pauli_sum("ZII", 3), pauli_sum("XII", 3)]
    found, _ = density.expectations(program, sums, 0, 0)
    kept = 1 - 2 * wrong
    assert_allclose(found, [kept * np.cos(0.8), kept * np.sin(0.8)], atol=ROUNDING)
    circuit.add_register(ClassicalRegister(1))
    circuit.measure(2, 2)
    share = shares(circuit, model).reshape(2, 4).sum(axis=1)[1]
    true = 0.5 * (1 - kept * np.cos(0.8))
    assert abs(share - (wrong + kept * true)) < 5 * 0.5 / np.sqrt(40_000)


def test_samples_are_the_same_for_any_number_of_threads() -> None:
    circuit = QuantumCircuit(9, 9)
    for qubit in range(9):
        circuit.ry(0.4 + qubit, qubit)
    for first, second in itertools.pairwise(range(9)):
        circuit.cx(first, second)
    circuit.measure(range(9), range(9))
    program = noisy_program(circuit, noise())
    before = jit.threads()
    found, states = [], []
    try:
        for threads in (1, max(2, os.cpu_count() or 1)):
            jit.set_threads(threads)
            found.append(density.sample(program, 5000, 11))
            states.append(density_matrix(circuit, noise()))
    finally:
        jit.set_threads(before)
    assert_array_equal(found[0], found[1])
    assert_array_equal(states[0], states[1])
    assert not np.array_equal(found[0], density.sample(program, 5000, 12))


def test_refuses_in_one_sentence_what_it_cannot_follow() -> None:
    loop = QuantumCircuit(1, 1)
    with loop.while_loop((loop.clbits[0], 0)):
        loop.x(0)
        loop.measure(0, 0)
    many = QuantumCircuit(1, 9)
    for bit in range(9):
        many.h(0)
        many.measure(0, bit)
    many.h(0)
    for circuit, words in ((loop, "while loop"), (many, "at most 8")):
        program = compile_circuit(circuit)
        with pytest.raises(InvalidValue, match=words):
            choose(program, 100, "density_matrix")
        with pytest.raises(InvalidValue, match=words):
            density.sample(program, 100, 1)
    many.data.pop(0)
    found = density_matrix(many)  # nobody reads the bits: no branches
    assert_allclose(found, 0.5 * np.eye(2), atol=ROUNDING)


def test_refuses_what_the_memory_does_not_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 2**20)
    circuit = QuantumCircuit(9)
    circuit.h(range(9))
    refusal = density.refusal(compile_circuit(circuit))
    assert refusal is not None
    assert "a density matrix of 9 qubits needs" in refusal
    with pytest.raises(InvalidValue, match="a density matrix of 9 qubits"):
        density_matrix(circuit)


def test_the_time_grows_with_the_state_and_the_gates() -> None:
    programs = []
    for n_qubits, depth in ((4, 3), (9, 3), (9, 9)):
        circuit = QuantumCircuit(n_qubits)
        for _ in range(depth):
            circuit.cx(0, 1)
        programs.append(compile_circuit(circuit))
    times = [density.seconds(program, 100) for program in programs]
    assert times == sorted(times)
    assert 0.0 < times[0] < times[2]
