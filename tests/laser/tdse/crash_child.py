"""Solve an atom and die: run by the tests as a process of its own.

Usage: crash_child.py STORE K. The process writes a checkpoint after every part and is
killed by SIGKILL in the middle of writing number K.
"""

import os
import signal
import sys
from pathlib import Path

import xarray as xr

from qleap.core import stores
from qleap.laser.tdse import atom_run, solve_atom
from tests.laser.tdse.fields import sine_squared

DRIVING = sine_squared(0.05, 0.3, 3.0, step=0.2)


def solved(store: Path | None) -> xr.Dataset:
    """Return an atom in light, in four parts and an error in as many."""
    atom_run.MOST_TIMES = 80  # type: ignore[misc]
    return solve_atom(
        DRIVING, "H", radius=25.0, n_l=16, radial_step=0.4, time_step=0.1,
        surface=20.0, estimate_error=True, store=store,
    )  # fmt: skip


def main() -> None:
    """Solve until the fuse burns through."""
    left = [int(sys.argv[2])]
    whole = Path.write_bytes

    def write(path: Path, data: bytes) -> int:
        if left[0] == 0:
            whole(path, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return whole(path, data)

    stores.SAVE_EVERY = 0.0  # type: ignore[misc]
    Path.write_bytes = write  # type: ignore[assignment,method-assign]
    solved(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
