r"""Attosecond transient absorption of an atom, by Schroedinger's equation.

Each delay is one solution in both fields; the electron's dipole rings on after them
until lines of the wanted width have faded.

References
----------
M. B. Gaarde et al., Phys. Rev. A 83, 013419 (2011).
"""

import math
import os
import pickle
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import ATOMIC_TIME, BOHR_RADIUS, HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.parallel import map_points
from qleap.laser.driving import MOST, DrivingField
from qleap.laser.harmonics.effort import MOST_HOURS, check_effort
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.metrology.absorption import absorption_of
from qleap.laser.metrology.absorption_inputs import (
    check_linear,
    checked_energies,
    field_at,
)
from qleap.laser.metrology.absorption_spectra import ABSORPTION, spectrum_of
from qleap.laser.tdse.atom import solve_atom
from qleap.laser.tdse.atom_run import SECONDS as ATOM_SECONDS
from qleap.laser.tdse.line import solve_line
from qleap.laser.tdse.line_grid import LinePotential, line_potential
from qleap.laser.tdse.line_plan import SECONDS as LINE_SECONDS
from qleap.laser.tdse.line_plan import plan_of
from qleap.laser.tdse.models import AtomModel, atom_model
from qleap.laser.tdse.potentials import CentralPotential

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["transient_absorption_of_atom"]

Floats = NDArray[np.float64]

MODELS: Final = ("atom", "line")

SAMPLES: Final = 12
"""Times in a cycle of the highest frequency."""

RINGING: Final = 14.0
"""Lifetimes after the pulse: dipoles fall to a thousandth."""

TAPER: Final = 0.15
"""Share of the ringing in which the rest is faded out."""

LINE_CHOICES: Final = {
    "gauge": "length",
    "state": 0,
    "surface": None,
    "half_width": None,
    "absorber": True,
    "spacing": None,
    "time_step": None,
}
"""Of `solve_line`, and what they are by default."""


def transient_absorption_of_atom(
    target: AtomModel | CentralPotential | LinePotential | Atom | str,
    pulse: DrivingField,
    dressing: DrivingField | None,
    *,
    delays: ArrayLike,
    energies: ArrayLike,
    width: float,
    model: str = "atom",
    harmonics: bool = True,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    most_hours: float | None = MOST_HOURS,
    **choices: Any,
) -> "xr.Dataset":
    r"""Return what an atom absorbs of a short pulse over the delay of a dressing field.

    Parameters
    ----------
    target
        As in `qleap.laser.tdse.solve_atom`, or with ``model="line"`` in `solve_line`.
    pulse, dressing, delays, energies
        As in `transient_absorption`.
    width : float
        Full width of all lines, J: of their decay or of the spectrometer. The dipole
        is followed for 14 of its lifetimes after the pulse.
    model : {"atom", "line"}
        Whether the electron moves in space or on a line.
    harmonics : bool
        Whether light that the dressing field makes by itself counts where it falls on
        the energies. If not, solutions without the pulse are taken off, which doubles
        the work.
    store, workers
        As in `qleap.core.parallel.map_points`.
    most_hours : float or None
        A scan that is estimated to take longer on one core, h, is refused before it
        begins; None allows any.
    **choices
        Of `qleap.laser.tdse.atom_model` where ``target`` is none, or of `solve_line`.
        The ``radius`` (``half_width``) must hold the states whose lines are to be
        seen.

    Returns
    -------
    xarray.Dataset
        As of `transient_absorption`.

    Raises
    ------
    InvalidKind, InvalidValue
        As of `transient_absorption` and the solvers, before any of them begins where
        the pulse is dark at all energies or the scan would take too long.

    See Also
    --------
    transient_absorption : of a few levels, in a thousandth of the time.
    """
    check_linear("pulse", pulse)
    if dressing is not None:
        check_linear("dressing", dressing)
    checks.one_of("model", model, MODELS)
    delay = checks.vector("delays", delays, "s", min_size=1)
    energy = checked_energies(energies, delay.size)
    spectrum_of(pulse.field[0], pulse.time, energy / HBAR)
    broad = checks.between("width", width, 1e-9 * energy[0], float(energy[0]), "J")
    scan = _Scan(
        pulse=pulse,
        dressing=dressing,
        step=2.0 * math.pi / (SAMPLES * max(energy[-1] / HBAR, pulse.omega0)),
        ringing=RINGING * HBAR / broad,
    )
    solver, seconds = _solver(scan, target, model, choices)
    solutions = 1 if harmonics or dressing is None else 2
    scan.check(delay, solutions * seconds, most_hours)
    if store is not None:
        _check_named(target)
    found = map_points(
        partial(_point, scan, solver, energy, broad, solutions),
        [float(late) for late in delay],
        store=store,
        workers=workers,
        label="absorption over delays",
    )
    return _dataset(scan, found, delay)


