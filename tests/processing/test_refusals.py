"""What public functions refuse: each with one sentence that names the way out."""

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import (
    Estimator,
    LocalBackend,
    Sampler,
    expectation,
    gradient,
    gradient_by_shifts,
    load_circuit,
    parse_circuit,
    plot_counts,
    run,
    snapshot,
    statevector,
    value_and_gradient,
    variance,
)
from qleap.processing.lowering import compile_circuit
from qleap.processing.program import ProgramBuilder

THETA = Parameter("theta")


def turned(angle: object, *, measure: bool = False) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.rx(angle, 0)
    circuit.cx(0, 1)
    if measure:
        circuit.measure_all()
    return circuit


@pytest.mark.parametrize("values", [None, [None], [np.nan], [np.inf], {"theta": None}])
def test_values_that_are_missing_or_not_finite_name_their_parameter(
    values: Any,
) -> None:
    """They once gave a gradient of zeros."""
    circuit = turned(THETA)
    for function in (gradient, value_and_gradient):
        with pytest.raises(InvalidValue, match=r"the parameter theta must be a finite"):
            function(circuit, "IZ", values)
    with pytest.raises(InvalidValue, match="theta"):
        expectation(circuit, "IZ", values=values)
    with pytest.raises(InvalidValue, match="theta"):
        compile_circuit(circuit).bind(values)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_primitives_refuse_values_that_are_not_finite(value: float) -> None:
    with pytest.raises(InvalidValue, match=r"the parameter theta must be a finite"):
        Sampler().run([(turned(THETA, measure=True), [value])])
    with pytest.raises(InvalidValue, match=r"the parameter theta must be a finite"):
        Estimator().run([(turned(THETA), "IZ", [[0.1], [value]])])


@pytest.mark.parametrize("angle", [np.nan, np.inf, -np.inf])
def test_circuits_with_angles_that_are_not_finite_are_refused(angle: float) -> None:
    """Counts of such a circuit once were all zeros."""
    sentence = r"every angle of a gate must be a finite number of rad, got (nan|-?inf)"
    measured, bare = turned(angle, measure=True), turned(angle)
    with pytest.raises(InvalidValue, match=sentence):
        run(measured, seed=1)
    with pytest.raises(InvalidValue, match=sentence):
        Sampler().run([measured]).result()
    with pytest.raises(InvalidValue, match=sentence):
        LocalBackend().run(measured).result()
    with pytest.raises(InvalidValue, match=sentence):
        statevector(bare)
    with pytest.raises(InvalidValue, match=sentence):
        expectation(bare, "IZ")


def test_values_at_which_an_angle_is_infinite_are_refused() -> None:
    with pytest.raises(InvalidValue, match="every angle of a gate must be a finite"):
        gradient(turned(THETA * 1e308), "IZ", [1e10])


def test_observables_and_states_must_be_finite() -> None:
    state = np.array([1.0, np.nan, 0.0, 0.0])
    for function in (expectation, variance):
        with pytest.raises(InvalidValue, match="amplitudes of a state must be finite"):
            function(state, "IZ")
        with pytest.raises(InvalidValue, match="coefficients of an observable must be"):
            function(turned(0.1), SparsePauliOp(["IZ", "XX"], [1.0, np.nan]))
    with pytest.raises(InvalidValue, match="coefficients of an observable must be"):
        expectation(turned(0.1), {"IZ": np.inf})


def test_coefficients_and_amplitudes_must_be_numbers() -> None:
    for coefficient in ("a", None):
        with pytest.raises(
            InvalidKind, match="coefficient of IZ in an observable must"
        ):
            expectation(turned(0.1), {"IZ": coefficient})
    with pytest.raises(InvalidValue, match="the rows of this one differ in length"):
        expectation([[1], [1, 2]], "Z")


def test_matrices_must_be_finite() -> None:
    for matrix in (np.diag([1.0, np.nan]), np.array([[0.0, np.inf], [1.0, 0.0]])):
        with pytest.raises(InvalidValue, match="the matrix of a gate must have finite"):
            ProgramBuilder(1, 0).gate(matrix.astype(np.complex128), [0])


def test_devices_refuse_angles_that_are_not_finite() -> None:
    pytest.importorskip("qiskit_aer")
    pytest.importorskip("qiskit_ibm_runtime")
    with pytest.raises(
        InvalidValue, match="every angle of a gate must be a finite num"
    ):
        run(turned(np.nan, measure=True), backend="fake:kawasaki")


def test_an_observable_without_terms_is_refused() -> None:
    with pytest.raises(InvalidValue, match="at least one term, but the mapping is emp"):
        expectation(turned(0.1), {})


def test_no_parameter_sets_give_no_results() -> None:
    """As Qiskit's StatevectorSampler answers."""
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(1)
    circuit.rx(a, 0)
    circuit.rz(b, 0)
    circuit.measure_all()
    found = Sampler().run([(circuit, np.zeros((0, 2)))]).result()[0].data.meas
    assert found.shape == (0,)
    assert found.num_shots == 1024


@pytest.mark.parametrize("runner", [Sampler(), Estimator(), LocalBackend()])
def test_runs_need_a_list(runner: object) -> None:
    with pytest.raises(
        InvalidKind, match=r"run needs a list .*got NoneType; put a sin"
    ):
        runner.run(None)  # type: ignore[attr-defined]


def test_a_number_is_no_file_text_device_result_or_estimator() -> None:
    calls: list[tuple[Any, str]] = [
        (lambda: load_circuit(3), "path must be that of an OpenQASM file, got int"),  # type: ignore[arg-type]
        (lambda: parse_circuit(3), "text must be a string of OpenQASM, got int"),  # type: ignore[arg-type]
        (lambda: plot_counts(3), "result must be a RunResult .* got int"),  # type: ignore[arg-type]
        (
            lambda: gradient_by_shifts(None, turned(THETA), "IZ", [0.1]),
            "estimator must be a BaseEstimatorV2 .* got NoneType",
        ),
    ]
    for call, message in calls:
        with pytest.raises(InvalidKind, match=message):
            call()
    with pytest.raises(InvalidKind, match=r"a snapshot comes from .* got 3"):
        snapshot(3)


def test_a_number_is_no_pub() -> None:
    with pytest.raises(InvalidKind, match="PUB 0 is not valid"):
        Sampler().run([3])
    with pytest.raises(InvalidKind, match="values must be real numbers or a mapping"):
        gradient(turned(THETA), "IZ", "a")
    with pytest.raises(InvalidKind, match="memory must be True or False, got 'x'"):
        run(turned(0.1, measure=True), memory="x")  # type: ignore[arg-type]
