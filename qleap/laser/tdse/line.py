"""An atom on a line in strong light: the time-dependent Schroedinger equation."""

import hashlib
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HARTREE,
)
from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.effort import MOST_HOURS
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.tdse.line_grid import Line, LinePotential, line_potential
from qleap.laser.tdse.line_plan import COARSER, Plan, plan_of
from qleap.laser.tdse.line_steps import (
    CompactSteps,
    Impulses,
    SpectralSteps,
    Steps,
)
from qleap.laser.tdse.runs import carry_out

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["solve_line"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

DIPOLE_UNIT: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""One atomic unit of a dipole, C m."""

AT_THE_ENDS: Final = 1e-8
"""Probability in the outermost hundredth of the line without a warning."""

SLOPE: Final = np.array([-1.0, 9.0, -45.0, 0.0, 45.0, -9.0, 1.0]) / 60.0
"""Weights of seven neighbours for a derivative."""

TIMES: Final = 64
"""Times of the field between two looks at progress and store."""

REACH: Final = 3
"""Neighbours on either side that the derivative takes."""


def solve_line(
    driving: DrivingField,
    target: LinePotential | Atom | str,
    *,
    gauge: str = "length",
    state: int = 0,
    surface: float | None = None,
    half_width: float | None = None,
    absorber: bool = True,
    spacing: float | None = None,
    time_step: float | None = None,
    estimate_error: bool = False,
    store: str | os.PathLike[str] | None = None,
    most_hours: float | None = MOST_HOURS,
) -> "xr.Dataset":
    r"""Return what light does to an atom whose one electron moves on a line.

    Parameters
    ----------
    driving : DrivingField
        Linear. The wave function is measured at its times.
    target : LinePotential, Atom or str
        An atom means its soft core, `qleap.laser.tdse.soft_core`.
    gauge : {"length", "velocity"}
        ``"length"`` is the fast way (differences of fourth order), ``"velocity"`` an
        independent one (Fourier transforms) to check it with.
    state : int
        In which the electron begins, from the lowest.
    surface : float, optional
        Distance from the nucleus, m, within which the electron counts as bound and at
        which it is watched for spectra of photoelectrons; by default beyond all ways
        of electrons that come back.
    half_width : float, optional
        Where the line ends, m, on both sides; by default behind an absorber beyond
        ``surface``. A few points may be added.
    absorber : bool
        Whether the ends of the line take electrons out; else they are walls (in the
        velocity gauge joined).
    spacing : float, optional
        Of points, m.
    time_step : float, optional
        Longest step, s; whole numbers of steps fill that of ``driving``.
    estimate_error : bool
        Whether a second run with 1.5 times the spacing and twice the step, a third
        of the work, estimates the error.
    store : path-like, optional
        File for the result. Until that is there it holds checkpoints, written every ten
        seconds and at an interruption; the same call goes on from there to the same
        bits.
    most_hours : float or None
        A run that is estimated to take longer on one core, h, is refused before it
        begins; None allows any.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.dipole``. Over ``time``: ``field``, ``dipole``,
        ``dipole_acceleration`` (by Ehrenfest's theorem), ``survival`` (probability
        within ``surface``), ``norm`` and ``state_population`` (of the state it began
        in); ``surface_amplitude`` and ``surface_slope`` also over ``side``. The last
        ``wave_function`` and the ``potential`` over ``position``. With
        ``estimate_error`` also ``estimated_error``: of the acceleration, relative to
        its largest value.

    Raises
    ------
    InvalidValue
        Where the light has two components, the line does not fit the field, the run
        would take longer than ``most_hours``, or the store holds something else.
    StorageError
        Where the store is damaged or cannot be written.

    Warns
    -----
    QleapWarning
        Where the electron reached the ends of a line without absorber.

    Notes
    -----
    Wave functions are those of the length gauge, populations too.
    """
    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.60}; make one with "
            "qleap.laser.driving_field."
        )
    if driving.components != 1:
        raise InvalidValue(
            "driving must be linear for an electron on a line, got two components."
        )
    potential = line_potential(target)
    plan = plan_of(
        driving,
        potential,
        gauge=gauge,
        state=state,
        surface=surface,
        half_width=half_width,
        absorber=absorber,
        spacing=spacing,
        time_step=time_step,
        even=estimate_error,
    )
    plan.check_effort(driving.time.size, estimate_error, most_hours)
    run = _Run(driving, potential, plan)
    runs = [run]
    if estimate_error:
        runs.append(_Run(driving, potential, plan.coarser, "the same, coarser"))
    parameters = {**run.parameters(), "estimate_error": estimate_error}

    def described() -> "xr.Dataset":
        data = run.dataset(parameters)
        if estimate_error:
            ours, other = (each.acceleration for each in runs)
            error = np.abs(ours - other).max() / (COARSER**4 - 1.0)
            data["estimated_error"] = (), error / np.abs(ours).max(), {"units": "1"}
        return data

    identity = {"driving": driving.parameters(), **parameters}
    return carry_out(runs, described, store, identity)


class _Run:
    """One way through a field, and what was measured on it, in atomic units."""

    def __init__(
        self,
        driving: DrivingField,
        potential: LinePotential,
        plan: Plan,
        label: str = "an atom on a line",
    ) -> None:
        self._driving, self._potential, self._plan = driving, potential, plan
        self._atomic = plan.atomic(potential)
        line = self._atomic.line
        self._field = driving.field[0] / ATOMIC_ELECTRIC_FIELD
        time = driving.time / ATOMIC_TIME
        self.label, self.n_times, self.time = label, time.size, 0
        impulses = Impulses.of(time, self._field, plan.per_sample)
        kind = CompactSteps if plan.gauge == "length" else SpectralSteps
        self._steps: Steps = kind(self._atomic, impulses, plan.per_sample)
        self._measured = np.zeros((time.size, 6))
        self._watched = np.zeros((time.size, 2, 2 * REACH + 1), np.complex128)
        at = np.searchsorted(line.x, [-plan.surface, plan.surface])
        self._around = at[:, None] + np.arange(-REACH, REACH + 1)
        self._surface = line.x[at]

    def advance(self) -> None:
        """Go on by some times."""
        for i in range(self.time, min(self.time + TIMES, self.n_times)):
            if i > 0:
                self._steps.advance()
            self._measured[i] = self._steps.measure()
            self._watched[i] = self._steps.values(self._around)
            self.time = i + 1

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that the next parts and the result depend on."""
        return {
            "time": np.array(self.time),
            "measured": self._measured,
            "watched": self._watched,
            **self._steps.state(),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self._steps.restore(state)
        self.time = int(state["time"])
        self._measured[:], self._watched[:] = state["measured"], state["watched"]

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell the run from any other but for its field."""
        # Objects without a description of their own have an address in their place.
        target = re.sub(r" at 0x[0-9a-f]+", "", repr(self._potential))
        values = self._atomic.values.tobytes()
        return {
            "model": "line",
            "target": target,
            "potential_sha256": hashlib.sha256(values).hexdigest(),
            **self._plan.parameters(),
        }

    @property
    def acceleration(self) -> Floats:
        """Second derivative of the dipole: what pulls at the electron.

        Absorbed electrons count: the field goes on to drive them.
        """
        return np.asarray(self._measured[:, 2] + self._field)

    def dataset(self, parameters: Mapping[str, object]) -> "xr.Dataset":
        """Return what was measured, in SI units."""
        line = self._atomic.line
        last = self._steps.values(np.arange(line.n_points))
        self._warn_at_the_ends(line, last)
        norm, place, _, inside, re, im = self._measured.T
        data = dipole_dataset(
            self._driving,
            self.acceleration * (DIPOLE_UNIT / ATOMIC_TIME**2),
            parameters,
            dipole=-place * DIPOLE_UNIT,
            survival=inside,
        )
        units = {"units": "1"}
        data["norm"] = "time", norm, units
        data["state_population"] = "time", re**2 + im**2, units
        amplitude, length = BOHR_RADIUS**-0.5, {"units": "m"}
        data = data.assign_coords(
            side=("side", self._surface * BOHR_RADIUS, length),
            position=("position", line.x * BOHR_RADIUS, length),
        )
        both = ("side", "time")
        wave, slope = self._watched[:, :, REACH], self._watched @ SLOPE / line.spacing
        units = {"units": "m^(-1/2)"}
        data["surface_amplitude"] = both, amplitude * wave.T, units
        data["surface_slope"] = (
            both,
            amplitude / BOHR_RADIUS * slope.T,
            {"units": "m^(-3/2)"},
        )
        data["wave_function"] = "position", amplitude * last, units
        potential = HARTREE * self._atomic.values
        data["potential"] = "position", potential, {"units": "J"}
        return data

    def _warn_at_the_ends(self, line: Line, last: Complex) -> None:
        if self._plan.absorber:
            return
        density = line.spacing * np.abs(last) ** 2
        outermost = max(1, line.n_points // 200)
        share = float(density[:outermost].sum() + density[-outermost:].sum())
        if share > AT_THE_ENDS:
            warn(
                f"the electron reached the ends of the line (a share of {share:.1e} "
                "stands there): give a larger half_width, or an absorber.",
                QleapWarning,
                stacklevel=6,
            )
