"""Sentences on parameters that the data do not determine."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qleap.sensing.fitting.trace import Problem

__all__ = ["find_doubts"]

Array = NDArray[np.float64]

SINGULAR = 1e-9
"""Share of the largest singular value below which a combination is undetermined."""

AT_LIMIT = 1e-6
"""Share of its size, or of the room, by which a parameter at a limit misses it."""


def find_doubts(
    problem: "Problem", values: Array, slopes: Array, errors: Array
) -> tuple[str, ...]:
    """Return what the data leave open.

    Parameters
    ----------
    problem : Problem
    values : ndarray, shape (p,)
    slopes : ndarray, shape (n, number of free parameters)
        Of the residuals.
    errors : ndarray, shape (p,)
        Standard errors.
    """
    names = [n for n, free in zip(problem.names, problem.free, strict=True) if free]
    doubts = [*_combinations(names, slopes), *_limits(problem, values)]
    for one, value, error, free in zip(
        problem.parameters, values, errors, problem.free, strict=True
    ):
        if free and np.isfinite(error) and error > abs(value) > 0.0 and one.low == 0.0:
            doubts.append(
                f"{one.name} is not determined: its standard error {error:.3g} is "
                f"larger than its value {value:.3g} {one.unit}"
            )
    return tuple(doubts)


def _combinations(names: list[str], slopes: Array) -> list[str]:
    """Return a sentence for each direction in which the model does not change."""
    lengths = np.linalg.norm(slopes, axis=0)
    found = [
        f"{name} is not determined: the model does not depend on it at these data"
        for name, length in zip(names, lengths, strict=True)
        if length == 0.0
    ]
    used = lengths > 0.0
    if not np.any(used):
        return found
    _, sizes, right = np.linalg.svd(slopes[:, used] / lengths[used])
    kept = [name for name, is_used in zip(names, used, strict=True) if is_used]
    small = np.zeros(len(kept), dtype=bool)
    small[: sizes.size] = sizes < SINGULAR * sizes[0]
    small[sizes.size :] = True
    for direction in right[small]:
        involved = [n for n, c in zip(kept, direction, strict=True) if abs(c) > 0.1]
        found.append(
            f"{' and '.join(involved)} are not determined apart: only a combination "
            "of them changes the model; fix one of them or give a prior"
        )
    return found


def _limits(problem: "Problem", values: Array) -> list[str]:
    """Return a sentence for each parameter that ended at a limit."""
    found = []
    for one, value, free in zip(problem.parameters, values, problem.free, strict=True):
        for name, limit in (("lower", one.low), ("upper", one.high)):
            room = one.high - one.low
            size = room if np.isfinite(room) else max(abs(limit), 1e-300)
            if free and np.isfinite(limit) and abs(value - limit) <= AT_LIMIT * size:
                found.append(
                    f"{one.name} ended at its {name} limit {limit:.6g} {one.unit}: its "
                    "standard error does not hold there"
                )
    return found
