"""What changed since the last report, and what the next level needs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qleap.bench.judging.gate import decide
from qleap.bench.judging.policy import Criterion, Level, Policy
from qleap.bench.reporting.model import json_schema
from qleap.bench.reporting.needs import next_level
from qleap.bench.reporting.rendering import render, write_report
from qleap.bench.reporting.report import build
from qleap.bench.reporting.since import moved, note_report
from qleap.bench.trail.journal import Journal, Record
from qleap.core.environment import utc_now

MakeRecord = Callable[..., Record]


def criterion(name: str, **changes: Any) -> Criterion:
    facts: dict[str, Any] = {
        "id": name,
        "title": f"title of {name}",
        "measurement": f"toy.sums.{name}",
        "operator": "<=",
        "threshold": 2.0,
        "unit": "T",
        "evidence": "simulated",
        "max_age_days": 30,
        "citation": "own aim",
        "status": "provisional",
    }
    return Criterion(**(facts | changes))


def toy(*criteria: Criterion, level: int = 1) -> Policy:
    below = {
        number: Level(title="below", criteria=(criterion(f"below{number}"),))
        for number in range(1, level)
    }
    return Policy(
        domain="toy",
        title="Toy",
        target=1,
        levels={**below, level: Level(title="Principles", criteria=criteria)},
    )


def store(journal: Journal, name: str, value: float, **changes: Any) -> None:
    run_id = journal.begin("quick", {})
    payload = {
        "kind": "accuracy",
        "title": "t",
        "status": "measured",
        "reason": "",
        "evidence": "simulated",
        "unit": "T",
        "value": value,
        "low": None,
        "high": None,
        "prediction": None,
        "reference": "r",
    }
    journal.add(run_id, f"toy.sums.{name}", payload | changes)
    journal.finish(run_id, "finished")


@pytest.fixture
def write(journal: Journal, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that writes a report, notes it, and returns its content."""

    def written(policy: Policy, device: str | None = None) -> dict[str, Any]:
        report = build(journal, [policy], now=utc_now(), device=device)
        note_report(journal, report, write_report(report, tmp_path, ["md"]))
        return report

    return written


Write = Callable[..., dict[str, Any]]


def test_first_report_has_nothing_to_compare_with(write: Write) -> None:
    report = write(toy(criterion("a")))
    assert report["since"] is None
    assert "This is the first report" in render(report, "html")


def test_changes_since_the_last_report_are_listed(
    journal: Journal, write: Write
) -> None:
    store(journal, "a", 1.0, low=0.9, high=1.1)
    store(journal, "b", 1.0)
    first = write(toy(criterion("a"), criterion("b"), criterion("old")))
    store(journal, "a", 3.0, low=2.9, high=3.1)
    store(journal, "b", 1.0001)
    second = write(toy(criterion("a"), criterion("b"), criterion("new")))
    since = second["since"]
    assert since["previous"] == first["created"]
    assert since["verdicts"] == [
        {"domain": "toy", "id": "a", "before": "PASS", "after": "FAIL"}
    ]
    assert [(one["id"], one["before"], one["after"]) for one in since["values"]] == [
        ("a", 1.0, 3.0)
    ]
    assert since["added"] == [{"domain": "toy", "id": "new"}]
    assert since["gone"] == [{"domain": "toy", "id": "old"}]
    (level,) = since["levels"]
    assert (level["outcome_before"], level["outcome_after"]) == ("insufficient", "fail")
    for form, language in (("html", "en"), ("html", "ja"), ("md", "en"), ("md", "ja")):
        text = render(second, form, language)
        assert "1 T → 3 T" in text
        assert "title of a" in text
    jsonschema.Draft202012Validator(json_schema()).validate(second)


def test_same_evidence_again_is_no_change(journal: Journal, write: Write) -> None:
    store(journal, "a", 1.0)
    write(toy(criterion("a")))
    report = write(toy(criterion("a")))
    assert not any(report["since"][kind] for kind in ("levels", "verdicts", "values"))
    assert "Nothing since" in render(report, "md")
    assert len(report["runs"]) == 1


def test_each_device_is_compared_with_its_own_last_report(
    journal: Journal, write: Write
) -> None:
    write(toy(criterion("a")), device="fridge")
    assert write(toy(criterion("a")))["since"] is None
    store(journal, "a", 1.0, device="fridge")
    since = write(toy(criterion("a")), device="fridge")["since"]
    assert since["verdicts"][0]["after"] == "PASS"


def test_note_holds_the_hash_of_each_file(
    journal: Journal, write: Write, tmp_path: Path
) -> None:
    import hashlib

    write(toy(criterion("a")))
    payload = journal.records()[-1].payload
    written = (tmp_path / "qleap-report.md").read_bytes()
    assert payload["files"] == {"qleap-report.md": hashlib.sha256(written).hexdigest()}
    assert not list(journal.faults())


