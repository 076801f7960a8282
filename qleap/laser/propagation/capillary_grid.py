"""Grids for hollow guides: from estimates first, then from what a quick look shows."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode
from qleap.laser.propagation.time_grid import (
    field_grid,
    pulse_grid,
    wider_envelopes,
)

if TYPE_CHECKING:
    from qleap.laser.pulses.light import Light

__all__ = ["fitting_grid", "widened"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

BROADEST = 2.0
"""Light that far, in units of the carrier, sets the window for the walk-off."""


def fitting_grid(
    pulse: "Light",
    capillary: Capillary,
    modes: tuple[Mode, ...],
    *,
    full_field: bool,
    wavelengths: tuple[float, float] | None = None,
) -> Grid | FieldGrid:
    """Return a grid for ``pulse`` in ``capillary`` from estimates made beforehand.

    Parameters
    ----------
    pulse : Light
        Its extent is the least.
    capillary : Capillary
        Walk-off between half and twice the carrier, and between modes, sets the window.
    modes : tuple of Mode
        That take part.
    full_field : bool
        Whether fields are real.
    wavelengths : (float, float), optional
        Shortest and longest that is kept of real fields, m.
    """
    walk_off = _walk_off(capillary, modes, pulse.omega0)
    return pulse_grid(pulse, walk_off, full_field=full_field, wavelengths=wavelengths)


def widened(
    grid: Grid | FieldGrid, edges: dict[str, float], capillary: Capillary
) -> Grid | FieldGrid | None:
    """Return a grid with more room where light crossed an edge, or None.

    None where nothing crossed, or where there is no more room to give: an envelope's
    grid ends at frequency zero, and a real field's where the gas stops to be
    transparent or the guide to guide.
    """
    time = "time" in edges
    if isinstance(grid, Grid):
        wider = wider_envelopes(grid, edges)
        return None if wider == grid else wider
    low, high = grid.band
    if "low frequency" in edges:
        cutoff = 4.0 * 2.405 * SPEED_OF_LIGHT / capillary.core_radius_at(0.0)
        low = max(low / 2.0, cutoff, 4.0 * math.pi / grid.window)
    if "high frequency" in edges:
        high = min(1.5 * high, 12.0 * grid.omega0)
    if (low, high) == grid.band and not time:
        return None
    return field_grid(
        grid.wavelength,
        (min(low, grid.band[0]), high),
        grid.window * (1.9 if time else 1),
    )


def _walk_off(capillary: Capillary, modes: tuple[Mode, ...], carrier: float) -> float:
    """Return twice the largest delay between parts of the light, s."""
    wavelength = 2.0 * math.pi * SPEED_OF_LIGHT / carrier
    longest = 0.0
    for mode in modes:
        for factor in (1.0 / BROADEST, 1.0, BROADEST):
            delays = [
                capillary.delay_beyond_vacuum(wavelength * factor, z, mode)
                - capillary.delay_beyond_vacuum(wavelength, z, modes[0])
                for z in (0.0, 0.5 * capillary.length, capillary.length)
            ]
            longest = max(longest, abs(float(np.mean(delays))) * capillary.length)
    return 2.0 * longest
