r"""Gradients from shifted circuits, for estimators that count shots.

As a function of one angle the expectation value is a Fourier series of few frequencies,
the differences of the generator's eigenvalues: 1 for a rotation, 1/2 and 1 for one
under controls. So its derivative is a sum of values at shifted angles,
:math:`f'(\theta) = \sum_j c_j [f(\theta + x_j) - f(\theta - x_j)]` with
:math:`\sum_j 2 c_j \sin(\omega x_j) = \omega` for each frequency.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Measure, Parameter
from qiskit.primitives import BaseEstimatorV2

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.chain import angle_slopes
from qleap.processing.gates import controlled_standard
from qleap.processing.parameters import collect, is_free
from qleap.processing.recipes import STANDARD, Recipe, Standard

__all__ = ["gradient_by_shifts"]

Floats = NDArray[np.float64]
Rule = tuple[tuple[float, float], ...]
"""Shifts and their weights."""


def _rule(*frequencies: float) -> Rule:
    """Return as many shifts as there are frequencies: odd multiples of the first."""
    first = 0.5 * np.pi / max(frequencies)
    shifts = first * (2.0 * np.arange(len(frequencies)) + 1.0)
    table = 2.0 * np.sin(np.outer(frequencies, shifts))
    weights = np.linalg.solve(table, frequencies)
    return tuple(zip(shifts.tolist(), weights.tolist(), strict=True))


ROTATION: Final = _rule(1.0)
UNDER_CONTROLS: Final = _rule(1.0, 0.5)
AXIS: Final = _rule(2.0, 1.0)
"""The angle of an axis, which appears on both sides of a rotation."""

_ALWAYS: Final[dict[tuple[Recipe, int], Rule]] = {
    (Recipe.PHASE, 0): ROTATION,
    (Recipe.U, 1): ROTATION,
    (Recipe.U, 2): ROTATION,
    (Recipe.CU, 1): ROTATION,
    (Recipe.CU, 2): ROTATION,
    (Recipe.CU, 3): ROTATION,
    (Recipe.R, 1): AXIS,
    (Recipe.XX_PLUS_YY, 0): UNDER_CONTROLS,
    (Recipe.XX_MINUS_YY, 0): UNDER_CONTROLS,
    (Recipe.XX_PLUS_YY, 1): AXIS,
    (Recipe.XX_MINUS_YY, 1): AXIS,
}
"""Rules of angles for which controls change nothing, by recipe and place."""


def gradient_by_shifts(
    estimator: BaseEstimatorV2,
    circuit: QuantumCircuit,
    observable: Any,
    values: ArrayLike | Mapping[Any, float],
    *,
    precision: float | None = None,
) -> tuple[Floats, Floats]:
    """Return the gradient of an expectation value and its standard errors.

    Parameters
    ----------
    estimator : BaseEstimatorV2
        Ours, Qiskit's, or that of a device. It runs one PUB with all shifted angles:
        two sets for each angle of each gate that holds a parameter, four under
        controls.
    circuit : QuantumCircuit
        Gates alone.
    observable : SparsePauliOp or what else the estimator takes
        Hermitian.
    values : array_like, shape (n_parameters,), or mapping
        In the order of ``circuit.parameters``, or by parameter or name.
    precision : float, optional
        Of each expectation value; that of the estimator by default.

    Returns
    -------
    gradient, errors : ndarray of float64, shape (n_parameters,)
        The errors follow from the estimator's ``stds``, taken as independent; they are
        zero where it reports none.

    Raises
    ------
    InvalidValue
        For a gate whose angle has no shift rule, a wrong number of values, and a
        circuit with measurements, resets or conditions.
    InvalidKind
        For something that is no circuit.
    """
    if not isinstance(circuit, QuantumCircuit):
        raise InvalidKind(
            f"circuit must be a QuantumCircuit, got {type(circuit).__name__}."
        )
    if not isinstance(estimator, BaseEstimatorV2):
        raise InvalidKind(
            "estimator must be a BaseEstimatorV2 such as qleap.processing.Estimator(), "
            f"got {type(estimator).__name__}."
        )
    opened = _Opened(circuit)
    angles = collect(opened.angles, tuple(circuit.parameters))
    given = angles.values(values)
    if given.shape[0] != 1:
        raise InvalidValue(
            f"values must be one set of parameters, got {given.shape[0]} rows."
        )
    (row,) = given
    slopes = angle_slopes(angles, row)
    if not opened.angles:
        return np.zeros(row.size), np.zeros(row.size)
    owners, weights, bindings = _shifted(angles.at(given)[0], opened.rules)
    bindings = bindings[:, opened.order()]
    data = (
        estimator.run([(opened.circuit, observable, bindings)], precision=precision)
        .result()[0]
        .data
    )
    factors = slopes[:, owners] * weights
    stds = np.broadcast_to(np.asarray(getattr(data, "stds", 0.0)), weights.shape)
    return factors @ np.asarray(data.evs), np.sqrt(factors**2 @ stds**2)


def _shifted(
    centre: Floats, rules: list[Rule]
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return for each set of angles: the shifted angle, its weight, and the set."""
    steps = [
        (k, sign * weight, sign * shift)
        for k, rule in enumerate(rules)
        for shift, weight in rule
        for sign in (1.0, -1.0)
    ]
    owners = np.array([k for k, _, _ in steps], np.int64)
    bindings = np.tile(centre, (len(steps), 1))
    bindings[np.arange(len(steps)), owners] += [shift for _, _, shift in steps]
    return owners, np.array([weight for _, weight, _ in steps]), bindings


