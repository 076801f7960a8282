"""Whether the noise of a trace grows with its signal, as that of counted photons."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["growth_of_noise", "weights_against"]

Floats = NDArray[np.float64]

GROWTHS: Final = np.geomspace(0.1, 100.0, 61)
"""Variance at the peak over that in the dark, less one: those that are tried. The
largest keeps dark points, where counts have no noise at all, from deciding all."""

SURE: Final = 10.0
"""Logarithm of the odds from which growth is believed."""

WHITE: Final = 0.1
"""Least share of bright residuals that neighbours do not share, along both axes. What a
model cannot explain is smooth over one of them; noise that a spline between twice as
few points has drawn keeps 0.15."""

BRIGHT: Final = 0.1
"""Of the peak."""


def growth_of_noise(measured: Floats, fitted: Floats) -> float:
    r"""Return g of a variance :math:`\propto 1 + g\,T/\max T`; 0 where none is seen.

    Of highest likelihood for normal residuals, the factor in front left free.

    Parameters
    ----------
    measured : ndarray, shape (rows, n)
    fitted : ndarray, shape (rows, n)
        :math:`T`, what the measured trace is without noise.
    """
    off = measured - fitted
    signal = fitted / fitted.max()
    if min(_unshared(off, signal), _unshared(off.T, signal.T)) < WHITE:
        return 0.0
    found = np.array([_likelihood(off, signal, growth) for growth in GROWTHS])
    best = int(np.argmax(found))
    if found[best] - _likelihood(off, signal, 0.0) < SURE:
        return 0.0
    return float(GROWTHS[best])


def weights_against(growth: float, fitted: Floats) -> Floats:
    """Return weights of squared deviations, their mean 1, ``(rows, n)``."""
    weights = 1.0 / (1.0 + growth * fitted / fitted.max())
    return np.asarray(weights / weights.mean())


def _unshared(off: Floats, signal: Floats) -> float:
    """Return how much of bright residuals is not in the mean of neighbours in rows."""
    bright = signal[:, 1:-1] > BRIGHT
    inner = off[:, 1:-1][bright]
    alone = inner - 0.5 * (off[:, :-2] + off[:, 2:])[bright]
    return float(np.sum(alone**2) / max(1.5 * np.sum(inner**2), 1e-300))


def _likelihood(off: Floats, signal: Floats, growth: float) -> float:
    shape = 1.0 + growth * signal
    scale = np.mean(off**2 / shape)
    return float(-0.5 * (off.size * np.log(scale) + np.sum(np.log(shape))))
