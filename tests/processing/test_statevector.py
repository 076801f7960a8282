"""Final states against Qiskit, and the laws they obey."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from qiskit import QuantumCircuit
from qiskit.circuit import (
    AnnotatedOperation,
    ControlModifier,
    Gate,
    Instruction,
    InverseModifier,
    Parameter,
    PowerModifier,
    library,
)
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import (
    Operator,
    SparsePauliOp,
    Statevector,
    random_clifford,
    random_statevector,
    random_unitary,
)

from qleap.core import jit
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import memory, statevector

STANDARD = library.get_standard_gate_name_mapping()
UNITARY = sorted(set(STANDARD) - {"measure", "reset", "delay"})


def prepared(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return a circuit that puts every qubit into a state of its own."""
    circuit = QuantumCircuit(n_qubits, global_phase=0.3)
    for qubit in range(n_qubits):
        circuit.u(*rng.uniform(0, 6, 3), qubit)
    for qubit in range(n_qubits - 1):
        circuit.cx(qubit, qubit + 1)
    return circuit


def assert_as_qiskit(circuit: QuantumCircuit, atol: float = 1e-12) -> None:
    expected = Statevector(circuit).data
    assert_allclose(statevector(circuit), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("name", UNITARY)
def test_every_standard_gate_agrees_with_qiskit(
    name: str, rng: np.random.Generator
) -> None:
    gate = STANDARD[name]
    if gate.params:
        gate = gate.base_class(*rng.uniform(-3, 3, len(gate.params)))
    for _ in range(3):
        circuit = prepared(5, rng)
        circuit.append(gate, rng.permutation(5)[: gate.num_qubits].tolist())
        assert_as_qiskit(circuit)


@pytest.mark.parametrize("name", UNITARY)
@pytest.mark.parametrize(("ctrl_state", "annotated"), [(0, False), (1, True)])
def test_every_standard_gate_under_two_controls_agrees_with_qiskit(
    name: str, ctrl_state: int, annotated: bool, rng: np.random.Generator
) -> None:
    gate = STANDARD[name]
    if gate.params:
        gate = gate.base_class(*rng.uniform(-3, 3, len(gate.params)))
    controlled = gate.control(2, ctrl_state=ctrl_state, annotated=annotated)
    circuit = prepared(6, rng)
    before = Statevector(circuit)
    qubits = rng.permutation(6)[: controlled.num_qubits].tolist()
    circuit.append(controlled, qubits)
    blocks = np.eye(4 << gate.num_qubits, dtype=complex)
    index = np.arange(1 << gate.num_qubits) * 4 + ctrl_state
    blocks[np.ix_(index, index)] = Operator(gate).data
    expected = before.evolve(Operator(blocks), qubits).data
    assert_allclose(statevector(circuit), expected, rtol=0, atol=1e-12)


WIDE: dict[str, Callable[[np.random.Generator], Any]] = {
    "mcx": lambda _: library.MCXGate(4),
    "open mcx": lambda _: library.MCXGate(4, ctrl_state=5),
    "mcphase": lambda _: library.MCPhaseGate(0.4, 4),
    "mcrx": lambda _: library.RXGate(0.4).control(4, annotated=False),
    "annotated power": lambda _: AnnotatedOperation(
        library.RYGate(0.3), [PowerModifier(2), ControlModifier(2)]
    ),
    "annotated inverse": lambda _: AnnotatedOperation(
        library.SGate(), [ControlModifier(1), InverseModifier(), ControlModifier(2, 1)]
    ),
    "permutation": lambda _: library.PermutationGate([3, 1, 4, 0, 2]),
    "small permutation": lambda _: library.PermutationGate([2, 0, 1]),
    "unitary": lambda r: library.UnitaryGate(random_unitary(16, seed=r)),
    "controlled unitary": lambda r: library.UnitaryGate(
        random_unitary(4, seed=r)
    ).control(2, annotated=False),
    "diagonal": lambda r: library.DiagonalGate(np.exp(1j * r.normal(size=16)).tolist()),
    "state preparation": lambda r: library.StatePreparation(
        random_statevector(16, seed=r)
    ).inverse(),
    "pauli": lambda _: library.PauliGate("XYZIX"),
    "pauli evolution": lambda _: library.PauliEvolutionGate(
        SparsePauliOp(["ZZI", "IXX", "YII"], [0.3, 0.2, -0.4]), time=0.7
    ),
    "qft": lambda _: library.QFTGate(5),
    "clifford": lambda r: random_clifford(4, seed=r),
    "linear function": lambda _: library.LinearFunction([[1, 1], [0, 1]]),
    "multiplexed rotation": lambda _: library.UCRYGate([0.1, 0.2, 0.3, 0.4]),
    "isometry": lambda r: library.Isometry(random_unitary(8, seed=r).data, 0, 0),
    "mcmt": lambda _: library.MCMTGate(library.SGate(), 2, 3),
}


@pytest.mark.parametrize("name", sorted(WIDE))
def test_wide_gates_agree_with_their_matrix(
    name: str, rng: np.random.Generator
) -> None:
    gate = WIDE[name](rng)
    circuit = prepared(6, rng)
    circuit.append(gate, rng.permutation(6)[: gate.num_qubits].tolist())
    definition = circuit.decompose("PauliEvolution")  # its matrix is the exact one
    expected = Statevector(definition).data
    assert_allclose(statevector(circuit), expected, rtol=0, atol=1e-12)


def test_initialize_sets_the_state() -> None:
    wanted = random_statevector(8, seed=5)
    circuit = QuantumCircuit(4)
    circuit.initialize(wanted, [3, 0, 2])
    expected = Statevector.from_label("0000").evolve(circuit).data
    assert_allclose(statevector(circuit), expected, rtol=0, atol=1e-12)


@given(
    seed=st.integers(0, 2**31),
    n_qubits=st.integers(1, 12),
    depth=st.integers(0, 12),
    widest=st.integers(1, 4),
)
@settings(max_examples=60)
def test_random_circuits_agree_with_qiskit(
    seed: int, n_qubits: int, depth: int, widest: int
) -> None:
    circuit = random_circuit(
        n_qubits, depth, max_operands=min(widest, n_qubits), seed=seed
    )
    assert_as_qiskit(circuit)


@pytest.mark.slow
@pytest.mark.parametrize("n_qubits", [14, 15, 17])
def test_states_in_blocks_agree_with_qiskit(n_qubits: int) -> None:
    circuit = random_circuit(n_qubits, 8, max_operands=4, seed=n_qubits)
    circuit.append(library.UnitaryGate(random_unitary(32, seed=1)), [13, 0, 9, 4, 12])
    assert_as_qiskit(circuit)


@pytest.mark.parametrize("n_qubits", [8, 16])
def test_state_depends_on_no_thread_count(n_qubits: int) -> None:
    circuit = random_circuit(n_qubits, 6, max_operands=3, seed=2)
    threads = jit.threads()
    states = []
    try:
        for count in {1, threads}:
            jit.set_threads(count)
            states.append(statevector(circuit))
    finally:
        jit.set_threads(threads)
    assert np.array_equal(states[0], states[-1])


@given(seed=st.integers(0, 2**31), n_qubits=st.integers(2, 8))
@settings(max_examples=30)
def test_inverse_circuit_leads_back_and_the_norm_stays(
    seed: int, n_qubits: int
) -> None:
    circuit = random_circuit(n_qubits, 8, max_operands=2, seed=seed)
    assert np.linalg.norm(statevector(circuit)) == pytest.approx(1.0, abs=1e-13)
    there_and_back = statevector(circuit.compose(circuit.inverse()))
    assert_allclose(there_and_back, np.eye(1 << n_qubits)[0], rtol=0, atol=1e-12)


def test_qubit_zero_is_the_least_significant_bit() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    assert_allclose(statevector(circuit), np.eye(8)[1])


def test_openqasm_text_is_taken() -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; x q[0];'
    assert_allclose(statevector(text), [0, 1])


def test_barriers_delays_and_final_measurements_change_nothing() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    plain = statevector(circuit)
    circuit.barrier()
    circuit.delay(100, 0)
    circuit.measure_all()
    assert_allclose(statevector(circuit), plain)


def test_measurement_in_the_middle_is_refused() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.h(0)
    with pytest.raises(
        InvalidValue, match=r"statevector needs a circuit of gates.*run"
    ):
        statevector(circuit)


def test_unbound_parameter_is_named() -> None:
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("theta"), 0)
    with pytest.raises(InvalidValue, match=r"but theta has none; use .*assign_param"):
        statevector(circuit)


