r"""What takes electrons out at the ends of a line.

References
----------
D. E. Manolopoulos, J. Chem. Phys. 117, 9552 (2002): an absorbing potential through
which nothing passes, and that reflects less the longer it is.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["ABSORBED_FROM", "absorber_width", "absorbing_potential"]

Floats = NDArray[np.float64]

ABSORBED_FROM: Final = 0.2
"""Momentum of the slowest electrons that are absorbed well, atomic units."""

LENGTHENED: Final = 0.2
"""Inverse length of the absorber in waves; at 0.2 about a percent comes back."""

LEMNISCATE: Final = 2.622057554292119
"""Half the circumference of the lemniscate: where the scaled potential ends."""


def absorber_width(slowest: float) -> float:
    """Return how long an absorber is for electrons of that momentum, bohr."""
    return LEMNISCATE / (2.0 * LENGTHENED * slowest)


def absorbing_potential(
    x: Floats, begin: float, slowest: float = ABSORBED_FROM
) -> Floats:
    r"""Return the rate :math:`W` of :math:`V - iW`, hartree.

    Parameters
    ----------
    x : ndarray
        Positions, bohr.
    begin : float
        Distance from zero at which absorption sets in, bohr.
    slowest : float
        Momentum of the slowest electrons that are absorbed well, atomic units.
    """
    checks.positive("slowest", slowest)
    c = LEMNISCATE
    a, b = 1.0 - 16.0 / c**3, (1.0 - 17.0 / c**3) / c**2
    depth = 2.0 * LENGTHENED * slowest * (np.abs(x) - begin)
    # Ends a little before the pole: behind that point nothing is left.
    u = np.clip(depth, 0.0, c - 1e-2)
    shape = a * u - b * u**3 + 4.0 / (c - u) ** 2 - 4.0 / (c + u) ** 2
    return np.asarray(0.5 * slowest**2 * shape * (depth > 0.0))
