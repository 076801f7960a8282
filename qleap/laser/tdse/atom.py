r"""Atoms in strong light: one electron in space, its dipole and its ionisation."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, progress
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.tdse.absorbers import absorber_width
from qleap.laser.tdse.partial_waves import PartialWaves
from qleap.laser.tdse.potentials import CentralPotential, central_potential
from qleap.laser.tdse.radial_states import radial_state
from qleap.laser.tdse.radii import RadialGrid, radial_grid

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["AtomModel", "atom_model", "solve_atom"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

TIME_STEP: Final = 0.05
"""Longest step by default, atomic units."""

CHECKED: Final = 256
"""Times after which it is looked whether the angular momenta suffice."""

FINEST: Final = {"length": 0.1, "velocity": 0.4}
"""Step at the nucleus over the radius of an electron there. In the velocity gauge turns
and shifts of a pair do not commute next to the nucleus, the less so the finer it is."""

DIPOLE_UNIT: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""One atomic unit of a dipole, C m."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtomModel:
    """An atom with one active electron, and the grid on which it is solved.

    Lengths are bohr and times atomic units.

    Parameters
    ----------
    potential : CentralPotential
    n, l, m : int
        The level the electron starts in.
    grid : RadialGrid
    n_l : int
        Angular momenta, from ``abs(m)`` on.
    time_step : float
        Longest; the steps divide those of the field.
    absorb_from : float
        Radius at which absorption begins, out to the end of the grid.
    slowest : float
        Momentum of the slowest electrons that are absorbed well.
    core_radius : float
        Within it the electron counts as bound.
    surface : float, optional
        Radius at which the wave is recorded for spectra of electrons.
    gauge : {"length", "velocity"}
        The length gauge is four times faster a step; the velocity gauge needs fewer
        angular momenta, and shows how far a result depends on the grid.

    See Also
    --------
    atom_model : with values that fit a field.
    """

    potential: CentralPotential
    n: int
    l: int  # noqa: E741
    m: int
    grid: RadialGrid
    n_l: int
    time_step: float
    absorb_from: float
    slowest: float
    core_radius: float
    surface: float | None = None
    gauge: str = "length"

    def __post_init__(self) -> None:
        checks.count("n", self.n)
        checks.count("l", self.l, 0, self.n - 1)
        checks.count("m", self.m, -self.l, self.l)
        checks.count("n_l", self.n_l, self.l - abs(self.m) + 2)
        for name in ("time_step", "absorb_from", "slowest", "core_radius"):
            checks.positive(name, getattr(self, name), "atomic units")
        checks.one_of("gauge", self.gauge, tuple(FINEST))
        if self.surface is not None:
            checks.between("surface", self.surface, 1.0, self.absorb_from, "bohr")

    def waves(self, time_step: float) -> PartialWaves:
        """Return the electron in its level."""
        waves = PartialWaves(
            self.grid,
            self.potential,
            m=self.m,
            n_l=self.n_l,
            step=time_step,
            absorb_from=self.absorb_from,
            slowest=self.slowest,
            core_radius=self.core_radius,
        )
        start = np.zeros((self.l - abs(self.m) + 1, self.grid.n_points))
        start[-1] = radial_state(self.grid, self.potential, self.n, self.l)[1]
        waves.put(start)
        return waves

    def parameters(self) -> dict[str, object]:
        """Return plain values."""
        return {"model": "tdse", **asdict(self)}


def atom_model(
    driving: DrivingField,
    target: CentralPotential | str,
    *,
    n: int | None = None,
    l: int | None = None,  # noqa: E741
    m: int = 0,
    radius: float | None = None,
    radial_step: float = 0.2,
    n_l: int | None = None,
    time_step: float = TIME_STEP,
    slowest: float = 0.2,
    core_radius: float = 20.0,
    surface: float | None = None,
    gauge: str = "length",
) -> AtomModel:
    r"""Return an atom on a grid that fits a field.

    Parameters
    ----------
    driving : DrivingField
    target : CentralPotential or str
        Potential, or name of one in `POTENTIALS`.
    n, l : int, optional
        By default those of the active electron.
    m : int
        Along the polarisation of the light.
    radius : float, optional
        Free of absorption, bohr. By default 30, and 2.5 times the amplitude
        :math:`E/\omega^2` at which a free electron quivers.
    radial_step : float
        Far out, bohr; near the nucleus steps are smaller.
    n_l : int, optional
        Angular momenta. By default 32 and ten for each photon in the ponderomotive
        energy; those that nothing reaches cost nothing.
    time_step, slowest, core_radius, surface, gauge
        Of `AtomModel`.
    """
    _check_driving(driving)
    potential = central_potential(target) if isinstance(target, str) else target
    if not isinstance(potential, CentralPotential):
        raise InvalidKind(
            "target must be a CentralPotential or the name of an atom, got "
            f"{target!r:.80}."
        )
    checks.one_of("gauge", gauge, tuple(FINEST))
    field = driving.peak_field / ATOMIC_ELECTRIC_FIELD
    omega = driving.omega0 * ATOMIC_TIME
    chosen_l = potential.l if l is None else l
    free = 30.0 + 2.5 * field / omega**2 if radius is None else radius
    photons = field**2 / (4.0 * omega**3)
    end = checks.positive("radius", free, "bohr") + absorber_width(slowest)
    return AtomModel(
        potential=potential,
        n=potential.n if n is None else n,
        l=chosen_l,
        m=m,
        grid=radial_grid(potential, end, step=radial_step, finest=FINEST[gauge]),
        n_l=min(1024, 32 + math.ceil(10.0 * photons)) if n_l is None else n_l,
        time_step=time_step,
        absorb_from=free,
        slowest=slowest,
        core_radius=core_radius,
        surface=surface,
        gauge=gauge,
    )


def solve_atom(
    driving: DrivingField, target: AtomModel | CentralPotential | str, **choices: Any
) -> "xr.Dataset":
    r"""Return the dipole of an atom in linearly polarised light.

    Parameters
    ----------
    driving : DrivingField
        Of one component, along which z lies.
    target : AtomModel or CentralPotential or str
    **choices
        Of `atom_model`, where ``target`` is not one.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.dipole``, of one electron: ``field``, ``dipole`` (C m),
        ``dipole_acceleration`` (C m/s^2) by Ehrenfest's theorem, ``survival``, the
        probability to find the electron within ``core_radius``; after the last time
        ``ground_population`` of the level it started in, ``norm``, ``l_population``
        over ``l``, and the radial functions ``wave`` over ``l`` and ``radius``
        (1/sqrt(bohr)). With a ``surface`` also ``surface_wave`` and ``surface_slope``
        there, over ``l`` and ``time``, in the velocity gauge.

    Raises
    ------
    InvalidValue
        Where the light has two components, or the angular momenta do not suffice.
    """
    model = _model(driving, target, choices)
    seen = np.zeros((driving.time.size, 3))
    at_surface = _Surface(model, driving.time.size)

    def watch(index: int, waves: PartialWaves, sums: Floats) -> None:
        seen[index] = sums
        at_surface.look(index, waves)

    waves = march(driving, model, watch)
    field = driving.field[0] / ATOMIC_ELECTRIC_FIELD
    data = dipole_dataset(
        driving,
        (seen[:, 0] + field) * DIPOLE_UNIT / ATOMIC_TIME**2,
        model.parameters(),
        dipole=-seen[:, 1] * DIPOLE_UNIT,
        survival=seen[:, 2],
    )
    populations = waves.populations()
    data["ground_population"] = ((), ground_population(waves, model), {"units": "1"})
    data["norm"] = ((), populations.sum(), {"units": "1"})
    data["l_population"] = (("l",), populations, {"units": "1"})
    inverse_root = {"units": "bohr^-1/2"}
    data["wave"] = (("l", "radius"), waves.waves(), inverse_root)
    if model.surface is not None:
        wave, slope = at_surface.in_velocity_gauge(waves)
        data["surface_wave"] = (("l", "time"), wave, inverse_root)
        data["surface_slope"] = (("l", "time"), slope, {"units": "bohr^-3/2"})
    return data.assign_coords(
        l=("l", waves.l, {"units": "1"}),
        radius=("radius", model.grid.radii * BOHR_RADIUS, {"units": "m"}),
    )


class _Surface:
    """The wave and its slope at a radius, at all times."""

    def __init__(self, model: AtomModel, n_times: int) -> None:
        self._place: int | None = None
        if model.surface is None:
            return
        self._place = int(np.searchsorted(model.grid.radii, model.surface))
        self._radius = float(model.grid.radii[self._place])
        self._part = slice(self._place - 2, self._place + 3)
        self._stretch = float(model.grid.stretch[self._place])
        shape = (2, n_times, model.n_l + 64)
        self._seen = np.zeros(shape, np.complex128)
        self._kicks = np.zeros(n_times)

    def look(self, index: int, waves: PartialWaves) -> None:
        """Keep what is there at a time."""
        if self._place is None:
            return
        near = waves.waves(self._part)
        self._kicks[index] = waves.kick
        self._seen[0, index, : near.shape[0]] = near[:, 2]
        sides = 8.0 * (near[:, 3] - near[:, 1]) - (near[:, 4] - near[:, 0])
        self._seen[1, index, : near.shape[0]] = sides / (12.0 * self._stretch)

    def in_velocity_gauge(self, waves: PartialWaves) -> tuple[Complex, Complex]:
        """Return both with all kicks taken back, ``(n_l, n_times)``."""
        wave, slope = (part[:, : waves.l.size].T for part in self._seen)
        cosines, angles = waves.angles()
        turn = np.exp(1j * self._radius * np.outer(cosines, self._kicks))
        at_angles, slope_there = turn * (angles.T @ wave), turn * (angles.T @ slope)
        slope_there += 1j * np.outer(cosines, self._kicks) * at_angles
        return angles @ at_angles, angles @ slope_there


def march(
    driving: DrivingField,
    model: AtomModel,
    watch: Callable[[int, PartialWaves, Floats], None],
) -> PartialWaves:
    """Solve an atom along a field, and show its waves at each of the field's times.

    Parameters
    ----------
    driving : DrivingField
    model : AtomModel
    watch : callable
        Called with the number of the time, the waves, and what `PartialWaves.advance`
        returns.

    Returns
    -------
    PartialWaves
        After the last time, in the gauge of the model.
    """
    parts, impulses = _impulses(driving, model)
    waves = model.waves(driving.step / ATOMIC_TIME / parts)
    step = waves.advance if model.gauge == "length" else waves.shift_along
    with progress.bar("partial waves", driving.time.size) as bar:
        for index, impulse in enumerate(impulses):
            watch(index, waves, step(impulse))
            if index % CHECKED == 0:
                _check_momenta(waves)
            bar.advance()
    _check_momenta(waves)
    return waves


def ground_population(waves: PartialWaves, model: AtomModel) -> float:
    """Return the population of the level that an atom started in."""
    _, state = radial_state(model.grid, model.potential, model.n, model.l)
    wave = waves.waves()[model.l - abs(model.m)]
    return float(abs(wave @ (state * model.grid.stretch)) ** 2)


def _check_driving(driving: DrivingField) -> None:
    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.80}; driving_field makes "
            "one of light."
        )
    if driving.components != 1:
        raise InvalidValue(
            "driving must be linearly polarised, got two components; a field that "
            "turns mixes all m."
        )


def _model(
    driving: DrivingField,
    target: AtomModel | CentralPotential | str,
    choices: dict[str, Any],
) -> AtomModel:
    _check_driving(driving)
    if not isinstance(target, AtomModel):
        return atom_model(driving, target, **choices)
    if choices:
        raise InvalidValue(
            f"choices ({', '.join(choices)}) must be those of the AtomModel; use "
            "dataclasses.replace."
        )
    return target


def _impulses(driving: DrivingField, model: AtomModel) -> tuple[int, Iterator[Floats]]:
    """Return steps between two times, and the kicks or shifts up to each time.

    The field is a cubic spline through its samples, and zero outside of them. In the
    length gauge the electron waits in its level for a step before the first kick; kicks
    lie between the middles of steps. Shifts lie between these middles too, but are cut
    in two at the times themselves.
    """
    from scipy.interpolate import CubicSpline

    step = driving.step / ATOMIC_TIME
    parts = max(1, math.ceil(step / model.time_step * (1.0 - 1e-9)))
    times = step * np.arange(driving.time.size)
    field = CubicSpline(times, driving.field[0] / ATOMIC_ELECTRIC_FIELD)
    momentum = field.antiderivative()
    if model.gauge == "length":
        middles = step / parts * (np.arange(-1, (times.size - 1) * parts + 1) + 0.5)
        kicks = np.diff(momentum(np.clip(middles, 0.0, times[-1])))
        ends = 1 + parts * np.arange(times.size)
        return parts, (kicks[max(0, end - parts) : end] for end in ends)
    shift = momentum.antiderivative()
    inner = step / parts * (np.arange(parts) + 0.5)

    def between(start: float) -> Floats:
        edges = np.concatenate([[0.0], inner, [step]]) + start
        return np.asarray(-np.diff(shift(edges)))

    first = iter([np.zeros(1)])
    return parts, itertools.chain(first, (between(start) for start in times[:-1]))


def _check_momenta(waves: PartialWaves) -> None:
    count = max(1, min(4, waves.l.size // 8))
    top = float(waves.populations()[-count:].sum())
    if top > 1e-6:
        raise InvalidValue(
            f"n_l must be larger than {waves.l.size}: the last {count} of the angular "
            f"momenta hold {top:.1e} of the electron."
        )
