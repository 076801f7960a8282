"""Angles of gates as functions of a circuit's free parameters.

Nearly every angle is affine in the parameters; then all angles of any number of
bindings are one sum. The few others (products, powers, sines) are evaluated by Qiskit,
binding by binding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import Parameter, ParameterExpression

from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["Angles", "check_angles", "check_values", "collect", "is_free"]


@dataclass(frozen=True, kw_only=True)
class Angles:
    """``angle[slot] = offsets[slot] + sum of factors * values`` over the slot's terms.

    Parameters
    ----------
    parameters : tuple of Parameter
        In Qiskit's order, that of ``circuit.parameters``.
    offsets : ndarray of float64, shape (n_slots,)
        Angles where all parameters are zero.
    slots, sources : ndarray of int64, shape (n_terms,)
        Which angle each term belongs to and which parameter it holds.
    factors : ndarray of float64, shape (n_terms,)
        Derivatives of those angles with respect to those parameters.
    nonlinear : tuple of (int, ParameterExpression)
        Slots of the other angles, and what gives them.
    """

    parameters: tuple[Parameter, ...]
    offsets: NDArray[np.float64]
    slots: NDArray[np.int64]
    sources: NDArray[np.int64]
    factors: NDArray[np.float64]
    nonlinear: tuple[tuple[int, ParameterExpression], ...] = ()

    def values(
        self, given: ArrayLike | Mapping[Any, float] | None
    ) -> NDArray[np.float64]:
        """Return values of the parameters, shape ``(n_bindings, n_parameters)``.

        Parameters
        ----------
        given : array_like or mapping
            Numbers in the order of `parameters`, any number of rows; or one value
            for each parameter or its name.
        """
        if isinstance(given, Mapping):
            given = [self._look_up(given, parameter) for parameter in self.parameters]
        if given is None:
            check_values(self.parameters, [None] * len(self.parameters))
            given = []
        try:
            table = np.atleast_2d(np.asarray(given, np.float64))
        except (TypeError, ValueError) as error:
            raise InvalidKind(
                f"values must be real numbers or a mapping, got {given!r:.60}."
            ) from error
        wanted = len(self.parameters)
        if table.ndim != 2 or table.shape[1] != wanted:
            names = ", ".join(p.name for p in self.parameters) or "none"
            raise InvalidValue(
                f"values must hold {wanted} numbers a row, one for each parameter "
                f"({names}), got shape {np.shape(given)}."
            )
        check_values(self.parameters, table)
        return table

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return all angles, shape ``(n_bindings, n_slots)``."""
        table = np.tile(self.offsets, (values.shape[0], 1))
        with np.errstate(over="ignore"):  # an infinite angle is refused below
            terms = self.factors * values[:, self.sources]
        for slot, column in zip(self.slots, terms.T, strict=True):
            table[:, slot] += column
        for slot, expression in self.nonlinear:
            table[:, slot] = [self._evaluate(expression, row) for row in values]
        check_angles(table)
        return table

    def _evaluate(
        self, expression: ParameterExpression, row: NDArray[np.float64]
    ) -> float:
        known = dict(zip(self.parameters, row.tolist(), strict=True))
        return _real(expression.bind({p: known[p] for p in expression.parameters}))

    @staticmethod
    def _look_up(given: Mapping[Any, float], parameter: Parameter) -> float:
        for key in (parameter, parameter.name):
            if key in given:
                return given[key]
        raise InvalidValue(
            f"every parameter of the circuit needs a value, but {parameter.name} "
            "has none; add it to the mapping."
        )


def collect(raw: Sequence[Any], parameters: Sequence[Parameter]) -> Angles:
    """Return numbers and expressions, one an angle, as functions of ``parameters``."""
    offsets = np.zeros(len(raw))
    terms: list[tuple[int, int, float]] = []
    nonlinear = []
    try:
        offsets[:] = raw
    except TypeError:  # a free parameter has no number
        index = {parameter: k for k, parameter in enumerate(parameters)}
        for slot, angle in enumerate(raw):
            if not is_free(angle):
                offsets[slot] = _real(angle)
                continue
            slopes = _slopes(angle)
            if slopes is None:
                nonlinear.append((slot, angle))
                continue
            if not isinstance(angle, Parameter):
                offsets[slot] = _real(angle.bind(dict.fromkeys(slopes, 0.0)))
            terms += [(slot, index[p], factor) for p, factor in slopes.items()]
    check_angles(offsets)
    slots, sources, factors = zip(*terms, strict=True) if terms else ((), (), ())
    return Angles(
        parameters=tuple(parameters),
        offsets=offsets,
        slots=np.array(slots, np.int64),
        sources=np.array(sources, np.int64),
        factors=np.array(factors, np.float64),
        nonlinear=tuple(nonlinear),
    )


def check_values(names: Sequence[Any], table: Any) -> None:
    """Refuse values of parameters that are missing or not finite.

    Parameters
    ----------
    names : sequence of Parameter or str
        Of the columns of ``table``.
    table : array_like of float or None, shape (..., n_parameters)
        A None is a missing value.
    """
    bad = ~np.isfinite(np.asarray(table, np.float64))
    if bad.any():
        place = tuple(np.argwhere(bad)[0])
        name = getattr(names[place[-1]], "name", names[place[-1]])
        got = np.asarray(table)[place]
        raise InvalidValue(
            f"the value of the parameter {name} must be a finite number, got {got}; "
            "give every parameter a value."
        )


def is_free(angle: Any) -> bool:
    """Tell whether ``angle`` holds a parameter without a value."""
    return isinstance(angle, ParameterExpression) and bool(angle.parameters)


def _slopes(angle: ParameterExpression) -> dict[Parameter, float] | None:
    """Return the constant derivatives of ``angle``, or None where one is not."""
    if isinstance(angle, Parameter):
        return {angle: 1.0}
    slopes = {}
    for parameter in angle.parameters:
        try:
            slope = angle.gradient(parameter)
        except Exception:  # Qiskit knows no derivative of it
            return None
        if is_free(slope) or isinstance(slope, complex):
            return None
        slopes[parameter] = _real(slope)
    return slopes


def check_angles(angles: NDArray[np.float64]) -> None:
    """Refuse angles that no gate can have."""
    if not np.isfinite(angles).all():
        bad = angles[~np.isfinite(angles)][0]
        raise InvalidValue(
            f"every angle of a gate must be a finite number of rad, got {bad}; "
            "correct the gate or the values of its parameters."
        )


def _real(angle: Any) -> float:
    """Return a number as a float."""
    number = angle.numeric() if isinstance(angle, ParameterExpression) else angle
    if isinstance(number, complex) and number.imag:
        raise InvalidValue(
            f"the angle of a gate must be real, got {number}; bind other values."
        )
    return float(number.real)
