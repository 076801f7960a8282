"""Pictures of a beam along its way."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.propagation.beam_evolution import KIND

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_beam"]

Floats = NDArray[np.float64]

FLOOR: Final = -40.0
"""dB below the peak where the colours end."""

LEAST: Final = 1e-7
"""Share of the largest density of electrons below which no curve is drawn."""


def plot_beam(
    data: "xr.Dataset",
    *,
    radius: float | None = None,
    wavelengths: tuple[float, float] | None = None,
) -> "Figure":
    """Return a figure: fluence, size, spectrum on the axis, intensity and electrons.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_beam`.
    radius : float, optional
        Largest that is shown, m; by default where there is light.
    wavelengths : (float, float), optional
        Ends of the spectrum's axis, m; by default where there is light.

    Raises
    ------
    InvalidValue
        Where the dataset is of another kind.
    """
    if data.attrs.get("kind") != KIND:
        raise InvalidValue(
            f"data must be of the kind {KIND!r} (from propagate_beam), got "
            f"{data.attrs.get('kind')!r}."
        )
    made, panels = style.figure(2, 2, figsize=(9.5, 6.5))
    _fluence(data, panels[0, 0], radius)
    _sizes(data, panels[0, 1])
    _spectrum(data, panels[1, 0], wavelengths)
    _intensity(data, panels[1, 1])
    for axes in panels.flat:
        axes.set_xlim(*_place(data)[[0, -1]])
        axes.set_xlabel(style.label("position", "cm"))
    return made


def _place(data: "xr.Dataset") -> Floats:
    return np.asarray(data["position"].values * 100.0)


def _fluence(data: "xr.Dataset", axes: "Axes", largest: float | None) -> None:
    if "radius" in data.coords:
        across, fluence, name = data["radius"].values, data["fluence"].values, "radius"
    else:
        middle = data.sizes["y"] // 2
        across, name = data["x"].values, "x"
        fluence = data["fluence"].values[:, :, middle]
    level = _decibels(fluence)
    if name == "radius":  # the first radius is not zero: the axis takes its colour
        across, level = np.append(0.0, across), level[:, [0, *range(across.size)]]
    if largest is None:
        lit = np.abs(across)[(level > FLOOR).any(axis=0)]
        largest = float(lit.max())
    image = axes.pcolormesh(
        _place(data),
        across * 1e3,
        level.T,
        vmin=FLOOR,
        vmax=0.0,
        cmap="magma",
        shading="nearest",
        rasterized=True,
    )
    axes.set_ylim(0.0 if name == "radius" else -largest * 1e3, largest * 1e3)
    axes.set_ylabel(style.label(name, "mm"))
    axes.grid(visible=False)
    axes.figure.colorbar(image, ax=axes, label="relative fluence (dB)")


def _sizes(data: "xr.Dataset", axes: "Axes") -> None:
    place = _place(data)
    whole, core = data["beam_radius"].values * 1e6, data["core_radius"].values * 1e6
    axes.plot(place, whole, label="whole beam (two sigma)")
    axes.plot(place, core, label="core (half of the fluence)")
    _scale(axes, np.concatenate([whole, core]))
    axes.set_ylabel(style.label("beam radius", "µm"))
    axes.legend()


def _spectrum(
    data: "xr.Dataset", axes: "Axes", wavelengths: tuple[float, float] | None
) -> None:
    kept = data["frequency"].values > 0.0
    frequency = data["frequency"].values[kept][::-1]
    wavelength = SPEED_OF_LIGHT / frequency
    density = data["axis_spectrum"].values[:, kept][:, ::-1]
    level = _decibels(density * frequency**2)
    if wavelengths is None:
        lit = wavelength[(level > FLOOR).any(axis=0)]
        wavelengths = float(lit.min()), float(lit.max())
    seen = (wavelength >= wavelengths[0]) & (wavelength <= wavelengths[1])
    image = axes.pcolormesh(
        _place(data),
        wavelength[seen] * 1e9,
        level[:, seen].T,
        vmin=FLOOR,
        vmax=0.0,
        cmap="magma",
        shading="nearest",
        rasterized=True,
    )
    axes.set_ylabel(style.label("wavelength on axis", "nm"))
    axes.grid(visible=False)
    axes.figure.colorbar(image, ax=axes, label="relative density (dB)")


def _intensity(data: "xr.Dataset", axes: "Axes") -> None:
    place = _place(data)
    intensity = data["peak_intensity"].values * 1e-4
    axes.plot(place, intensity, color=style.COLOURS[0])
    _scale(axes, intensity)
    axes.set_ylabel(style.label("peak intensity", "W/cm^2"), color=style.COLOURS[0])
    if "axis_electron_density" not in data:
        return
    density = data["axis_electron_density"].values * 1e-6
    other = style.beside(axes)
    shown = np.where(density > LEAST * density.max(), density, np.nan)
    other.plot(place, shown, color=style.COLOURS[1], linestyle="--")
    other.set_yscale("log")
    other.set_ylabel(style.label("electron density", "1/cm^3"), color=style.COLOURS[1])


def _scale(axes: "Axes", values: Floats) -> None:
    """Set a logarithmic axis where values span a decade, else one from zero on."""
    if values.max() > 10.0 * values.min():
        axes.set_yscale("log")
    else:
        axes.set_ylim(0.0, 1.1 * values.max())


def _decibels(values: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(values / values.max(), 1e-30)))
