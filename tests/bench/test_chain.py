"""What an examination of the trail finds, and what it only remarks."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from qleap.bench.trail.journal import Journal
from qleap.core import process
from qleap.core.errors import StorageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qleap-test.db"  # as the fixture _own_database names it


@pytest.fixture
def tamper(path: Path) -> Callable[[str], None]:
    def change(statements: str) -> None:
        connection = sqlite3.connect(path)
        with connection:
            connection.executescript(statements)
        connection.close()

    return change


def fill(journal: Journal, count: int = 3) -> str:
    run_id = journal.begin("quick", {"cpu": "Größe µ"})
    for k in range(count):
        journal.add(run_id, f"a.b.c{k}", {"value": k / 3, "status": "measured"})
    journal.finish(run_id, "finished")
    return run_id


def test_end_of_a_run_is_part_of_the_chain(journal: Journal) -> None:
    run_id = fill(journal)
    interrupted = journal.begin("full", {})
    journal.finish(interrupted, "interrupted")
    events, _ = journal.events()
    ends = {one.run_id: one.content() for one in events if one.name == "run end"}
    assert ends[run_id]["status"] == "finished"
    assert ends[interrupted]["status"] == "interrupted"
    assert journal.examine().faults == ()
    assert journal.examine().events == 7
    assert [run.records for run in journal.runs()] == [0, 3]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE bench_run SET status = 'interrupted'",
            "status interrupted, the trail",
        ),
        ("UPDATE bench_run SET finished = '2020'", "finished 2020, the trail"),
        ("UPDATE bench_run SET started = '2020'", "the started of run"),
        ("UPDATE bench_run SET profile = 'full'", "the profile of run"),
        ("DELETE FROM bench_record WHERE sequence = 5", "newest records were cut off"),
        (
            "DELETE FROM bench_record WHERE sequence IN (2, 3)",
            "before record 4 (a.b.c2) 2 records are missing.",
        ),
        (
            "UPDATE bench_record SET hash = 'f' WHERE sequence = 3",
            "3 (a.b.c1) was chan",
        ),
        (  # no longer UTF-8
            "UPDATE bench_record SET payload = CAST(x'7bff7d' AS TEXT) "
            "WHERE sequence = 2",
            "record 2 (a.b.c0) was changed.",
        ),
        ("UPDATE bench_record SET name = 'a.b.d' WHERE sequence = 3", "was changed."),
        (
            "INSERT INTO bench_run VALUES ('x', '2026', NULL, 'full', '{}', 'running')",
            "the run x has no record of its opening.",
        ),
    ],
)
def test_one_change_is_one_fault(
    journal: Journal, tamper: Callable[[str], None], statement: str, fault: str
) -> None:
    fill(journal)
    tamper(statement)
    (found,) = journal.examine().faults
    assert fault in found
    with pytest.raises(StorageError, match="is not as it was stored"):
        journal.require_whole()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bench_run SET environment = '{', status = 'running'",
        "UPDATE bench_run SET started = 'once', status = 'running'",
    ],
)
def test_run_that_cannot_be_read_is_a_sentence_and_the_next_one_starts(
    journal: Journal, tamper: Callable[[str], None], statement: str
) -> None:
    run_id = fill(journal)
    tamper(f"{statement}; UPDATE bench_record SET payload = '[' WHERE sequence = 1")
    with pytest.raises(StorageError, match=f"the run {run_id} is damaged"):
        journal.runs()
    assert len(journal.examine().faults) >= 2
    journal.begin("quick", {})


def test_records_of_a_run_that_is_gone_are_told(
    journal: Journal, tamper: Callable[[str], None]
) -> None:
    fill(journal, 1)
    tamper("DELETE FROM bench_run")
    faults = journal.examine().faults
    assert len(faults) == 3
    assert all("which is not stored" in one for one in faults)


def test_noted_hash_shows_that_the_newest_records_were_cut_off(
    journal: Journal, tamper: Callable[[str], None]
) -> None:
    fill(journal)
    running = journal.begin("quick", {})
    journal.add(running, "a.b.d", {"status": "measured"})
    head = journal.examine().head
    assert journal.examine(head=head[:12].upper()).faults == ()
    assert journal.examine(head=head[:11]).faults  # too short to prove anything
    journal.add(running, "a.b.e", {"status": "measured"})
    assert journal.examine(head=head).faults == ()
    tamper("DELETE FROM bench_record WHERE sequence >= 7")
    assert journal.examine().faults == ()  # this a chain alone cannot see
    (fault,) = journal.examine(head=head).faults
    assert fault.startswith(f"no record has the hash {head}: the newest records were")


def test_clock_that_went_back_is_a_remark_and_keeps_the_order(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    minutes: Iterator[int] = iter([*range(5), -600, *range(-599, -500)])
    monkeypatch.setattr(
        "qleap.bench.trail.rows.utc_now",
        lambda: start + timedelta(minutes=next(minutes)),
    )
    run_id = journal.begin("quick", {})
    for k in range(6):
        journal.add(run_id, "a.b.c", {"value": k, "status": "measured"})
    assert [one.payload["value"] for one in journal.records()] == list(range(6))
    found = journal.examine()
    assert found.faults == ()
    assert found.remarks[0] == (
        "the clock went back by 3.62e+04 s before record 5 (a.b.c)."
    )


def test_unused_number_in_a_whole_chain_is_a_remark(
    journal: Journal, tamper: Callable[[str], None]
) -> None:
    run_id = journal.begin("quick", {})
    journal.finish(run_id, "finished")
    tamper("UPDATE bench_record SET sequence = 9 WHERE sequence = 2")
    found = journal.examine()
    assert found.faults == ()
    assert "numbers 2 to 8 were never used" in found.remarks[0]


def test_run_of_a_dead_process_is_killed_and_the_next_run_writes_it_down(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = process.identity() | {"boot": "another"}
    elsewhere = process.identity() | {"host": "another"}
    for one in (gone, elsewhere):
        monkeypatch.setattr(process, "identity", lambda one=one: one)
        run_id = journal.begin("quick", {})
        journal.add(run_id, "a.b.c", {"status": "measured"})
    monkeypatch.undo()
    if process.identity()["boot"] is None:
        pytest.skip("a dead process cannot be told here")
    monkeypatch.setenv("QLEAP_DATABASE_URL", journal.name)
    states = [(run.status, run.records) for run in journal.runs()]
    assert states == [("unfinished", 1), ("killed", 1)]
    own = journal.begin("full", {})
    assert [run.status for run in journal.runs()] == ["running", "unfinished", "killed"]
    events, runs = journal.events()
    (end,) = [one for one in events if one.name == "run end"]
    assert end.content() == {"status": "killed", "finished": None}
    assert [run.status for run in runs] == ["running", "running", "killed"]
    found = journal.examine()
    assert found.faults == ()
    assert (
        sum("was killed; what it had measured is kept" in r for r in found.remarks) == 1
    )
    journal.finish(own, "finished")


def test_old_trail_whose_ends_stand_in_the_table_alone_is_taken_over(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qleap.bench.trail import chain
    from qleap.bench.trail import rows as trail

    def open_as_before(connection, run_id, profile, environment):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql(
            "INSERT INTO bench_run VALUES (?, '2026-01-01T00:00:00+00:00', "
            "'2026-01-01T01:00:00+00:00', ?, ?, 'finished')",
            (run_id, profile, chain.canonical(environment)),
        )
        sha = chain.digest(chain.canonical(environment))
        opening = {"profile": profile, "environment_sha256": sha}
        trail.append(connection, run_id, "run", opening)

    with monkeypatch.context() as patched:
        patched.setattr(trail, "open_run", open_as_before)
        old = journal.begin("quick", {"cpu": "x"})
    assert journal.examine().faults == ()
    journal.finish(journal.begin("quick", {}), "finished")
    assert journal.examine().faults == ()
    assert [run.status for run in journal.runs()] == ["finished", "finished"]
    events, _ = journal.events()
    assert sum(one.run_id == old and one.name == "run end" for one in events) == 1


def test_whole_run_is_stored_or_nothing(journal: Journal) -> None:
    bad = [("a.b.c", {"value": 1.0}), ("a.b.d", {"value": float("inf")})]
    with pytest.raises(ValueError, match="JSON compliant"):
        journal.store("filed", {}, bad)
    assert journal.events() == ([], [])
    run_id = journal.store("filed", {}, bad[:1])
    assert [run.id for run in journal.runs()] == [run_id]
    assert len(journal.records(run_id)) == 1
    assert journal.examine().faults == ()


def test_damage_of_table_and_of_index_is_told_apart(
    journal: Journal, path: Path
) -> None:
    fill(journal)
    journal.close()
    whole = path.read_bytes()
    told = []
    spot = whole.find(b"a.b.c1")
    while spot >= 0:
        path.write_bytes(whole[:spot] + b"a.b.x1" + whole[spot + 6 :])
        other = Journal()
        told.append(" ".join(other.examine().faults))
        other.close()
        spot = whole.find(b"a.b.c1", spot + 1)
    assert any("record 3 (a.b.x1) was changed." in one for one in told)
    assert any(one.startswith("the file is damaged: ") for one in told)
    assert all(told)


def test_any_flipped_bit_is_found_or_touches_nothing_of_the_trail(
    journal: Journal, path: Path, rng: np.random.Generator
) -> None:
    fill(journal, 8)
    before = journal.events()
    journal.close()
    whole = path.read_bytes()
    # Two thirds of the flips where the trail lies, the rest anywhere.
    texts = [one.payload.encode() for one in before[0]]
    spots = [whole.index(text) + int(rng.integers(len(text))) for text in texts * 4]
    spots += [int(one) for one in rng.integers(len(whole), size=20)]
    seen = 0
    for spot in spots:
        damaged = bytearray(whole)
        damaged[spot] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            other = Journal()
        except StorageError:
            seen += 1
            continue
        try:
            told = bool(other.examine().faults)
            assert told or other.events() == before
            seen += told
        except StorageError:
            seen += 1
        finally:
            other.close()
    assert seen >= 40  # all those inside of payloads
