"""An OQTOPUS cloud in a thread, which loses answers and keeps a ledger."""

import io
import json
import re
import threading
import time
import zipfile
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "secret-token-4711"
DEVICE = {
    "device_id": "ring",
    "device_type": "simulator",
    "status": "available",
    "n_pending_jobs": 0,
    "n_qubits": 4,
    "basis_gates": ["sx", "x", "rz", "cx"],
    "supported_instructions": ["measure"],
    "description": "four qubits in a ring",
    "calibrated_at": "2026-01-01T00:00:00Z",
    "device_info": json.dumps(
        {
            "qubits": [{"id": k} for k in range(4)],
            "couplings": [{"control": k, "target": (k + 1) % 4} for k in range(4)],
        }
    ),
}


@dataclass
class Fault:
    """One way of answering badly.

    ``kind``: ``lose`` (act, then hang up), ``drop`` (hang up, do nothing), ``twice``,
    ``late`` (act after ``seconds``), ``500`` (act, then fail), ``503`` (do nothing),
    ``garbage`` (act, then send no JSON), ``noise`` (act, then send no HTTP), ``echo``
    (refuse and repeat the client's headers).
    """

    path: str
    kind: str
    times: int = 1
    seconds: float = 0.0
    seen: set[str] | None = None
    """Where a set, the 1st, 3rd, ... request of each line is answered badly."""

    def strikes(self, line: str) -> bool:
        """Return whether the request ``line`` is answered badly."""
        if not re.search(self.path, line):
            return False
        if self.seen is None:
            self.times -= 1
            return self.times >= 0
        self.seen ^= {line}
        return line in self.seen


@dataclass
class Cloud:
    """The state of the cloud."""

    constant: bool = False
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: list[tuple[str, str | None]] = field(default_factory=list)
    polls: int = 1
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Cloud":
        cloud = self

        class Handler(_Handler):
            state = cloud

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def ran(self) -> list[dict[str, Any]]:
        """Return the jobs that the cloud has executed, and would bill."""
        return [job for job in self.jobs.values() if job["submissions"]]

    def act(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, Any]:
        """Do what is asked and return status and answer."""
        parts = urlsplit(path)
        steps = [unquote(p) for p in parts.path.strip("/").split("/")]
        with self.lock:
            match method, steps:
                case "GET", ["devices"]:
                    return 200, [DEVICE]
                case "GET", ["devices", "ring"]:
                    return 200, DEVICE
                case "POST", ["jobs"]:
                    return 200, self._register()
                case "GET", ["jobs"]:
                    (text,) = parse_qs(parts.query)["q"]
                    return 200, self._search(text)
                case "POST", ["bucket"]:
                    return self._upload(body, kind)
                case "GET", ["results", job_id]:
                    return 200, _zipped(self.jobs[job_id]["result"])
                case _, ["jobs", job_id, *_] if job_id not in self.jobs:
                    return 404, {"message": "job not found"}
                case "POST", ["jobs", job_id, "submit"]:
                    return self._submit(self.jobs[job_id], json.loads(body))
                case "GET", ["jobs", job_id, "status"]:
                    return 200, self._status(self.jobs[job_id])
                case "POST", ["jobs", job_id, "cancel"]:
                    return self._cancel(self.jobs[job_id])
                case "GET", ["jobs", job_id]:
                    return 200, self._whole(self.jobs[job_id])
        return 404, {"message": "not found"}

    def _register(self) -> dict[str, Any]:
        job_id = f"job-{len(self.jobs)}"
        self.jobs[job_id] = {
            "job_id": job_id,
            "status": "registered",
            "submissions": 0,
            "uploads": 0,
            "polls": 0,
        }
        form = {"url": f"{self.url}/bucket", "fields": {"key": f"jobs/{job_id}/in.zip"}}
        return {"job_id": job_id, "presigned_url": form}

    def _upload(self, body: bytes, kind: str) -> tuple[int, Any]:
        message = BytesParser(policy=HTTP).parsebytes(
            f"Content-Type: {kind}\r\n\r\n".encode() + body
        )
        parts = {
            part.get_param("name", header="content-disposition"): part
            for part in message.iter_parts()
        }
        job_id = parts["key"].get_content().strip().split("/")[1]
        packed = parts["file"].get_payload(decode=True)
        assert isinstance(packed, bytes)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            (name,) = archive.namelist()
            assert name.endswith(".json")
            self.jobs[job_id]["input"] = json.loads(archive.read(name))
        self.jobs[job_id]["uploads"] += 1
        return 204, None

    def _submit(self, job: dict[str, Any], request: Any) -> tuple[int, Any]:
        if job["status"] != "registered":
            return 400, {"message": "job is not registered"}
        if "input" not in job:
            return 400, {"message": "no input"}
        if request["device_id"] != "ring":
            return 404, {"message": "no such device"}
        job.update(request, status="submitted", submissions=job["submissions"] + 1)
        return 200, {"message": "Quantum job submitted"}

    def _status(self, job: dict[str, Any]) -> dict[str, Any]:
        if job["status"] == "submitted":
            job["polls"] += 1
            if job["polls"] > self.polls:
                job["status"] = "succeeded"
                job["result"] = answer(job, constant=self.constant)
        return {"job_id": job["job_id"], "status": job["status"]}

    def _cancel(self, job: dict[str, Any]) -> tuple[int, Any]:
        if job["status"] != "submitted":
            return 400, {"message": "job cannot be cancelled"}
        job["status"] = "cancelled"
        return 200, {"message": "cancel request accepted"}

    def _whole(self, job: dict[str, Any]) -> dict[str, Any]:
        hidden = ("submissions", "uploads", "polls", "input", "result")
        info: dict[str, Any] = {"input": f"{self.url}/inputs/{job['job_id']}"}
        if job["status"] == "succeeded":
            info["result"] = f"{self.url}/results/{job['job_id']}"
        if job["status"] == "failed":
            info["message"] = "the dilution refrigerator is warm"
        plain = {k: v for k, v in job.items() if k not in hidden}
        return {**plain, "job_info": info}

    def _search(self, text: str) -> list[dict[str, Any]]:
        return [
            {k: job.get(k) for k in ("job_id", "name", "status")}
            for job in self.jobs.values()
            if text in f"{job['job_id']} {job.get('name')} {job.get('description')}"
        ]


