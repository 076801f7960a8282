"""What is believed of a pulse before its noisy trace is fitted: its light is smooth."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.model import TraceModel, as_pairs

__all__ = ["SmoothPrior", "prior_of"]

Floats = NDArray[np.float64]

FLOOR: Final = 1e-4
"""Least expected power, over the largest: what is darker is held down alike."""

SMOOTH: Final = 2.0
"""Standard deviation of the smoothing of powers, in points."""


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


def prior_of(model: TraceModel, measured: Floats, spectrum: Floats) -> SmoothPrior:
    r"""Return the prior that a fitted spectrum suggests.

    Normal amplitudes with the fitted powers, smoothed over `SMOOTH` points, as
    variances: the posterior's logarithm is, up to a factor,
    :math:`\sum(T-T')^2 + 2\sigma^2\left[\sum|S_k|^2/p_k + \sum|E_j|^2/q_j\right]`.
    The variance is that of the residuals, so that the prior is nothing where there is
    no noise.
    """
    from scipy.ndimage import gaussian_filter1d

    off = measured - model.intensity(spectrum)
    variance = float(np.sum(off * off)) / max(off.size - spectrum.size, 1)
    amplitudes = spectrum[0] + 1j * spectrum[1]
    costs = []
    for values in (amplitudes, np.fft.fft(amplitudes)):
        power = gaussian_filter1d(np.abs(values) ** 2, SMOOTH, mode="wrap")
        costs.append(2.0 * variance / np.maximum(power, FLOOR * power.max()))
    return SmoothPrior(frequency_cost=costs[0], time_cost=costs[1])
