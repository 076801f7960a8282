"""Readout errors: what is read instead of what was there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["ReadoutError"]

TOLERANCE = 1e-8
"""How far the columns of an assignment matrix may be from adding up to one."""

MOST_BITS = 8
"""Bits of one correlated error."""


@dataclass(frozen=True, eq=False)
class ReadoutError:
    """Assignment of read values to true values of one bit or several.

    Parameters
    ----------
    assignment : array_like, shape (2**k, 2**k)
        ``assignment[read, true]`` is the probability to read one value where another
        is true; every column adds up to one. The first bit counts least. (Qiskit Aer
        has the transpose.)

    Examples
    --------
    >>> ReadoutError.of_bit(0.01, 0.03).assignment
    array([[0.99, 0.03],
           [0.01, 0.97]])
    """

    assignment: NDArray[np.float64]

    def __post_init__(self) -> None:
        table = _table(self.assignment)
        sums = table.sum(axis=0)
        if table.min() < -TOLERANCE or np.abs(sums - 1.0).max() > TOLERANCE:
            raise InvalidValue(
                "assignment must have columns of probabilities that add up to 1, got "
                f"the sums {sums.tolist()!s:.80}; its columns are the true values."
            )
        table = np.maximum(table, 0.0)
        object.__setattr__(self, "assignment", table / table.sum(axis=0))

    @classmethod
    def of_bit(cls, one_for_zero: float, zero_for_one: float) -> "ReadoutError":
        """Return the error of one bit: P(read 1 | true 0) and P(read 0 | true 1)."""
        p = checks.probability("one_for_zero", one_for_zero)
        q = checks.probability("zero_for_one", zero_for_one)
        return cls(np.array([[1.0 - p, q], [p, 1.0 - q]]))

    @property
    def n_bits(self) -> int:
        """Return the number of bits."""
        return int(self.assignment.shape[0]).bit_length() - 1

    def of_bits(self, kept: list[int]) -> "ReadoutError":
        """Return the error of some of the bits while the others are truly zero.

        What the others would have shown is summed over.
        """
        n = self.n_bits
        cube = self.assignment.reshape([2] * (2 * n))
        read_axes = [n - 1 - k for k in range(n)]
        for bit in range(n):
            if bit not in kept:
                axis = 2 * n - 1 - bit
                cube = np.take(cube, [0], axis=axis)
        summed = tuple(read_axes[bit] for bit in range(n) if bit not in kept)
        cube = cube.sum(axis=summed, keepdims=True)
        ordered = sorted(kept, reverse=True)
        cube = cube.reshape([2] * (2 * len(kept)))
        axes = [ordered.index(bit) for bit in reversed(kept)]
        axes += [len(kept) + axis for axis in axes]
        size = 2 ** len(kept)
        return ReadoutError(cube.transpose(axes).reshape(size, size))


def _table(assignment: ArrayLike) -> NDArray[np.float64]:
    try:
        table: NDArray[Any] = np.array(assignment, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            f"assignment must be a matrix of probabilities, got {assignment!r:.60}."
        ) from error
    sizes = [2**k for k in range(1, MOST_BITS + 1)]
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) not in sizes:
        raise InvalidValue(
            "assignment must be a square matrix of 2**k rows, k from 1 to "
            f"{MOST_BITS}, got the shape {table.shape}."
        )
    if not np.isfinite(table).all():
        raise InvalidValue("assignment must be finite, but has NaN or infinity.")
    return table