def _check_named(target: Any) -> None:
    """Refuse a potential that a store could not tell from another."""
    try:
        pickle.dumps(target)
    except Exception as error:
        raise InvalidKind(
            "target must be an object of a module's class where there is a store, got "
            f"{target!r:.60}."
        ) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scan:
    """Fields of a scan; times are the pulse's own."""

    pulse: DrivingField
    dressing: DrivingField | None
    step: float
    ringing: float

    def reference(self) -> DrivingField:
        """Return a field as strong and slow as the strongest, for grids."""
        strong = self.pulse if self.dressing is None else self.dressing
        return DrivingField(
            time=self.step * np.arange(8.0),
            field=np.full(8, strong.peak_field),
            wavelength=strong.wavelength,
        )

    def ends(self, delay: Floats) -> tuple[Floats, float]:
        """Return when fields begin, ``(n_d,)``, and when the ringing ends, s."""
        power = self.pulse.field[0] ** 2
        middle = float((self.pulse.time * power).sum() / power.sum())
        first = np.full(delay.shape, self.pulse.time[0])
        if self.dressing is not None:
            first = np.minimum(first, self.dressing.time[0] - delay)
        return first, max(middle + self.ringing, float(self.pulse.time[-1]))

    def check(self, delay: Floats, seconds: float, most_hours: float | None) -> None:
        """Refuse a scan that would take too long, of so many seconds a time."""
        first, last = self.ends(delay)
        self._check_met(delay, last)
        times = (last - first) / self.step
        if not times.max() <= MOST:
            raise InvalidValue(
                f"a delay must take <= {MOST} times, got {times.max():.4g}, from "
                f"{first.min():.3g} to {last:.3g} s in steps of {self.step:.3g} s; "
                "check the units of delays (s), energies and width (J)."
            )
        check_effort(
            f"{delay.size} delays of {times.mean():.3g} times",
            float(times.sum()) * seconds,
            most_hours,
            "give fewer delays, a larger width, smaller grids or a shorter dressing "
            "field",
        )

    def _check_met(self, delay: Floats, last: float) -> None:
        """Refuse delays at which the dressing field misses the atom's ringing."""
        if self.dressing is None:
            return
        begin, end = self.dressing.time[0] - delay, self.dressing.time[-1] - delay
        if not np.any((begin < last) & (end > self.pulse.time[0])):
            raise InvalidValue(
                "delays must let the dressing field meet the pulse and what rings "
                f"after it, from {self.pulse.time[0]:.3g} to {last:.3g} s, at one of "
                f"them at least, but it lies from {begin.min():.3g} to "
                f"{end.max():.3g} s; check the unit of delays (s)."
            )

    def fields(self, late: float) -> tuple[DrivingField, DrivingField | None]:
        """Return both fields together, and the dressing field alone."""
        first, last = self.ends(np.array([late]))
        # On whole steps, so that the pulse is the same at all delays.
        begin, end = math.floor(first[0] / self.step), math.ceil(last / self.step)
        time = self.step * np.arange(begin, end + 1.0)
        own = field_at(self.pulse, time)
        if self.dressing is None:
            return DrivingField(
                time=time, field=own, wavelength=self.pulse.wavelength
            ), None
        slow = field_at(self.dressing, time + late)
        both, alone = (
            DrivingField(time=time, field=field, wavelength=self.dressing.wavelength)
            for field in (own + slow, slow)
        )
        return both, alone


def _solver(
    scan: _Scan, target: Any, model: str, choices: dict[str, Any]
) -> tuple["partial[xr.Dataset]", float]:
    """Return what solves the equation in a field, on one grid for all delays.

    And its seconds for a time of the field, all of the grid in use.
    """
    reference = scan.reference()
    if model == "line":
        potential = line_potential(target)
        checks.known_keys("choices", choices, tuple(LINE_CHOICES))
        plan = plan_of(reference, potential, even=False, **{**LINE_CHOICES, **choices})
        given: dict[str, Any] = plan.parameters()
        # Lengths that went through bohr and back may fall short by rounding.
        given["half_width"] = plan.half_width * BOHR_RADIUS * (1.0 + 1e-9)
        points = 2.0 * plan.half_width / plan.spacing
        seconds = LINE_SECONDS[plan.gauge] * points * plan.per_sample
        return partial(solve_line, target=potential, most_hours=None, **given), seconds
    if isinstance(target, AtomModel) and choices:
        raise InvalidValue(
            f"choices ({', '.join(choices)}) must be those of the AtomModel; use "
            "dataclasses.replace."
        )
    checks.known_keys("choices", choices, tuple(atom_model.__kwdefaults__ or ()))
    atom = (
        target
        if isinstance(target, AtomModel)
        else atom_model(reference, target, **choices)
    )
    parts = math.ceil(scan.step / ATOMIC_TIME / atom.time_step)
    seconds = ATOM_SECONDS[atom.gauge] * atom.grid.n_points * atom.n_l * parts
    return partial(solve_atom, target=atom, threads=1, most_hours=None), seconds


def _point(
    scan: _Scan,
    solver: "partial[xr.Dataset]",
    energy: Floats,
    width: float,
    solutions: int,
    late: float,
) -> "xr.Dataset":
    """Return the absorption at one delay."""
    both, alone = scan.fields(late)
    dipole = solver(both)
    if solutions == 2:
        without = solver(alone)["dipole_acceleration"].values
        dipole["dipole_acceleration"].values -= without
    # As long at all delays, whose windows are not.
    taper = TAPER * scan.ringing / float(np.ptp(both.time))
    return absorption_of(
        dipole, scan.pulse, energies=energy, delays=[late], taper=taper, width=width
    )


def _dataset(scan: _Scan, found: "list[xr.Dataset]", delay: Floats) -> "xr.Dataset":
    first, both = found[0], ("delay", "energy")
    dressing = None if scan.dressing is None else scan.dressing.parameters()
    return results.dataset(
        kind=ABSORPTION,
        coords={"delay": (delay, "s"), "energy": (first["energy"].values, "J")},
        variables={
            **{
                name: (
                    both,
                    np.concatenate([part[name].values for part in found]),
                    first[name].attrs["units"],
                )
                for name in ("response", "cross_section")
            },
            "pulse_density": (
                ("energy",),
                first["pulse_density"].values,
                first["pulse_density"].attrs["units"],
            ),
        },
        parameters={**results.parameters(first), "dressing": dressing},
    )
