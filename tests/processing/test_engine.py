"""The engine: whole states against Qiskit, and the laws that they obey."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import library
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector, random_unitary

from qleap.core import jit
from qleap.core.errors import InvalidValue
from qleap.processing import engine, memory, statevector
from qleap.processing.lowering import compile_circuit
from qleap.processing.program import ProgramBuilder

Random = np.random.Generator
State = NDArray[Any]

STANDARD = library.get_standard_gate_name_mapping()
UNITARY = sorted(set(STANDARD) - {"measure", "reset", "delay", "global_phase"})
seeds = st.integers(0, 2**31)


def generic(n_qubits: int, n_gates: int, rng: Random) -> QuantumCircuit:
    """Return a circuit of the gates that the engine treats each in its own way."""
    circuit = QuantumCircuit(n_qubits, global_phase=float(rng.uniform(-3, 3)))
    for _ in range(n_gates):
        choice = int(rng.integers(12))
        a, b, c, d = rng.permutation(n_qubits)[:4].tolist()
        angle = float(rng.choice([0.0, np.pi, 1e-9, *rng.uniform(-7, 7, 5)]))
        if choice < 4:
            (circuit.rx, circuit.ry, circuit.rz, circuit.p)[choice](angle, a)
        elif choice == 4:
            circuit.u(*rng.uniform(-3, 3, 3), a)
        elif choice == 5:
            (circuit.h, circuit.x, circuit.y, circuit.sdg)[int(rng.integers(4))](a)
        elif choice < 8:
            circuit.cx(a, b, ctrl_state=int(rng.integers(2)))
        elif choice == 8:
            (circuit.cz, circuit.swap, circuit.iswap)[int(rng.integers(3))](a, b)
        elif choice == 9:
            circuit.cswap(a, b, c)
        elif choice == 10:
            circuit.mcx([a, b, c], d, ctrl_state=int(rng.integers(8)))
        else:
            circuit.append(library.UnitaryGate(random_unitary(4, seed=rng)), [a, b])
    return circuit


def sweeps_of(circuit: QuantumCircuit, kind: Any = np.complex128, **sizes: int) -> Any:
    program = compile_circuit(circuit)
    work = engine.fused(program, np.flatnonzero(program.is_gate))
    return engine.plan(work, np.dtype(kind), **sizes)


def evolved(circuit: QuantumCircuit, state: State | None = None, **sizes: int) -> State:
    """Return the state behind a circuit, from zero or from a given state."""
    if state is None:
        state = np.zeros(1 << circuit.num_qubits, np.complex128)
        state[0] = 1.0
    after = state.copy()
    for sweep in sweeps_of(circuit, state.dtype, **sizes):
        engine.run_sweep(sweep, after)
    return after


def assert_as_qiskit(circuit: QuantumCircuit) -> None:
    expected = Statevector(circuit).data
    assert_allclose(statevector(circuit), expected, rtol=0, atol=1e-11)
    single = statevector(circuit, precision="single")
    assert single.dtype == np.complex64
    assert_allclose(single, expected, rtol=0, atol=1e-5)


@given(seed=seeds, n_qubits=st.integers(8, 14), depth=st.integers(0, 10))
@settings(max_examples=12)
def test_random_circuits_agree_with_qiskit(
    seed: int, n_qubits: int, depth: int
) -> None:
    assert_as_qiskit(random_circuit(n_qubits, depth, max_operands=4, seed=seed))


@given(seed=seeds, n_qubits=st.integers(8, 11), n_gates=st.integers(0, 120))
@settings(max_examples=15)
def test_every_way_of_the_engine_agrees_with_qiskit(
    seed: int, n_qubits: int, n_gates: int
) -> None:
    assert_as_qiskit(generic(n_qubits, n_gates, np.random.default_rng(seed)))


@pytest.mark.parametrize("name", UNITARY)
def test_standard_gates_under_controls_agree_with_qiskit(
    name: str, rng: Random
) -> None:
    gate = STANDARD[name]
    if gate.params:
        gate = gate.base_class(*rng.uniform(-3, 3, len(gate.params)))
    circuit = generic(9, 20, rng)
    for n_controls in range(3):
        wanted = int(rng.integers(1 << n_controls))
        added = gate
        if n_controls:
            added = gate.control(n_controls, ctrl_state=wanted, annotated=True)
        circuit.append(added, rng.permutation(9)[: added.num_qubits].tolist())
        circuit.ry(0.3, n_controls)
    assert_as_qiskit(circuit)


@pytest.mark.parametrize("block_qubits", range(7, 16))
def test_blocks_of_every_size_give_the_same_state(
    block_qubits: int, rng: Random
) -> None:
    circuit = generic(13, 150, rng)
    expected = Statevector(circuit).data
    for contiguous in (4, 6):
        found = evolved(circuit, block_qubits=block_qubits, contiguous=contiguous)
        assert_allclose(found, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("n_qubits", [*range(8, 13), 16])
def test_state_is_the_same_for_any_number_of_threads(
    n_qubits: int, rng: Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    circuit = generic(n_qubits, 120, rng)
    states = []
    for count in (1, 2, 3):
        monkeypatch.setattr(jit, "threads", lambda count=count: count)
        states.append(statevector(circuit))
    assert_array_equal(states[1], states[0])
    assert_array_equal(states[2], states[0])


@pytest.mark.parametrize("n_blocks", [1, 2, 3, 8, 100, 1024])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_block_is_done_once(n_blocks: int, workers: int) -> None:
    done: list[int] = []
    engine.share_blocks(lambda *span: done.extend(range(*span)), n_blocks, workers)
    assert sorted(done) == list(range(n_blocks))


@pytest.mark.parametrize("n_blocks", [1, 2, 100])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_what_is_to_be_done_meanwhile_is_done_once(n_blocks: int, workers: int) -> None:
    done: list[int] = []
    calls: list[int] = []
    engine.share_blocks(
        lambda *span: done.extend(range(*span)),
        n_blocks,
        workers,
        lambda: calls.append(1),
    )
    assert sorted(done) == list(range(n_blocks))
    assert calls == [1]


@given(seed=seeds, n_qubits=st.integers(8, 10), block_qubits=st.integers(7, 10))
@settings(max_examples=20)
def test_circuits_are_unitary_and_their_inverse_leads_back(
    seed: int, n_qubits: int, block_qubits: int
) -> None:
    rng = np.random.default_rng(seed)
    circuit = generic(n_qubits, 60, rng)
    sizes = {"block_qubits": block_qubits, "reached": (1 << n_qubits) - 1}
    re, im = rng.normal(size=(2, 2, 1 << n_qubits))
    first, second = (re + 1j * im) / np.linalg.norm(re + 1j * im, axis=1)[:, None]
    one, two = (evolved(circuit, state, **sizes) for state in (first, second))
    assert np.vdot(one, one) == pytest.approx(1.0, abs=1e-12)
    assert np.vdot(one, two) == pytest.approx(np.vdot(first, second), abs=1e-12)
    back = evolved(circuit.inverse(), one, **sizes)
    assert_allclose(back, first, rtol=0, atol=1e-12)


@given(seed=seeds, n_given=st.integers(0, 11))
@settings(max_examples=30)
def test_plan_begins_with_any_state_of_the_qubits_reached(
    seed: int, n_given: int
) -> None:
    rng = np.random.default_rng(seed)
    reached = sum(1 << q for q in rng.permutation(11)[:n_given].tolist())
    index = np.arange(1 << 11)
    state = np.where(index & ~reached, 0.0, rng.normal(size=index.size) + 0.5j)
    circuit = generic(11, int(rng.integers(40)), rng)
    expected = Statevector(state).evolve(circuit).data
    found = evolved(circuit, state, block_qubits=7, reached=reached)
    assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_global_phase_is_kept() -> None:
    circuit = QuantumCircuit(9, global_phase=0.7)
    assert statevector(circuit)[0] == pytest.approx(np.exp(0.7j), abs=1e-15)
    circuit.rz(0.4, 8)
    assert statevector(circuit)[0] == pytest.approx(np.exp(0.5j), abs=1e-15)


def test_deep_circuits_keep_norm_and_precision(rng: Random) -> None:
    circuit = QuantumCircuit(8)
    for _ in range(5000):
        a, b = rng.permutation(8)[:2].tolist()
        circuit.ry(float(rng.uniform(-7, 7)), a)
        circuit.rx(float(rng.uniform(-7, 7)), a)
        circuit.cx(b, a)
    expected = Statevector(circuit).data
    assert_allclose(statevector(circuit), expected, rtol=0, atol=1e-11)
    single = statevector(circuit, precision="single")
    assert_allclose(single, expected, rtol=0, atol=2e-4)
    assert np.linalg.norm(single) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("n_qubits", [8, 11, 14])
def test_quantum_fourier_transform_of_a_number_is_a_wave(n_qubits: int) -> None:
    size, number = 1 << n_qubits, 77
    circuit = QuantumCircuit(n_qubits)
    for qubit in range(n_qubits):
        if number >> qubit & 1:
            circuit.x(qubit)
    circuit.append(library.QFTGate(n_qubits), range(n_qubits))
    wave = np.exp(2j * np.pi * number * np.arange(size) / size) / np.sqrt(size)
    assert_allclose(statevector(circuit), wave, rtol=0, atol=1e-13)


@pytest.mark.parametrize("block_qubits", [7, 9])
def test_permutations_at_the_end_are_carried_out(
    block_qubits: int, rng: Random
) -> None:
    circuit = generic(9, 30, rng)
    for _ in range(3):
        order = rng.permutation(9).tolist()
        circuit.append(library.PermutationGate(order), range(9))
    found = evolved(circuit, block_qubits=block_qubits)
    assert_allclose(found, Statevector(circuit).data, rtol=0, atol=1e-12)


def test_qubits_that_nothing_mixes_cost_no_sweep_over_their_states() -> None:
    circuit = QuantumCircuit(14)
    circuit.h(13)
    circuit.cx(13, 12)
    (sweep,) = sweeps_of(circuit, block_qubits=8, contiguous=4)
    assert sweep.inner >> 12 == 3
    assert sweep.reached == sweep.inner  # one block of 64


def test_states_that_do_not_fit_are_refused_before_allocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 2**30)
    program = ProgramBuilder(45, 0).build()
    with pytest.raises(InvalidValue, match=r"statevector of 45 qubits needs 5\.243e"):
        engine.evolve(program, np.arange(0))
    with pytest.raises(InvalidValue, match=r"needs 2\.621e\+05 GiB of memory"):
        engine.evolve(program, np.arange(0), "single")
