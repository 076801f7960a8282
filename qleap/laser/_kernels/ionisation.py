"""Ionisation along rows of a field: rates from a table, free electrons, their current.

The table holds cubics of the logarithm of the rate over the *square* of the field.
Each factor of two of the square is divided into ``2**CELL_BITS`` equal cells, so that
the leading bits of the square are the cell's number and the others the place in it: no
logarithm, no root and no division are taken. Most of a row is usually without field
and is passed over in blocks.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import load, multiply, splat, store
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

LANES = (0, 0, 0)
"""Eight numbers a vector on every machine; narrower ones take several registers."""

PER_MASS = 1.602176634e-19 * (1.602176634e-19 / 9.1093837139e-31)
"""Square of the electron's charge over its mass, C^2/kg."""


@kernel
def _rates(cells: Floats, edges: Floats, values: Floats) -> tuple[int, int, int]:
    """Replace squares of the field by rates.

    Return how many lie above the table, and between which points the others are not
    zero: the beginning of a block, and the end of one.
    """
    n = values.size
    begin, end = n - 1 - (n - 1) % BLOCK, 0
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
        begin, end = min(begin, start), start + count
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
    return above, begin, max(begin, end)


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
        above += _rates(cells, edges, y)[0]
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
        above += _rates(cells, edges, y)[0]
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


@inner_kernel
def _fill(x: Floats, start: int, end: int, value: float) -> None:
    """Write a value to ``x`` from ``start`` up to ``end``."""
    many = splat(value, LANES)
    whole = start + (end - start) // 8 * 8
    for i in range(start, whole, 8):
        store(x, i, many)
    for i in range(whole, end):
        x[i] = value


@inner_kernel
def _copy_block(x: Floats, count: int, y: Floats, start: int) -> None:
    """Write the first numbers of a block to ``y`` from ``start`` on."""
    if count == BLOCK:
        for i in range(0, BLOCK, 8):
            store(y, start + i, load(x, i, LANES))
    else:
        for i in range(count):
            y[start + i] = x[i]


@kernel
def _fractions(
    rate: Floats,
    first: int,
    last: int,
    step: float,
    fraction0: float,
    fraction: Floats,
) -> None:
    """Write the ionised fraction of one row, without rates but from first to last.

    ``first`` is a multiple of BLOCK, and so is ``last`` where it is not the end.
    """
    n = rate.size
    padded, terms, total = np.zeros(BLOCK + 2), np.empty(BLOCK), np.empty(BLOCK)
    half, slope, whole = 0.5 * step, step / 24.0, 1.0 - fraction0
    carry = step / 12.0 * (rate[1] - rate[0])
    begin, end = max(first - BLOCK, 0), min(last + BLOCK, n)
    _fill(fraction, 0, begin, fraction0)
    for start in range(begin, end, BLOCK):
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
        for i in range(BLOCK):
            x = total[i] - slope * (padded[i + 2] - padded[i])
            terms[i] = fraction0 + whole * _lost(max(x, 0.0))
        _copy_block(terms, count, fraction, start)
    _fill(fraction, end, n, fraction0 + whole * _lost(carry))


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
        _fractions(rate[row], 0, rate.shape[1], step, fraction0, fraction[row])


@inner_kernel
def _products(factor: float, x: Floats, y: Floats, at: int, out: Floats) -> None:
    """Write a block of ``factor x y`` into ``out`` from its eighth place on."""
    scale = splat(factor, LANES)
    for i in range(0, BLOCK, 8):
        product = multiply(load(x, at + i, LANES), load(y, at + i, LANES))
        store(out, i + 8, multiply(scale, product))


@kernel
def _current(
    field: Floats,
    first: int,
    last: int,
    step: float,
    free: float,
    loss: float,
    collision_rate: float,
    fraction: Floats,
    current: Floats,
) -> None:
    """Replace the rates of one row, from first to last, by the current density."""
    n = field.size
    driven, terms, total = aligned(BLOCK + 16), aligned(BLOCK), aligned(BLOCK)
    half, slope, bend = 0.5 * step, step / 24.0, step * step / 12.0 * collision_rate
    keep = exp(-collision_rate * step)
    g0, g1 = free * fraction[0] * field[0], free * fraction[1] * field[1]
    carry = step / 12.0 * (g1 - g0) + bend * g0
    begin = 0 if fraction[0] > 0.0 else max(first - BLOCK, 0)
    _fill(current, 0, begin, 0.0)
    driven[7] = 2.0 * g0 - g1 if begin == 0 else 0.0
    for start in range(begin, n, BLOCK):
        count = min(BLOCK, n - start)
        right = start + count
        if count == BLOCK:
            _products(free, fraction, field, start, driven)
        else:
            for i in range(BLOCK):
                k = min(start + i, n - 1)
                driven[i + 8] = free * fraction[k] * field[k]
        if right < n:
            driven[count + 8] = free * fraction[right] * field[right]
        else:
            driven[count + 8] = 2.0 * driven[count + 7] - driven[count + 6]
        for i in range(BLOCK):
            terms[i] = half * (keep * driven[i + 7] + driven[i + 8])
        if start == 0:
            terms[0] = 0.0
            carry /= keep
        carry = _sum_into(carry, keep, terms, total)
        for i in range(BLOCK):
            total[i] -= slope * (driven[i + 9] - driven[i + 7]) + bend * driven[i + 8]
        driven[7] = driven[BLOCK + 7]
        if first <= start < last:
            for i in range(start, right):
                paid = field[i] if current[i] > 0.0 else 1.0
                total[i - start] += loss * current[i] * (1.0 - fraction[i]) / paid
        _copy_block(total, count, current, start)


@kernel
def _plasma(
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
    """Do for one row what `plasma_current_into` does for several."""
    for i in range(field.size):
        current[i] = field[i] * field[i]
    above, first, last = _rates(cells, edges, current)
    _fractions(current, first, last, step, fraction0, fraction)
    free, loss = PER_MASS * number_density, energy * number_density
    _current(field, first, last, step, free, loss, collision_rate, fraction, current)
    return above


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
    above = 0
    for row in range(field.shape[0]):
        above += _plasma(
            cells,
            edges,
            field[row],
            step,
            number_density,
            energy,
            collision_rate,
            fraction0,
            fraction[row],
            current[row],
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
        _fractions(rate[0], 0, n, step, fraction0, fraction[row])
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