def answer(job: dict[str, Any], *, constant: bool) -> dict[str, Any]:
    """Return the result of a job, by Qiskit's reference primitives."""
    if constant:
        half = job["shots"] // 2
        return {"sampling": {"counts": {"00": half, "11": job["shots"] - half}}}
    from qiskit import QuantumCircuit, qasm3
    from qiskit.primitives import StatevectorEstimator, StatevectorSampler
    from qiskit.quantum_info import SparsePauliOp

    circuits = [qasm3.loads(text) for text in job["input"]["program"]]
    if job["job_type"] == "estimation":
        terms = [
            ("".join(one["pauli"].split()[::2]), one["pauli"].split()[1::2])
            for one in job["input"]["operator"]
        ]
        operator = SparsePauliOp.from_sparse_list(
            [
                ("" if not places else letters, [int(p) for p in places], one["coeff"])
                for (letters, places), one in zip(
                    terms, job["input"]["operator"], strict=True
                )
            ],
            num_qubits=circuits[0].num_qubits,
        )
        found = StatevectorEstimator().run([(circuits[0], operator)]).result()[0]
        value = float(found.data.evs)
        return {"estimation": {"exp_value": value, "stds": 0.0125}}

    def counts(circuit: QuantumCircuit) -> dict[str, int]:
        sampler = StatevectorSampler(seed=5)
        data = sampler.run([circuit], shots=job["shots"]).result()[0]
        found: dict[str, int] = data.join_data().get_counts()
        return found

    found = [counts(circuit) for circuit in circuits]
    divided = {str(k): one for k, one in enumerate(found)}
    return {
        "sampling": {
            "counts": found[0],
            "divided_counts": divided if job["job_type"] == "multi_manual" else None,
        }
    }


def _zipped(content: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("result.json", json.dumps(content))
    return packed.getvalue()


class _Handler(BaseHTTPRequestHandler):
    state: Cloud
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        cloud = self.state
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line = f"{self.command} {self.path}"
        token = self.headers.get("q-api-token")
        cloud.requests.append(line)
        cloud.tokens.append((line, token))
        outside = self.path.startswith(("/bucket", "/results"))
        if not outside and token != TOKEN:
            self._send(401, {"message": f"token {token} is not valid"})
            return
        fault = self._fault(line)
        if fault == "drop":
            self.close_connection = True
            return
        if fault == "503":
            self._send(503, {"message": "later"}, {"Retry-After": "0"})
            return
        if fault == "echo":
            self._send(400, {"message": f"odd headers {dict(self.headers)}"})
            return
        status, found = cloud.act(
            self.command, self.path, body, self.headers.get("Content-Type") or ""
        )
        if fault == "lose":
            self.close_connection = True
            return
        if fault == "500":
            self._send(500, {"message": "Internal Server Error"})
            return
        if fault == "garbage":
            self._send(200, b"<html>proxy</html>")
            return
        if fault == "noise":
            self.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")
            self.close_connection = True
            return
        for _ in range(2 if fault == "twice" else 1):
            self._send(status, found)

    def _fault(self, line: str) -> str:
        with self.state.lock:
            for fault in self.state.faults:
                if fault.strikes(line):
                    break
            else:
                return ""
        if fault.kind == "late":
            time.sleep(fault.seconds)
        return fault.kind

    def _send(
        self, status: int, content: Any, headers: dict[str, str] | None = None
    ) -> None:
        packed = content if isinstance(content, bytes) else json.dumps(content).encode()
        if content is None:
            packed = b""
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
