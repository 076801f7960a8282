"""Our client of the OQTOPUS API against a cloud that answers well and badly."""

import contextlib
import io
import json
import logging
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.providers import JobStatus
from qiskit.quantum_info import SparsePauliOp

from qleap.core.errors import BackendUnavailable, InvalidValue
from qleap.core.jobs import JobStore
from qleap.processing import Estimator, Sampler, backend, run
from qleap.processing.backends.oqtopus import OqtopusDevice, target_of
from qleap.processing.backends.oqtopus_client import OqtopusClient, OqtopusSettings
from qleap.processing.backends.retry import (
    NotKnown,
    Refused,
    RetryPolicy,
    Unanswered,
)
from qleap.processing.backends.stored import StoredBackend
from tests.processing.backends.fake_oqtopus import TOKEN, Cloud, Fault

FAST = RetryPolicy(attempts=3, first=0.001, longest=0.001, rng=random.Random(0))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with Cloud(polls=0) as opened:
        monkeypatch.setenv("OQTOPUS_URL", opened.url)
        monkeypatch.setenv("OQTOPUS_API_TOKEN", TOKEN)
        yield opened


@pytest.fixture
def client(cloud: Cloud) -> OqtopusClient:
    settings = OqtopusSettings(url=cloud.url, token=TOKEN, timeout=1.0)
    return OqtopusClient(settings, FAST)


def ghz() -> QuantumCircuit:
    circuit = QuantumCircuit(
        QuantumRegister(3), ClassicalRegister(1, "low"), ClassicalRegister(2, "high")
    )
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(0, 2)
    circuit.x(2)
    circuit.measure([0, 1, 2], [0, 1, 2])
    return circuit


def test_a_circuit_runs_and_registers_keep_their_places(cloud: Cloud) -> None:
    found = run(ghz(), 300, seed=4, backend="oqtopus:ring")
    assert set(found.counts) == {"10 0", "01 1"}
    assert sum(found.counts.values()) == 300
    assert found.backend == "oqtopus:ring"
    job = JobStore().get(str(found.job))
    assert job.state == "done"
    assert job.result == {"counts": found.counts, "shots": 300}
    (ran,) = cloud.ran
    assert ran["name"] == f"qleap {job.id}"
    assert ran["transpiler_info"] == {"transpiler_lib": None}
    assert json.loads(JobStore().calibration(job.id) or "")["device_id"] == "ring"


def test_circuits_arrive_on_the_couplers_of_the_device(cloud: Cloud) -> None:
    circuit = QuantumCircuit(4)
    circuit.h(0)
    for target in (1, 2, 3):
        circuit.cx(0, target)
    circuit.measure_all()
    run(circuit, 10, seed=1, backend="oqtopus:ring")
    (text,) = cloud.ran[0]["input"]["program"]
    pairs = [line for line in text.splitlines() if line.startswith("cx")]
    neighbours = {frozenset((k, (k + 1) % 4)) for k in range(4)}
    assert pairs
    for line in pairs:
        found = frozenset(int(c) for c in line if c.isdigit())
        assert found in neighbours
    assert "$" not in text


def test_the_sampler_broadcasts_as_qiskit_does(cloud: Cloud) -> None:
    theta = Parameter("theta")
    circuit = QuantumCircuit(2)
    circuit.ry(theta, 0)
    circuit.cx(0, 1)
    circuit.measure_all()
    pub = (circuit, [[0.0], [np.pi]], 50)
    (found,) = Sampler(backend="oqtopus:ring", seed=1).run([pub]).result()
    assert found.data.meas.shape == (2,)
    assert found.data.meas.get_counts(0) == {"00": 50}
    assert found.data.meas.get_counts(1) == {"11": 50}
    assert len(cloud.ran) == 2


