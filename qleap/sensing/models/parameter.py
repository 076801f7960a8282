"""Parameters of models: names, units, limits, priors."""

import math
from dataclasses import dataclass

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Gaussian", "Parameter", "Uniform"]


@dataclass(frozen=True, slots=True)
class Gaussian:
    """A normal prior: what was known of a parameter before these data."""

    mean: float
    standard_deviation: float

    def __post_init__(self) -> None:
        checks.finite("mean", self.mean)
        checks.positive("standard_deviation", self.standard_deviation)


@dataclass(frozen=True, slots=True)
class Uniform:
    """A flat prior between two limits."""

    low: float
    high: float

    def __post_init__(self) -> None:
        checks.finite("low", self.low)
        checks.finite("high", self.high)
        if not self.low < self.high:
            raise InvalidValue(
                f"a uniform prior must have low < high, got {self.low} and {self.high}."
            )


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a model.

    Parameters
    ----------
    name : str
        An identifier, so that it can be a keyword.
    unit : str
        Its own unit, or ``"signal"`` for that of the signal.
    low, high : float
        Limits.
    """

    name: str
    unit: str = "1"
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise InvalidValue(
                f"name of a parameter must be an identifier, got {self.name!r}; "
                "letters, digits and underscores only."
            )
        if not self.low < self.high:
            raise InvalidValue(
                f"limits of {self.name} must have low < high, got {self.low} and "
                f"{self.high} {self.unit}."
            )
