"""Exponentials of matrices, and Magnus' exponent: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["NODES", "exponentials", "magnus_generators"]

Matrix = NDArray[np.complex128]

NODES = 0.5 + np.array([-1.0, 0.0, 1.0]) * np.sqrt(15.0) / 10.0
"""Gauss and Legendre's three points on 0 to 1."""


def exponentials(generators: Matrix, lanes: tuple[int, ...]) -> Matrix:  # noqa: ARG001
    """Return exp(-i G) of matrices G, shape ``(n, b, b)``."""
    from scipy.linalg import expm

    return np.asarray(expm(-1j * generators))


def magnus_generators(
    operators: Matrix,
    coefficients: NDArray[np.float64],
    lanes: tuple[int, ...],  # noqa: ARG001
) -> Matrix:
    r"""Return G such that exp(-i G) solves U' = -i A(t) U over a step to sixth order.

    Blanes, Casas, Oteo and Ros, Phys. Rep. 470, 151 (2009): with A at
    Gauss and Legendre's points of the step,

    .. math::
        \alpha_1 = A_2, \quad \alpha_2 = \tfrac{\sqrt{15}}{3} (A_3 - A_1), \quad
        \alpha_3 = \tfrac{10}{3} (A_3 - 2 A_2 + A_1),

    .. math::
        \Omega = \alpha_1 + \tfrac{1}{12} \alpha_3 + \tfrac{1}{240}
        [-20 \alpha_1 - \alpha_3 + C_1, \alpha_2 + C_2], \quad
        C_1 = [\alpha_1, \alpha_2], \quad
        C_2 = -\tfrac{1}{60} [\alpha_1, 2 \alpha_3 + C_1].

    Parameters
    ----------
    operators : ndarray, shape (k, b, b)
    coefficients : ndarray, shape (n, 3, k)
        A times the length of the step, at `NODES`, in terms of the operators.
    lanes : tuple of int
        Of the vectors of the kernel.

    Returns
    -------
    ndarray, shape (n, b, b)
    """
    first, second, third = -1j * np.einsum("nsk,kij->snij", coefficients, operators)
    mean, slope = second, np.sqrt(15.0) / 3.0 * (third - first)
    bend = 10.0 / 3.0 * (third - 2.0 * second + first)
    inner = _commutator(mean, slope)
    outer = -_commutator(mean, 2.0 * bend + inner) / 60.0
    last = _commutator(-20.0 * mean - bend + inner, slope + outer)
    return np.asarray(1j * (mean + bend / 12.0 + last / 240.0))


def _commutator(a: Matrix, b: Matrix) -> Matrix:
    return np.asarray(a @ b - b @ a)
