"""Races on a clock of our own, so that nothing depends on the machine."""

import gc

import numpy as np
import pytest

from qleap.bench.racing.timing import equal_calls, race


class Clock:
    """A clock that stands still unless work moves it, with drift and noise."""

    def __init__(self, rng: np.random.Generator, noise: float = 0.05) -> None:
        self.now = 0.0
        self._rng = rng
        self._noise = noise

    def work(self, seconds: float) -> None:
        drift = 1.0 + 0.5 * np.sin(self.now / 3.0)  # far larger than the noise
        self.now += seconds * drift * np.exp(self._rng.normal(0.0, self._noise))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> Clock:
    made = Clock(rng)
    monkeypatch.setattr("qleap.bench.racing.timing.perf_counter", lambda: made.now)
    return made


def test_ratio_is_the_time_of_the_second_over_that_of_the_first(
    clock: Clock, rng: np.random.Generator
) -> None:
    result = race(
        lambda: clock.work(0.01), lambda: clock.work(0.03), budget=100.0, rng=rng
    )
    assert result.ratio == pytest.approx(3.0, rel=0.05)
    assert result.low is not None
    assert result.high is not None
    assert result.low < 3.0 < result.high
    assert result.decided
    assert result.pairs == 20


def test_rest_before_each_sample_is_not_timed(
    clock: Clock, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    period = 6.0 * np.pi  # of the clock's drift, which a rest must not change

    def sleep(seconds: float) -> None:
        rests.append(seconds)
        clock.now += seconds

    monkeypatch.setattr("qleap.bench.racing.timing.sleep", sleep)
    result = race(
        lambda: clock.work(0.01),
        lambda: clock.work(0.03),
        budget=1e4,
        rng=rng,
        rest=period,
    )
    assert rests == [period] * 2 * result.pairs
    assert result.ratio == pytest.approx(3.0, rel=0.1)


@pytest.mark.slow
def test_identical_code_is_rarely_called_different(
    clock: Clock, rng: np.random.Generator
) -> None:
    decided = 0
    for _ in range(40):
        same = race(
            lambda: clock.work(0.01), lambda: clock.work(0.01), budget=100.0, rng=rng
        )
        decided += same.decided
    assert decided <= 3  # 1 % of 40, and four standard deviations


@pytest.mark.slow
def test_code_slower_by_a_tenth_is_found(
    clock: Clock, rng: np.random.Generator
) -> None:
    found = 0
    for _ in range(20):
        slow = race(
            lambda: clock.work(0.011), lambda: clock.work(0.01), budget=100.0, rng=rng
        )
        found += slow.decided and slow.high is not None and slow.high < 1.0
    assert found >= 19


def test_pairs_grow_until_the_threshold_is_left_out(
    clock: Clock, rng: np.random.Generator
) -> None:
    result = race(
        lambda: clock.work(0.01),
        lambda: clock.work(0.02),
        thresholds=(2.0,),
        budget=100.0,
        rng=rng,
    )
    assert result.pairs == 180
    assert not result.decided


def test_no_interval_is_claimed_from_a_few_pairs(
    clock: Clock, rng: np.random.Generator
) -> None:
    result = race(lambda: clock.work(1.0), lambda: clock.work(9.0), budget=5.0, rng=rng)
    assert result.pairs < 10
    assert (result.low, result.high, result.decided) == (None, None, False)
    assert result.ratio > 1.0


def test_budget_is_overdrawn_only_to_reach_an_interval(
    clock: Clock, rng: np.random.Generator
) -> None:
    result = race(lambda: clock.work(0.1), lambda: clock.work(0.5), budget=5.0, rng=rng)
    assert result.pairs == 10
    assert result.decided


def test_short_work_is_repeated_within_a_sample(
    clock: Clock, rng: np.random.Generator
) -> None:
    calls = 0

    def quick() -> None:
        nonlocal calls
        calls += 1
        clock.work(1e-5)

    result = race(quick, quick, budget=100.0, rng=rng)
    assert calls > 100 * result.pairs
    assert result.first_s == pytest.approx(1e-5, rel=0.6)  # the drift is 50 %


def test_sides_that_take_about_as_long_are_sampled_for_as_long() -> None:
    assert equal_calls([1e-4, 1.9e-4], 2e-3) == [20, 20]
    assert equal_calls([1e-4, 1e-2], 2e-3) == [20, 1]
    assert equal_calls([0.5, 0.0], 2e-3)[0] == 1


def test_one_disturbed_call_does_not_decide_how_many_make_a_sample(
    clock: Clock, rng: np.random.Generator
) -> None:
    calls = [0, 0]

    def work(side: int) -> None:
        calls[side] += 1
        first_of_one = side == 0 and calls[0] == 1
        clock.work(0.1 if first_of_one else 1e-4)

    result = race(lambda: work(0), lambda: work(1), budget=100.0, rng=rng)
    assert calls[0] == pytest.approx(calls[1], abs=3)
    assert min(calls) > 10 * result.pairs


def test_garbage_collection_is_on_again_after_a_failure(
    rng: np.random.Generator,
) -> None:
    seen = []

    def fail() -> None:
        seen.append(gc.isenabled())
        if len(seen) > 1:
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the type is all there is
        race(fail, fail, budget=1.0, rng=rng)
    assert gc.isenabled()


@pytest.mark.slow
def test_real_work_twice_as_long_is_twice_as_slow(rng: np.random.Generator) -> None:
    values = rng.random(200_000)

    def once() -> None:
        np.sin(values)

    def twice() -> None:
        np.sin(values)
        np.sin(values)

    result = race(once, twice, budget=5.0, rng=rng)
    assert result.ratio == pytest.approx(2.0, rel=0.2)
