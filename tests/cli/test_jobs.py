"""``qleap jobs`` and ``qleap backends``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit
from typer.testing import CliRunner

from qleap.cli.main import app
from qleap.core.errors import InvalidValue
from qleap.core.jobs import JobStore
from qleap.core.results import load
from qleap.processing import backend
from tests.processing.backends.fake_oqtopus import TOKEN, Cloud

QASM = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\nx q[1];\n'
QASM += "measure q -> c;\n"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with Cloud(polls=0) as opened:
        monkeypatch.setenv("OQTOPUS_URL", opened.url)
        monkeypatch.setenv("OQTOPUS_API_TOKEN", TOKEN)
        yield opened


def qleap(*arguments: str) -> Any:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def flip() -> QuantumCircuit:
    circuit = QuantumCircuit(4, 2)
    circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def test_a_file_runs_elsewhere_and_is_stored_once(cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "flip.qasm"
    file.write_text(QASM)
    result = qleap("run", str(file), "--backend", "oqtopus:ring", "--json")
    found = json.loads(result.stdout)
    assert found["counts"] == {"10": 1024}
    (job,) = JobStore().newest()
    assert job.id == found["job"]
    assert len(cloud.ran) == 1


def test_jobs_are_listed_shown_and_exported(cloud: Cloud, tmp_path: Path) -> None:
    job = backend("oqtopus:ring").run(flip(), shots=8)
    job_id = job.job_id()
    assert json.loads(qleap("jobs", "list", "--json").stdout)[0]["id"] == job_id
    assert json.loads(qleap("jobs", "--json").stdout)[0]["state"] == "queued"
    assert job_id[:8] in qleap("jobs", "list").stdout
    (waited,) = json.loads(qleap("jobs", "wait", job_id[:8], "--json").stdout)
    assert waited["result"] == {"counts": {"10": 8}, "shots": 8}
    shown = qleap("jobs", "show", job_id[:8]).stdout
    assert "OPENQASM 3" in shown
    assert "100.0%" in shown
    qleap("jobs", "export", job_id, str(tmp_path / "job.json"))
    record = json.loads((tmp_path / "job.json").read_text())
    assert record["calibration"]["device_id"] == "ring"
    assert record["raw"]["result"]["sampling"]["counts"] == {"10": 8}
    assert [e["state"] for e in record["events"]][-1] == "done"
    assert TOKEN not in (tmp_path / "job.json").read_text()
    qleap("jobs", "export", job_id, str(tmp_path / "job.nc"))
    data = load(tmp_path / "job.nc", kind="counts")
    assert data["counts"].sel(outcome="10").item() == 8
    assert cloud.ran[0]["submissions"] == 1


def test_all_open_jobs_are_taken_on(cloud: Cloud) -> None:
    cloud.polls = 1
    backend("oqtopus:ring").run([flip(), flip()], shots=8)
    first = json.loads(qleap("jobs", "resume", "--json").stdout)
    assert {job["state"] for job in first} == {"queued"}
    second = json.loads(qleap("jobs", "resume", "--json").stdout)
    assert {job["state"] for job in second} == {"done"}
    assert "every job has ended" in qleap("jobs", "resume").stdout
    assert len(cloud.ran) == 2


def test_a_job_is_cancelled(cloud: Cloud) -> None:
    cloud.polls = 99
    job = backend("oqtopus:ring").run(flip(), shots=8)
    assert "cancelled" in qleap("jobs", "cancel", job.job_id()).stdout


def test_a_job_of_this_machine_cannot_be_taken_on(tmp_path: Path) -> None:
    file = tmp_path / "flip.qasm"
    file.write_text(QASM)
    found = json.loads(qleap("run", str(file), "--json").stdout)
    with pytest.raises(InvalidValue, match="ran in a process on this machine"):
        qleap("jobs", "resume", found["job"])


def test_backends_are_listed(cloud: Cloud) -> None:
    found = json.loads(qleap("backends", "--json").stdout)
    names = {one["name"]: one for one in found}
    assert names["oqtopus:DEVICE"]["devices"] == ["oqtopus:ring"]
    assert names["oqtopus:DEVICE"]["detail"] == "1 of 1 devices available"
    table = qleap("backends", "--offline").stdout
    assert "set up; not asked" in table
    assert cloud.requests == ["GET /devices"]


def test_packages_that_are_missing_are_named_with_their_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qleap.processing.backends.listing.version_of", lambda _: None)
    table = "".join(qleap("backends", "--offline").stdout.split())
    assert "pipinstall'qleap[braket]'addsit" in table
    assert "local:noisy=SNAPSHOTyesanysavedcalibration" in table
