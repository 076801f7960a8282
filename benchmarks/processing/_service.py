"""A service under load whose processes are killed, and what became of the jobs."""

import contextlib
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qasm3
from sqlalchemy import select

from qleap.core.database import Database
from qleap.processing import run
from qleap.processing.serve import tables
from qleap.processing.serve.accounts import Accounts
from qleap.processing.serve.store import URL_VARIABLE, open_store

SETTINGS = 'lease_seconds = 3.0\npoll_seconds = 0.05\n[[devices]]\nid = "local"\n'
SHOTS = 200
PATIENCE = 300.0
"""Seconds after which what has not ended is lost."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the jobs of a load.

    Parameters
    ----------
    n_jobs : int
        Submitted.
    killed : int
        Processes that were killed: workers and servers.
    lost : int
        Of them, those that did not end as succeeded.
    recorded_twice : int
        Those whose end was recorded more than once.
    wrong : int
        Those whose counts are not those of a direct run with the same seed.
    begun_again : int
        Those that a killed process had begun.
    waits : ndarray of float64, shape (n_ended,), s
        From submission to end.
    seconds : float
        From the first submission to the last end.
    """

    n_jobs: int
    killed: int
    lost: int
    recorded_twice: int
    wrong: int
    begun_again: int
    waits: NDArray[np.float64]
    seconds: float


def load(n_jobs: int, n_clients: int, *, workers: int = 2) -> Outcome:
    """Submit jobs from many clients, kill the processes on the way, and count.

    A worker is killed once a quarter of the jobs has ended. Once half has, the server
    and all its workers are killed, and the service is started again.
    """
    programs = {k: _program(k) for k in range(n_jobs)}
    shares = [list(range(n_jobs))[c::n_clients] for c in range(n_clients)]
    with (
        tempfile.TemporaryDirectory() as folder,
        _Service(Path(folder), workers) as service,
    ):
        tokens = _add_users(service.database, n_clients)
        service.start()
        stop = threading.Event()
        killer = threading.Thread(target=_kill, args=(service, n_jobs, stop))
        killer.start()
        try:
            with ThreadPoolExecutor(n_clients) as clients:
                told = clients.map(
                    lambda share, token: _client(service, token, share, programs),
                    shares,
                    tokens,
                )
                jobs = dict(itertools.chain.from_iterable(told))
            _wait(lambda: _n_ended(service.database) >= n_jobs)
        finally:
            stop.set()
            killer.join()
        return _count(service, jobs, programs)


class _Service:
    """The processes of a service in a folder, on one port of this machine."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._workers = workers
        self._url = f"sqlite:///{folder / 'serve.db'}"
        (folder / "serve.toml").write_text(SETTINGS, encoding="utf-8")
        self.database = open_store(self._url)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self._port}"
        self.killed = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Service":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60.0)
        self.database.close()

    def start(self) -> None:
        """Start the service and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "qleap", "serve", "start"),
                    *("--config", self._folder / "serve.toml"),
                    *("--port", str(self._port), "--workers", str(self._workers)),
                ],
                env=os.environ | {URL_VARIABLE: self._url},
                stdout=log,
                stderr=log,
            )
        _wait(self._answers)

    def kill_worker(self) -> None:
        """Kill one worker, which the server replaces."""
        self._kill(self._worker_ids()[:1])

    def kill_all(self) -> None:
        """Kill the server and its workers."""
        if self._process is not None:
            workers = self._worker_ids()
            self._kill([self._process.pid])
            self._process.wait()
            self._kill(workers)

    def _worker_ids(self) -> list[int]:
        query = select(tables.worker.c.place).order_by(tables.worker.c.started.desc())
        with self.database.reading() as connection:
            places = connection.execute(query.limit(self._workers)).scalars().all()
        return [int(place.split()[-1]) for place in places]

    def _kill(self, process_ids: list[int]) -> None:
        for process_id in process_ids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
                self.killed += 1

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.base}/", trust_env=False).status_code == 200
        return False


def _add_users(database: Database, n_users: int) -> list[str]:
    accounts = Accounts(database)
    users = [accounts.add(f"client{k}@example.org") for k in range(n_users)]
    return [accounts.new_token(user.id, 1.0).secret for user in users]


