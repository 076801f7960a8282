"""Hahn echoes beside small clusters of spins: the definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.sensing._reference.cce import propagators

__all__ = ["echo_coherences"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Lanes = tuple[int, ...]


def echo_coherences(
    hamiltonians: Floats, times: Floats, step: float, out: Complexes, lanes: Lanes
) -> None:
    r"""Fill ``out`` with the Hahn echoes of unpolarised clusters.

    .. math::
        L = \frac1d \operatorname{tr} U_0 U_1 U_0^\dagger U_1^\dagger

    Yao, Liu, Sham, Phys. Rev. B 74, 195301 (2006): the state of the bath splits into
    two, and the coherence is the overlap of the two histories.

    Parameters
    ----------
    hamiltonians : ndarray, shape (2, 2, d, d, n), Hz
        Of the bath with the central spin in each of its levels; real and imaginary
        parts. Upper triangles are read.
    times : ndarray, shape (m,), s
        From a pulse to the echo, half of the whole time.
    step : float
        Distance of the times, or 0 where that differs.
    out : ndarray, shape (n', m')
        Filled; n' <= n, m' <= m.
    lanes : tuple of int
        Of the vector registers; no matter here.
    """
    del step, lanes
    n, m = out.shape
    u0, u1 = (propagators(level[..., :n], times[:m]) for level in hamiltonians)
    left, right = u0 @ u1, u1 @ u0
    out[:] = np.einsum("ntij,ntij->nt", left, right.conj()) / left.shape[-1]
