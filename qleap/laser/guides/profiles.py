"""Quantities that change along a guide, given at a few places."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Profile"]

HALVINGS = 16
"""Of the length, towards vacuum: the first step holds 1e-7 of the gas."""

GROWTH, SMALL = 0.1, 1e-3
"""Largest change between two of `Profile.smooth_places`, and below what it counts."""


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

    def kinks(self, *, flowing: bool) -> tuple[float, ...]:
        """Return places, m, at which steps along the guide have to end.

        Those of the values, and where ``flowing`` begins as a root of the length, more
        and more closely towards it.
        """
        found = set(self.positions)
        nearer = 0.5 ** np.arange(1, HALVINGS + 1)
        ends = zip(self.positions, self.values, strict=True)
        for (a, low), (b, high) in itertools.pairwise(ends):
            if flowing and low == 0.0 < high:
                found.update((a + (b - a) * nearer).tolist())
            elif flowing and high == 0.0 < low:
                found.update((b - (b - a) * nearer).tolist())
        return tuple(sorted(found))

    def smooth_places(self, *, flowing: bool) -> tuple[float, ...]:
        """Return places, m, between which the value has no kink and changes little.

        By at most a tenth, or below a thousandth of the larger of two neighbours. So a
        few Gauss-Legendre places between them are as good as an exact integral.

        Parameters
        ----------
        flowing : bool
            Whether values lie between the places as `flowing` has them.
        """
        places, values = np.array(self.positions), np.array(self.values)
        power = 2.0 if flowing else 1.0
        found = [places]
        pairs = itertools.pairwise(places), itertools.pairwise(values)
        for z, v in zip(*pairs, strict=True):
            low, high = max(min(v), SMALL * max(v)), max(v)
            pieces = math.ceil(math.log(high / low) / GROWTH) if low < high else 1
            inside = np.geomspace(low, high, pieces + 1) if low < high else values[:0]
            inside = inside[(inside > min(v)) & (inside < max(v))]
            rise = (inside**power - v[0] ** power) / (v[1] ** power - v[0] ** power)
            found.append(z[0] + rise * (z[1] - z[0]))
        return tuple(np.unique(np.concatenate(found)).tolist())


def inside(places: Sequence[float], length: float) -> tuple[float, ...]:
    """Return those of the places (m) that lie between both ends."""
    return tuple(place for place in places if 0.0 < place < length)


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
