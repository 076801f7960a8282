"""Derivatives of expectation values by the parameters of a circuit."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qleap.processing.engine import Precision

__all__ = ["gradient", "value_and_gradient"]

METHODS: Final = ("adjoint", "parameter_shift")

Values = Mapping[Any, float] | ArrayLike


def gradient(
    circuit: Any,
    observable: Any,
    values: Values,
    *,
    precision: "Precision" = "double",
    method: str = "adjoint",
) -> NDArray[np.float64]:
    r"""Return :math:`\partial\langle\psi|H|\psi\rangle/\partial\theta_k`.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        Gates alone; measurements at its end are left out.
    observable : SparsePauliOp, Pauli, SparseObservable, str or mapping
        Hermitian, as for `expectation`.
    values : array_like, shape (n_parameters,), or mapping
        In the order of ``circuit.parameters``, or by parameter or name.
    precision : {"double", "single"}
        Of the states of the adjoint method.
    method : {"adjoint", "parameter_shift"}
        One run forwards and one backwards, whatever the number of parameters; or
        exact values of the shifted circuits, two or four for each angle.

    Returns
    -------
    ndarray of float64, shape (n_parameters,)
        In the order of ``circuit.parameters``; the same for any number of threads.

    Raises
    ------
    InvalidValue
        For an observable that is not Hermitian or of another size, a wrong number of
        values, and a circuit with a measurement, reset or condition in the middle.
    """
    return value_and_gradient(
        circuit, observable, values, precision=precision, method=method
    )[1]


def value_and_gradient(
    circuit: Any,
    observable: Any,
    values: Values,
    *,
    precision: "Precision" = "double",
    method: str = "adjoint",
) -> tuple[float, NDArray[np.float64]]:
    """Return the expectation value and its gradient; see `gradient`."""
    from qleap.processing.adjoint import adjoint
    from qleap.processing.chain import angle_slopes
    from qleap.processing.circuits import as_circuit
    from qleap.processing.engine import amplitude_type
    from qleap.processing.lowering import compile_circuit
    from qleap.processing.paulis import pauli_sum

    checks.one_of("method", method, METHODS)
    amplitude_type(precision)
    loaded = as_circuit(circuit)
    operator = pauli_sum(observable, loaded.num_qubits)
    operator.real_coefficients()  # refuses one that is not Hermitian
    program = compile_circuit(loaded)
    if not program.has_terminal_measurements:
        raise InvalidValue(
            "a gradient needs a circuit of gates, but this one measures or resets in "
            "the middle or has a condition; leave that out."
        )
    given = program.angles.values(values)
    if given.shape[0] != 1:
        raise InvalidValue(
            f"values must be one set of parameters, got {given.shape[0]} rows; call "
            "gradient for each."
        )
    (row,) = given
    if method == "parameter_shift":
        return _by_shifts(loaded, observable, row)
    slopes = angle_slopes(program.angles, row)
    active = np.any(slopes != 0.0, axis=0)
    value, by_angle = adjoint(program, program.bind(row), operator, active, precision)
    return value, slopes @ by_angle


def _by_shifts(
    circuit: "QuantumCircuit", observable: Any, row: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    from qleap.processing.estimator import Estimator
    from qleap.processing.observables import expectation
    from qleap.processing.shifts import gradient_by_shifts

    bare = circuit.remove_final_measurements(inplace=False)
    found, _ = gradient_by_shifts(Estimator(), bare, observable, row)
    return expectation(bare, observable, values=row), found
