"""IonQ through qiskit-ionq against a server on this machine."""

import json
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from qiskit import QuantumCircuit

from qleap.core.errors import BackendUnavailable, InvalidValue, JobFailed
from qleap.core.jobs import JobStore
from qleap.processing import Estimator, backend, run
from qleap.processing.backends import journal
from qleap.processing.backends.ionq import IonqMachine
from qleap.processing.backends.retry import NotKnown, Refused, RetryPolicy
from qleap.processing.backends.stored import StoredBackend

pytest.importorskip("qiskit_ionq")
pytestmark = pytest.mark.filterwarnings("ignore:Transpiler default")

KEY = "ionq-secret-4711"


class Cloud(ThreadingHTTPServer):
    """Jobs in a dict; ``fault`` is what befalls the next submission."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.jobs: dict[str, dict[str, Any]] = {}
        self.posts = 0
        self.fault = ""
        self.probabilities = {"0": 0.5, "3": 0.5}


class Handler(BaseHTTPRequestHandler):
    """API version 0.4, as far as the client goes."""

    server: Cloud

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        cloud = self.server
        cloud.posts += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault, cloud.fault = cloud.fault, ""
        if fault == "refuse":
            header = dict(self.headers)
            return self._send(400, {"statusCode": 400, "message": f"bad {header}"})
        job_id = f"i{len(cloud.jobs)}"
        cloud.jobs[job_id] = {**body, "id": job_id, "status": "completed"}
        if fault == "lose":
            self.close_connection = True
            return None
        if fault == "503":
            return self._send(503, {"message": "gateway"})
        return self._send(200, {"id": job_id, "status": "submitted"})

    def do_PUT(self) -> None:
        job_id = self.path.split("/")[3]
        self.server.jobs[job_id]["status"] = "canceled"
        self._send(200, {})

    def do_GET(self) -> None:
        cloud, parts = self.server, urlsplit(self.path)
        match parts.path.strip("/").split("/")[1:]:
            case ["jobs"]:
                listed = [
                    {k: job[k] for k in ("id", "status", "metadata")}
                    for job in reversed(cloud.jobs.values())
                ]
                first = int(parse_qs(parts.query).get("next", ["0"])[0])
                more = str(first + 1) if first + 1 < len(listed) else None
                self._send(200, {"jobs": listed[first : first + 1], "next": more})
            case ["jobs", job_id] if job_id in cloud.jobs:
                link = {"url": f"/v0.4/jobs/{job_id}/results/probabilities"}
                job = {**cloud.jobs[job_id], "results": {"probabilities": link}}
                self._send(200, job)
            case ["jobs", _, "results", "probabilities"]:
                self._send(200, cloud.probabilities)
            case ["backends", name]:
                self._send(200, {"backend": name, "qubits": 11})
            case _:
                self._send(404, {"statusCode": 404, "message": "no such job"})

    def _send(self, status: int, content: Any) -> None:
        packed = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    server = Cloud()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v0.4"
    monkeypatch.setenv("IONQ_API_KEY", KEY)
    monkeypatch.setenv("IONQ_API_URL", url)
    yield server
    server.shutdown()
    server.server_close()


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [2, 0])
    return circuit


def test_a_circuit_runs_with_its_tag(cloud: Cloud) -> None:
    found = run(bell(), 100, seed=3, backend="ionq:simulator")
    assert set(found.counts) == {"000", "101"}
    assert sum(found.counts.values()) == 100
    (job,) = cloud.jobs.values()
    assert job["metadata"]["qleap"] == found.job
    kept = JobStore().get(str(found.job))
    assert (kept.state, kept.provider_id) == ("done", "i0")
    again = backend("ionq:simulator").job(kept.id).result().get_counts()
    assert again == found.counts


def test_probabilities_of_a_device_are_its_counts(cloud: Cloud) -> None:
    cloud.probabilities = {"0": 0.25, "2": 0.75}
    found = run(bell(), 8, backend="ionq:qpu.aria-1")
    assert found.counts == {"001": 6, "000": 2}


@pytest.mark.usefixtures("cloud")
def test_the_estimator_measures() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    pub = (circuit, ["ZZ"], None, 0.1)
    (found,) = Estimator("ionq:simulator", seed=1).run([pub]).result()
    assert found.data.evs.tolist() == [1.0]


@pytest.mark.parametrize("fault", ["lose", "503"])
def test_a_lost_submission_is_made_once_and_found_by_its_tag(
    cloud: Cloud, fault: str
) -> None:
    run(bell(), 5, backend="ionq:simulator")
    cloud.fault = fault
    with pytest.raises(BackendUnavailable, match="may have been submitted"):
        run(bell(), 5, backend="ionq:simulator")
    assert cloud.posts == 2  # the client's own repetition is off
    opened, store = backend("ionq:simulator"), JobStore()
    job = journal.wait(store, opened.machine, store.newest(1)[0])
    assert (job.state, job.provider_id) == ("done", "i1")
    assert cloud.posts == 2


def test_a_refusal_does_not_repeat_the_key(cloud: Cloud) -> None:
    cloud.fault = "refuse"
    with pytest.raises(Refused, match=r"IonQ refused \(400\)") as refused:
        run(bell(), 5, backend="ionq:simulator")
    seen: BaseException | None = refused.value
    while seen is not None:
        assert KEY not in f"{seen} {seen!r}"
        seen = seen.__cause__
    job = JobStore().newest(1)[0]
    assert job.state == "failed"
    assert KEY not in str(job)


def test_jobs_are_cancelled_and_failures_told(cloud: Cloud) -> None:
    opened = backend("ionq:simulator")
    job = opened.run(bell(), shots=5)
    cloud.jobs["i0"]["status"] = "ready"
    assert job.cancel()
    assert JobStore().get(job.job_id()).state == "cancelled"
    job = opened.run(bell(), shots=5)
    cloud.jobs["i1"].update(status="failed", failure={"code": "Hot", "error": "ions"})
    with pytest.raises(JobFailed, match="Hot ions"):
        job.result()


@pytest.mark.usefixtures("cloud")
def test_unknown_jobs_and_servers_are_told() -> None:
    machine = backend("ionq:simulator").machine
    with pytest.raises(NotKnown):
        machine.state("moon")
    machine._machine.client._url = "http://127.0.0.1:9"
    quick = RetryPolicy(attempts=2, first=0.001, rng=random.Random(0))
    gone = IonqMachine("ionq:simulator", machine._machine, quick)
    with pytest.raises(BackendUnavailable, match=r"did not answer|answered nothing"):
        gone.state("i0")


def test_a_measurement_in_the_middle_is_refused_before_it_is_sent(
    cloud: Cloud,
) -> None:
    circuit = bell()
    circuit.x(0)
    with pytest.raises(Refused, match="IonQ measures at the end"):
        StoredBackend(backend("ionq:simulator").machine).run(circuit)
    assert cloud.posts == 0


def test_a_missing_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IONQ_API_KEY", "QISKIT_IONQ_API_TOKEN", "IONQ_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InvalidValue, match="set IONQ_API_KEY"):
        backend("ionq:simulator")
