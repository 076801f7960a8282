"""NumPy definition of the coefficients: matrices as exponentials of Pauli products."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

NONE, RX, RY, R, U, CU, PHASE, RZ, RZZ, RXX, RYY, RZX, XX_PLUS_YY, XX_MINUS_YY = range(
    14
)

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0 + 0j, -1.0])


def _rotation(generator: NDArray[Any], angle: float) -> Complex:
    """Return exp(-i angle generator / 2)."""
    turned: Complex = expm(-0.5j * angle * generator)
    return turned


def _phases(angle: float) -> Complex:
    return np.diag([1.0, np.exp(1j * angle)])


def _u(theta: float, phi: float, lam: float) -> Complex:
    """Return the general rotation without the global phase of its Euler form."""
    return _phases(phi) @ _rotation(Y, theta) @ _phases(lam)


def _plus(theta: float, beta: float) -> Complex:
    turn = np.kron(np.eye(2), np.diag(np.exp([0.5j * beta, -0.5j * beta])))
    coupling = 0.5 * (np.kron(X, X) + np.kron(Y, Y))
    return turn @ _rotation(coupling, theta) @ turn.conj()


def _minus(theta: float, beta: float) -> Complex:
    turn = np.kron(np.diag(np.exp([-0.5j * beta, 0.5j * beta])), np.eye(2))
    coupling = 0.5 * (np.kron(X, X) - np.kron(Y, Y))
    return turn @ _rotation(coupling, theta) @ turn.conj()


MATRIX: dict[int, Callable[..., Complex]] = {
    RX: lambda a: _rotation(X, a),
    RY: lambda a: _rotation(Y, a),
    R: lambda a, b: _rotation(np.cos(b) * X + np.sin(b) * Y, a),
    U: _u,
    CU: lambda a, b, c, d: np.exp(1j * d) * _u(a, b, c),
    PHASE: lambda a: np.array([[np.exp(1j * a)]]),
    RZ: lambda a: _rotation(Z, a),
    RZZ: lambda a: _rotation(np.kron(Z, Z), a),
    RXX: lambda a: _rotation(np.kron(X, X), a),
    RYY: lambda a: _rotation(np.kron(Y, Y), a),
    RZX: lambda a: _rotation(np.kron(X, Z), a),  # Z on the first, lower qubit
    XX_PLUS_YY: _plus,
    XX_MINUS_YY: _minus,
}
N_ANGLES = {R: 2, U: 3, CU: 4, XX_PLUS_YY: 2, XX_MINUS_YY: 2}


def fill_coefficients(
    recipes: NDArray[np.int64], angles: Floats, coefficients: Floats
) -> None:
    """Fill tables of ``coefficients``, one row for each row of ``angles``."""
    for values, table in zip(angles, coefficients, strict=True):
        for code, _, place, slot in recipes.tolist():
            matrix = MATRIX[code](*values[slot : slot + N_ANGLES.get(code, 1)])
            entries = np.diagonal(matrix) if code in {PHASE, RZ, RZZ} else matrix
            flat = np.ascontiguousarray(entries, complex).ravel().view(np.float64)
            table[place : place + flat.size] = flat
