"""Solve an atom and die: run by the tests as a process of its own.

Usage: crash_child.py STORE K. The process writes a checkpoint after every part and is
killed by SIGKILL in the middle of writing number K.
"""

import sys
from pathlib import Path

import xarray as xr

from qleap.laser.tdse import atom_run, solve_atom
from tests.laser.fuse import light_fuse
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
    light_fuse(int(sys.argv[2]))
    solved(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
