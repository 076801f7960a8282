"""A cloud of particles that stands for a distribution of parameters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.sensing.fitting.estimate import Estimate

__all__ = ["Particles"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Particles:
    """Weighted points in the space of the parameters.

    Parameters
    ----------
    names, units : tuple of str
        Of the parameters.
    values : ndarray, shape (p, n)
        A row for each parameter, a column for each particle.
    weights : ndarray, shape (n,)
        Of sum 1.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: Array
    weights: Array

    @property
    def effective_sample_size(self) -> float:
        """How many particles of equal weight would tell as much."""
        return float(1.0 / np.sum(self.weights**2))

    def moments(self) -> tuple[Array, Array]:
        """Return means ``(p,)`` and covariance ``(p, p)`` of the parameters."""
        from qleap.sensing._kernels.particles import cloud_moments

        rows = np.arange(len(self.values))
        return cloud_moments(self.values, self.weights, rows)

    @property
    def mean(self) -> Array:
        """Means of the parameters, shape ``(p,)``."""
        return self.moments()[0]

    @property
    def covariance(self) -> Array:
        """Covariance of the parameters, shape ``(p, p)``."""
        return self.moments()[1]

    @property
    def standard_deviations(self) -> Array:
        """Standard deviations of the parameters, shape ``(p,)``."""
        return np.sqrt(np.diag(self.covariance))

    def __getitem__(self, name: str) -> Estimate:
        """Return mean and standard deviation of one parameter."""
        at = self._place(name)
        mean, covariance = self.moments()
        return Estimate(float(mean[at]), float(np.sqrt(covariance[at, at])))

    def interval(self, name: str, probability: float = 0.683) -> tuple[float, float]:
        """Return the interval of that probability, with equal tails.

        Parameters
        ----------
        name : str
            Of a parameter.
        probability : float
        """
        checks.probability("probability", probability)
        row = self.values[self._place(name)]
        order = np.argsort(row)
        reached = np.cumsum(self.weights[order]) - 0.5 * self.weights[order]
        tail = 0.5 * (1.0 - probability)
        low, high = np.interp([tail, 1.0 - tail], reached, row[order])
        return float(low), float(high)

    def _place(self, name: str) -> int:
        checks.one_of("name", name, self.names)
        return self.names.index(name)
