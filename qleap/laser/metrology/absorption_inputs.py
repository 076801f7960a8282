"""What absorption is computed from: fields, photon energies, dipoles of atoms."""

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.emission import DIPOLE
from qleap.laser.metrology.levels import WIDEST

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "acceleration_of",
    "check_linear",
    "checked_energies",
    "dipoles_of",
    "field_at",
    "held_field",
]

Floats = NDArray[np.float64]

LARGEST: Final = 2**24
"""Values of a result."""

HELD: Final = 0.99
"""Least share of the pulse's energy within the times of a dipole."""


def check_linear(name: str, field: DrivingField) -> None:
    """Refuse what is no field along one axis."""
    if not isinstance(field, DrivingField):
        raise InvalidKind(
            f"{name} must be a DrivingField, got {field!r:.60}; driving_field makes "
            "one of light."
        )
    if field.components != 1:
        raise InvalidValue(
            f"{name} must be linear, along the dipoles, got two components."
        )


def checked_energies(energies: ArrayLike, n_delays: int) -> Floats:
    """Return increasing photon energies, J, of which a result can hold all delays."""
    energy = checks.increasing("energies", energies, "J")
    checks.positive("energies[0]", float(energy[0]), "J")
    checks.between("energies[-1]", float(energy[-1]), 0.0, WIDEST, "J")
    if energy.size * n_delays > LARGEST:
        raise InvalidValue(
            f"a result must have <= {LARGEST} values, got {n_delays} delays times "
            f"{energy.size} energies; take fewer at a time."
        )
    return energy


def field_at(field: DrivingField, time: Floats) -> Floats:
    """Return a field (V/m) at other times; zero outside."""
    from scipy.interpolate import CubicSpline

    inside = (time >= field.time[0]) & (time <= field.time[-1])
    return np.where(inside, CubicSpline(field.time, field.field[0])(time), 0.0)


def held_field(pulse: DrivingField, time: Floats) -> Floats:
    """Return a pulse (V/m) at the times of a dipole, which must hold it."""
    field = field_at(pulse, time)
    whole = float((pulse.field**2).sum()) * pulse.step
    share = float((field**2).sum()) * float(time[1] - time[0]) / (whole or 1.0)
    if not share > HELD:
        raise InvalidValue(
            f"dipoles must have the pulse within their times, from {time[0]:.4g} to "
            f"{time[-1]:.4g} s, got {share:.3g} of its energy there (it lies from "
            f"{pulse.time[0]:.4g} to {pulse.time[-1]:.4g} s); give the pulse in the "
            "time of the dipoles."
        )
    return field


def dipoles_of(dipoles: Any) -> "list[xr.Dataset]":
    """Return datasets of dipoles, at least one."""
    import xarray as xr

    given = dipoles if isinstance(dipoles, list | tuple) else [dipoles]
    for data in given:
        if not isinstance(data, xr.Dataset) or data.attrs.get("kind") != DIPOLE:
            kind = data.attrs.get("kind") if isinstance(data, xr.Dataset) else data
            raise InvalidKind(
                f"dipoles must be a dataset of the kind {DIPOLE!r} (sfa_dipole, "
                f"solve_line, solve_atom), or a list of them, got {kind!r:.60}."
            )
    if not given:
        raise InvalidValue("dipoles must be one dataset at least, got none.")
    return list(given)


def acceleration_of(data: "xr.Dataset", energy: Floats) -> tuple[Floats, Floats]:
    """Return times, s, and the first component of a dipole's acceleration, C m/s^2."""
    dims = ("component", "time")
    found = data.get("dipole_acceleration")
    if found is None or set(found.dims) != set(dims) or "time" not in data.coords:
        shown = "none" if found is None else str(found.dims)
        raise InvalidValue(
            f"dipoles must hold dipole_acceleration over {dims}, got {shown}; select "
            "with lists or slices, which keep dimensions."
        )
    time = checks.increasing("the dipole's time", data["time"].values, "s", min_size=8)
    step = float(time[-1] - time[0]) / (time.size - 1)
    if np.abs(np.diff(time) - step).max() > 1e-6 * step:
        raise InvalidValue("the dipole's time must go in equal steps.")
    highest = math.pi * HBAR / step
    if energy[-1] > highest:
        raise InvalidValue(
            f"energies must be <= {highest:.4g} J, which the dipole's steps of "
            f"{step:.3g} s can tell, got {energy[-1]:.4g}; solve it on finer times."
        )
    values = np.asarray(found.transpose(*dims).values[0], np.float64)
    return time, checks.vector("dipole_acceleration", values, "C m/s^2")
