"""The runner: order, honest failures, and nothing lost at an interruption."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from qleap.bench.discovery import policies
from qleap.bench.runner import run_suites, thresholds_of
from qleap.bench.trail.journal import Journal, Record
from qleap.bench.trail.rescue import add_rescued
from qleap.core.errors import InvalidValue, StorageError

ROOT = Path(__file__).parents[2]

ON_A_DEVICE = """
from qleap.bench import Accuracy


def cases(quick, device):
    yield Accuracy(
        name="toy.device.name", title="t", unit="1", evidence="analytic",
        reference="r", measure=lambda: float(len(device or "reference")),
    )
"""

INTERRUPTING = """
from qleap.bench import Accuracy


def interrupt():
    raise KeyboardInterrupt


def accuracy(name, measure):
    return Accuracy(
        name=name, title="t", unit="1", evidence="analytic", reference="r",
        measure=measure,
    )


def cases(quick):
    yield accuracy("toy.stop.first", lambda: 1.0)
    yield accuracy("toy.stop.second", lambda: 2.0)
    yield accuracy("toy.stop.third", LAST)
    yield accuracy("toy.stop.fourth", lambda: 4.0)
"""


def only(folder: Path, text: str) -> Path:
    """Put one suite in the place of the toy one."""
    (folder / "toy" / "sums.py").unlink()
    (folder / "toy" / "stop.py").write_text(text, encoding="utf-8")
    return folder


def by_name(records: list[Record]) -> dict[str, Record]:
    """Return the records by the last part of their names, absent peers left out."""
    return {
        one.name.rpartition(".")[2]: one
        for one in records
        if one.payload["status"] != "not installed"
    }


def test_every_case_leaves_a_record_and_failures_do_not_stop_the_run(
    journal: Journal, folder: Path
) -> None:
    summary = run_suites(journal, quick=True, folder=folder)
    found = by_name(journal.records(summary.run_id))
    statuses = {name: one.payload["status"] for name, one in found.items()}
    assert statuses == {
        "exact": "measured",
        "spread": "measured",
        "skipped": "skipped",
        "fails": "error",
        "nan": "error",
        "fast": "measured",
        "wrong": "wrong",
    }
    assert summary.status == "finished"
    assert len(summary.failures) == 3
    assert found["fails"].payload["reason"] == "ZeroDivisionError: division by zero"
    assert found["spread"].payload["low"] == 0.9


def test_hash_of_a_recording_is_kept(
    journal: Journal, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "noise.csv"
    file.write_bytes(b"1,2")
    only(
        folder,
        ON_A_DEVICE.replace(
            'float(len(device or "reference"))',
            f"Measured(value=1.0, file=Path({str(file)!r}))",
        ).replace(
            "import Accuracy", "import Accuracy, Measured\nfrom pathlib import Path"
        ),
    )
    run_suites(journal, folder=folder, device="mine")
    (found,) = journal.records()
    assert found.payload["recording"] == {
        "file": "noise.csv",
        "size": 3,
        "sha256": hashlib.sha256(b"1,2").hexdigest(),
    }


def test_summary_says_why_cases_were_skipped(journal: Journal, folder: Path) -> None:
    summary = run_suites(journal, folder=folder, quick=True, prefix="toy.sums.skipped")
    (found,) = summary.skipped
    assert found.startswith("toy.sums.skipped: skipped, ")


def test_case_that_exits_ends_no_run(journal: Journal, folder: Path) -> None:
    """Else its own code, perhaps 0, is the answer of the whole run."""
    text = INTERRUPTING.replace("raise KeyboardInterrupt", "raise SystemExit(0)")
    only(folder, text.replace("LAST", "interrupt"))
    (folder / "toy" / "script.py").write_text("raise SystemExit", encoding="utf-8")
    summary = run_suites(journal, quick=True, folder=folder)
    assert summary.status == "finished"
    assert summary.counts == {"measured": 3, "error": 2}
    assert "toy.stop.third: error, SystemExit: 0" in summary.failures


def test_accuracy_comes_before_speed(journal: Journal, folder: Path) -> None:
    run_suites(journal, quick=True, folder=folder)
    kinds = [one.payload["kind"] for one in journal.records()]
    assert kinds == sorted(kinds)  # "accuracy" before "speed"


def test_device_is_measured_by_the_suites_that_ask_for_one_and_named_in_records(
    journal: Journal, folder: Path
) -> None:
    (folder / "toy" / "device.py").write_text(ON_A_DEVICE, encoding="utf-8")
    assert run_suites(journal, folder=folder, device="hydra").counts == {"measured": 1}
    (record,) = journal.records()
    assert (record.payload["device"], record.payload["value"]) == ("hydra", 5.0)
    assert journal.runs()[0].profile == "full on hydra"
    (folder / "toy" / "device.py").unlink()
    with pytest.raises(InvalidValue, match=r"no suite .* measures a device"):
        run_suites(journal, folder=folder, device="hydra")


def test_peer_that_is_not_installed_is_listed(journal: Journal, folder: Path) -> None:
    run_suites(journal, quick=True, prefix="toy.sums.fast", folder=folder)
    absent, present = (one.payload for one in journal.records())
    assert (absent["peer"], absent["status"]) == ("Absent", "not installed")
    assert (present["peer"], present["status"]) == ("NumPy", "measured")
    assert present["error"] == 0.0
    assert present["first_call_s"] > 0.0
    assert present["pairs"] in (20, 60, 180)


def test_wrong_answer_is_never_timed(journal: Journal, folder: Path) -> None:
    run_suites(journal, quick=True, prefix="toy.sums.wrong", folder=folder)
    wrong = by_name(journal.records())["wrong"].payload
    assert wrong["status"] == "wrong"
    assert "ratio" not in wrong
    assert wrong["reason"] == "differs by 0.333, more than rtol 1e-12"


def test_no_peer_is_timed_where_one_disagrees(journal: Journal, folder: Path) -> None:
    suite = """
