"""Energies and eigenstates of many Hamiltonians that differ in a few coefficients."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["affine_eigenstates", "affine_energies"]

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]
Result = TypeVar("Result")

FEWEST: Final = 200
"""Matrices for which the kernels are worth the seconds of their first compilation."""

LARGEST: Final = 96
"""Levels up to which energies come from the kernel: measured 6 times LAPACK there."""

LARGEST_STATES: Final = 24
"""Levels up to which states come from the kernel; above, LAPACK is as fast."""

_PART: Final = 1_000_000
_STATES_PART: Final = 100_000
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
    size, lead = static.shape[0], coefficients.shape[:-1]
    if size > LARGEST or _count(lead) < FEWEST:
        return np.linalg.eigvalsh(static + np.tensordot(coefficients, terms, axes=1))
    from qleap.sensing._kernels.spectra import affine_energies as solve

    found = _by_kernel(solve, static, terms, coefficients, _PART)
    return np.concatenate(found).reshape(*lead, size)


def affine_eigenstates(
    static: Matrix, terms: Matrix, coefficients: Floats
) -> tuple[Floats, Matrix]:
    """Return energies ``(..., d)`` and eigenvectors ``(..., d, d)`` in columns.

    Parameters as of `affine_energies`.
    """
    size, lead = static.shape[0], coefficients.shape[:-1]
    if size > LARGEST_STATES or _count(lead) < FEWEST:
        moving = np.tensordot(coefficients, terms, axes=1)
        energies, states = np.linalg.eigh(static + moving)
        return energies, states
    from qleap.sensing._kernels.eigenstates import affine_eigenstates as solve

    found = _by_kernel(solve, static, terms, coefficients, _STATES_PART)
    energies = np.concatenate([part[0] for part in found])
    states = np.concatenate([part[1] for part in found])
    return energies.reshape(*lead, size), states.reshape(*lead, size, size)


def _count(lead: tuple[int, ...]) -> int:
    return int(np.prod(lead, dtype=np.int64))


def _by_kernel(
    solve: Callable[[Matrix, Matrix, Floats, tuple[int, ...]], Result],
    static: Matrix,
    terms: Matrix,
    coefficients: Floats,
    part: int,
) -> list[Result]:
    """Return what the kernel finds for parts of the coefficients, side by side."""
    from qleap.core.simd import host_bits, host_lanes

    flat = np.ascontiguousarray(coefficients.reshape(-1, coefficients.shape[-1]))
    lanes = host_lanes(8, 2 * host_bits())  # two chains at once hide latency
    still, moving = np.ascontiguousarray(static), np.ascontiguousarray(terms)

    def run(share: Floats) -> Result:
        return solve(still, moving, share, lanes)

    parts = min(os.cpu_count() or 1, flat.shape[0] * static.size // part)
    if parts < 2:
        return [run(flat)]
    with ThreadPoolExecutor(parts) as pool:
        return list(pool.map(run, np.array_split(flat, parts)))
