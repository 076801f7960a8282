"""Gradients by the adjoint method, by shifts, and by difference quotients."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Gate, Parameter, ParameterVector
from qiskit.circuit import library as gates
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp, Statevector

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.jit import set_threads, threads
from qleap.processing import Estimator, memory
from qleap.processing.gradients import gradient, value_and_gradient
from qleap.processing.shifts import gradient_by_shifts

seeds = st.integers(0, 2**32 - 1)
Random = np.random.Generator
N_PARAMETERS = 5

COMPLEX_GATES = {
    **dict.fromkeys((gates.RXGate, gates.RYGate, gates.RZGate), 1),
    **dict.fromkeys((gates.PhaseGate, gates.RGate, gates.UGate, gates.U2Gate), 1),
    **dict.fromkeys((gates.RXXGate, gates.RYYGate, gates.RZZGate), 2),
    **dict.fromkeys((gates.RZXGate, gates.XXPlusYYGate, gates.XXMinusYYGate), 2),
    **dict.fromkeys((gates.CRXGate, gates.CRYGate, gates.CRZGate), 2),
    **dict.fromkeys((gates.CPhaseGate, gates.CUGate, gates.CU3Gate), 2),
    **dict.fromkeys((gates.HGate, gates.SXGate, gates.TGate, gates.YGate), 1),
    **dict.fromkeys((gates.CXGate, gates.SwapGate, gates.iSwapGate), 2),
    **dict.fromkeys((gates.CCXGate, gates.CSwapGate, gates.CCZGate), 3),
}
REAL_GATES = {
    **dict.fromkeys((gates.RYGate, gates.HGate, gates.XGate, gates.ZGate), 1),
    **dict.fromkeys((gates.CXGate, gates.CZGate, gates.CRYGate, gates.CHGate), 2),
    **dict.fromkeys((gates.SwapGate,), 2),
    **dict.fromkeys((gates.CCXGate, gates.CSwapGate), 3),
}
N_ANGLES = {
    gates.UGate: 3,
    gates.CU3Gate: 3,
    gates.CUGate: 4,
    gates.RGate: 2,
    gates.U2Gate: 2,
    gates.XXPlusYYGate: 2,
    gates.XXMinusYYGate: 2,
}
WITHOUT_ANGLES = {
    *(gates.HGate, gates.SXGate, gates.TGate, gates.YGate, gates.CXGate, gates.CHGate),
    *(gates.SwapGate, gates.iSwapGate, gates.CCXGate, gates.CSwapGate, gates.CCZGate),
    *(gates.XGate, gates.ZGate, gates.CZGate),
}


def random_circuit(
    rng: Random, n_qubits: int, n_gates: int, *, real: bool = False
) -> QuantumCircuit:
    """Return gates with angles that are affine in few parameters, some controlled."""
    table: dict[Any, int] = REAL_GATES if real else COMPLEX_GATES
    parameters = ParameterVector("t", N_PARAMETERS)

    def angle() -> Any:
        first, second = rng.integers(N_PARAMETERS, size=2).tolist()
        a, b, c = rng.normal(size=3).tolist()
        return a * parameters[first] + b * parameters[second] + c

    circuit = QuantumCircuit(n_qubits, global_phase=0.0 if real else angle())
    choices = list(table)
    for _ in range(n_gates):
        make = choices[int(rng.integers(len(choices)))]
        count = 0 if make in WITHOUT_ANGLES else N_ANGLES.get(make, 1)
        gate = make(*[angle() for _ in range(count)])
        size = table[make]
        if make in {gates.RXGate, gates.RYGate, gates.RXXGate} and rng.random() < 0.3:
            n_controls = int(rng.integers(1, 3))
            state = int(rng.integers(1 << n_controls))
            if size + n_controls <= n_qubits:
                gate = gate.control(n_controls, ctrl_state=state, annotated=False)
                size += n_controls
        if size <= n_qubits:
            circuit.append(gate, rng.permutation(n_qubits)[:size].tolist())
    return circuit


def random_observable(rng: Random, n_qubits: int, letters: str) -> SparsePauliOp:
    labels = ["".join(rng.choice(list(letters), n_qubits)) for _ in range(6)]
    return SparsePauliOp(labels, rng.normal(size=6))


def differences(
    circuit: QuantumCircuit, observable: Any, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return central difference quotients, with an error of 1e-8."""

    def at(point: NDArray[np.float64]) -> float:
        state = Statevector(circuit.assign_parameters(point))
        return float(state.expectation_value(observable).real)

    step = 1e-4
    found = []
    for unit in np.eye(values.size):
        near = at(values + step * unit) - at(values - step * unit)
        far = at(values + 2 * step * unit) - at(values - 2 * step * unit)
        found.append((8 * near - far) / (12 * step))
    return np.array(found)


