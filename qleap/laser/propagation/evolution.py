"""Light along a fibre as a dataset."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import results
from qleap.core.constants import HBAR
from qleap.laser.grid import Grid
from qleap.laser.propagation.integrator import Snapshot

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KIND", "evolution"]

KIND: Final = "laser.evolution"


def evolution(
    kept: Sequence[Snapshot], grid: Grid, parameters: Mapping[str, object]
) -> "xr.Dataset":
    """Return a dataset of the light at the places ``kept``."""
    amplitudes = np.stack([snapshot.amplitudes for snapshot in kept])
    density = np.abs(amplitudes * grid.window) ** 2
    energy = np.sum(density, axis=1) / grid.window
    photons = np.sum(density / (HBAR * grid.omega), axis=1) / grid.window
    along = ("position",)
    return results.dataset(
        kind=KIND,
        coords={
            "position": ([s.position for s in kept], "m"),
            "time": (grid.time, "s"),
            "frequency": (np.fft.fftshift(grid.omega) / (2.0 * np.pi), "Hz"),
        },
        variables={
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
        },
        parameters=dict(parameters),
    )
