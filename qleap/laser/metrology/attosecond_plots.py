"""Pictures of photoelectron traces, retrievals with what they miss, absorption."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.laser.metrology.attosecond_result import AttosecondRetrieval
from qleap.laser.metrology.streaking import check_trace
from qleap.laser.pulses.plots import with_phase, without_slope

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_absorption", "plot_attosecond_retrieval", "plot_streaking"]

Floats = NDArray[np.float64]

SEEN: Final = 2e-3
"""Share of the peak where the axes of pulses end."""


def plot_streaking(trace: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw spectra of electrons over the delay, and return the axes."""
    spectrum = check_trace(trace)
    axes = style.axes(ax)
    _map(axes, trace, spectrum / spectrum.max(), "electrons", "viridis", (0.0, 1.0))
    return axes


def plot_attosecond_retrieval(found: AttosecondRetrieval) -> "Figure":
    """Return a figure: trace, fit, residual; pulse and spectrum with their phases.

    The vector potential is drawn over the trace where the method finds it, as the
    momentum that it gives the electrons.
    """
    measured = check_trace(found.trace)
    scaled = measured / measured.max()
    made, panels = style.figure(2, 3, figsize=(11.0, 6.2))
    top, (left, middle, right) = panels
    parts = ((scaled, "measured"), (scaled - found.residual, "fitted"))
    for ax, (values, name) in zip(top, parts, strict=False):
        _map(ax, found.trace, values, name, "viridis", (0.0, 1.0))
    high = float(np.abs(found.residual).max())
    residual = f"measured - fitted, rms {found.error:.1e}"
    _map(top[2], found.trace, found.residual, residual, "RdBu_r", (-high, high))
    _draw_pulse(left, found)
    _draw_spectrum(middle, found)
    _draw_rest(right, found)
    return made


def plot_absorption(
    data: "xr.Dataset", *, quantity: str = "cross_section", ax: "Axes | None" = None
) -> "Axes":
    """Draw a cross-section or response over delay and photon energy."""
    from qleap.core import checks

    checks.one_of("quantity", quantity, ("cross_section", "response"))
    axes = style.axes(ax)
    values = data[quantity].values
    high = float(np.nanmax(np.abs(values)))
    name = quantity.replace("_", " ")
    _map(axes, data, values / high, name, "RdBu_r", (-1.0, 1.0), "photon energy")
    return axes


def _map(
    ax: "Axes",
    data: "xr.Dataset",
    values: Floats,
    name: str,
    colours: str,
    ends: tuple[float, float],
    axis: str = "kinetic energy",
) -> None:
    low, high = ends
    drawn = ax.pcolormesh(
        data["delay"].values * 1e15,
        data["energy"].values / ELECTRONVOLT,
        values.T,
        cmap=colours,
        vmin=low,
        vmax=high,
        shading="nearest",
        rasterized=True,
    )
    ax.grid(visible=False)
    ax.set_title(name, fontsize=10)
    ax.set_xlabel(style.label("delay", "fs"))
    ax.set_ylabel(style.label(axis, "eV"))
    ax.figure.colorbar(drawn, ax=ax)


def _draw_pulse(ax: "Axes", found: AttosecondRetrieval) -> None:
    grid = found.pulse.grid
    time = np.linspace(grid.time[0], grid.time[-1], 4096)
    envelope = found.pulse.envelope(time)
    power = np.abs(envelope) ** 2 / np.max(np.abs(envelope) ** 2)
    # Phases are shown on exp(-i phi(t)), without the carrier.
    phase = without_slope(time, power, -np.unwrap(np.angle(envelope)))
    lit = np.flatnonzero(power > SEEN)
    low, high = found.fwhm_interval
    with_phase(ax, time * 1e18, power, phase)
    ax.set_xlim(time[lit[0]] * 1e18, time[lit[-1]] * 1e18)
    ax.set_xlabel(style.label("time", "as"))
    ax.set_ylabel("power over its peak")
    title = f"{found.fwhm * 1e18:.0f} as"
    if np.isfinite(low):
        title += f" ({low * 1e18:.0f} to {high * 1e18:.0f})"
    ax.set_title(title, fontsize=10)


def _draw_spectrum(ax: "Axes", found: AttosecondRetrieval) -> None:
    grid = found.pulse.grid
    order = np.argsort(grid.omega)
    photon = HBAR * grid.omega[order] / ELECTRONVOLT
    spectrum = grid.to_frequency(found.pulse.samples)[order]
    density = np.abs(spectrum) ** 2 / np.max(np.abs(spectrum) ** 2)
    phase = without_slope(photon, density, np.unwrap(np.angle(spectrum)))
    with_phase(ax, photon, density, phase)
    lit = np.flatnonzero(density > SEEN)
    ax.set_xlim(photon[lit[0]], photon[lit[-1]])
    ax.set_xlabel(style.label("photon energy", "eV"))
    ax.set_ylabel("density over its peak")


def _draw_rest(ax: "Axes", found: AttosecondRetrieval) -> None:
    """Draw the vector potential, or group delays of sidebands."""
    if found.potential is not None and found.potential_time is not None:
        ax.plot(found.potential_time * 1e15, found.potential * 1e6)
        ax.set_xlabel(style.label("time", "fs"))
        ax.set_ylabel(style.label("vector potential", "µV s/m"))
        return
    order, delay, error = (
        found.extra[name][1]
        for name in ("sideband_order", "group_delay", "group_delay_error")
    )
    ax.errorbar(order, delay * 1e18, yerr=2.0 * error * 1e18, fmt="o", capsize=3)
    ax.set_xlabel("order of the sideband")
    ax.set_ylabel(style.label("group delay", "as"))