from qleap.bench import Peer
from qleap.bench import Speed


def cases(quick):
    yield Speed(
        name="toy.stop.two", title="t", run=lambda: 1.0, rtol=0.1,
        error=lambda a, b: abs(a - b),
        peers=(
            Peer(name="good", distribution="numpy", make=lambda: lambda: 1.0),
            Peer(name="bad", distribution="numpy", make=lambda: lambda: 2.0),
        ),
    )
"""
    run_suites(journal, quick=True, folder=only(folder, suite))
    found = {one.payload["peer"]: one.payload["status"] for one in journal.records()}
    assert found == {"bad": "wrong", "good": "untimed"}


def test_suite_that_cannot_be_read_is_an_error_and_the_rest_runs(
    journal: Journal, folder: Path
) -> None:
    (folder / "toy" / "broken.py").write_text("import no_such_module_x\n")
    (folder / "toy" / "foreign.py").write_text("def cases(quick):\n    yield 3\n")
    summary = run_suites(journal, quick=True, prefix="toy", folder=folder)
    errors = [one for one in summary.failures if ".suite: error" in one]
    assert len(errors) == 2
    assert "no_such_module_x" in errors[0]
    assert "must yield Accuracy or Speed, got 3" in errors[1]
    assert summary.counts["measured"] == 3


def test_case_that_bears_a_taken_name_is_an_error(
    journal: Journal, folder: Path
) -> None:
    text = (folder / "toy" / "sums.py").read_text(encoding="utf-8")
    (folder / "toy" / "twin.py").write_text(text, encoding="utf-8")
    summary = run_suites(journal, quick=True, prefix="toy", folder=folder)
    assert any("two cases have the name" in one for one in summary.failures)


def test_prefix_that_selects_nothing_is_refused_and_leaves_no_run(
    journal: Journal, folder: Path
) -> None:
    for prefix in ("toy.sums.nothing", "tony"):
        with pytest.raises(InvalidValue, match=r"known suites: toy\.sums"):
            run_suites(journal, quick=True, prefix=prefix, folder=folder)
    assert not journal.runs()


def test_folder_without_suites_is_refused(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="no folder of benchmarks at"):
        run_suites(journal, folder=tmp_path / "nowhere")


def test_races_ask_about_the_thresholds_of_the_policies(folder: Path) -> None:
    assert thresholds_of(policies(folder)) == {("toy.sums.fast", "NumPy"): [1e-6]}
    path = folder / "policies" / "toy.yaml"
    several = path.read_text(encoding="utf-8").replace(
        "peer: NumPy", "peers: [NumPy, SciPy]\n        aim: 2.0"
    )
    path.write_text(several, encoding="utf-8")
    asked = thresholds_of(policies(folder))
    assert asked == {
        ("toy.sums.fast", name): [1e-6, 2.0] for name in ("NumPy", "SciPy")
    }


def test_interruption_keeps_what_was_measured(journal: Journal, folder: Path) -> None:
    suite = INTERRUPTING.replace("LAST", "interrupt")
    summary = run_suites(journal, quick=True, folder=only(folder, suite))
    assert summary.status == "interrupted"
    assert summary.counts == {"measured": 2}
    assert [one.payload["value"] for one in journal.records()] == [1.0, 2.0]
    (run,) = journal.runs()
    assert (run.status, run.records) == ("interrupted", 2)
    assert not list(journal.faults())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills with a POSIX signal")
def test_killed_run_keeps_what_was_measured(
    journal: Journal, folder: Path, tmp_path: Path
) -> None:
    flag = tmp_path / "reached"
    last = f"lambda: (open({str(flag)!r}, 'w').close(), __import__('time').sleep(60))"
    only(folder, INTERRUPTING.replace("LAST", last))
    command = [sys.executable, "-m", "qleap", "bench", "run", "--quick"]
    process = subprocess.Popen([*command, "--folder", str(folder)], cwd=ROOT)
    deadline = time.monotonic() + 60.0
    while not flag.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [one.payload["value"] for one in journal.records()] == [1.0, 2.0]
    assert journal.runs()[0].status == "killed"
    assert not list(journal.faults())
    # The next run goes on as if nothing had happened.
    (folder / "toy" / "stop.py").unlink()
    (folder / "toy" / "go.py").write_text(
        INTERRUPTING.replace("LAST", "lambda: 3.0"), encoding="utf-8"
    )
    assert run_suites(journal, folder=folder).counts == {"measured": 4}
    assert not list(journal.faults())


LOCKING = """
import sqlite3

