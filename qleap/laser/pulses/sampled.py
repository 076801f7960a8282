"""Pulses that are given by samples of their envelope."""

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.pulses.light import peak_of, real_field, to_carrier_of

if TYPE_CHECKING:
    from qleap.laser.pulses.light import Light

__all__ = ["SampledPulse", "at_even_times", "to_samples"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

DARK: Final = 1e-7
"""Share of the peak below which there is no light, as of `Pulse.extent`."""

UNEVEN: Final = 1e-6
"""Relative deviation of a step from the mean from which samples are interpolated."""

BLOCK: Final = 2**22
"""Most values of a block when single times are evaluated."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SampledPulse:
    """A pulse given by its envelope on a grid.

    On other grids it is the band-limited function through the samples: exact up to
    rounding, dark outside of the window, and without what lies beyond the other
    grid's band (`Grid.check_pulse` refuses a grid that cuts light off).

    Parameters
    ----------
    grid : Grid
        Where the samples are; its wavelength is the carrier.
    samples : ndarray of complex, shape (n_points,)
        Envelope, sqrt(W).
    notes : tuple of str
        What was guessed or left out on the way here.

    See Also
    --------
    to_samples : of other light.
    sampled_from_time, sampled_from_spectrum : of arrays.
    """

    grid: Grid
    samples: Complex
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = np.asarray(self.samples, dtype=np.complex128)
        if given.shape != (self.grid.n_points,):
            raise InvalidValue(
                f"samples must have the shape ({self.grid.n_points},) of the grid, got "
                f"{given.shape}; sampled_from_time takes times of your own."
            )
        if not np.all(np.isfinite(given)):
            raise InvalidValue("samples must be finite; mend or remove the others.")
        if not np.any(given):
            raise InvalidValue("samples must hold light, got zeros only.")
        kept = given.copy()
        kept.setflags(write=False)
        object.__setattr__(self, "samples", kept)

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength of the carrier, m."""
        return self.grid.wavelength

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return self.grid.omega0

    @property
    def energy(self) -> float:
        """Energy, J."""
        return float(np.sum(np.abs(self.samples) ** 2) * self.grid.step)

    @property
    def peak_power(self) -> float:
        """Largest power, between the samples too, W."""
        return peak_of(self.samples)

    @property
    def extent(self) -> tuple[float, float]:
        """Full bandwidth (rad/s) and window (s) outside of which is < 1e-7 of a peak.

        At most what the grid holds.
        """
        density = np.abs(self.grid.to_frequency(self.samples)) ** 2
        power = np.abs(self.samples) ** 2
        band = _reach(self.grid.detuning, density) + 2.0 * math.pi / self.grid.window
        window = _reach(self.grid.time, power) + self.grid.step
        return (
            min(2.2 * band, 2.0 * math.pi / self.grid.step),
            min(2.2 * window, self.grid.window),
        )

    def envelope(self, time: ArrayLike) -> Complex:
        """Return the complex envelope at ``time`` (s), sqrt(W), shape as ``time``."""
        t = checks.vector("time", time, "s")
        spectrum = np.fft.fftshift(self.grid.to_frequency(self.samples))
        step = (t[-1] - t[0]) / (t.size - 1) if t.size > 2 else 0.0
        if step > 0.0 and np.allclose(np.diff(t), step, rtol=UNEVEN, atol=0.0):
            found = _even_times(self.grid, spectrum, t[0], step, t.size)
        else:
            found = _any_times(self.grid, spectrum, t)
        return np.where(_inside(self.grid, t), found, 0.0)

    def envelope_on(self, grid: Grid) -> Complex:
        """Return the envelope about the grid's carrier on its times, sqrt(W)."""
        if grid == self.grid:
            return self.samples.copy()
        shift = to_carrier_of(grid, self.omega0)
        spectrum = np.fft.fftshift(self.grid.to_frequency(self.samples))
        omega = np.fft.fftshift(self.grid.omega)
        seen = np.abs(omega - grid.omega0) <= math.pi / grid.step * (1.0 + 1e-12)
        found = _even_times(
            self.grid, spectrum * seen, grid.time[0], grid.step, grid.n_points
        )
        return np.where(_inside(self.grid, grid.time), found * shift, 0.0)

    def spectrum_on(self, grid: Grid) -> Complex:
        """Return the envelope's Fourier transform on a grid, sqrt(W) s, FFT order."""
        return grid.to_frequency(self.envelope_on(grid))

    def field(self, time: ArrayLike) -> Floats:
        """Return ``Re A exp(-i omega0 t)`` at ``time`` (s), sqrt(W)."""
        return real_field(self, time)

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this light from any other."""
        return {
            "kind": "sampled",
            "n_points": self.grid.n_points,
            "window": self.grid.window,
            "wavelength": self.grid.wavelength,
            "energy": self.energy,
            "samples_sha256": hashlib.sha256(self.samples.tobytes()).hexdigest(),
        }


def to_samples(light: "Light", grid: Grid | None = None) -> SampledPulse:
    """Return ``light`` as samples, on a grid with room to spare unless one is given."""
    from qleap.laser.pulses.light import own_grid

    if grid is None:
        grid = own_grid(light)
    return SampledPulse(grid=grid, samples=light.envelope_on(grid))


def _reach(place: Floats, strength: Floats) -> float:
    return float(np.abs(place)[strength > DARK * strength.max()].max())


def _inside(grid: Grid, time: Floats) -> NDArray[np.bool_]:
    margin = 1e-9 * grid.step
    return np.asarray(
        (time >= grid.time[0] - margin) & (time <= grid.time[-1] + margin)
    )


def _even_times(
    grid: Grid, spectrum: Complex, first: float, step: float, n: int
) -> Complex:
    """Return the field of a sorted spectrum at ``n`` even times."""
    detuning = np.fft.fftshift(grid.detuning)
    return at_even_times(spectrum, detuning, first, step, n) / grid.window


def at_even_times(
    spectrum: Complex, detuning: Floats, first: float, step: float, n: int
) -> Complex:
    """Return ``sum_k S_k exp(-i Omega_k t_j)`` at even times by a chirp-z transform.

    Detunings are even and sorted; times go in ``n`` steps from ``first``, s.
    """
    from scipy.signal import czt

    apart = detuning[1] - detuning[0]
    turn = np.exp(-1j * apart * step)
    summed = czt(spectrum, m=n, w=turn, a=np.exp(1j * apart * first))
    time = first + step * np.arange(n)
    return np.asarray(summed * np.exp(-1j * detuning[0] * time))


def _any_times(grid: Grid, spectrum: Complex, time: Floats) -> Complex:
    """Return the field of a sorted spectrum at any times, summed in blocks."""
    detuning = np.fft.fftshift(grid.detuning)
    rows = max(BLOCK // detuning.size, 1)
    parts = [
        np.exp(-1j * np.outer(time[i : i + rows], detuning)) @ spectrum
        for i in range(0, time.size, rows)
    ]
    return np.asarray(
        np.concatenate([*parts, np.empty(0, complex)]) / grid.window, np.complex128
    )
