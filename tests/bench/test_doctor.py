"""Identical code raced against itself."""

from collections.abc import Callable
from typing import Any

import pytest

from qleap.bench.racing import doctor
from qleap.bench.racing.timing import Race
from qleap.bench.racing.yardsticks import Load, loads


def races_of(low: float | None, high: float | None) -> Callable[..., Race]:
    def run(*_: Any, **__: Any) -> Race:
        return Race(
            ratio=1.0,
            low=low,
            high=high,
            pairs=180,
            decided=low is not None and low > 1.0,
            first_s=1.0,
            second_s=1.0,
        )

    return run


@pytest.mark.parametrize(
    ("low", "high", "change", "alarms"),
    [
        (0.9, 1.05, 1 / 0.9 - 1, 0),
        (0.99, 1.05, 0.05, 0),
        (1.01, 1.05, 0.05, 5),
        (None, None, None, 0),
    ],
)
def test_smallest_change_is_the_far_end_of_the_widest_interval(
    monkeypatch: pytest.MonkeyPatch,
    low: float | None,
    high: float | None,
    change: float | None,
    alarms: int,
) -> None:
    monkeypatch.setattr(doctor, "race", races_of(low, high))
    load = Load(name="nothing", work=lambda: None)
    monkeypatch.setattr(doctor, "loads", lambda _: [load])
    for finding in doctor.examine():
        assert finding.smallest_change == pytest.approx(change)
        assert (finding.false_alarms, finding.races) == (alarms, 5)


@pytest.mark.slow
def test_two_live_workers_of_our_own_code_are_compared() -> None:
    finding = doctor.examine_live(races=1)
    assert finding.pairs >= 1
    assert finding.races == 1


@pytest.mark.slow
def test_loads_cover_cache_memory_transforms_and_kernels_on_one_and_two_threads() -> (
    None
):
    found = loads(2)
    assert [one.threads for one in found] == [1, 1, 1, 1, 2, 2]
    for one in found:
        one.work()