from qleap.bench import Accuracy

blocker = sqlite3.connect(PATH, isolation_level=None)


def lock():
    blocker.execute("BEGIN IMMEDIATE")
    return 1.0


def cases(quick):
    for name, measure in (("free", lambda: 1.0), ("locked", lock)):
        yield Accuracy(
            name=f"toy.stop.{name}", title="t", unit="1", evidence="analytic",
            reference="r", measure=measure,
        )
"""


def test_database_locked_during_a_run_is_a_sentence_and_loses_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qleap.bench.trail.journal.PATIENCE", 0.1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    journal = Journal()
    path = str(tmp_path / "qleap-test.db")
    only(folder, LOCKING.replace("PATH", repr(path)))
    with pytest.raises(StorageError, match=r"is locked by another process.* rescue "):
        run_suites(journal, quick=True, folder=folder)
    source = str(folder / "toy" / "stop.py")
    modules = list(sys.modules.values())
    (suite,) = [one for one in modules if getattr(one, "__file__", None) == source]
    suite.blocker.close()
    assert [one.name for one in journal.records()] == ["toy.stop.free"]
    # The result at hand was kept aside, and is added once.
    (kept,) = tmp_path.glob("qleap-unsaved-*.jsonl")
    assert add_rescued(journal, kept) == 1
    assert add_rescued(journal, kept) == 0
    free, locked = journal.records()
    assert (locked.name, locked.payload["value"]) == ("toy.stop.locked", 1.0)
    assert (locked.run_id, locked.measured <= locked.created) == (free.run_id, True)
    assert not list(journal.faults())
    kept.write_text('{"name": 3}\n', encoding="utf-8")
    with pytest.raises(InvalidValue, match="line 1, is no result that was kept aside"):
        add_rescued(journal, kept)
    journal.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"measured_at": "garbage"},
        {"measured_at": "2999-01-01T00:00:00+00:00"},
        {"measured_at": "2026-01-01T00:00:00"},
        {"name": "run end"},
        {"payload": {"status": "finished"}},
        {"payload": {"kind": "decision"}},
        {"payload": 3},
    ],
)
def test_what_no_run_kept_aside_is_not_rescued(
    journal: Journal, tmp_path: Path, changed: dict[str, object]
) -> None:
    run_id = journal.begin("quick", {})
    line = {
        "run_id": run_id,
        "name": "toy.sums.exact",
        "payload": {"kind": "accuracy", "status": "measured", "evidence": "analytic"},
        "measured_at": "2026-01-01T00:00:00+00:00",
    }
    path = tmp_path / "kept.jsonl"
    path.write_text(json.dumps(line | changed) + "\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="line 1, is no result that was kept aside"):
        add_rescued(journal, path)
    assert not journal.records()
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert add_rescued(journal, path) == 1


def test_read_only_database_is_refused_before_anything_is_measured(
    journal: Journal, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "qleap-test.db"
    frozen = Journal(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StorageError, match="is read-only; make the file"):
        run_suites(frozen, quick=True, folder=folder)
    frozen.close()
    assert not journal.runs()


def test_damaged_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"this is no database, but it is long enough to be read" * 40)
    with pytest.raises(StorageError, match="is not a database"):
        Journal(f"sqlite:///{path}")


def test_peer_that_fails_is_an_error_of_its_own(journal: Journal, folder: Path) -> None:
    suite = """
