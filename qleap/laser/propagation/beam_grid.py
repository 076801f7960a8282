"""Grids for beams: from estimates first, then from what a quick look shows."""

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.propagation.beam_equation import (
    SOFT,
    Medium,
    group_delay,
    medium_wavenumber,
)
from qleap.laser.propagation.beam_shape import Beam
from qleap.laser.propagation.free_space import CrossSection, row_energies
from qleap.laser.propagation.given import check_medium
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.propagation.plane import PlaneGrid
from qleap.laser.propagation.time_grid import (
    crossed_edges,
    field_grid,
    pulse_grid,
    wider_envelopes,
)

if TYPE_CHECKING:
    from qleap.laser.pulses.light import Light

__all__ = [
    "OUTSIDE",
    "SETTLED",
    "Room",
    "critical_power",
    "edge_shares",
    "first_room",
    "phase_rate",
    "self_focusing_distance",
    "widened",
]

Complex = NDArray[np.complex128]

OUTSIDE: Final = 1e-4
"""Share of the energy that may stand at the edges before a warning says so."""

SETTLED: Final = 1e-6
"""Share of the energy in the steepest waves with which a search for grids ends."""

RADII: Final = 4.0
"""Of the beam, to the edge of the grid."""

STEEP: Final = 0.9
"""Share of the largest transverse wave number where the steepest waves begin."""

CLAMPED: Final = 1e18
"""Intensity at which ionisation stops self-focusing in gases, about, W/m^2."""

MOST: Final[dict[str, int]] = {"radial": 1024, "none": 512}
"""Radii, or points of a side."""

