"""Clusters against a plain enumeration."""

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.bath import BathSpins, Clusters, find_clusters

CARBON = -10.7084e6


def bath(n: int, rng: np.random.Generator, size: float = 1.2e-9) -> BathSpins:
    """Return spins at random places."""
    return BathSpins(
        position=rng.uniform(-size, size, size=(n, 3)),
        spin=np.full(n, 0.5),
        zeeman=np.full(n, CARBON),
        hyperfine=np.zeros((n, 3, 3)),
    )


def is_connected(rows: tuple[int, ...], bonds: set[tuple[int, int]]) -> bool:
    reached, waiting = {rows[0]}, [rows[0]]
    while waiting:
        here = waiting.pop()
        for there in rows:
            if there not in reached and (min(here, there), max(here, there)) in bonds:
                reached.add(there)
                waiting.append(there)
    return len(reached) == len(rows)


def test_all_connected_clusters_are_found_once(rng: np.random.Generator) -> None:
    spins = bath(14, rng)
    found = find_clusters(spins, order=5, distance=1.3e-9)
    away = np.linalg.norm(spins.position[:, None] - spins.position, axis=-1)
    bonds = {(i, j) for i, j in combinations(range(14), 2) if away[i, j] <= 1.3e-9}
    assert 10 < len(bonds) < 60
    for size in range(1, 6):
        chosen = combinations(range(14), size)
        expected = [rows for rows in chosen if is_connected(rows, bonds)]
        assert_array_equal(found.members[size - 1], np.array(expected))
    assert found.counts == tuple(len(rows) for rows in found.members)


def test_parts_stand_where_the_lists_say(rng: np.random.Generator) -> None:
    found = find_clusters(bath(12, rng), order=4, distance=1.4e-9)
    listed = [tuple(row) for rows in found.members[:3] for row in rows]
    parts = found.parts[3]
    assert parts.shape == (found.counts[3], 14)
    for row, places in zip(found.members[3], parts, strict=True):
        inside = [s for k in (1, 2, 3) for s in combinations(row.tolist(), k)]
        expected = [listed.index(s) if s in listed else -1 for s in inside]
        assert sorted(places) == sorted(expected)


def test_weak_couplings_connect_nothing(rng: np.random.Generator) -> None:
    spins = bath(30, rng)
    size = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi) * CARBON**2
    limit = size / (1.1e-9) ** 3
    by_strength = find_clusters(spins, order=2, distance=1e-8, strength=limit)
    by_distance = find_clusters(spins, order=2, distance=1.1e-9)
    assert by_distance.counts[1] > 5
    assert_array_equal(by_strength.members[1], by_distance.members[1])


def test_two_spins_at_one_place_are_refused(rng: np.random.Generator) -> None:
    spins = bath(3, rng)
    spins.position[2] = spins.position[0]
    with pytest.raises(InvalidValue, match="two at one place, spins 0 and 2"):
        find_clusters(spins, order=2, distance=1e-8)


def test_given_clusters_are_sorted_and_checked() -> None:
    given = Clusters((np.array([[1], [0]]), np.array([[1, 0], [0, 1]])))
    assert given.counts == (2, 1)
    assert_array_equal(given.members[1], [[0, 1]])
    with pytest.raises(InvalidValue, match="different numbers"):
        Clusters((np.array([[0]]), np.array([[1, 1]])))
    with pytest.raises(InvalidValue, match=r"shape \(n, 2\)"):
        Clusters((np.array([[0]]), np.array([[1, 2, 3]])))


def test_a_bath_without_neighbours_has_empty_lists(rng: np.random.Generator) -> None:
    found = find_clusters(bath(4, rng), order=3, distance=1e-12)
    assert found.counts == (4, 0, 0)
    assert found.parts[2].shape == (0, 6)
