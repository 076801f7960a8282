"""Grids for light in crystals: from estimates first, then from what a look shows."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.laser.grid import FieldGrid
from qleap.laser.propagation.crystal_equation import Cut
from qleap.laser.propagation.given import ends_of
from qleap.laser.propagation.time_grid import field_grid

if TYPE_CHECKING:
    from qleap.laser.pulses.light import Light

__all__ = ["first_grid", "widened"]

Floats = NDArray[np.float64]

MARGIN: Final = 0.15
"""Of a line's frequency, kept on both sides of it at least."""

FADE: Final = 0.9
"""Where a pass band begins to fade, over its highest frequency."""

CLEAR: Final = 0.8
"""Up to where no light is taken for light at the edge, over the highest frequency."""


def first_grid(
    pulses: "Sequence[Light]",
    lines: Sequence[float],
    cut: Cut,
    polarisation: str,
    wavelengths: tuple[float, float] | None,
) -> FieldGrid:
    """Return a grid for ``pulses`` and ``lines`` from estimates made beforehand.

    Parameters
    ----------
    pulses : sequence of Light
        What enters; the first one's carrier is the grid's.
    lines : sequence of float
        Vacuum wavelengths that the band has to hold, m.
    cut : Cut
        Delays between the lines in both polarisations lengthen the window.
    polarisation : str
        Of the first pulse.
    wavelengths : (float, float) or None
        Shortest and longest that are kept, m.
    """
    extents = [pulse.extent for pulse in pulses]
    if wavelengths is None:
        margin = 0.5 * max(band for band, _ in extents)
        omega = [_omega(wave) for wave in lines]
        low = min(w - max(margin, MARGIN * w) for w in omega)
        high = max(w + max(margin, MARGIN * w) for w in omega)
        low = max(low, 0.02 * min(omega))
    else:
        shortest, longest = ends_of(wavelengths)
        low, high = _omega(longest), _omega(shortest) * CLEAR / FADE
    delays = _delays(lines, cut, polarisation)
    spread = max(abs(delay) for delay in delays)
    window = max(width for _, width in extents) + 2.5 * spread
    window = max(window, 40.0 * math.pi / low)
    return field_grid(pulses[0].wavelength, (low, high / CLEAR), window)


def widened(grid: FieldGrid, edges: dict[str, float], cut: Cut) -> FieldGrid | None:
    """Return a grid with more room where light crossed an edge, or None.

    The band grows up to where the crystal's indices are known.
    """
    short, long = cut.crystal.valid
    low, high = grid.band
    if "low frequency" in edges:
        low = min(low, max(0.7 * low, _omega(long)))
    if "high frequency" in edges:
        high = max(high, min(1.25 * high, _omega(short) / CLEAR))
    longer = 1.9 if "time" in edges else 1.0
    if (low, high) == grid.band and longer == 1.0:
        return None
    return field_grid(grid.wavelength, (low, high), grid.window * longer)


def _omega(wavelength: float) -> float:
    return 2.0 * math.pi * SPEED_OF_LIGHT / wavelength


def _delays(lines: Sequence[float], cut: Cut, polarisation: str) -> Floats:
    """Return delays of all lines in both polarisations behind the first one, s."""
    crystal, at = cut.crystal, (cut.theta, cut.phi)
    short, long = crystal.valid
    found = [
        crystal.beta(1, wave, which, *at)
        for wave in lines
        if short <= wave <= long
        for which in crystal.polarisations
    ]
    frame = crystal.beta(1, lines[0], polarisation, *at)
    return (np.array(found) - frame) * cut.length
