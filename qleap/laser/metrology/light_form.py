r"""Light in few numbers: a smooth logarithm of its amplitude, a phase of low order.

The logarithm is a cubic spline over frequency, the phase a sum of Legendre polynomials
from the second order on, whose ends are those of a band with light.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LightForm", "lit_band"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

BRIGHT: Final = 0.02
"""Density, over its peak, that surely is light."""

ABOVE: Final = 10.0
"""Density over its median (the noise) that surely is light."""

EXTRA: Final = 1.9
"""The band of light over where it is bright."""

WIDER: Final = 1.45
"""The amplitudes' band over that of the phases: wings of light below the noise."""

BRIGHTEST: Final = 50.0
"""Logarithm of an amplitude (on the scale of a trace) that no light reaches."""

FAINT: Final = 1e-3
"""Least amplitude of a start, over its largest."""

FLATTEST: Final = -0.3
"""Curvature of a start's logarithm over half a band."""


def lit_band(axis: Floats, density: Floats) -> tuple[float, float]:
    """Return the ends of the band that a spectrum, perhaps noisy, has light in."""
    floor = max(BRIGHT * density.max(), ABOVE * float(np.median(density)))
    level = min(floor / density.max(), 0.3)
    bright = axis[density > level * density.max()]
    # A normal distribution is the narrower, the higher the level above the noise.
    extra = EXTRA * math.sqrt(math.log(BRIGHT) / math.log(level))
    low, high = float(bright.min()), float(bright.max())
    middle, half = 0.5 * (low + high), 0.5 * extra * (high - low)
    return middle - half, middle + half


class LightForm:
    """Spectra of few numbers on an axis.

    Parameters
    ----------
    axis : ndarray, shape (n,)
        Frequencies or energies in any order.
    band : tuple of float
        Where the phase's polynomials have their ends.
    ends : tuple of float
        How far light may reach at most; amplitudes reach `WIDER` than the band.
    n_amplitudes, n_phases : int
        Numbers.
    """

    def __init__(
        self,
        axis: Floats,
        *,
        band: tuple[float, float],
        ends: tuple[float, float],
        n_amplitudes: int,
        n_phases: int,
    ) -> None:
        from scipy.interpolate import CubicSpline

        self.axis, self.band = axis, band
        self.n_amplitudes, self.n_phases = n_amplitudes, n_phases
        low, high = band
        more = 0.5 * (WIDER - 1.0) * (high - low)
        first = min(low, max(low - more, ends[0]))
        last = max(high, min(high + more, ends[1]))
        self.knots = np.linspace(first, last, n_amplitudes)
        self.inside = (axis >= first) & (axis <= last)
        spline = CubicSpline(self.knots, np.eye(n_amplitudes))
        self.amplitude_basis = spline(axis[self.inside]).T
        at = self._place(axis[self.inside])
        legendre = np.polynomial.legendre.legvander(at, 1 + n_phases)
        self.phase_basis = np.ascontiguousarray(legendre[:, 2:].T)

    def _place(self, axis: Floats) -> Floats:
        """Return places between -1 and 1 in the band."""
        low, high = self.band
        return np.asarray((2.0 * axis - low - high) / (high - low))

    def spectrum(self, x: Floats) -> Complex:
        """Return the spectrum of numbers, ``(n,)``."""
        a, p = self.n_amplitudes, self.n_phases
        size = np.exp(np.minimum(x[:a] @ self.amplitude_basis, BRIGHTEST))
        found = np.zeros(self.axis.size, np.complex128)
        found[self.inside] = size * np.exp(1j * (x[a : a + p] @ self.phase_basis))
        return found

    def slopes(self, spectrum: Complex) -> Complex:
        """Return what the numbers change of their spectrum, ``(numbers, n)``."""
        basis = np.vstack([self.amplitude_basis, 1j * self.phase_basis])
        found = np.zeros((basis.shape[0], self.axis.size), np.complex128)
        found[:, self.inside] = basis * spectrum[self.inside]
        return found

    def first(self, spectrum: Complex) -> tuple[Floats, float]:
        """Return numbers that describe a spectrum roughly, and the slope of its phase.

        The slope is in rad over half the band; the logarithm is a parabola.
        """
        values = spectrum[self.inside]
        at = self._place(self.axis[self.inside])
        order = np.argsort(at)
        at, values = at[order], values[order]
        weight, angle = np.abs(values), np.unwrap(np.angle(values))
        level = np.log(np.maximum(weight, FAINT * weight.max()))
        fit = np.polynomial.Polynomial.fit
        value, slope, bend = fit(at, level, 2, w=weight, domain=[-1.0, 1.0]).coef
        knots = self._place(self.knots)
        logarithm = value + slope * knots + min(float(bend), FLATTEST) * knots**2
        base = np.polynomial.legendre.legvander(at, 1 + self.n_phases)
        phase = np.linalg.lstsq(base * weight[:, None], angle * weight, rcond=None)[0]
        return np.concatenate([logarithm, phase[2:]]), float(phase[1])
