"""Observables of trajectories: which strings are summed up, and means with errors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.processing.paulis import PauliSum

__all__ = ["Mean", "Strings", "on_qubits"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Strings:
    """The different Pauli strings of several sums.

    Parameters
    ----------
    x, z : ndarray of int64, shape (n_strings,)
        Masks as in `qleap.processing.paulis`.
    weights : ndarray of float64, shape (n_sums, n_strings)
        Coefficient of each string in each sum.
    """

    x: Integers
    z: Integers
    weights: Floats

    @classmethod
    def of(cls, sums: Sequence[PauliSum]) -> "Strings":
        """Return the strings of Hermitian sums; there may be none."""
        if not sums:
            none = np.empty(0, np.int64)
            return cls(x=none, z=none, weights=np.empty((0, 0)))
        masks = np.concatenate([np.stack([one.x, one.z]) for one in sums], axis=1)
        distinct, which = np.unique(masks, axis=1, return_inverse=True)
        owners = np.repeat(np.arange(len(sums)), [one.x.size for one in sums])
        weights = np.zeros((len(sums), distinct.shape[1]))
        coefficients = [one.real_coefficients() for one in sums]
        np.add.at(weights, (owners, which.ravel()), np.concatenate(coefficients))
        x, z = np.ascontiguousarray(distinct)
        return cls(x=x, z=z, weights=weights)

    def values(self, state: NDArray[Any]) -> Floats:
        """Return the values of the sums in a state; runs in this thread alone."""
        from qleap.processing.observables import string_values

        found: Floats = self.weights @ string_values(state, self.x, self.z, alone=True)
        return found


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Means of trajectories and their standard errors.

    Parameters
    ----------
    values, errors : ndarray of float64, shape (n_sums,)
        The errors are those of the means: sample deviation by the root of the number;
        infinite for a single trajectory.
    """

    values: Floats
    errors: Floats

    @classmethod
    def of(cls, exact: Floats, weight: float, samples: Floats) -> "Mean":
        """Return ``exact`` plus ``weight`` times the mean of ``samples`` (a row each).

        Parameters
        ----------
        exact : ndarray of float64, shape (n_sums,)
            The share of the trajectories that need not be sampled.
        weight : float
            Probability of the others.
        samples : ndarray of float64, shape (n_trajectories, n_sums)
        """
        if weight == 0.0:
            return cls(values=exact, errors=np.zeros_like(exact))
        n = len(samples)
        errors = np.full_like(exact, math.inf)
        if n > 1:
            errors = weight * samples.std(axis=0, ddof=1) / math.sqrt(n)
        return cls(values=exact + weight * samples.mean(axis=0), errors=errors)


def on_qubits(operator: PauliSum, qubits: Sequence[int]) -> PauliSum:
    """Return what an observable is on ``qubits`` while all others are in zero."""
    others = ~sum(1 << qubit for qubit in qubits)
    kept = np.flatnonzero(operator.x & others == 0)
    x, z = np.zeros_like(kept), np.zeros_like(kept)
    for k, qubit in enumerate(qubits):
        x |= (operator.x[kept] >> qubit & 1) << k
        z |= (operator.z[kept] >> qubit & 1) << k
    return PauliSum(
        n_qubits=len(qubits), x=x, z=z, coefficients=operator.coefficients[kept]
    )
