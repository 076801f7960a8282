"""Pulses with which a retrieval begins."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.grid import Grid
from qleap.laser.metrology.trace_grids import lit_width
from qleap.laser.metrology.traces import Trace

__all__ = ["first_guess"]

Complex = NDArray[np.complex128]

WIDTHS: Final = (1.0, 0.5, 0.25, 2.0)
"""Of the guesses, over the width that the trace suggests."""

PHASES: Final = (0.1, 0.5, 0.3)
"""Largest random phases of the guesses, in turns."""


def first_guess(
    trace: Trace, grid: Grid, number: int, rng: np.random.Generator
) -> Complex:
    """Return an envelope on the grid: a Gaussian with random phases.

    Parameters
    ----------
    trace : Trace
        On the grid.
    grid : Grid
    number : int
        Counts the guesses: their widths and the sizes of their phases go around.
    rng : numpy.random.Generator
    """
    if trace.scheme.axis[0] == "delay":
        width = 0.7 * lit_width(trace.values, trace.parameter_marginal)
    else:
        band = lit_width(trace.frequency, trace.frequency_marginal)
        width = 1.0 / band
    width = max(width * WIDTHS[number % len(WIDTHS)], 3.0 * grid.step)
    size = 2.0 * np.pi * PHASES[number % len(PHASES)]
    modulus = np.exp(-2.0 * np.log(2.0) * (grid.time / width) ** 2)
    phase = size * rng.random(grid.n_points)
    return np.asarray(modulus * np.exp(1j * phase))
