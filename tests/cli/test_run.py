"""``qleap run`` and ``qleap jobs`` as a user meets them."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from qleap.cli.main import app
from qleap.core.errors import InvalidValue, StorageError
from qleap.core.jobs import JobStore

BELL = (
    'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n'
    "h q[0];\ncx q[0], q[1];\nmeasure q -> c;\n"
)
WIDE = BELL.replace("[2];", "[6];").replace("h q[0]", "h q")


@pytest.fixture
def bell(tmp_path: Path) -> str:
    file = tmp_path / "bell.qasm"
    file.write_text(BELL)
    return str(file)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def as_json(*arguments: str) -> Any:
    return json.loads(invoke(*arguments, "--json").stdout)


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qleap", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_counts_are_shown_as_a_histogram(bell: str) -> None:
    output = invoke("run", bell, "--shots", "200", "--seed", "7").stdout
    rows = re.findall(r"^(00|11) +(\d+) +[\d.]+% +█+", output, re.MULTILINE)
    assert [name for name, _ in rows] == ["00", "11"]
    assert sum(int(number) for _, number in rows) == 200
    assert "200 shots on local (sampling), seed 7" in output


def test_many_outcomes_are_cut_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "wide.qasm"
    file.write_text(WIDE)
    output = invoke("run", str(file), "--no-store").stdout
    assert len(re.findall(r"^[01]{6} ", output, re.MULTILINE)) == 16
    found = re.search(
        r"and (\d+) more outcomes with (\d+) shots \(--json: all\)", output
    )
    assert found is not None
    assert 10 < int(found.group(1)) <= 48


def test_json_repeats_with_the_seed(bell: str) -> None:
    first = as_json("run", bell, "--shots", "300")
    again = as_json("run", bell, "--shots", "300", "--seed", str(first["seed"]))
    assert first["counts"] == again["counts"]
    assert first["job"] != again["job"]
    assert (first["backend"], first["method"]) == ("local", "sampling")


def test_the_job_is_stored_with_circuit_seed_and_result(bell: str) -> None:
    made = as_json("run", bell, "--shots", "50")
    (listed,) = as_json("jobs")
    shown = as_json("jobs", "show", made["job"][:8])
    assert listed["id"] == shown["id"] == made["job"]
    assert shown["program"] == BELL
    expected = {"file": bell, "seed": made["seed"], "shots": 50}
    assert shown["options"] == {**expected, "precision": "double"}
    assert shown["result"]["counts"] == made["counts"]
    assert [e["state"] for e in shown["events"]] == ["created", "running", "done"]


def test_jobs_are_listed_and_shown_as_text(bell: str) -> None:
    assert "no jobs yet" in invoke("jobs").stdout
    made = as_json("run", bell, "--seed", "3")["job"]
    assert re.search(rf"{made[:8]} .* done +local +1024", invoke("jobs").stdout)
    output = invoke("jobs", "show", made[:8]).stdout
    assert "cx q[0], q[1];" in output
    assert re.search(r"^11 +\d+ .*█", output, re.MULTILINE)


def test_no_store_leaves_no_job(bell: str) -> None:
    assert as_json("run", bell, "--no-store")["job"] is None
    assert as_json("jobs") == []


def test_failed_job_keeps_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "nothing.qasm"
    file.write_text("OPENQASM 2.0; qreg q[1];")
    with pytest.raises(InvalidValue, match="counts need a measurement"):
        invoke("run", str(file))
    (job,) = as_json("jobs")
    assert job["state"] == "failed"
    assert "counts need a measurement" in job["error"]


def test_interrupted_job_is_cancelled(
    bell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qleap.cli.run._measure", interrupt)
    assert invoke("run", bell).exit_code != 0
    assert as_json("jobs")[0]["state"] == "cancelled"


def test_plot_is_saved(bell: str, tmp_path: Path) -> None:
    picture = tmp_path / "counts.png"
    invoke("run", bell, "--plot", str(picture), "--no-store")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_simulated_device_can_be_named(bell: str) -> None:
    pytest.importorskip("qiskit_aer")
    pytest.importorskip("qiskit_ibm_runtime")
    made = as_json("run", bell, "--backend", "fake:manila", "--shots", "400")
    assert made["backend"] == "fake:manila"
    assert sum(made["counts"].values()) == 400


def test_unusable_database_stops_before_the_run_and_names_the_way_out(
    bell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("QLEAP_DATABASE_URL", f"sqlite:///{damaged}")
    with pytest.raises(StorageError, match=r"--no-store"):
        invoke("run", bell)


@pytest.mark.slow
def test_locked_database_stops_before_the_run(bell: str, tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    url = f"sqlite:///{path}"
    JobStore(url).close()
    with closing(sqlite3.connect(path)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        ended = process("run", bell, QLEAP_DATABASE_URL=url)
        lock.rollback()
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "--no-store" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BELL.replace("q[1];\nm", "q[9];\nm"), r"bad\.qasm, line 6: index 9 is out"),
        (BELL.replace("h q[0];", "h q[0]"), r"bad\.qasm, line 6: needed ';'"),
        ("OPENQASM 3.0;\nqubit q;\nreset", r"line 3: syntax error at the end"),
        ("OPENQASM 2.0;\nopaque m a;\nqreg q[1];\ncreg c[1];\nm q[0];\n"
         "measure q -> c;", r"cannot simulate the instruction 'm' on 1 qubits"),
        ("OPENQASM 2.0;\nqreg q[90];\ncreg c[90];\nmeasure q -> c;",
         r"90 qubits needs .* GiB of memory, available: "),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line_and_exit_code_2(
    text: str, expected: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.qasm"
    file.write_text(text)
    ended = process("run", str(file))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert re.search(expected, ended.stderr)


def test_missing_file_and_bad_options_are_named(bell: str) -> None:
    with pytest.raises(StorageError, match=r"no\.qasm cannot be read"):
        invoke("run", "no.qasm")
    with pytest.raises(InvalidValue, match=r"shots must be between 1 and .*, got 0"):
        invoke("run", bell, "--shots", "0")
    with pytest.raises(InvalidValue, match=r"seed must be between 0 and 2147483647"):
        invoke("run", bell, "--seed", "-1")
    with pytest.raises(InvalidValue, match=r"begins with 'zz'"):
        invoke("jobs", "show", "zz")


def test_the_calibration_of_a_noisy_simulator_is_stored(
    bell: str, tmp_path: Path
) -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    name = "local:noisy=fake:manila"
    found = as_json("run", bell, "--backend", name, "--shots", "50", "--seed", "2")
    path = tmp_path / "job.json"
    invoke("jobs", "export", found["job"], str(path))
    exported = json.loads(path.read_text())
    assert exported["calibration"]["device"] == "ibmq_manila"
    # What was exported repeats the run.
    kept = tmp_path / "then.json"
    kept.write_text(json.dumps(exported["calibration"]))
    name = f"local:noisy={kept}"
    again = as_json("run", bell, "--backend", name, "--shots", "50", "--seed", "2")
    assert again["counts"] == found["counts"]


def test_a_job_is_done_though_nobody_reads_its_counts(bell: str) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        command = [sys.executable, "-m", "qleap", "run", bell, "--shots", "9"]
        subprocess.run(command, stdout=closed, stderr=subprocess.DEVNULL, check=False)
    (job,) = JobStore().newest(1)
    assert job.state == "done"


def test_brackets_in_names_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a[red]b.qasm").write_text(BELL)
    invoke("run", "a[red]b.qasm", "--shots", "9")
    assert "a[red]b.qasm" in invoke("jobs").stdout
