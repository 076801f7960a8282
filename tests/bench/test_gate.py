"""From verdicts to level, outcome, recommendation and decision."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from qleap.bench.judging.decision import decisions, record_decision
from qleap.bench.judging.gate import EXIT_CODES, Gate, decide, worst
from qleap.bench.judging.policy import Policy
from qleap.bench.trail.journal import Journal, Record
from qleap.core.errors import InvalidValue

MakeRecord = Callable[..., Record]


def policy(levels: int = 5, each: int = 1, **changes: Any) -> Policy:
    def criterion(level: int, k: int) -> dict[str, Any]:
        return {
            "id": f"X-{level}.{k}",
            "title": "t",
            "measurement": f"x.level{level}.case{k}",
            "operator": "<=",
            "threshold": 1.0,
            "unit": "1",
            "evidence": "analytic",
            "max_age_days": 30,
            "citation": "c",
            "status": "provisional",
            "critical": changes.get("critical") == f"X-{level}.{k}",
        }

    return Policy.model_validate(
        {
            "domain": "x",
            "title": "X",
            "target": min(3, levels),
            "levels": {
                n: {"title": "t", "criteria": [criterion(n, k) for k in range(each)]}
                for n in range(1, levels + 1)
            },
        }
    )


@pytest.fixture
def gate_of(make_record: MakeRecord, now: datetime) -> Callable[..., Gate]:
    """Return a function from the values of the criteria, in order, to the gate."""

    def gate(
        asked: Policy,
        *values: float | None,
        evidence: str = "simulated",
        target: int | None = None,
    ) -> Gate:
        records = [
            make_record(name=one.measurement, value=value, evidence=evidence)
            for one, value in zip(asked.criteria(), values, strict=False)
            if value is not None
        ]
        return decide(asked, records, now=now, target=target)

    return gate


GateOf = Callable[..., Gate]


def test_level_needs_all_levels_below(gate_of: GateOf) -> None:
    gate = gate_of(policy(), 0.5, None, 0.5)
    assert gate.reached == 1
    assert [one.state for one in gate.levels][:4] == [
        "reached",
        "open",
        "blocked",
        "open",
    ]


def test_simulation_alone_never_awards_more_than_three(gate_of: GateOf) -> None:
    gate = gate_of(policy(), *[0.5] * 5, target=5)
    assert gate.reached == 3
    assert gate.label == "model readiness"
    assert gate.levels[3].state == "capped"
    assert gate.outcome == "insufficient"


@pytest.mark.parametrize("kind", ["recorded-lab-data", "live-hardware", "field"])
def test_device_evidence_is_not_capped(gate_of: GateOf, kind: str) -> None:
    gate = gate_of(policy(), *[0.5] * 5, evidence=kind, target=5)
    assert (gate.reached, gate.outcome) == (5, "pass")
    assert gate.label == f"rests on {kind}"


def test_one_recording_among_models_makes_no_rung_rest_on_it(
    make_record: MakeRecord, now: datetime
) -> None:
    asked = policy()
    kinds = ["simulated", "recorded-lab-data", "analytic"]
    records = [
        make_record(name=one.measurement, value=0.5, evidence=kind)
        for one, kind in zip(asked.criteria(), kinds, strict=False)
    ]
    gate = decide(asked, records, now=now)
    assert gate.reached == 3
    assert gate.label == "model readiness, 1 of 3 criteria on measured data"


def test_device_evidence_below_does_not_lift_a_simulated_level(
    make_record: MakeRecord, now: datetime
) -> None:
    asked = policy()
    kinds = ["field", "field", "field", "simulated", "field"]
    records = [
        make_record(name=one.measurement, value=0.5, evidence=kind)
        for one, kind in zip(asked.criteria(), kinds, strict=True)
    ]
    gate = decide(asked, records, now=now)
    assert gate.reached == 3
    assert [one.state for one in gate.levels][3:] == ["capped", "blocked"]


def test_one_device_measurement_lifts_the_cap_from_its_level(
    make_record: MakeRecord, now: datetime
) -> None:
    asked = policy(levels=4, each=2)
    records = [make_record(name=one.measurement, value=0.5) for one in asked.criteria()]
    assert decide(asked, records, now=now).reached == 3
    name = asked.levels[4].criteria[0].measurement
    records.append(make_record(name=name, value=0.5, evidence="recorded-lab-data"))
    gate = decide(asked, records, now=now)
    assert (gate.reached, gate.label) == (4, "rests on recorded-lab-data")


def test_newer_simulation_does_not_take_an_awarded_level_away(
    make_record: MakeRecord, now: datetime
) -> None:
    asked = policy(levels=4)
    name = asked.levels[4].criteria[0].measurement
    laboratory = make_record(name=name, value=0.5, evidence="recorded-lab-data")
    simulated = [
        make_record(name=one.measurement, value=0.4) for one in asked.criteria()
    ]
    gate = decide(asked, [laboratory, *simulated], now=now)
    assert (gate.reached, gate.judged[3].record) == (4, laboratory)
    # Nor does it hide that a device failed; below, simulation is what is asked.
    failed = make_record(name=name, value=2.0, evidence="recorded-lab-data")
    assert decide(asked, [failed, *simulated], now=now).levels[3].state == "failed"
    low = make_record(name="x.level2.case0", value=2.0, evidence="field")
    assert decide(asked, [low, *simulated], now=now).levels[1].state == "reached"
    # What is too old or gave no value leaves the simulation, and the cap.
    broken = make_record(
        name=name, status="error", reason="leak", evidence="recorded-lab-data"
    )
    assert decide(asked, [broken, *simulated], now=now).levels[3].state == "capped"


def test_reason_says_up_to_which_level_none_fails(gate_of: GateOf) -> None:
    gate = gate_of(policy(), 0.5, 0.5, None, 2.0, target=3)
    assert gate.levels[3].state == "failed"
    assert gate.reason == "none fails up to TRL 3; 1 of 3 still lack evidence"


def test_capped_target_says_that_simulation_alone_passes(gate_of: GateOf) -> None:
    gate = gate_of(policy(), *[0.5] * 5, target=4)
    assert (gate.outcome, gate.recommendation) == ("insufficient", "continue")
    assert gate.reason == "all 4 criteria pass, but TRL 4 on simulation alone"


@pytest.mark.parametrize(
    ("values", "outcome", "recommended"),
    [
        ((0.5, 0.5, 0.5), "pass", "continue"),
        ((0.5, 0.5), "insufficient", "continue"),
        ((0.5, 2.0), "fail", "change"),
        ((2.0, 2.0), "fail", "stop"),  # 2 of 3 reach the share of a half
        ((0.5, 0.5, 0.5, 2.0), "pass", "continue"),  # above the target
        ((), "insufficient", "continue"),
    ],
)
def test_outcome_and_recommendation_follow_the_rules(
    gate_of: GateOf, values: tuple[float, ...], outcome: str, recommended: str
) -> None:
    gate = gate_of(policy(), *values)
    assert (gate.outcome, gate.recommendation) == (outcome, recommended)


def test_missing_evidence_stays_in_the_denominator(gate_of: GateOf) -> None:
    # One failure among one measured, but among six asked: no half, no stop.
    gate = gate_of(policy(each=2), 2.0)
    assert gate.recommendation == "change"
    assert gate.reason == "1 of 6 criteria fail: X-1.0"
    assert gate.levels[0].total == 2


def test_critical_failure_recommends_to_stop(gate_of: GateOf) -> None:
    gate = gate_of(policy(each=3, critical="X-1.0"), 2.0)
    assert gate.recommendation == "stop"


def test_interval_on_the_threshold_is_inconclusive(
    make_record: MakeRecord, now: datetime
) -> None:
    asked = policy(levels=1)
    record = make_record(name="x.level1.case0", value=1.0, low=0.9, high=1.1)
    assert decide(asked, [record], now=now).outcome == "inconclusive"


def test_worst_outcome_speaks_for_all(gate_of: GateOf) -> None:
    good, poor = gate_of(policy(), 0.5, 0.5, 0.5), gate_of(policy(), 2.0)
    assert worst([good]) == "pass"
    assert worst([good, poor]) == "fail"
    assert EXIT_CODES[worst([good, poor, gate_of(policy())])] == 1


def test_level_that_the_policy_does_not_list_is_refused(gate_of: GateOf) -> None:
    with pytest.raises(InvalidValue, match="level must be between 1 and 5, got 7"):
        gate_of(policy(), target=7)


def test_decision_is_kept_apart_from_the_recommendation(
    gate_of: GateOf, journal: Journal
) -> None:
    gate = gate_of(policy(), 2.0)
    record_decision(journal, gate, choice="continue", by="R. Sato", reason="new probe")
    (kept,) = decisions(journal.records(), "x")
    assert (kept.choice, kept.by, kept.reason) == ("continue", "R. Sato", "new probe")
    assert (kept.outcome, kept.recommendation) == ("fail", "change")
    assert not decisions(journal.records(), "y")


def test_decision_belongs_to_its_device_and_names_the_policy_it_was_made_under(
    gate_of: GateOf, journal: Journal, now: datetime
) -> None:
    own = decide(policy(), [], now=now, device="hydra")
    record_decision(journal, own, choice="stop", by="A", reason="b")
    lax = policy().model_copy(update={"stop_share": 1.0})
    record_decision(journal, gate_of(lax), choice="continue", by="A", reason="b")
    records = journal.records()
    assert [one.choice for one in decisions(records, "x", "hydra")] == ["stop"]
    assert [one.choice for one in decisions(records, "x")] == ["continue"]
    assert not decisions(records, "x", "lernaea")
    first, second = (one.payload["policy_sha256"] for one in records)
    assert first == own.policy.sha256() != second == lax.sha256()


@pytest.mark.parametrize(
    ("choice", "by", "reason", "message"),
    [
        ("contine", "A", "b", "did you mean 'continue'"),
        ("stop", " ", "b", "name must not be empty"),
        ("stop", "A", "", "reason must not be empty"),
    ],
)
def test_decision_needs_choice_name_and_reason(
    gate_of: GateOf, journal: Journal, choice: str, by: str, reason: str, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        record_decision(journal, gate_of(policy()), choice=choice, by=by, reason=reason)
    assert not journal.records()
