"""Models from a function."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter

__all__ = ["FunctionModel", "Polynomial"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FunctionModel(TraceModel):
    """A model of your own, ``function(x, a, b, ...)``.

    Parameters
    ----------
    function : callable
        Of an array x and of numbers, whose names become those of the parameters.
    start : mapping of str to float
        Start values.
    units : mapping of str to str
        Units of parameters; 1 for those not named.
    limits : mapping of str to (low, high)
    jacobian_function : callable, optional
        With the arguments of `function`, the derivatives ``(n, p)``. By default they
        are exact where the function is made of NumPy's (see `differentiate`), and
        differences of fourth order otherwise.
    """

    function: Callable[..., ArrayLike]
    start: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    jacobian_function: Callable[..., ArrayLike] | None = None

    def __post_init__(self) -> None:
        for name, given in (
            ("start", self.start),
            ("units", self.units),
            ("limits", self.limits),
        ):
            checks.known_keys(name, given, self._arguments())

    def _arguments(self) -> tuple[str, ...]:
        found = tuple(inspect.signature(self.function).parameters)[1:]
        if not found:
            raise InvalidValue(
                "function must take x and at least one parameter, as in "
                "lambda x, a, b: a * x + b."
            )
        return found

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """One for each argument of the function after x."""
        return tuple(
            Parameter(
                name,
                self.units.get(name, "1"),
                *self.limits.get(name, (-np.inf, np.inf)),
            )
            for name in self._arguments()
        )

    def _evaluate(self, x: Array, values: Array) -> Array:
        found = np.asarray(self.function(x, *values), dtype=np.float64)
        return np.asarray(np.broadcast_to(found, x.shape))

    def _jacobian(self, x: Array, values: Array) -> Array:
        if self.jacobian_function is not None:
            return np.asarray(self.jacobian_function(x, *values), dtype=np.float64)
        from qleap.sensing.sensitivity.dual import differentiate

        def traced(**parameters: Any) -> Any:
            return self.function(x, *parameters.values())

        try:
            point = dict(zip(self.names, values.tolist(), strict=True))
            _, slopes = differentiate(traced, point)
        except TypeError:  # it calls something that has no rule of calculus
            return super()._jacobian(x, values)
        whole = np.broadcast_to(slopes, (values.size, x.size))
        return np.ascontiguousarray(whole.T)

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the given start values."""
        lacking = [name for name in self.names if name not in self.start]
        if lacking:
            return super().guess(x, y)
        return {name: float(self.start[name]) for name in self.names}


@dataclass(frozen=True, kw_only=True)
class Polynomial(TraceModel):
    """A background ``c0 + c1 x + c2 x^2 + ...``."""

    degree: int = 1

    def __post_init__(self) -> None:
        checks.count("degree", self.degree, 0, 12)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The coefficients, from the constant upwards."""
        return tuple(
            Parameter(f"c{k}", "signal" if k == 0 else f"signal/x^{k}")
            for k in range(self.degree + 1)
        )

    def _evaluate(self, x: Array, values: Array) -> Array:
        return np.asarray(np.polynomial.polynomial.polyval(x, values))

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        return np.asarray(values @ np.vander(x, self.degree + 1, increasing=True).T)

    def _jacobian(self, x: Array, values: Array) -> Array:  # noqa: ARG002
        return np.vander(x, self.degree + 1, increasing=True)

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the least squares."""
        at, data = checks.vector("x", x), checks.vector("y", y)
        found = np.polynomial.Polynomial.fit(at, data, self.degree).convert().coef
        padded = np.zeros(self.degree + 1)
        padded[: found.size] = found
        return dict(zip(self.names, map(float, padded), strict=True))
