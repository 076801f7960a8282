"""Eigenvectors of many small Hermitian matrices: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["eigenvectors_of_lanes", "overlaps_of_lanes"]

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]


def eigenvectors_of_lanes(
    matrix: Floats,
    start: int,
    energies: Floats,
    vectors: Floats,
    work: Floats,
    lanes: Lanes,
) -> None:
    """Diagonalise the matrices from ``start`` on, as many as there are lanes.

    Parameters
    ----------
    matrix : ndarray, shape (2, d, d, n)
        Real and imaginary parts. Upper triangles are read.
    start : int
    energies : ndarray, shape (d * lanes,)
        Filled; the lane is the last index. The order is free.
    vectors, work : ndarray, shape (2 * d * d * lanes,)
        Filled with the eigenvectors as columns, with any phase; space.
    lanes : tuple of int
        As many zeros as the logarithm of the number of lanes to base 2.
    """
    del work
    d, count = matrix.shape[1], 1 << len(lanes)
    chosen = np.moveaxis(matrix[..., start : start + count], -1, 0)
    h = chosen[:, 0] + 1j * chosen[:, 1]
    values, columns = np.linalg.eigh(h.swapaxes(1, 2).conj())
    energies[:] = values.T.ravel()
    both = np.stack([columns.real, columns.imag])
    vectors[:] = np.moveaxis(both, 1, -1).reshape(2 * d * d * count)


def overlaps_of_lanes(
    left: Floats, right: Floats, d: int, overlaps: Floats, lanes: Lanes
) -> None:
    """Fill ``overlaps`` with the products of the columns of ``left`` and ``right``.

    All are laid out as ``vectors`` in `eigenvectors_of_lanes`.
    """
    shape = (2, d, d, 1 << len(lanes))
    (ar, ai), (br, bi) = left.reshape(shape), right.reshape(shape)
    found = np.einsum("kin,kjn->ijn", ar - 1j * ai, br + 1j * bi)
    overlaps[:] = np.stack([found.real, found.imag]).ravel()