def ansatz(n_qubits: int, layers: int = 2) -> tuple[QuantumCircuit, int]:
    """Return rotations and chains of CX, with one parameter each."""
    count = 2 * n_qubits * layers
    angles = iter(ParameterVector("t", count))
    circuit = QuantumCircuit(n_qubits)
    for _ in range(layers):
        for qubit in range(n_qubits):
            circuit.ry(next(angles), qubit)
            circuit.rz(next(angles), qubit)
        for qubit in range(n_qubits - 1):
            circuit.cx(qubit, qubit + 1)
    return circuit, count


@settings(max_examples=25)
@given(seed=seeds, n_qubits=st.integers(1, 6))
def test_adjoint_gradient_equals_difference_quotients(seed: int, n_qubits: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, n_qubits, 25)
    observable = random_observable(rng, n_qubits, "IXYZ")
    values = rng.normal(size=len(circuit.parameters))
    value, found = value_and_gradient(circuit, observable, values)
    expected = Statevector(circuit.assign_parameters(values))
    assert_allclose(value, expected.expectation_value(observable).real, atol=1e-12)
    assert_allclose(found, differences(circuit, observable, values), atol=1e-7)


@settings(max_examples=15)
@given(seed=seeds, n_qubits=st.integers(2, 12))
def test_gradient_of_a_real_circuit_equals_difference_quotients(
    seed: int, n_qubits: int
) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, n_qubits, 40, real=True)
    observable = random_observable(rng, n_qubits, "IXZ")
    values = rng.normal(size=len(circuit.parameters))
    found = gradient(circuit, observable, values)
    assert_allclose(found, differences(circuit, observable, values), atol=1e-7)


@settings(max_examples=8)
@given(seed=seeds, n_qubits=st.integers(8, 12), real=st.booleans())
def test_gradient_of_several_blocks_equals_difference_quotients(
    seed: int, n_qubits: int, real: bool
) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, n_qubits, 60, real=real)
    observable = random_observable(rng, n_qubits, "IXZ" if real else "IXYZ")
    values = rng.normal(size=len(circuit.parameters))
    found = gradient(circuit, observable, values)
    assert_allclose(found, differences(circuit, observable, values), atol=1e-7)


@settings(max_examples=10)
@given(seed=seeds, n_qubits=st.integers(1, 4))
def test_shifts_and_adjoint_agree(seed: int, n_qubits: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, n_qubits, 15)
    observable = random_observable(rng, n_qubits, "IXYZ")
    values = rng.normal(size=len(circuit.parameters))
    expected = gradient(circuit, observable, values)
    value, found = value_and_gradient(
        circuit, observable, values, method="parameter_shift"
    )
    assert_allclose(found, expected, atol=1e-11)
    assert_allclose(value, value_and_gradient(circuit, observable, values)[0])
    theirs, errors = gradient_by_shifts(
        StatevectorEstimator(), circuit, observable, values
    )
    assert_allclose(theirs, expected, atol=1e-11)
    assert_array_equal(errors, 0.0)


@given(angle=st.floats(-10.0, 10.0))
def test_one_rotation_has_the_derivative_minus_sine(angle: float) -> None:
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a"), 0)
    value, found = value_and_gradient(circuit, "Z", [angle])
    assert_allclose(value, np.cos(angle), atol=1e-14)
    assert_allclose(found, [-np.sin(angle)], atol=1e-14)


def test_a_real_state_still_sees_imaginary_generators() -> None:
    # d<Y>/da = -cos a for rx, at an angle at which the whole circuit is real
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("a"), 0)
    assert_allclose(gradient(circuit, "Y", [0.0]), [-1.0])


def test_diagonal_gates_with_a_global_phase_are_not_taken_for_real() -> None:
    # rzz(pi) is -i times a real matrix
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.ry(a, 0)
    circuit.ry(0.4, 1)
    circuit.rzz(np.pi, 0, 1)
    circuit.cry(b, 0, 1)
    observable = SparsePauliOp(["ZX", "XX", "IZ"], [1.0, 0.5, 0.3])
    values = np.array([0.3, 0.8])
    expected = differences(circuit, observable, values)
    assert_allclose(gradient(circuit, observable, values), expected, atol=1e-8)


