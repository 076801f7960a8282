"""Pictures of light in crystals: energies along the way, spectra at its end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qleap.core import style
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.propagation.coupled import KIND as ENVELOPES
from qleap.laser.propagation.crystal_evolution import KIND

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_conversion"]

FLOOR = -60.0
"""dB below the peak where spectra end."""

LEAST = 1e-3
"""Share of the entering energy below which a band is not drawn."""


def plot_conversion(data: "xr.Dataset") -> "Figure":
    """Return a figure: energies of bands, or of waves, and spectra at the exit.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_crystal` or `qleap.laser.mix_envelopes`.
    """
    kind = data.attrs.get("kind")
    if kind not in {KIND, ENVELOPES}:
        raise InvalidValue(
            f"data must be of the kind {KIND!r} (from propagate_crystal) or "
            f"{ENVELOPES!r} (from mix_envelopes), got {kind!r}."
        )
    made, panels = style.figure(1, 2, figsize=(9.0, 3.6))
    if kind == ENVELOPES:
        _draw_waves(data, panels)
    else:
        _draw_energies(data, panels[0])
        _draw_spectra(data, panels[1])
    return made


def _draw_waves(data: "xr.Dataset", panels: "Sequence[Axes]") -> None:
    """Draw energies of envelopes, and their spectra about their carriers."""
    energy, unit = style.engineering(data["energy"].values, "J")
    place, place_unit = style.engineering(data["position"].values, "m")
    detuning, detuning_unit = style.engineering(data["detuning"].values, "Hz")
    density = data["spectrum"].values[-1]
    level = 10.0 * np.log10(np.maximum(density / density.max(), 1e-30))
    names = zip(data["wavelength"].values, data["polarisation"].values, strict=True)
    for i, (wave, letter) in enumerate(names):
        label = f"{wave * 1e9:.4g} nm, {letter}"
        panels[0].plot(place, energy[:, i], label=label)
        panels[1].plot(detuning, level[i], label=label)
    lit = np.abs(detuning[(level > FLOOR).any(axis=0)]).max()
    panels[0].set(
        xlabel=style.label("position", place_unit), ylabel=style.label("energy", unit)
    )
    panels[1].set(
        xlim=(-lit, lit), ylim=(FLOOR, 5.0),
        xlabel=style.label("frequency from the carrier", detuning_unit),
        ylabel=style.label("spectrum", "dB"),
    )  # fmt: skip
    panels[0].legend()
    panels[1].legend()


def _draw_energies(data: "xr.Dataset", ax: "Axes") -> None:
    entered = float(data["energy"][0].sum())
    scaled, unit = style.engineering(data["band_energy"].values, "J")
    place, place_unit = style.engineering(data["position"].values, "m")
    for i, name in enumerate(data["polarisation"].values):
        for j, band in enumerate(data["band"].values):
            share = data["band_energy"].values[:, i, j] / entered
            if share.max() > LEAST:
                label = f"{band * 1e9:.4g} nm, {name}"
                ax.plot(place, scaled[:, i, j], label=label)
    ax.set_xlabel(style.label("position", place_unit))
    ax.set_ylabel(style.label("energy", unit))
    ax.legend()


def _draw_spectra(data: "xr.Dataset", ax: "Axes") -> None:
    frequency = data["frequency"].values[1:]
    wavelength = SPEED_OF_LIGHT / frequency
    density = data["spectrum"].values[-1, :, 1:] * frequency**2 / SPEED_OF_LIGHT
    level = 10.0 * np.log10(np.maximum(density / density.max(), 1e-30))
    lit = (level > FLOOR).any(axis=0)
    for name, curve in zip(data["polarisation"].values, level, strict=True):
        if (curve > FLOOR).any():
            ax.plot(wavelength * 1e9, curve, label=str(name))
    ax.set_xlim(0.95 * wavelength[lit].min() * 1e9, 1.05 * wavelength[lit].max() * 1e9)
    ax.set_ylim(FLOOR, 5.0)
    ax.set_xlabel(style.label("wavelength", "nm"))
    ax.set_ylabel(style.label("spectrum", "dB"))
    ax.legend(loc="upper center")
