"""Pictures of attosecond pulses: bursts and satellites, maps over a scan."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results, style
from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.laser.attosecond.bursts import Bursts, find_bursts
from qleap.laser.attosecond.scans import SCAN
from qleap.laser.harmonics.emission import check_kind
from qleap.laser.pulses.light import Light
from qleap.laser.pulses.phases import group_delay
from qleap.laser.pulses.plots import ends
from qleap.laser.pulses.sampled import SampledPulse, to_samples

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_bursts", "plot_scan"]

Floats = NDArray[np.float64]

DIM: Final = 3e-4
"""Share of the peak where the axis of time ends."""

SEEN: Final = 2e-2
"""Share of the spectrum's peak below which no delay is drawn."""

DEPTH: Final = 3.0
"""Decades of the spectrum's colours."""


def plot_bursts(light: Light) -> "Figure":
    """Return a figure: power over time with its bursts, spectrum with group delays.

    The power is on a logarithmic axis, so that satellites are seen; the spectrum and
    the delay are those of the strongest burst.
    """
    sampled = light if isinstance(light, SampledPulse) else to_samples(light)
    found = find_bursts(sampled)
    made, (left, right) = style.figure(1, 2, figsize=(9.0, 3.6))
    _draw_power(left, sampled, found)
    _draw_spectrum(right, found)
    return made


def plot_scan(data: "xr.Dataset") -> "Figure":
    """Return a figure of a scan: spectrum, power, durations, satellites.

    Parameters
    ----------
    data : xarray.Dataset
        From `cep_scan`, `synthesiser_scan` or `driver_scan`.
    """
    check_kind(data, SCAN, "cep_scan, synthesiser_scan or driver_scan")
    name = str(results.parameters(data)["scanned"])
    values, unit = style.engineering(data[name].values, data[name].attrs["units"])
    if unit == "rad":
        values, unit = data[name].values / np.pi, "pi rad"
    made, axes = style.figure(2, 2, figsize=(9.0, 6.4))
    energy = data["frequency"].values * 2.0 * np.pi * HBAR / ELECTRONVOLT
    spectrum = data["spectrum"].values / data["spectrum"].values.max()
    shown = np.log10(np.maximum(spectrum, 10.0**-DEPTH))
    _draw_map(axes[0, 0], values, energy, shown, "log10 of spectrum / max")
    axes[0, 0].set_ylabel(style.label("photon energy", "eV"))
    time = data["time"].values * 1e15
    power = data["power"].values / data["power"].values.max(axis=1, keepdims=True)
    _draw_map(axes[0, 1], values, time, power, "power / max")
    lit = power.max(axis=0) > 0.02
    axes[0, 1].set_ylim(*ends(time, lit))
    axes[0, 1].set_ylabel(style.label("time", "fs"))
    for variable, text in (("fwhm", "fwhm"), ("limit", "transform limit")):
        axes[1, 0].plot(values, data[variable].values * 1e18, label=text)
    axes[1, 0].set_ylim(bottom=0.0)
    axes[1, 0].set_ylabel(style.label("duration", "as"))
    for variable in ("before", "after"):
        axes[1, 1].plot(values, data[variable].values, label=f"satellite {variable}")
    axes[1, 1].set_ylabel("power / that of the strongest")
    for ax in axes[1]:
        ax.legend()
    for ax in axes.flat:
        ax.set_xlabel(style.label(name, unit))
        ax.set_xlim(values[0], values[-1])
    return made


def _draw_power(ax: "Axes", light: SampledPulse, found: Bursts) -> None:
    fine = np.linspace(light.grid.time[0], light.grid.time[-1], 8 * light.grid.n_points)
    power = np.abs(light.envelope(fine)) ** 2 / found.power.max()
    ax.semilogy(fine * 1e15, np.maximum(power, 1e-12))
    relative = found.power / found.power.max()
    ax.plot(found.time * 1e15, relative, "o", color=style.COLOURS[1], markersize=4)
    ax.set_xlim(*ends(fine * 1e15, power > DIM))
    ax.set_ylim(DIM, 3.0)
    ax.set_xlabel(style.label("time", "fs"))
    ax.set_ylabel("power / max")
    ax.set_title(f"{found.fwhm * 1e18:.0f} as, limit {found.limit * 1e18:.0f} as")


def _draw_spectrum(ax: "Axes", found: Bursts) -> None:
    light = found.strongest
    order = np.argsort(light.grid.omega)
    energy = HBAR * light.grid.omega[order] / ELECTRONVOLT
    density = np.abs(light.grid.to_frequency(light.samples)[order]) ** 2
    density /= density.max()
    ax.fill_between(energy, density, alpha=0.15)
    ax.plot(energy, density)
    ax.set_xlim(*ends(energy, density > 1e-3))
    ax.set_ylim(0.0, 1.08)
    ax.set_xlabel(style.label("photon energy", "eV"))
    ax.set_ylabel("spectrum / max")
    _, delay = group_delay(light, light.grid)
    seen = np.where(density > SEEN, delay, np.nan) * 1e18
    seen -= seen[np.argmax(density)]
    beside = style.beside(ax)
    beside.plot(energy, seen, color=style.COLOURS[1], linestyle="--", linewidth=1.2)
    beside.set_ylabel(style.label("group delay", "as"), color=style.COLOURS[1])


def _draw_map(ax: "Axes", x: Floats, y: Floats, values: Floats, text: str) -> None:
    ax.grid(visible=False)
    image = ax.pcolormesh(
        x, y, values.T, cmap="viridis", shading="nearest", rasterized=True
    )
    ax.figure.colorbar(image, ax=ax, label=text)
