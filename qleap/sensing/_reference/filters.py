"""Fourier transform of the toggling frame: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["toggling_spectrum"]


def toggling_spectrum(
    middle: NDArray[np.float64],
    duration: NDArray[np.float64],
    shift: NDArray[np.float64],
    weight: NDArray[np.complex128],
    omega: NDArray[np.float64],
) -> NDArray[np.complex128]:
    r"""Return the transforms of pieces of waves, shape ``(m, n_omega)``.

    .. math:: Y_j(\omega) = \sum_k w_{jk} d_k\,
        \frac{\sin[(\omega + \nu_k) d_k / 2]}{(\omega + \nu_k) d_k / 2}\,
        e^{i \omega t_k}

    Parameters
    ----------
    middle, duration : ndarray, shape (n,)
        t and d of each piece, s.
    shift : ndarray, shape (n,)
        nu, the angular frequency of the wave in the piece, rad/s.
    weight : ndarray, shape (m, n)
        w, the wave in the middle of the piece.
    omega : ndarray, shape (n_omega,)
        rad/s.
    """
    half = 0.5 * duration[:, None] * (omega + shift[:, None])
    pieces = duration[:, None] * np.sinc(half / np.pi)
    return np.asarray(weight @ (pieces * np.exp(1j * omega * middle[:, None])))
