r"""Dipoles of atoms in strong fields: the double loop over times and delays.

A vector holds neighbouring times, and one delay goes through all of them, so that what
belongs to a delay is one number and what belongs to a birth is one unaligned load. The
action is counted in turns: with :math:`b=\int A\,dt/4\pi` and the momentum
:math:`p=4\pi\,\Delta b/\tau` it is :math:`\Delta\varphi-p\,\Delta b`, one operation
after the difference of phases that were added up before. The spreading of the electron
has a constant phase, so that one cosine stands for the complex exponential.

See `qleap.laser.harmonics.sfa` for the formulas.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import (
    add,
    divide,
    fma,
    fnma,
    load,
    multiply,
    splat,
    store,
    subtract,
)

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]

MAGIC = 6755399441055744.0
"""1.5 * 2^52: the low bits of a sum with it are an integer."""

COSINE = (
    1.4142135623720316,
    -6.978864199221928,
    5.739885708247332,
    -1.8883460755686117,
    0.33280042399371096,
    -0.03645321627953049,
    0.0026021380168096304,
)
"""sqrt(2) cos(pi r) in powers of r^2, best for |r| <= 1/2: off by 1.1e-12."""


@inner_kernel
def _sum_into(values: Floats, step: float, out: Floats) -> None:
    """Write the running integral, of the sixth order but near its ends."""
    n, total = values.size, 0.0
    out[0] = 0.0
    for i in range(n - 1):
        if 2 <= i < n - 3:
            near = 802.0 * (values[i] + values[i + 1])
            next_ = 93.0 * (values[i - 1] + values[i + 2])
            part = (near - next_ + 11.0 * (values[i - 2] + values[i + 3])) / 1440.0
        elif 1 <= i < n - 2:
            near = 13.0 * (values[i] + values[i + 1])
            part = (near - values[i - 1] - values[i + 2]) / 24.0
        else:
            a, d = (0, 1) if i == 0 else (n - 1, -1)
            part = 9.0 * values[a] + 19.0 * values[a + d] - 5.0 * values[a + 2 * d]
            part = (part + values[a + 3 * d]) / 24.0
        total += step * part
        out[i + 1] = total


@kernel
def paths_into(
    field: Floats,
    amplitude: Floats,
    step: float,
    energy: float,
    first: int,
    rows: Floats,
) -> None:
    """Write what the double loop needs of a field ``(components, n)``, atomic units.

    ``rows`` ``(1 + 3 components, more than first + n)`` holds zeros and gets, from
    ``first`` on: the phase of an electron at rest and its quiver energy in turns; then
    of each component the field times the ``amplitude`` of the ground state, the vector
    potential, and the integral of it over 4 pi.
    """
    n = field.shape[1]
    square = np.zeros(n)
    for c in range(field.shape[0]):
        drive = rows[1 + 3 * c, first : first + n]
        a = rows[2 + 3 * c, first : first + n]
        b = rows[3 + 3 * c, first : first + n]
        _sum_into(field[c], -step, a)
        _sum_into(a, step / (4.0 * math.pi), b)
        for i in range(n):
            drive[i] = field[c, i] * amplitude[i]
            square[i] += a[i] * a[i]
    phase = rows[0, first : first + n]
    _sum_into(square, step / (4.0 * math.pi), phase)
    for i in range(n):
        phase[i] += i * (energy * step / (2.0 * math.pi))


@inner_kernel
def _cosine(turns: Any, lanes: Lanes) -> Any:
    # Of half of the turns, since cos 2x = 2 cos^2 x - 1.
    magic = splat(MAGIC, lanes)
    rest = subtract(turns, subtract(add(turns, magic), magic))
    s = multiply(rest, rest)
    c = fma(s, splat(COSINE[6], lanes), splat(COSINE[5], lanes))
    c = fma(s, c, splat(COSINE[4], lanes))
    c = fma(s, c, splat(COSINE[3], lanes))
    c = fma(s, c, splat(COSINE[2], lanes))
    c = fma(s, c, splat(COSINE[1], lanes))
    c = fma(s, c, splat(COSINE[0], lanes))
    return fma(c, c, splat(-1.0, lanes))


@inner_kernel
def _sums(series: Floats, row: int, x: Any, y: Any, lanes: Lanes) -> Any:
    """Return sums of Chebyshev polynomials at two places, by Clenshaw's recurrence."""
    two_x, two_y = add(x, x), add(y, y)
    before_x = before_y = last_x = last_y = splat(0.0, lanes)
    for k in range(series.shape[1] - 1):
        factor = splat(series[row, series.shape[1] - 1 - k], lanes)
        next_x = subtract(fma(two_x, last_x, factor), before_x)
        next_y = subtract(fma(two_y, last_y, factor), before_y)
        before_x, before_y, last_x, last_y = last_x, last_y, next_x, next_y
    factor = splat(series[row, 0], lanes)
    sum_x = fma(x, last_x, subtract(factor, before_x))
    return sum_x, fma(y, last_y, subtract(factor, before_y))


@inner_kernel
def _product(ax: Any, ay: Any, bx: Any, by: Any, plane: Lanes) -> Any:
    if len(plane) == 0:
        return multiply(ax, bx)
    return fma(ay, by, multiply(ax, bx))


@inner_kernel
def _square(x: Any, y: Any, more: Any, plane: Lanes) -> Any:
    return fma(x, x, more) if len(plane) == 0 else fma(y, y, fma(x, x, more))


