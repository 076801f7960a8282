"""The Estimator primitive: expectation values for circuits and parameter sets."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BaseEstimatorV2,
    DataBin,
    EstimatorPubLike,
    PrimitiveJob,
    PrimitiveResult,
    PubResult,
)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.providers import BackendV2

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.bases import measurement_bases, rotated, sampled_values
from qleap.processing.execution import (
    LARGEST_SEED,
    MOST_SHOTS,
    as_pubs,
    choose_seed,
    opened,
)
from qleap.processing.observables import string_values
from qleap.processing.parameters import check_values
from qleap.processing.paulis import PauliSum, pauli_sum

__all__ = ["Estimator"]

METHODS: Final = ("sampled", "gaussian")

MEASURED_PRECISION: Final = 0.015625
"""Qiskit's default on backends, 4096 shots."""

Floats = NDArray[np.float64]


class Estimator(BaseEstimatorV2):  # type: ignore[misc]  # Qiskit is untyped
    """Qiskit's ``EstimatorV2``.

    On the simulator of this machine a PUB of precision 0 gets exact values. One of
    precision p > 0 gets what a quantum computer would report: each group of strings
    that commute qubit by qubit is read ``ceil(1 / p**2)`` times, and ``stds`` are the
    standard errors of the means found from the readings. As in Qiskit's
    ``BackendEstimatorV2`` this is the error of one string; a sum with large
    coefficients has a larger one.

    On any other backend circuits are translated to its gates, and Qiskit's
    ``BackendEstimatorV2`` measures them, or, where the backend has jobs of estimation,
    those do. Precision 0 is then refused.

    Parameters
    ----------
    backend : str or BackendV2, optional
        What `qleap.processing.backend` opens; by default this machine's simulator.
    default_precision : float, optional
        Of PUBs that name none, where the run names none either: 0 by default, and
        1/64 on a backend.
    method : str
        ``"sampled"``, or ``"gaussian"``: the exact value plus normal noise whose
        standard deviation is the precision, as Qiskit's ``StatevectorEstimator``.
    seed : int, optional
        The same seed gives the same values, for any number of threads. Each PUB and
        each parameter set has its own random stream.
    """

    def __init__(
        self,
        backend: str | BackendV2 | None = None,
        *,
        default_precision: float | None = None,
        method: str = "sampled",
        seed: int | None = None,
    ) -> None:
        self._backend = opened(backend)
        if default_precision is None:
            default_precision = 0.0 if self._backend is None else MEASURED_PRECISION
        self._default = checks.non_negative("default_precision", default_precision)
        self._method = checks.one_of("method", method, METHODS)
        self._seed = None if seed is None else choose_seed(seed)

    @property
    def backend(self) -> BackendV2 | None:
        """Return the backend; None for the simulator on this machine."""
        return self._backend

    @property
    def default_precision(self) -> float:
        """Return the precision of PUBs that name none."""
        return self._default

    @property
    def method(self) -> str:
        """Return how values of a finite precision are found."""
        return self._method

    @property
    def seed(self) -> int | None:
        """Return the seed; None where every run draws a fresh one."""
        return self._seed

    def run(
        self, pubs: Iterable[EstimatorPubLike], *, precision: float | None = None
    ) -> PrimitiveJob[PrimitiveResult[PubResult]]:
        """Start a job for ``pubs``: (circuit, observables, values, precision).

        Parameters
        ----------
        pubs : iterable
            As Qiskit defines them: the shapes of observables and of parameter values
            broadcast against each other.
        precision : float, optional
            For PUBs that name none.

        Returns
        -------
        PrimitiveJob
            Its result holds per PUB the arrays ``evs`` and ``stds``.

        Raises
        ------
        InvalidValue
            For a circuit with measurements, resets or conditions, values or
            observables that do not fit the circuit, and a precision that needs more
            shots than 10 million.
        """
        if precision is not None:
            precision = checks.non_negative("precision", precision)
        chosen = self._default if precision is None else precision
        coerced = [_checked_pub(k, pub, chosen) for k, pub in enumerate(as_pubs(pubs))]
        if self._method == "sampled":
            for pub in coerced:
                _shots(pub.precision)
        if self._backend is None:
            job = PrimitiveJob(_run, coerced, self._method, choose_seed(self._seed))
        else:
            from qleap.processing.backends.primitives import estimate_on

            job = PrimitiveJob(estimate_on, self._backend, coerced, self._seed)
        job._submit()  # Qiskit offers no public way to start it
        return job


