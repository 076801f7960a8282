"""Pictures of quantum paths: their times, and maps of what is radiated when."""

from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import checks, results, style
from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.harmonics.emission import check_kind
from qleap.laser.harmonics.paths import PATHS
from qleap.laser.harmonics.recollision import RECOLLISIONS
from qleap.laser.harmonics.time_frequency import GABOR

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_gabor", "plot_quantum_paths"]

FLOOR: Final = -35.0
"""Lowest level of a map, dB."""

CLASSICAL: Final = {"color": style.COLOURS[4], "label": "classical"}

LINES: Final = ("-", "--")
"""Of short and long paths."""


def plot_quantum_paths(
    data: "xr.Dataset", *, classical: "xr.Dataset | None" = None
) -> "Figure":
    """Return a figure of photon energy over times of birth and return.

    Parameters
    ----------
    data : xarray.Dataset
        From `quantum_paths`.
    classical : xarray.Dataset, optional
        From `recollisions`, drawn as points.

    Notes
    -----
    Real parts are on the left, imaginary ones on the right, in cycles of the carrier.
    """
    check_kind(data, PATHS, "quantum_paths")
    cycle = results.parameters(data)["field"]["wavelength"] / SPEED_OF_LIGHT
    made, panels = style.figure(1, 2, figsize=(9.6, 4.2), width_ratios=(2, 1))
    left, right = np.ravel(panels)
    energy = data["photon_energy"].values / ELECTRONVOLT
    if classical is not None:
        born, back, level = _classical(classical, data)
        for times in (born, back):
            left.plot(times / cycle, level, ".", color="0.72", ms=3, zorder=1)
    for pair in range(data.sizes["pair"]):
        for path in range(2):
            one = data.isel(pair=pair, path=path)
            for name, colour in zip(
                ("birth_time", "return_time"), style.COLOURS[1::-1], strict=True
            ):
                times = one[name].values / cycle
                label = f"{name[:-5]}, {one['path'].values!s}" if pair == 0 else None
                look = {"color": colour, "linestyle": LINES[path], "linewidth": 1.3}
                left.plot(times.real, energy, label=label, **look)
                right.plot(times.imag, energy, **look)
    left.set(xlabel="time (cycles)", ylabel="photon energy (eV)")
    right.set(xlabel="imaginary time (cycles)", ylabel="photon energy (eV)")
    left.set_ylim(0.96 * energy[0], 1.02 * energy[-1])
    right.set_ylim(*left.get_ylim())
    left.legend(fontsize=8)
    return made


def plot_gabor(
    data: "xr.Dataset",
    *,
    paths: "xr.Dataset | None" = None,
    classical: "xr.Dataset | None" = None,
    ionisation_energy: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw when each photon energy is radiated (dB), and return the axes.

    Parameters
    ----------
    data : xarray.Dataset
        From `gabor`.
    paths : xarray.Dataset, optional
        From `quantum_paths`: the real times of return, up to the cutoffs.
    classical : xarray.Dataset, optional
        From `recollisions`, drawn as points.
    ionisation_energy : float, optional
        J; by default that of ``paths``. Classical points need it.
    ax : matplotlib axes, optional
    """
    check_kind(data, GABOR, "gabor")
    ax = style.axes(ax)
    time = data["time"].values * 1e15
    energy = data["photon_energy"].values / ELECTRONVOLT
    density = data["density"].values
    if not density.max() > 0.0:
        raise InvalidValue(
            "data must hold radiation, got a density of zero; check the field of the "
            "dipole, and the energies of the map."
        )
    level = 10.0 * np.log10(np.maximum(density / density.max(), 1e-30))
    ax.grid(visible=False)
    image = ax.pcolormesh(
        time, energy, level.T, vmin=FLOOR, vmax=0.0, cmap="Greys",
        shading="nearest", rasterized=True,
    )  # fmt: skip
    lit = time[(level > FLOOR).any(axis=1)]
    if classical is not None:
        if paths is None and ionisation_energy is None:
            raise InvalidValue(
                "ionisation_energy (J) or paths must be given with classical ones."
            )
        _, back, height = _classical(classical, paths, ionisation_energy)
        ax.plot(
            back * 1e15, height, ".", color=style.COLOURS[4], ms=2, label="classical"
        )
    if paths is not None:
        check_kind(paths, PATHS, "quantum_paths", "paths")
        for pair in range(paths.sizes["pair"]):
            for path, line in enumerate(LINES):
                one = paths.isel(pair=pair, path=path)
                photon = one["photon_energy"].values
                below = photon <= float(one["cutoff"].values.real)
                ax.plot(
                    one["return_time"].values.real[below] * 1e15,
                    photon[below] / ELECTRONVOLT,
                    line,
                    color=style.COLOURS[1],
                    linewidth=1.4,
                    label=None if pair else f"{one['path'].values!s} path",
                )
    ax.set_xlim(lit[0], lit[-1])
    ax.set_ylim(energy[0], energy[-1])
    ax.set(xlabel="time (fs)", ylabel="photon energy (eV)")
    if paths is not None or classical is not None:
        ax.legend(loc="upper right", fontsize=8)
    ax.figure.colorbar(image, ax=ax, label="radiated (dB)")
    return ax


def _classical(
    classical: "xr.Dataset",
    paths: "xr.Dataset | None",
    ionisation_energy: float | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times of birth and return (s), and photon energies (eV)."""
    check_kind(classical, RECOLLISIONS, "recollisions", "classical")
    if ionisation_energy is None:
        assert paths is not None
        ionisation_energy = float(results.parameters(paths)["ionisation_energy"])
    lowest = checks.positive("ionisation_energy", ionisation_energy, "J")
    back = classical["return_time"].values
    born = np.broadcast_to(classical["birth_time"].values[:, None], back.shape)
    level = (classical["return_energy"].values + lowest) / ELECTRONVOLT
    return born.ravel(), back.ravel(), level.ravel()
