"""The spectrum of noise from how fast spins decay under decoupling."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["spectrum_from_cpmg"]

Array = NDArray[np.float64]
HARMONICS = np.arange(3, 200, 2)


def spectrum_from_cpmg(spacing: ArrayLike, rate: ArrayLike) -> tuple[Array, Array]:
    r"""Return the noise density behind the decay of CPMG or XY sequences.

    Many pulses with the spacing tau select the odd harmonics of
    :math:`f = 1 / (2 \tau)`:

    .. math:: \frac{\chi}{T} = 16 \sum_{k\ \mathrm{odd}} \frac{S(k f)}{k^2}

    The higher ones are taken off until nothing changes, with the density
    interpolated, and continued above the last point, by power laws.

    Parameters
    ----------
    spacing : array_like, shape (n,)
        Between pi pulses, s; all different.
    rate : array_like, shape (n,)
        :math:`\chi/T = -\ln W / T`, 1/s, of sequences with many pulses.

    Returns
    -------
    frequency : ndarray, shape (n,)
        Hz, ascending.
    density : ndarray, shape (n,)
        Two-sided, Hz^2/Hz.

    Notes
    -----
    Alvarez and Suter, Phys. Rev. Lett. 107, 230501 (2011), who invert the sum over
    harmonics; Bylander et al., Nat. Phys. 7, 565 (2011), with the first alone.
    """
    gaps = checks.vector("spacing", spacing, "s", min_size=2)
    decay = checks.vector("rate", rate, "1/s")
    if gaps.shape != decay.shape or np.any(gaps <= 0.0) or np.any(decay <= 0.0):
        raise InvalidValue(
            "spacing and rate must be equally many and > 0, got "
            f"{len(gaps)} from {gaps.min():g} s and {len(decay)} from "
            f"{decay.min():g} 1/s."
        )
    order = np.argsort(-gaps)
    frequency, first = 0.5 / gaps[order], decay[order] / 16.0
    checks.increasing("1 / (2 spacing)", frequency, "Hz")
    place = np.log(frequency)
    above = place[:, None] + np.log(HARMONICS)
    density = 8.0 / np.pi**2 * first
    for _ in range(200):
        more = _power_law(above, place, np.log(density)) @ (1.0 / HARMONICS**2)
        # A density stays positive however noisy the data are.
        better = np.maximum(first - more, 0.05 * first)
        done = np.allclose(better, density, rtol=1e-12, atol=0.0)
        density = better
        if done:
            break
    return frequency, density


def _power_law(at: Array, place: Array, level: Array) -> Array:
    """Return the density at logarithms of frequencies, in straight lines."""
    slope = (level[-1] - level[-2]) / (place[-1] - place[-2])
    beyond = level[-1] + min(slope, 0.0) * (at - place[-1])
    inside = np.interp(at, place, level)
    return np.asarray(np.exp(np.where(at > place[-1], beyond, inside)))