def test_the_estimator_uses_jobs_of_estimation(cloud: Cloud) -> None:
    circuit = QuantumCircuit(3)
    circuit.ry(0.4, 2)
    circuit.cx(2, 0)
    observables = [[SparsePauliOp(["ZIZ", "IIX", "III"], [0.5, 2.0, 3.0])], ["ZII"]]
    (found,) = (
        Estimator(backend="oqtopus:ring", seed=1)
        .run([(circuit, observables, None, 0.1)])
        .result()
    )
    assert found.data.evs.shape == (2, 1)
    # <Z Z> = 1 and <X> = 0 for the pair, <Z> = cos 0.4
    assert found.data.evs[:, 0] == pytest.approx([3.5, np.cos(0.4)], abs=1e-9)
    assert found.data.stds.tolist() == [[0.0125], [0.0125]]
    assert [job["job_type"] for job in cloud.ran] == ["estimation"] * 2
    assert {job["shots"] for job in cloud.ran} == {100}


def test_circuits_run_side_by_side_in_one_job(cloud: Cloud) -> None:
    one, two = QuantumCircuit(1, 1), QuantumCircuit(2, 2)
    one.x(0)
    one.measure(0, 0)
    two.x(1)
    two.measure([0, 1], [0, 1])
    job = backend("oqtopus:ring").run([one, two], shots=9, together=True)
    assert job.result().get_counts() == [{"1": 9}, {"10": 9}]
    assert job.status() is JobStatus.DONE
    (ran,) = cloud.ran
    assert (ran["job_type"], len(ran["input"]["program"])) == ("multi_manual", 2)


def test_a_queued_job_is_cancelled(cloud: Cloud) -> None:
    cloud.polls = 99
    opened = backend("oqtopus:ring")
    job = opened.run(native_flip(), shots=5)
    assert job.status() is JobStatus.QUEUED
    assert job.cancel()
    assert job.status() is JobStatus.CANCELLED
    assert cloud.ran[0]["status"] == "cancelled"