@pytest.mark.parametrize(
    ("before", "after", "unit", "answer"),
    [
        ((1.0, 0.9, 1.1), (1.15, 1.05, 1.25), "s", False),
        ((1.0, 0.9, 1.1), (1.3, 1.2, 1.4), "s", True),
        ((1.3, 1.2, 1.4), (1.0, 0.9, 1.1), "s", True),
        ((1.0, 0.9, 1.1), (1.05, None, None), "s", False),
        ((1.0, 0.9, 1.1), (1.2, None, None), "s", True),
        ((1e-15, None, None), (5e-15, None, None), "1", False),
        ((1e-15, None, None), (5e-15, None, None), "s", True),
        ((1.0, None, None), (1.005, None, None), "1", False),
        ((1.0, None, None), (1.02, None, None), "1", True),
    ],
)
def test_value_moved_when_the_intervals_have_nothing_in_common(
    before: Any, after: Any, unit: str, answer: bool
) -> None:
    assert moved(before, after, unit) is answer


@pytest.mark.parametrize(
    ("kind", "device", "command"),
    [
        ("simulated", None, "qleap bench run --suite toy.sums.a"),
        (
            "recorded-lab-data",
            "fridge",
            "qleap bench record toy.sums --file measured.csv --evidence "
            "recorded-lab-data --instrument NAME --site SITE --device fridge",
        ),
        (
            "live-hardware",
            None,
            "qleap bench record toy.sums --file measured.csv --evidence "
            "live-hardware --instrument NAME --site SITE",
        ),
    ],
)
def test_missing_evidence_comes_with_its_command(
    now: Any, kind: str, device: str | None, command: str
) -> None:
    gate = decide(toy(criterion("a", evidence=kind)), [], now=now)
    found = next_level(gate, device)
    assert found is not None
    (needed,) = found.needed
    assert (needed.what, needed.asked, needed.commands) == (
        "evidence",
        kind,
        [command],
    )


def test_command_that_the_policy_names_comes_before_ours(now: Any) -> None:
    needs = "a trace of yours: qleap bench run --suite toy; or qleap bench record toy"
    gate = decide(toy(criterion("a", needs=needs)), [], now=now)
    found = next_level(gate)
    assert found is not None
    assert found.needed[0].needs == "a trace of yours"
    assert found.needed[0].commands == [
        "qleap bench run --suite toy",
        "qleap bench record toy",
    ]
    of_device = next_level(
        decide(toy(criterion("a", needs=needs)), [], now=now), "hydra"
    )
    assert of_device is not None
    assert of_device.needed[0].commands[1] == "qleap bench record toy --device hydra"


def test_commands_of_the_policy_name_the_device_that_is_judged(now: Any) -> None:
    needs = (
        "yours: qleap bench run --suite toy --device NAME, or qleap bench record toy "
        "--file measured.csv --evidence recorded --instrument NAME --site SITE"
    )
    found = next_level(decide(toy(criterion("a", needs=needs)), [], now=now), "chip 1")
    assert found is not None
    assert found.needed[0].commands == [
        "qleap bench run --suite toy --device 'chip 1'",
        "qleap bench record toy --file measured.csv --evidence recorded "
        "--instrument NAME --site SITE --device 'chip 1'",
    ]


def test_what_fails_needs_improvement(now: Any, make_record: MakeRecord) -> None:
    record = make_record("toy.sums.a", value=3.0, unit="T")
    found = next_level(decide(toy(criterion("a")), [record], now=now))
    assert found is not None
    assert found.needed[0].what == "improvement"


def test_capped_level_asks_for_a_device(
    now: Any, make_record: MakeRecord, journal: Journal
) -> None:
    policy = toy(criterion("a"), criterion("b"), level=4)
    records = [
        make_record(one.measurement, value=1.0, unit="T") for one in policy.criteria()
    ]
    gate = decide(policy, records, now=now)
    assert gate.levels[3].state == "capped"
    found = next_level(gate)
    assert found is not None
    assert (found.level, found.lacking) == (4, [])
    assert [one.asked for one in found.needed] == ["recorded-lab-data"] * 2
    for one in policy.criteria():
        store(journal, one.id, 1.0)
    report = build(journal, [policy], now=utc_now())
    text = render(report, "html")
    assert "on simulation alone: model readiness" in text
    assert "qleap bench record toy.sums --file" in text


def test_nothing_is_needed_where_every_level_is_reached(
    now: Any, make_record: MakeRecord
) -> None:
    record = make_record("toy.sums.a", value=1.0, unit="T")
    assert next_level(decide(toy(criterion("a")), [record], now=now)) is None
