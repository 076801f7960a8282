"""Steps of fits of Lorentzian multiplets, one spectrum in each lane of a register.

They serve `qleap.sensing._kernels.multiplet_maps`; see `multiplet_columns` for the
layout.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.choices import choose_less
from qleap.core.jit import inner_kernel
from qleap.sensing._kernels.damped import _factorise, _substitute

Array = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]

_SLOWEST = 0.98
"""Factor of steps up to which their end is foreseen: beyond one there is none."""


@inner_kernel
def _project(
    matrix: Array,
    slope: Array,
    cost: Array,
    values: Array,
    work: Array,
    lower: Array,
    step: Array,
    damping: Array,
    n_lines: int,
    mixes: int,
    lanes: Lanes,
) -> None:
    """Put depths and background at their least squares; mend slope and cost.

    What depends linearly on them needs no other evaluation.
    """
    L = 1 << len(lanes)
    n = values.size // L
    linear = n - 2 * n_lines - mixes
    rest, small = work[: linear * L], work[linear * L :]
    for i in range(linear):
        a = 3 * i + 2 if i < n_lines else i + 2 * n_lines + mixes
        simd.store(rest, i * L, simd.load(slope, a * L, lanes))
        for j in range(i + 1):
            b = 3 * j + 2 if j < n_lines else j + 2 * n_lines + mixes
            m = simd.load(matrix, (a * (a + 1) // 2 + b) * L, lanes)
            simd.store(small, (i * (i + 1) // 2 + j) * L, m)
    _factorise(small, damping, lower, linear, lanes)
    _substitute(lower, rest, step, linear, lanes)
    total = simd.load(cost, 0, lanes)
    for j in range(linear):
        b = 3 * j + 2 if j < n_lines else j + 2 * n_lines + mixes
        move = simd.load(step, j * L, lanes)
        total = simd.fnma(move, simd.load(rest, j * L, lanes), total)
        old = simd.load(values, b * L, lanes)
        if j < n_lines:
            simd.store(values, b * L, simd.subtract(old, move))
        else:
            simd.store(values, b * L, simd.add(old, move))
        for a in range(n):
            high, other = max(a, b), min(a, b)
            m = simd.load(matrix, (high * (high + 1) // 2 + other) * L, lanes)
            s = simd.load(slope, a * L, lanes)
            simd.store(slope, a * L, simd.fnma(m, move, s))
    simd.store(cost, 0, total)


@inner_kernel
def _advance(
    values: Array,
    low: Array,
    step: Array,
    slope: Array,
    trial: Array,
    trial_low: Array,
    gains: Array,
    mixes: int,
    lanes: Lanes,
) -> None:
    """Write the values after a step along the columns, and what it is to gain.

    A line moves by a half width at most, and a half width changes by a factor of two at
    most, so that it stays positive. Positions keep what rounding would take away. Where
    ``mixes`` is 1, the row after the lines is their Lorentzian share, which stays
    between -1/2 and 3/2.
    """
    L = 1 << len(lanes)
    zero = simd.splat(values.dtype.type(0.0), lanes)
    two = simd.splat(values.dtype.type(2.0), lanes)
    halved = simd.splat(values.dtype.type(0.5), lanes)
    n_lines = low.size // L
    gain = zero
    for k in range(0, values.size, L):
        gain = simd.fma(simd.load(step, k, lanes), simd.load(slope, k, lanes), gain)
    simd.store(gains, 0, gain)
    for k in range(3 * n_lines * L, (3 * n_lines + mixes) * L, L):
        new = simd.subtract(simd.load(values, k, lanes), simd.load(step, k, lanes))
        least, most = simd.subtract(zero, halved), simd.subtract(two, halved)
        new = choose_less(new, least, least, new)
        simd.store(trial, k, choose_less(most, new, most, new))
    for k in range((3 * n_lines + mixes) * L, values.size, L):
        move = simd.load(step, k, lanes)
        simd.store(trial, k, simd.add(simd.load(values, k, lanes), move))
    for k in range(n_lines):
        row = 3 * k * L
        width = simd.load(values, row + L, lanes)
        depth = simd.load(values, row + 2 * L, lanes)
        back = simd.subtract(zero, width)
        unit = simd.divide(simd.multiply(back, halved), depth)
        move = simd.multiply(simd.load(step, row, lanes), unit)
        move = choose_less(move, back, back, move)
        move = choose_less(width, move, width, move)
        place = simd.load(values, row, lanes)
        move = simd.add(move, simd.load(low, k * L, lanes))
        new = simd.add(place, move)
        simd.store(trial, row, new)
        rest = simd.subtract(move, simd.subtract(new, place))
        simd.store(trial_low, k * L, rest)
        limit = simd.multiply(width, two)
        new = simd.fma(simd.load(step, row + L, lanes), unit, width)
        least = simd.multiply(width, halved)
        new = choose_less(new, least, least, new)
        simd.store(trial, row + L, choose_less(limit, new, limit, new))
        new = simd.subtract(depth, simd.load(step, row + 2 * L, lanes))
        simd.store(trial, row + 2 * L, new)


@inner_kernel
def _accelerate(
    step: Array,
    slope: Array,
    old_step: Array,
    old_slope: Array,
    moved: Array,
    sizes: Array,
    lanes: Lanes,
) -> None:
    """Mend steps of a fixed matrix by the last ones; write their squared lengths.

    Anderson's method with one step back, J. ACM 12, 547 (1965), in the metric of the
    matrix: steps that shrink by a constant factor along one direction end at once. The
    first step of a spectrum has zeros behind it and stays as it is.
    """
    L = 1 << len(lanes)
    zero = simd.splat(step.dtype.type(0.0), lanes)
    own, mixed, last = zero, zero, zero
    for k in range(0, step.size, L):
        s, g = simd.load(step, k, lanes), simd.load(slope, k, lanes)
        before = simd.load(old_step, k, lanes)
        own, mixed = simd.fma(s, g, own), simd.fma(before, g, mixed)
        last = simd.fma(before, simd.load(old_slope, k, lanes), last)
    simd.store(sizes, 0, own)
    less = simd.subtract(own, mixed)
    change = simd.add(less, simd.subtract(last, mixed))
    limit = simd.multiply(simd.splat(step.dtype.type(_SLOWEST), lanes), last)
    part = choose_less(mixed, limit, simd.divide(less, change), zero)
    for k in range(0, step.size, L):
        s = simd.load(step, k, lanes)
        away = simd.subtract(s, simd.load(old_step, k, lanes))
        away = simd.add(away, simd.load(moved, k, lanes))
        total = simd.fnma(part, away, s)
        simd.store(old_step, k, s)
        simd.store(old_slope, k, simd.load(slope, k, lanes))
        simd.store(moved, k, total)
        simd.store(step, k, total)