from qleap.bench import Peer
from qleap.bench import Skip
from qleap.bench import Speed


def fail():
    raise RuntimeError("two\\nlines")


def skip():
    raise Skip("too little memory")


def speed(name, run, make):
    peer = Peer(name="P", distribution="numpy", make=make)
    return Speed(
        name=name, title="t", run=run, rtol=0.1, error=lambda a, b: 0.0, peers=(peer,)
    )


def cases(quick):
    yield speed("toy.stop.peer", lambda: 1.0, fail)
    yield speed("toy.stop.ours", fail, lambda: lambda: 1.0)
    yield speed("toy.stop.skip", skip, lambda: lambda: 1.0)
"""
    run_suites(journal, quick=True, folder=only(folder, suite))
    found = by_name(journal.records())
    assert found["peer"].payload["reason"] == "RuntimeError: two lines"
    assert found["peer"].payload["peer"] == "P"
    assert "peer" not in found["ours"].payload
    assert found["skip"].payload["status"] == "skipped"


def test_kernel_threads_are_restored(journal: Journal, folder: Path) -> None:
    from qleap.core import jit

    before = jit.threads()
    run_suites(journal, quick=True, prefix="toy.sums.fast", folder=folder)
    assert jit.threads() == before


def test_environment_says_where_and_with_what(journal: Journal, folder: Path) -> None:
    run_suites(journal, quick=True, prefix="toy.sums.exact", folder=folder)
    (run,) = journal.runs()
    assert run.environment["cores"] >= 1
    assert run.environment["cpu"]
    assert run.environment["versions"]["numpy"]
    assert run.profile == "quick toy.sums.exact"
