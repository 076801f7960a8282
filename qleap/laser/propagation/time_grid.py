"""Windows and bands for pulses: first estimates, edges, and what enters."""

import dataclasses
import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import LARGEST, FieldGrid, Grid
from qleap.laser.propagation.given import ends_of
from qleap.laser.pulses.light import field_amplitudes

if TYPE_CHECKING:
    from qleap.laser.pulses.light import Light

__all__ = [
    "EDGE",
    "crossed_edges",
    "entering",
    "field_grid",
    "pulse_grid",
    "wider_envelopes",
]

Complex = NDArray[np.complex128]

EDGE: Final = 1e-5
"""Share of the peak that may stand at an edge of the grid."""

CUT: Final = 1e-6
"""Share of a pulse's energy that may lie outside of the band."""

LOWEST, HIGHEST = 0.25, 5.0
"""Ends of the first band of real fields, over the carrier's frequency."""


def pulse_grid(
    pulse: "Light",
    walk_off: float,
    *,
    full_field: bool,
    wavelengths: tuple[float, float] | None,
) -> Grid | FieldGrid:
    """Return a grid for one pulse from estimates made beforehand.

    Parameters
    ----------
    pulse : Light
        Its extent is the least.
    walk_off : float
        By which the window is longer, s.
    full_field : bool
        Whether fields are real.
    wavelengths : (float, float) or None
        Shortest and longest that is kept of real fields, m.
    """
    carrier = pulse.omega0
    band, window = pulse.extent
    window = max(window, 32.0 * math.pi / band) + walk_off
    if not full_field:
        wide = min(max(1.5 * band, 0.5 * carrier), 1.9 * carrier)
        return Grid.fitting(pulse, bandwidth=wide, window=window)
    if wavelengths is None:
        low = max(min(LOWEST * carrier, carrier - 0.5 * band), 0.05 * carrier)
        high = max(HIGHEST * carrier, carrier + 0.6 * band)
    else:
        shortest, longest = ends_of(wavelengths)
        if not shortest < pulse.wavelength < longest:
            raise InvalidValue(
                "wavelengths must be the shortest and the longest that are kept, with "
                f"the pulse's {pulse.wavelength:g} m between them, got {shortest:g} "
                f"and {longest:g} m."
            )
        low = 2.0 * math.pi * SPEED_OF_LIGHT / longest
        high = 2.0 * math.pi * SPEED_OF_LIGHT / shortest
    return field_grid(pulse.wavelength, (low, high), window)


def wider_envelopes(grid: Grid, edges: dict[str, float]) -> Grid:
    """Return a grid with more room where light crossed an edge.

    The same one where nothing crossed, or where there is no more room to give: the
    grid of an envelope ends at frequency zero.
    """
    n, window = grid.n_points, grid.window
    if "time" in edges:
        n, window = 2 * n, 2.0 * window
    if "frequency" in edges and 2 * n * math.pi / window < grid.omega0:
        n *= 2
    return grid if n > LARGEST else dataclasses.replace(grid, n_points=n, window=window)


def crossed_edges(amplitudes: Complex, grid: Grid | FieldGrid) -> dict[str, float]:
    """Return at which edges light stands, and its share of the peak.

    Parameters
    ----------
    amplitudes : ndarray of complex, shape (..., n)
        Of all places and modes that are looked at.
    grid : Grid or FieldGrid
        Their grid.
    """
    rows = amplitudes.reshape(-1, amplitudes.shape[-1])
    density = np.sum(np.abs(rows) ** 2, axis=0)
    shares: dict[str, float] = {}
    if isinstance(grid, Grid):
        half, width = grid.n_points // 2, max(grid.n_points // 200, 1)
        edge = density[half - width : half + width].max()
        shares["frequency"] = float(edge / density.max())
    else:
        low, high = grid.band
        lowest = density[(grid.omega > low) & (grid.omega < 1.1 * low)]
        highest = density[(grid.omega > 0.8 * high) & (grid.omega < 0.9 * high)]
        for name, values in (("low", lowest), ("high", highest)):
            share = float(values.max(initial=0.0) / density.max())
            shares[f"{name} frequency"] = share
    shares["time"] = _time_share(rows, grid.n_points)
    return {name: share for name, share in shares.items() if share > EDGE}


def entering(pulse: "Light", grid: Grid | FieldGrid) -> Complex:
    """Return the amplitudes of ``pulse`` on ``grid``, sqrt(W), shape ``(n,)``.

    Raises
    ------
    InvalidValue
        Where the grid cuts the pulse off.
    """
    if isinstance(grid, Grid):
        grid.check_pulse(pulse)
        return np.asarray(np.fft.ifft(pulse.envelope_on(grid)))
    found = np.where(grid.pass_band > 0.0, field_amplitudes(pulse, grid), 0.0)
    inside = (grid.omega >= grid.band[0]) & (grid.omega <= 0.9 * grid.band[1])
    kept = float(np.sum(np.abs(found[inside]) ** 2)) * grid.window
    if kept < (1.0 - CUT) * pulse.energy:
        raise InvalidValue(
            "the grid must hold the pulse, but of its energy a share of "
            f"{1.0 - kept / pulse.energy:.2e} lies outside (at most {CUT:g}); take a "
            "longer window or a wider band."
        )
    return found


def field_grid(
    wavelength: float, band: tuple[float, float], window: float
) -> FieldGrid:
    """Return the smallest grid of that band and window; points to spare lengthen it."""
    step = 0.5 * math.pi / band[1]
    n = 1 << max(math.ceil(math.log2(window / step)), 9)
    if n > LARGEST:
        raise InvalidValue(
            f"the grid must have <= {LARGEST} points, but {band[1]:.3g} rad/s in a "
            f"window of {window:.3g} s take {n}; give a grid of your own."
        )
    return FieldGrid(
        n_points=n, window=n * step * (1.0 - 1e-12), wavelength=wavelength, band=band
    )


def _time_share(rows: Complex, n: int) -> float:
    """Return the largest power at the ends of the time window over the largest."""
    width = max(n // 200, 1)
    edge, peak = 0.0, 0.0
    for row in rows:
        power = np.abs(np.fft.fft(row, n)) ** 2
        edge = max(edge, float(power[:width].max()), float(power[-width:].max()))
        peak = max(peak, float(power.max()))
    return edge / peak
