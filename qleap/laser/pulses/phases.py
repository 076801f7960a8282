"""Group delays, transform limits, and how near to its limit a pulse is."""

import numpy as np
from numpy.typing import NDArray

from qleap.laser.grid import Grid
from qleap.laser.pulses.light import Light, own_grid, peak_of
from qleap.laser.pulses.sampled import SampledPulse

__all__ = ["compression_quality", "group_delay", "transform_limited"]

Floats = NDArray[np.float64]


def transform_limited(light: Light) -> SampledPulse:
    """Return the pulse with the spectrum of ``light`` and no spectral phase.

    No other phase gives a higher peak power.
    """
    grid = own_grid(light)
    modulus = np.abs(light.spectrum_on(grid)).astype(np.complex128)
    return SampledPulse(grid=grid, samples=grid.to_time(modulus))


def compression_quality(light: Light) -> float:
    """Return the peak power over that at the transform limit, 0 to 1.

    The counterpart of the Strehl ratio of a focus.
    """
    grid = own_grid(light)
    modulus = np.abs(light.spectrum_on(grid)).astype(np.complex128)
    return peak_of(light.envelope_on(grid)) / peak_of(grid.to_time(modulus))


def group_delay(light: Light, grid: Grid | None = None) -> tuple[Floats, Floats]:
    r"""Return where which frequency stands in time.

    Parameters
    ----------
    light : Light
    grid : Grid, optional
        By default one with room to spare.

    Returns
    -------
    frequency : ndarray, shape (n,)
        Hz, increasing.
    delay : ndarray, shape (n,)
        :math:`d\phi/d\omega`, s; NaN where the density is below 1e-6 of its peak.

    Notes
    -----
    :math:`d\phi/d\omega = \operatorname{Re}[\tilde A^{-1}\int t A e^{i\omega t}dt]`,
    so that no phase has to be unwrapped and no difference taken.
    """
    chosen = own_grid(light) if grid is None else grid
    envelope = light.envelope_on(chosen)
    spectrum = chosen.to_frequency(envelope)
    moment = chosen.to_frequency(envelope * chosen.time)
    lit = np.abs(spectrum) ** 2 > 1e-6 * np.max(np.abs(spectrum)) ** 2
    delay = np.full(chosen.n_points, np.nan)
    delay[lit] = (moment[lit] / spectrum[lit]).real
    order = np.argsort(chosen.omega)
    return chosen.omega[order] / (2.0 * np.pi), delay[order]
