"""Series of stored values: what lies in one, and where it steps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from qleap.bench.trail.journal import Record, Run
from qleap.bench.trail.trend import environment_of, sparkline, trends

MakeRecord = Callable[..., Record]

FACTS: dict[str, Any] = {
    "cpu": "Fast 1",
    "cores": 2,
    "kernel_threads": 2,
    "load": 0.3,
    "blas": "openblas 0.3",
    "python": "3.11.2",
    "versions": {"qleap": "0.1", "numpy": "2.1.3", "scipy": "1.14.0"},
    "git": {"commit": "c0", "dirty": False},
}


@pytest.fixture
def make_run(now: datetime) -> Callable[..., Run]:
    count = iter(range(1, 1000))

    def make(profile: str = "quick", **changed: Any) -> Run:
        return Run(
            id=f"{next(count):032d}",
            started=now,
            finished=now,
            profile=profile,
            environment=FACTS | changed,
            status="finished",
            records=1,
        )

    return make


@pytest.fixture
def speed(make_record: MakeRecord) -> Callable[..., Record]:
    def make(run: Run, ratio: float, **more: Any) -> Record:
        facts = {"kind": "speed", "peer": "P", "peer_version": "1.0", "threads": 1}
        ends = {"ratio": ratio, "low": 0.9 * ratio, "high": 1.1 * ratio}
        return make_record(**(facts | ends | more), run_id=run.id)

    return make


@pytest.mark.parametrize(
    ("changed", "apart"),
    [
        ({"load": 9.0}, False),
        ({"versions": FACTS["versions"] | {"qleap": "0.2"}}, False),
        ({"versions": FACTS["versions"] | {"numpy": "2.1.9"}}, False),
        ({"versions": FACTS["versions"] | {"numpy": "2.2.0"}}, True),
        ({"git": {"commit": "c1", "dirty": True}}, False),
        ({"profile": "quick toy.sums"}, False),
        ({"profile": "full"}, True),
        ({"cpu": "Fast 2"}, True),
        ({"cores": 4}, True),
        ({"blas": "mkl"}, True),
        ({"python": "3.12.0"}, True),
    ],
)
def test_environment_splits_what_cannot_be_compared(
    make_run: Callable[..., Run],
    speed: Callable[..., Record],
    changed: dict[str, Any],
    apart: bool,
) -> None:
    runs = [make_run(), make_run(**changed)]
    records = [speed(run, 2.0) for run in runs]
    assert len(trends(records, runs)) == 1 + apart


def test_peers_their_versions_devices_and_units_are_apart(
    make_run: Callable[..., Run],
    make_record: MakeRecord,
    speed: Callable[..., Record],
) -> None:
    run = make_run()
    records = [
        speed(run, 2.0),
        speed(run, 2.0, peer="Q"),
        speed(run, 2.0, peer_version="1.1"),
        make_record(value=1.0, run_id=run.id),
        make_record(value=1.0, unit="T", run_id=run.id),
        make_record(value=1.0, device="hydra", run_id=run.id),
        make_record(value=1.0, status="error", run_id=run.id),
        make_record(value=1.0, run_id="unknown"),
    ]
    found = trends(records, [run])
    assert [len(one.values) for one in found] == [1] * 6
    assert {(one.peer, one.device, one.unit) for one in found} == {
        ("P", None, "1"),
        ("Q", None, "1"),
        (None, None, "1"),
        (None, None, "T"),
        (None, "hydra", "1"),
    }


def test_step_names_levels_and_commits(
    make_run: Callable[..., Run],
    speed: Callable[..., Record],
    rng: np.random.Generator,
) -> None:
    gits = [{"commit": f"c{k}", "dirty": k == 12} for k in range(20)]
    runs = [make_run(git=git) for git in gits]
    ratios = np.exp(0.01 * rng.normal(size=20)) * np.where(np.arange(20) < 12, 2.0, 1.7)
    records = [speed(run, ratio) for run, ratio in zip(runs, ratios, strict=True)]
    (trend,) = trends(records, runs)
    (step,) = trend.steps
    assert (step.index, step.commit_before, step.commit_after) == (12, "c11", "c12+")
    assert step.before == pytest.approx(2.0, rel=0.01)
    assert step.after == pytest.approx(1.7, rel=0.01)
    assert (trend.better, trend.unit) == ("higher", "1")
    assert trend.low == tuple(0.9 * ratio for ratio in ratios)


def test_order_is_that_of_the_trail_when_the_clock_went_back(
    make_run: Callable[..., Run], make_record: MakeRecord, now: datetime
) -> None:
    runs = [make_run() for _ in range(3)]
    records = [
        make_record(value=float(k), created=now - timedelta(days=k), run_id=run.id)
        for k, run in enumerate(runs)
    ]
    (trend,) = trends(records, runs)
    assert trend.values == (0.0, 1.0, 2.0)


def test_filed_measurements_lie_in_the_order_of_their_dates(
    make_run: Callable[..., Run], make_record: MakeRecord
) -> None:
    runs = [make_run(cpu="one"), make_run(cpu="other")]
    source = {"instrument": "microscope", "site": "Osaka", "sha256": "0"}
    records = [
        make_record(
            value=float(day),
            source=source,
            measured_at=f"2026-01-{day:02d}T00:00:00+00:00",
            evidence="recorded-lab-data",
            run_id=run.id,
        )
        for day, run in zip((9, 3), runs, strict=True)
    ]
    (trend,) = trends(records, runs)
    assert trend.values == (3.0, 9.0)
    assert trend.environment == {"instrument": "microscope", "site": "Osaka"}
    assert trend.times[0].day == 3


def test_deviation_is_better_when_lower_and_a_value_says_nothing(
    make_run: Callable[..., Run], make_record: MakeRecord
) -> None:
    run = make_run()
    records = [
        make_record("a.b.deviation", value=1e-9, prediction=0.0, run_id=run.id),
        make_record("a.b.value", value=3.0, prediction=3.1, run_id=run.id),
    ]
    assert [one.better for one in trends(records, [run])] == ["lower", "none"]


def test_own_threads_of_a_race_are_part_of_the_environment(
    make_run: Callable[..., Run], speed: Callable[..., Record]
) -> None:
    run = make_run()
    found = environment_of(speed(run, 1.0, threads=1), run)
    assert found["kernel_threads"] == "1"
    assert found["numpy"] == "2.1"
    assert "qleap" not in found


def test_sparkline_spans_its_bars_on_a_logarithmic_scale() -> None:
    assert sparkline([1.0, 10.0, 100.0]) == "▁▅█"
    assert sparkline([-1.0, 1.0]) == "▁█"
    assert sparkline([2.0, 2.0]) == "▅▅"
    assert sparkline([]) == ""
    assert len(sparkline([float(k) for k in range(1, 90)])) == 40
