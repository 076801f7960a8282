"""What is believed of a pulse before its noisy trace is fitted: its light is smooth."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.model import TraceModel, as_pairs

__all__ = ["SmoothPrior", "prior_of", "variance_of"]

Floats = NDArray[np.float64]

FLOOR: Final = 1e-4
"""Least expected power, over the largest: what is darker is held down alike."""

TAIL: Final = 0.15
"""Length of the exponentials that smooth powers, over the width of the power.

A hyperbolic secant falls off over a sixth of that width. Shorter ones let the wings
die out, round after round: the light is then narrower in frequency than it was.
"""

LEAST: Final = 0.7
"""Least length of these exponentials, in points."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SmoothPrior:
    r"""Powers that amplitudes are expected to have, over frequency and over time.

    Parameters
    ----------
    frequency_cost, time_cost : ndarray, shape (n,)
        :math:`2\sigma^2` over the expected power, FFT order, with the variance
        :math:`\sigma^2` of a point of the trace.
    """

    frequency_cost: Floats
    time_cost: Floats

    def cost(self, spectrum: Floats) -> tuple[float, Floats]:
        """Return what is added to the squared deviations, and its gradient."""
        amplitudes = spectrum[0] + 1j * spectrum[1]
        field = np.fft.fft(amplitudes)
        here = self.frequency_cost * amplitudes
        there = np.fft.ifft(self.time_cost * field) * field.size
        value = np.vdot(amplitudes, here).real + np.vdot(amplitudes, there).real
        return float(value), as_pairs(2.0 * (here + there))


def prior_of(
    model: TraceModel,
    measured: Floats,
    spectrum: Floats,
    share: float = 1.0,
    weights: Floats | None = None,
) -> SmoothPrior:
    r"""Return the prior that a fitted spectrum suggests.

    Normal amplitudes with the fitted powers, smoothed by exponentials, as
    variances: the posterior's logarithm is, up to a factor,
    :math:`\sum(T-T')^2 + 2\sigma^2\left[\sum|S_k|^2/p_k + \sum|E_j|^2/q_j\right]`.
    The variance is that of the residuals, so that the prior is nothing where there is
    no noise. A ``share`` below 1 makes it weaker.
    """
    variance = variance_of(model, measured, spectrum, weights)
    amplitudes = spectrum[0] + 1j * spectrum[1]
    costs = []
    for values in (amplitudes, np.fft.fft(amplitudes)):
        power = _smoothed(np.abs(values) ** 2)
        costs.append(2.0 * share * variance / np.maximum(power, FLOOR * power.max()))
    return SmoothPrior(frequency_cost=costs[0], time_cost=costs[1])


def variance_of(
    model: TraceModel, measured: Floats, spectrum: Floats, weights: Floats | None
) -> float:
    """Return the variance of a point that the residuals of a fit suggest."""
    off = measured - model.intensity(spectrum)
    given = np.ones(off.shape) if weights is None else weights
    return float(np.sum(given * off * off)) / max(off.size - spectrum.size, 1)


def _smoothed(power: Floats) -> Floats:
    """Return a power convolved with a two-sided exponential around the circle."""
    n = power.size
    width = float(power.sum() ** 2 / np.sum(power**2))
    away = np.minimum(np.arange(n), n - np.arange(n))
    kernel = np.exp(-away / max(TAIL * width, LEAST))
    found = np.fft.ifft(np.fft.fft(power) * np.fft.fft(kernel / kernel.sum()))
    return np.asarray(found.real)