def test_instruction_without_meaning_is_named() -> None:
    circuit = QuantumCircuit(2)
    circuit.append(Instruction("save_statevector", 2, 0, []), [0, 1])
    with pytest.raises(
        InvalidValue, match=r"'save_statevector' on 2 qubits: it has no"
    ):
        statevector(circuit)


def test_opaque_gate_is_named() -> None:
    circuit = QuantumCircuit(1)
    circuit.append(Gate("magic", 1, []), [0])
    with pytest.raises(InvalidValue, match=r"instruction 'magic' on 1 qubits"):
        statevector(circuit)


def test_other_things_than_circuits_are_refused() -> None:
    with pytest.raises(InvalidKind, match=r"circuit must be a Qiskit .*, got int"):
        statevector(3)


def test_too_many_qubits_are_refused_before_allocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 8 * 2**30)
    expected = r"of 40 qubits needs 1\.638e\+04 GiB of memory, available: 8\.0 GiB;"
    with pytest.raises(InvalidValue, match=expected):
        statevector(QuantumCircuit(40))


def test_many_qubits_are_refused_where_free_memory_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    with pytest.raises(InvalidValue, match=r"100 qubits needs .*available: unknown"):
        statevector(QuantumCircuit(100))


def on_some_qubits(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return a circuit that leaves about a third of the qubits in zero."""
    circuit = QuantumCircuit(n_qubits, global_phase=0.2)
    chosen = np.flatnonzero(rng.random(n_qubits) < 0.7).tolist()
    for _ in range(2):
        for qubit in chosen:
            circuit.u(*rng.uniform(0, 6, 3), qubit)
        for first, second in pairwise(rng.permutation(chosen).tolist()):
            circuit.cx(first, second)
            circuit.cp(0.3, first, (first + 1) % n_qubits)
    return circuit


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("n_qubits", [2, 7, 8, 12, 18])
def test_given_memory_gets_the_same_bits_as_new_memory(
    n_qubits: int, precision: Any, rng: np.random.Generator
) -> None:
    for circuit in (prepared(n_qubits, rng), on_some_qubits(n_qubits, rng)):
        expected = statevector(circuit, precision=precision)
        out = np.full_like(expected, np.nan)
        assert statevector(circuit, precision=precision, out=out) is out
        assert_array_equal(out, expected)
        assert statevector(circuit, precision=precision, out=out) is out
        assert_array_equal(out, expected)


@pytest.mark.parametrize("n_qubits", [0, 3, 9])
def test_given_memory_holds_zero_for_a_circuit_without_gates(n_qubits: int) -> None:
    out = np.full(1 << n_qubits, np.nan + 0j)
    statevector(QuantumCircuit(n_qubits, global_phase=0.4), out=out)
    expected = np.zeros(1 << n_qubits, complex)
    expected[0] = np.exp(0.4j)
    assert_allclose(out, expected, rtol=0, atol=1e-15)


def test_memory_of_a_file_can_be_given(tmp_path: Path) -> None:
    circuit = prepared(9, np.random.default_rng(3))
    out = np.memmap(tmp_path / "state", np.complex128, "w+", shape=(512,))
    assert statevector(circuit, out=out) is out
    out.flush()
    assert_array_equal(np.fromfile(tmp_path / "state", complex), statevector(circuit))


def test_memory_that_does_not_fit_is_refused() -> None:
    circuit, room = QuantumCircuit(3), np.zeros(17, complex)
    locked = np.zeros(8, complex)
    locked.flags.writeable = False
    shifted = np.zeros(129, np.uint8)[1:].view(complex)
    for out, words in (
        (room[:9], r"shape \(2\*\*n,\) with n = 3, got complex128 and \(9,\)"),
        (room[:8].reshape(2, 4), r"got complex128 and \(2, 4\); make it with np.empty"),
        (room[:8].real.copy(), r"must have the type complex128 .* got float64"),
        (room[:8].astype(np.complex64), "must have the type complex128 .*complex64"),
        (room[:8].astype(">c16"), "must have the type complex128 .*>c16"),
        (room[:16:2], "got contiguous = False, aligned = True, writeable = True"),
        (locked, r"writeable = False; make it with np\.empty\(2\*\*3, np\.complex128"),
        (shifted, "aligned = False"),
    ):
        with pytest.raises(InvalidValue, match=words):
            statevector(circuit, out=out)
    with pytest.raises(InvalidKind, match="out must be an array, got list; make it"):
        statevector(circuit, out=[0j] * 8)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="must have the type complex64"):
        statevector(circuit, precision="single", out=room[:8])
