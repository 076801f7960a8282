"""What this machine can see: identical code raced against itself."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qleap.bench.timing import Race, race
from qleap.core import progress

__all__ = ["Finding", "examine"]

RACES = 5
BUDGET = 3.0
"""Seconds for each race."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """How identical code looks when raced against itself.

    Parameters
    ----------
    load : str
        What kind of work was timed.
    smallest_change : float or None
        The smallest relative change of speed that stands out; None where the
        budget ended before any interval existed.
    false_alarms : int
        Races whose 99 % interval left out 1, of ``races``.
    races : int
    pairs : int
        Pairs in each race.
    """

    load: str
    smallest_change: float | None
    false_alarms: int
    races: int
    pairs: int


def examine(seed: int = 0) -> list[Finding]:
    """Race work in the cache, and work in main memory, each against itself."""
    rng = np.random.default_rng(seed)
    small, large = rng.random(20_000), rng.random(4_000_000)
    loads: dict[str, Callable[[], object]] = {
        "arithmetic in the cache": lambda: np.sin(small),
        "streaming through main memory": lambda: large + 1.0,
    }
    with progress.bar("doctor", len(loads) * RACES) as bar:
        found = []
        for load, work in loads.items():
            races = []
            for _ in range(RACES):
                races.append(race(work, work, budget=BUDGET, rng=rng))
                bar.advance(note=load)
            found.append(_finding(load, races))
    return found


def _finding(load: str, races: list[Race]) -> Finding:
    ends = [
        max(one.high, 1.0 / one.low)
        for one in races
        if one.low is not None and one.high is not None
    ]
    return Finding(
        load=load,
        smallest_change=max(ends) - 1.0 if ends else None,
        false_alarms=sum(one.decided for one in races),
        races=len(races),
        pairs=max(one.pairs for one in races),
    )
