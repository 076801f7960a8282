"""Processes that are killed in the middle of writing a checkpoint."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from qleap.core import stores


def light_fuse(k: int) -> None:
    """Save at every chance, and die by SIGKILL in the middle of writing number k."""
    left = [k]
    whole = Path.write_bytes

    def write(path: Path, data: bytes) -> int:
        if left[0] == 0:
            whole(path, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return whole(path, data)

    stores.SAVE_EVERY = 0.0  # type: ignore[misc]
    Path.write_bytes = write  # type: ignore[assignment,method-assign]


def run_until_killed(child: Path, store: Path, k: int) -> None:
    """Run a program that lights the fuse with its arguments, a store and k."""
    done = subprocess.run(
        [sys.executable, str(child), str(store), str(k)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
