"""Quantities that change along a guide, given at a few places."""

import math
from dataclasses import dataclass

import numpy as np

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Profile"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """Values at places along a guide; outside of them the nearest one holds.

    Parameters
    ----------
    positions : tuple of float
        Increasing, at least two, m.
    values : tuple of float
        One for each place, none below zero.
    """

    positions: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        places = checks.increasing("positions", self.positions, "m", min_size=2)
        values = checks.vector("values", self.values)
        if values.size != places.size or values.min() < 0.0:
            raise InvalidValue(
                "values must be >= 0 and as many as positions, got "
                f"{values.size} down to {values.min():g} at {places.size} positions."
            )
        object.__setattr__(self, "positions", tuple(places.tolist()))
        object.__setattr__(self, "values", tuple(values.tolist()))

    def linear(self, position: float) -> float:
        """Return the value at ``position`` (m), straight between the places."""
        return float(np.interp(position, self.positions, self.values))

    def flowing(self, position: float) -> float:
        """Return the pressure of gas that flows from place to place.

        Its square goes straight, as in viscous flow through a tube of one width,
        where the mass flow is as the pressure times its slope; so it may begin from
        vacuum.
        """
        squares = [value * value for value in self.values]
        return math.sqrt(float(np.interp(position, self.positions, squares)))


def along(
    name: str, given: object, length: float, unit: str, *, lowest_allowed: bool
) -> float | Profile:
    """Return a checked number, or a profile of a pair (both ends) or a `Profile`.

    ``lowest_allowed`` says whether the value may be zero.
    """
    if isinstance(given, tuple | list):
        if len(given) != 2:
            raise InvalidValue(
                f"{name} must be a number, a pair for both ends or a Profile, got "
                f"{len(given)} values; give Profile(positions=..., values=...)."
            )
        given = Profile(positions=(0.0, length), values=(given[0], given[1]))
    if isinstance(given, Profile):
        if not lowest_allowed and min(given.values) <= 0.0:
            raise InvalidValue(f"{name} must be > 0 {unit} everywhere, got 0.")
        return given
    if lowest_allowed:
        return checks.non_negative(name, given, unit)
    return checks.positive(name, given, unit)