@inner_kernel
def _tabulated(
    now: Any,
    then: Any,
    drive: Any,
    scale: Any,
    series: Floats,
    shell: int,
    plane: Lanes,
    lanes: Lanes,
) -> Any:
    """Return what the dipole gets, of matrix elements given as series."""
    squares = _product(now[0], now[1], now[0], now[1], plane)
    squares_then = _product(then[0], then[1], then[0], then[1], plane)
    below, below_then = add(squares, scale), add(squares_then, scale)
    both = divide(splat(1.0, lanes), multiply(below, below_then))
    x = multiply(subtract(scale, squares), multiply(below_then, both))
    x_then = multiply(subtract(scale, squares_then), multiply(below, both))
    f, f_then = _sums(series, 0, x, x_then, lanes)
    along = _product(then[0], then[1], drive[0], drive[1], plane)
    if shell == 0:
        v = multiply(multiply(f, f_then), along)
        return multiply(now[0], v), multiply(now[1], v)
    g, g_then = _sums(series, 1, x, x_then, lanes)
    u = multiply(g_then, along)
    vx = fma(f_then, drive[0], multiply(u, then[0]))
    vy = fma(f_then, drive[1], multiply(u, then[1]))
    w = multiply(g, _product(now[0], now[1], vx, vy, plane))
    return fma(f, vx, multiply(w, now[0])), fma(f, vy, multiply(w, now[1]))


@inner_kernel
def _returned(
    rows: Floats,
    birth: int,
    rate: Any,
    at: Any,
    scale: Any,
    series: Floats,
    shell: int,
    lanes: Lanes,
    plane: Lanes,
    closed: Lanes,
) -> Any:
    """Return what electrons born at ``birth`` bring, but for the delay's weight."""
    phase, ax, bx, ay, by = at
    dx = subtract(bx, load(rows[3], birth, lanes))
    px = multiply(dx, rate)
    turns = fnma(dx, px, subtract(phase, load(rows[0], birth, lanes)))
    nx, tx = subtract(px, ax), subtract(px, load(rows[2], birth, lanes))
    ex = load(rows[1], birth, lanes)
    if len(plane) == 0:
        ny, ty, ey = nx, tx, ex
    else:
        dy = subtract(by, load(rows[6], birth, lanes))
        py = multiply(dy, rate)
        turns = fnma(dy, py, turns)
        ny, ty = subtract(py, ay), subtract(py, load(rows[5], birth, lanes))
        ey = load(rows[4], birth, lanes)
    cosine = _cosine(turns, lanes)
    if len(closed) == 0:
        drive = (multiply(ex, cosine), multiply(ey, cosine))
        now, then = (nx, ny), (tx, ty)
        return _tabulated(now, then, drive, scale, series, shell, plane, lanes)
    both = multiply(_square(nx, ny, scale, plane), _square(tx, ty, scale, plane))
    top = multiply(_product(tx, ty, ex, ey, plane), cosine)
    v = divide(top, multiply(both, multiply(both, both)))
    return multiply(nx, v), multiply(ny, v)


@kernel
def dipole_into(
    rows: Floats,
    delays: Floats,
    shortest: int,
    turn: float,
    scale: float,
    series: Floats,
    shell: int,
    start: int,
    out: Floats,
    lanes: Lanes,
    plane: Lanes,
    closed: Lanes,
) -> None:
    """Write the dipole from the time ``rows[:, start]`` on, atomic units.

    Parameters
    ----------
    rows : array, shape (1 + 3 components, ...)
        Of `paths_into`.
    delays : array, shape (2, count)
        From ``shortest`` steps on: weights, and 4 pi over the delay.
    turn : float
        Of the spreading's phase, in turns.
    scale : float
        The square of a momentum: alpha of hydrogen-like s states, where ``series``
        has no columns; else the scale of the Chebyshev series of the matrix elements
        in ``(scale - p^2)/(scale + p^2)``, of ``p f`` where ``shell`` is 0 and of
        ``f + g p p`` where it is 1.
    out : array, shape (components, multiple of the vectors' width)
    lanes, plane : tuple of zeros
        See `qleap.core.simd`; ``(0,)`` for two components, ``()`` for one.
    """
    width = 1 << len(lanes)
    alpha = splat(scale, lanes)
    y = 3 * len(plane)
    for block in range(0, out.shape[1], width):
        t = start + block
        phase = add(load(rows[0], t, lanes), splat(turn, lanes))
        ax, bx = load(rows[2], t, lanes), load(rows[3], t, lanes)
        ay, by = load(rows[2 + y], t, lanes), load(rows[3 + y], t, lanes)
        at = (phase, ax, bx, ay, by)
        x_sum = splat(0.0, lanes)
        y_sum = x_sum
        for k in range(delays.shape[1]):
            rate, weight = splat(delays[1, k], lanes), splat(delays[0, k], lanes)
            x_part, y_part = _returned(
                rows,
                t - shortest - k,
                rate,
                at,
                alpha,
                series,
                shell,
                lanes,
                plane,
                closed,
            )
            x_sum = fma(weight, x_part, x_sum)
            y_sum = fma(weight, y_part, y_sum)
        if len(plane) > 0:
            store(out[1], block, y_sum)
        store(out[0], block, x_sum)
