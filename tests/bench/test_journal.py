"""The trail: durable, chained, and clear about what is wrong with it."""

import sqlite3
from pathlib import Path

import pytest

from qleap.bench.trail.journal import Journal
from qleap.core.errors import InvalidValue, StorageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qleap-test.db"  # as the fixture _own_database names it


def fill(journal: Journal, count: int = 3) -> str:
    run_id = journal.begin("quick", {"cpu": "x"})
    for k in range(count):
        journal.add(run_id, f"a.b.c{k}", {"value": k, "status": "measured"})
    journal.finish(run_id, "finished")
    return run_id


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_records_come_back_in_order(journal: Journal) -> None:
    run_id = fill(journal)
    fill(journal, 1)
    assert [one.payload["value"] for one in journal.records(run_id)] == [0, 1, 2]
    assert len(journal.records()) == 4
    assert [run.records for run in journal.runs()] == [1, 3]


def test_run_is_found_by_the_beginning_of_its_id(journal: Journal) -> None:
    run_id = fill(journal)
    assert journal.run(run_id[:6]).environment == {"cpu": "x"}
    with pytest.raises(InvalidValue, match=r"no stored run has an id .* 'zz'"):
        journal.run("zz")
    with pytest.raises(InvalidValue, match="no stored run"):
        journal.run("")


def test_untouched_chain_has_no_fault(journal: Journal) -> None:
    fill(journal)
    fill(journal)
    assert not list(journal.faults())


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE bench_record SET payload = replace(payload, '1', '9') "
            "WHERE sequence = 3",
            "record 3 (a.b.c1) was changed.",
        ),
        (
            "UPDATE bench_record SET created = '2020' WHERE sequence = 3",
            "record 3 (a.b.c1) was changed.",
        ),
        (
            "DELETE FROM bench_record WHERE sequence = 3",
            "before record 4 (a.b.c2) records are missing.",
        ),
        (
            "UPDATE bench_run SET environment = '{}'",
            "was changed.",
        ),
    ],
)
def test_chain_shows_what_was_changed_or_taken_out(
    journal: Journal, path: Path, statement: str, fault: str
) -> None:
    fill(journal)
    tamper(path, statement)
    (found,) = journal.faults()
    assert fault in found


def test_two_writers_share_one_chain(journal: Journal) -> None:
    other = Journal()
    first, second = journal.begin("quick", {}), other.begin("quick", {})
    for k in range(4):
        (journal if k % 2 else other).add(first if k % 2 else second, "a.b.c", {})
    other.close()
    assert not list(journal.faults())
    assert len(journal.records()) == 4


def test_unreadable_record_says_how_to_go_on(journal: Journal, path: Path) -> None:
    fill(journal)
    tamper(path, "UPDATE bench_record SET payload = '{' WHERE sequence = 2")
    with pytest.raises(StorageError, match=r"record 2 \(a\.b\.c0\) is damaged"):
        journal.records()


def test_number_that_json_cannot_hold_is_never_stored(journal: Journal) -> None:
    run_id = fill(journal, 0)
    with pytest.raises(ValueError, match="JSON compliant"):
        journal.add(run_id, "a.b.c", {"value": float("nan")})
    assert not journal.records()
