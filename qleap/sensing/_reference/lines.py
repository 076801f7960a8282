"""Sums of pseudo-Voigt multiplets: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["multiplet_jacobian", "multiplet_sum"]


def multiplet_sum(
    frequency: NDArray[np.float64],
    lines: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the sum of all components of all lines, shape ``(n,)``.

    Parameters
    ----------
    frequency : ndarray, shape (n,), Hz
    lines : ndarray, shape (n_lines, 4)
        Position (Hz), full width at half maximum of a component (Hz), height of a
        component, and Lorentzian share ``eta`` (1: Lorentzian, 0: Gaussian).
    offsets : ndarray, shape (n_components,), Hz
        Where the equal components of a multiplet sit, from its position.
    """
    u = _reduced(frequency, lines, offsets)
    eta = lines[:, None, None, 3]
    shape = eta / (1.0 + u**2) + (1.0 - eta) * np.exp(-np.log(2.0) * u**2)
    return np.asarray((lines[:, None, None, 2] * shape).sum(axis=(0, 1)))


def multiplet_jacobian(
    frequency: NDArray[np.float64],
    lines: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the derivatives by the four columns of ``lines``.

    The shape is ``(n_lines, 4, n)``.
    """
    u = _reduced(frequency, lines, offsets)
    fwhm, depth, eta = (lines[:, None, None, column] for column in (1, 2, 3))
    lorentz, gauss = 1.0 / (1.0 + u**2), np.exp(-np.log(2.0) * u**2)
    by_u = -2.0 * u * (eta * lorentz**2 + (1.0 - eta) * np.log(2.0) * gauss)
    parts = (
        -2.0 / fwhm * depth * by_u,
        -u / fwhm * depth * by_u,
        eta * lorentz + (1.0 - eta) * gauss,
        depth * (lorentz - gauss),
    )
    return np.stack([part.sum(axis=1) for part in parts], axis=1)


def _reduced(
    frequency: NDArray[np.float64],
    lines: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return twice the detuning over the width, ``(n_lines, n_components, n)``."""
    position = lines[:, 0, None] + offsets
    detuning = frequency - position[:, :, None]
    return np.asarray(2.0 * detuning / lines[:, 1, None, None])
