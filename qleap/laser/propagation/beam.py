"""One call that sends a beam through a gas, a glass or nothing at all."""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np

from qleap.core import checks
from qleap.core.errors import QleapWarning
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.profiles import Profile, inside
from qleap.laser.ionisation.tables import RateTable
from qleap.laser.propagation.beam_equation import (
    BeamEquation,
    Medium,
    medium_wavenumber,
)
from qleap.laser.propagation.beam_evolution import KIND, beam_evolution
from qleap.laser.propagation.beam_grid import (
    OUTSIDE,
    SETTLED,
    Room,
    Symmetry,
    edge_shares,
    first_room,
    phase_rate,
    widened,
)
from qleap.laser.propagation.beam_shape import Beam
from qleap.laser.propagation.effects import (
    Effects,
    ionisation_rates,
    lines_of,
)
from qleap.laser.propagation.gas_raman import Lines
from qleap.laser.propagation.given import check_band_input, check_beam_input
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.plane import PlaneGrid
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, Task, carry_out
from qleap.laser.propagation.strength import check_cubic
from qleap.laser.propagation.team import Team
from qleap.laser.propagation.time_grid import entering

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.pulses.light import Light

__all__ = ["propagate_beam"]

LOOK: Final = 1e-4
"""Tolerance of the quick looks that settle the grids."""

LOOKS, PLACES = 5, 17
"""Most quick looks, and places at which each checks the edges."""

CROSSINGS: Final = 10.0
"""By how much (as an exponent) a wave of the beam's divergence is absorbed on its way
through the soft edge."""


