"""Pictures of harmonics of a gas and of where they keep in step."""

from typing import TYPE_CHECKING

import numpy as np

from qleap.core import checks, style
from qleap.core.constants import ELECTRONVOLT, PLANCK
from qleap.core.errors import InvalidValue
from qleap.laser.macroscopic.far import FAR, NEAR
from qleap.laser.macroscopic.phase_matching_maps import MAP

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_harmonic_beam", "plot_harmonic_growth", "plot_phase_matching"]

DECADES = 4.0
"""Shown below the brightest value."""


def plot_harmonic_beam(data: "xr.Dataset", ax: "Axes | None" = None) -> "Axes":
    """Draw the density of energy over photon energy and radius or angle.

    Parameters
    ----------
    data : xarray.Dataset
        Of `generate_harmonics` or `far_field`.
    ax : matplotlib Axes, optional
    """
    kind = getattr(data, "attrs", {}).get("kind")
    if kind not in (NEAR, FAR):
        raise InvalidValue(f"data must be of the kind {NEAR} or {FAR}, got {kind!r}.")
    ax = style.axes(ax)
    name, axis, scale, unit = (
        ("near_field", "radius", 1e6, "um")
        if kind == NEAR
        else ("far_field", "angle", 1e3, "mrad")
    )
    energy = data["frequency"].values * PLANCK / ELECTRONVOLT
    density = np.abs(data[name].values) ** 2
    shown = np.log10(np.maximum(density / density.max(), 10.0**-DECADES))
    image = ax.pcolormesh(
        energy, data[axis].values * scale, shown, shading="auto", rasterized=True
    )
    ax.figure.colorbar(image, ax=ax, label="log10 of the density of energy")
    ax.set_xlabel(style.label("photon energy", "eV"))
    ax.set_ylabel(style.label(axis, unit))
    return ax


def plot_harmonic_growth(data: "xr.Dataset", ax: "Axes | None" = None) -> "Axes":
    """Draw energy along the gas, with the driver's intensity.

    Parameters
    ----------
    data : xarray.Dataset
        Of `generate_harmonics`.
    ax : matplotlib Axes, optional
    """
    ax = style.axes(ax)
    place = data["position"].values * 1e3
    energy, unit = style.engineering(data["energy"].values, "J")
    ax.plot(place, energy)
    ax.set_xlabel(style.label("position", "mm"))
    ax.set_ylabel(style.label("energy of the harmonics", unit))
    ax.set_ylim(bottom=0.0)
    other = style.beside(ax)
    other.plot(
        place, data["peak_intensity"].values * 1e-18, color=style.COLOURS[1], ls="--"
    )
    other.set_ylabel(
        style.label("peak intensity", "1e14 W/cm^2"), color=style.COLOURS[1]
    )
    other.set_ylim(bottom=0.0)
    return ax


def plot_phase_matching(
    data: "xr.Dataset", *, intensity: float, ax: "Axes | None" = None
) -> "Axes":
    """Draw the yield over position and pressure, with lines where all is in step.

    Parameters
    ----------
    data : xarray.Dataset
        Of `phase_matching_map`.
    intensity : float
        W/m^2; the nearest one is taken.
    ax : matplotlib Axes, optional
    """
    if getattr(data, "attrs", {}).get("kind") != MAP:
        raise InvalidValue(
            f"data must be of the kind {MAP}; phase_matching_map makes it."
        )
    ax = style.axes(ax)
    checks.positive("intensity", intensity, "W/m^2")
    here = data.sel(intensity=intensity, method="nearest")
    place, pressure = here["position"].values * 1e3, here["pressure"].values * 1e-2
    image = ax.pcolormesh(
        place, pressure, here["yield"].values.T, shading="auto", rasterized=True
    )
    ax.figure.colorbar(image, ax=ax, label="yield, over the largest")
    if min(place.size, pressure.size) > 1:
        ax.contour(
            place,
            pressure,
            here["mismatch"].values.T,
            [0.0],
            colors="w",
            linewidths=1.0,
        )
    ax.set_xlabel(style.label("position behind the focus", "mm"))
    ax.set_ylabel(style.label("pressure", "mbar"))
    return ax
