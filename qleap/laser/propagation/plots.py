"""Pictures of light: along a fibre, and at one place of it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.propagation.ensemble import KIND as ENSEMBLE
from qleap.laser.propagation.evolution import KIND

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

__all__ = ["plot_coherence", "plot_evolution", "plot_spectrum", "plot_time"]

FLOOR = -40.0
"""dB below the peak where the colours end."""

Floats = NDArray[np.float64]


def plot_evolution(
    data: "xr.Dataset", *, wavelengths: tuple[float, float] | None = None
) -> "Figure":
    """Return a figure: above the end of the fibre, below all of it; spectrum and time.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_fibre`.
    wavelengths : tuple of float, optional
        Ends of the wavelength axis, m; by default where there is light.
    """
    made, panels = style.figure(
        2, 2, figsize=(9.0, 6.5), height_ratios=(1, 2.2), sharex="col"
    )
    plot_spectrum(data, ax=panels[0, 0], wavelengths=wavelengths)
    plot_time(data, ax=panels[0, 1])
    _along_spectrum(data, panels[1, 0])
    image = _along_time(data, panels[1, 1])
    made.colorbar(image, ax=panels[1, :].tolist(), label="relative density (dB)")
    return made


def plot_spectrum(
    data: "xr.Dataset",
    *,
    position: int = -1,
    wavelengths: tuple[float, float] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the spectrum over wavelength at one place, in dB, and return the axes."""
    wavelength, density = _over_wavelength(_of(data))
    level = _decibels(density)
    ax = style.axes(ax)
    ax.plot(wavelength * 1e9, level[position])
    low, high = wavelengths or _lit(wavelength, level)
    ax.set_xlim(low * 1e9, high * 1e9)
    ax.set_ylim(FLOOR - 10.0, 5.0)
    ax.set_xlabel(style.label("wavelength", "nm"))
    ax.set_ylabel(style.label("spectrum", "dB"))
    ax.set_title(_place(data, position), fontsize="medium")
    return ax


def plot_time(
    data: "xr.Dataset", *, position: int = -1, ax: "Axes | None" = None
) -> "Axes":
    """Draw the power over time at one place, and return the axes."""
    power, unit = style.engineering(np.abs(_of(data)["envelope"].values) ** 2, "W")
    time = data["time"].values
    ax = style.axes(ax)
    ax.plot(time * 1e12, power[position])
    low, high = _lit(time, _decibels(power))
    ax.set_xlim(low * 1e12, high * 1e12)
    ax.set_xlabel(style.label("time", "ps"))
    ax.set_ylabel(style.label("power", unit))
    ax.set_title(_place(data, position), fontsize="medium")
    return ax


def plot_coherence(
    data: "xr.Dataset", *, position: int = -1, ax: "Axes | None" = None
) -> "Axes":
    """Draw spectrum (dB) and coherence of many shots over wavelength, and return axes.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_ensemble`.
    position : int
        Which of the kept places.
    ax : matplotlib axes, optional
        Takes the spectrum; the coherence gets an axis of its own on the right.
    """
    wavelength, density = _over_wavelength(_of(data, ENSEMBLE))
    level = _decibels(density)
    lit = level[position] > FLOOR
    ax = style.axes(ax)
    ax.plot(wavelength * 1e9, level[position], color=style.COLOURS[0])
    low, high = _lit(wavelength, level)
    ax.set_xlim(low * 1e9, high * 1e9)
    ax.set_ylim(FLOOR - 10.0, 5.0)
    ax.set_xlabel(style.label("wavelength", "nm"))
    ax.set_ylabel(style.label("mean spectrum", "dB"))
    ax.set_title(_place(data, position), fontsize="medium")
    right = style.beside(ax)
    shown = np.where(lit, data["coherence"].values[position, ::-1], np.nan)
    right.plot(wavelength * 1e9, shown, color=style.COLOURS[1])
    right.set_ylim(0.0, 1.05)
    right.set_ylabel("coherence", color=style.COLOURS[1])
    return ax


def _along_spectrum(data: "xr.Dataset", ax: "Axes") -> "QuadMesh":
    wavelength, density = _over_wavelength(data)
    ax.set_xlabel(style.label("wavelength", "nm"))
    return _image(ax, wavelength * 1e9, data, _decibels(density))


def _along_time(data: "xr.Dataset", ax: "Axes") -> "QuadMesh":
    power = np.abs(data["envelope"].values) ** 2
    ax.set_xlabel(style.label("time", "ps"))
    return _image(ax, data["time"].values * 1e12, data, _decibels(power))


def _image(ax: "Axes", x: Floats, data: "xr.Dataset", level: Floats) -> "QuadMesh":
    image = ax.pcolormesh(
        x,
        data["position"].values * 100.0,
        level,
        vmin=FLOOR,
        vmax=0.0,
        cmap="magma",
        shading="nearest",
        rasterized=True,
    )
    ax.set_ylabel(style.label("position", "cm"))
    ax.grid(visible=False)
    return image


def _over_wavelength(data: "xr.Dataset") -> tuple[Floats, Floats]:
    """Return wavelengths (ascending, m) and the energy per wavelength (J/m)."""
    frequency = data["frequency"].values[::-1]
    wavelength = SPEED_OF_LIGHT / frequency
    density = data["spectrum"].values[:, ::-1] * frequency**2 / SPEED_OF_LIGHT
    return wavelength, density


def _decibels(values: Floats) -> Floats:
    relative = values / values.max()
    return np.asarray(10.0 * np.log10(np.maximum(relative, 1e-30)))


def _lit(x: Floats, level: Floats) -> tuple[float, float]:
    """Return the ends of ``x`` where any place has light above the floor."""
    lit = x[(level > FLOOR).any(axis=0)]
    margin = 0.03 * (lit[-1] - lit[0])
    return max(lit[0] - margin, x[0]), min(lit[-1] + margin, x[-1])


def _place(data: "xr.Dataset", position: int) -> str:
    return f"after {data['position'].values[position] * 100.0:.4g} cm"


def _of(data: "xr.Dataset", kind: str = KIND) -> "xr.Dataset":
    if data.attrs.get("kind") != kind:
        door = "propagate_ensemble" if kind == ENSEMBLE else "propagate_fibre"
        raise InvalidValue(
            f"data must be of the kind {kind!r} (from {door}), "
            f"got {data.attrs.get('kind')!r}."
        )
    return data
