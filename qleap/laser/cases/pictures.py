"""Pictures of any door's dataset: along the way, and at one place of it."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from qleap.core import style
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.cases.outputs import (
    BEAM,
    CAPILLARY,
    CRYSTAL,
    FIBRE,
    MIXED,
    light_of,
    power_of,
)
from qleap.laser.propagation.scans import KIND as SCAN
from qleap.laser.pulses.plots import (
    ends,
    plot_time_frequency,
    with_phase,
    without_slope,
)
from qleap.laser.pulses.sampled import SampledPulse
from qleap.laser.pulses.timefrequency import spectrogram
from qleap.laser.pulses.widths import rms_width

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

__all__ = ["plot_output", "plot_propagation", "plot_scan"]

DIM: Final = 1e-3
"""Share of the peak where the axis of time ends."""

N_DELAYS, N_FREQUENCIES = 400, 1024
"""Most points of a spectrogram in a picture."""

MOST_LABELS: Final = 8
"""Curves up to which there is a legend."""


def plot_propagation(data: "xr.Dataset") -> "Figure":
    """Return the figure of light along its way that suits the door.

    Parameters
    ----------
    data : xarray.Dataset
        From `propagate_fibre` (`plot_evolution`), `propagate_capillary`
        (`plot_capillary`), `propagate_beam` (`plot_beam`), `propagate_crystal` or
        `mix_envelopes` (`plot_conversion`).
    """
    kind = data.attrs.get("kind")
    if kind == FIBRE:
        from qleap.laser.propagation.plots import plot_evolution

        return plot_evolution(data)
    if kind == CAPILLARY:
        from qleap.laser.propagation.capillary_plots import plot_capillary

        return plot_capillary(data)
    if kind == BEAM:
        from qleap.laser.propagation.beam_plots import plot_beam

        return plot_beam(data)
    if kind in (CRYSTAL, MIXED):
        from qleap.laser.propagation.crystal_plots import plot_conversion

        return plot_conversion(data)
    raise InvalidValue(
        "data must come from propagate_fibre, propagate_capillary, propagate_beam, "
        f"propagate_crystal or mix_envelopes, got the kind {kind!r}."
    )


def plot_output(data: "xr.Dataset", *, position: int = -1) -> "Figure":
    """Return a figure of the light at one place: power, spectral phase, spectrogram.

    Parameters
    ----------
    data : xarray.Dataset
        From any door.
    position : int
        Which of the kept places.

    Notes
    -----
    The phase is that of the strongest mode, wave or polarisation (of a beam on its
    axis), without its mean delay; the gate of the spectrogram resolves time and
    frequency alike.
    """
    light = light_of(data, position)
    made, panels = style.figure(1, 3, figsize=(12.5, 3.8))
    _draw_power(data, position, panels[0])
    _draw_spectrum(light, panels[1])
    seen = spectrogram(light, _gate(light), n_delays=_n_delays(light))
    frequency = seen["frequency"].values
    lit = np.abs(seen["density"].values).max(axis=0)
    low, high = ends(frequency, lit > 1e-5 * lit.max())
    inside = np.flatnonzero((frequency >= low) & (frequency <= high))
    every = max(inside.size // N_FREQUENCIES, 1)
    plot_time_frequency(seen.isel(frequency=inside[::every]), ax=panels[2])
    place, unit = style.engineering(data["position"].values, "m")
    made.suptitle(f"after {place[position]:.4g} {unit}", fontsize="medium")
    return made


def plot_scan(data: "xr.Dataset") -> "Figure":
    """Return a figure of what comes out over what was scanned: spectra and energy.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.scan` or a case with a scan. Drawn over the numbers of which
        there are most, with a curve of energies for each value of the others, and the
        spectra at the first of these.
    """
    if data.attrs.get("kind") != SCAN:
        raise InvalidValue(
            f"data must be of the kind {SCAN!r}, got {data.attrs.get('kind')!r}."
        )
    name, along, unit = _longest_axis(data)
    made, (left, right) = style.figure(1, 2, figsize=(9.0, 3.8))
    image = _draw_spectra(data, name, along, left)
    made.colorbar(image, ax=left, label="relative density (dB)")
    left.set_ylabel(style.label(_readable(name), unit))
    left.set_xlabel(style.label("wavelength", "nm"))
    energy = _at_end(data, "energy").transpose(..., name)
    scaled, written = style.engineering(energy.values, "J")
    for nth, index in enumerate(np.ndindex(scaled.shape[:-1])):
        labels = [
            f"{_readable(dim)}: {energy[dim].values[k]}"
            for dim, k in zip(energy.dims[:-1], index, strict=True)
        ]
        if nth == 0:
            left.set_title(", ".join(labels), fontsize="medium")
        right.plot(along, scaled[index], marker="o", label=", ".join(labels))
    if 1 < scaled[..., 0].size <= MOST_LABELS:
        right.legend(fontsize="small")
    right.set_ylim(0.0, 1.08 * scaled.max())
    right.set_xlabel(style.label(_readable(name), unit))
    right.set_ylabel(style.label("energy at the end", written))
    return made


def _longest_axis(data: "xr.Dataset") -> tuple[str, Any, str]:
    """Return name, values and unit of an axis of a scan; of texts, their numbers."""
    names = [str(dim) for dim in _at_end(data, "energy").dims]
    numbers = [name for name in names if data[name].dtype.kind in "fiu"]
    if not numbers:
        return names[-1], np.arange(data.sizes[names[-1]]), "1"
    longest = max(numbers, key=lambda name: data.sizes[name])
    scaled, unit = style.engineering(data[longest], data[longest].attrs["units"])
    return longest, scaled, unit


def _readable(name: Any) -> str:
    return str(name).replace("_", " ")


def _at_end(data: "xr.Dataset", name: str) -> "xr.DataArray":
    """Return a variable at the last place, of all polarisations together."""
    values = data[name]
    if "polarisation" in values.dims:
        values = values.sum("polarisation")
    along = "position" if "position" in values.dims else "position_index"
    return values.isel({along: -1})


def _draw_spectra(data: "xr.Dataset", name: str, along: Any, ax: "Axes") -> "QuadMesh":
    """Draw the spectra at the end over one axis of wavelengths, in dB."""
    spectrum = _at_end(data, "spectrum")
    over = spectrum.dims[-1]
    others = [dim for dim in spectrum.dims if dim not in (name, over)]
    rows = spectrum.isel(dict.fromkeys(others, 0)).transpose(name, over).values
    frequency = data["frequency"]
    if name in frequency.dims:
        frequency = frequency.isel(dict.fromkeys(others, 0)).transpose(name, over)
    curves = []
    for f, density in zip(np.broadcast_to(frequency, rows.shape), rows, strict=True):
        kept = np.isfinite(f) & (f > 0.0)
        wavelength = SPEED_OF_LIGHT / f[kept][::-1]
        curves.append((wavelength, (density[kept] * f[kept] ** 2)[::-1]))
    highest = max(float(density.max()) for _, density in curves)
    lit = np.concatenate([w[d > 1e-4 * highest] for w, d in curves])
    axis = np.linspace(0.97 * lit.min(), 1.03 * lit.max(), 1200)
    image = np.stack([np.interp(axis, w, d, left=0.0, right=0.0) for w, d in curves])
    level = 10.0 * np.log10(np.maximum(image / highest, 1e-30))
    ax.grid(visible=False)
    return ax.pcolormesh(
        axis * 1e9, along, level, vmin=-40.0, vmax=0.0, cmap="magma",
        shading="nearest", rasterized=True,
    )  # fmt: skip


def _draw_power(data: "xr.Dataset", position: int, ax: "Axes") -> None:
    power, name = power_of(data, position)
    power, unit = style.engineering(power, name)
    time = data["time"].values * 1e15
    ax.plot(time, power)
    ax.set_xlim(*ends(time, power > DIM * power.max()))
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel(style.label("time", "fs"))
    ax.set_ylabel(style.label("power" if name == "W" else "intensity", unit))


def _draw_spectrum(light: SampledPulse, ax: "Axes") -> None:
    order = np.argsort(light.grid.omega)
    amplitudes = light.spectrum_on(light.grid)[order]
    density: Any = np.abs(amplitudes) ** 2
    frequency = light.grid.omega[order] / (2.0 * np.pi)
    phase = without_slope(frequency, density, np.unwrap(np.angle(amplitudes)))
    with_phase(ax, frequency * 1e-12, density / density.max(), phase)
    ax.set_xlabel(style.label("frequency", "THz"))
    ax.set_ylabel("spectrum (of its peak)")


def _gate(light: SampledPulse) -> float:
    """Return the gate's FWHM, s: as long as makes time and frequency equally wide."""
    grid = light.grid
    power = np.abs(light.samples) ** 2
    order = np.argsort(grid.detuning)
    density = np.abs(light.spectrum_on(grid)[order]) ** 2
    spread = rms_width(grid.time, power), rms_width(grid.detuning[order], density)
    return max(1.665 * float(np.sqrt(spread[0] / spread[1])), 2.5 * grid.step)


def _n_delays(light: SampledPulse) -> int:
    power = np.abs(light.samples) ** 2
    low, high = ends(light.grid.time, power > DIM * power.max())
    wanted = N_DELAYS * light.grid.window / (high - low)
    return int(min(max(wanted, 64), 2**25 // light.grid.n_points))
