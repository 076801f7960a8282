"""NumPy twin of driven levels."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def driven_levels_into(
    free: Floats,
    vectors: Floats,
    values: Floats,
    fields: Floats,
    step: float,
    state: Floats,
    dipole: Floats,
) -> None:
    """Follow states through rows of a field, and write their dipoles (atomic units)."""
    turn = np.exp(-(1j * free[0] + free[1]) * step)
    now = state[0] + 1j * state[1]
    for t in range(fields.shape[1]):
        own = now @ vectors
        dipole[:, t] = (np.abs(own) ** 2) @ values
        own = own * np.exp(1j * step * np.outer(fields[:, t], values))
        now = (own @ vectors.T) * turn
    state[0], state[1] = now.real, now.imag
