"""What is known of the parameters before the first measurement."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.models import Gaussian, Parameter, Uniform

__all__ = ["LogUniform", "Prior", "Uniform", "sample_prior"]

Array = NDArray[np.float64]

MOST_TRIES = 1000
"""Rounds of drawing from a normal prior that lies outside the limits."""


@dataclass(frozen=True, slots=True)
class LogUniform:
    """A logarithm equally probable between two limits: for times and widths."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not checks.positive("low", self.low) < checks.finite("high", self.high):
            raise InvalidValue(f"low must be < high, got {self.low} and {self.high}.")


Distribution = (Uniform, LogUniform, Gaussian)

Prior = Mapping[str, "Uniform | LogUniform | Gaussian | float"]
"""Of every parameter a distribution, or the number that it is known to be."""


def sample_prior(
    parameters: tuple[Parameter, ...], prior: Prior, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return particles ``(p, n)`` and the limits within which they stay, ``(p, 2)``."""
    names = [parameter.name for parameter in parameters]
    checks.known_keys("prior", prior, names)
    lacking = [name for name in names if name not in prior]
    if lacking:
        raise InvalidValue(
            f"prior must name every parameter, but lacks {', '.join(lacking)}; give "
            "a number for what is known."
        )
    values = np.empty((len(names), n))
    limits = np.empty((len(names), 2))
    for row, bounds, parameter in zip(values, limits, parameters, strict=True):
        known = prior[parameter.name]
        bounds[:] = parameter.low, parameter.high
        if isinstance(known, Gaussian):
            row[:] = _normal(known, parameter, n, rng)
        elif isinstance(known, (Uniform, LogUniform)):
            bounds[:] = max(known.low, bounds[0]), min(known.high, bounds[1])
            if not bounds[0] < bounds[1]:
                raise InvalidValue(
                    f"prior of {parameter.name} must overlap its limits "
                    f"{parameter.low} to {parameter.high}, {parameter.unit}, got "
                    f"{known.low} to {known.high}."
                )
            if isinstance(known, Uniform):
                row[:] = rng.uniform(bounds[0], bounds[1], n)
            else:
                row[:] = np.exp(
                    rng.uniform(math.log(bounds[0]), math.log(bounds[1]), n)
                )
        else:
            row[:] = _exact(known, parameter)
    return values, limits


def _exact(known: object, parameter: Parameter) -> float:
    """Return a known number within the limits of the parameter."""
    if not isinstance(known, Real):
        raise InvalidKind(
            f"prior of {parameter.name} must be a Uniform, LogUniform or Gaussian "
            f"distribution, or a number, got {known!r}."
        )
    number = checks.finite(parameter.name, known, parameter.unit)
    if not parameter.low <= number <= parameter.high:
        raise InvalidValue(
            f"prior of {parameter.name} must lie within its limits {parameter.low} to "
            f"{parameter.high}, {parameter.unit}, got {number}."
        )
    return number


def _normal(
    known: Gaussian, parameter: Parameter, n: int, rng: np.random.Generator
) -> Array:
    """Return draws of a normal distribution within the limits of the parameter."""
    found = rng.normal(known.mean, known.standard_deviation, n)
    for _ in range(MOST_TRIES):
        outside = np.flatnonzero((found < parameter.low) | (found > parameter.high))
        if not outside.size:
            return found
        found[outside] = rng.normal(known.mean, known.standard_deviation, outside.size)
    raise InvalidValue(
        f"prior of {parameter.name} must overlap its limits {parameter.low} to "
        f"{parameter.high}, {parameter.unit}, got {known}."
    )