def test_chain_rule_of_sums_products_and_sines() -> None:
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.ry(2 * a + b, 0)
    circuit.cx(0, 1)
    circuit.rx(a.sin() * b, 1)
    circuit.rzz(a * b, 0, 1)
    circuit.u(a**2, b, a, 0)
    observable = SparsePauliOp(["XZ", "YY", "ZI"], [0.7, -0.2, 1.1])
    values = np.array([0.4, -1.3])
    expected = differences(circuit, observable, values)
    assert_allclose(gradient(circuit, observable, values), expected, atol=1e-8)
    shifted, _ = gradient_by_shifts(Estimator(), circuit, observable, values)
    assert_allclose(shifted, expected, atol=1e-8)


def test_parameters_of_a_composite_gate() -> None:
    a, b = Parameter("a"), Parameter("b")
    inner = QuantumCircuit(2, global_phase=a)
    inner.ry(a, 0)
    inner.crx(b * 2, 0, 1)
    circuit = QuantumCircuit(3)
    circuit.append(inner.to_gate(), [2, 0])
    circuit.h(1)
    circuit.append(inner.to_gate(), [1, 2])
    values = np.array([0.4, 0.9])
    expected = differences(circuit, SparsePauliOp("XZY"), values)
    assert_allclose(gradient(circuit, "XZY", values), expected, atol=1e-8)
    shifted, _ = gradient_by_shifts(Estimator(), circuit, "XZY", values)
    assert_allclose(shifted, expected, atol=1e-8)


def test_global_phase_contributes_nothing() -> None:
    circuit = QuantumCircuit(1, global_phase=Parameter("a"))
    circuit.h(0)
    assert_array_equal(gradient(circuit, "X", [0.7]), [0.0])


def test_parameters_come_in_the_order_of_the_circuit_or_by_name() -> None:
    b, a = Parameter("b"), Parameter("a")
    circuit = QuantumCircuit(2)
    circuit.ry(b, 0)
    circuit.ry(a, 1)
    circuit.measure_all()
    found = gradient(circuit, "ZI", {"a": 0.3, b: 0.9})
    assert_allclose(found, [-np.sin(0.3), 0.0], atol=1e-14)


def test_without_parameters_the_gradient_is_empty() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    value, found = value_and_gradient(circuit, "IX", [])
    assert found.shape == (0,)
    assert_allclose(value, 1.0)
    shifted, errors = gradient_by_shifts(Estimator(), circuit, "IX", [])
    assert shifted.shape == errors.shape == (0,)


@pytest.mark.parametrize("n_qubits", [5, 11])
def test_single_precision_is_close_to_double(rng: Random, n_qubits: int) -> None:
    circuit, count = ansatz(n_qubits)
    observable = random_observable(rng, n_qubits, "IXYZ")
    values = rng.normal(size=count)
    double = gradient(circuit, observable, values)
    single = gradient(circuit, observable, values, precision="single")
    assert_allclose(single, double, atol=1e-5)
    assert np.any(single != double)


@pytest.mark.parametrize("n_qubits", [4, 12, 16])
def test_gradient_does_not_depend_on_the_threads(rng: Random, n_qubits: int) -> None:
    circuit, count = ansatz(n_qubits)
    observable = random_observable(rng, n_qubits, "IXYZ")
    values = rng.normal(size=count)
    before, found = threads(), []
    try:
        for number in (1, 2):
            set_threads(number)
            found.append(gradient(circuit, observable, values))
    finally:
        set_threads(before)
    assert_array_equal(found[0], found[1])


@pytest.mark.parametrize(
    ("bits", "precision"),
    [
        (128, "double"),
        pytest.param(256, "double", marks=pytest.mark.slow),
        pytest.param(128, "single", marks=pytest.mark.slow),
        pytest.param(256, "single", marks=pytest.mark.slow),
    ],
)
def test_narrow_registers_give_the_same_gradient(
    rng: Random, monkeypatch: pytest.MonkeyPatch, bits: int, precision: Any
) -> None:
    from qleap.core import simd

    circuit = random_circuit(rng, 9, 50)
    observable = random_observable(rng, 9, "IXYZ")
    values = rng.normal(size=len(circuit.parameters))
    expected = gradient(circuit, observable, values)
    monkeypatch.setattr(simd, "host_bits", lambda: bits)
    found = gradient(circuit, observable, values, precision=precision)
    assert_allclose(found, expected, atol=1e-12 if precision == "double" else 1e-5)


