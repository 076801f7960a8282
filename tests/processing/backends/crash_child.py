"""Submit jobs and die: run by the tests as a process of its own.

Usage: crash_child.py URL FOLDER. For every k a child process submits a job and is
killed by SIGKILL before its k-th step: a database write or a request. Another child
then goes on with what the first one left.
One line of JSON per k goes to stdout: what is stored in the end.
"""

import functools
import gc
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Else each child would import the first and the last for itself.
import httpcore  # noqa: F401
import httpx
import sqlalchemy.dialects.sqlite  # noqa: F401
from qiskit import QuantumCircuit

from qleap.core.errors import QleapError
from qleap.core.jobs import JobStore
from qleap.processing.backends import journal
from qleap.processing.backends.oqtopus import OqtopusDevice
from qleap.processing.backends.oqtopus_client import OqtopusClient, OqtopusSettings
from qleap.processing.backends.retry import RetryPolicy
from qleap.processing.backends.stored import StoredBackend

POLICY = RetryPolicy(attempts=4, first=0.01, longest=0.02, rng=random.Random(1))


class Fuse:
    """Kill this process at step ``k``."""

    def __init__(self, k: int) -> None:
        self.left = k

    def step(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def around(self, call: Callable[[], Any]) -> Any:
        self.step()
        return call()


class DyingStore(JobStore):
    """A store whose writes count as steps."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        self._fuse = fuse

    def create_parts(self, **values: Any) -> Any:
        return self._fuse.around(lambda: super(DyingStore, self).create_parts(**values))

    def keep(self, *names: Any, **values: Any) -> Any:
        return self._fuse.around(lambda: super(DyingStore, self).keep(*names, **values))

    def _update(self, *names: Any, **values: Any) -> Any:
        update = super()._update
        return self._fuse.around(lambda: update(*names, **values))


class DyingClient(OqtopusClient):
    """A client whose requests count as steps."""

    fuse: Fuse

    def _ask(self, *names: Any, **values: Any) -> Any:
        ask = super()._ask
        return self.fuse.around(lambda: ask(*names, **values))


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.sx(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


def work(url: str, database: str, k: int) -> None:
    fuse = Fuse(k)
    client = DyingClient(settings(url), POLICY)
    client.fuse = fuse
    store, device = DyingStore(database, fuse), OqtopusDevice(client, "ring")
    job = StoredBackend(device, store).run(bell(), shots=10)
    journal.wait(store, device, store.get(job.job_id()), timeout=20, polling=POLICY)


def recover(url: str, database: str) -> None:
    store = JobStore(database)
    device = OqtopusDevice(OqtopusClient(settings(url), POLICY), "ring")
    for job in store.unfinished():
        journal.wait(store, device, job, timeout=20, polling=POLICY)


def settings(url: str) -> OqtopusSettings:
    return OqtopusSettings(url=url, token=os.environ["OQTOPUS_API_TOKEN"], timeout=0.4)


def fork(call: Callable[[], None]) -> int:
    """Return how a child process that makes the call ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            call()
            status = 0
        except QleapError as error:
            sys.stderr.write(f"{error}\n")
            status = 3
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def share() -> None:
    """Make once what no child changes: certificates, and memory that it only reads."""
    httpx.create_ssl_context = functools.cache(httpx.create_ssl_context)
    httpx.create_ssl_context()
    gc.freeze()


def main(url: str, folder: Path) -> None:
    share()
    for k in range(200):
        database = f"sqlite:///{folder / f'{k}.db'}"
        died = fork(lambda k=k, d=database: work(url, d, k))  # type: ignore[misc]
        again = fork(lambda d=database: recover(url, d))  # type: ignore[misc]
        jobs = JobStore(database).newest() if (folder / f"{k}.db").exists() else []
        record = {
            "k": k,
            "died": died,
            "again": again,
            "jobs": [[job.id, job.state, job.provider_id, job.result] for job in jobs],
        }
        sys.stdout.write(json.dumps(record) + "\n")
        sys.stdout.flush()
        if died == 0:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
