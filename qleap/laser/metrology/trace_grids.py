"""From the axes of a measurement to those of a retrieval."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import SMALLEST, Grid
from qleap.laser.metrology.schemes import HARMONICS, Frog
from qleap.laser.metrology.traces import Trace

__all__ = ["lit_width", "on_grid", "retrieval_grid"]

Floats = NDArray[np.float64]

LARGEST_SIDE: Final = 4096
"""Most points of a retrieval."""

LIT: Final = 5e-3
"""Share of a marginal's peak from which there is light in it."""

MARGIN: Final = 1.3
"""So much farther a grid reaches than the light in a trace."""


def retrieval_grid(trace: Trace, n_points: int | None = None) -> Grid:
    """Return the grid on which a trace is retrieved.

    Parameters
    ----------
    trace : Trace
    n_points : int, optional
        A power of two; by default the smallest that holds the light in the trace.

    Notes
    -----
    A trace whose frequencies are those of a grid is left on it.
    """
    if n_points is not None:
        checks.count("n_points", n_points, SMALLEST)
    own = _own_grid(trace)
    if own is not None and n_points in (None, own.n_points):
        return own
    half_band = _reach(
        trace.frequency - trace.carrier_frequency, trace.frequency_marginal
    )
    # A signal of order m is at most m times as wide as the pulse, never narrower.
    band = 2.0 * MARGIN * half_band
    window = 2.0 * MARGIN * _half_window(trace)
    n = n_points
    if n is None:
        n = 1 << max(math.ceil(math.log2(band * window)), 6)
    if n > LARGEST_SIDE:
        raise InvalidValue(
            f"a retrieval must have <= {LARGEST_SIDE} points, but a band of "
            f"{band:.3g} Hz in a window of {window:.3g} s takes {n}; cut the axes, or "
            "give n_points."
        )
    wide = math.sqrt(window * n / band)
    shortest = 0.51 * n * trace.wavelength / SPEED_OF_LIGHT
    return Grid(n_points=n, window=max(wide, shortest), wavelength=trace.wavelength)


def on_grid(trace: Trace, grid: Grid) -> Trace:
    """Return a trace at the frequencies of a grid; of FROG, at its delays, too.

    Where the measured points lie closer than those of the grid, cells are averaged;
    where they lie farther apart, cubic splines go through them. Outside of what was
    measured there is no light. The peak becomes 1.
    """
    centre = HARMONICS[trace.scheme.nonlinearity] * grid.omega0
    frequency = (centre + np.fft.fftshift(grid.detuning)) / (2.0 * np.pi)
    intensity, values = trace.intensity, trace.values
    notes = list(trace.notes)
    if not _same(trace.frequency, frequency):
        intensity = _resampled(trace.frequency, intensity, frequency)
        notes.append(_said("frequency", "Hz", trace.frequency, frequency))
    if isinstance(trace.scheme, Frog) and not _same(values, grid.time):
        intensity = _resampled(values, intensity.T, grid.time).T
        notes.append(_said("delay", "s", values, grid.time))
        values = grid.time
    return replace(
        trace,
        values=values,
        frequency=frequency,
        intensity=intensity / intensity.max(),
        notes=tuple(notes),
    )


def lit_width(places: Floats, marginal: Floats) -> float:
    """Return over which width a marginal is above half of its peak."""
    bright = places[marginal > 0.5 * marginal.max()]
    return float(np.ptp(bright)) + float(np.median(np.diff(places)))


def _own_grid(trace: Trace) -> Grid | None:
    """Return the grid whose detunings are those of the trace, if there is one."""
    n = trace.frequency.size
    if n & (n - 1) or n < SMALLEST:
        return None
    step = float(trace.frequency[-1] - trace.frequency[0]) / (n - 1)
    if n * step >= 2.0 * SPEED_OF_LIGHT / trace.wavelength:
        return None
    grid = Grid(n_points=n, window=1.0 / step, wavelength=trace.wavelength)
    wanted = trace.carrier_frequency + np.fft.fftshift(grid.detuning) / (2.0 * np.pi)
    if not _same(trace.frequency, wanted):
        return None
    delays = trace.scheme.axis[0] == "delay"
    if delays and isinstance(trace.scheme, Frog):
        return grid if _same(trace.values, grid.time) else None
    return grid


def _same(given: Floats, wanted: Floats) -> bool:
    if given.size != wanted.size:
        return False
    step = (wanted[-1] - wanted[0]) / (wanted.size - 1)
    return bool(np.allclose(given, wanted, rtol=0.0, atol=1e-4 * step))


def _reach(places: Floats, marginal: Floats) -> float:
    """Return how far from zero there is light."""
    # Robust against noise: three neighbours count together.
    smooth = np.convolve(marginal, np.ones(3) / 3.0, mode="same")
    lit = smooth > max(LIT * smooth.max(), 0.0)
    return float(np.abs(places[lit]).max())


def _half_window(trace: Trace) -> float:
    if trace.scheme.axis[0] == "delay":
        return _reach(trace.values, trace.parameter_marginal)
    # What a spectrometer resolves is what can be late.
    return 0.25 / float(np.median(np.diff(trace.frequency)))


def _resampled(x: Floats, rows: Floats, at: Floats) -> Floats:
    """Return rows over ``x`` at other places; zero outside of ``x``."""
    from scipy.interpolate import make_interp_spline

    curve = make_interp_spline(x, rows, k=3, axis=1)
    inside = (at >= x[0]) & (at <= x[-1])
    cell = float(at[1] - at[0])
    if float(np.median(np.diff(x))) > 0.75 * cell:
        found = curve(np.clip(at, x[0], x[-1]))
    else:
        whole = curve.antiderivative()
        low = np.clip(at - 0.5 * cell, x[0], x[-1])
        high = np.clip(at + 0.5 * cell, x[0], x[-1])
        width = np.where(high > low, high - low, 1.0)
        found = (whole(high) - whole(low)) / width
    return np.asarray(np.where(inside[None, :], found, 0.0))


def _said(name: str, unit: str, old: Floats, new: Floats) -> str:
    return (
        f"{name}: {old.size} points about {np.median(np.diff(old)):.4g} {unit} apart "
        f"brought to {new.size} points {new[1] - new[0]:.4g} {unit} apart"
    )
