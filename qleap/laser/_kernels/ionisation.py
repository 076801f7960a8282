"""Ionisation along rows of a field: rates from a table, free electrons, their current.

The table holds cubics of the logarithm of the rate over the *square* of the field.
Each factor of two of the square is divided into ``2**CELL_BITS`` equal cells, so that
the leading bits of the square are the cell's number and the others the place in it: no
logarithm, no root and no division are taken. Most of a row is usually without field
and is passed over in blocks.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.vmath import exp

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

CELL_BITS = 7
"""Logarithm of the number of cells in a factor of two of the squared field."""

SHIFT = 52 - CELL_BITS
REST = (1 << SHIFT) - 1
WIDTH = 1.0 / (1 << SHIFT)

BLOCK = 64
"""Points that are skipped, or computed, together."""

PER_MASS = 1.602176634e-19 * (1.602176634e-19 / 9.1093837139e-31)
"""Square of the electron's charge over its mass, C^2/kg."""


@kernel
def _rates(cells: Floats, edges: Floats, values: Floats) -> int:
    """Replace squares of the field by rates and return how many lie above the table."""
    n = values.size
    lowest, highest = edges[0], edges[1]
    square, cell = np.empty(BLOCK), np.empty(BLOCK, np.int64)
    place = np.empty(BLOCK)
    bits = square.view(np.int64)
    square[0] = lowest
    first = bits[0] >> SHIFT
    c0, c1, c2, c3 = cells[0], cells[1], cells[2], cells[3]
    above = 0
    for start in range(0, n, BLOCK):
        count = min(BLOCK, n - start)
        part = values[start : start + count]
        seen = 0
        for i in range(count):
            seen += part[i] >= lowest
        if seen == 0:
            part[:] = 0.0
            continue
        for i in range(count):
            above += part[i] > highest
        for i in range(count):
            x = part[i]
            x = x if x > lowest else lowest  # also where it is no number
            square[i] = highest if x > highest else x
        for i in range(count):
            cell[i] = (bits[i] >> SHIFT) - first
            place[i] = (bits[i] & REST) * WIDTH
        for i in range(count):
            j, t = np.uint64(cell[i]), place[i]
            place[i] = c0[j] + t * (c1[j] + t * (c2[j] + t * c3[j]))
        for i in range(count):
            rate = exp(place[i])
            part[i] = rate if part[i] >= lowest else 0.0
    return above


@kernel
def rate_into(cells: Floats, edges: Floats, field: Floats, out: Floats) -> int:
    """Write the rates (1/s) of a real field (V/m), and return how many lie above.

    ``cells`` ``(4, n_cells)`` and ``edges`` ``(2,)`` are those of a `RateTable`.
    ``field`` and ``out`` ``(rows, n_t)``. Below the table the rate is zero, above it
    that of its end.
    """
    above = 0
    for row in range(field.shape[0]):
        x, y = field[row], out[row]
        for i in range(x.size):
            y[i] = x[i] * x[i]
        above += _rates(cells, edges, y)
    return above


@kernel
def envelope_rate_into(
    cells: Floats, edges: Floats, envelope: Complex, out: Floats
) -> int:
    """Write the rates of an envelope; as `rate_into`."""
    above = 0
    for row in range(envelope.shape[0]):
        x, y = envelope[row], out[row]
        for i in range(x.size):
            y[i] = x[i].real * x[i].real + x[i].imag * x[i].imag
        above += _rates(cells, edges, y)
    return above


@kernel
def _sum_into(carry: float, keep: float, x: Floats, out: Floats) -> float:
    """Write the running sum ``s_i = keep s_{i-1} + x_i``, four at a time."""
    keep2 = keep * keep
    keep3, keep4 = keep2 * keep, keep2 * keep2
    for i in range(0, BLOCK, 4):
        x0, x1, x2, x3 = x[i], x[i + 1], x[i + 2], x[i + 3]
        y1 = keep * x0 + x1
        y2 = keep * y1 + x2
        y3 = keep2 * y1 + (keep * x2 + x3)
        out[i] = keep * carry + x0
        out[i + 1] = keep2 * carry + y1
        out[i + 2] = keep3 * carry + y2
        out[i + 3] = keep4 * carry + y3
        carry = out[i + 3]
    return carry


