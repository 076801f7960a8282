"""A right-hand side of a radial beam in a gas in NumPy, all by the first caller."""

import numpy as np
from numpy.typing import NDArray

from qleap.laser._reference.gas import gas_sources_into
from qleap.laser._reference.waves import energies_into, lit_rows_into, product_into

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def gas_slopes_into(
    amplitudes: Floats,
    section: tuple[Floats, Floats, Floats, Floats],
    ends: Integers,
    limits: tuple[float, float, float],
    gas: tuple[Floats, Floats, Floats, Floats, Floats],
    kerr: float,
    plasma: tuple[Floats, Floats, float, float, float, float],
    rates: Floats,
    admittance: Floats,
    field: Floats,
    drives: Floats,
    out: Floats,
    energies: Floats,
    room: Floats,
    taken: Integers,
    done: Integers,  # noqa: ARG001
    member: int,  # noqa: ARG001
    lanes: tuple[int, ...],
) -> None:
    """Write what a gas adds to the waves of a beam per length into ``out``."""
    if taken.any():
        return
    taken[...] = 1
    to_points, scale, to_waves, drive = section
    tables, roots, rise, kept, window = gas
    cells, edges, step, density, energy, collisions = plasma
    faint, least, dark = limits
    lit = np.empty(ends.size, np.int64)
    energies_into(amplitudes, ends, energies[0])
    lit_rows_into(energies[0], faint, least, lit)
    product_into(to_points, amplitudes, ends, lit, scale, field, lanes)
    energies_into(field, ends, energies[1])
    bright = energies[1].sum(axis=1)
    bright = bright > dark * bright.max()
    gas_sources_into(
        tables,
        roots,
        bright,
        field,
        rise,
        kept,
        window,
        kerr,
        cells,
        edges,
        step,
        density,
        energy,
        collisions,
        drives,
        room,
    )
    drives -= rates[:, None] * admittance * field
    energies_into(drives, ends, energies[2])
    lit_rows_into(energies[2], faint, least, lit)
    product_into(to_waves, drives, ends, lit, drive, out, lanes)
