"""Energies and eigenstates of many Hamiltonians that differ in a few coefficients."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["affine_eigenstates", "affine_energies"]

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]

LARGEST: Final = 96
"""Levels up to which the kernel is used; above, the cache is too small for it."""

_PART: Final = 1_000_000
"""Elements of matrices for which another thread is worth its start."""


def affine_energies(static: Matrix, terms: Matrix, coefficients: Floats) -> Floats:
    """Return the ascending eigenvalues of ``static + sum_k c_k terms_k``.

    Parameters
    ----------
    static : ndarray, shape (d, d)
    terms : ndarray, shape (m, d, d)
    coefficients : ndarray, shape (..., m)

    Returns
    -------
    ndarray, shape (..., d)
        With errors of a few roundings of the largest element, as LAPACK's.
    """
    size = static.shape[0]
    flat = np.ascontiguousarray(coefficients.reshape(-1, coefficients.shape[-1]))
    if size > LARGEST:
        energies = np.linalg.eigvalsh(static + np.tensordot(flat, terms, axes=1))
    else:
        energies = _by_kernel(static, terms, flat)
    return energies.reshape(*coefficients.shape[:-1], size)


def affine_eigenstates(
    static: Matrix, terms: Matrix, coefficients: Floats
) -> tuple[Floats, Matrix]:
    """Return energies ``(..., d)`` and eigenvectors ``(..., d, d)`` in columns.

    By LAPACK. Parameters as of `affine_energies`.
    """
    energies, states = np.linalg.eigh(static + np.tensordot(coefficients, terms, 1))
    return energies, states


def _by_kernel(static: Matrix, terms: Matrix, flat: Floats) -> Floats:
    from qleap.core.simd import host_bits, host_lanes
    from qleap.sensing._kernels import spectra

    lanes = host_lanes(8, 2 * host_bits())  # two chains of sweeps hide latency
    still, moving = np.ascontiguousarray(static), np.ascontiguousarray(terms)

    def run(part: Floats) -> Floats:
        return spectra.affine_energies(still, moving, part, lanes)

    parts = min(os.cpu_count() or 1, flat.shape[0] * static.size // _PART)
    if parts < 2:
        return run(flat)
    with ThreadPoolExecutor(parts) as pool:
        return np.concatenate(list(pool.map(run, np.array_split(flat, parts))))
