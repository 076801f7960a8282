"""A right-hand side of a radial beam in a gas, by threads that share all of its steps.

Every step is cut into items, and each is done by whoever takes it; the next step begins
when all are done. Between steps threads do not go back to the interpreter, whose lock
they would have to wait for.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.signals import take
from qleap.laser._kernels.gas import _gas_row
from qleap.laser._kernels.team import _await_all, _next_item
from qleap.laser._kernels.waves import (
    HANDFUL,
    ROWS,
    _brightest,
    _energies_of_row,
    _energies_of_rows,
    _panels_of,
    _product_panel,
    _total_of,
    lit_rows_into,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Section: TypeAlias = tuple[Floats, Floats, Floats, Floats]
Gas: TypeAlias = tuple[Floats, Floats, Floats, Floats, Floats]
Plasma: TypeAlias = tuple[Floats, Floats, float, float, float, float]
Limits: TypeAlias = tuple[float, float, float]

PANELS = 4
"""Neighbouring panels that a thread takes: others seldom write to their edges."""


@inner_kernel
def _absorb(rate: float, admittance: Floats, field: Floats, drive: Floats) -> None:
    """Draw from the first frequencies what a current of the field takes."""
    for k in range(field.size):
        drive[k] -= rate * admittance[k] * field[k]


@kernel
def gas_slopes_into(
    amplitudes: Floats,
    section: Section,
    ends: Integers,
    limits: Limits,
    gas: Gas,
    kerr: float,
    plasma: Plasma,
    rates: Floats,
    admittance: Floats,
    field: Floats,
    drives: Floats,
    out: Floats,
    energies: Floats,
    room: Floats,
    taken: Integers,
    done: Integers,
    member: int,
    lanes: tuple[int, ...],
) -> None:
    """Write what a gas adds to the waves of a beam per length into ``out``.

    Parameters
    ----------
    amplitudes, out : ndarray, shape (rows, 2 n)
        Of waves, complex numbers as pairs of numbers.
    section : tuple
        Matrices ``(rows, rows)`` to points and to waves, and what their products are
        multiplied with, ``(1, 2 n)`` and ``(rows, 2 n)``.
    ends : ndarray, shape (parts,)
        Where parts of the spectrum end.
    limits : tuple
        Shares of the largest energy that are left out: of a part, of all, and at
        points that drive nothing.
    gas, kerr, plasma : tuple, float, tuple
        As for `gas_sources_into`: tables, roots, rise, kept, window; and cells, edges,
        step, number density, energy, collision rate.
    rates, admittance : ndarray, shapes (rows,) and (2 n,)
        ``rates`` times the current ``admittance`` times the field is taken away.
    field, drives : ndarray, shape (rows, 2 n)
        Scratch that all threads share.
    energies : ndarray, shape (3, rows, parts)
        Also.
    room : ndarray, shape (5 samples + 32,)
        Scratch of each thread's own.
    taken, done : ndarray, shapes (4, 8 members) and (3, 8)
        Zeros, by which calls, one in each thread, share the work.
    member : int
        Number of the thread.
    """
    to_points, scale, to_waves, drive = section
    tables, roots, rise, kept, window = gas
    faint, least, dark = limits
    rows, parts = amplitudes.shape[0], ends.size
    lit = np.empty(parts, np.int64)

    count = (rows + HANDFUL - 1) // HANDFUL
    item = _next_item(taken[0], member, 1, count)
    while item < count:
        _energies_of_rows(amplitudes, item, ends, energies[0])
        take(done[0], 0)
        item = _next_item(taken[0], member, 1, count)
    _await_all(done[0], count)
    lit_rows_into(energies[0], faint, least, lit)

    while parts and lit[parts - 1] == 0:
        parts -= 1
    # Beyond the last part with light the field is not written, nor read.
    known, width, lit = ends[:parts], ends[parts - 1] if parts else 0, lit[:parts]
    count, panels = (rows + ROWS - 1) // ROWS, _panels_of(known, lanes)
    item = _next_item(taken[1], member, 1, count)
    while item < count:
        start = min(ROWS * item, rows - ROWS)
        those = slice(start, start + ROWS)
        matrix, found = to_points[those], field[those]
        for number in range(panels):
            _product_panel(number, matrix, amplitudes, known, lit, scale, found, lanes)
        for row in range(start, start + ROWS):
            _energies_of_row(field[row, :width], known, energies[1, row, :parts])
        take(done[1], 0)
        item = _next_item(taken[1], member, 1, count)
    _await_all(done[1], count)

    dimmest = dark * _brightest(energies[1, :, :parts])
    item = _next_item(taken[2], member, ROWS, rows)
    while item < rows:
        x, y = field[item, :width], drives[item]
        if _total_of(energies[1, item, :parts]) > dimmest:
            _gas_row(tables, roots, x, rise, kept, window, kerr, plasma, y, room)
        else:
            y[:] = 0.0
        if rates[item] > 0.0:
            _absorb(rates[item], admittance, x, y)
        _energies_of_row(y, ends, energies[2, item])
        take(done[2], 0)
        item = _next_item(taken[2], member, ROWS, rows)
    _await_all(done[2], rows)
    lit = np.empty(ends.size, np.int64)
    lit_rows_into(energies[2], faint, least, lit)

    count = _panels_of(ends, lanes)
    item = _next_item(taken[3], member, PANELS, count)
    while item < count:
        _product_panel(item, to_waves, drives, ends, lit, drive, out, lanes)
        item = _next_item(taken[3], member, PANELS, count)
