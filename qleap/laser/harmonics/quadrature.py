"""Sums over delays, and derivatives of what they give, to a high order."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.harmonics.elements import DipoleElements

__all__ = ["EDGE", "NEAR", "delay_weights", "second_derivative"]

Floats = NDArray[np.float64]

EDGE: Final = 0.1
"""Share of the longest excursion over which later returns fade out, by default."""

NEAR: Final = 8
"""Delays with corrected weights."""

AT_END: Final = np.linalg.solve(
    np.vander(np.arange(7) + 0.5, increasing=True).T, np.eye(7)[1]
)
"""Slope half a step before the first of seven points, from these."""


def delay_weights(
    shortest: float,
    longest: float,
    dt: float,
    energy: float,
    elements: DipoleElements,
    *,
    fade: float = EDGE,
) -> tuple[int, Floats]:
    r"""Return the first delay in steps; weights, and 4 pi over the delay, of all.

    The integrand is a smooth function times :math:`\tau^{2-D/2}`, since both elements
    of an s state vanish at zero; for a p shell the window does. The trapezoid of
    :math:`\tau^s` is off by :math:`h^{s+1}\zeta(-s)` (the formula of Euler and
    Maclaurin for powers, see B. Wu, arXiv:2409.19192); the first weights are changed so
    that eight powers come out exactly.
    """
    last = math.ceil(longest) - 1
    k = np.arange(1.0, last + 1.0)
    edge = fade * longest
    window = _step((longest - k) / edge)
    if shortest > 0.0:
        window *= _step(1.0 + (k - shortest) / edge)
    if elements.shell > 0:
        window *= _step(k * dt * energy / (2.0 * np.pi))
    power = 0.5 * elements.dimensions
    corrected = np.ones_like(k)
    corrected[:NEAR] += _corrections(2.0 - power)
    weights = 2.0 * dt * corrected * window * (2.0 * np.pi / (k * dt)) ** power
    if elements.factor:
        weights *= elements.factor**2
    first = int(np.flatnonzero(window > 0.0)[0])
    return first + 1, np.stack([weights, 4.0 * np.pi / (k * dt)])[:, first:].copy()


def _step(x: Floats) -> Floats:
    """Return 0 below 0, 1 above 1, and the square of a sine between."""
    return np.asarray(np.sin(0.5 * np.pi * np.clip(x, 0.0, 1.0)) ** 2)


def _corrections(lowest: float) -> Floats:
    """Return what is added to the first weights of a trapezoid of steps of one."""
    from scipy.special import zeta

    powers = lowest + np.arange(NEAR)
    k = np.arange(1.0, NEAR + 1.0)
    return np.asarray(np.linalg.solve(k[None, :] ** powers[:, None], -zeta(-powers)))


def second_derivative(values: Floats, step: float) -> Floats:
    """Return the derivative of rows that need not end at zero.

    The parabola with the slopes of both ends is taken off, so that the rest goes on as
    its mirror image without a kink; that is a sum of cosines.
    """
    from scipy.fft import dct, idct

    n = values.shape[-1]
    slopes = np.stack([values[:, :7] @ AT_END, -values[:, :-8:-1] @ AT_END])
    place = np.arange(n) + 0.5
    bend = (slopes[1] - slopes[0]) / n
    smooth = values - slopes[0][:, None] * place - 0.5 * bend[:, None] * place**2
    modes = np.pi * np.arange(n) / n
    found = idct(-(modes**2) * dct(smooth, axis=-1), axis=-1) + bend[:, None]
    return np.asarray(found / step**2)
