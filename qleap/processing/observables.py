"""Expectation values and variances of sums of Pauli strings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidKind, InvalidValue

if TYPE_CHECKING:
    from qleap.processing.engine import Precision
    from qleap.processing.paulis import PauliSum
    from qleap.processing.tiling import Pass

__all__ = ["apply", "expectation", "string_values", "variance"]

State = NDArray[Any]
"""Amplitudes, complex128 or complex64."""

Values = Mapping[Any, float] | ArrayLike | None


def expectation(
    circuit_or_state: Any,
    observable: Any,
    *,
    values: Values = None,
    precision: "Precision" = "double",
) -> Any:
    r"""Return :math:`\langle\psi|H|\psi\rangle`.

    Parameters
    ----------
    circuit_or_state : QuantumCircuit, str, path-like, Statevector or array_like
        A circuit that prepares the state (measurements at its end are left out), or
        the amplitudes, shape ``(2**n,)``, used as they are, without normalisation;
        complex64 stays in single precision.
    observable : SparsePauliOp, Pauli, SparseObservable, str, mapping, or a list of them
        Hermitian. Several ones share all work on the state.
    values : mapping or array_like, optional
        Of the circuit's parameters: by parameter or name, or in their order.
    precision : {"double", "single"}
        Of the simulation of a circuit. Sums are always
        accumulated in double precision.

    Returns
    -------
    float or ndarray of float64
        One value for each observable of a list.

    Raises
    ------
    InvalidValue
        For an observable of another number of qubits or with complex coefficients, a
        circuit without a single final state, or amplitudes of a wrong number.
    """
    state = _state(circuit_or_state, values, precision)
    sums, shape = _sums(observable, state)
    found = _expectations(state, sums)
    return float(found[0]) if shape is None else found.reshape(shape)


def variance(
    circuit_or_state: Any,
    observable: Any,
    *,
    values: Values = None,
    precision: "Precision" = "double",
) -> Any:
    r"""Return :math:`\langle H^2\rangle - \langle H\rangle^2`.

    It is computed as :math:`\|(H - \langle H\rangle)\psi\|^2`, which is the same for
    a normalised state, loses no digits and is never negative.

    Parameters
    ----------
    circuit_or_state, observable, values, precision
        As for `expectation`; the state must be normalised. Needs the memory of
        another state.

    Returns
    -------
    float or ndarray of float64
    """
    state = _state(circuit_or_state, values, precision)
    sums, shape = _sums(observable, state)
    means = _expectations(state, sums)
    found = np.array(
        [_spread(state, one, mean) for one, mean in zip(sums, means, strict=True)]
    )
    return float(found[0]) if shape is None else found.reshape(shape)


def apply(state: State, operator: "PauliSum") -> State:
    """Return the product of a Pauli sum, Hermitian or not, and a state.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,)
        Stays as it is.
    operator : PauliSum
        Of ``n`` qubits.

    Returns
    -------
    ndarray of the type of ``state``, shape (2**n,)
    """
    from qleap.processing.memory import check_memory

    check_memory(operator.n_qubits, state.itemsize, "an operator's image of a state")
    parts = [operator.coefficients.real, operator.coefficients.imag]
    first, second = [
        _apply_hermitian(state, operator, part) if part.any() else None
        for part in parts
    ]
    if second is None:
        return np.zeros_like(state) if first is None else first
    second *= 1j
    if first is not None:
        second += first
    return second


def string_values(
    state: State, x: NDArray[np.int64], z: NDArray[np.int64], *, alone: bool = False
) -> NDArray[np.float64]:
    """Return the expectation values of different Pauli strings.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,)
        Amplitudes.
    x, z : ndarray of int64, shape (n_strings,)
        Masks as in `qleap.processing.paulis`.
    alone : bool
        Use this thread only, for callers that share work among threads themselves.

    Returns
    -------
    ndarray of float64, shape (n_strings,)
        The same for any number of threads.
    """
    from qleap.processing._kernels import pauli as kernels
    from qleap.processing.engine import ONE_STATE_AT_A_TIME

    found = np.zeros(x.size)
    amplitudes, lanes = _vectors(state)
    for step, shared in _passes(amplitudes, x, z, lanes):
        tables = (amplitudes, step.generators, step.pivots, step.flips, step.terms)
        if shared and not alone:
            with ONE_STATE_AT_A_TIME:
                found[step.strings] = kernels.pauli_sums_shared(*tables, lanes)
        else:
            found[step.strings] = kernels.pauli_sums(*tables, lanes)
    return found * _phases(x, z)


def _expectations(state: State, sums: "Sequence[PauliSum]") -> NDArray[np.float64]:
    """Return one value for each sum; a string that several share is evaluated once."""
    strings = np.concatenate([np.stack([one.x, one.z]) for one in sums], axis=1)
    coefficients = np.concatenate([one.real_coefficients() for one in sums])
    owners = np.repeat(np.arange(len(sums)), [one.x.size for one in sums])
    distinct, which = np.unique(strings, axis=1, return_inverse=True)
    x, z = np.ascontiguousarray(distinct)
    values = string_values(state, x, z)
    products = coefficients * values[which.ravel()]
    found = np.zeros(len(sums))
    np.add.at(found, owners, products)
    return found


def _spread(state: State, operator: "PauliSum", mean: float) -> float:
    image = apply(state, operator)
    image -= mean * state
    return float(np.square(image.view(image.real.dtype)).sum(dtype=np.float64))


def _apply_hermitian(
    state: State, operator: "PauliSum", coefficients: NDArray[np.float64]
) -> State:
    from qleap.processing._kernels import pauli_apply as kernels
    from qleap.processing.engine import ONE_STATE_AT_A_TIME

    amplitudes, lanes = _vectors(state)
    image = np.zeros_like(amplitudes)
    x, z = operator.x, operator.z
    weights = (coefficients * _phases(x, z)).astype(amplitudes.dtype)
    for step, shared in _passes(amplitudes, x, z, lanes):
        tables = (step.generators, step.pivots, step.flips_by_lanes, step.terms)
        rest = (weights[step.strings], lanes, image)
        if shared:
            with ONE_STATE_AT_A_TIME:
                kernels.add_paulis_shared(amplitudes, *tables, *rest)
        else:
            kernels.add_paulis(amplitudes, *tables, *rest)
    found: State = image[: 2 * state.size].view(state.dtype)
    return found


def _phases(x: NDArray[np.int64], z: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what turns the kernels' sums into values: signs from powers of i."""
    n_y = np.bitwise_count(x & z).astype(np.int64)
    found: NDArray[np.float64] = np.array([1.0, -1.0, -1.0, 1.0])[n_y & 3]
    return found


