"""What every model of a trace offers, and how models are put together."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.parameter import Parameter

__all__ = ["Renamed", "Sum", "TraceModel"]

Array = NDArray[np.float64]


class TraceModel(ABC):
    """A function of one variable with named parameters.

    A model of your own needs `parameters`, `_evaluate` and, for speed and for fits
    without start values, `_jacobian`, `_evaluate_many` and `guess`. ``a + b`` is
    their sum, in which parameters of one name are one parameter; `renamed` keeps
    them apart.
    """

    @property
    @abstractmethod
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in their order."""

    @abstractmethod
    def _evaluate(self, x: Array, values: Array) -> Array:
        """Return the model at ``x``, shape ``(n,)``."""

    def _jacobian(self, x: Array, values: Array) -> Array:
        """Return the derivatives, shape ``(n, p)``: central differences here."""
        return _differences(self._evaluate, x, values, self.scales(x, values))

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        """Return the model for rows of values, shape ``(m, n)``: one by one here."""
        return np.array([self._evaluate(x, one) for one in values])

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:  # noqa: ARG002
        """Return start values from data."""
        raise InvalidValue(
            f"{type(self).__name__} has no guess of its own; give start values for "
            f"{', '.join(self.names)}."
        )

    def alternatives(
        self,
        x: Array,  # noqa: ARG002
        y: Array,  # noqa: ARG002
        values: Array,  # noqa: ARG002
    ) -> Sequence[Array]:
        """Return other values that may fit as well as these; a fit doubts with them."""
        return ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in their order."""
        return tuple(parameter.name for parameter in self.parameters)

    def scales(self, x: Array, values: Array) -> Array:  # noqa: ARG002
        """Return the size of a change of each parameter that can be noticed."""
        return np.where(values == 0.0, 1.0, np.abs(values))

    def evaluate(self, x: ArrayLike, values: ArrayLike | Mapping[str, float]) -> Array:
        """Return the model at ``x``, shape ``(n,)``.

        Parameters
        ----------
        x : array_like, shape (n,)
        values : mapping of str to float, or array_like, shape (p,)
            Of all parameters, by name or in their order.
        """
        return self._evaluate(checks.vector("x", x), self.ordered(values))

    def jacobian(self, x: ArrayLike, values: ArrayLike | Mapping[str, float]) -> Array:
        """Return the derivatives of `evaluate`, shape ``(n, p)``."""
        return self._jacobian(checks.vector("x", x), self.ordered(values))

    def ordered(self, values: ArrayLike | Mapping[str, float]) -> Array:
        """Return values of all parameters in their order, checked."""
        if isinstance(values, Mapping):
            checks.known_keys(type(self).__name__, values, self.names)
            lacking = [name for name in self.names if name not in values]
            if lacking:
                raise InvalidValue(
                    f"values must name every parameter, but lack {', '.join(lacking)}."
                )
            values = [values[name] for name in self.names]
        array = checks.vector("values", values)
        if array.size != len(self.parameters):
            raise InvalidValue(
                f"values must have {len(self.parameters)} numbers "
                f"({', '.join(self.names)}), got {array.size}."
            )
        return array

    def __add__(self, other: "TraceModel") -> "Sum":
        return Sum(parts=(*_parts(self), *_parts(other)))

    def renamed(self, **names: str) -> "Renamed":
        """Return the model with other names for some parameters: ``old="new"``."""
        return Renamed(model=self, new_names=names)


def _parts(model: TraceModel) -> tuple[TraceModel, ...]:
    return model.parts if isinstance(model, Sum) else (model,)


@dataclass(frozen=True, kw_only=True)
class Sum(TraceModel):
    """Models added up; parameters of one name are shared."""

    parts: tuple[TraceModel, ...]

    def __post_init__(self) -> None:
        seen: dict[str, Parameter] = {}
        for parameter in (p for part in self.parts for p in part.parameters):
            known = seen.setdefault(parameter.name, parameter)
            if known.unit != parameter.unit:
                raise InvalidValue(
                    f"{parameter.name} must have one unit in all parts, got "
                    f"{known.unit} and {parameter.unit}; rename one of them with "
                    f"renamed({parameter.name}=...)."
                )

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of all parts, each name once, with the narrower limits."""
        seen: dict[str, Parameter] = {}
        for one in (p for part in self.parts for p in part.parameters):
            known = seen.setdefault(one.name, one)
            low, high = max(known.low, one.low), min(known.high, one.high)
            seen[one.name] = replace(known, low=low, high=high)
        return tuple(seen.values())

    def _places(self) -> list[NDArray[np.int64]]:
        order = {name: k for k, name in enumerate(self.names)}
        return [np.array([order[n] for n in part.names]) for part in self.parts]

    def _evaluate(self, x: Array, values: Array) -> Array:
        pairs = zip(self.parts, self._places(), strict=True)
        return np.asarray(sum(part._evaluate(x, values[at]) for part, at in pairs))

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        total = np.zeros((len(values), x.size))
        for part, at in zip(self.parts, self._places(), strict=True):
            total += part._evaluate_many(x, values[:, at])
        return total

    def _jacobian(self, x: Array, values: Array) -> Array:
        total = np.zeros((x.size, values.size))
        for part, at in zip(self.parts, self._places(), strict=True):
            total[:, at] += part._jacobian(x, values[at])
        return total

    def alternatives(self, x: Array, y: Array, values: Array) -> Sequence[Array]:
        """Return those of each part for what the others leave."""
        found, left = [], y - self._evaluate(x, values)
        for part, at in zip(self.parts, self._places(), strict=True):
            own = left + part._evaluate(x, values[at])
            for other in part.alternatives(x, own, values[at]):
                moved = values.copy()
                moved[at] = other
                found.append(moved)
        return found

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return start values: each part guesses on what those before left over."""
        at, left = checks.vector("x", x), checks.vector("y", y)
        found: dict[str, float] = {}
        for part in self.parts:
            own = part.guess(at, left)
            left = left - part.evaluate(at, own)
            found = {**own, **found}
        return found


@dataclass(frozen=True, kw_only=True)
class Renamed(TraceModel):
    """A model of which some parameters have other names."""

    model: TraceModel
    new_names: Mapping[str, str]

    def __post_init__(self) -> None:
        checks.known_keys("renamed", self.new_names, self.model.names)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the model under their new names."""
        return tuple(
            replace(one, name=self.new_names.get(one.name, one.name))
            for one in self.model.parameters
        )

    def _evaluate(self, x: Array, values: Array) -> Array:
        return self.model._evaluate(x, values)

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        return self.model._evaluate_many(x, values)

    def _jacobian(self, x: Array, values: Array) -> Array:
        return self.model._jacobian(x, values)

    def alternatives(self, x: Array, y: Array, values: Array) -> Sequence[Array]:
        """Return those of the model."""
        return self.model.alternatives(x, y, values)

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the model's start values under their new names."""
        found = self.model.guess(x, y)
        return {self.new_names.get(name, name): v for name, v in found.items()}


def _differences(function: Any, x: Array, values: Array, scales: Array) -> Array:
    """Return central differences of fourth order, shape ``(n, p)``."""
    columns: list[Array] = []
    steps: Sequence[tuple[float, float]] = ((1, 8), (-1, -8), (2, -1), (-2, 1))
    for k, scale in enumerate(scales):
        h = 1e-4 * scale
        total = np.zeros(x.size)
        for step, weight in steps:
            moved = values.copy()
            moved[k] += step * h
            total += weight * function(x, moved)
        columns.append(total / (12.0 * h))
    return np.array(columns).T
