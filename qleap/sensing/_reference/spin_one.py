"""Spin one in zero-field, strain and magnetic terms: the definition."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["S_X", "S_Y", "S_Z", "spin_one_energies", "spin_one_hamiltonian"]

Matrix = NDArray[np.complex128]

S_X: Final[Matrix] = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / np.sqrt(2.0) + 0j
S_Y: Final[Matrix] = np.array([[0, -1j, 0], [1j, 0, -1j], [0, 1j, 0]]) / np.sqrt(2.0)
S_Z: Final[Matrix] = np.diag([1.0, 0.0, -1.0]) + 0j


def spin_one_hamiltonian(
    zeeman: NDArray[np.float64], zero_field: NDArray[np.float64]
) -> Matrix:
    """Return the matrices in the basis +1, 0, -1, shape ``(n, 3, 3)``, Hz.

    Parameters
    ----------
    zeeman : ndarray, shape (n, 3), Hz
        Factors of S_x, S_y, S_z.
    zero_field : ndarray, shape (5,), Hz
        Factors of S_z^2 - 2/3, S_y^2 - S_x^2, {S_x, S_y}, {S_x, S_z}, {S_y, S_z}.
    """
    x, y, z = S_X, S_Y, S_Z
    terms = np.array([
        z @ z - 2.0 / 3.0 * np.eye(3),
        y @ y - x @ x,
        x @ y + y @ x,
        x @ z + z @ x,
        y @ z + z @ y,
    ])  # fmt: skip
    still = np.einsum("k,kij->ij", zero_field, terms)
    moving = np.einsum("nk,kij->nij", zeeman, np.array([x, y, z]))
    return np.asarray(still + moving, dtype=np.complex128)


def spin_one_energies(
    zeeman: NDArray[np.float64], zero_field: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the ascending energies, shape ``(n, 3)``, Hz, by diagonalisation."""
    matrices = spin_one_hamiltonian(zeeman, zero_field)
    return np.asarray(np.linalg.eigvalsh(matrices), dtype=np.float64)
