"""The mirror: the same bytes from the same trail, only ever longer, and back again."""

import json
import re
import sqlite3
import warnings
from pathlib import Path

import pytest

from qleap.bench.trail.journal import MIRROR_VARIABLE, Journal
from qleap.bench.trail.mirror import read_mirror, restore, write_mirror
from qleap.core.errors import InvalidValue, QleapWarning, StorageError


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "trail.jsonl"


@pytest.fixture
def empty(tmp_path: Path) -> Journal:
    return Journal(f"sqlite:///{tmp_path / 'other.db'}")


def fill(journal: Journal, count: int = 3) -> None:
    run_id = journal.begin("quick", {"cpu": "Größe\u2028\r\n µ", "load": 0.1})
    for k in range(count):
        journal.add(run_id, f"a.b.c{k}", {"value": 1e-17 * k / 3, "status": "measured"})
    journal.finish(run_id, "finished")


def cut(tmp_path: Path, statement: str) -> None:
    connection = sqlite3.connect(tmp_path / "qleap-test.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_mirror_only_grows_and_says_by_how_much(journal: Journal, mirror: Path) -> None:
    fill(journal)
    assert write_mirror(journal, mirror) == 5
    first = mirror.read_bytes()
    assert write_mirror(journal, mirror) == 0
    fill(journal, 1)
    assert write_mirror(journal, mirror) == 3
    assert mirror.read_bytes().startswith(first)
    lines = [json.loads(line) for line in mirror.read_text("utf-8").split("\n")[:-1]]
    assert [one["sequence"] for one in lines] == list(range(1, 9))
    assert [list(one) for one in lines] == [sorted(one) for one in lines]


def test_restored_database_has_the_same_hashes_and_goes_on(
    journal: Journal, mirror: Path, empty: Journal, tmp_path: Path
) -> None:
    fill(journal)
    open_run = journal.begin("full", {})
    write_mirror(journal, mirror)
    assert restore(empty, mirror) == 6
    assert empty.events() == journal.events()
    assert empty.examine(head=journal.examine().head).faults == ()
    empty.finish(open_run, "finished")
    fill(empty, 1)
    assert empty.examine(mirror=read_mirror(mirror)[0]).faults == ()
    again = tmp_path / "again.jsonl"
    write_mirror(empty, again)
    assert again.read_bytes().startswith(mirror.read_bytes())
    empty.close()


def test_mirror_shows_what_was_cut_off_or_made_anew(
    journal: Journal, mirror: Path, tmp_path: Path
) -> None:
    fill(journal)
    running = journal.begin("full", {})
    journal.add(running, "a.b.d", {"status": "measured"})
    write_mirror(journal, mirror)
    copy = read_mirror(mirror)[0]
    journal.add(running, "a.b.e", {"status": "measured"})
    assert journal.examine(mirror=copy).faults == ()
    cut(tmp_path, "DELETE FROM bench_record WHERE sequence > 6")
    assert journal.examine().faults == ()
    (fault,) = journal.examine(mirror=copy).faults
    assert fault == (
        "the newest 1 records of the mirror, from record 7 (a.b.d) on, were cut off "
        "here."
    )
    with pytest.raises(InvalidValue, match=r"line 7, is not in the trail"):
        write_mirror(journal, mirror)
    journal.add(running, "a.b.d", {"status": "wrong"})
    (fault,) = journal.examine(mirror=copy).faults
    assert "1 records differ from the mirror, from record 7 (a.b.d)" in fault


def test_damaged_trail_is_not_mirrored(
    journal: Journal, mirror: Path, tmp_path: Path
) -> None:
    fill(journal)
    cut(tmp_path, "UPDATE bench_record SET payload = '{}' WHERE sequence = 2")
    with pytest.raises(StorageError, match=r"record 2 \(a\.b\.c0\) was changed"):
        write_mirror(journal, mirror)
    assert not mirror.exists()


def test_mirror_of_another_database_is_left_as_it_is(
    journal: Journal, mirror: Path, empty: Journal
) -> None:
    fill(journal)
    fill(empty)
    write_mirror(journal, mirror)
    before = mirror.read_bytes()
    with pytest.raises(InvalidValue, match="a file of its own"):
        write_mirror(empty, mirror)
    assert mirror.read_bytes() == before
    with pytest.raises(StorageError, match="only a database without runs"):
        restore(empty, mirror)
    empty.close()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"value":0.0', '"value":9.0', r"record 2 \(a\.b\.c0\) was changed"),
        ('"load":0.1', '"load":0.2', "the environment of run"),
        ('"sequence":2', '"number":2', "line 2, is no event of a trail"),
        ('{"created"', "created", "line 1, is no event of a trail"),
    ],
)
def test_changed_mirror_restores_nothing(
    journal: Journal, mirror: Path, empty: Journal, old: str, new: str, said: str
) -> None:
    fill(journal)
    write_mirror(journal, mirror)
    text = mirror.read_text("utf-8")
    assert old in text
    mirror.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InvalidValue, match=said):
        restore(empty, mirror)
    assert empty.events() == ([], [])
    empty.close()


def test_half_a_line_at_the_end_is_written_again(
    journal: Journal, mirror: Path
) -> None:
    fill(journal)
    write_mirror(journal, mirror)
    whole = mirror.read_bytes()
    mirror.write_bytes(whole[:-40])
    assert write_mirror(journal, mirror) == 1
    assert mirror.read_bytes() == whole


def test_each_end_of_a_run_is_mirrored_where_the_user_asks(
    journal: Journal, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(mirror))
    fill(journal)
    assert len(read_mirror(mirror)[0]) == 5
    journal.store("decision", {}, [("decision.toy", {"kind": "decision"})])
    assert len(read_mirror(mirror)[0]) == 8
    monkeypatch.setenv(MIRROR_VARIABLE, str(mirror.parent / "none" / "trail.jsonl"))
    with pytest.warns(QleapWarning, match="stored, but not mirrored"):
        fill(journal)
    assert len(journal.runs()) == 3
    monkeypatch.delenv(MIRROR_VARIABLE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fill(journal)


def test_missing_mirror_is_a_sentence(journal: Journal, mirror: Path) -> None:
    with pytest.raises(StorageError, match=r"trail\.jsonl cannot be read"):
        restore(journal, mirror)


def test_mirror_that_was_changed_is_no_witness(journal: Journal, mirror: Path) -> None:
    fill(journal)
    write_mirror(journal, mirror)
    text = mirror.read_text(encoding="utf-8")
    first, second, *rest = [f"{line}\n" for line in text.split("\n")[:-1]]
    assert not journal.examine(mirror=read_mirror(mirror)[0]).faults
    changed = second.replace('"status":"', '"status":"not ')
    assert changed != second
    for lines, said in (
        ([first, changed, *rest], "in the mirror: record 2 .* was changed"),
        ([second, first, *rest], "in the mirror: before record 2 .* are missing"),
        ([first, *rest], "in the mirror: before record 3 .* records are missing"),
    ):
        mirror.write_text("".join(lines), encoding="utf-8")
        faults = journal.examine(mirror=read_mirror(mirror)[0]).faults
        assert re.match(said, faults[0])
