"""What a retrieval has found, and how well."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.grid import Grid
from qleap.laser.metrology.ambiguities import has_direction, reversed_in_time
from qleap.laser.metrology.traces import Trace
from qleap.laser.pulses.sampled import SampledPulse
from qleap.laser.pulses.widths import fwhm

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Retrieved", "duration"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

RETRIEVED: Final = "retrieved pulse"

FINER: Final = 128
"""Points between two samples where a width is read off."""

QUANTILE: Final = 1.96
"""Standard deviations of an interval of 95 %."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Retrieved:
    r"""A pulse from its trace.

    Parameters
    ----------
    pulse : SampledPulse
    trace : Trace
        What was measured, on the axes of the retrieval, its peak 1.
    fitted : ndarray, shape (rows, columns)
        The trace of the pulse at the scale that fits best.
    error : float
        :math:`R = \sqrt{\overline{(T - \mu T')^2}} / \max T`, the trace error: with
        a trace of N x N points the error G of FROG.
    start_errors : ndarray, shape (starts,)
        Trace errors to which the starts have led, increasing.
    agreeing : int
        Starts that ended within 5 % (or 1e-5) of the best: where it is 1 of many, the
        trace may have better pulses.
    ambiguities : tuple of str
        What the trace leaves open, and what was taken.
    resampled : ndarray of complex, shape (resamples, n_points)
        Envelopes from resampled traces, moved to the pulse; sqrt(W).
    seed : int
    rough_fwhm : float
        Duration under less of a prior, s: that of free frequencies where the pulse is
        one of few numbers, else where the prior has a quarter of its weight; that of
        the pulse where there is no prior, or no bootstrap.
    few : bool
        Whether the pulse is one of few numbers: a spectrum with a smooth logarithm and
        a phase of low order, which explain the trace as well as free frequencies do.
    """

    pulse: SampledPulse
    trace: Trace
    fitted: Floats
    error: float
    start_errors: Floats
    agreeing: int
    ambiguities: tuple[str, ...]
    resampled: Complex
    seed: int
    rough_fwhm: float
    few: bool = False

    @property
    def residual(self) -> Floats:
        """Measured minus fitted trace, in shares of the peak, ``(rows, columns)``."""
        return np.asarray(self.trace.intensity - self.fitted)

    @property
    def relative_error(self) -> float:
        """Root of the summed squared residual over the summed squared trace: G'."""
        off, whole = np.linalg.norm(self.residual), np.linalg.norm(self.trace.intensity)
        return float(off / whole)

    @property
    def fwhm(self) -> float:
        """Full width at half maximum of the intensity, s."""
        return duration(self.pulse.grid, self.pulse.samples)

    @property
    def fwhm_interval(self) -> tuple[float, float]:
        """Ends of the interval of 95 % for `fwhm` by bootstrap, s; NaN without.

        It spans `fwhm` and `rough_fwhm`, so that it knows what the prior may have done,
        and 1.96 standard deviations beyond both. The deviation is that which the middle
        two thirds of the resamples suggest: widths of structured pulses jump where a
        lobe passes the half.
        """
        if len(self.resampled) < 2:
            return float("nan"), float("nan")
        found = [duration(self.pulse.grid, one) for one in self.resampled]
        low, high = np.percentile(found, [15.87, 84.13])
        half = 0.5 * QUANTILE * float(high - low)
        ends = self.fwhm, self.rough_fwhm
        return max(min(ends) - half, 0.0), max(ends) + half

    @property
    def spectral_phase(self) -> tuple[Floats, Floats, Floats]:
        """Frequency (Hz, increasing), phase and its standard deviation (rad).

        NaN where the density is below 1 % of its peak. Mean delay and phase of the
        resampled spectra are those of the pulse, and so are no part of the deviation.
        """
        grid = self.pulse.grid
        spectrum = np.fft.fftshift(grid.to_frequency(self.pulse.samples))
        density = np.abs(spectrum) ** 2
        lit = density > 1e-2 * density.max()
        # From the peak to both sides, so that dark edges do not shift what is bright.
        top = int(np.argmax(density))
        raw = np.angle(spectrum)
        right, left = np.unwrap(raw[top:]), np.unwrap(raw[top::-1])[::-1]
        phase = np.concatenate([left[:-1], right])
        spread = np.full(phase.size, np.nan)
        if len(self.resampled) > 1:
            others = [np.fft.fftshift(grid.to_frequency(o)) for o in self.resampled]
            away = np.angle(np.array(others) * spectrum.conj())
            spread = np.std(away, axis=0, ddof=1)
        frequency = np.fft.fftshift(grid.omega) / (2.0 * np.pi)
        return (
            frequency,
            np.where(lit, phase, np.nan),
            np.where(lit, spread, np.nan),
        )

    def turned(self) -> "Retrieved":
        """Return the result with time running the other way, which fits as well.

        For second-harmonic FROG alone, whose trace is the same.
        """
        if has_direction(self.trace.scheme):
            from qleap.core.errors import InvalidValue

            raise InvalidValue(
                "turned() is for second-harmonic FROG alone: the trace of "
                f"{type(self.trace.scheme).__name__} tells the direction of time."
            )
        samples = reversed_in_time(self.pulse.samples)
        others = [reversed_in_time(one) for one in self.resampled]
        return replace(
            self,
            pulse=SampledPulse(grid=self.pulse.grid, samples=samples),
            resampled=np.array(others).reshape(self.resampled.shape),
        )

    def to_dataset(self) -> "xr.Dataset":
        """Return traces, pulse and spectrum with its phase as a dataset with units."""
        from qleap.core import results

        name, unit = self.trace.scheme.axis
        grid = self.pulse.grid
        frequency, phase, spread = self.spectral_phase
        spectrum = np.fft.fftshift(grid.to_frequency(self.pulse.samples))
        low, high = self.fwhm_interval
        return results.dataset(
            kind=RETRIEVED,
            coords={
                name: (self.trace.values, unit),
                "signal_frequency": (self.trace.frequency, "Hz"),
                "time": (grid.time, "s"),
                "frequency": (frequency, "Hz"),
            },
            variables={
                "measured": ((name, "signal_frequency"), self.trace.intensity, "1"),
                "fitted": ((name, "signal_frequency"), self.fitted, "1"),
                "envelope": (("time",), self.pulse.samples, "sqrt(W)"),
                "spectrum": (("frequency",), np.abs(spectrum) ** 2, "J s"),
                "phase": (("frequency",), phase, "rad"),
                "phase_deviation": (("frequency",), spread, "rad"),
                "start_error": (("start",), self.start_errors, "1"),
            },
            parameters={
                "scheme": repr(self.trace.scheme),
                "wavelength": self.pulse.wavelength,
                "trace_error": self.error,
                "relative_trace_error": self.relative_error,
                "fwhm": self.fwhm,
                "rough_fwhm": self.rough_fwhm,
                "few_numbers": self.few,
                "fwhm_interval": None if np.isnan(low) else [low, high],
                "starts_agreeing": self.agreeing,
                "ambiguities": list(self.ambiguities),
                "notes": list(self.trace.notes),
            },
            seed=self.seed,
        )


def duration(grid: Grid, envelope: Complex) -> float:
    """Return the full width at half maximum of the power, between samples too, s."""
    n = grid.n_points
    spectrum = np.fft.fftshift(np.fft.ifft(np.fft.ifftshift(envelope)))
    added = (FINER - 1) * n // 2
    padded = np.fft.ifftshift(np.pad(spectrum, (added, added)))
    power = np.abs(np.fft.fftshift(np.fft.fft(padded))) ** 2
    step = grid.step / FINER
    return fwhm(np.arange(power.size) * step, power)
