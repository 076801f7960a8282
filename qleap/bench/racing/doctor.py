"""What this machine can see: identical code raced against itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np

from qleap.bench.fingerprint import usable_cores
from qleap.bench.racing.duel import Duel
from qleap.bench.racing.outcomes import Rules
from qleap.bench.racing.sides import Side
from qleap.bench.racing.timing import REST, race
from qleap.bench.racing.yardsticks import LIVE_SUITE, loads
from qleap.core import progress

__all__ = ["Finding", "examine", "examine_live"]

RACES = 5
BUDGET = 3.0
"""Seconds for each race."""

THREADS = 2


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


class _Interval(Protocol):
    """What a race and a change have in common."""

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...


def examine(seed: int = 0) -> list[Finding]:
    """Race work of several kinds, each against itself, in this process."""
    rng = np.random.default_rng(seed)
    kinds = loads(min(THREADS, usable_cores()))
    with progress.bar("doctor", len(kinds) * RACES) as bar:
        found = []
        for load in kinds:
            rest = REST if load.threads > 1 else 0.0
            load.work()  # compiles
            races = []
            for _ in range(RACES):
                one = race(load.work, load.work, budget=BUDGET, rng=rng, rest=rest)
                races.append(one)
                bar.advance(note=load.name)
            pairs = max(one.pairs for one in races)
            found.append(_finding(load.name, races, pairs))
    return found


def examine_live(races: int = RACES) -> Finding:
    """Race the same work in two live workers, as `compare` does with revisions."""
    name = "arithmetic in the cache, two live workers"
    with TemporaryDirectory() as place:
        suite = Path(place) / "benchmarks" / "doctor" / "live.py"
        suite.parent.mkdir(parents=True)
        suite.write_text(LIVE_SUITE, encoding="utf-8")
        rules = Rules(budget=BUDGET, folder=suite.parents[1])
        sides = (Side(label="first"), Side(label="second"))
        duel = Duel(sides, rules, lambda *_: None, Path(place))
        (case,) = duel.listed("doctor")[0]["cases"]
        with progress.bar("doctor", races) as bar:
            changes = []
            for _ in range(races):
                changes.append(duel.speed(case, 1))
                bar.advance(note=name)
    return _finding(name, changes, max(one.pairs or 0 for one in changes))


def _finding(load: str, races: Iterable[_Interval], pairs: int) -> Finding:
    every = list(races)
    ends = [
        (one.low, one.high)
        for one in every
        if one.low is not None and one.high is not None
    ]
    widest = max((max(high, 1.0 / low) for low, high in ends), default=None)
    return Finding(
        load=load,
        smallest_change=None if widest is None else widest - 1.0,
        false_alarms=sum(not low <= 1.0 <= high for low, high in ends),
        races=len(every),
        pairs=pairs,
    )
