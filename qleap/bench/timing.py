"""Two callables timed in randomised interleaved pairs.

Times of identical code drift by tens of per cent between two measurements on a
busy machine; inside a pair the drift is common and cancels in the ratio.
"""

import contextlib
import gc
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import Any

import numpy as np

from qleap.bench.statistics import LOOKS, MIN_PAIRS, median_interval, per_look

__all__ = ["REST", "Race", "race", "timed"]

MIN_SAMPLE = 2e-3
"""Seconds that one sample lasts at least, so that the clock's grain is invisible."""

REST = 0.01
"""Seconds after which OpenMP's idle threads sleep; GNU's spin for a few thousandths."""

Work = Callable[[], Any]


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
    """

    ratio: float
    low: float | None
    high: float | None
    pairs: int
    decided: bool
    first_s: float
    second_s: float


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
    begin = perf_counter()
    works = (first, second)
    repeats = [_repeats(work) for work in works]
    times: list[list[float]] = [[], []]
    with _without_gc():
        for look in LOOKS:
            while len(times[0]) < look:
                if _is_over(len(times[0]), perf_counter() - begin, budget):
                    return _result(times, thresholds, rng)
                for i in rng.permutation(2):
                    sleep(rest)
                    times[i].append(_sample(works[i], repeats[i]))
            result = _result(times, thresholds, rng)
            if result.decided:
                break
    return result


def timed(work: Work) -> tuple[Any, float]:
    """Return what ``work`` returns, and the seconds of this one call."""
    begin = perf_counter()
    value = work()
    return value, perf_counter() - begin


def _is_over(pairs: int, elapsed: float, budget: float) -> bool:
    """Return whether the time is up; an interval is worth as much again."""
    return pairs > 0 and elapsed > budget * (2.0 if pairs < MIN_PAIRS else 1.0)


def _result(
    times: list[list[float]], thresholds: Sequence[float], rng: np.random.Generator
) -> Race:
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
    )


def _repeats(work: Work) -> int:
    """Return how many calls make one sample."""
    _, seconds = timed(work)
    return max(1, math.ceil(MIN_SAMPLE / max(seconds, 1e-7)))


def _sample(work: Work, repeats: int) -> float:
    begin = perf_counter()
    for _ in range(repeats):
        work()
    return (perf_counter() - begin) / repeats


@contextlib.contextmanager
def _without_gc() -> Iterator[None]:
    """Keep the collector from striking one side of a pair."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
