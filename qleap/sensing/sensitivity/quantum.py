r"""Quantum Fisher information: what the best of all measurements would tell."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidValue

__all__ = [
    "measurement_information",
    "quantum_fisher_information",
    "symmetric_logarithmic_derivative",
]

Matrix = NDArray[np.complex128]
_EMPTY = 1e-12
"""Populations below this are taken for none."""


def quantum_fisher_information(
    state: ArrayLike, slopes: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the quantum Fisher information matrix, shape ``(n, n)``.

    Parameters
    ----------
    state : array_like, shape (d,) or (d, d)
        A normalised state vector, or a density matrix.
    slopes : array_like, shape (n, d) or (n, d, d)
        Its derivatives by n parameters; see `differentiate` and `state_slope`.

    Notes
    -----
    For a vector :math:`4\,\mathrm{Re}[\langle\partial_a\psi|\partial_b\psi\rangle -
    \langle\partial_a\psi|\psi\rangle\langle\psi|\partial_b\psi\rangle]`; for a
    matrix with the eigenvalues :math:`p_i`

    .. math:: F_{ab} = \sum_{p_i + p_j > 0} \frac{2\,\mathrm{Re}
        (\langle i|\partial_a\rho|j\rangle\langle j|\partial_b\rho|i\rangle)}
        {p_i + p_j}.

    Where the rank of the state changes with a parameter this is the value of the
    formula and not a limit.

    References
    ----------
    M. G. A. Paris, Int. J. Quantum Inf. 7, 125 (2009).
    """
    rho, d_rho = _checked(state, slopes)
    if rho.ndim == 1:
        overlap = d_rho.conj() @ rho
        gram = d_rho.conj() @ d_rho.T - np.outer(overlap, overlap.conj())
        return np.asarray(4.0 * gram.real)
    populations, states = np.linalg.eigh(rho)
    inner = states.conj().T @ d_rho @ states
    return np.asarray(
        2.0 * np.einsum("aij,bji,ij->ab", inner, inner, _inverse(populations)).real
    )


def symmetric_logarithmic_derivative(state: ArrayLike, slope: ArrayLike) -> Matrix:
    r"""Return L with :math:`\partial\rho = (L\rho + \rho L)/2`, shape ``(d, d)``.

    Measuring its eigenstates is the best measurement for one parameter.
    """
    rho, d_rho = _checked(state, np.asarray(slope)[None])
    if rho.ndim == 1:
        turned = np.outer(d_rho[0], rho.conj())
        return np.asarray(2.0 * (turned + turned.conj().T))
    populations, states = np.linalg.eigh(rho)
    inner = states.conj().T @ d_rho[0] @ states
    return np.asarray(states @ (2.0 * _inverse(populations) * inner) @ states.conj().T)


def measurement_information(
    state: ArrayLike, slopes: ArrayLike, effects: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the classical Fisher information of a measurement, shape ``(n, n)``.

    Parameters
    ----------
    state, slopes
        As in `quantum_fisher_information`.
    effects : array_like, shape (m, d, d)
        Projectors, or other positive operators, that add up to one; the outcome k
        has the probability :math:`\mathrm{tr}(\rho E_k)`.
    """
    rho, d_rho = _checked(state, slopes)
    if rho.ndim == 1:
        d_rho = np.einsum("ni,j->nij", d_rho, rho.conj())
        d_rho = d_rho + np.swapaxes(d_rho.conj(), 1, 2)
        rho = np.outer(rho, rho.conj())
    measured = np.asarray(effects, dtype=np.complex128)
    whole = measured.sum(axis=0)
    if not np.allclose(whole, np.eye(len(rho)), atol=1e-9):
        raise InvalidValue(
            "effects must add up to one, got a sum that differs from it by "
            f"{np.abs(whole - np.eye(len(rho))).max():.3g}; include all outcomes."
        )
    chance = np.einsum("kij,ji->k", measured, rho).real
    change = np.einsum("kij,nji->nk", measured, d_rho).real
    seen = chance > _EMPTY
    return np.asarray((change[:, seen] / chance[seen]) @ change[:, seen].T)


def _checked(state: Any, slopes: Any) -> tuple[Matrix, Matrix]:
    rho = np.asarray(state, dtype=np.complex128)
    d_rho = np.asarray(slopes, dtype=np.complex128)
    if rho.ndim not in (1, 2) or d_rho.shape[1:] != rho.shape:
        raise InvalidValue(
            "slopes must have the shape (n, d) of a vector or (n, d, d) of a matrix, "
            f"got {d_rho.shape} for a state of the shape {rho.shape}."
        )
    size = np.linalg.norm(rho) if rho.ndim == 1 else np.trace(rho)
    if not abs(size - 1.0) < 1e-6:
        raise InvalidValue(
            "state must have the norm (a vector) or the trace (a density matrix) 1, "
            f"got {size:.6g}; divide by it, and take the slopes of the quotient."
        )
    if rho.ndim == 2 and not np.allclose(rho, rho.conj().T):
        raise InvalidValue(
            "state must be Hermitian, as a density matrix is; take (rho + rho^+) / 2."
        )
    return rho, d_rho


def _inverse(populations: NDArray[np.float64]) -> NDArray[np.float64]:
    total = populations[:, None] + populations[None, :]
    return np.where(total > _EMPTY, 1.0 / np.where(total > _EMPTY, total, 1.0), 0.0)
