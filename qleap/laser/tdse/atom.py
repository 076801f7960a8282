r"""Atoms in strong light: one electron in space, its dipole and its ionisation."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import progress
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
)
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.effort import MOST_HOURS, check_effort
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.tdse.models import AtomModel, atom_model, check_driving
from qleap.laser.tdse.partial_waves import PartialWaves
from qleap.laser.tdse.potentials import CentralPotential
from qleap.laser.tdse.radial_states import radial_state

if TYPE_CHECKING:
    import xarray as xr
    from scipy.interpolate import CubicSpline

__all__ = ["solve_atom"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

CHECKED: Final = 256
"""Times after which it is looked whether the angular momenta suffice."""

DIPOLE_UNIT: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""One atomic unit of a dipole, C m."""

SECONDS: Final = {"length": 2e-9, "velocity": 8e-9}
"""Of one core for a radius of an angular momentum in a step, all of them in use
(docs/laser/tdse_atoms.md: 2000 times 80 in 0.25 ms, four times as long in the velocity
gauge)."""


def solve_atom(
    driving: DrivingField,
    target: AtomModel | CentralPotential | str,
    *,
    most_hours: float | None = MOST_HOURS,
    **choices: Any,
) -> "xr.Dataset":
    r"""Return the dipole of an atom in linearly polarised light.

    Parameters
    ----------
    driving : DrivingField
        Of one component, along which z lies.
    target : AtomModel or CentralPotential or str
    most_hours : float or None
        A run that is estimated to take longer on one core, h, with all radii and
        angular momenta in use, is refused before it begins; None allows any.
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
        (1/sqrt(bohr)), all of the length gauge. With a ``surface`` also
        ``surface_wave`` and ``surface_slope`` there, over ``l`` and ``time``, in the
        velocity gauge.

    Raises
    ------
    InvalidValue
        Where the light has two components, the angular momenta do not suffice, or the
        run would take longer than ``most_hours``.
    """
    model = _model(driving, target, choices)
    _check_effort(driving, model, most_hours)
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
    last = _last(waves, driving, model)
    populations = (np.abs(last) ** 2) @ model.grid.stretch
    data["ground_population"] = ((), ground_population(last, model), {"units": "1"})
    data["norm"] = ((), populations.sum(), {"units": "1"})
    data["l_population"] = (("l",), populations, {"units": "1"})
    inverse_root = {"units": "bohr^-1/2"}
    data["wave"] = (("l", "radius"), last, inverse_root)
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
    waves = model.waves(driving.step / ATOMIC_TIME / _parts(driving, model))
    step = waves.advance if model.gauge == "length" else waves.shift_along
    with progress.bar("partial waves", driving.time.size) as bar:
        for index, impulse in enumerate(_impulses(driving, model)):
            watch(index, waves, step(impulse))
            if index % CHECKED == 0:
                _check_momenta(waves, 1e-4)
            bar.advance()
    _check_momenta(waves, 1e-6)
    return waves


def ground_population(waves: Complex, model: AtomModel) -> float:
    """Return the share of waves in the level that an atom started in.

    The waves are those of the length gauge, ``(n_l, n_points)``.
    """
    _, state = radial_state(model.grid, model.potential, model.n, model.l)
    wave = waves[model.l - abs(model.m)]
    return float(abs(wave @ (state * model.grid.stretch)) ** 2)


def _last(waves: PartialWaves, driving: DrivingField, model: AtomModel) -> Complex:
    """Return the waves after the last time, in the length gauge, ``(n_l, n_points)``.

    Light that ends before its vector potential is zero again (a half cycle, a static
    field) leaves a momentum by which the gauges differ.
    """
    found = waves.waves()
    if model.gauge == "length":
        return found
    duration = (driving.time[-1] - driving.time[0]) / ATOMIC_TIME
    momentum = float(_field_of(driving).integrate(0.0, duration))
    cosines, angles = waves.angles()
    turn = np.exp(-1j * momentum * np.outer(cosines, model.grid.radii))
    return np.asarray(angles @ (turn * (angles.T @ found)))


def _model(
    driving: DrivingField,
    target: AtomModel | CentralPotential | str,
    choices: dict[str, Any],
) -> AtomModel:
    check_driving(driving)
    if not isinstance(target, AtomModel):
        return atom_model(driving, target, **choices)
    if choices:
        raise InvalidValue(
            f"choices ({', '.join(choices)}) must be those of the AtomModel; use "
            "dataclasses.replace."
        )
    return target


def _check_effort(
    driving: DrivingField, model: AtomModel, most_hours: float | None
) -> None:
    """Refuse a run that would take too long."""
    steps = float(_parts(driving, model) * driving.time.size)
    check_effort(
        f"{steps:.3g} steps of {model.grid.n_points} radii times {model.n_l} angular "
        "momenta",
        SECONDS[model.gauge] * steps * model.grid.n_points * model.n_l,
        most_hours,
        "check the unit of the field, or give a smaller radius or n_l, a larger "
        "radial_step or a shorter field",
    )


def _parts(driving: DrivingField, model: AtomModel) -> int:
    """Return the steps between two times of the field."""
    step = driving.step / ATOMIC_TIME
    return max(1, math.ceil(step / model.time_step * (1.0 - 1e-9)))


def _impulses(driving: DrivingField, model: AtomModel) -> Iterator[Floats]:
    """Return the kicks or shifts up to each time.

    The field is a cubic spline through its samples, and zero outside of them. In the
    length gauge the electron waits in its level for a step before the first kick; kicks
    lie between the middles of steps. Shifts lie between these middles too, but are cut
    in two at the times themselves.
    """
    step, parts = driving.step / ATOMIC_TIME, _parts(driving, model)
    times = step * np.arange(driving.time.size)
    momentum = _field_of(driving).antiderivative()
    if model.gauge == "length":
        middles = step / parts * (np.arange(-1, (times.size - 1) * parts + 1) + 0.5)
        kicks = np.diff(momentum(np.clip(middles, 0.0, times[-1])))
        ends = 1 + parts * np.arange(times.size)
        return (kicks[max(0, end - parts) : end] for end in ends)
    shift = momentum.antiderivative()
    inner = step / parts * (np.arange(parts) + 0.5)

    def between(start: float) -> Floats:
        edges = np.concatenate([[0.0], inner, [step]]) + start
        return np.asarray(-np.diff(shift(edges)))

    first = iter([np.zeros(1)])
    return itertools.chain(first, (between(start) for start in times[:-1]))


def _field_of(driving: DrivingField) -> "CubicSpline":
    """Return the field over the time since its beginning, atomic units."""
    from scipy.interpolate import CubicSpline

    times = driving.step / ATOMIC_TIME * np.arange(driving.time.size)
    return CubicSpline(times, driving.field[0] / ATOMIC_ELECTRIC_FIELD)


def _check_momenta(waves: PartialWaves, most: float) -> None:
    count = max(1, min(4, waves.l.size // 8))
    top = float(waves.populations()[-count:].sum())
    if top > most:
        raise InvalidValue(
            f"n_l must be larger than {waves.l.size}: the last {count} of the angular "
            f"momenta hold {top:.1e} of the electron."
        )
