r"""Atoms in strong light: one electron in space, its dipole and its ionisation."""

import os
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import ATOMIC_TIME, BOHR_RADIUS, ELEMENTARY_CHARGE
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.effort import MOST_HOURS, check_effort
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.tdse.atom_run import SECONDS, AtomRun, steps_between
from qleap.laser.tdse.models import COARSER, AtomModel, atom_model, check_driving
from qleap.laser.tdse.potentials import CentralPotential
from qleap.laser.tdse.radial_states import radial_state
from qleap.laser.tdse.runs import carry_out

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["solve_atom"]

Complex = NDArray[np.complex128]

DIPOLE_UNIT: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""One atomic unit of a dipole, C m."""


WORTH_SHARING: Final = 2e-5
"""Seconds of a step from which two threads share it: 300 radii times 32."""


def solve_atom(
    driving: DrivingField,
    target: AtomModel | CentralPotential | str,
    *,
    estimate_error: bool = False,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    most_hours: float | None = MOST_HOURS,
    **choices: Any,
) -> "xr.Dataset":
    r"""Return the dipole of an atom in linearly polarised light.

    Parameters
    ----------
    driving : DrivingField
        Of one component, along which z lies.
    target : AtomModel or CentralPotential or str
    estimate_error : bool
        Whether a second run with 1.41 times the radial step and twice the step in time,
        a third of the work, estimates the error.
    threads : int, optional
        That share each step in the length gauge, two at most. By default two where the
        process may use two cores, one for small grids. Bits do not depend on them.
    store : path-like, optional
        File for the result. Until that is there it holds checkpoints, written every ten
        seconds and at an interruption; the same call goes on from there to the same
        bits.
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
        velocity gauge. With ``estimate_error`` also ``estimated_error``: of the
        acceleration, relative to its largest value.

    Raises
    ------
    InvalidValue
        Where the light has two components, the angular momenta do not suffice, the
        run would take longer than ``most_hours``, or the store holds something else.
    StorageError
        Where the store is damaged or cannot be written.

    Notes
    -----
    The estimate knows both steps; where the grid ends, where electrons are absorbed and
    how many angular momenta there are it does not.
    """
    model = _model(driving, target, choices)
    parts = steps_between(driving, model, even=estimate_error)
    _check_effort(driving, model, parts, estimate_error, most_hours)
    n_threads = _shared_by(threads, model)
    run = AtomRun(driving, model, parts, threads=n_threads)
    runs = [run]
    if estimate_error:
        runs.append(
            AtomRun(
                driving,
                model.coarser,
                parts // 2,
                threads=n_threads,
                label="partial waves, error",
            )
        )
    parameters = {**model.parameters(), "estimate_error": estimate_error}

    def described() -> "xr.Dataset":
        data = _dataset(driving, run, parameters)
        if estimate_error:
            data["estimated_error"] = (), _apart(*runs), {"units": "1"}
        return data

    identity = {"driving": driving.parameters(), **parameters}
    return carry_out(runs, described, store, identity)


def _apart(run: AtomRun, other: AtomRun) -> float:
    """Return the error of a run, from one whose errors are four times as large."""
    ours = run.acceleration
    largest = float(np.abs(ours).max())
    apart = float(np.abs(ours - other.acceleration).max()) / (COARSER**4 - 1.0)
    return apart / largest if largest > 0.0 else 0.0


def _dataset(
    driving: DrivingField, run: AtomRun, parameters: dict[str, object]
) -> "xr.Dataset":
    """Return what was seen, in SI units, and what was left after the last time."""
    model, waves = run.model, run.waves
    data = dipole_dataset(
        driving,
        run.acceleration * DIPOLE_UNIT / ATOMIC_TIME**2,
        parameters,
        dipole=-run.seen[:, 1] * DIPOLE_UNIT,
        survival=run.seen[:, 2],
    )
    last = run.last()
    populations = (np.abs(last) ** 2) @ model.grid.stretch
    data["ground_population"] = ((), ground_population(last, model), {"units": "1"})
    data["norm"] = ((), populations.sum(), {"units": "1"})
    data["l_population"] = (("l",), populations, {"units": "1"})
    inverse_root = {"units": "bohr^-1/2"}
    data["wave"] = (("l", "radius"), last, inverse_root)
    if model.surface is not None:
        wave, slope = run.at_surface()
        data["surface_wave"] = (("l", "time"), wave, inverse_root)
        data["surface_slope"] = (("l", "time"), slope, {"units": "bohr^-3/2"})
    return data.assign_coords(
        l=("l", waves.l, {"units": "1"}),
        radius=("radius", model.grid.radii * BOHR_RADIUS, {"units": "m"}),
    )


def ground_population(waves: Complex, model: AtomModel) -> float:
    """Return the share of waves in the level that an atom started in.

    The waves are those of the length gauge, ``(n_l, n_points)``.
    """
    _, state = radial_state(model.grid, model.potential, model.n, model.l)
    wave = waves[model.l - abs(model.m)]
    return float(abs(wave @ (state * model.grid.stretch)) ** 2)


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
    driving: DrivingField,
    model: AtomModel,
    parts: int,
    with_companion: bool,
    most_hours: float | None,
) -> None:
    """Refuse a run that would take too long."""
    steps = float(parts * driving.time.size)
    seconds = SECONDS[model.gauge] * steps * model.grid.n_points * model.n_l
    check_effort(
        f"{steps:.3g} steps of {model.grid.n_points} radii times {model.n_l} angular "
        "momenta",
        seconds * (1.0 + 0.5 / COARSER if with_companion else 1.0),
        most_hours,
        "check the unit of the field, or give a smaller radius or n_l, a larger "
        "radial_step or a shorter field",
    )


def _shared_by(threads: int | None, model: AtomModel) -> int:
    """Return how many threads share steps; those of shifts are one thread's."""
    wanted = threads
    if wanted is None:
        seconds = SECONDS[model.gauge] * model.grid.n_points * model.n_l
        worth = seconds > WORTH_SHARING
        wanted = min(2, len(os.sched_getaffinity(0))) if worth else 1
    checked = checks.count("threads", wanted)
    return checked if model.gauge == "length" else 1
