"""What the sums of a second-harmonic FROG trace must be, and traces mended by it."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.metrology.schemes import Frog
from qleap.laser.metrology.traces import Trace
from qleap.laser.pulses.light import Light, check_light, own_grid

__all__ = ["expected_marginal", "with_marginal_of"]

Floats = NDArray[np.float64]

KNOWN: Final = 1e-2
"""Share of the marginal's peak below which a trace is left as it is."""


def expected_marginal(light: Light, frequency: ArrayLike) -> Floats:
    r"""Return the frequency marginal of second-harmonic FROG that a spectrum makes.

    :math:`\int S(\omega - \omega')S(\omega')\,d\omega'` with the density :math:`S`:
    it does not depend on the phase.

    Parameters
    ----------
    light : Light
        Only its spectrum counts.
    frequency : ndarray, shape (n,)
        Of the second harmonic, Hz.

    Returns
    -------
    ndarray, shape (n,)
        1 at the largest of the values.

    References
    ----------
    K. W. DeLong et al., J. Opt. Soc. Am. B 11, 2206 (1994).
    """
    check_light("light", light)
    wanted = checks.vector("frequency", frequency, "Hz")
    grid = own_grid(light)
    wide = Grid(
        n_points=4 * grid.n_points, window=4.0 * grid.window, wavelength=grid.wavelength
    )
    density = np.fft.fftshift(np.abs(light.spectrum_on(wide)) ** 2)
    step = 1.0 / wide.window
    summed = np.convolve(density, density)
    centre = wide.omega0 / np.pi
    place = centre + step * (np.arange(summed.size) - wide.n_points)
    found = np.interp(wanted, place, summed, left=0.0, right=0.0)
    if not found.max() > 0.0:
        raise InvalidValue(
            "frequency must reach the second harmonic of the spectrum, about "
            f"{centre:.4g} Hz, got {wanted.min():.4g} to {wanted.max():.4g} Hz."
        )
    return np.asarray(found / found.max())


def with_marginal_of(trace: Trace, light: Light) -> Trace:
    """Return a second-harmonic FROG trace whose marginal is that of a spectrum.

    Corrects for what spectrometer, detector and phase matching pass of each
    frequency: all delays are multiplied by the same factor.

    Parameters
    ----------
    trace : Trace
    light : Light
        With the spectrum that was measured apart, such as
        ``read_spectrum(...).pulse(energy)``.
    """
    if not isinstance(trace, Trace):
        raise InvalidKind(f"trace must be a Trace, got {trace!r:.60}.")
    if not isinstance(trace.scheme, Frog) or trace.scheme.nonlinearity != "shg":
        raise InvalidValue(
            "the marginal of a spectrum is known for second-harmonic Frog alone, got "
            f"{trace.scheme!r:.60}."
        )
    wanted = expected_marginal(light, trace.frequency)
    marginal = np.maximum(trace.frequency_marginal, 0.0)
    marginal = marginal / marginal.max()
    lit = (marginal > KNOWN) & (wanted > KNOWN)
    if np.count_nonzero(lit) < 3:
        raise InvalidValue(
            "the trace's marginal and the spectrum's must overlap, but do not; check "
            "the wavelengths of both."
        )
    factor = np.ones(marginal.size)
    factor[lit] = wanted[lit] / marginal[lit]
    factor /= factor[lit].max()
    intensity = trace.intensity * factor
    note = (
        f"marginal: that of a spectrum, factors {factor[lit].min():.2g} to 1 where "
        f"it is above {KNOWN:g} of its peak"
    )
    return replace(
        trace, intensity=intensity / intensity.max(), notes=(*trace.notes, note)
    )
