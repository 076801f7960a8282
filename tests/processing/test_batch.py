"""Many small circuits in one call: kernels, reference, Qiskit, and the law of one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector

from qleap.core import jit
from qleap.core.errors import InvalidValue
from qleap.processing import Sampler, shots
from qleap.processing._kernels import batch as kernels
from qleap.processing._reference import batch as reference
from qleap.processing.lowering import compile_circuit
from qleap.processing.program import Program
from qleap.processing.shots import split

seeds = st.integers(0, 2**32 - 1)


@given(stream=st.integers(0, 2**64 - 1), draw=st.integers(0, 10**7))
def test_random_numbers_are_those_of_the_reference(stream: int, draw: int) -> None:
    expected = reference.random_bits(np.uint64(stream), draw)
    assert kernels.random_bits(np.uint64(stream), draw) == expected
    assert split(np.array([stream], np.uint64), draw)[0] == expected


@given(seed=seeds, size=st.integers(1, 64))
def test_alias_tables_keep_every_probability(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.random(size) * (rng.random(size) < 0.5)
    weights[rng.integers(size)] += 1e-3
    ours, twin = weights.copy(), weights.copy()
    alias, again = np.empty(size, np.int64), np.empty(size, np.int64)
    kernels.fill_alias(ours, np.empty(size, np.int64), alias)
    reference.fill_alias(twin, np.empty(size, np.int64), again)
    total = ours + np.bincount(alias, 1.0 - ours, size)
    assert_allclose(total / size, weights / weights.sum(), rtol=0, atol=1e-9)
    assert_allclose(twin + np.bincount(again, 1.0 - twin, size), total, atol=1e-12)
    assert np.all(ours[weights == 0] == 0)  # what is impossible never happens


@given(seed=seeds, n_qubits=st.integers(0, 5), width=st.integers(1, 3))
def test_small_samples_equal_reference(seed: int, n_qubits: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    re, im = rng.normal(size=(2, 1 << n_qubits))
    labels = rng.integers(0, 256, width << n_qubits, np.uint8)
    ours, twin = np.empty(60 * width, np.uint8), np.empty(60 * width, np.uint8)
    tables = (re, im, n_qubits, labels, width, np.uint64(seed))
    kernels.sample_small_into(*tables, ours)
    reference.sample_small_into(*tables, twin)
    assert np.array_equal(ours, twin)


def test_a_weight_just_below_the_mean_is_drawn_as_often_as_it_says() -> None:
    weights = np.array([0.0, 2.0 + 2e-12, 1.0 - 1e-12, 1.0 - 1e-12])
    re, im = np.sqrt(weights / 4), np.zeros(4)
    labels, stream = np.arange(4, dtype=np.uint8), np.uint64(5)
    ours, twin = np.empty(40_000, np.uint8), np.empty(40_000, np.uint8)
    kernels.sample_small_into(re, im, 2, labels, 1, stream, ours)
    reference.sample_small_into(re, im, 2, labels, 1, stream, twin)
    assert np.array_equal(ours, twin)
    assert_allclose(np.bincount(ours, minlength=4) / 10_000, weights, atol=0.05)


@pytest.mark.parametrize("seed", [170, 182])
def test_long_clifford_circuits_give_even_odds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(5)
    for _ in range(200):
        first, second = (int(qubit) for qubit in rng.permutation(5)[:2])
        circuit.h(first)
        circuit.cx(first, second)
        circuit.sx(second)
        circuit.s(first)
    state = Statevector(circuit)
    circuit.measure_all()
    bits = Sampler(seed=seed).run([circuit], shots=100_000).result()[0].data.meas
    found = np.bincount(bits.array[:, 0], minlength=32) / 100_000
    assert_allclose(found, state.probabilities(), atol=0.008)


def random_program(rng: np.random.Generator) -> Program:
    n_qubits = int(rng.integers(1, 5))
    circuit = random_circuit(
        n_qubits,
        4,
        max_operands=min(n_qubits, 3),
        measure=True,
        conditional=bool(rng.integers(2)),
        reset=bool(rng.integers(2)),
        seed=int(rng.integers(2**31)),
    )
    if rng.integers(2):
        circuit.add_bits([type(circuit.clbits[0])() for _ in range(7)])
        circuit.measure(0, int(rng.integers(circuit.num_clbits)))
    if rng.integers(2):  # a gate after a measurement
        circuit.measure(0, 0)
        circuit.h(0)
        circuit.measure(0, circuit.num_clbits - 1)
    return compile_circuit(circuit)


@given(seed=seeds, n_items=st.integers(1, 5))
@settings(max_examples=30)
def test_batch_kernel_equals_reference(seed: int, n_items: int) -> None:
    rng = np.random.default_rng(seed)
    parts: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    items, row, wire, place, out = [], 0, 0, 0, 0
    for _ in range(n_items):
        program, n_shots = random_program(rng), int(rng.integers(1, 9))
        sizes = (program.n_qubits, program.n_clbits, n_shots)
        end = row + len(program.operations)
        items.append((row, end, wire, place, *sizes, out))
        parts[0].append(program.operations)
        parts[1].append(program.wires)
        parts[2].append(program.coefficients)
        row, wire = end, wire + program.wires.size
        place += program.coefficients.size
        out += n_shots * ((program.n_clbits + 7) // 8)
    tables = [np.concatenate(part) for part in parts]
    table = np.array(items, np.int64)
    streams = rng.integers(0, 2**63, n_items).astype(np.uint64)
    ours, twin = np.empty(out, np.uint8), np.empty(out, np.uint8)
    limit = 10_000
    kernel: Any = kernels.run_batch_into
    twin_kernel: Any = reference.run_batch_into
    assert not kernel(*tables, table, streams, limit, ours)
    assert not twin_kernel(*tables, table, streams, limit, twin)
    assert np.array_equal(ours, twin)


def mixed(n_circuits: int) -> list[QuantumCircuit]:
    """Return circuits of all sizes, some with measurements in the middle."""
    circuits = []
    for seed in range(n_circuits):
        circuit = random_circuit(1 + seed % 6, 5, measure=seed % 3 > 0, seed=seed)
        if seed % 3 == 0:
            circuit.measure_all()
        if seed % 5 == 0:
            circuit.h(0)
            circuit.measure_all()
        circuits.append(circuit)
    circuits.append(QuantumCircuit(14, 3))
    circuits[-1].h(range(14))
    circuits[-1].measure([13, 5, 0], [0, 1, 2])
    return circuits


def arrays(circuits: list[QuantumCircuit], seed: int = 4) -> list[Any]:
    result = Sampler(seed=seed).run(circuits, shots=200).result()
    return [[pub.data[name].array for name in pub.data] for pub in result]


def test_bits_depend_neither_on_threads_nor_on_later_circuits() -> None:
    circuits = mixed(12)
    threads = jit.threads()
    try:
        whole = arrays(circuits)
        jit.set_threads(1)
        alone = arrays(circuits)
        front = arrays(circuits[:5])
    finally:
        jit.set_threads(threads)
    for first, second, short in zip(whole, alone, front + whole[5:], strict=True):
        for one, two, three in zip(first, second, short, strict=True):
            assert np.array_equal(one, two)
            assert np.array_equal(one, three)
    assert not np.array_equal(whole[3], arrays(circuits, seed=5)[3])


def test_a_job_takes_the_threads_of_its_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(
        "qleap.processing.sampler.in_threads", lambda *_: asked.append(jit.threads())
    )
    threads = jit.threads()
    try:
        for count in (1, threads):
            jit.set_threads(count)
            Sampler().run(mixed(3)[:3], shots=2).result()
    finally:
        jit.set_threads(threads)
    assert asked == [1, threads]


def test_endless_loops_in_a_batch_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shots, "STEP_LIMIT", 1000)
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
    circuit.measure(0, 0)
    with pytest.raises(InvalidValue, match=r"1000 operations, but 7 shots did not"):
        Sampler().run([circuit], shots=7).result()
