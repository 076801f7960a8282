"""Light along a fibre as a dataset, and back."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import results
from qleap.core.constants import HBAR
from qleap.laser.grid import Grid
from qleap.laser.propagation.solver import Snapshot

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KIND", "evolution", "snapshots"]

KIND: Final = "laser.evolution"


def evolution(
    kept: Sequence[Snapshot],
    grid: Grid,
    parameters: Mapping[str, object],
    *,
    complete: bool,
) -> "xr.Dataset":
    """Return a dataset of the light at the places ``kept``.

    A dataset that is not complete carries the solver's amplitudes (in FFT order) as
    they are, so that going on from it gives the same bits.
    """
    amplitudes = np.stack([snapshot.amplitudes for snapshot in kept])
    density = np.abs(amplitudes * grid.window) ** 2
    energy = np.sum(density, axis=1) / grid.window
    photons = np.sum(density / (HBAR * grid.omega), axis=1) / grid.window
    along = ("position",)
    variables: dict[str, tuple[Sequence[str], object, str]] = {
        "envelope": (("position", "time"), np.fft.fft(amplitudes, axis=1), "W^0.5"),
        "spectrum": (
            ("position", "frequency"),
            np.fft.fftshift(density, axes=1),
            "J/Hz",
        ),
        "energy": (along, energy, "J"),
        "photon_number": (along, photons, "1"),
        "accumulated_error": (along, [s.error for s in kept], "1"),
        "steps": (along, [s.steps for s in kept], "1"),
        "rejected_steps": (along, [s.rejected for s in kept], "1"),
        "step": (along, [s.step for s in kept], "m"),
    }
    if not complete:
        variables["amplitudes"] = (("position", "frequency"), amplitudes, "W^0.5")
    data = results.dataset(
        kind=KIND,
        coords={
            "position": ([s.position for s in kept], "m"),
            "time": (grid.time, "s"),
            "frequency": (np.fft.fftshift(grid.omega) / (2.0 * np.pi), "Hz"),
        },
        variables=variables,  # type: ignore[arg-type]
        parameters=dict(parameters),
    )
    return data.assign_attrs(complete=str(complete).lower())


def snapshots(data: "xr.Dataset") -> list[Snapshot]:
    """Return the light at each place of a dataset that is not complete."""
    return [
        Snapshot(
            position=float(data["position"].values[i]),
            amplitudes=data["amplitudes"].values[i],
            step=float(data["step"].values[i]),
            error=float(data["accumulated_error"].values[i]),
            steps=int(data["steps"].values[i]),
            rejected=int(data["rejected_steps"].values[i]),
        )
        for i in range(data.sizes["position"])
    ]