def _checked_pub(k: int, pub: EstimatorPubLike, precision: float) -> EstimatorPub:
    try:
        coerced = EstimatorPub.coerce(pub, precision)
    except TypeError as error:
        raise InvalidKind(_complaint(k, error)) from error
    except (ValueError, QiskitError) as error:
        raise InvalidValue(_complaint(k, error)) from error
    _check_unitary(k, coerced.circuit)
    names = coerced.circuit.parameters
    if names:
        check_values(names, coerced.parameter_values.as_array(names))
    return coerced


def _complaint(k: int, error: Exception) -> str:
    reason = str(getattr(error, "message", error)).strip().removesuffix(".")
    return (
        f"PUB {k} is not valid: {reason}; "
        "give (circuit, observables, values, precision), the last two optional."
    )


def _check_unitary(k: int, circuit: QuantumCircuit) -> None:
    for instruction in circuit.data:
        name = instruction.operation.name
        if instruction.clbits or name == "reset":
            raise InvalidValue(
                f"the Estimator needs circuits of gates alone, but that of PUB {k} has "
                f"a {name}; leave measurements to the Estimator, for instance with "
                "circuit.remove_final_measurements()."
            )


def _shots(precision: float) -> int:
    """Return the readings that make the error of one string ``precision`` at most."""
    if precision == 0.0:
        return 0
    shots = math.ceil(1.0 / precision**2)
    if shots > MOST_SHOTS:
        raise InvalidValue(
            f"a precision of {precision:g} needs {shots} shots, but {MOST_SHOTS} are "
            f"the most; ask for at least {MOST_SHOTS**-0.5:.2g}, or for 0 (exact)."
        )
    return shots


def _run(
    pubs: list[EstimatorPub], method: str, seed: int
) -> PrimitiveResult[PubResult]:
    streams = np.random.SeedSequence(seed).spawn(len(pubs))
    return PrimitiveResult(
        [
            _run_pub(pub, method, stream)
            for pub, stream in zip(pubs, streams, strict=True)
        ],
        metadata={"version": 2, "seed": seed},
    )


