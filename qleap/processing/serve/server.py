"""The service as processes: one that answers, and workers that are replaced."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import uvicorn

from qleap.core.database import Database
from qleap.core.errors import InvalidValue
from qleap.processing.serve import devices
from qleap.processing.serve.app import create_app
from qleap.processing.serve.settings import ServeSettings
from qleap.processing.serve.store import URL_VARIABLE, default_url, open_store

__all__ = ["http_config", "serve", "set_up_log"]

_LOG = logging.getLogger("qleap.serve")

RESTART_SECONDS = 1.0
"""Between the end of a worker and the start of the next."""


def set_up_log() -> None:
    """Write what happens to stderr, one line each."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
    )
    _LOG.setLevel(logging.INFO)


def serve(
    settings: ServeSettings,
    *,
    host: str,
    port: int,
    workers: int,
    worker_arguments: list[str],
    database_url: str | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Answer requests until a signal ends it, with workers beside.

    Parameters
    ----------
    settings : ServeSettings
        What is offered.
    host, port : str, int
        Where to listen; port 0 takes a free one.
    workers : int
        Processes that run jobs.
    worker_arguments : list of str
        Of ``qleap serve worker``.
    database_url : str, optional
        Of the service's database.
    say : callable
        Told the address once it is open.
    """
    database = open_store(database_url)
    for device in settings.devices:  # an unknown backend is said before the start
        devices.describe(device, settings.limits.qubits)
    listener = _listen(host, port)
    config = http_config(settings, database)
    crew = _Crew(workers, worker_arguments, database_url or default_url())
    crew.start()
    say(f"qleap serve: http://{host}:{listener.getsockname()[1]}")
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        crew.stop()
        database.close()


def http_config(settings: ServeSettings, database: Database) -> uvicorn.Config:
    """Return how requests are answered."""
    return uvicorn.Config(
        create_app(settings, database),
        log_config=None,
        access_log=False,  # ours leaves out what is secret
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=500,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidValue(
            f"{host}:{port} cannot be listened at ({reason}); take another --port."
        ) from error
    return listener


class _Crew:
    """The workers: as many as were asked for, whatever happens to one."""

    def __init__(self, n_workers: int, arguments: list[str], database_url: str) -> None:
        parent = ["--parent", str(os.getpid())]
        self._command = [
            *(sys.executable, "-m", "qleap", "serve", "worker"),
            *arguments,
            *parent,
        ]
        # The address may hold a password, which a command line would show to all.
        self._environment = os.environ | {URL_VARIABLE: database_url}
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * n_workers
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Start all workers and replace those that end."""
        self._thread.start()

    def stop(self) -> None:
        """Ask all workers to give their jobs back, and wait for them."""
        self._stopping.set()
        self._thread.join()
        running = [one for one in self._processes if one is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(20.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for place, process in enumerate(self._processes):
                code = None if process is None else process.poll()
                if process is not None and code is None:
                    continue
                if code is not None:
                    _LOG.warning(
                        "a worker ended with the code %s and is replaced", code
                    )
                try:
                    self._processes[place] = subprocess.Popen(
                        self._command, env=self._environment
                    )
                except OSError as error:  # no memory now; the next round tries again
                    _LOG.warning("a worker cannot be started: %s", error)
                    self._processes[place] = None
            self._stopping.wait(RESTART_SECONDS)