class _Opened:
    """A circuit in which every angle that holds a parameter is one of its own."""

    def __init__(self, circuit: QuantumCircuit) -> None:
        self.circuit = QuantumCircuit(*circuit.qregs)
        if self.circuit.num_qubits != circuit.num_qubits:
            self.circuit = QuantumCircuit(circuit.num_qubits)
        self.angles: list[Any] = []
        self.rules: list[Rule] = []
        self._fresh: list[Parameter] = []
        self._add(circuit, list(self.circuit.qubits))

    def order(self) -> list[int]:
        """Return which angle each parameter of the opened circuit is."""
        places = {parameter: k for k, parameter in enumerate(self._fresh)}
        return [places[parameter] for parameter in self.circuit.parameters]

    def _add(self, circuit: QuantumCircuit, qubits: list[Any]) -> None:
        place = dict(zip(circuit.qubits, qubits, strict=True))
        for instruction in circuit.data:
            self._instruction(instruction, [place[bit] for bit in instruction.qubits])

    def _instruction(self, instruction: CircuitInstruction, qubits: list[Any]) -> None:
        operation = instruction.operation
        name = operation.name
        if name in {"barrier", "delay", "global_phase"}:
            return  # a phase of the whole state changes no expectation value
        if instruction.clbits or isinstance(operation, Measure) or name == "reset":
            raise InvalidValue(
                f"a gradient needs a circuit of gates, but this one has {name}; leave "
                "that out."
            )
        if not any(is_free(angle) for angle in operation.params):
            self.circuit.append(operation, qubits)
            return
        row = _standard(instruction)
        if row is None:
            body = getattr(operation, "definition", None)
            if body is None:
                raise InvalidValue(
                    f"the gate {name} has no rule of shifted angles and no definition; "
                    "write it as gates of Qiskit's library."
                )
            self._add(body, qubits)
            return
        renamed = [
            self._renamed(angle, _rule_of(row, k + len(row.prefix)))
            for k, angle in enumerate(operation.params)
        ]
        if instruction.is_standard_gate():
            fresh = operation.base_class(*renamed)
        else:  # its definition keeps the old parameters, whatever the gate is told
            fresh = operation.base_gate.base_class(*renamed).control(
                operation.num_ctrl_qubits,
                ctrl_state=operation.ctrl_state,
                annotated=False,
            )
        self.circuit.append(fresh, qubits)

    def _renamed(self, angle: Any, rule: Rule) -> Any:
        if not is_free(angle):
            return angle
        fresh = Parameter(f"angle{len(self.angles)}")
        self.angles.append(angle)
        self.rules.append(rule)
        self._fresh.append(fresh)
        return fresh


def _standard(instruction: CircuitInstruction) -> Standard | None:
    """Return the row of a standard gate, with or without more controls."""
    row = STANDARD.get(instruction.name)
    if row is not None and instruction.is_standard_gate():
        return row
    found = controlled_standard(instruction.operation)
    return None if found is None else found[0]


def _rule_of(row: Standard, place: int) -> Rule:
    code = Recipe(row.code)
    always = _ALWAYS.get((code, place))
    if always is not None:
        return always
    return UNDER_CONTROLS if row.n_controls or code == Recipe.CU else ROTATION
