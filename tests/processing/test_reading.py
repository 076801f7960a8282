"""Circuits read through Qiskit's C interface: the same tables as in Python."""

import itertools
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Clbit, Gate, Parameter
from qiskit.circuit import library as gates
from qiskit.circuit.random import random_circuit

from qleap.processing import Sampler, batch, reading
from qleap.processing._kernels import reading as kernels
from qleap.processing._reference import reading as reference
from qleap.processing.lowering import compile_circuit, used_qubits
from qleap.processing.reading import FAILED, MIDDLE, TERMINAL, Reader
from qleap.processing.recipes import CONSTANTS, STANDARD

pytestmark = pytest.mark.skipif(
    Reader().read([]) is None, reason="this Qiskit has no C interface"
)


def circuits_of(seed: int) -> list[QuantumCircuit]:
    """Return circuits of standard gates, some idle qubits, and some left to Python."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(int(rng.integers(1, 5))):
        n_qubits = int(rng.integers(1, 6))
        circuit = random_circuit(n_qubits, 4, seed=int(rng.integers(2**31)))
        wide = QuantumCircuit(n_qubits + 3, global_phase=rng.integers(3) / 2)
        add_clbits(wide, n_qubits, rng)
        wide.compose(circuit, rng.permutation(n_qubits + 3)[:n_qubits], inplace=True)
        for qubit in rng.integers(0, n_qubits + 3, 3).tolist():
            if rng.integers(2):
                wide.reset(qubit)
            wide.measure(qubit, int(rng.integers(n_qubits)))
            wide.barrier()
        found.append(wide)
    return found


def add_clbits(circuit: QuantumCircuit, number: int, rng: np.random.Generator) -> None:
    """Add classical bits in one register, in two, or in one of another order."""
    kind = int(rng.integers(4))
    if kind == 0:
        circuit.add_register(ClassicalRegister(number, "c"))
    elif kind == 1:
        circuit.add_register(ClassicalRegister(1, "a"), ClassicalRegister(number, "b"))
    else:
        bits = [Clbit() for _ in range(number)]
        circuit.add_bits(bits)
        order = rng.permutation(number)[: max(1, number - kind + 2)]
        circuit.add_register(ClassicalRegister(bits=[bits[k] for k in order], name="d"))


@given(seed=st.integers(0, 2**31))
@settings(max_examples=60)
def test_tables_are_those_of_the_lowering(seed: int) -> None:
    circuits = circuits_of(seed)
    result: Any = Reader().read(circuits)
    for k, circuit in enumerate(circuits):
        how, n_used, row, wire, recipe, place, angle = result.found[k, :7].tolist()
        whole = [list(register) for register in circuit.cregs] == [circuit.clbits]
        assert result.found[k, 7:].tolist() == [circuit.num_clbits, whole]
        if how == FAILED:
            continue
        program = compile_circuit(circuit, qubits=used_qubits(circuit))
        end = result.found[k + 1, 2:7].tolist()
        assert n_used == program.n_qubits
        assert (how == TERMINAL) == program.has_terminal_measurements
        operations = result.operations[row : end[0]].copy()
        operations[:, 3] -= wire
        moved = operations[:, 5] >= CONSTANTS.size
        operations[moved, 5] -= place - CONSTANTS.size
        assert np.array_equal(operations, program.operations)
        assert np.array_equal(result.wires[wire : end[1]], program.wires)
        recipes = result.recipes[recipe : end[2]] - [0, row, place, angle]
        expected = program.recipes - [0, 0, CONSTANTS.size, 0]
        assert np.array_equal(recipes, expected)
        assert np.array_equal(result.angles[angle : end[4]], program.angles.offsets)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=20)
def test_kernels_equal_reference(seed: int) -> None:
    circuits = circuits_of(seed)
    data = [circuit._data for circuit in circuits]
    objects = np.array([id(one) for one in data], np.int64)
    functions: Any = reading._interface()
    shared = (functions, *reading._names())
    room = sum(map(len, data)) + len(circuits)
    results = []
    for module, given_circuits in ((kernels, objects), (reference, circuits)):
        table, angles = np.zeros(15 * room, np.int64), np.zeros(4 * room)
        found = np.zeros((len(circuits) + 1, 9), np.int64)
        tables = (table, angles, found)
        module.read_circuits(given_circuits, *shared, *tables)
        ends = found[-1]
        results.append((
            table[: 7 * ends[2]],
            table[7 * room : 7 * room + ends[3]],
            table[11 * room : 11 * room + 4 * ends[4]],
            angles[: ends[6]],
            found[found[:, 0] != FAILED],
        ))  # fmt: skip
    for ours, twin in zip(*results, strict=True):
        assert np.array_equal(ours, twin)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_names_have_their_hash(name: str) -> None:
    text = np.frombuffer(name.encode(), np.uint8)
    expected = reference.name_hash(name.encode(), len(name))
    assert kernels.name_hash(text.ctypes.data, len(name)) == expected
    assert expected in reading._names()[0]


def refused() -> list[QuantumCircuit]:
    """Return circuits that the interface shows, but not as what they are."""
    found = [QuantumCircuit(3, 1) for _ in range(7)]
    found[0].append(Gate("cx", 2, []), [0, 1])
    found[1].append(gates.CXGate(ctrl_state=0), [0, 1])
    found[2].unitary(np.eye(2), [0])
    found[3].rx(Parameter("a"), 0)
    found[4].x(0)
    with found[4].if_test((found[4].clbits[0], 1)):
        found[4].x(0)
    found[5].global_phase = Parameter("a")
    found[6].rccx(0, 1, 2)
    return found


def test_what_is_no_plain_standard_gate_is_left_to_python() -> None:
    result: Any = Reader().read(refused())
    assert result.found[:-1, 0].tolist() == [FAILED] * 7


def test_a_reader_sees_every_edit() -> None:
    reader, circuit = Reader(), QuantumCircuit(2, 1)
    circuit.h(0)
    steps: list[Any] = [lambda: circuit.cx(0, 1), lambda: circuit.measure(0, 0)]
    for step in steps:
        before: Any = reader.read([circuit])
        rows = len(before.operations)
        step()
        after: Any = reader.read([circuit])
        assert len(after.operations) == rows + 1
    circuit.data[0] = circuit.data[1].replace(qubits=circuit.qubits[::-1])
    result: Any = reader.read([circuit])
    assert result.operations[0].tolist() == [3, 1, 1, 0, 1, 0, -1]
    assert result.wires.tolist() == [0, 1, 1, 0, 0]
    assert result.found[0, 0] == TERMINAL
    circuit.x(0)
    result = reader.read([circuit])
    assert result.found[0, 0] == MIDDLE


def test_bits_are_the_same_without_the_interface(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    circuits = []
    for seed in range(6):
        circuit = random_circuit(4, 4, measure=seed % 2 == 0, seed=seed)
        if seed % 2:
            circuit.measure_all()
        circuits.append(circuit)

    def bits() -> list[Any]:
        result = Sampler(seed=3).run(circuits, shots=100).result()
        return [next(iter(pub.data.values())).array for pub in result]

    fast = bits()
    monkeypatch.setattr(reading, "_interface", lambda: None)
    found = batch.CircuitBatch().run(circuits, [1] * 6, np.zeros(6, np.uint64))
    assert found == ([None] * 6, [False] * 6)
    for one, two in zip(fast, bits(), strict=True):
        assert np.array_equal(one, two)


def test_a_long_circuit_is_read_as_it_is_lowered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    circuit = QuantumCircuit(5, 5, global_phase=0.4)
    rng = np.random.default_rng(8)
    for k in range(60):
        circuit.u(*rng.uniform(-4, 4, 3), k % 5)
        circuit.cx(k % 5, (k + 1) % 5)
    circuit.measure(range(5), range(5))
    Reader().read([circuit])  # the reader lies compiled from now on
    read = reading.read_program(circuit)
    monkeypatch.setattr("qleap.processing.lowering.read_program", lambda circuit: None)  # noqa: ARG005
    lowered = compile_circuit(circuit)
    assert read is not None
    assert_array_equal(read.operations, lowered.operations)
    assert_array_equal(read.wires, lowered.wires)
    assert_array_equal(read.coefficients, lowered.coefficients)


def test_long_circuits_have_the_reader_compiled_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(kernels, "read_circuits", SimpleNamespace(signatures=[]))
    monkeypatch.setattr(reading, "_lies_compiled", cache(lambda: False))
    monkeypatch.setattr(reading, "_misses", itertools.count())
    monkeypatch.setattr(reading, "prepare_aside", lambda part, _: asked.append(part))
    circuit = QuantumCircuit(1)
    for _ in range(80):
        circuit.h(0)
    for _ in range(reading.PATIENCE):
        assert reading.read_program(circuit) is None
    assert asked == []
    assert reading.read_program(circuit) is None
    assert asked == ["read"]


def test_what_the_reader_cannot_say_is_lowered() -> None:
    idle = QuantumCircuit(3)
    for _ in range(80):
        idle.h(0)
    assert reading.read_program(idle) is None  # two qubits would be left out
    idle.rx(float("nan"), [0, 1, 2])
    assert reading.read_program(idle) is None
