"""Pauli strings by number: I, X, Y, Z are 0 to 3, string ``sum_q p_q 4**q``."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue

__all__ = ["commute", "pauli_matrices", "pauli_number", "product"]

Integers = NDArray[np.int64]


@cache
def pauli_matrices(n_qubits: int) -> NDArray[np.complex128]:
    """Return all Pauli strings, shape ``(4**n, 2**n, 2**n)``."""
    one = np.array(
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]
    )
    if n_qubits == 1:
        return one
    rest = pauli_matrices(n_qubits - 1)
    return np.array([np.kron(b, a) for b in one for a in rest])


def product(numbers: Integers, other: int) -> Integers:
    """Return the number of the product of Pauli strings, up to its phase.

    With X, Y, Z as 1, 2, 3 the product of two different letters is the third, which is
    their exclusive or.
    """
    return numbers ^ other


def commute(numbers: Integers, other: int) -> Integers:
    """Return 1 where Pauli strings commute with ``other``, and -1 elsewhere."""
    differing = np.zeros_like(numbers)
    while other:
        a, b = numbers & 3, other & 3
        differing += (a != 0) & (b != 0) & (a != b)
        numbers, other = numbers >> 2, other >> 2
    return 1 - 2 * (differing & 1)


def pauli_number(string: Any) -> int:
    """Return the number of a string, the rightmost letter on the first qubit."""
    if not isinstance(string, str) or not string or set(string) - set("IXYZ"):
        raise InvalidValue(
            f"a Pauli string is made of the letters I, X, Y and Z, got {string!r:.40}."
        )
    return sum("IXYZ".index(letter) << 2 * k for k, letter in enumerate(string[::-1]))
