"""Propagate and die: run by the tests as a process of its own.

Usage: crash_child.py STORE K. The process writes a checkpoint at every step and is
killed by SIGKILL in the middle of writing number K.
"""

import sys

from qleap.laser import Fibre, Grid, Pulse, propagate_fibre
from tests.laser.fuse import light_fuse

PULSE = Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=1e3)
GRID = Grid(n_points=1024, window=3e-12, wavelength=835e-9)
FIBRE = Fibre(
    length=0.02, wavelength=835e-9, betas=(-11.83e-27, 8.1038e-41), gamma=0.11
)
N_POSITIONS = 9


def main() -> None:
    """Propagate until the fuse burns through."""
    light_fuse(int(sys.argv[2]))
    propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=N_POSITIONS, store=sys.argv[1])


if __name__ == "__main__":
    main()
