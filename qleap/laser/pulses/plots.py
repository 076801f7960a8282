"""Pictures of pulses: power and spectrum with phases, maps of time and frequency."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.pulses.correlations import KIND as AUTOCORRELATION
from qleap.laser.pulses.light import Light, own_grid
from qleap.laser.pulses.timefrequency import SPECTROGRAM, WIGNER

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ends",
    "plot_autocorrelation",
    "plot_pulse",
    "plot_time_frequency",
    "with_phase",
    "without_slope",
]

Floats = NDArray[np.float64]

DIM: Final = 1e-3
"""Share of the peak where axes end."""

SEEN: Final = 1e-2
"""Share of the peak below which no phase is drawn."""

FLOOR: Final = -40.0
"""dB below the peak where the colours of a spectrogram end."""


def plot_pulse(light: Light, *, grid: Grid | None = None) -> "Figure":
    """Return a figure: power over time and density over frequency, with phases.

    Phases are drawn where there is light, the carrier's (in time) and the mean delay
    (in frequency) taken away.
    """
    chosen = own_grid(light) if grid is None else grid
    time = np.linspace(chosen.time[0], chosen.time[-1], 4 * chosen.n_points)
    envelope = light.envelope(time)
    order = np.argsort(chosen.omega)
    spectrum = light.spectrum_on(chosen)[order]
    made, (left, right) = style.figure(1, 2, figsize=(9.0, 3.6))
    power, unit = style.engineering(np.abs(envelope) ** 2, "W")
    with_phase(left, time * 1e15, power, -np.unwrap(np.angle(envelope)))
    left.set_xlabel(style.label("time", "fs"))
    left.set_ylabel(style.label("power", unit))
    density, unit = style.engineering(np.abs(spectrum) ** 2, "J/Hz")
    frequency = chosen.omega[order] / (2.0 * np.pi)
    phase = without_slope(frequency, density, np.unwrap(np.angle(spectrum)))
    with_phase(right, frequency * 1e-12, density, phase)
    right.set_xlabel(style.label("frequency", "THz"))
    right.set_ylabel(style.label("spectrum", unit))
    return made


def plot_time_frequency(data: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw a spectrogram (in dB) or a Wigner distribution, and return the axes.

    Parameters
    ----------
    data : xarray.Dataset
        From `spectrogram` or `wigner`.
    ax : matplotlib axes, optional
    """
    kind = data.attrs.get("kind")
    if kind not in (SPECTROGRAM, WIGNER):
        raise InvalidValue(
            f"data must be of the kind {SPECTROGRAM!r} or {WIGNER!r}, got {kind!r}."
        )
    ax = style.axes(ax)
    signed = kind == WIGNER
    values = data["distribution" if signed else "density"].values
    relative = values / np.abs(values).max()
    if signed:
        shown, low, high, colours, label = relative, -1.0, 1.0, "RdBu_r", "W / max W"
    else:
        shown = 10.0 * np.log10(np.maximum(relative, 1e-30))
        low, high, colours, label = FLOOR, 0.0, "viridis", "density (dB)"
    time, frequency = data["time"].values * 1e15, data["frequency"].values * 1e-12
    ax.grid(visible=False)
    image = ax.pcolormesh(
        time, frequency, shown.T, vmin=low, vmax=high, cmap=colours,
        shading="nearest", rasterized=True,
    )  # fmt: skip
    lit = np.abs(relative) > (0.01 if signed else DIM)
    ax.set_xlim(*ends(time, lit.any(axis=1)))
    ax.set_ylim(*ends(frequency, lit.any(axis=0)))
    ax.set_xlabel(style.label("time", "fs"))
    ax.set_ylabel(style.label("frequency", "THz"))
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax


def plot_autocorrelation(data: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw an autocorrelation over its delay, and return the axes."""
    if data.attrs.get("kind") != AUTOCORRELATION:
        raise InvalidValue(
            f"data must be of the kind {AUTOCORRELATION!r}, got "
            f"{data.attrs.get('kind')!r}."
        )
    ax = style.axes(ax)
    delay, signal = data["delay"].values * 1e15, data["signal"].values
    ax.plot(delay, signal, linewidth=1.0)
    away = np.abs(signal - signal[0])
    ax.set_xlim(*ends(delay, away > DIM * away.max()))
    ax.set_xlabel(style.label("delay", "fs"))
    ax.set_ylabel("autocorrelation")
    return ax


def with_phase(ax: "Axes", x: Floats, strength: Floats, phase: Floats) -> None:
    """Draw a power or density and, on an axis of its own, the phase where it is lit."""
    ax.fill_between(x, strength, alpha=0.15)
    ax.plot(x, strength)
    ax.set_xlim(*ends(x, strength > DIM * strength.max()))
    ax.set_ylim(0.0, 1.08 * strength.max())
    lit = strength > SEEN * strength.max()
    beside = style.beside(ax)
    level = phase[np.argmax(strength)]
    shown = np.where(lit, phase - level, np.nan)
    beside.plot(x, shown, color=style.COLOURS[1], linestyle="--", linewidth=1.2)
    low, high = np.nanmin(shown), np.nanmax(shown)
    middle, half = 0.5 * (low + high), max(0.6 * (high - low), 0.5)
    beside.set_ylim(middle - half, middle + half)
    beside.set_ylabel(style.label("phase", "rad"), color=style.COLOURS[1])


def without_slope(x: Floats, weight: Floats, phase: Floats) -> Floats:
    """Return a phase without the straight line through its bright part."""
    lit = weight > SEEN * weight.max()
    middle = x[lit].mean()
    scaled = (x - middle) / max(float(np.ptp(x[lit])), 1.0)
    slope = np.polynomial.Polynomial.fit(
        scaled[lit], phase[lit], 1, w=np.sqrt(weight[lit])
    )
    return np.asarray(phase - slope(scaled))


def ends(x: Floats, lit: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the ends of an axis that shows what is lit, with a margin."""
    bright = x[lit]
    margin = 0.08 * (bright[-1] - bright[0])
    return max(bright[0] - margin, x[0]), min(bright[-1] + margin, x[-1])
