"""Energies of many Hermitian matrices of one kind: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["affine_energies"]


def affine_energies(
    static: NDArray[np.complex128],
    terms: NDArray[np.complex128],
    coefficients: NDArray[np.float64],
    lanes: tuple[int, ...],  # noqa: ARG001
) -> NDArray[np.float64]:
    """Return the ascending eigenvalues of ``static + sum_k c_k terms_k``.

    Parameters
    ----------
    static : ndarray, shape (d, d)
        Hermitian.
    terms : ndarray, shape (m, d, d)
        Hermitian.
    coefficients : ndarray, shape (n, m)
        c of each of the matrices.
    lanes : tuple of zeros
        Width of the kernel's vectors (`qleap.core.simd.host_lanes`); without meaning
        here.

    Returns
    -------
    ndarray, shape (n, d)
    """
    moving = np.einsum("nk,kij->nij", coefficients, terms)
    return np.asarray(np.linalg.eigvalsh(static + moving), dtype=np.float64)
