"""Coherence of a central spin with a few bath spins, both evolved."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["cluster_coherences"]

Complex = NDArray[np.complex128]


def cluster_coherences(
    energies: NDArray[np.float64],
    vectors: Complex,
    start: Complex,
    measured: Complex,
    rotations: Complex,
    pulses: NDArray[np.int64],
    spacing: NDArray[np.float64],
    occupied: NDArray[np.int64],
    times: NDArray[np.float64],
    lanes: tuple[int, ...],
) -> Complex:
    r"""Return the coherence that each cluster leaves.

    .. math::
        L(t) = \frac{1}{M} \sum_j \langle l| \mathrm{Tr}_B\,
        U |s\,j\rangle \langle s\,j| U^\dagger |r\rangle, \quad
        U = V(f_p t) R_p \ldots R_1 V(f_0 t), \quad V(t) = e^{-2\pi i H t}

    over all M states j of the bath of a cluster, or over the occupied one.

    Parameters
    ----------
    energies : ndarray, shape (n, d), Hz
        Of each cluster with the central spin; d is c m, with the c levels of the
        central spin, the first of the Kronecker product, and m states of the bath.
    vectors : ndarray, shape (n, d, d)
        Eigenvectors in columns.
    start : ndarray, shape (c,)
        s, the state after the first pulse.
    measured : ndarray, shape (2, c)
        l and r.
    rotations : ndarray, shape (k, c, c)
        The different pulses.
    pulses : ndarray, shape (p,)
        Which of them comes when.
    spacing : ndarray, shape (p + 1,)
        f, shares of the time before, between and after the pulses.
    occupied : ndarray, shape (n,)
        State of the bath of each cluster; -1 for all with equal weights.
    times : ndarray, shape (t,), s
    lanes : tuple of int
        Of the vector registers; no matter here.

    Returns
    -------
    ndarray, shape (n, t)
    """
    del lanes
    n, d = energies.shape
    m = d // len(start)
    bath = np.eye(m)
    result = np.empty((n, len(times)), dtype=np.complex128)
    for which, (levels, states) in enumerate(zip(energies, vectors, strict=True)):
        chosen = bath if occupied[which] < 0 else bath[:, [occupied[which]]]
        psi = states.conj().T @ np.kron(start[:, None], chosen)
        psi = np.broadcast_to(psi, (len(times), *psi.shape))
        turned = [states.conj().T @ np.kron(r, bath) @ states for r in rotations]
        for step, share in enumerate(spacing):
            phase = np.exp(-2j * np.pi * levels * share * times[:, None])
            psi = phase[:, :, None] * psi
            if step < len(pulses):
                psi = turned[pulses[step]] @ psi
        left, right = (np.kron(side.conj(), bath) @ states @ psi for side in measured)
        result[which] = np.sum(left * right.conj(), axis=(1, 2)) / chosen.shape[1]
    return result