@kernel
def _none(values: Floats) -> bool:
    """Tell whether values that are not negative are all zero."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total == 0.0


@kernel
def _lost(x: float) -> float:
    """Return ``1 - exp(-x)`` without loss of digits at small ``x``."""
    series = 1.0 - x / 5.0 * (1.0 - x / 6.0 * (1.0 - x / 7.0))
    series = 1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * series))
    return x * series if x < 1e-2 else 1.0 - exp(-x)


@kernel
def _fractions(rate: Floats, step: float, fraction0: float, fraction: Floats) -> None:
    """Write the ionised fraction of one row."""
    n = rate.size
    padded, terms, total = np.zeros(BLOCK + 2), np.empty(BLOCK), np.empty(BLOCK)
    half, slope, whole = 0.5 * step, step / 24.0, 1.0 - fraction0
    carry = step / 12.0 * (rate[1] - rate[0])
    for start in range(0, n, BLOCK):
        count = min(BLOCK, n - start)
        right = start + count
        before = rate[start - 1] if start > 0 else 2.0 * rate[0] - rate[1]
        after = rate[right] if right < n else 2.0 * rate[n - 1] - rate[n - 2]
        if before == 0.0 and after == 0.0 and _none(rate[start:right]):
            fraction[start:right] = fraction0 + whole * _lost(carry)
            continue
        for i in range(count):
            padded[i + 1] = rate[start + i]
        for i in range(count, BLOCK + 1):
            padded[i + 1] = 0.0
        padded[0], padded[count + 1] = before, after
        for i in range(BLOCK):
            terms[i] = half * (padded[i] + padded[i + 1])
        if start == 0:
            terms[0] = 0.0
        carry = _sum_into(carry, 1.0, terms, total)
        for i in range(count):
            x = total[i] - slope * (padded[i + 2] - padded[i])
            fraction[start + i] = fraction0 + whole * _lost(max(x, 0.0))


@kernel
def electron_fraction_into(
    rate: Floats, step: float, fraction0: float, fraction: Floats
) -> None:
    """Write the share of atoms that have lost an electron.

    ``f = 1 - (1 - f0) exp(-int w dt)``, the integral from the first point on, by the
    trapezoidal rule with the correction of its end (fourth order), never below zero.
    ``rate`` (1/s) and ``fraction`` ``(rows, n_t)``, at least two points; ``step`` in s.
    """
    for row in range(rate.shape[0]):
        _fractions(rate[row], step, fraction0, fraction[row])


@kernel
def _current(
    field: Floats,
    step: float,
    free: float,
    loss: float,
    collision_rate: float,
    fraction: Floats,
    current: Floats,
) -> None:
    """Replace the rates of one row by the current density."""
    n = field.size
    padded, terms, total = np.zeros(BLOCK + 2), np.empty(BLOCK), np.empty(BLOCK)
    half, slope, bend = 0.5 * step, step / 24.0, step * step / 12.0 * collision_rate
    keep = exp(-collision_rate * step)
    g0, g1 = free * fraction[0] * field[0], free * fraction[1] * field[1]
    carry = step / 12.0 * (g1 - g0) + bend * g0
    for start in range(0, n, BLOCK):
        count = min(BLOCK, n - start)
        right = start + count
        e, f, out = field[start:right], fraction[start:right], current[start:right]
        bound = _none(out)
        around = fraction[max(start - 1, 0) : min(right + 1, n)]
        if carry == 0.0 and bound and _none(around):
            out[:] = 0.0
            continue
        for i in range(count):
            padded[i + 1] = free * f[i] * e[i]
        for i in range(count, BLOCK + 1):
            padded[i + 1] = 0.0
        if start > 0:
            padded[0] = free * fraction[start - 1] * field[start - 1]
        else:
            padded[0] = 2.0 * g0 - g1
        if right < n:
            padded[count + 1] = free * fraction[right] * field[right]
        else:
            padded[count + 1] = 2.0 * padded[count] - padded[count - 1]
        for i in range(BLOCK):
            terms[i] = half * (keep * padded[i] + padded[i + 1])
        if start == 0:
            terms[0] = 0.0
            carry /= keep
        carry = _sum_into(carry, keep, terms, total)
        for i in range(count):
            total[i] -= slope * (padded[i + 2] - padded[i]) + bend * padded[i + 1]
        if not bound:
            for i in range(count):
                driven = e[i] if out[i] > 0.0 else 1.0
                total[i] += loss * out[i] * (1.0 - f[i]) / driven
        for i in range(count):
            out[i] = total[i]


@kernel
def plasma_current_into(
    cells: Floats,
    edges: Floats,
    field: Floats,
    step: float,
    number_density: float,
    energy: float,
    collision_rate: float,
    fraction0: float,
    fraction: Floats,
    current: Floats,
) -> int:
    """Write the current density (A/m^2) that a real field drives, and the fraction.

    ``dJ/dt = e^2/m n_e E - nu J`` from rest at the first point, plus ``energy`` times
    the rate of new electrons over the field, the current that pays for them.
    ``field`` (V/m), ``fraction`` (1) and ``current`` ``(rows, n_t)``; ``energy`` in J,
    ``number_density`` of atoms in 1/m^3. Returns how many points lie above the table.
    """
    above = rate_into(cells, edges, field, current)
    free, loss = PER_MASS * number_density, energy * number_density
    for row in range(field.shape[0]):
        _fractions(current[row], step, fraction0, fraction[row])
        _current(
            field[row], step, free, loss, collision_rate, fraction[row], current[row]
        )
    return above


@kernel
def envelope_current_into(
    cells: Floats,
    edges: Floats,
    envelope: Complex,
    step: float,
    omega0: float,
    number_density: float,
    energy: float,
    collision_rate: float,
    fraction0: float,
    fraction: Floats,
    current: Complex,
) -> int:
    """Write the envelope of the current density on the carrier ``exp(-i omega0 t)``.

    With ``g = e^2/m n_e A`` and ``s = nu - i omega0`` the free electrons give
    ``(g - g'/s)/s``, and those that are freed ``2 energy dn_e/dt A/|A|^2``. ``cells``
    are of cycle-averaged rates; ``envelope`` ``(rows, n_t)`` is the peak field, V/m.
    """
    n = envelope.shape[1]
    rate = np.empty((1, n))
    free, loss = PER_MASS * number_density, 2.0 * energy * number_density
    inverse = 1.0 / (collision_rate - 1j * omega0)
    lead, change = free * inverse, free * inverse * inverse / step
    above = 0
    for row in range(envelope.shape[0]):
        above += envelope_rate_into(cells, edges, envelope[row : row + 1], rate)
        _fractions(rate[0], step, fraction0, fraction[row])
        a, f, w, out = envelope[row], fraction[row], rate[0], current[row]
        for i in range(n):
            square = a[i].real * a[i].real + a[i].imag * a[i].imag
            square = square if w[i] > 0.0 else 1.0
            out[i] = (lead * f[i] + loss * w[i] * (1.0 - f[i]) / square) * a[i]
        for i in range(1, n - 1):
            out[i] -= 0.5 * change * (f[i + 1] * a[i + 1] - f[i - 1] * a[i - 1])
        out[0] -= change * (f[1] * a[1] - f[0] * a[0])
        out[n - 1] -= change * (f[n - 1] * a[n - 1] - f[n - 2] * a[n - 2])
    return above