def native_flip() -> QuantumCircuit:
    circuit = QuantumCircuit(4, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def test_the_token_goes_to_the_api_alone(cloud: Cloud) -> None:
    run(ghz(), 10, backend="oqtopus:ring")
    outside = [t for line, t in cloud.tokens if "/bucket" in line or "/results" in line]
    assert outside == [None, None]
    assert all(t == TOKEN for line, t in cloud.tokens if "/jobs" in line)


def test_no_message_no_log_and_no_file_repeats_the_token(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    cloud.faults.append(Fault("/submit", "echo"))
    with pytest.raises(Refused) as refused:
        run(ghz(), 10, backend="oqtopus:ring")
    seen: BaseException | None = refused.value
    while seen is not None:
        assert TOKEN not in f"{seen} {seen!r} {seen.__dict__}"
        seen = seen.__cause__ or seen.__context__
    run(ghz(), 10, backend="oqtopus:ring")
    assert "***" in str(JobStore().newest(2)[1].error)
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(OqtopusSettings.load())
    assert TOKEN.encode() not in (tmp_path / "qleap-test.db").read_bytes()


def test_a_wrong_token_is_said_without_it(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OQTOPUS_API_TOKEN", "wrong-4711")
    with pytest.raises(Refused, match=r"401.*token \*\*\* is not valid.*check the API"):
        run(ghz(), backend="oqtopus:ring")
    assert cloud.ran == []


@pytest.mark.parametrize("kind", ["drop", "lose", "500", "503", "garbage", "noise"])
def test_questions_are_asked_again(
    cloud: Cloud, client: OqtopusClient, kind: str
) -> None:
    cloud.faults.append(Fault("/devices", kind, times=2))
    assert client.devices()[0]["device_id"] == "ring"
    assert len(cloud.requests) == 3
    cloud.faults.append(Fault("/devices", kind, times=3))
    with pytest.raises(Unanswered):
        client.devices()


def test_a_second_answer_is_not_taken_for_the_next(
    cloud: Cloud, client: OqtopusClient
) -> None:
    cloud.faults.append(Fault("/devices", "twice", times=9))
    job_id, _ = client.register()
    client.devices()
    assert client.status(job_id) == "registered"


def test_a_server_that_is_not_there_is_said() -> None:
    settings = OqtopusSettings(url="http://127.0.0.1:9", token=TOKEN)
    with pytest.raises(BackendUnavailable, match="cannot be reached") as error:
        OqtopusClient(settings, FAST).submit("a", {})
    assert error.value.arrived is False  # type: ignore[attr-defined]


def test_a_device_that_does_not_exist_fails_the_job(client: OqtopusClient) -> None:
    device = OqtopusDevice(client, "moon")
    with pytest.raises(Refused, match="404"):
        _ = device.target


def test_a_job_that_the_cloud_forgot_is_unknown(
    cloud: Cloud, client: OqtopusClient
) -> None:
    with pytest.raises(NotKnown):
        client.status("job-99")
    job = StoredBackend(OqtopusDevice(client, "ring")).run(native_flip())
    cloud.jobs.clear()
    with pytest.raises(BackendUnavailable, match="nobody can tell"):
        job.result()
    assert JobStore().get(job.job_id()).state == "unknown"


def test_links_into_this_machine_are_refused(client: OqtopusClient) -> None:
    with pytest.raises(Refused, match="neither https: nor http:"):
        client.download("file:///etc/passwd")


def test_settings_come_from_the_file_of_oqtopus(tmp_path: Path) -> None:
    path = tmp_path / "oqtopus" / "config.ini"
    path.parent.mkdir()
    path.write_text(
        "[default]\nurl = https://a.example/v1\napi_token = t%1\ntimeout = 5\n"
        "[lab]\nurl = https://b.example\nproxy = http://p:1\n"
    )
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    found = OqtopusSettings.load(home)
    assert (found.url, found.token, found.timeout) == ("https://a.example/v1", "t%1", 5)
    lab = OqtopusSettings.load({**home, "OQTOPUS_PROFILE": "lab"})
    assert (lab.url, lab.token, lab.proxy) == ("https://b.example", "", "http://p:1")
    first = OqtopusSettings.load({**home, "OQTOPUS_URL": "http://c"})
    assert first.url == "http://c"
    with pytest.raises(InvalidValue, match=r"has no url in \[moon\]"):
        OqtopusSettings.load({**home, "OQTOPUS_PROFILE": "moon"})
    path.write_text("api_token = secret-4711\n")
    with pytest.raises(InvalidValue, match="is not a configuration file") as error:
        OqtopusSettings.load(home)
    assert "4711" not in str(error.value)
    assert error.value.__cause__ is None


def test_without_settings_the_way_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OQTOPUS_URL", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(InvalidValue, match="does not exist; write it there, or set"):
        backend("oqtopus:ring")
    with pytest.raises(InvalidValue, match="is named oqtopus:DEVICE"):
        backend("oqtopus:")


def test_gates_that_a_coupler_cannot_carry_or_nobody_knows_are_not_used() -> None:
    names = ["h", "cx", "ccx", "measure", "unheard_of"]
    target = target_of({"n_qubits": 3, "basis_gates": names})
    assert set(target.operation_names) == {"h", "cx", "measure", "delay"}


def _spoiled(kind: str) -> bytes:
    """Return an archive with a result that cannot be read."""
    content = 200_000 * b"[" if kind == "nested" else json.dumps([*range(999)]).encode()
    method = {"lzma": zipfile.ZIP_LZMA, "bzip2": zipfile.ZIP_BZIP2}.get(kind)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method or zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("result.json", content)
    spoiled = bytearray(buffer.getvalue())
    listed = spoiled.find(b"PK\x01\x02")
    if kind == "locked":
        spoiled[6] |= 1
        spoiled[listed + 8] |= 1
    elif kind == "packed oddly":
        spoiled[8] = spoiled[listed + 10] = 99
    elif kind != "nested":
        spoiled[45:60] = bytes(15)
    return bytes(spoiled)


@pytest.mark.parametrize(
    "kind", ["damaged", "locked", "packed oddly", "nested", "lzma", "bzip2"]
)
def test_an_archive_that_cannot_be_read_is_asked_for_again(
    client: OqtopusClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    calls = []

    @contextlib.contextmanager
    def stream(*_: object, **__: object) -> Iterator[httpx.Response]:
        calls.append(1)
        yield httpx.Response(200, content=_spoiled(kind))

    monkeypatch.setattr(httpx.Client, "stream", stream)
    with pytest.raises(Unanswered, match="an answer that makes no sense"):
        client.download("http://127.0.0.1:9/result")
    assert len(calls) == FAST.attempts
