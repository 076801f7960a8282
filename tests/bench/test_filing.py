"""From a laboratory's file to a verdict: every row or none, and honest about age."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qleap.bench.discovery import policies
from qleap.bench.filing.storing import (
    Filing,
    Origin,
    prepare,
    recomputed,
    refuse_repeat,
    store,
)
from qleap.bench.judging.evidence import EVIDENCE, evidence_kind
from qleap.bench.judging.gate import decide
from qleap.bench.judging.selection import newest
from qleap.bench.trail.journal import Journal
from qleap.core.errors import InvalidValue

NOW = datetime.now(UTC)

HEAD = "name,value,uncertainty,k,unit,measured\n"

Prepare = Callable[..., Filing]


def origin(**changed: Any) -> Origin:
    facts: dict[str, Any] = {
        "evidence": "recorded-lab-data",
        "instrument": "confocal microscope",
        "site": "Osaka",
        "device": "sensor-1",
        "doi": "10.1103/PhysRevX.10.031003",
    }
    return Origin(**(facts | changed))


@pytest.fixture
def made(tmp_path: Path, folder: Path) -> Prepare:
    def make(text: str, suite: str = "toy", **more: Any) -> Filing:
        path = tmp_path / "measured.csv"
        path.write_text(text, encoding="utf-8")
        given = more.pop("origin", origin())
        return prepare(
            suite,
            path,
            given,
            policies=policies(folder),
            now=NOW,
            folder=folder,
            **more,
        )

    return make


def yesterday(days: float = 1.0) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def test_filed_value_is_judged_by_the_criterion_in_its_unit(
    journal: Journal, made: Prepare, folder: Path
) -> None:
    text = f"{HEAD}TOY-1.1,1500,100,2,mT,{yesterday()}\n"
    filing = made(text)
    run_id = store(journal, filing)
    source, record = journal.records(run_id)
    assert source.payload["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert source.payload["size"] == len(text)
    assert record.name == "toy.sums.exact"
    assert record.payload["unit"] == "T"
    assert record.payload["value"] == 1.5
    assert record.payload["high"] == pytest.approx(1.5 + 0.05 * 2.5758293, rel=1e-7)
    assert record.payload["citation"] == "doi:10.1103/PhysRevX.10.031003"
    assert record.payload["source"]["sha256"] == source.payload["sha256"]
    (policy,) = policies(folder)
    gate = decide(policy, journal.records(), now=NOW, device="sensor-1")
    assert gate.judged[0].verdict == "PASS"
    assert gate.judged[0].value == 1.5
    # Without the device it does not count, and nothing else was measured.
    assert decide(policy, journal.records(), now=NOW).judged[0].verdict == "MISSING"
    assert journal.examine().faults == ()
    (run,) = journal.runs()
    assert (run.profile, run.status, run.records) == (
        "filed toy on sensor-1",
        "finished",
        2,
    )


def test_age_counts_from_the_measurement(
    journal: Journal, made: Prepare, folder: Path
) -> None:
    filing = made(f"{HEAD}TOY-1.1,1.5,0,,T,{yesterday(31)}\n")
    store(journal, filing)
    (policy,) = policies(folder)
    gate = decide(policy, journal.records(), now=NOW, device="sensor-1")
    assert gate.judged[0].verdict == "STALE"
    assert gate.judged[0].reason == "31 days old, 30 are allowed"


def test_samples_are_as_old_as_the_oldest(made: Prepare) -> None:
    stamps = ("2026-03-02T01:00+09:00", "2026-03-01T17:00", "2026-03-02")
    rows = "".join(f"{k},{one}\n" for k, one in enumerate(stamps))
    ((_, payload),) = made(f"TOY-1.1 [T],measured\n{rows}", statistic="mean").records
    assert payload["measured_at"] == "2026-03-01T16:00:00+00:00"


def test_older_measurement_that_is_filed_later_hides_nothing(
    journal: Journal, made: Prepare
) -> None:
    store(journal, made(f"{HEAD}TOY-1.1,1.0,0,,T,{yesterday(1)}\n"))
    store(journal, made(f"{HEAD}TOY-1.1,2.0,0,,T,{yesterday(9)}\n"))
    held = newest(journal.records())["toy.sums.exact", None]
    assert held.payload["value"] == 1.0
    store(journal, made(f"{HEAD}TOY-1.1,3.0,0,,T,{yesterday(0.5)}\n"))
    assert newest(journal.records())["toy.sums.exact", None].payload["value"] == 3.0


def test_case_without_a_criterion_is_known_by_its_suite(made: Prepare) -> None:
    filing = made(f"{HEAD}toy.sums.spread,1.0,0.1,2,T,{yesterday()}\n", "toy.sums")
    ((name, payload),) = filing.records
    assert (name, payload["title"]) == ("toy.sums.spread", "Accuracy & more")
    assert payload["reference"] == "truth"


def test_values_follow_from_what_the_trail_keeps(
    journal: Journal, made: Prepare
) -> None:
    samples = "".join(f"{1000 + k},{2 * k}\n" for k in range(12))
    text = f"TOY-1.1 [mT],toy.sums.spread [T]\n{samples}"
    filing = made(text, statistic="median", origin=origin(measured_on="2026-01-05"))
    store(journal, filing)
    source, *records = journal.records()
    found = recomputed(source.payload)
    assert set(found) == {one.name for one in records}
    for one in records:
        value = found[one.name]
        assert value.value == one.payload["value"]
        assert (value.low, value.high) == (one.payload["low"], one.payload["high"])
    assert records[0].payload["value"] == 1.0055


def test_large_table_leaves_its_hash_alone(made: Prepare) -> None:
    note = "x" * 70000
    text = f"name,value,uncertainty,unit,note\nTOY-1.1,1,0,T,{note}\n"
    filing = made(text, origin=origin(measured_on="2026-01-05"))
    assert filing.source["table"] is None
    assert filing.source["sha256"] == filing.table.sha256


def test_same_file_for_the_same_device_is_refused(
    journal: Journal, made: Prepare
) -> None:
    text = f"{HEAD}TOY-1.1,1.5,0,,T,{yesterday()}\n"
    filing = made(text)
    refuse_repeat(journal, filing)
    store(journal, filing)
    with pytest.raises(InvalidValue, match=r"measured\.csv was stored on .* --again"):
        refuse_repeat(journal, made(text))
    refuse_repeat(journal, made(text, origin=origin(device="sensor-2")))
    refuse_repeat(journal, made(text.replace("1.5", "1.6")))


def test_same_file_is_stored_once_however_many_file_it_at_once(
    journal: Journal, made: Prepare
) -> None:
    filing = made(f"{HEAD}TOY-1.1,1.5,0,,T,{yesterday()}\n")
    # Both have looked before either has stored.
    refuse_repeat(journal, filing)
    store(journal, filing)
    with pytest.raises(InvalidValue, match=r"measured\.csv was stored on .* --again"):
        store(journal, filing)
    assert len(journal.runs()) == 1
    store(journal, filing, again=True)
    assert len(journal.runs()) == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("TOY-1.9,1,0,,T,2026-01-05", "got 'TOY-1.9'; did you mean 'TOY-1.1'"),
        ("toy.sums.exatc,1,0,,T,2026-01-05", "did you mean 'toy.sums.exact'"),
        ("TOY-1.2,1,0,,1,2026-01-05", "criterion of speed, which is raced"),
        ("toy.sums.fast,1,0,,1,2026-01-05", "must be a case of toy that measures a"),
        ("TOY-1.1,1,0,,s,2026-01-05", "line 3: unit must be 'T' or convert to it"),
        ("TOY-1.1,1,0,,,2026-01-05", "line 3: must name its unit"),
        ("TOY-1.1,1,0,,T,", "line 3: must say when it was measured"),
        ("TOY-1.1,1,0,,T,2999-01-05", "line 3: must not lie in the future"),
        ("toy.sums.spread,1,0,,T,2026-01-05", r"spread is in measured\.csv, line 2"),
    ],
)
def test_one_wrong_row_and_nothing_is_stored(
    journal: Journal, made: Prepare, row: str, said: str
) -> None:
    text = f"{HEAD}toy.sums.spread,1.0,0,,T,2026-01-05\n{row}\n"
    with pytest.raises(InvalidValue, match=said):
        made(text)
    assert journal.runs() == []


def test_bare_number_says_that_it_is_no_percentage(made: Prepare, folder: Path) -> None:
    path = folder / "policies" / "toy.yaml"
    text = path.read_text(encoding="utf-8").replace("unit: T", 'unit: "1"')
    path.write_text(text, encoding="utf-8")
    row = f"TOY-1.1,99.5,0.1,2,{{}},{yesterday()}\n"
    with pytest.raises(InvalidValue, match=r"line 2: must name its unit \(1, %, ppm\)"):
        made(HEAD + row.format(""))
    ((_, percent),) = made(HEAD + row.format("%")).records
    ((_, bare),) = made(HEAD + row.format("1")).records
    assert (percent["value"], bare["value"]) == (0.995, 99.5)


def test_row_of_another_suite_is_refused(made: Prepare) -> None:
    with pytest.raises(InvalidValue, match=r"which is not of the suite toy\.other"):
        made(f"{HEAD}TOY-1.1,1,0,,T,2026-01-05\n", "toy.other")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"instrument": " "}, "instrument must not be empty"),
        ({"site": ""}, "site must not be empty"),
        ({"doi": "https://doi.org/10.1103/x"}, "doi must read 10.NNNN"),
        ({"orcid": "0000-0002-1825-0098"}, "orcid must be four groups"),
        ({"orcid": "0000000218250097"}, "orcid must be four groups"),
    ],
)
def test_origin_that_names_nothing_is_refused(
    changed: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidValue, match=said):
        origin(**changed)


def test_orcid_with_a_true_check_digit_is_taken() -> None:
    # Of ORCID's page on the identifier, of J. S. Carberry who does not exist, and
    # one whose check is ten.
    for one in ("0000-0001-2345-6789", "0000-0002-1825-0097", "0000-0002-1694-233X"):
        assert origin(orcid=one).orcid == one


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *((kind, kind) for kind in EVIDENCE),
        ("recorded", "recorded-lab-data"),
        ("Recorded lab data", "recorded-lab-data"),
        ("lab", "recorded-lab-data"),
        ("live", "live-hardware"),
        ("hardware", "live-hardware"),
        ("f", "field"),
        ("simulated-from", "simulated-from-calibration"),
    ],
)
def test_kind_of_evidence_is_known_by_its_beginning(word: str, kind: str) -> None:
    assert evidence_kind(word) == kind


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("sim", "it may be simulated or simulated-from-calibration"),
        ("recroded", "did you mean 'recorded'"),
        ("", "must be one of"),
    ],
)
def test_kind_that_cannot_be_told_is_refused(word: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        evidence_kind(word)