def _run_pub(
    pub: EstimatorPub, method: str, stream: np.random.SeedSequence
) -> PubResult:
    work = _Work.of(pub)
    metadata = {"target_precision": pub.precision}
    if pub.precision == 0.0:
        method = "exact"
    if method == "sampled":
        shots = metadata["shots"] = _shots(pub.precision)
        evs, stds = _sampled(work, shots, stream)
    else:
        evs = _exact(work)
        stds = np.full_like(evs, pub.precision)
        if method == "gaussian":
            evs = np.random.default_rng(stream).normal(evs, pub.precision)
    return PubResult(
        DataBin(evs=evs, stds=stds, shape=pub.shape),
        metadata={
            **metadata,
            "method": method,
            "circuit_metadata": pub.circuit.metadata,
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Work:
    """A PUB as tables, so that each distinct state is prepared once.

    Parameters
    ----------
    circuit : QuantumCircuit
        With parameters.
    shape : tuple of int
        Of the result.
    sets : ndarray of float64, shape (n_sets, n_parameters)
        Distinct values.
    binding : ndarray of int64, shape (n_entries,)
        Which element of the PUB's values each entry of the result takes.
    set_of : ndarray of int64, shape (n_bindings,)
        Which distinct set each element of the PUB's values is.
    observable : ndarray of int64, shape (n_entries,)
        Which observable each entry of the result is of.
    x, z : ndarray of int64, shape (n_strings,)
        Masks of all strings.
    weights : ndarray of float64, shape (n_observables, n_strings)
        Coefficients.
    """

    circuit: QuantumCircuit
    shape: tuple[int, ...]
    sets: Floats
    binding: NDArray[np.int64]
    set_of: NDArray[np.int64]
    observable: NDArray[np.int64]
    x: NDArray[np.int64]
    z: NDArray[np.int64]
    weights: Floats

    @classmethod
    def of(cls, pub: EstimatorPub) -> "_Work":
        """Return the tables of ``pub``."""
        bindings, observables = pub.parameter_values, pub.observables
        values = bindings.as_array(pub.circuit.parameters)
        rows = values.reshape(bindings.size, pub.circuit.num_parameters)
        sets, set_of = np.unique(rows, axis=0, return_inverse=True)
        numbers = [
            np.arange(one.size).reshape(one.shape) for one in (bindings, observables)
        ]
        binding, observable = np.broadcast_arrays(*numbers)
        n_qubits = pub.circuit.num_qubits
        sums = [
            pauli_sum(observables[index], n_qubits)
            for index in np.ndindex(observables.shape)
        ]
        x, z, weights = _table(sums)
        return cls(
            circuit=pub.circuit,
            shape=pub.shape,
            sets=sets,
            binding=binding.ravel(),
            set_of=set_of.ravel(),
            observable=observable.ravel(),
            x=x,
            z=z,
            weights=weights,
        )

    def states(self) -> Iterator[tuple[int, Any]]:
        """Yield the number of each distinct set and the state that it prepares."""
        from qleap.processing.engine import evolve
        from qleap.processing.lowering import compile_circuit

        program = compile_circuit(self.circuit)
        rows = np.flatnonzero(program.is_gate)
        for k, values in enumerate(self.sets):
            yield k, evolve(program.bind(values), rows)


def _table(sums: list[PauliSum]) -> tuple[Any, Any, Floats]:
    """Return the masks of all strings of several sums and a row of weights for each."""
    nothing = np.zeros((2, 0), np.int64)  # for a PUB without any observable
    masks = np.concatenate([nothing, *([one.x, one.z] for one in sums)], axis=1)
    strings, which = np.unique(masks, axis=1, return_inverse=True)
    weights = np.zeros((len(sums), strings.shape[1]))
    first = 0
    for k, one in enumerate(sums):
        places = which.ravel()[first : first + one.x.size]
        weights[k, places] = one.real_coefficients()
        first += one.x.size
    x, z = np.ascontiguousarray(strings)
    return x, z, weights


def _exact(work: _Work) -> Floats:
    """Return the expectation values in the shape of the PUB."""
    evs = np.zeros(work.binding.size)
    sets = work.set_of[work.binding]
    for k, state in work.states():
        entries = np.flatnonzero(sets == k)
        weights = work.weights[work.observable[entries]]
        needed = np.flatnonzero(weights.any(axis=0))
        values = string_values(state, work.x[needed], work.z[needed])
        evs[entries] = weights[:, needed] @ values
    return evs.reshape(work.shape)


def _sampled(
    work: _Work, shots: int, stream: np.random.SeedSequence
) -> tuple[Floats, Floats]:
    """Return means of readings and their standard errors in the shape of the PUB."""
    evs, variances = np.zeros((2, work.binding.size))
    streams = stream.spawn(work.set_of.size)
    constant = (work.x | work.z) == 0
    for k, state in work.states():
        bindings = np.flatnonzero(work.set_of == k)
        entries = [np.flatnonzero(work.binding == binding) for binding in bindings]
        used = work.weights[work.observable[np.concatenate(entries)]]
        needed = np.flatnonzero(used.any(axis=0))
        bases = measurement_bases(work.x[needed], work.z[needed])
        seeds = [
            streams[binding].generate_state(len(bases)) & LARGEST_SEED
            for binding in bindings
        ]
        for one in entries:
            evs[one] += work.weights[work.observable[one]] @ constant
        for b, basis in enumerate(bases):
            strings = needed[basis.strings]
            support = work.x[strings] | work.z[strings]
            turned = rotated(state, basis.x, basis.z)
            for one, own in zip(entries, seeds, strict=True):
                weights = work.weights[np.ix_(work.observable[one], strings)]
                mean, variance = sampled_values(
                    turned, support, weights, shots, int(own[b])
                )
                evs[one] += mean
                variances[one] += variance
    return evs.reshape(work.shape), np.sqrt(variances).reshape(work.shape)
