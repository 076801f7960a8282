"""The verdict on one criterion."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from qleap.bench.judging.policy import Criterion
from qleap.bench.judging.selection import Evidences
from qleap.bench.judging.verdict import Judged, judge
from qleap.bench.trail.journal import Record

MakeRecord = Callable[..., Record]


def criterion(**changes: Any) -> Criterion:
    facts: dict[str, Any] = {
        "id": "X-1.1",
        "title": "t",
        "measurement": "a.b.c",
        "operator": "<=",
        "threshold": 1.0,
        "unit": "1",
        "evidence": "simulated",
        "max_age_days": 30,
        "citation": "c",
        "status": "provisional",
    }
    return Criterion.model_validate(facts | changes)


def speed(**changes: Any) -> Criterion:
    facts = {"statistic": "speed_ratio", "peer": "P", "operator": ">="}
    return criterion(**(facts | changes))


@pytest.mark.parametrize(
    ("operator", "value", "low", "high", "verdict"),
    [
        ("<=", 0.5, None, None, "PASS"),
        ("<=", 1.0, None, None, "PASS"),
        ("<=", 1.5, None, None, "FAIL"),
        ("<=", 0.5, 0.4, 0.6, "PASS"),
        ("<=", 0.5, 0.4, 1.1, "INCONCLUSIVE"),
        ("<=", 1.2, 0.9, 1.5, "INCONCLUSIVE"),
        ("<=", 1.2, 1.1, 1.5, "FAIL"),
        (">=", 0.5, None, None, "FAIL"),
        (">=", 1.0, None, None, "PASS"),
        (">=", 1.5, 1.2, 1.9, "PASS"),
        (">=", 1.5, 0.9, 1.9, "INCONCLUSIVE"),
        (">=", 0.5, 0.1, 0.9, "FAIL"),
    ],
)
def test_verdict_follows_from_the_whole_interval(
    make_record: MakeRecord,
    now: datetime,
    operator: str,
    value: float,
    low: float | None,
    high: float | None,
    verdict: str,
) -> None:
    record = make_record(value=value, low=low, high=high)
    judged = judge(criterion(operator=operator), 1, Evidences([record]), now)
    assert judged.verdict == verdict


def verdict_of(asked: Criterion, now: datetime, *records: Record) -> Judged:
    return judge(asked, 1, Evidences(records), now)


def test_nothing_measured_is_missing(now: datetime) -> None:
    judged = verdict_of(criterion(prediction=0.2), now)
    assert (judged.verdict, judged.prediction) == ("MISSING", 0.2)
    assert "nothing has been measured" in judged.reason


@pytest.mark.parametrize(("days", "verdict"), [(29.9, "PASS"), (30.1, "STALE")])
def test_old_evidence_is_stale(
    make_record: MakeRecord, now: datetime, days: float, verdict: str
) -> None:
    record = make_record(value=0.5, created=now - timedelta(days=days))
    assert verdict_of(criterion(), now, record).verdict == verdict


@pytest.mark.parametrize(("days", "verdict"), [(0.9, "PASS"), (400.0, "STALE")])
def test_evidence_from_the_future_does_not_stay_young(
    make_record: MakeRecord, now: datetime, days: float, verdict: str
) -> None:
    record = make_record(value=0.5, created=now + timedelta(days=days))
    judged = verdict_of(criterion(), now, record)
    assert judged.verdict == verdict
    assert ("dated 400 days ahead" in judged.reason) == (verdict == "STALE")


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("analytic", "MISSING"),
        ("simulated", "MISSING"),
        ("simulated-from-calibration", "PASS"),
        ("recorded-lab-data", "PASS"),
        ("field", "PASS"),
    ],
)
def test_weaker_evidence_does_not_count(
    make_record: MakeRecord, now: datetime, given: str, verdict: str
) -> None:
    asked = criterion(evidence="simulated-from-calibration")
    judged = verdict_of(asked, now, make_record(value=0.5, evidence=given))
    assert judged.verdict == verdict
    assert ("insufficient evidence" in judged.reason) == (verdict == "MISSING")


def test_value_in_another_unit_does_not_count(
    make_record: MakeRecord, now: datetime
) -> None:
    judged = verdict_of(criterion(unit="T"), now, make_record(value=0.5))
    assert judged.verdict == "MISSING"
    assert judged.reason == "the case measures in 1, the criterion asks for T"


def test_error_hides_what_was_measured_before(
    make_record: MakeRecord, now: datetime
) -> None:
    good, bad = make_record(value=0.5), make_record(status="error", reason="boom")
    assert verdict_of(criterion(), now, good, bad).verdict == "MISSING"
    assert verdict_of(criterion(), now, bad, good).verdict == "PASS"


def test_skipped_case_hides_nothing_and_gives_its_reason(
    make_record: MakeRecord, now: datetime
) -> None:
    good, skipped = make_record(value=0.5), make_record(status="skipped", reason="far")
    assert verdict_of(criterion(), now, good, skipped).verdict == "PASS"
    assert verdict_of(criterion(), now, skipped).reason == "skipped: far"


def test_wrong_result_fails_whatever_its_speed(
    make_record: MakeRecord, now: datetime
) -> None:
    wrong = make_record(kind="speed", peer="P", status="wrong", reason="differs by 1")
    assert verdict_of(speed(), now, wrong).verdict == "FAIL"


def test_speed_is_judged_beside_the_named_peer(
    make_record: MakeRecord, now: datetime
) -> None:
    slow = make_record(kind="speed", peer="P", ratio=0.5, low=0.4, high=0.6, pairs=20)
    fast = make_record(kind="speed", peer="Q", ratio=5.0, low=4.0, high=6.0, pairs=20)
    assert verdict_of(speed(), now, slow, fast).verdict == "FAIL"
    assert verdict_of(speed(peer="Q"), now, slow, fast).verdict == "PASS"
    assert verdict_of(speed(peer="R"), now, slow, fast).verdict == "MISSING"


def test_speed_without_an_interval_decides_nothing(
    make_record: MakeRecord, now: datetime
) -> None:
    record = make_record(kind="speed", peer="P", ratio=9.0, pairs=3)
    assert verdict_of(speed(), now, record).verdict == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("peers", "verdict", "reason"),
    [
        (["slow", "fast"], "PASS", "fast: meets ≥ 2"),
        (["slow", "fast", "faster"], "FAIL", "faster: misses ≥ 2"),
        (["slow", "close"], "INCONCLUSIVE", "close: the interval straddles 2"),
        (["slow", "absent"], "MISSING", "absent: nothing has been measured"),
        # The fastest that was measured is fast enough to miss whatever is missing.
        (["absent", "faster"], "FAIL", "faster: misses ≥ 2"),
        (["slow", "elsewhere"], "MISSING", "the peers were measured in different runs"),
    ],
)
def test_speed_beside_several_is_judged_by_the_fastest(
    make_record: MakeRecord,
    now: datetime,
    peers: list[str],
    verdict: str,
    reason: str,
) -> None:
    ratios = {"slow": 9.0, "fast": 3.0, "close": 2.0, "faster": 1.0, "elsewhere": 4.0}
    records = [
        make_record(
            kind="speed",
            peer=name,
            ratio=ratio,
            low=ratio / 1.1,
            high=ratio * 1.1,
            pairs=20,
        )
        for name, ratio in ratios.items()
    ]
    records[-1] = replace(records[-1], run_id="1" * 32)
    asked = speed(peer=None, peers=peers, threshold=2.0)
    judged = verdict_of(asked, now, *records)
    assert (judged.verdict, judged.reason) == (verdict, reason)
    assert judged.criterion is asked
    if verdict != "MISSING":
        assert judged.value == min(ratios.get(name, 9.0) for name in peers)


@pytest.mark.parametrize(("ratio", "said"), [(9.0, "meets ≥ 8"), (5.0, "misses ≥ 8")])
def test_aim_is_said_and_decides_nothing(
    make_record: MakeRecord, now: datetime, ratio: float, said: str
) -> None:
    record = make_record(
        kind="speed", peer="P", ratio=ratio, low=ratio, high=ratio, pairs=20
    )
    judged = verdict_of(speed(threshold=4.0, aim=8.0), now, record)
    assert (judged.verdict, judged.reason) == ("PASS", f"meets ≥ 4; aim: {said}")


def test_failure_before_meeting_the_peers_hides_them_all(
    make_record: MakeRecord, now: datetime
) -> None:
    fast = make_record(kind="speed", peer="P", ratio=5.0, low=4.0, high=6.0, pairs=20)
    broken = make_record(kind="speed", status="error", reason="boom")
    judged = verdict_of(speed(), now, fast, broken)
    assert (judged.verdict, judged.reason) == ("MISSING", "error: boom")


@pytest.mark.parametrize(
    ("prediction", "value", "low", "high", "said"),
    [
        (None, 0.5, None, None, ""),
        (0.0, 1e-3, None, None, "agrees"),  # nearer than the threshold
        (0.0, 1.5, None, None, "differs"),
        (0.9, 0.5, None, None, "differs"),  # passes, yet not as predicted
        (0.9, 0.5, 0.4, 0.95, "agrees"),  # inside the interval
    ],
)
def test_agreement_is_between_prediction_and_measured_value(
    make_record: MakeRecord,
    now: datetime,
    prediction: float | None,
    value: float,
    low: float | None,
    high: float | None,
    said: str,
) -> None:
    record = make_record(value=value, low=low, high=high, prediction=prediction)
    assert verdict_of(criterion(), now, record).agreement == said
