"""Processes that each hold one side of a comparison, or a share of a run's cases."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qleap.bench.racing import worker as script

__all__ = ["PATIENCE", "Answer", "Worker", "WorkerLost"]

PATIENCE = 900.0
"""Seconds that one answer may take before its worker counts as hung."""

OWN_ROOT = Path(script.__file__).parents[3]
"""Where our own ``qleap`` lies."""

GRACE = 2.0
"""Seconds that a worker has for its end."""

Answer = dict[str, Any]


class WorkerLost(Exception):
    """A worker that died or did not answer in time; the text says which."""


@dataclass(eq=False, kw_only=True)
class Worker:
    """A process that runs `qleap.bench.racing.worker`, asked over pipes.

    It ends with this process, whatever ends this process.

    Parameters
    ----------
    root : Path, optional
        The checkout whose ``qleap`` it imports; by default what this process would.
    environment : mapping
        Variables that it gets beside our own.
    is_timed : bool
        Whether its time counts, so that code and data lie at fixed addresses.
    inbox : queue.Queue
        Where its answers go as ``(worker, answer)``, None for its end; several
        workers may share one.
    """

    root: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    is_timed: bool = False
    inbox: "queue.Queue[tuple[Worker, Answer | None]]" = field(
        default_factory=queue.Queue
    )

    def __post_init__(self) -> None:
        variables = os.environ | dict(self.environment)
        path = [str(self.root or OWN_ROOT), os.environ.get("PYTHONPATH", "")]
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        variables["PYTHONHASHSEED"] = "0"
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        arguments = [script.FIXED_ADDRESSES] if self.is_timed else []
        # Without -P, this file's neighbours would stand for the standard library's;
        # in a session of its own Ctrl-C reaches us alone, who end it in order.
        self._process = subprocess.Popen(
            [sys.executable, "-P", script.__file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env=variables,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, do: str, **wish: Any) -> None:
        """Say what to do; the answer comes to the inbox."""
        with contextlib.suppress(OSError):  # one that is dead says so in the inbox
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"do": do, **wish}) + "\n")
            self._process.stdin.flush()

    def ask(self, do: str, *, patience: float = PATIENCE, **wish: Any) -> Answer:
        """Say what to do and wait for the answer.

        Raises
        ------
        WorkerLost
            Where the process dies, or is ended because it does not answer in time.
        """
        self.send(do, **wish)
        return self.receive(patience)

    def receive(self, patience: float = PATIENCE) -> Answer:
        """Wait for the answer to what was sent, with an inbox of one's own."""
        try:
            _, answer = self.inbox.get(timeout=patience)
        except queue.Empty:
            self.close()
            raise WorkerLost(f"no answer within {patience:g} s") from None
        if answer is None:
            raise WorkerLost(self.last_words())
        return answer

    def pin(self, core: int) -> None:
        """Let its main thread run on one core alone, where the system can do that."""
        if hasattr(os, "sched_setaffinity"):
            with contextlib.suppress(OSError):
                os.sched_setaffinity(self._process.pid, {core})

    def last_words(self) -> str:
        """Say how a dead worker ended."""
        try:
            code = self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            code = None
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        end = "closed its pipe" if code is None else f"ended with exit code {code}"
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                end = f"was ended by {signal.Signals(-code).name}"
        return f"the worker {end}" + (f": {lines[-1]:.300}" if lines else "")

    def close(self) -> None:
        """End the process, and what it started."""
        process = self._process
        if process.returncode is None:
            with contextlib.suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
        process.wait()
        for pipe in (process.stdin, self._errors):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.inbox.put((self, json.loads(line)))
        self.inbox.put((self, None))
