"""Coherence beside small clusters of spins: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["divide_out_parts", "propagators", "sequence_coherences"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Lanes = tuple[int, ...]


def propagators(matrices: Floats, times: Floats) -> Complexes:
    """Return ``exp(-2 pi i H t)``, shape ``(n, times, d, d)``, from upper triangles."""
    h = np.moveaxis(matrices[0] + 1j * matrices[1], -1, 0)
    upper = np.triu(h, 1)
    diagonal = np.einsum("nii->ni", h).real
    h = upper + upper.conj().swapaxes(1, 2) + np.eye(h.shape[1]) * diagonal[:, None]
    energies, vectors = np.linalg.eigh(h)
    phases = np.exp(-2j * np.pi * energies[:, None, :] * times[:, None])
    return np.asarray(
        np.einsum("nik,ntk,njk->ntij", vectors, phases, vectors.conj(), optimize=True)
    )


def sequence_coherences(
    hamiltonians: Floats,
    initial: Complexes,
    shares: Floats,
    times: Floats,
    out: Complexes,
    lanes: Lanes,
) -> None:
    r"""Fill ``out`` with the coherences after pi pulses.

    .. math:: L = \frac1c \sum_j \langle \psi_j | V_1^\dagger V_0 | \psi_j \rangle

    where V_0 (V_1) is the history that ends with the central spin in level 0 (1).

    Parameters
    ----------
    hamiltonians : ndarray, shape (2, 2, d, d, n), Hz
        Of the bath with the central spin in each of its levels; real and imaginary
        parts. Upper triangles are read.
    initial : ndarray, shape (k, d, c)
        States of the clusters as columns, k = n' or one for all; the unit matrix for
        an unpolarised bath.
    shares : ndarray, shape (pulses + 1,)
        Of the whole time before, between and after the pulses.
    times : ndarray, shape (m,), s
        Whole times.
    out : ndarray, shape (n', m')
        Filled; n' <= n, m' <= m.
    lanes : tuple of int
        Of the vector registers; no matter here.
    """
    del lanes
    n, m = out.shape
    ends = []
    for branch in range(2):
        state = np.broadcast_to(initial[:n, None], (n, m, *initial.shape[1:]))
        for k, share in enumerate(shares):
            level = (branch + len(shares) - 1 - k) % 2
            u = propagators(hamiltonians[level][..., :n], share * times[:m])
            state = u @ state
        ends.append(state)
    out[:] = np.einsum("ntij,ntij->nt", ends[0], ends[1].conj()) / initial.shape[2]


def divide_out_parts(
    values: Complexes, parts: NDArray[np.int64], lower: Complexes, product: Complexes
) -> None:
    r"""Make irreducible what clusters contribute and multiply it.

    .. math::
        \tilde L_C = L_C \Big/ \prod_{C' \subset C} \tilde L_{C'}

    Yang and Liu, Phys. Rev. B 78, 085315 (2008).

    Parameters
    ----------
    values : ndarray, shape (n, m)
        Coherences of the clusters; divided in place.
    parts : ndarray, shape (n, k)
        Rows of ``lower`` that belong to the parts of each cluster; -1 for none.
    lower : ndarray, shape (l, m)
        What the smaller clusters contribute.
    product : ndarray, shape (m,)
        Multiplied in place by all rows of ``values``.
    """
    padded = np.concatenate([lower, np.ones((1, lower.shape[1]))])
    values /= padded[parts].prod(axis=1)
    product *= values.prod(axis=0)
