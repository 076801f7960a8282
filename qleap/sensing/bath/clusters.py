"""Clusters of spins that are close to each other."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.bath.spins import BathSpins

__all__ = ["Clusters", "find_clusters"]

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of one, two, ... spins.

    Parameters
    ----------
    members : sequence of ndarray, shapes (n_1, 1), (n_2, 2), ...
        Numbers of the spins. Each row ascends, and so do the rows; none is twice.
    """

    members: tuple[Indices, ...]

    def __post_init__(self) -> None:
        if not self.members:
            raise InvalidValue("members must have clusters of one spin, got nothing.")
        ordered = []
        for size, given in enumerate(self.members, 1):
            rows = np.asarray(given, dtype=np.int64)
            if len(rows) and rows.shape[1:] != (size,):
                raise InvalidValue(
                    f"members[{size - 1}] must have the shape (n, {size}), got "
                    f"{np.shape(given)}."
                )
            rows = np.sort(rows.reshape(-1, size), axis=1)
            if np.any(rows < 0) or np.any(rows[:, 1:] == rows[:, :-1]):
                raise InvalidValue(
                    f"members[{size - 1}] must hold {size} different numbers >= 0 in "
                    "each row."
                )
            ordered.append(_unique(rows))
        object.__setattr__(self, "members", tuple(ordered))

    @property
    def order(self) -> int:
        """Size of the largest clusters."""
        return len(self.members)

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of clusters of one, two, ... spins."""
        return tuple(len(rows) for rows in self.members)

    def up_to(self, order: int) -> "Clusters":
        """Return the clusters of at most ``order`` spins."""
        checks.count("order", order, low=1, high=self.order)
        if order == self.order:
            return self
        return Clusters(self.members[:order])

    @cached_property
    def parts(self) -> tuple[Indices, ...]:
        """Where the parts of the clusters of one, two, ... spins stand.

        Arrays of the shape ``(n_size, 2**size - 2)`` with row numbers in the lists of
        smaller clusters, one list after the other; -1 for a part that is in none.
        """
        return tuple(self._parts(size) for size in range(1, self.order + 1))

    def _parts(self, size: int) -> Indices:
        rows = self.members[size - 1]
        found = [np.empty((len(rows), 0), dtype=np.int64)]
        offset = 0
        for smaller in range(1, size):
            listed = self.members[smaller - 1]
            largest = 1 + max(_largest(rows), _largest(listed))
            known = _keys(listed, largest)
            for chosen in combinations(range(size), smaller):
                wanted = _keys(rows[:, chosen], largest)
                if not len(known):
                    found.append(np.full((len(rows), 1), -1))
                    continue
                at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
                there = np.where(known[at] == wanted, at + offset, -1)
                found.append(there[:, None])
            offset += len(listed)
        return np.ascontiguousarray(np.concatenate(found, axis=1))


def find_clusters(
    bath: BathSpins, *, order: int, distance: float, strength: float = 0.0
) -> Clusters:
    r"""Return all connected clusters of at most ``order`` spins.

    Two spins are connected where they are at most ``distance`` apart and their
    dipolar coupling :math:`\mu_0 h |z_1 z_2| / 4\pi r^3` is at least ``strength``; a
    cluster is connected where one can walk between any two of its spins.

    Parameters
    ----------
    bath : BathSpins
    order : int
        From 1 to 6.
    distance : float, m
    strength : float, Hz

    Raises
    ------
    InvalidValue
        Where two spins stand at one place.
    """
    from scipy.spatial import cKDTree

    checks.count("order", order, low=1, high=6)
    checks.positive("distance", distance, "m")
    checks.non_negative("strength", strength, "Hz")
    n = len(bath)
    members = [np.arange(n, dtype=np.int64)[:, None]]
    if order > 1:
        tree = cKDTree(bath.position)
        pairs = tree.query_pairs(distance, output_type="ndarray").astype(np.int64)
        pairs = _strong(bath, pairs, strength)
        first, neighbours = _neighbours(pairs, n)
        members.append(pairs)
        for _ in range(2, order):
            members.append(_grown(members[-1], first, neighbours))
    return Clusters(tuple(members))


def _strong(bath: BathSpins, pairs: Indices, strength: float) -> Indices:
    """Return the pairs whose coupling is large enough."""
    a, b = pairs.T
    away = np.linalg.norm(bath.position[a] - bath.position[b], axis=1)
    if np.any(away == 0.0):
        row = pairs[np.argmin(away)]
        raise InvalidValue(
            f"position must differ from spin to spin, got two at one place, spins "
            f"{row[0]} and {row[1]}; remove one."
        )
    size = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi * away**3)
    enough = size * np.abs(bath.zeeman[a] * bath.zeeman[b]) >= strength
    return np.asarray(pairs[enough])


def _neighbours(pairs: Indices, n: int) -> tuple[Indices, Indices]:
    """Return where the neighbours of each spin begin, and the neighbours."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    first = np.searchsorted(both[:, 0], np.arange(n + 1))
    return first, both[:, 1]


def _grown(rows: Indices, first: Indices, neighbours: Indices) -> Indices:
    """Return all clusters that have one more spin, a neighbour of a member."""
    grown = [np.empty((0, rows.shape[1] + 1), dtype=np.int64)]
    for column in rows.T:
        number = first[column + 1] - first[column]
        parent = np.repeat(np.arange(len(rows)), number)
        place = np.arange(len(parent)) - np.repeat(np.cumsum(number) - number, number)
        new = neighbours[first[column][parent] + place]
        old = rows[parent]
        outside = np.all(old != new[:, None], axis=1)
        grown.append(np.column_stack([old[outside], new[outside]]))
    return _unique(np.sort(np.concatenate(grown), axis=1))


def _unique(rows: Indices) -> Indices:
    if not len(rows):
        return rows
    _, chosen = np.unique(_keys(rows, _largest(rows) + 1), return_index=True)
    return np.ascontiguousarray(rows[chosen])


def _largest(rows: Indices) -> int:
    return int(rows.max(initial=0))


def _keys(rows: Indices, largest: int) -> Indices:
    """Return a number for each row, in the order of the rows."""
    if float(largest) ** rows.shape[1] >= 2.0**63:
        raise InvalidValue(
            f"clusters of {rows.shape[1]} among {largest} spins are too many to "
            "number; lower order or take a smaller bath."
        )
    keys = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        keys = keys * largest + column
    return keys