def _program(k: int) -> str:
    """Return a small circuit that is different for each job."""
    rng = np.random.default_rng(k)
    circuit = QuantumCircuit(6)
    for _ in range(4):
        for qubit in range(6):
            circuit.ry(rng.uniform(0.0, np.pi), qubit)
        for qubit in range(5):
            circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return str(qasm3.dumps(circuit))


def _client(
    service: _Service, token: str, share: list[int], programs: dict[int, str]
) -> Iterator[tuple[str, int]]:
    """Submit a share of the jobs and yield their ids, whatever is killed meanwhile."""
    headers = {"q-api-token": token}
    found = []
    with httpx.Client(
        base_url=service.base, headers=headers, timeout=20.0, trust_env=False
    ) as http:
        for k in share:
            job_id = None
            begin = time.monotonic()
            while job_id is None and time.monotonic() - begin < PATIENCE:
                try:
                    job_id = _submit(http, k, programs[k])
                except httpx.TransportError:
                    time.sleep(0.2)
            if job_id is not None:
                found.append((job_id, k))
    return iter(found)


def _submit(http: httpx.Client, k: int, program: str) -> str:
    """Register, upload and submit one job; an answer that was lost is asked for."""
    registered = http.post("/jobs").raise_for_status().json()
    job_id: str = registered["job_id"]
    there = registered["presigned_url"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("input.json", json.dumps({"program": [program]}))
    while True:
        try:
            file = {"file": ("input.zip", archive.getvalue(), "application/zip")}
            http.post(there["url"], data=there["fields"], files=file)
            request = {
                "device_id": "local",
                "job_type": "sampling",
                "shots": SHOTS,
                "name": f"job {k}",
                "simulator_info": {"seed_simulation": k},
            }
            http.post(f"/jobs/{job_id}/submit", json=request)
            status = http.get(f"/jobs/{job_id}/status").raise_for_status().json()
        except httpx.TransportError:
            time.sleep(0.2)
            continue
        if status["status"] != "registered":
            return job_id


def _kill(service: _Service, n_jobs: int, stop: threading.Event) -> None:
    for share, act in ((0.25, service.kill_worker), (0.5, service.kill_all)):
        while _n_ended(service.database) < share * n_jobs and not stop.is_set():
            time.sleep(0.05)
        if stop.is_set():
            return
        act()
    service.start()


def _n_ended(database: Database) -> int:
    query = select(tables.job.c.id).where(tables.job.c.ended_at.is_not(None))
    with database.reading() as connection:
        return len(connection.execute(query).all())


def _wait(condition: Callable[[], bool]) -> None:
    begin = time.monotonic()
    while not condition() and time.monotonic() - begin < PATIENCE:
        time.sleep(0.1)


def _count(
    service: _Service, jobs: dict[str, int], programs: dict[int, str]
) -> Outcome:
    events: dict[str, Counter[str]] = {job_id: Counter() for job_id in jobs}
    with service.database.reading() as connection:
        rows = connection.execute(select(tables.job)).mappings().all()
        for event in connection.execute(select(tables.job_event)):
            if event.job_id in events:
                events[event.job_id][event.status] += 1
        query = select(tables.job_object).where(tables.job_object.c.name == "result")
        results = {one.job_id: one.content for one in connection.execute(query)}
    ended = [row for row in rows if row["id"] in jobs and row["status"] == "succeeded"]
    begun = [datetime.fromisoformat(row["submitted_at"]) for row in ended]
    over = [datetime.fromisoformat(row["ended_at"]) for row in ended]
    waits = [(b - a).total_seconds() for a, b in zip(begun, over, strict=True)]
    return Outcome(
        n_jobs=len(programs),
        killed=service.killed,
        lost=len(programs) - len(ended),
        recorded_twice=sum(
            story["succeeded"] + story["failed"] + story["cancelled"] > 1
            for story in events.values()
        ),
        wrong=sum(
            _counts(results.get(job_id)) != _direct(programs[k], k)
            for job_id, k in jobs.items()
        ),
        begun_again=sum(story["running"] > 1 for story in events.values()),
        waits=np.array(waits, np.float64),
        seconds=(max(over) - min(begun)).total_seconds() if ended else float("nan"),
    )


def _counts(archive: bytes | None) -> Any:
    if archive is None:
        return None
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return json.loads(opened.read("result.json"))["sampling"]["counts"]


def _direct(program: str, seed: int) -> dict[str, int]:
    return run(program, SHOTS, seed=seed).counts
