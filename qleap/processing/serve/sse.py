"""Users' own Python programs, where the operator allows them.

There are limits (time, memory, files, output) and a clean environment, but no walls: a
program can read what the service's account can read, and use the network. It is for
users whom one would give that account to.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

__all__ = ["MOST_OUTPUT", "run_program"]

MOST_OUTPUT: Final = 2**20
"""Bytes of the log that are kept; also the largest file that a program may write."""


def run_program(sse_program: str, seconds: float) -> dict[str, Any]:
    """Run a Python program and return its log, and whether it failed.

    Parameters
    ----------
    sse_program : str
        Python.
    seconds : float
        Processor time, and wall time.
    """
    with tempfile.TemporaryDirectory() as folder:
        script, log = Path(folder, "program.py"), Path(folder, "log")
        script.write_text(sse_program, encoding="utf-8")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-I", script],
                cwd=folder,
                env={"PATH": os.defpath, "HOME": folder, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            _bound(process.pid, int(seconds) + 1)
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        text = log.read_bytes()[:MOST_OUTPUT].decode("utf-8", "replace")
    told: dict[str, Any] = {"log": text}
    if code:
        told["failed"] = f"the program ended with the code {code}; see its log."
    return told


def _bound(pid: int, seconds: int) -> None:
    """Set limits from outside, as no code of ours runs in the program's process."""
    if sys.platform != "linux":
        return
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_NOFILE, 256),
    ):
        resource.prlimit(pid, kind, (most, most))
