"""One way of an atom through a field: kicks or shifts, and what is seen on the way."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.tdse.models import AtomModel

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

__all__ = ["SECONDS", "AtomRun", "steps_between"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SECONDS: Final = {"length": 2e-9, "velocity": 8e-9}
"""Of one core for a radius of an angular momentum in a step, all of them in use
(docs/laser/tdse_atoms.md: 2000 times 80 in 0.25 ms, four times as long in the velocity
gauge)."""

PART: Final = 0.25
"""Seconds that a part takes at most, for which Ctrl-C has to wait."""

MOST_TIMES: Final = 256
"""Times of a part; after each it is looked whether the angular momenta suffice."""

NEAR: Final = 2
"""Radii on either side of a surface that the slope there takes."""


class AtomRun:
    """An atom along a field, part by part.

    Parameters
    ----------
    driving : DrivingField
    model : AtomModel
    parts : int
        Steps between two times of the field.
    threads : int
    label : str
        For the progress bar.
    """

    def __init__(
        self,
        driving: DrivingField,
        model: AtomModel,
        parts: int,
        *,
        threads: int = 1,
        label: str = "partial waves",
    ) -> None:
        self.label, self.n_times = label, driving.time.size
        self.model, self.time = model, 0
        self._driving, self._parts = driving, parts
        step = driving.step / ATOMIC_TIME / parts
        self.waves = model.waves(step, threads)
        seconds = SECONDS[model.gauge] * model.grid.n_points * model.n_l * parts
        self._most = min(MOST_TIMES, max(1, int(PART / seconds)))
        self.seen = np.zeros((self.n_times, 3))
        """Force, place and weight within the core at each time."""
        momentum = field_of(driving).antiderivative()
        times = driving.step / ATOMIC_TIME * np.arange(self.n_times)
        # The electron waits in its level for a step before the first kick; kicks lie
        # between the middles of steps.
        middles = step * (np.arange(-1, (self.n_times - 1) * parts + 1) + 0.5)
        self._kicks = np.diff(momentum(np.clip(middles, 0.0, times[-1])))
        self._ends = 1 + parts * np.arange(self.n_times)
        self._shift = momentum.antiderivative()
        self._place: int | None = None
        if model.surface is not None:
            self._place = int(np.searchsorted(model.grid.radii, model.surface))
            shape = (2 * NEAR + 1, self.waves.l.size, self.n_times)
            self._near = np.zeros(shape, np.complex128)

    def advance(self) -> None:
        """Make the next part."""
        stop = min(self.time + self._most, self.n_times)
        if self.model.gauge == "length":
            self._kicked(stop)
        else:
            for time in range(self.time, stop):
                self.seen[time] = self.waves.shift_along(self._shifts(time))
                if self._place is not None:
                    near = self.waves.waves(self._near_surface)
                    self._near[:, :, time] = near.T
        self.time = stop
        self._check_momenta(1e-4 if stop < self.n_times else 1e-6)

    def _kicked(self, stop: int) -> None:
        """Go on to a time in the length gauge."""
        begin = int(self._ends[self.time - 1]) if self.time else 0
        ends = self._ends[self.time : stop] - begin
        kicks = self._kicks[begin : begin + ends[-1]]
        part = slice(self.time, stop)
        seen, near = self.waves.advance_seen(kicks, ends, self._near_surface)
        self.seen[part] = seen
        if self._place is not None:
            self._near[:, :, part] = np.moveaxis(near, 2, 0)

    @property
    def _near_surface(self) -> slice:
        if self._place is None:
            return slice(0)
        return slice(self._place - NEAR, self._place + NEAR + 1)

    def _shifts(self, time: int) -> Floats:
        """Return the shifts up to a time, between middles of steps and the times."""
        if time == 0:
            return np.zeros(1)
        step = self._driving.step / ATOMIC_TIME
        inner = step / self._parts * (np.arange(self._parts) + 0.5)
        edges = np.concatenate([[0.0], inner, [step]]) + (time - 1) * step
        return np.asarray(-np.diff(self._shift(edges)))

    @property
    def acceleration(self) -> Floats:
        """Second derivative of the dipole, atomic units."""
        field = self._driving.field[0] / ATOMIC_ELECTRIC_FIELD
        return np.asarray(self.seen[:, 0] + field)

    def at_surface(self) -> tuple[Complex, Complex]:
        """Return wave and slope there, all kicks taken back, ``(n_l, n_times)``."""
        assert self._place is not None
        grid, near = self.model.grid, self._near
        radius, stretch = grid.radii[self._place], grid.stretch[self._place]
        sides = 8.0 * (near[NEAR + 1] - near[NEAR - 1]) - (near[-1] - near[0])
        wave, slope = near[NEAR], sides / (12.0 * stretch)
        kicks = np.zeros(self.n_times)
        if self.model.gauge == "length":
            kicks = np.cumsum(self._kicks)[self._ends - 1]
        cosines, angles = self.waves.angles()
        turn = np.exp(1j * radius * np.outer(cosines, kicks))
        at_angles, slope_there = turn * (angles.T @ wave), turn * (angles.T @ slope)
        slope_there += 1j * np.outer(cosines, kicks) * at_angles
        return angles @ at_angles, angles @ slope_there

    def last(self) -> Complex:
        """Return the waves after the last time, length gauge, ``(n_l, n_points)``.

        Light that ends before its vector potential is zero again (a half cycle, a
        static field) leaves a momentum by which the gauges differ.
        """
        found = self.waves.waves()
        if self.model.gauge == "length":
            return found
        duration = (self._driving.time[-1] - self._driving.time[0]) / ATOMIC_TIME
        momentum = float(field_of(self._driving).integrate(0.0, duration))
        cosines, angles = self.waves.angles()
        turn = np.exp(-1j * momentum * np.outer(cosines, self.model.grid.radii))
        return np.asarray(angles @ (turn * (angles.T @ found)))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that the next parts and the result depend on."""
        found = {"time": np.array(self.time), "seen": self.seen, **self.waves.state()}
        return found if self._place is None else {**found, "near": self._near}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self.waves.restore(state)
        self.time, self.seen[:] = int(state["time"]), state["seen"]
        if self._place is not None:
            self._near[:] = state["near"]

    def _check_momenta(self, most: float) -> None:
        n_l = self.waves.l.size
        count = max(1, min(4, n_l // 8))
        top = float(self.waves.populations()[-count:].sum())
        if top > most:
            raise InvalidValue(
                f"n_l must be larger than {n_l}: the last {count} of the angular "
                f"momenta hold {top:.1e} of the electron."
            )


def steps_between(driving: DrivingField, model: AtomModel, *, even: bool) -> int:
    """Return the steps between two times of the field."""
    step = driving.step / ATOMIC_TIME
    found = max(1, math.ceil(step / model.time_step * (1.0 - 1e-9)))
    return found + found % 2 if even else found


def field_of(driving: DrivingField) -> "CubicSpline":
    """Return the field over the time since its beginning, atomic units.

    A cubic spline through its samples.
    """
    from scipy.interpolate import CubicSpline

    times = driving.step / ATOMIC_TIME * np.arange(driving.time.size)
    return CubicSpline(times, driving.field[0] / ATOMIC_ELECTRIC_FIELD)
