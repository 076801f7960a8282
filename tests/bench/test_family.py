"""Many speed criteria: one that fails by chance does not fail the policy."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from qleap.bench.judging.gate import Gate, decide
from qleap.bench.judging.policy import Policy
from qleap.bench.trail.journal import Record

MakeRecord = Callable[..., Record]

WEAK = [0.9] * 17 + [1.1] * 3
"""The sign test's chance is 0.0013, and 0.0039 with three looks."""

SURE, FAST = [0.5] * 20, [2.0] * 20


def gate_of(
    make_record: MakeRecord, now: datetime, *ratios: list[float] | None, **asked: Any
) -> Gate:
    """Return the gate over one speed criterion for each list of ratios."""
    criteria = [
        {
            "id": f"X-1.{i}",
            "title": "t",
            "measurement": f"x.y.case{i}",
            "statistic": "speed_ratio",
            "peer": "P",
            "operator": ">=",
            "threshold": 1.0,
            "unit": "1",
            "evidence": "simulated",
            "max_age_days": 30,
            "citation": "c",
            "status": "provisional",
        }
        | (asked if i == 0 else {})
        for i in range(len(ratios))
    ]
    level = {"title": "t", "criteria": criteria}
    policy = Policy.model_validate(
        {"domain": "x", "title": "X", "target": 1, "levels": {1: level}}
    )
    records = []
    for i, pairs in enumerate(ratios):
        middle = 0.9 if pairs is None else sorted(pairs)[len(pairs) // 2]
        facts: dict[str, Any] = {} if pairs is None else {"ratios": pairs}
        for peer in asked.get("peers", ["P"]) if i == 0 else ["P"]:
            record = make_record(
                name=f"x.y.case{i}",
                kind="speed",
                peer=peer,
                ratio=middle,
                low=0.99 * middle,
                high=1.01 * middle,
                pairs=20,
                **facts,
            )
            records.append(record)
    return decide(policy, records, now=now)


@pytest.mark.parametrize(
    ("ratios", "verdicts", "outcome"),
    [
        ([WEAK], ["FAIL"], "fail"),
        ([WEAK, FAST], ["FAIL", "PASS"], "fail"),
        ([WEAK, FAST, FAST], ["INCONCLUSIVE", "PASS", "PASS"], "inconclusive"),
        ([WEAK, SURE, SURE], ["FAIL", "FAIL", "FAIL"], "fail"),  # step by step
        ([WEAK, SURE, FAST, FAST], ["INCONCLUSIVE", "FAIL", "PASS", "PASS"], "fail"),
        ([None, FAST, FAST], ["FAIL", "PASS", "PASS"], "fail"),  # no pairs kept
    ],
)
def test_failure_counts_where_it_stands_out_among_all_speed_criteria(
    make_record: MakeRecord,
    now: datetime,
    ratios: list[list[float] | None],
    verdicts: list[str],
    outcome: str,
) -> None:
    gate = gate_of(make_record, now, *ratios)
    assert [one.verdict for one in gate.judged] == verdicts
    assert gate.outcome == outcome
    doubted = gate.judged[0]
    if doubted.verdict == "INCONCLUSIVE":
        assert f"beyond doubt among {len(ratios)} speed criteria" in doubted.reason
        assert doubted.p_value is not None
        assert doubted.p_value > 0.01


def test_every_peer_of_a_criterion_counts(
    make_record: MakeRecord, now: datetime
) -> None:
    several = {"peer": None, "peers": ["P", "Q", "R"]}
    gate = gate_of(make_record, now, WEAK, **several)
    assert gate.judged[0].verdict == "INCONCLUSIVE"
    assert "among 3 speed criteria" in gate.judged[0].reason
