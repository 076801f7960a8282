"""Kill, fill, lock, run twice: nothing measured is lost or counted twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qleap.bench.trail.journal import Journal
from qleap.bench.trail.rescue import keep_aside
from qleap.core.errors import StorageError

ROOT = Path(__file__).parents[2]

WRITER = """
import sys
import tempfile
from qleap.bench.trail.journal import Journal
from qleap.bench.trail.rescue import keep_aside

journal = Journal()
run_id = journal.begin("quick", {"cpu": "x"})
PREPARE
for k in range(int(sys.argv[1])):
    journal.add(run_id, "a.b.c", {"value": k, "status": "measured", "by": sys.argv[2]})
    print(k, flush=True)
journal.finish(run_id, "finished")
"""

FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = __import__("os").path.getsize(journal.name.removeprefix("sqlite:///"))
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 12000, resource.RLIM_INFINITY))
"""

TOGETHER = """
while len(journal.runs()) < 2:
    __import__("time").sleep(0.01)
"""

Start = Callable[..., "subprocess.Popen[str]"]

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and limits")


@pytest.fixture
def start() -> Start:
    def begin(
        count: int, by: str = "one", prepare: str = ""
    ) -> "subprocess.Popen[str]":
        script = WRITER.replace("PREPARE", prepare)
        return subprocess.Popen(
            [sys.executable, "-c", script, str(count), by],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def values(journal: Journal, by: str = "one") -> list[int]:
    return [
        one.payload["value"] for one in journal.records() if one.payload["by"] == by
    ]


@posix
def test_whenever_the_runner_is_killed_what_it_said_is_stored_once(
    journal: Journal, start: Start
) -> None:
    moments = random.Random(9)
    stored = 0
    for _ in range(3):
        process = start(100_000)
        assert process.stdout is not None
        process.stdout.readline()  # it measures
        time.sleep(moments.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        said = 1 + len(rest)
        run = journal.runs()[0]
        # What was stored and not yet said is one more at most.
        assert run.records - said in (0, 1)
        assert values(journal)[stored:] == list(range(run.records))
        assert run.status == "killed"
        assert journal.faults() == []
        stored += run.records
    journal.finish(journal.begin("full", {}), "finished")
    assert [run.status for run in journal.runs()] == ["finished"] + ["killed"] * 3
    found = journal.examine()
    assert found.faults == ()
    assert sum("was killed" in one for one in found.remarks) == 3


@posix
def test_full_disk_is_a_sentence_and_keeps_all_before(
    journal: Journal, start: Start
) -> None:
    process = start(100_000, prepare=FULL_DISK)
    said, error = process.communicate(timeout=60.0)
    assert process.returncode == 1
    assert "the disk" in error.splitlines()[-1]
    assert "free space" in error.splitlines()[-1]
    assert values(journal) == [int(one) for one in said.split()]
    assert len(values(journal)) > 3
    assert journal.faults() == []
    assert journal.runs()[0].status == "killed"
    # With space again the next run goes on.
    journal.finish(journal.begin("quick", {}), "finished")
    assert journal.faults() == []


def test_two_runners_at_once_share_a_whole_chain(
    journal: Journal, start: Start
) -> None:
    both = [start(25, by, TOGETHER) for by in ("one", "two")]
    for process in both:
        assert process.communicate(timeout=60.0)[1] == ""
    for by in ("one", "two"):
        assert values(journal, by) == list(range(25))
    assert [run.records for run in journal.runs()] == [25, 25]
    assert {run.status for run in journal.runs()} == {"finished"}
    assert journal.examine().faults == ()
    assert journal.examine().remarks == ()
    runs = journal.runs()
    ends = [run.finished for run in runs if run.finished is not None]
    assert max(run.started for run in runs) < min(ends)  # they did run at once


def test_locked_database_is_waited_for(
    start: Start, tmp_path: Path, journal: Journal
) -> None:
    blocker = sqlite3.connect(tmp_path / "qleap-test.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    process = start(3)
    time.sleep(1.0)
    assert process.poll() is None
    blocker.execute("COMMIT")
    blocker.close()
    assert process.communicate(timeout=60.0)[1] == ""
    assert values(journal) == [0, 1, 2]


def test_locked_database_is_said_when_patience_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qleap.bench.trail.journal.PATIENCE", 0.05)
    journal = Journal()
    run_id = journal.begin("quick", {})
    blocker = sqlite3.connect(tmp_path / "qleap-test.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="is locked by another process"):
        journal.add(run_id, "a.b.c", {"value": 1})
    blocker.close()
    journal.add(run_id, "a.b.c", {"value": 1})
    assert len(journal.records()) == 1
    assert journal.faults() == []
    journal.close()


def test_result_that_nothing_can_hold_is_in_the_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    said = keep_aside("f" * 32, "a.b.c", {"value": 1.25})
    assert "could not be kept elsewhere" in said
    assert '"value":1.25' in said
