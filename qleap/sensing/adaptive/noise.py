"""How outcomes scatter about what a model predicts."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["BinomialNoise", "GaussianNoise", "Noise", "PoissonNoise", "StudentNoise"]

Array = NDArray[np.float64]

FEW_SHOTS = 25
"""Shots up to which the information of every number of successes is summed."""


class Noise(ABC):
    """A distribution of outcomes about their expectation."""

    kind: ClassVar[int]

    @property
    def scale(self) -> float:
        """The number that the distribution needs beside the expectation."""
        return 1.0

    @property
    def shape(self) -> float:
        """Another number, where the distribution needs one."""
        return 1.0

    @property
    def sums_outcomes(self) -> bool:
        """Whether `information` is exact, a sum over all that can be seen."""
        return False

    @abstractmethod
    def variance(self, mean: Array, spread: Array) -> Array:
        """Return the mean variance of outcomes.

        Parameters
        ----------
        mean, spread : ndarray, shape (m,)
            Mean and variance of the expectations over the particles.
        """

    def information(self, expected: Array, weights: Array) -> Array:
        """Return the information of outcomes of each setting, nat, shape ``(m,)``.

        That of normal distributions with the same variances.

        Parameters
        ----------
        expected : ndarray, shape (m, n)
            Of each particle at each setting.
        weights : ndarray, shape (n,)
            Of the particles, of sum 1.
        """
        from qleap.sensing._kernels.particles import prediction_moments

        mean, spread = prediction_moments(expected, weights)
        return np.asarray(0.5 * np.log1p(spread / self.variance(mean, spread)))

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

    def variance(self, mean: Array, spread: Array) -> Array:  # noqa: ARG002
        """Return the square of the standard deviation."""
        return np.full_like(mean, self.standard_deviation**2)

    def sample(self, expected: Array, rng: np.random.Generator) -> Array:
        """Return one outcome for each expectation."""
        return np.asarray(rng.normal(expected, self.standard_deviation))

    def check(self, outcome: float) -> float:
        """Return a finite outcome."""
        return checks.finite("outcome", outcome)


@dataclass(frozen=True, slots=True)
class StudentNoise(Noise):
    """Noise of Student's distribution: nearly normal, but with outliers.

    An outcome many ``scale`` away from all that the model can predict tells little
    instead of contradicting it.

    Parameters
    ----------
    scale : float
        That of the standard deviation for most outcomes, in the unit of the signal.
    degrees_of_freedom : float
        The fewer, the more outliers; 4 expects 1.6 % of them beyond 4 scales.
    """

    scale: float
    degrees_of_freedom: float = 4.0
    kind: ClassVar[int] = 3

    def __post_init__(self) -> None:
        checks.positive("scale", self.scale)
        checks.positive("degrees_of_freedom", self.degrees_of_freedom)

    @property
    def shape(self) -> float:
        """The degrees of freedom."""
        return self.degrees_of_freedom

    def variance(self, mean: Array, spread: Array) -> Array:  # noqa: ARG002
        """Return the inverse of Fisher's information, as large as outliers let it."""
        n = self.degrees_of_freedom
        return np.full_like(mean, self.scale**2 * (n + 3.0) / (n + 1.0))

    def sample(self, expected: Array, rng: np.random.Generator) -> Array:
        """Return one outcome for each expectation."""
        kicks = rng.standard_t(self.degrees_of_freedom, np.shape(expected))
        return np.asarray(expected + self.scale * kicks)

    def check(self, outcome: float) -> float:
        """Return a finite outcome."""
        return checks.finite("outcome", outcome)


@dataclass(frozen=True, slots=True)
class PoissonNoise(Noise):
    """Counts of photons; the model predicts their mean number."""

    kind: ClassVar[int] = 1

    def variance(self, mean: Array, spread: Array) -> Array:  # noqa: ARG002
        """Return the mean number of counts."""
        return np.maximum(mean, 1e-300)

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

    @property
    def sums_outcomes(self) -> bool:
        """Whether the shots are few enough that all outcomes are summed over."""
        return self.shots <= FEW_SHOTS

    def variance(self, mean: Array, spread: Array) -> Array:
        """Return the mean variance of the share of successes."""
        p = np.clip(mean, 1e-12, 1.0 - 1e-12)
        return np.maximum(p * (1.0 - p) - spread, 1e-12) / self.shots

    def information(self, expected: Array, weights: Array) -> Array:
        """Return the information of each setting, nat: exact for few shots."""
        from qleap.sensing._kernels.particles import binomial_information

        if not self.sums_outcomes:
            return Noise.information(self, expected, weights)
        return binomial_information(expected, weights, self.shots)

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