def propagate_beam(
    pulse: "Light",
    medium: Medium | None,
    beam: Beam | float,
    *,
    length: float,
    symmetry: Symmetry = "radial",
    kerr: bool = True,
    third_harmonic: bool = True,
    plasma: str | RateTable | None = None,
    raman: bool = False,
    full_field: bool = True,
    wavelengths: tuple[float, float] | None = None,
    grid: Grid | FieldGrid | None = None,
    transverse: tuple[float, int] | None = None,
    soft_edge: bool = True,
    density: Profile | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 51,
    amplitudes: bool = False,
    threads: int | None = None,
    estimate_error: bool = True,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    """Return a beam along its way through free space.

    Parameters
    ----------
    pulse : Light
        What enters, over time.
    medium : Material or other Medium, or None
        Gas or glass; None is vacuum.
    beam : Beam or float
        What enters, across; a number is the radius of a collimated Gaussian beam (1/e^2
        of the intensity), m. `Beam.with_waist` puts the waist anywhere.
    length : float
        m.
    symmetry : {"radial", "none"}
        Radii alone, or a square of points in x and y.
    kerr, third_harmonic : bool
        The instantaneous nonlinearity, and whether it makes harmonics (of real
        fields; envelopes never have them).
    plasma : {"ppt", "adk"}, RateTable or None
        Rates of ionisation, with the current of the electrons and the loss of freeing
        them.
    raman : bool
        Rotation and vibration of a molecular gas.
    full_field : bool
        Real fields, or envelopes about the pulse's carrier.
    wavelengths : (float, float), optional
        Shortest and longest that is kept of real fields, m.
    grid : FieldGrid or Grid, optional
        Time; by default from estimates, which quick looks widen.
    transverse : (float, int), optional
        Edge of the points across (m: the largest radius, or half of the square's side)
        and their number (radii, or points of a side). By default from estimates, which
        quick looks widen until no light stands at the edges.
    soft_edge : bool
        Whether light is absorbed beyond 0.8 of the edge.
    density : Profile, optional
        Of a gas along the way, over that of ``medium``: a jet, or a cell in vacuum.
    tolerance : float
        Largest relative local error of a step.
    n_positions : int
        Places that are kept.
    amplitudes : bool
        Whether the result holds all complex amplitudes too.
    threads : int, optional
        That share the work; by default one a core. Results do not depend on it.
    estimate_error : bool
        Whether a second propagation with larger steps runs beside.
    store : path-like, optional
        File that takes the result, and on the way what is there. Called again with
        the same arguments, it goes on from there, bit for bit.

    Returns
    -------
    xarray.Dataset
        Coordinates ``position`` (m), ``radius`` (m) or ``x`` and ``y``, ``frequency``
        (Hz) and ``time`` (s, in the frame of the carrier's group velocity). Variables
        ``spectrum`` (J/Hz), ``axis_spectrum`` (J/(Hz m^2)), ``axis_field`` (V/m, the
        analytic signal or the envelope), ``fluence`` (J/m^2), ``energy`` (J),
        ``photon_number``, ``edge_energy`` (its share where it is absorbed),
        ``peak_intensity`` and ``axis_intensity`` (W/m^2, of the envelope),
        ``beam_radius`` (m, twice the standard deviation of x: 1/e^2 of a Gaussian
        beam), ``core_radius`` (m, of the disc above half of the peak fluence),
        ``beam_quality`` (M^2 about the axis), with plasma ``electron_density`` and
        ``axis_electron_density`` (1/m^3, after the pulse), and ``estimated_error`` (of
        the spectra of all waves, relative in the 2-norm), ``accumulated_error`` (the
        sum of the estimated relative local errors), ``steps``, ``rejected_steps``,
        ``step`` (m). With ``amplitudes`` also these
        ((J/Hz)^0.5) over ``wave`` (rad/m, transverse).

    Raises
    ------
    InvalidValue
        Where the pulse does not fit the grid or would change the index by more than
        0.1, the beam not its symmetry, the medium
        has no rates or no molecules, a field exceeds the rates' table, or the store
        holds another task.
    NotConverged
        Where the field diverges or the step becomes too small.

    Notes
    -----
    Validity: forward light of one linear polarisation, scalar (angles small against
    one); a medium that each pulse finds neutral and of which every atom loses one
    electron at most; no dispersion of the nonlinearity.
    """
    check_beam_input(pulse, medium, grid, transverse, density)
    check_band_input(wavelengths, grid, full_field=full_field)
    checks.one_of("symmetry", symmetry, ("radial", "none"))
    shape = beam if isinstance(beam, Beam) else Beam(radius=beam)
    distance = checks.positive("length", length, "m")
    if grid is not None:
        full_field = isinstance(grid, FieldGrid)
    effects = Effects(
        kerr=kerr and medium is not None,
        third_harmonic=third_harmonic,
        raman=raman,
        rates=ionisation_rates(
            plasma,
            getattr(medium, "name", None),
            pulse.wavelength,
            full_field=full_field,
        ),
    )
    if effects.kerr:
        check_cubic(pulse, phase_rate(pulse, medium, shape), "radius in m")
    team = Team(threads)
    setting = _Setting(
        pulse,
        medium,
        shape,
        distance,
        effects,
        lines_of(medium) if raman else None,
        soft_edge,
        density,
    )
    room = first_room(
        pulse,
        medium,
        shape,
        distance,
        symmetry=symmetry,
        kerr=kerr,
        full_field=full_field,
        wavelengths=wavelengths,
    )
    room = _settled(
        setting, room, grid, transverse, team, keep_band=wavelengths is not None
    )
    parameters = {
        **setting.parameters(),
        **asdict(room),
        "amplitudes": amplitudes,
        "tolerance": tolerance,
        "n_positions": n_positions,
        "estimate_error": estimate_error,
    }
    equation = setting.equation(room, team)
    task = Task(
        equation=equation,
        companion=setting.equation(room, Team(1)) if estimate_error else None,
        start=setting.start(equation, room),
        length=distance,
        n_positions=n_positions,
        tolerance=tolerance,
        parameters=parameters,
        stops=() if density is None else inside(density.positions, distance),
    )

    def describe(kept: Sequence[Snapshot]) -> "xr.Dataset":
        for name, share in setting.shares(kept, equation, room).items():
            _warn(name, share)
        return beam_evolution(kept, equation, room, parameters, amplitudes=amplitudes)

    return carry_out(task, describe, store, kind=KIND)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stays the same while the grids are sought."""

    pulse: "Light"
    medium: Medium | None
    beam: Beam
    length: float
    effects: Effects
    lines: Lines | None
    soft_edge: bool
    density: Profile | None

    def equation(self, room: Room, team: Team) -> BeamEquation:
        """Return the equation on these grids."""
        return BeamEquation(
            self.medium,
            room.section(),
            room.grid,
            self.effects,
            lines=self.lines,
            absorption=self._absorption(room),
            team=team,
            density=self.density,
        )

    def start(self, equation: BeamEquation, room: Room) -> Snapshot:
        """Return the light that enters, with a first step."""
        section = equation.space.section
        over_time = entering(self.pulse, room.grid)
        k = equation.wavenumber
        if isinstance(section, PlaneGrid):
            across = self.beam.at(section.x, section.y, k)
        else:
            across = self.beam.at_radii(section.radius, k)
        across /= np.sqrt(np.sum(section.area * np.abs(across[:, 0]) ** 2))
        waves = np.empty(across.shape, np.complex128)
        section.to_waves_into(np.ascontiguousarray(across * over_time), waves)
        return Snapshot(position=0.0, amplitudes=waves, step=self._first_step())

    def shares(
        self,
        kept: Sequence[Snapshot],
        equation: BeamEquation,
        room: Room,
        steepest: float = OUTSIDE,
    ) -> dict[str, float]:
        """Return at which edges light stands at any place, and its largest share."""
        found: dict[str, float] = {}
        section = equation.space.section
        for light in kept:
            points = np.empty_like(light.amplitudes)
            section.to_points_into(light.amplitudes, points)
            here = edge_shares(light.amplitudes, points, room, section, steepest)
            found |= {name: max(x, found.get(name, 0.0)) for name, x in here.items()}
        return found

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this from any other."""
        rates = self.effects.rates
        return {
            "pulse": _plain(self.pulse),
            "medium": None if self.medium is None else _plain(self.medium),
            "beam": asdict(self.beam),
            "length": self.length,
            "kerr": self.effects.kerr,
            "third_harmonic": self.effects.third_harmonic,
            "raman": self.effects.raman,
            "ionisation": None if rates is None else rates.parameters(),
            "soft_edge": self.soft_edge,
            "density": None if self.density is None else asdict(self.density),
        }

    def _first_step(self) -> float:
        tenth = self.length / 10.0
        rate = phase_rate(self.pulse, self.medium, self.beam)
        return tenth if rate == 0.0 else min(tenth, 0.01 / abs(rate))

    def _absorption(self, room: Room) -> float:
        """Return the absorption at the edge, 1/m."""
        if not self.soft_edge:
            return 0.0
        omega = np.array([self.pulse.omega0])
        k = float(medium_wavenumber(self.medium, omega)[0])
        places = np.linspace(0.0, self.length, 201)
        waist = min(self.beam.radius_at(z, k)[0] for z in places)
        return CROSSINGS * (2.0 / (k * waist)) / (0.2 * room.edge)


def _settled(
    setting: _Setting,
    room: Room,
    grid: Grid | FieldGrid | None,
    transverse: tuple[float, int] | None,
    team: Team,
    *,
    keep_band: bool,
) -> Room:
    """Return grids that a quick look is content with; those that are given stay."""
    if grid is not None:
        room = dataclasses.replace(room, grid=grid)
    if transverse is not None:
        room = dataclasses.replace(room, edge=transverse[0], n_points=transverse[1])
    fixed = set[str]()
    if grid is not None:
        fixed |= {"time", "frequency", "low frequency", "high frequency"}
    if transverse is not None:
        fixed |= {"radius", "wave number"}
    settled = grid is not None and transverse is not None
    for _ in range(0 if settled else LOOKS):
        equation = setting.equation(room, team)
        start = setting.start(equation, room)
        places = np.linspace(0.0, setting.length, PLACES)[1:].tolist()
        seen = [start]
        for light in march(start, equation, places, tolerance=LOOK):
            if light.position == places[0]:
                places = places[1:]
                kept = light.amplitudes.copy()
                seen.append(dataclasses.replace(light, amplitudes=kept))
        shares = setting.shares(seen, equation, room, SETTLED)
        shares = {name: x for name, x in shares.items() if name not in fixed}
        wider = widened(room, shares, keep_band=keep_band)
        if wider is None:
            break
        room = wider
    return room


def _plain(given: object) -> object:
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        return {"kind": type(given).__name__, **asdict(given)}
    found: object = given.parameters()  # type: ignore[attr-defined]
    return found


def _warn(name: str, share: float) -> None:
    warn(
        f"light reached the edge of the grid in {name} (a share of {share:.1e}): give "
        "a grid with more room there, if that light matters.",
        QleapWarning,
        stacklevel=5,
    )
