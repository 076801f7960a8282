"""The worker's hold on the process that runs jobs: warm, bounded, replaceable."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, Final

__all__ = ["Abandoned", "Child"]

START_SECONDS: Final = 300.0
"""A first start may compile kernels."""

KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
PREFIXES: Final = ("NUMBA_", "OMP_", "OPENBLAS_", "MKL_", "XDG_")
"""What the process may know of the environment: no addresses, no passwords."""


class Abandoned(Exception):
    """The job was taken away while it ran."""


class Child:
    """A process that runs one job after another, and is replaced when one breaks it.

    Parameters
    ----------
    most_bytes : int
        Of its memory.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def start(self) -> "subprocess.Popen[str]":
        """Return the process, which is started unless it runs, once it is ready."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.stop()
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in KEPT or name.startswith(PREFIXES)
        }
        module = "qleap.processing.serve.executor"
        self._lines = queue.SimpleQueue()
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(self._most_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        threading.Thread(
            target=_pump, args=(process.stdout, self._lines), daemon=True
        ).start()
        ready = self._line(START_SECONDS)
        if ready is None:
            self.stop()
            raise RuntimeError("the process that runs jobs does not start")
        return process

    def perform(
        self,
        request: dict[str, Any],
        *,
        seconds: float,
        beat: float,
        still_ours: Callable[[], bool],
    ) -> dict[str, Any]:
        """Return the answer to a request, or why there is none.

        Parameters
        ----------
        request : dict
            Plain values.
        seconds : float
            Wall time after which the process is ended.
        beat : float
            Seconds between two looks at ``still_ours``.
        still_ours : callable
            False ends the process.

        Raises
        ------
        Abandoned
            Where ``still_ours`` said so.
        """
        requests = self.start().stdin
        try:
            if requests is not None:  # it is a pipe, always
                requests.write(json.dumps(request) + "\n")
                requests.flush()
        except OSError:
            return self._broken()
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=beat)
            except queue.Empty:
                if not still_ours():
                    self.stop()
                    raise Abandoned from None
                if time.monotonic() > end:
                    self.stop()
                    return {"failed": f"the job took longer than {seconds:g} s."}
                continue
            if line is None:
                return self._broken()
            answer: dict[str, Any] = json.loads(line)
            return answer

    def stop(self) -> None:
        """End the process and all that it began."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)

    def _line(self, seconds: float) -> str | None:
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None

    def _broken(self) -> dict[str, Any]:
        self.stop()
        return {
            "failed": "the simulator ended in the middle of the job, most likely for "
            "want of memory; make the job smaller."
        }


def _pump(source: IO[str] | None, lines: "queue.SimpleQueue[str | None]") -> None:
    if source is not None:
        try:
            for line in source:
                lines.put(line)
        except ValueError:  # closed while it was read
            pass
    lines.put(None)


def _close(stream: IO[str]) -> None:
    with contextlib.suppress(OSError):  # what was not flushed has no reader any more
        stream.close()
