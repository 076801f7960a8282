"""Energies and eigenstates of many Hermitian matrices of one kind: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["affine_eigenstates"]


def affine_eigenstates(
    static: NDArray[np.complex128],
    terms: NDArray[np.complex128],
    coefficients: NDArray[np.float64],
    lanes: tuple[int, ...],  # noqa: ARG001
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return ascending energies ``(n, d)`` and states ``(n, d, d)`` in columns.

    Parameters
    ----------
    static : ndarray, shape (d, d)
        Hermitian.
    terms : ndarray, shape (m, d, d)
        Hermitian.
    coefficients : ndarray, shape (n, m)
        Of the terms in each of the matrices.
    lanes : tuple of zeros
        Width of the kernel's vectors (`qleap.core.simd.host_lanes`); without meaning
        here.

    Notes
    -----
    States are defined up to a phase, those of degenerate levels up to a rotation.
    """
    moving = np.einsum("nk,kij->nij", coefficients, terms)
    energies, states = np.linalg.eigh(static + moving)
    return energies, states
