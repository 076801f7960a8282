"""Expectation values and variances against dense matrices and Qiskit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import (
    Pauli,
    SparseObservable,
    SparsePauliOp,
    Statevector,
    random_statevector,
)

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import expectation, statevector, variance
from qleap.processing.bases import measurement_bases, rotated
from qleap.processing.observables import apply, string_values
from qleap.processing.paulis import pauli_sum

ZERO, PLUS = [1.0, 0.0], np.array([1.0, 1.0]) / np.sqrt(2)


@st.composite
def operators(draw: st.DrawFn, *, real: bool = True) -> SparsePauliOp:
    n_qubits = draw(st.integers(1, 7))
    label = st.text("IXYZ", min_size=n_qubits, max_size=n_qubits)
    labels = draw(st.lists(label, min_size=1, max_size=30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    coefficients = rng.normal(size=(len(labels), 2)) @ [1.0, 0.0 if real else 1.0j]
    return SparsePauliOp(labels, coefficients)


def state_for(operator: SparsePauliOp) -> NDArray[np.complex128]:
    found = random_statevector(2**operator.num_qubits, seed=len(operator))
    return np.asarray(found.data)


@given(operator=operators())
def test_expectation_is_that_of_qiskit(operator: SparsePauliOp) -> None:
    state = state_for(operator)
    expected = Statevector(state).expectation_value(operator).real
    assert expectation(state, operator) == pytest.approx(expected, abs=1e-12)
    single = expectation(state.astype(np.complex64), operator)
    assert single == pytest.approx(expected, abs=1e-5)


@given(operator=operators())
def test_variance_is_that_of_the_dense_matrix(operator: SparsePauliOp) -> None:
    state = state_for(operator)
    image = operator.to_matrix() @ state
    mean = np.vdot(state, image).real
    expected = np.vdot(image, image).real - mean**2
    assert variance(state, operator) == pytest.approx(expected, abs=1e-11)
    single = variance(state.astype(np.complex64), operator)
    assert single == pytest.approx(expected, rel=1e-4, abs=1e-4)


@given(operator=operators(real=False))
def test_any_operator_can_be_applied(operator: SparsePauliOp) -> None:
    state = state_for(operator)
    before = state.copy()
    image = apply(state, pauli_sum(operator, operator.num_qubits))
    assert_allclose(image, operator.to_matrix() @ state, rtol=0, atol=1e-12)
    assert_allclose(state, before, rtol=0, atol=0)


@pytest.mark.slow
def test_large_states_agree_with_qiskit() -> None:
    n_qubits = 16
    rng = np.random.default_rng(9)
    labels = ["".join(rng.choice(list("IXYZ"), n_qubits)) for _ in range(40)]
    labels += ["X" * n_qubits, "I" * n_qubits, "Z" * n_qubits, "Y" * n_qubits]
    operator = SparsePauliOp(labels, rng.normal(size=len(labels)))
    state = random_statevector(2**n_qubits, seed=3)
    expected = state.expectation_value(operator).real
    assert expectation(state, operator) == pytest.approx(expected, abs=1e-13)
    image = apply(state.data, pauli_sum(operator, n_qubits))
    exact = operator.to_matrix(sparse=True) @ state.data
    assert_allclose(image, exact, rtol=0, atol=1e-14)


def test_eigenstates_have_no_variance() -> None:
    assert variance(PLUS, "X") == pytest.approx(0.0, abs=1e-30)
    assert expectation(PLUS, "X") == pytest.approx(1.0)
    assert variance(PLUS, "Z") == pytest.approx(1.0)


def test_every_kind_of_observable_means_the_same() -> None:
    state = random_statevector(8, seed=2)
    operator = SparsePauliOp(["XYZ"], [-2.0])
    expected = state.expectation_value(operator).real
    kinds: list[Any] = [
        operator,
        {"XYZ": -2.0},
        {Pauli("XYZ"): -1.5, "XYZ": -0.5},
        {-Pauli("XYZ"): 2.0},
        SparseObservable.from_sparse_pauli_op(operator),
        SparsePauliOp(["XYZ", "XYZ"], [1.0, -3.0]),
    ]
    assert_allclose(expectation(state, kinds), expected, rtol=0, atol=1e-14)
    minus = [Pauli("-XYZ"), SparsePauliOp(Pauli("-XYZ"))]
    assert_allclose(expectation(state, minus), expected / 2, rtol=0, atol=1e-14)
    assert expectation(state, "XYZ") == pytest.approx(-expected / 2)


@pytest.mark.parametrize("label", ["0", "1", "+", "-", "r", "l"])
def test_projectors_give_probabilities(label: str) -> None:
    state = random_statevector(4, seed=5)
    both = SparseObservable.from_label(label + "0")
    projected = Statevector.from_label(label + "0").inner(state)
    probability = abs(projected) ** 2
    assert expectation(state, label + "0") == pytest.approx(probability)
    assert expectation(state, both) == pytest.approx(probability)


def test_qubit_zero_is_on_the_right() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    assert_allclose(expectation(circuit, ["IIZ", "IZI", "ZII"]), [-1.0, 1.0, 1.0])


def test_values_go_to_parameters_by_name_and_in_order() -> None:
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.ry(b, 0)
    circuit.ry(a, 1)
    for values in ([0.3, 1.1], {a: 0.3, b: 1.1}, {"a": 0.3, "b": 1.1}):
        found = expectation(circuit, ["IZ", "ZI"], values=values)
        assert_allclose(found, np.cos([1.1, 0.3]))
    single = expectation(circuit, "IZ", values=[0.3, 1.1], precision="single")
    assert single == pytest.approx(np.cos(1.1), abs=1e-6)


def test_measurements_at_the_end_are_left_out() -> None:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    circuit.measure_all()
    assert expectation(circuit, "X") == pytest.approx(1.0)
    assert variance(circuit, ["X", "Z"]) == pytest.approx([0.0, 1.0], abs=1e-15)


def test_states_are_used_as_they_are() -> None:
    assert expectation([2.0, 0.0], "Z") == 4.0
    assert expectation(np.array([0, 1j]), "Z") == -1.0
    assert expectation([1.0], SparsePauliOp("", 2.5)) == 2.5


def test_terms_that_cancel_leave_zero() -> None:
    nothing = SparsePauliOp(["XX", "XX"], [1.0, -1.0])
    state = random_statevector(4, seed=1)
    assert expectation(state, nothing) == 0.0
    assert variance(state, nothing) == 0.0
    assert not apply(state.data, pauli_sum(nothing, 2)).any()


def test_string_values_have_the_sign_of_every_power_of_i() -> None:
    state = random_statevector(2**5, seed=8)
    labels = ["IIIIY", "IIIYY", "IIYYY", "IYYYY", "YYYYY"]
    sums = [pauli_sum(label, 5) for label in labels]
    x, z = np.array([[int(one.x[0]), int(one.z[0])] for one in sums]).T
    found = string_values(state.data, np.ascontiguousarray(x), np.ascontiguousarray(z))
    expected = [state.expectation_value(Pauli(label)).real for label in labels]
    assert_allclose(found, expected, rtol=0, atol=1e-14)


@given(operator=operators())
def test_bases_serve_each_string_once(operator: SparsePauliOp) -> None:
    n_qubits = operator.num_qubits
    tables = pauli_sum(operator, n_qubits)
    bases = measurement_bases(tables.x, tables.z)
    served = np.concatenate([[], *(basis.strings for basis in bases)])
    support = tables.x | tables.z
    assert sorted(served) == np.flatnonzero(support).tolist()
    state = state_for(operator)
    k = np.arange(state.size)
    values = string_values(state, tables.x, tables.z)
    for basis in bases:
        chance = np.abs(rotated(state, basis.x, basis.z)) ** 2
        for string in basis.strings:
            signs = 1.0 - 2.0 * (np.bitwise_count(k & support[string]) & 1)
            assert signs @ chance == pytest.approx(values[string], abs=1e-12)


def test_strings_that_commute_qubit_by_qubit_share_a_basis() -> None:
    labels = ["XXII", "IXYI", "IIYZ", "ZIII", "IZII"]
    sums = [pauli_sum(label, 4) for label in labels]
    x, z = np.array([[one.x[0], one.z[0]] for one in sums]).T
    assert len(measurement_bases(x, z)) == 2


@pytest.mark.parametrize(("state", "observable", "message"), [
    (ZERO, "XZ", r"acts on 2 qubits, but the state has 1"),
    (ZERO, SparsePauliOp("X", 1j), r"Hermitian.*that of X is 0\+1j"),
    (ZERO, {"Z": 1.0, "Y": 1 + 0.5j}, r"Hermitian.*that of Y is 1\+0\.5j"),
    (ZERO, "Q", r"must consist of IXYZ01\+-rl, but 'Q' has 'Q' at character 1"),
    (ZERO, [], r"at least one observable"),
    ([1.0, 0.0, 0.0], "Z", r"2\*\*n amplitudes in one dimension, got the shape \(3,\)"),
    (np.eye(2), "Z", r"2\*\*n amplitudes in one dimension, got the shape \(2, 2\)"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(
    state: Any, observable: Any, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        expectation(state, observable)


def test_what_is_no_observable_or_state_is_refused() -> None:
    with pytest.raises(InvalidKind, match=r"must be a SparsePauliOp.*got int"):
        expectation(ZERO, 3)
    with pytest.raises(InvalidKind, match=r"keys of an observable.*got int"):
        expectation(ZERO, {3: 1.0})
    with pytest.raises(InvalidKind, match=r"a state must consist of numbers, got <U1"):
        expectation(["a", "b"], "Z")
    with pytest.raises(InvalidValue, match=r"values belong to the parameters"):
        expectation(ZERO, "Z", values=[1.0])
    with pytest.raises(InvalidValue, match=r"at most 62 qubits, got 63"):
        pauli_sum("Z" * 63, 63)


def test_parameters_without_values_are_named() -> None:
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("angle"), 0)
    with pytest.raises(InvalidValue, match=r"angle has none"):
        expectation(circuit, "Z")
    with pytest.raises(InvalidValue, match=r"each of the parameters angle"):
        expectation(circuit, "Z", values=[1.0, 2.0])


def test_circuits_and_their_states_agree() -> None:
    circuit = QuantumCircuit(10)
    for qubit in range(10):
        circuit.ry(0.3 * qubit, qubit)
        circuit.cx(qubit, (qubit + 1) % 10)
    operator = SparsePauliOp.from_sparse_list(
        [("XX", [0, 9], 0.5), ("ZY", [3, 4], 1.5), ("Z", [7], -1.0)], 10
    )
    state = statevector(circuit)
    assert expectation(circuit, operator) == expectation(state, operator)
