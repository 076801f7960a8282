"""A service of its own for every test, and what a client does three times a job."""

import contextlib
import io
import json
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("fastapi")
import uvicorn

from qleap.core.database import Database
from qleap.processing.serve.accounts import Accounts
from qleap.processing.serve.server import http_config
from qleap.processing.serve.settings import ServeSettings
from qleap.processing.serve.store import open_store
from qleap.processing.serve.worker import Worker

BELL = (
    'OPENQASM 3;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\n'
    "h q[0];\ncx q[0], q[1];\nc = measure q;\n"
)


def zipped(content: Any, name: str = "input.json") -> bytes:
    """Return an archive of one JSON document, as published clients make it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, json.dumps(content))
    return buffer.getvalue()


@dataclass
class Person:
    """Someone with a token, and how they use the API."""

    http: httpx.Client
    token: str

    def ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = {"q-api-token": self.token} | arguments.pop("headers", {})
        return self.http.request(method, path, headers=headers, **arguments)

    def register(self) -> dict[str, Any]:
        told: dict[str, Any] = self.ask("POST", "/jobs").json()
        return told

    def upload(self, registered: dict[str, Any], archive: bytes) -> httpx.Response:
        there = registered["presigned_url"]
        return self.http.post(
            there["url"],
            data=there["fields"],
            files={"file": ("input.zip", archive, "application/zip")},
        )

    def submit(
        self, content: Any = None, archive: bytes | None = None, **request: Any
    ) -> tuple[str, httpx.Response]:
        """Return the id of a job and the answer to its submission."""
        registered = self.register()
        body = content if content is not None else {"program": [BELL]}
        sent = zipped(body) if archive is None else archive
        assert self.upload(registered, sent).status_code == 204
        asked = {"device_id": "local", "job_type": "sampling", "shots": 100}
        job_id: str = registered["job_id"]
        return job_id, self.ask("POST", f"/jobs/{job_id}/submit", json=asked | request)

    def job(self, job_id: str) -> dict[str, Any]:
        told: dict[str, Any] = self.ask("GET", f"/jobs/{job_id}").json()
        return told

    def document(self, job_id: str, name: str = "result") -> Any:
        """Return what a link of a job leads to."""
        archive = self.http.get(self.job(job_id)["job_info"][name]).content
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            (only,) = opened.namelist()
            return json.loads(opened.read(only))


@pytest.fixture
def bell() -> str:
    return BELL


@pytest.fixture
def pack() -> Callable[..., bytes]:
    return zipped


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_store(f"sqlite:///{tmp_path / 'serve.db'}")
    yield opened
    opened.close()


@pytest.fixture
def settings() -> ServeSettings:
    """Return what a test may override in its own module."""
    return ServeSettings()


@contextlib.contextmanager
def answering(settings: ServeSettings, database: Database) -> Iterator[httpx.Client]:
    """Yield a client of a server that answers on a free port, without workers."""
    server = uvicorn.Server(http_config(settings, database))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with httpx.Client(base_url=base, timeout=30.0, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def http(settings: ServeSettings, database: Database) -> Iterator[httpx.Client]:
    with answering(settings, database) as client:
        yield client


@pytest.fixture(scope="module")
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, Database]]:
    """Return one server for a module, by the module's ``SETTINGS``."""
    path = tmp_path_factory.mktemp("serve") / "serve.db"
    opened = open_store(f"sqlite:///{path}")
    with answering(request.module.SETTINGS, opened) as client:
        yield client, opened
    opened.close()


@pytest.fixture
def person(database: Database, http: httpx.Client) -> Callable[..., Person]:
    """Return what makes users: ``person("ada", shots=10)``; an older one goes."""
    accounts = Accounts(database)

    def make(name: str, **limits: int) -> Person:
        email = f"{name}@example.org"
        for user in accounts.users():
            if user.email == email:
                accounts.remove(user.id)
        user = accounts.add(email, name=name, limits=limits)
        return Person(http, accounts.new_token(user.id, 1.0).secret)

    return make


@pytest.fixture
def ada(person: Callable[..., Person]) -> Person:
    return person("ada")


@pytest.fixture
def worker(settings: ServeSettings, database: Database) -> Iterator[Worker]:
    """Return a worker that runs what the server of the test is given."""
    one = Worker(settings, database)
    thread = threading.Thread(target=one.run)
    thread.start()
    yield one
    one.stop()
    thread.join()
