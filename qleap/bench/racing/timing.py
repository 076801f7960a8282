"""Two callables timed in randomised interleaved pairs.

Times of identical code drift by tens of per cent between two measurements on a
busy machine; inside a pair the drift is common and cancels in the ratio.
"""

import contextlib
import gc
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter, sleep
from typing import Any

import numpy as np

from qleap.bench.racing.statistics import LOOKS, MIN_PAIRS, median_interval, per_look

__all__ = [
    "REST",
    "TRIALS",
    "TRIAL_TIME",
    "Race",
    "Sampler",
    "equal_calls",
    "race",
    "race_samples",
    "result_of",
    "timed",
    "without_gc",
]

MIN_SAMPLE = 2e-3
"""Seconds that one sample lasts at least, so that the clock's grain is invisible."""

TRIALS = 5
TRIAL_TIME = 0.25
"""Calls and seconds of them that tell how many make a sample: one may be disturbed."""

ALIKE = 2.0
"""Sides whose times differ by no more than this factor are sampled for as long."""

REST = 0.01
"""Seconds after which OpenMP's idle threads sleep; GNU's spin for a few thousandths."""

Work = Callable[[], Any]

Sampler = Callable[[], float]
"""Does its work once or several times and returns the seconds of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Race:
    """How many times faster the first callable is than the second.

    Parameters
    ----------
    ratio : float
        exp(median log(second / first)); above one where the first is faster.
    low, high : float or None
        99 % interval; None with fewer than `MIN_PAIRS` pairs.
    pairs : int
        Number of pairs timed.
    decided : bool
        Whether the interval leaves out every threshold.
    first_s, second_s : float
        Median time of one call in steady state, s.
    ratios : tuple of float
        Of each pair, in the order in which they were timed.
    """

    ratio: float
    low: float | None
    high: float | None
    pairs: int
    decided: bool
    first_s: float
    second_s: float
    ratios: tuple[float, ...] = ()


def race(
    first: Work,
    second: Work,
    *,
    thresholds: Sequence[float] = (1.0,),
    budget: float,
    rng: np.random.Generator,
    rest: float = 0.0,
) -> Race:
    """Time pairs, 20 -> 60 -> 180, until the ratio is decided or the budget ends.

    Parameters
    ----------
    first, second : callable
        Both already called once, so that nothing compiles here.
    thresholds : sequence of float
        Ratios of interest; the race is decided when its interval holds none.
    budget : float
        Seconds after which no further pair starts; twice that where fewer than
        `MIN_PAIRS` are timed, and one pair always.
    rng : numpy.random.Generator
        Draws which of a pair goes first, and the bootstrap.
    rest : float
        Seconds to wait before each sample, so that threads of the other side that
        spin in the hope of more work have gone to sleep.

    Returns
    -------
    Race
    """
    works = (first, second)
    calls = equal_calls([_seconds(work) for work in works], MIN_SAMPLE)
    samplers = [partial(_sample, *one) for one in zip(works, calls, strict=True)]
    with without_gc():
        return race_samples(
            samplers, thresholds=thresholds, budget=budget, rng=rng, rest=rest
        )


def race_samples(
    samplers: Sequence[Sampler],
    *,
    thresholds: Sequence[float] = (1.0,),
    budget: float,
    rng: np.random.Generator,
    rest: float = 0.0,
    is_enough: Callable[[Race], bool] = lambda race: race.decided,
    times: tuple[list[float], list[float]] | None = None,
    settle: Callable[[], None] = lambda: None,
) -> Race:
    """Time pairs as `race` does, of whatever times itself: work in other processes.

    Parameters
    ----------
    samplers : sequence of two callables
        Each returns the seconds of one call of its side.
    thresholds, budget, rng, rest :
        As in `race`.
    is_enough : callable
        Asked at each look; by default the race ends where it is decided.
    times : tuple of two lists, optional
        Where the times go, so that they are kept where this is interrupted.
    settle : callable
        Called before each pair.

    Returns
    -------
    Race
    """
    begin = perf_counter()
    kept = ([], []) if times is None else times
    for look in LOOKS:
        while len(kept[0]) < look:
            if _is_over(len(kept[0]), perf_counter() - begin, budget):
                return result_of(kept, thresholds, rng)
            settle()
            _time_pair(samplers, kept, rng, rest)
        result = result_of(kept, thresholds, rng)
        if is_enough(result):
            break
    return result


def _time_pair(
    samplers: Sequence[Sampler],
    times: tuple[list[float], list[float]],
    rng: np.random.Generator,
    rest: float,
) -> None:
    """Time both sides in an order drawn at random; half a pair is never kept."""
    pair = [0.0, 0.0]
    for i in rng.permutation(2):
        sleep(rest)
        pair[i] = samplers[i]()
    times[0].append(pair[0])
    times[1].append(pair[1])


def timed(work: Work) -> tuple[Any, float]:
    """Return what ``work`` returns, and the seconds of this one call."""
    begin = perf_counter()
    value = work()
    return value, perf_counter() - begin


def _is_over(pairs: int, elapsed: float, budget: float) -> bool:
    """Return whether the time is up; an interval is worth as much again."""
    return pairs > 0 and elapsed > budget * (2.0 if pairs < MIN_PAIRS else 1.0)


def result_of(
    times: tuple[list[float], list[float]],
    thresholds: Sequence[float],
    rng: np.random.Generator,
) -> Race:
    """Return what the times of both sides, at least one pair, say."""
    first, second = np.array(times)
    log_ratio = np.log(second / first)
    low = high = None
    decided = False
    if log_ratio.size >= MIN_PAIRS:
        ends = median_interval(log_ratio, confidence=per_look(), rng=rng)
        low, high = math.exp(ends[0]), math.exp(ends[1])
        decided = not any(low <= threshold <= high for threshold in thresholds)
    return Race(
        ratio=math.exp(float(np.median(log_ratio))),
        low=low,
        high=high,
        pairs=log_ratio.size,
        decided=decided,
        first_s=float(np.median(first)),
        second_s=float(np.median(second)),
        ratios=tuple(float(f"{one:.5g}") for one in second / first),
    )


def equal_calls(seconds: Sequence[float], sample: float) -> list[int]:
    """Return how many calls of each side make one sample of at least ``sample`` s.

    Sides that take about as long get as many: the longer a sample, the surer another
    program interrupts it, and a difference would look like one of speed.
    """
    calls = [max(1, math.ceil(sample / max(one, 1e-7))) for one in seconds]
    alike = max(seconds) <= ALIKE * min(seconds)
    return [max(calls)] * len(calls) if alike else calls


def _seconds(work: Work) -> float:
    """Return how long a call takes, the least of a few where that is short."""
    found = [timed(work)[1]]
    while len(found) < TRIALS and sum(found) < TRIAL_TIME:
        found.append(timed(work)[1])
    return min(found)


def _sample(work: Work, repeats: int) -> float:
    begin = perf_counter()
    for _ in range(repeats):
        work()
    return (perf_counter() - begin) / repeats


@contextlib.contextmanager
def without_gc() -> Iterator[None]:
    """Keep the collector from striking one side of a pair."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
