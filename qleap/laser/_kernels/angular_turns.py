"""Kicks: what a field along z does to waves of all angular momenta at one radius."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.neighbours import after, before
from qleap.core.simd import fma, fnma, load, multiply, splat
from qleap.laser._kernels.radial_sweeps import PER_RADIUS, Pair, _keep, _pair

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]

LARGEST_TURN: Final = 0.5
"""Momentum of a kick times the radius; a larger one is made of several."""

PER_BLOCK: Final = 7
"""Vectors of ``columns``: barriers and turns of the even and the odd ones, turns of the
odd ones where nothing lies above, and the middles of the mass matrix at the first
radius, over what lies beside."""


@inner_kernel
def _cosine_sine(angle: Any, lanes: Lanes) -> Pair:
    """Return cosines and sines of angles below 0.4, to rounding."""
    x = multiply(angle, angle)
    c = fma(x, splat(1.0 / 479001600.0, lanes), splat(-1.0 / 3628800.0, lanes))
    c = fma(x, c, splat(1.0 / 40320.0, lanes))
    c = fma(x, c, splat(-1.0 / 720.0, lanes))
    c = fma(x, c, splat(1.0 / 24.0, lanes))
    c = fma(x, c, splat(-0.5, lanes))
    s = fma(x, splat(-1.0 / 39916800.0, lanes), splat(1.0 / 362880.0, lanes))
    s = fma(x, s, splat(-1.0 / 5040.0, lanes))
    s = fma(x, s, splat(1.0 / 120.0, lanes))
    s = fma(x, s, splat(-1.0 / 6.0, lanes))
    cosine = fma(x, c, splat(1.0, lanes))
    return cosine, fma(multiply(x, angle), s, angle)


@inner_kernel
def _turned(turn: Pair, a: Pair, b: Pair) -> tuple[Any, Any, Any, Any]:
    """Return two waves after ``exp(-i angle sigma_x)``."""
    c, s = turn
    return (
        fma(s, b[1], multiply(c, a[0])),
        fnma(s, b[0], multiply(c, a[1])),
        fma(s, a[1], multiply(c, b[0])),
        fnma(s, a[0], multiply(c, b[1])),
    )


@inner_kernel
def _turn(
    kick: float,
    radii: Floats,
    columns: Floats,
    waves: Floats,
    i: int,
    count: int,
    apart: int,
    lanes: Lanes,
) -> None:
    """Give the waves at one radius the kick ``exp(-i kick r cos(angle))``."""
    size = kick * radii[i * PER_RADIUS + 3]
    parts = 1 + int(abs(size) / LARGEST_TURN)
    keep = radii[i * PER_RADIUS + 4]
    for part in range(parts):
        factor = keep if part == parts - 1 else 1.0
        _small_turn(size / parts, factor, columns, waves, i, count, apart, lanes)


@inner_kernel
def _small_turn(
    size: float,
    factor: float,
    columns: Floats,
    waves: Floats,
    i: int,
    count: int,
    apart: int,
    lanes: Lanes,
) -> None:
    """Turn pairs at even places by half, those at odd ones, the even ones again."""
    n = 1 << len(lanes)
    at = i * 4 * n
    half, whole = splat(0.5 * size, lanes), splat(size, lanes)
    keep, zero = splat(factor, lanes), splat(0.0, lanes)
    half_turn = _cosine_sine(multiply(half, load(columns, 2 * n, lanes)), lanes)
    even, odd = _pair(waves, at, lanes), _pair(waves, at + 2 * n, lanes)
    er, ei, odd_r, odd_i = _turned(half_turn, even, odd)
    past_r, past_i = after(er, er), after(ei, ei)
    next_turn = half_turn
    for b in range(count):
        top = b == count - 1
        own = b * PER_BLOCK * n
        next_r, next_i, next_odd_r, next_odd_i = zero, zero, zero, zero
        if not top:
            size_ = load(columns, own + (PER_BLOCK + 2) * n, lanes)
            next_turn = _cosine_sine(multiply(half, size_), lanes)
            there = at + apart
            even, odd = _pair(waves, there, lanes), _pair(waves, there + 2 * n, lanes)
            next_r, next_i, next_odd_r, next_odd_i = _turned(next_turn, even, odd)
        size_ = load(columns, own + (4 if top else 3) * n, lanes)
        turn = _cosine_sine(multiply(whole, size_), lanes)
        above = after(er, next_r), after(ei, next_i)
        odd_r, odd_i, above_r, above_i = _turned(turn, (odd_r, odd_i), above)
        even = before(past_r, above_r), before(past_i, above_i)
        er, ei, odd_r, odd_i = _turned(half_turn, even, (odd_r, odd_i))
        _keep(waves, at, (multiply(keep, er), multiply(keep, ei)), lanes)
        odd = multiply(keep, odd_r), multiply(keep, odd_i)
        _keep(waves, at + 2 * n, odd, lanes)
        past_r, past_i = above_r, above_i
        er, ei, odd_r, odd_i = next_r, next_i, next_odd_r, next_odd_i
        half_turn = next_turn
        at += apart
