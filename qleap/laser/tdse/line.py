"""An atom on a line in strong light: the time-dependent Schroedinger equation."""

from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qleap.core import progress
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
        Where the light has two components, the line does not fit the field, or the run
        would take longer than ``most_hours``.

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
    data = run.dataset()
    if estimate_error:
        other = _Run(driving, potential, plan.coarser).acceleration
        apart = np.abs(run.acceleration - other).max() / (COARSER**4 - 1.0)
        error = apart / np.abs(run.acceleration).max()
        data["estimated_error"] = (), error, {"units": "1"}
    return data


class _Run:
    """One way through a field, and what was measured on it, in atomic units."""

    def __init__(
        self, driving: DrivingField, potential: LinePotential, plan: Plan
    ) -> None:
        self._driving, self._potential, self._plan = driving, potential, plan
        self._atomic = plan.atomic(potential)
        line = self._atomic.line
        self._field = driving.field[0] / ATOMIC_ELECTRIC_FIELD
        time = driving.time / ATOMIC_TIME
        impulses = Impulses.of(time, self._field, plan.per_sample)
        kind = CompactSteps if plan.gauge == "length" else SpectralSteps
        steps: Steps = kind(self._atomic, impulses, plan.per_sample)
        self._measured = np.empty((time.size, 6))
        self._watched = np.empty((time.size, 2, 2 * REACH + 1), np.complex128)
        at = np.searchsorted(line.x, [-plan.surface, plan.surface])
        around = at[:, None] + np.arange(-REACH, REACH + 1)
        self._surface = line.x[at]
        with progress.bar("an atom on a line", float(time.size)) as bar:
            for i in range(time.size):
                if i > 0:
                    steps.advance()
                self._measured[i] = steps.measure()
                self._watched[i] = steps.values(around)
                if i % 64 == 0:
                    bar.update(float(i))
        self._last = steps.values(np.arange(line.n_points))
        self._warn_at_the_ends(line)

    @property
    def acceleration(self) -> Floats:
        """Second derivative of the dipole: what pulls at the electron.

        Absorbed electrons count: the field goes on to drive them.
        """
        return np.asarray(self._measured[:, 2] + self._field)

    def dataset(self) -> "xr.Dataset":
        """Return what was measured, in SI units."""
        norm, place, _, inside, re, im = self._measured.T
        data = dipole_dataset(
            self._driving,
            self.acceleration * (DIPOLE_UNIT / ATOMIC_TIME**2),
            {
                "model": "line",
                "target": repr(self._potential),
                **self._plan.parameters(),
            },
            dipole=-place * DIPOLE_UNIT,
            survival=inside,
        )
        line, units = self._atomic.line, {"units": "1"}
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
        data["wave_function"] = "position", amplitude * self._last, units
        potential = HARTREE * self._atomic.values
        data["potential"] = "position", potential, {"units": "J"}
        return data

    def _warn_at_the_ends(self, line: Line) -> None:
        if self._plan.absorber:
            return
        density = line.spacing * np.abs(self._last) ** 2
        outermost = max(1, line.n_points // 200)
        share = float(density[:outermost].sum() + density[-outermost:].sum())
        if share > AT_THE_ENDS:
            warn(
                f"the electron reached the ends of the line (a share of {share:.1e} "
                "stands there): give a larger half_width, or an absorber.",
                QleapWarning,
                stacklevel=4,
            )
