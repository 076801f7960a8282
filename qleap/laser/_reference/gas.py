"""Sources of a field in a gas in NumPy, all rows at once."""

import numpy as np
from numpy.typing import NDArray

from qleap.laser._reference.ionisation import plasma_current_into
from qleap.laser._reference.rows import real_to_frequency_into, real_to_time_into

Floats = NDArray[np.float64]


def gas_sources_into(
    tables: Floats,
    roots: Floats,
    lit: NDArray[np.bool_],
    amplitudes: Floats,
    rise: Floats,
    kept: Floats,
    window: Floats,
    kerr: float,
    cells: Floats,
    edges: Floats,
    step: float,
    number_density: float,
    energy: float,
    collision_rate: float,
    out: Floats,
    room: Floats,
) -> None:
    """Write ``i rise P - kept J`` of fields of amplitudes into ``out``."""
    field, fraction, current = np.zeros((3, out.shape[0], window.size))
    real_to_time_into(tables, roots, amplitudes, field, room)
    gas = (step, number_density, energy, collision_rate, 0.0)
    if (field**2 >= edges[0]).any():
        plasma_current_into(cells, edges, field, *gas, fraction, current)
    polarised, drawn = np.empty((2, *out.shape))
    real_to_frequency_into(tables, roots, kerr * field**3, polarised, room)
    real_to_frequency_into(tables, roots, window * current, drawn, room)
    p, j = polarised.view(np.complex128), drawn.view(np.complex128)
    out[...] = (lit[:, None] * (1j * rise * p - kept * j)).view(np.float64)
