"""What all mitigation techniques for expectation values share: three verbs.

``build(circuit, observable)`` returns the parts to measure, ``combine(values, errors)``
makes one value of theirs, ``run(circuit, observable, estimator)`` does both with an
estimator between them: any Qiskit ``BaseEstimatorV2``, so any backend.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import QuantumCircuit
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.providers import BackendV2

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["Mitigated", "Part", "Technique"]

Reals = NDArray[np.float64]


class Part(NamedTuple):
    """A circuit without measurements at its end, and what is measured after it."""

    circuit: QuantumCircuit
    observable: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Mitigated:
    """An expectation value after mitigation.

    Parameters
    ----------
    value, standard_error : float
        Of the observable; the error is that of the measured values, carried through.
        The bias that is left is not part of it.
    values, errors : ndarray, shape (n_parts,)
        What was measured.
    unmitigated : float
        The value without mitigation, NaN where no part has it.
    technique : str
        What was done.
    """

    value: float
    standard_error: float
    values: Reals
    errors: Reals
    unmitigated: float
    technique: str

    @property
    def overhead(self) -> float:
        """Return by how much the variance has grown over that of one part."""
        smallest = float(np.min(self.errors, initial=np.inf))
        if not 0.0 < smallest < np.inf:
            return float("nan")
        return (self.standard_error / smallest) ** 2


class Technique(ABC):
    """A way to undo noise in expectation values."""

    lays_out: ClassVar[bool] = True
    """Circuits are translated to the gates of the backend before parts are built."""

    @abstractmethod
    def build(self, circuit: QuantumCircuit, observable: Any) -> list[Part]:
        """Return the parts that have to be measured."""

    @abstractmethod
    def combine(self, values: ArrayLike, errors: ArrayLike) -> Mitigated:
        """Return one value from those of the parts, in the order of `build`."""

    def run(
        self,
        circuit: QuantumCircuit,
        observable: Any,
        estimator: Any,
        *,
        precision: float | None = None,
    ) -> Mitigated:
        """Measure all parts in one job and combine them.

        Parameters
        ----------
        circuit : QuantumCircuit
            With all parameters bound. Where the estimator names its backend, it is
            translated to its gates and qubits first, so that all parts share them.
        observable : SparsePauliOp, Pauli, SparseObservable, str or mapping
            Hermitian, on the qubits of the circuit.
        estimator : BaseEstimatorV2
            For example ``qleap.processing.Estimator(backend)``.
        precision : float, optional
            Standard error of each part.
        """
        task = (_bound(circuit), observable)
        parts = self.build(*(_laid_out(*task, estimator) if self.lays_out else task))
        note = {"technique": type(self).__name__, **_plain(self)}
        for k, part in enumerate(parts):  # the note is stored with the job
            known = part.circuit.metadata or {}
            part.circuit.metadata = {**known, "mitigation": {**note, "part": k}}
        if not hasattr(estimator, "run"):
            raise InvalidKind(
                "estimator must be an EstimatorV2 such as qleap.processing.Estimator()"
                f", got {estimator!r:.60}."
            )
        options = {} if precision is None else {"precision": precision}
        job = estimator.run(
            [(part.circuit, part.observable) for part in parts], **options
        )
        results = [result.data for result in job.result()]
        values = [float(data.evs) for data in results]
        errors = [float(getattr(data, "stds", 0.0)) for data in results]
        return self._together(parts, values, errors)

    def _together(
        self,
        parts: list[Part],  # noqa: ARG002
        values: ArrayLike,
        errors: ArrayLike,
    ) -> Mitigated:
        """Combine values where the parts may say more about them."""
        return self.combine(values, errors)


def checked(
    values: ArrayLike, errors: ArrayLike, n_parts: int | None = None
) -> tuple[Reals, Reals]:
    """Return values and errors of the parts as arrays of one length."""
    found = checks.vector("values", values, min_size=1)
    spread = checks.vector("errors", errors)
    wanted = found.size if n_parts is None else n_parts
    if not found.size == spread.size == wanted:
        raise InvalidValue(
            f"values and errors must have one entry for each of the {wanted} parts, "
            f"got {found.size} and {spread.size}."
        )
    if spread.size and spread.min() < 0.0:
        raise InvalidValue(f"errors must be >= 0, got {spread.min()}.")
    return found, spread


def _bound(circuit: QuantumCircuit) -> QuantumCircuit:
    from qleap.processing.lowering import check_bound

    if not isinstance(circuit, QuantumCircuit):
        raise InvalidKind(f"circuit must be a QuantumCircuit, got {circuit!r:.60}.")
    check_bound(circuit)
    if circuit.num_clbits and any(step.clbits for step in circuit.data):
        raise InvalidValue(
            "mitigation of expectation values needs a circuit without measurements; "
            "remove them with circuit.remove_final_measurements()."
        )
    return circuit


def _laid_out(
    circuit: QuantumCircuit, observable: Any, estimator: Any
) -> tuple[QuantumCircuit, Any]:
    """Return circuit and observable on the qubits of the estimator's backend."""
    machine = getattr(estimator, "backend", None)
    if not isinstance(machine, BackendV2):
        return circuit, observable
    from qleap.processing.backends.native import native

    turned = native(circuit, machine)
    if turned is circuit or turned.layout is None:
        return turned, observable
    terms = ObservablesArray.coerce(observable).apply_layout(turned.layout)
    return turned, terms[()]


def _plain(technique: Technique) -> dict[str, Any]:
    """Return the settings of a technique that a job can store."""
    settings = vars(technique)
    plain = (str, int, float, bool, tuple, list, type(None))
    return {name: value for name, value in settings.items() if isinstance(value, plain)}


def mean(
    technique: str,
    values: ArrayLike,
    errors: ArrayLike,
    weights: Sequence[float] | None,
) -> Mitigated:
    """Return the weighted mean of values that scatter, too.

    The standard error is that of the scatter or of the single errors, whichever is
    larger.
    """
    found, spread = checked(values, errors)
    share = (
        np.full(found.size, 1.0 / found.size) if weights is None else np.array(weights)
    )
    scaled = found * share
    from_errors = float(np.sqrt(np.sum((share * spread) ** 2)))
    scatter = 0.0
    if found.size > 1:
        scatter = float(scaled.std(ddof=1) * np.sqrt(found.size))
    return Mitigated(
        value=float(scaled.sum()),
        standard_error=max(from_errors, scatter),
        values=found,
        errors=spread,
        unmitigated=float("nan"),
        technique=technique,
    )