Symmetry = Literal["radial", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """Grids in time and across the beam.

    Parameters
    ----------
    grid : Grid or FieldGrid
        Time and frequency.
    symmetry : {"radial", "none"}
        Whether points are radii or lie on a square.
    edge : float
        Largest radius, or half of the square's side, m.
    n_points : int
        Radii, or points of a side.
    """

    grid: Grid | FieldGrid
    symmetry: Symmetry
    edge: float
    n_points: int

    def section(self) -> CrossSection:
        """Return the points across the beam."""
        if self.symmetry == "radial":
            return HankelTransform.on(self.edge, self.n_points)
        return PlaneGrid(self.edge, self.n_points)


def critical_power(medium: Medium, wavelength: float) -> float:
    """Return the power at which a Gaussian beam starts to collapse, W.

    ``3.77 lambda^2 / (8 pi n0 n2)``: J. H. Marburger, Prog. Quantum Electron. 4, 35
    (1975), as quoted by A. Couairon and A. Mysyrowicz, Phys. Rep. 441, 47 (2007).

    Parameters
    ----------
    medium : Medium
        Such as a `qleap.laser.Material`.
    wavelength : float
        In vacuum, m.
    """
    omega = 2.0 * math.pi * SPEED_OF_LIGHT
    omega /= checks.positive("wavelength", wavelength, "m")
    check_medium(medium)
    if not medium.chi3 > 0.0:
        raise InvalidValue(
            "medium must have chi3 > 0 m^2/V^2 to focus light by itself, got "
            f"{medium.chi3:g}."
        )
    index = float(medium.index(omega, outside="extend"))
    return (
        3.77 * wavelength**2 / (8.0 * math.pi * index * _nonlinear_index(medium, index))
    )


def self_focusing_distance(
    power: float, critical: float, radius: float, wavenumber: float
) -> float:
    """Return where a collimated Gaussian beam collapses, m; infinity where it does not.

    ``0.367 z_R / sqrt((sqrt(P/Pc) - 0.852)^2 - 0.0219)``: J. H. Marburger, Prog.
    Quantum Electron. 4, 35 (1975), as quoted by A. Couairon and A. Mysyrowicz, Phys.
    Rep. 441, 47 (2007).

    Parameters
    ----------
    power, critical : float
        Of the beam, and that of self-focusing, W.
    radius : float
        1/e^2 of the intensity, m.
    wavenumber : float
        In the medium, rad/m.
    """
    checks.non_negative("power", power, "W")
    checks.positive("critical", critical, "W")
    checks.positive("radius", radius, "m")
    checks.positive("wavenumber", wavenumber, "rad/m")
    under = (math.sqrt(power / critical) - 0.852) ** 2 - 0.0219
    if power <= critical or under <= 0.0:
        return math.inf
    return 0.367 * 0.5 * wavenumber * radius**2 / math.sqrt(under)


def first_room(
    pulse: "Light",
    medium: Medium | None,
    beam: Beam,
    length: float,
    *,
    symmetry: Symmetry,
    kerr: bool,
    full_field: bool,
    wavelengths: tuple[float, float] | None,
) -> Room:
    """Return grids for a beam from estimates made beforehand.

    The edge is four times the largest radius of Gaussian optics, and the smallest
    one, or that of a filament which carries the critical power, is resolved eight
    times as finely as its inverse.
    """
    wavenumber = float(medium_wavenumber(medium, np.array([pulse.omega0]))[0])
    sizes = [beam.radius_at(z, wavenumber) for z in np.linspace(0.0, length, 201)]
    smallest = min(small for small, _ in sizes)
    largest = max(large for _, large in sizes)
    smallest = min(smallest, beam.smallest_radius)
    if kerr and medium is not None and medium.chi3 > 0.0:
        critical = critical_power(medium, pulse.wavelength)
        if pulse.peak_power > critical:
            smallest = min(smallest, math.sqrt(2.0 * critical / (math.pi * CLAMPED)))
    edge = RADII * largest + math.hypot(*beam.offset)
    edge += length * math.hypot(*beam.tilt)
    return Room(
        grid=_time_grid(pulse, medium, length, full_field, wavelengths),
        symmetry=symmetry,
        edge=edge,
        n_points=_points(symmetry, edge, 8.0 / smallest + _slope(beam, wavenumber)),
    )


def phase_rate(pulse: "Light", medium: Medium | None, beam: Beam) -> float:
    """Return the nonlinear phase per length in the brightest place of the entrance.

    ``omega n2 I / c``, 1/m; zero in vacuum.
    """
    if medium is None or medium.chi3 == 0.0:
        return 0.0
    from qleap.laser.media.nonlinear import n2_from_chi3

    k = float(medium_wavenumber(medium, np.array([pulse.omega0]))[0])
    index = k * SPEED_OF_LIGHT / pulse.omega0
    intensity = pulse.peak_power / beam.peak_area
    return k / index * n2_from_chi3(medium.chi3, index) * intensity


def edge_shares(
    seen: Complex,
    points: Complex,
    room: Room,
    section: CrossSection,
    steepest: float = OUTSIDE,
) -> dict[str, float]:
    """Return at which edges light stands, and its share.

    Parameters
    ----------
    seen, points : ndarray of complex, shape (waves, n), (points, n)
        Amplitudes of the waves, and of the light per root of area at the points.
    room : Room
        Grids.
    section : HankelTransform or PlaneGrid
        The points.
    steepest : float
        Share of the energy that the steepest waves may have.
    """
    shares = crossed_edges(seen, room.grid)
    waves = row_energies(seen)
    fluence = row_energies(points) * section.area
    steep = section.wavenumber > STEEP * _steepest(section)
    outside = section.radius > SOFT * section.edge
    for name, values, where, most in (
        ("wave number", waves, steep, steepest),
        ("radius", fluence, outside, OUTSIDE),
    ):
        share = float(values[where].sum() / values.sum())
        if share > most:
            shares[name] = share
    return shares


def widened(room: Room, shares: dict[str, float], *, keep_band: bool) -> Room | None:
    """Return grids with more room where light stands at an edge, or None.

    None where nothing does or no more room can be given.
    """
    grid, edge, n = room.grid, room.edge, room.n_points
    if "radius" in shares:
        edge, n = 1.5 * edge, _whole(room.symmetry, 1.5 * n)
    if "wave number" in shares:
        n = _whole(room.symmetry, 1.5 * n)
    if n > MOST[room.symmetry]:
        edge, n = room.edge, room.n_points
    grid = _widened_in_time(grid, shares, keep_band=keep_band)
    found = dataclasses.replace(room, grid=grid, edge=edge, n_points=n)
    return None if found == room else found


def _widened_in_time(
    grid: Grid | FieldGrid, shares: dict[str, float], *, keep_band: bool
) -> Grid | FieldGrid:
    if isinstance(grid, Grid):
        return wider_envelopes(grid, shares)
    long = 1.9 if "time" in shares else 1.0
    low, high = grid.band
    if not keep_band:
        low = (
            max(low / 2.0, 4.0 * math.pi / grid.window)
            if "low frequency" in shares
            else low
        )
        high = (
            min(1.4 * high, 10.0 * grid.omega0) if "high frequency" in shares else high
        )
    low, high = min(low, grid.band[0]), max(high, grid.band[1])
    if (low, high) == grid.band and long == 1.0:
        return grid
    return field_grid(grid.wavelength, (low, high), grid.window * long)


def _time_grid(
    pulse: "Light",
    medium: Medium | None,
    length: float,
    full_field: bool,
    wavelengths: tuple[float, float] | None,
) -> Grid | FieldGrid:
    parts = (0.5, 1.0, 2.0)
    delays = [group_delay(medium, pulse.omega0 * part) for part in parts]
    walk_off = 2.0 * length * max(abs(delay - delays[1]) for delay in delays)
    return pulse_grid(pulse, walk_off, full_field=full_field, wavelengths=wavelengths)


def _points(symmetry: Symmetry, edge: float, wavenumber: float) -> int:
    """Return how many points reach a transverse wave number (rad/m)."""
    count = edge * wavenumber / math.pi * (1.0 if symmetry == "radial" else 2.0)
    return min(_whole(symmetry, count), MOST[symmetry])


def _whole(symmetry: Symmetry, count: float) -> int:
    unit = 16 if symmetry == "radial" else 8
    return max(unit * math.ceil(count / unit), 2 * unit)


def _slope(beam: Beam, wavenumber: float) -> float:
    """Return the transverse wave number that tilts the beam, rad/m."""
    return wavenumber * math.hypot(*(math.sin(angle) for angle in beam.tilt))


def _steepest(section: CrossSection) -> float:
    if isinstance(section, PlaneGrid):
        return math.pi * section.n_side / (2.0 * section.edge)
    return float(section.wavenumber.max())


def _nonlinear_index(medium: Medium, index: float) -> float:
    from qleap.laser.media.nonlinear import n2_from_chi3

    return n2_from_chi3(medium.chi3, index)
