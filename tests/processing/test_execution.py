"""Counts: statistics, control flow, seeds, threads and messages."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, transpile
from qiskit.circuit.classical import expr
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector
from scipy import stats

from qleap.core import jit, results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import memory, run, shots

SHOTS = 4000


def assert_shares(circuit: QuantumCircuit, expected: dict[str, float]) -> None:
    """Compare counts with exact probabilities by a chi-square test at 1e-4."""
    found = run(circuit, SHOTS, seed=11)
    assert sum(found.counts.values()) == SHOTS
    assert set(found.counts) <= {name for name, p in expected.items() if p > 0}
    names = [name for name, p in expected.items() if p > 0]
    if len(names) == 1:
        return
    counts = [found.counts.get(name, 0) for name in names]
    shares = np.array([expected[name] for name in names])
    assert stats.chisquare(counts, shares / shares.sum() * SHOTS).pvalue > 1e-4


def test_bell_state_gives_equal_and_equal_bits() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    assert_shares(circuit, {"00": 0.5, "11": 0.5})
    assert run(circuit, seed=1).method == "sampling"


@pytest.mark.parametrize("seed", range(3))
def test_samples_follow_the_state(seed: int) -> None:
    circuit = random_circuit(4, 5, seed=seed)
    expected = Statevector(circuit).probabilities_dict()
    circuit.measure_all()
    assert_shares(circuit, {k: p for k, p in expected.items() if p > 1e-12})


def test_bit_strings_follow_qiskit_with_several_registers() -> None:
    first, second = ClassicalRegister(2, "first"), ClassicalRegister(1, "second")
    circuit = QuantumCircuit(QuantumRegister(3), first, second)
    circuit.x(0)
    circuit.x(2)
    circuit.measure([0, 1, 2], [0, 1, 2])
    assert run(circuit, 5, seed=0).counts == {"1 01": 5}


def test_measurement_collapses_and_can_be_repeated() -> None:
    circuit = QuantumCircuit(1, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    circuit.barrier()
    circuit.x(0)
    circuit.measure(0, 1)
    assert_shares(circuit, {"10": 0.5, "01": 0.5})


def test_measurement_in_the_middle_follows_born_and_leaves_the_projected_state() -> (
    None
):
    circuit = QuantumCircuit(2, 2)
    circuit.ry(1.1, 0)
    circuit.cry(0.7, 0, 1)
    circuit.measure(0, 0)
    circuit.h(0)
    circuit.measure(1, 1)
    one = np.sin(0.55) ** 2
    both = one * np.sin(0.35) ** 2
    assert_shares(circuit, {"00": 1 - one, "01": one - both, "11": both})


def test_reset_frees_an_entangled_qubit_and_leaves_its_partner_mixed() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.reset(0)
    circuit.h(1)
    circuit.measure_all()
    assert_shares(circuit, {"00": 0.5, "10": 0.5})


def teleportation(angle: float) -> QuantumCircuit:
    circuit = QuantumCircuit(3, 3)
    circuit.ry(angle, 0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(2)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(2)
    circuit.ry(-angle, 2)
    circuit.measure(2, 2)
    return circuit


@given(angle=st.floats(-3, 3))
@settings(max_examples=10)
def test_teleportation_always_succeeds(angle: float) -> None:
    found = run(teleportation(angle), 200, seed=5)
    assert found.method == "trajectories"
    assert {name[0] for name in found.counts} == {"0"}
    assert len(found.counts) == 4


def test_if_with_a_register_and_else() -> None:
    register = ClassicalRegister(20, "c")  # wider than any truth table
    circuit = QuantumCircuit(QuantumRegister(3), register, ClassicalRegister(1, "d"))
    circuit.x(0)
    circuit.h(1)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((register, 3)) as otherwise:
        circuit.x(2)
    with otherwise:
        circuit.reset(2)
    circuit.measure(2, 20)
    zeros = "0" * 18
    assert_shares(circuit, {f"1 {zeros}11": 0.5, f"0 {zeros}01": 0.5})


def test_expressions_over_registers() -> None:
    a, b = ClassicalRegister(2, "a"), ClassicalRegister(2, "b")
    circuit = QuantumCircuit(QuantumRegister(5), a, b, ClassicalRegister(1, "d"))
    circuit.h([0, 1, 2, 3])
    circuit.measure(range(4), range(4))
    test = expr.logic_and(
        expr.less(expr.bit_xor(a, 1), b), expr.logic_not(expr.lift(a[0]))
    )
    with circuit.if_test(test):
        circuit.x(4)
    circuit.measure(4, 4)
    expected = {}
    for x in range(4):
        for y in range(4):
            true = int((x ^ 1) < y and not x & 1)
            expected[f"{true} {y:02b} {x:02b}"] = 1 / 16
    assert_shares(circuit, expected)


def test_switch_takes_one_case_or_the_default() -> None:
    register = ClassicalRegister(2, "c")
    circuit = QuantumCircuit(QuantumRegister(3), register, ClassicalRegister(1, "d"))
    circuit.h([0, 1])
    circuit.measure([0, 1], [0, 1])
    with circuit.switch(register) as case:
        with case(0, 3):
            circuit.x(2)
        with case(case.DEFAULT):
            circuit.id(2)
    circuit.measure(2, 2)
    expected = {"1 00": 0.25, "1 11": 0.25, "0 01": 0.25, "0 10": 0.25}
    assert_shares(circuit, expected)


def test_while_repeats_until_success() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.h(0)
        circuit.measure(0, 0)
    assert_shares(circuit, {"0": 1.0})


def test_for_loop_binds_its_parameter_and_break_leaves_it() -> None:
    circuit = QuantumCircuit(1, 2)
    with circuit.for_loop(range(10)) as angle:
        circuit.rx(np.pi / 3 * angle, 0)  # 0 + 1 + 2 thirds of a half turn: X
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.break_loop()
        circuit.reset(0)
        circuit.continue_loop()
        circuit.x(0)
    circuit.measure(0, 1)
    found = run(circuit, 200, seed=3)
    assert found.counts == {"11": 200}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_dynamic_circuits_follow_aer(seed: int) -> None:
    aer = pytest.importorskip("qiskit_aer")
    circuit = random_circuit(
        3, 6, max_operands=2, measure=True, conditional=True, reset=True, seed=seed
    )
    peer = aer.AerSimulator()
    native = transpile(circuit, peer, optimization_level=0)
    expected = peer.run(native, shots=SHOTS, seed_simulator=1).result().get_counts()
    found = run(circuit, SHOTS, seed=2).counts
    names = sorted(set(expected) | set(found))
    table = np.array([[c.get(n, 0) for n in names] for c in (expected, found)])
    assert len(names) == 1 or stats.chi2_contingency(table).pvalue > 1e-4


@pytest.mark.parametrize("make", [lambda: teleportation(0.4), lambda: ghz(15)])
def test_counts_depend_on_the_seed_but_on_no_thread_count(
    make: Callable[[], QuantumCircuit],
) -> None:
    circuit = make()
    threads = jit.threads()
    try:
        found = []
        for count in (threads, 1):
            jit.set_threads(count)
            found.append(run(circuit, 300, seed=8, memory=True).memory)
    finally:
        jit.set_threads(threads)
    assert found[0] == found[1]
    assert found[0] != run(circuit, 300, seed=9, memory=True).memory


def ghz(n_qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(n_qubits)
    circuit.h(0)
    for qubit in range(n_qubits - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def test_first_shots_stay_the_same_when_more_are_asked_for() -> None:
    circuit = teleportation(0.4)
    few = run(circuit, 50, seed=4, memory=True).memory
    many = run(circuit, 80, seed=4, memory=True).memory
    assert few is not None
    assert many is not None
    assert many[:50] == few


def test_a_drawn_seed_is_told_and_repeats_the_run() -> None:
    first = run(ghz(3), 500)
    assert run(ghz(3), 500, seed=first.seed).counts == first.counts


def test_idle_qubits_cost_nothing() -> None:
    circuit = QuantumCircuit(100, 1)
    circuit.x(77)
    circuit.measure(77, 0)
    assert run(circuit, 10).counts == {"1": 10}


def test_text_and_circuits_are_taken() -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; measure q -> c;'
    assert run(text, 3).counts == {"0": 3}


def test_result_as_dataset_survives_a_file(tmp_path: Path) -> None:
    found = run(ghz(2), 400, seed=6)
    path = results.save(found.to_dataset(), tmp_path / "counts.nc")
    data = results.load(path, kind="counts")
    assert data["counts"].sel(outcome="11") == found.counts["11"]
    share = found.counts["11"] / 400
    error = data["standard_error"].sel(outcome="11")
    assert_allclose(error, np.sqrt(share * (1 - share) / 400))
    assert data.attrs["seed"] == "6"


def test_circuit_without_measurement_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"counts need a measurement.*measure_all"):
        run(QuantumCircuit(1, 1))


@pytest.mark.parametrize(("shots", "error"), [(0, InvalidValue), (1.5, InvalidKind)])
def test_bad_shots_are_refused(shots: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"shots must be"):
        run(ghz(2), shots)


def test_other_things_than_circuits_are_refused() -> None:
    with pytest.raises(InvalidKind, match=r"OpenQASM file, got list"):
        run([])


def test_too_many_qubits_are_refused_before_allocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 2**30)
    with pytest.raises(InvalidValue, match=r"30 qubits needs 16 GiB.*: 1\.0 GiB"):
        run(ghz(30))


def test_endless_loop_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shots, "STEP_LIMIT", 1000)
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
    circuit.measure(0, 0)
    with pytest.raises(InvalidValue, match=r"1000 operations, but 7 of 7 shots"):
        run(circuit, 7)


def test_classical_variable_is_refused_by_name() -> None:
    circuit = QuantumCircuit(1, 1)
    flag = circuit.add_var("flag", expr.lift(False))
    with circuit.if_test(flag):
        circuit.x(0)
    circuit.measure(0, 0)
    with pytest.raises(InvalidValue, match=r"'store'|variable 'flag'"):
        run(circuit)


def test_wide_expression_is_refused() -> None:
    register = ClassicalRegister(20, "c")
    circuit = QuantumCircuit(QuantumRegister(1), register)
    with circuit.if_test(expr.less(register, 3)):
        circuit.x(0)
    circuit.measure(0, 0)
    with pytest.raises(InvalidValue, match=r"at most 16 bits, got 20"):
        run(circuit)


def test_single_precision_counts_follow_the_same_state() -> None:
    circuit = QuantumCircuit(9)
    for qubit in range(9):
        circuit.ry(0.3 * (qubit + 1), qubit)
        circuit.cx(qubit, (qubit + 1) % 9)
    circuit.measure_all()
    double = run(circuit, 2000, seed=4).counts
    single = run(circuit, 2000, seed=4, precision="single").counts
    differing = sum(abs(double.get(k, 0) - single.get(k, 0)) for k in double | single)
    assert differing <= 4  # a number on the edge between two outcomes may fall over


def test_an_unknown_precision_is_refused() -> None:
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    with pytest.raises(InvalidValue, match=r"precision must be .*double.*single"):
        run(circuit, precision="half")  # type: ignore[arg-type]
