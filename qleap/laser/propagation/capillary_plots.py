"""Pictures of light along a hollow guide."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.propagation.capillary_evolution import KIND, analytic_signal

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["plot_capillary"]

FLOOR = -40.0
"""dB below the peak where the colours end."""

Floats = NDArray[np.float64]


def plot_capillary(
    data: "xr.Dataset",
    *,
    wavelengths: tuple[float, float] | None = None,
    mode: int = 0,
) -> "Figure":
    """Return a figure: spectrum and power along the guide, energy, and electrons.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_capillary`.
    wavelengths : (float, float), optional
        Ends of the wavelength axis, m; by default where there is light.
    mode : int
        Whose power over time is drawn; the spectrum is that of all modes.
    """
    if data.attrs.get("kind") != KIND:
        raise InvalidValue(
            f"data must be a dataset of the kind {KIND!r}, got "
            f"{data.attrs.get('kind')!r}; take what propagate_capillary returns."
        )
    made, panels = style.figure(2, 2, figsize=(9.0, 6.5), height_ratios=(2.2, 1.0))
    position = data["position"].values
    length, density = _over_wavelength(data)
    low, high = wavelengths or _lit(length, density)
    inside = (length >= low) & (length <= high)
    panels[0, 0].pcolormesh(
        length[inside] * 1e9, position, _decibels(density)[:, inside],
        vmin=FLOOR, vmax=0.0, cmap="magma", shading="nearest", rasterized=True,
    )  # fmt: skip
    panels[0, 0].set_xlabel(style.label("wavelength", "nm"))
    power = np.stack(
        [np.abs(analytic_signal(data, z, mode=mode)) ** 2 for z in position]
    )
    time = data["time"].values
    first, last = _lit(time, power)
    seen = (time >= first) & (time <= last)
    image = panels[0, 1].pcolormesh(
        time[seen] * 1e15, position, _decibels(power)[:, seen],
        vmin=FLOOR, vmax=0.0, cmap="magma", shading="nearest", rasterized=True,
    )  # fmt: skip
    panels[0, 1].set_xlabel(style.label("time", "fs"))
    for panel in panels[0]:
        panel.set_ylabel(style.label("position", "m"))
    made.colorbar(image, ax=panels[0].tolist(), label="relative density (dB)")
    energy, unit = style.engineering(data["energy"].values, "J")
    panels[1, 0].plot(position, energy)
    panels[1, 0].set_ylim(0.0, 1.08 * energy.max())
    panels[1, 0].set_ylabel(style.label("energy", unit))
    panels[1, 1].plot(position, data["electron_density"].values * 1e-6)
    panels[1, 1].set_ylabel(style.label("electron density", "1/cm^3"))
    for panel in panels[1]:
        panel.set_xlabel(style.label("position", "m"))
    return made


def _over_wavelength(data: "xr.Dataset") -> tuple[Floats, Floats]:
    """Return increasing wavelengths (m) and the density over them, J/m."""
    frequency = data["frequency"].values
    kept = frequency > 0.0
    length = SPEED_OF_LIGHT / frequency[kept]
    density = data["spectrum"].values[:, kept] * frequency[kept] / length
    return length[::-1], density[:, ::-1]


def _decibels(values: Floats) -> Floats:
    floor = 1e-12 * values.max()
    return np.asarray(10.0 * np.log10(np.maximum(values, floor) / values.max()))


def _lit(axis: Floats, values: Floats) -> tuple[float, float]:
    """Return where along an axis there is light above the floor."""
    lit = np.flatnonzero((_decibels(values) > FLOOR).any(axis=0))
    return float(axis[lit[0]]), float(axis[lit[-1]])