def _vectors(state: State) -> tuple[Any, tuple[int, ...]]:
    """Return the real view, of at least eight vectors, and the vectors' length."""
    from qleap.core.simd import host_lanes

    amplitudes = np.ascontiguousarray(state).view(state.real.dtype)
    lanes = host_lanes(amplitudes.itemsize)
    least = 2 << (len(lanes) + 3)
    if amplitudes.size < least:
        amplitudes = np.pad(amplitudes, (0, least - amplitudes.size))
    return amplitudes, lanes


def _passes(
    amplitudes: Any, x: NDArray[np.int64], z: NDArray[np.int64], lanes: tuple[int, ...]
) -> "Iterable[tuple[Pass, bool]]":
    """Yield the passes over a state and whether threads share each."""
    from qleap.processing.tiling import plan

    n_bits = amplitudes.size.bit_length() - 2
    for step in plan(x, z, n_bits, len(lanes)):
        yield step, step.generators.size < n_bits


def _state(source: Any, values: Values, precision: "Precision") -> State:
    """Return the amplitudes that a circuit prepares, or those given."""
    amplitudes = source.data if hasattr(source, "dims") else source  # a Statevector
    if not isinstance(amplitudes, np.ndarray | list | tuple):
        return _simulated(amplitudes, values, precision)
    if values is not None:
        raise InvalidValue(
            "values belong to the parameters of a circuit, but a state has none; "
            "leave them out."
        )
    try:
        return _checked_state(np.asarray(amplitudes))
    except ValueError as error:
        if isinstance(error, InvalidValue):
            raise
        raise InvalidValue(
            "a state must have 2**n amplitudes in one dimension, but the rows of this "
            "one differ in length."
        ) from error


def _simulated(source: Any, values: Values, precision: "Precision") -> State:
    from qleap.processing.circuits import as_circuit
    from qleap.processing.parameters import check_values
    from qleap.processing.simulation import statevector

    circuit = as_circuit(source)
    if values is not None:
        given = values if isinstance(values, Mapping) else np.ravel(values)
        try:
            if isinstance(given, Mapping):
                for name, value in given.items():
                    check_values([name] * np.size(value), np.ravel(value))
            elif given.size == circuit.num_parameters:
                check_values(circuit.parameters, given)
            circuit = circuit.assign_parameters(given)
        except InvalidValue:
            raise
        except (TypeError, ValueError) as error:
            names = ", ".join(parameter.name for parameter in circuit.parameters)
            raise InvalidValue(
                f"values must give a number to each of the parameters {names}: {error}"
            ) from error
    return statevector(circuit, precision=precision)


def _checked_state(state: NDArray[Any]) -> State:
    if state.ndim != 1 or state.size < 1 or state.size & (state.size - 1):
        raise InvalidValue(
            "a state must have 2**n amplitudes in one dimension, got the shape "
            f"{state.shape}."
        )
    if not np.issubdtype(state.dtype, np.number):
        raise InvalidKind(f"a state must consist of numbers, got {state.dtype}.")
    kind = np.complex64 if state.dtype == np.complex64 else np.complex128
    found = np.ascontiguousarray(state, kind)
    with np.errstate(all="ignore"):
        total = found.sum()  # one pass over a large state, without a copy
    if not np.isfinite(total):
        raise InvalidValue(
            "the amplitudes of a state must be finite numbers, got NaN or infinity; "
            "correct the state."
        )
    return found


def _sums(
    observable: Any, state: State
) -> "tuple[list[PauliSum], tuple[int, ...] | None]":
    """Return the tables of one observable or of several, and the result's shape."""
    from qleap.processing.paulis import pauli_sum

    n_qubits = state.size.bit_length() - 1
    if not isinstance(observable, list | tuple):
        return [pauli_sum(observable, n_qubits)], None
    if not observable:
        raise InvalidValue(
            "there must be at least one observable, but the list is empty."
        )
    return [pauli_sum(one, n_qubits) for one in observable], (len(observable),)
