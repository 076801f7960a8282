"""How outcomes scatter about what a model predicts."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["BinomialNoise", "GaussianNoise", "Noise", "PoissonNoise"]

Array = NDArray[np.float64]


class Noise(ABC):
    """A distribution of outcomes about their expectation."""

    kind: ClassVar[int]

    @property
    def scale(self) -> float:
        """The number that the distribution needs beside the expectation."""
        return 1.0

    @abstractmethod
    def variance(self, expected: Array) -> Array:
        """Return the variance of outcomes with these expectations."""

    @abstractmethod
    def sample(self, expected: Array, rng: np.random.Generator) -> Array:
        """Return one outcome for each expectation."""

    @abstractmethod
    def check(self, outcome: float) -> float:
        """Return an outcome that can happen."""


@dataclass(frozen=True, slots=True)
class GaussianNoise(Noise):
    """Normal noise; the model predicts the value.

    Parameters
    ----------
    standard_deviation : float
        In the unit of the signal.
    """

    standard_deviation: float
    kind: ClassVar[int] = 0

    def __post_init__(self) -> None:
        checks.positive("standard_deviation", self.standard_deviation)

    @property
    def scale(self) -> float:
        """The standard deviation."""
        return self.standard_deviation

    def variance(self, expected: Array) -> Array:
        """Return the square of the standard deviation."""
        return np.full_like(expected, self.standard_deviation**2)

    def sample(self, expected: Array, rng: np.random.Generator) -> Array:
        """Return one outcome for each expectation."""
        return np.asarray(rng.normal(expected, self.standard_deviation))

    def check(self, outcome: float) -> float:
        """Return a finite outcome."""
        return checks.finite("outcome", outcome)


@dataclass(frozen=True, slots=True)
class PoissonNoise(Noise):
    """Counts of photons; the model predicts their mean number."""

    kind: ClassVar[int] = 1

    def variance(self, expected: Array) -> Array:
        """Return the mean number of counts."""
        return np.maximum(expected, 1e-300)

    def sample(self, expected: Array, rng: np.random.Generator) -> Array:
        """Return one number of counts for each expectation."""
        return np.asarray(rng.poisson(np.maximum(expected, 0.0)), dtype=np.float64)

    def check(self, outcome: float) -> float:
        """Return a whole number of counts."""
        return float(checks.count("outcome", outcome, 0))


@dataclass(frozen=True, slots=True)
class BinomialNoise(Noise):
    """Successes in single-shot readouts; the model predicts their probability.

    Parameters
    ----------
    shots : int
        Readouts behind one outcome.
    """

    shots: int = 1
    kind: ClassVar[int] = 2

    def __post_init__(self) -> None:
        checks.count("shots", self.shots)

    @property
    def scale(self) -> float:
        """The number of shots."""
        return float(self.shots)

    def variance(self, expected: Array) -> Array:
        """Return the variance of the share of successes."""
        p = np.clip(expected, 1e-12, 1.0 - 1e-12)
        return np.asarray(p * (1.0 - p) / self.shots)

    def sample(self, expected: Array, rng: np.random.Generator) -> Array:
        """Return one number of successes for each probability."""
        p = np.clip(expected, 0.0, 1.0)
        return np.asarray(rng.binomial(self.shots, p), dtype=np.float64)

    def check(self, outcome: float) -> float:
        """Return a number of successes up to that of the shots."""
        if not 0 <= outcome <= self.shots:
            raise InvalidValue(
                f"outcome must be a number of successes from 0 to {self.shots}, got "
                f"{outcome}; give counts of photons to PoissonNoise."
            )
        return float(checks.count("outcome", outcome, 0))