def test_errors_of_shifts_are_those_of_the_readings() -> None:
    # two values with errors sigma make (f(+) - f(-)) / 2 with sigma / sqrt(2)
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a"), 0)
    estimator = Estimator(seed=7, method="gaussian")
    found, errors = gradient_by_shifts(
        estimator, circuit, SparsePauliOp("Z"), [0.8], precision=0.01
    )
    assert_allclose(errors, [0.01 / np.sqrt(2)])
    assert abs(found[0] + np.sin(0.8)) < 5 * errors[0]


def test_shots_give_a_gradient_within_its_errors(rng: Random) -> None:
    circuit, count = ansatz(3, 1)
    observable = random_observable(rng, 3, "IXYZ")
    values = rng.normal(size=count)
    found, errors = gradient_by_shifts(
        Estimator(seed=11), circuit, observable, values, precision=0.02
    )
    expected = gradient(circuit, observable, values)
    assert np.all(np.abs(found - expected) < 5 * errors + 1e-12)


def one_rotation() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("speed"), 0)
    return circuit


def test_observable_that_is_not_hermitian_is_refused() -> None:
    with pytest.raises(InvalidValue, match="must be Hermitian, with real coefficients"):
        gradient(one_rotation(), SparsePauliOp("Z", 1j), [0.1])


def test_observable_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidValue, match="acts on 2 qubits, but the state has 1"):
        gradient(one_rotation(), "ZZ", [0.1])


@pytest.mark.parametrize("method", ["adjoint", "parameter_shift"])
@pytest.mark.parametrize("values", [[], [0.1, 0.2]])
def test_wrong_number_of_values_names_the_parameters(
    values: list[float], method: str
) -> None:
    with pytest.raises(InvalidValue, match=r"1 numbers a row.*\(speed\)"):
        gradient(one_rotation(), "Z", values, method=method)


def test_several_sets_of_values_are_refused() -> None:
    with pytest.raises(InvalidValue, match="one set of parameters, got 2 rows"):
        gradient(one_rotation(), "Z", [[0.1], [0.2]])
    with pytest.raises(InvalidValue, match="one set of parameters, got 2 rows"):
        gradient_by_shifts(Estimator(), one_rotation(), "Z", [[0.1], [0.2]])


def test_missing_parameter_is_named() -> None:
    with pytest.raises(InvalidValue, match="needs a value, but speed has none"):
        gradient(one_rotation(), "Z", {})


@pytest.mark.parametrize("kind", ["measure", "reset", "condition"])
def test_circuits_of_more_than_gates_are_refused(kind: str) -> None:
    circuit = one_rotation()
    circuit.add_register(ClassicalRegister(1))
    if kind == "reset":
        circuit.reset(0)
    else:
        circuit.measure(0, 0)
    if kind == "condition":
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.x(0)
    circuit.ry(0.1, 0)
    with pytest.raises(InvalidValue, match="a gradient needs a circuit of gates"):
        gradient(circuit, "Z", [0.1])
    with pytest.raises(InvalidValue, match="a gradient needs a circuit of gates"):
        gradient_by_shifts(Estimator(), circuit, "Z", [0.1])


def test_gate_without_a_rule_is_refused() -> None:
    circuit = QuantumCircuit(1)
    circuit.append(Gate("mystery", 1, [Parameter("a")]), [0])
    with pytest.raises(InvalidValue, match="the gate mystery has no rule of shifted"):
        gradient_by_shifts(Estimator(), circuit, "Z", [0.1])


def test_what_is_no_circuit_is_refused() -> None:
    shifts: Any = gradient_by_shifts
    with pytest.raises(InvalidKind, match="must be a QuantumCircuit, got str"):
        shifts(Estimator(), "h q[0];", "Z", [])


def test_unknown_method_is_refused() -> None:
    with pytest.raises(InvalidValue, match="method"):
        gradient(one_rotation(), "Z", [0.1], method="magic")


def test_memory_is_checked_before_anything_is_allocated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 40)
    with pytest.raises(
        InvalidValue, match="a gradient with its two states of 1 qubits"
    ):
        gradient(one_rotation(), "Z", [0.1])
