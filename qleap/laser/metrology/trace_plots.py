"""Pictures of traces and of what was retrieved from them."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.laser.metrology.retrieved import Retrieved
from qleap.laser.metrology.traces import Trace
from qleap.laser.pulses.plots import ends, with_phase, without_slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_retrieval", "plot_trace"]

Floats = NDArray[np.float64]

SEEN: Final = 5e-3
"""Share of a marginal's peak where axes end."""


def plot_trace(trace: Trace, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a trace over its parameter and frequency, and return the axes."""
    return _map(ax, trace, trace.intensity, trace.intensity, signed=False)


def plot_retrieval(found: Retrieved) -> "Figure":
    """Return a figure: measured, fitted and residual trace; pulse and spectrum.

    Bands are one standard deviation of the bootstrap.
    """
    made, panels = style.figure(2, 3, figsize=(12.0, 6.4))
    trace = found.trace
    error = f"R = {found.error:.2g}, G' = {found.relative_error:.2g}"
    for ax, values, title in (
        (panels[0, 0], trace.intensity, "measured"),
        (panels[0, 1], found.fitted, "retrieved"),
        (panels[0, 2], found.residual, f"residual, {error}"),
    ):
        _map(ax, trace, values, found.fitted, signed=ax is panels[0, 2])
        ax.set_title(title)
    _pulse(panels[1, 0], found)
    _spectrum(panels[1, 1], found)
    _starts(panels[1, 2], found)
    return made


def _map(
    ax: "Axes | None", trace: Trace, values: Floats, lit: Floats, *, signed: bool
) -> "Axes":
    """Draw values on the axes of a trace, as far as ``lit`` is bright."""
    ax = style.axes(ax)
    name, unit = trace.scheme.axis
    place, unit = style.engineering(trace.values, unit if unit != "rad" else "1")
    frequency = trace.frequency * 1e-12
    top = float(np.abs(values).max())
    ax.grid(visible=False)
    image = ax.pcolormesh(
        place, frequency, values.T, shading="nearest", rasterized=True,
        cmap="RdBu_r" if signed else "viridis",
        vmin=-top if signed else 0.0, vmax=top,
    )  # fmt: skip
    marginal = np.maximum(lit.sum(axis=0), 0.0)
    ax.set_ylim(*ends(frequency, marginal > SEEN * marginal.max()))
    if name == "delay":
        marginal = np.maximum(lit.sum(axis=1), 0.0)
        ax.set_xlim(*ends(place, marginal > SEEN * marginal.max()))
    ax.set_xlabel(style.label(name, "rad" if unit == "1" else unit))
    ax.set_ylabel(style.label("frequency", "THz"))
    ax.figure.colorbar(image, ax=ax)
    return ax


def _pulse(ax: "Axes", found: Retrieved) -> None:
    grid = found.pulse.grid
    time = np.linspace(grid.time[0], grid.time[-1], 8 * grid.n_points)
    envelope = found.pulse.envelope(time)
    power, unit = style.engineering(np.abs(envelope) ** 2, "W")
    with_phase(ax, time * 1e15, power, -np.unwrap(np.angle(envelope)))
    if len(found.resampled) > 1:
        scale = power.max() / (np.abs(envelope) ** 2).max()
        spread = scale * np.std(np.abs(found.resampled) ** 2, axis=0, ddof=1)
        middle = scale * np.abs(found.pulse.samples) ** 2
        ax.fill_between(
            grid.time * 1e15, middle - spread, middle + spread, alpha=0.35, linewidth=0
        )
    low, high = (1e15 * end for end in found.fwhm_interval)
    ax.set_xlabel(style.label("time", "fs"))
    ax.set_ylabel(style.label("power", unit))
    width = f"FWHM {found.fwhm * 1e15:.2f} fs"
    ax.set_title(width if np.isnan(low) else f"{width} ({low:.2f} to {high:.2f})")


def _spectrum(ax: "Axes", found: Retrieved) -> None:
    grid = found.pulse.grid
    spectrum = np.fft.fftshift(grid.to_frequency(found.pulse.samples))
    density = np.abs(spectrum) ** 2
    frequency, phase, spread = found.spectral_phase
    shown = np.where(np.isnan(phase), 0.0, phase)
    shown = without_slope(frequency, density, shown)
    with_phase(ax, frequency * 1e-12, density / density.max(), shown)
    beside = ax.figure.axes[-1]
    level = shown[np.argmax(density)]
    beside.fill_between(
        frequency * 1e-12, shown - level - spread, shown - level + spread,
        color=style.COLOURS[1], alpha=0.25, linewidth=0,
    )  # fmt: skip
    ax.set_xlabel(style.label("frequency", "THz"))
    ax.set_ylabel("spectrum / peak")


def _starts(ax: "Axes", found: Retrieved) -> None:
    number = np.arange(1, found.start_errors.size + 1)
    ax.semilogy(number, found.start_errors, "o-", label="starts")
    ax.axhline(found.error, color=style.COLOURS[1], linestyle="--", label="result")
    lowest = min(float(found.start_errors[0]), found.error)
    ax.set_ylim(0.5 * lowest, 2.0 * float(found.start_errors[-1]))
    ax.locator_params(axis="x", integer=True)
    ax.set_xlabel("start, best first")
    ax.set_ylabel("trace error R")
    ax.legend()
