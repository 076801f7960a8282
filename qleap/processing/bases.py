"""Bases in which all qubits are read, and estimates of Pauli strings from readings."""

from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.shots import draw

__all__ = [
    "Basis",
    "measurement_bases",
    "rotated",
    "sampled_values",
    "values_from_readings",
]

QUBITS_AT_ONCE: Final = 5
"""One matrix product turns so many neighbours."""

SHOTS_AT_ONCE: Final = 1 << 14
"""Rows of the table of signs."""

_FROM_X: Final = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
_FROM_Y: Final = np.array([[1, -1j], [1, 1j]]) / np.sqrt(2)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Directions in which all qubits are read, and the strings that this serves.

    Parameters
    ----------
    x, z : int
        Qubits read along X (``x`` alone), Y (both) or Z (the others).
    strings : ndarray of int64
        Positions of the strings that are products of what is read.
    """

    x: int
    z: int
    strings: NDArray[np.int64]


def measurement_bases(x: NDArray[np.int64], z: NDArray[np.int64]) -> tuple[Basis, ...]:
    """Return bases that serve all strings, the identity left out.

    Strings commute qubit by qubit where they have the same letter on every qubit on
    which both act. Heavy strings come first and each joins the first basis that it
    fits (a heuristic; the fewest bases are hard to find).
    """
    weights = np.bitwise_count(x | z)
    bases: list[tuple[int, int]] = []
    members: list[list[int]] = []
    for k in np.argsort(-weights.astype(np.int64), kind="stable").tolist():
        a, b = int(x[k]), int(z[k])
        if not a | b:
            continue
        for place, (c, d) in enumerate(bases):
            if not ((a ^ c) | (b ^ d)) & (a | b) & (c | d):
                bases[place] = (a | c, b | d)
                members[place].append(k)
                break
        else:
            bases.append((a, b))
            members.append([k])
    return tuple(
        Basis(x=a, z=b, strings=np.sort(np.array(strings, np.int64)))
        for (a, b), strings in zip(bases, members, strict=True)
    )


def rotated(state: NDArray[Any], x: int, z: int) -> NDArray[Any]:
    """Return the state whose readings are those along other axes.

    Parameters
    ----------
    state : ndarray of complex128, shape (2**n,)
        Stays as it is.
    x, z : int
        Qubits to read along X (in ``x`` alone), Y (in both) or Z (the others).
    """
    n_qubits = state.size.bit_length() - 1
    for low in range(0, n_qubits, QUBITS_AT_ONCE):
        qubits = range(low, min(low + QUBITS_AT_ONCE, n_qubits))
        if not any(x >> qubit & 1 for qubit in qubits):
            continue
        axes = [np.eye(2), _FROM_X, np.eye(2), _FROM_Y]
        turns = [axes[(x >> q & 1) + 2 * (z >> q & 1)] for q in reversed(qubits)]
        matrix = reduce(np.kron, turns)
        state = (matrix @ state.reshape(-1, len(matrix), 1 << low)).ravel()
    return state


def sampled_values(
    state: NDArray[Any],
    supports: NDArray[np.int64],
    weights: NDArray[np.float64],
    shots: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means of observables over fresh readings and their variances.

    Parameters
    ----------
    state : ndarray of complex128, shape (2**n,)
        In the basis in which all strings are products of Z.
    supports, weights : ndarray
        As for `values_from_readings`.
    shots : int
        Number of readings.
    seed : int
        Of the readings.
    """
    outcomes, counts = np.unique(draw(state, shots, seed), return_counts=True)
    return values_from_readings(outcomes, counts, supports, weights)


def values_from_readings(
    outcomes: NDArray[np.int64],
    counts: NDArray[np.int64],
    supports: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means of observables over readings and the variances of these means.

    Parameters
    ----------
    outcomes, counts : ndarray of int64, shape (n_outcomes,)
        What was read (qubit 0 is the least significant bit), and how often.
    supports : ndarray of int64, shape (n_strings,)
        Masks of the qubits of each string.
    weights : ndarray of float64, shape (n_observables, n_strings)
        Coefficients of the strings in the observables.

    Returns
    -------
    mean, variance : ndarray of float64, shape (n_observables,)
        The variance contains the correlations between strings, which one reading
        serves together. One shot alone tells nothing about it; then it is the
        largest that is possible.
    """
    total, squares = np.zeros((2, len(weights)))
    for start in range(0, outcomes.size, SHOTS_AT_ONCE):
        part = slice(start, start + SHOTS_AT_ONCE)
        odd = np.bitwise_count(outcomes[part, None] & supports) & 1
        readings = (1.0 - 2.0 * odd) @ weights.T
        total += counts[part] @ readings
        squares += counts[part] @ np.square(readings)
    shots = int(counts.sum())
    mean = total / shots
    if shots == 1:
        return mean, np.square(np.abs(weights).sum(axis=1))
    spread = np.maximum(squares / shots - np.square(mean), 0.0)
    return mean, spread / (shots - 1)
