"""How an atom on a line is computed: where its line ends, how fine, in which steps."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME, BOHR_RADIUS
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.effort import check_effort
from qleap.laser.tdse.absorbers import (
    ABSORBED_FROM,
    absorber_width,
    absorbing_potential,
)
from qleap.laser.tdse.bound_states import states_on
from qleap.laser.tdse.line_grid import LinePotential, line_of, sampled
from qleap.laser.tdse.line_steps import Atomic, forgotten_after

__all__ = ["GAUGES", "Plan", "plan_of"]

Floats = NDArray[np.float64]

GAUGES: Final = ("length", "velocity")

RETURNING: Final = 3.17
"""Most kinetic energy of an electron that comes back, ponderomotive energies."""

FARTHEST: Final = 2.2
"""Way of the farthest electron that comes back, in amplitudes of its quiver."""

CORE: Final = 80.0
"""bohr beyond that way: excited states are large, and light mixes them."""

WAVE: Final = 0.2
"""Radians of the fastest returning electron between two points."""

TURN: Final = 0.1
"""Radians of its phase in a step."""

RESOLVED: Final = 1.0
"""Radians of it between two points that are still differences and not guesses."""

SPACINGS: Final = (0.02, 0.2)
"""Finest and coarsest spacing by default, bohr."""

STEPS: Final = (0.005, 0.1)
"""Shortest and longest step by default, atomic units."""

MOST_STEPS: Final = 2**26

COARSER: Final = 1.5
"""Spacing of a companion run over that of the run."""

OUTSIDE: Final = 1e-6
"""Largest share of the state to start from in the absorber."""

BETWEEN: Final = 4
"""Fewest points between surface and absorber or wall."""

SECONDS: Final = {"length": 2.5e-9, "velocity": 3e-8}
"""Of one core for a point in a step (docs/laser/tdse.md: 16384 points in 20 to 40 us,
with Fourier transforms in 400 to 500 us)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is computed, in atomic units.

    Parameters
    ----------
    gauge : str
    state : int
        In which the electron begins.
    surface, half_width, spacing : float
    absorber : bool
        Whether the line beyond the surface absorbs.
    per_sample : int
        Steps between two times of the field.
    step : float
    """

    gauge: str
    state: int
    surface: float
    half_width: float
    spacing: float
    absorber: bool
    per_sample: int
    step: float

    @property
    def coarser(self) -> "Plan":
        """The same with a larger spacing and half as many steps."""
        return dataclasses.replace(
            self,
            spacing=COARSER * self.spacing,
            per_sample=self.per_sample // 2,
            step=2.0 * self.step,
        )

    def atomic(self, potential: LinePotential) -> Atomic:
        """Return the atom on its line."""
        line = line_of(
            self.half_width,
            self.spacing,
            least=forgotten_after(self.spacing, self.step) * 5 // 4 + 1,
            radix_2=self.gauge == "velocity",
        )
        x = line.x
        values, gradient = sampled(potential, x)
        energies, waves = states_on(line, values, self.state + 1)
        if energies[-1] >= max(values[0], values[-1]):
            raise InvalidValue(
                f"state must be a bound one, but {self.state} lies above the potential "
                "at the ends of the line; take a lower one or a larger half_width."
            )
        loss = np.zeros(line.n_points)
        if self.absorber:
            # At the very ends, wherever the points end.
            width = absorber_width(ABSORBED_FROM)
            begin = -line.first - width
            loss = absorbing_potential(x, begin)
            self._check_held(line.spacing * waves[-1] ** 2 @ (np.abs(x) > begin))
        return Atomic(
            line=line,
            values=values,
            gradient=gradient,
            loss=loss,
            state=waves[-1],
            inside=(np.abs(x) <= self.surface).astype(np.float64),
        )

    def check_effort(
        self, n_times: int, with_companion: bool, most_hours: float | None
    ) -> None:
        """Refuse a run along a field of ``n_times`` that would take too long."""
        points = 2.0 * self.half_width / self.spacing
        steps = float(self.per_sample * n_times)
        seconds = SECONDS[self.gauge] * points * steps
        check_effort(
            f"{steps:.3g} steps of {points:.3g} points",
            seconds * (4.0 / 3.0 if with_companion else 1.0),
            most_hours,
            "check the unit of the field, or give a longer time_step, a larger "
            "spacing, a nearer surface or a shorter field",
        )

    def _check_held(self, outside: float) -> None:
        """Refuse a state that the absorber would eat without any light."""
        if outside > OUTSIDE:
            raise InvalidValue(
                f"surface must hold the state {self.state}, of which a share of "
                f"{outside:.1e} lies in the absorber beyond it (at most {OUTSIDE:g}), "
                f"got {self.surface * BOHR_RADIUS:.4g} m; give a larger one."
            )

    def parameters(self) -> dict[str, object]:
        """Return plain values in SI units."""
        lengths = {
            name: getattr(self, name) * BOHR_RADIUS
            for name in ("surface", "half_width", "spacing")
        }
        return {
            "gauge": self.gauge,
            "state": self.state,
            "absorber": self.absorber,
            "time_step": self.step * ATOMIC_TIME,
            **lengths,
        }


def plan_of(
    driving: DrivingField,
    potential: LinePotential,
    *,
    gauge: str,
    state: int,
    surface: float | None,
    half_width: float | None,
    absorber: bool,
    spacing: float | None,
    time_step: float | None,
    even: bool,
) -> Plan:
    """Return what is computed, from what was given in SI units.

    ``even`` asks for an even number of steps between two times of the field.
    """
    strength = driving.peak_field / ATOMIC_ELECTRIC_FIELD
    omega = driving.omega0 * ATOMIC_TIME
    depth = -float(sampled(potential, np.linspace(-10.0, 10.0, 2000))[0].min())
    energy = RETURNING * strength**2 / (4.0 * omega**2) + max(depth, 0.0)
    h, dt, seen = (
        default if given is None else checks.positive(name, given, unit) / scale
        for name, given, unit, scale, default in (
            ("spacing", spacing, "m", BOHR_RADIUS, _fine(WAVE, 2.0 * energy)),
            ("time_step", time_step, "s", ATOMIC_TIME, _short(energy)),
            (
                "surface",
                surface,
                "m",
                BOHR_RADIUS,
                FARTHEST * strength / omega**2 + CORE,
            ),
        )
    )
    coarsest = RESOLVED / math.sqrt(max(2.0 * energy, 1e-12))
    if h > coarsest:
        raise InvalidValue(
            f"spacing must be <= {coarsest * BOHR_RADIUS:.4g} m, {RESOLVED:g} radian "
            f"of the fastest electron, got {h * BOHR_RADIUS:.4g}."
        )
    width = absorber_width(ABSORBED_FROM) if absorber else 0.0
    needed = seen + width + BETWEEN * h * COARSER
    half = needed
    if half_width is not None:
        half = checks.positive("half_width", half_width, "m") / BOHR_RADIUS
    if half < needed:
        raise InvalidValue(
            f"half_width must be >= {needed * BOHR_RADIUS:.4g} m, so that an absorber "
            f"fits beyond the surface at {seen * BOHR_RADIUS:.4g} m, got "
            f"{half * BOHR_RADIUS:.4g}."
        )
    per_sample = math.ceil(driving.step / ATOMIC_TIME / dt * (1.0 - 1e-9))
    per_sample += per_sample % 2 if even else 0
    if per_sample * driving.time.size > MOST_STEPS:
        raise InvalidValue(
            f"a run must take <= {MOST_STEPS} steps, but these take "
            f"{per_sample * driving.time.size}; give a longer time_step."
        )
    return Plan(
        gauge=checks.one_of("gauge", gauge, GAUGES),
        state=checks.count("state", state, 0),
        surface=seen,
        half_width=half,
        spacing=h,
        absorber=absorber,
        per_sample=per_sample,
        step=driving.step / ATOMIC_TIME / per_sample,
    )


def _fine(wave: float, squared: float) -> float:
    return float(np.clip(wave / math.sqrt(max(squared, 1e-12)), *SPACINGS))


def _short(energy: float) -> float:
    return float(np.clip(TURN / max(energy, 1e-12), *STEPS))
