"""Tridiagonal systems of partial waves, swept from both ends to where the sweeps meet.

Sweeps outwards and inwards do not know of each other until they meet, so that two
threads share a system: each one eliminates and substitutes on radii of its own. There
are as many operations as in a sweep from one end.

References
----------
Computational Science Education Project, Linear Algebra, section "Parallel LU
factorization of banded systems" (phy.ornl.gov/csep): twisted factorisations.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
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
Pair: TypeAlias = tuple[Any, Any]
"""Real and imaginary parts of complex numbers; or cosines and sines."""

PER_RADIUS: Final = 8
"""Numbers of ``radii``: mass, diagonal, barrier, radius, absorption, three weights."""


@inner_kernel
def _product(a: Pair, b: Pair) -> Pair:
    """Return the complex product."""
    return (
        fnma(a[1], b[1], multiply(a[0], b[0])),
        fma(a[0], b[1], multiply(a[1], b[0])),
    )


@inner_kernel
def _pair(values: Floats, at: int, lanes: Lanes) -> Pair:
    """Return two vectors that lie one after the other."""
    return load(values, at, lanes), load(values, at + (1 << len(lanes)), lanes)


@inner_kernel
def _keep(values: Floats, at: int, pair: Pair, lanes: Lanes) -> None:
    """Write two vectors one after the other."""
    store(values, at, pair[0])
    store(values, at + (1 << len(lanes)), pair[1])


@inner_kernel
def _coupling(radii: Floats, i: int, barrier: Any, lanes: Lanes) -> Pair:
    """Return what joins a radius to its neighbours, real and imaginary part."""
    at = i * PER_RADIUS
    slope = splat(radii[at + 2], lanes)
    return splat(radii[at], lanes), fma(slope, barrier, splat(radii[at + 1], lanes))


@inner_kernel
def _weighted(coupling: Pair, wave: Pair) -> Pair:
    """Return the conjugate coupling times a wave."""
    return (
        fma(coupling[1], wave[1], multiply(coupling[0], wave[0])),
        fnma(coupling[1], wave[0], multiply(coupling[0], wave[1])),
    )


@inner_kernel
def _unknown(
    past: Pair, here: Pair, next_: Pair, wave: Pair, middle: Any, six: Any, pivot: Pair
) -> Pair:
    """Return the unknown of a radius in terms of the next.

    ``past`` is the weighted wave before, less what the elimination takes away.
    """
    real = fma(six, wave[1], fma(middle, here[0], add(past[0], next_[0])))
    imag = fnma(six, wave[0], fma(middle, here[1], add(past[1], next_[1])))
    return _product((real, imag), pivot)


@inner_kernel
def _less(a: Pair, b: Pair) -> Pair:
    return subtract(a[0], b[0]), subtract(a[1], b[1])


@inner_kernel
def _eliminate(
    six_: float,
    radii: Floats,
    columns: Floats,
    pivots: Floats,
    waves: Floats,
    base: int,
    start: int,
    begin: int,
    rows: int,
    way: int,
    border: Floats,
    meeting: Floats,
    lanes: Lanes,
) -> None:
    """Replace waves of a block by unknowns in terms of the next radius.

    From ``begin`` on, ``rows`` radii outwards (``way`` 1) or inwards (-1). ``border``
    are the waves beyond the last; its unknowns go to ``meeting``, too. The block begins
    at the radius ``start``.
    """
    n = 1 << len(lanes)
    six, zero, ten = splat(six_, lanes), splat(0.0, lanes), splat(10.0, lanes)
    even_barrier, odd_barrier = _pair(columns, 0, lanes)
    even_middle, odd_middle = ten, ten
    if begin == start:
        even_middle, odd_middle = _pair(columns, 5 * n, lanes)
    at, stride = base + begin * 4 * n, way * 4 * n
    even, odd = _pair(waves, at, lanes), _pair(waves, at + 2 * n, lanes)
    even_joint = _coupling(radii, begin, even_barrier, lanes)
    odd_joint = _coupling(radii, begin, odd_barrier, lanes)
    even_here, odd_here = _weighted(even_joint, even), _weighted(odd_joint, odd)
    even_past, odd_past = (zero, zero), (zero, zero)
    for k in range(1, rows):
        even_next = _pair(waves, at + stride, lanes)
        odd_next = _pair(waves, at + stride + 2 * n, lanes)
        even_joint_next = _coupling(radii, begin + way * k, even_barrier, lanes)
        odd_joint_next = _coupling(radii, begin + way * k, odd_barrier, lanes)
        even_then = _weighted(even_joint_next, even_next)
        odd_then = _weighted(odd_joint_next, odd_next)
        pivot = _pair(pivots, at, lanes)
        even = _unknown(even_past, even_here, even_then, even, even_middle, six, pivot)
        pivot = _pair(pivots, at + 2 * n, lanes)
        odd = _unknown(odd_past, odd_here, odd_then, odd, odd_middle, six, pivot)
        _keep(waves, at, even, lanes)
        _keep(waves, at + 2 * n, odd, lanes)
        even_past = _less(even_here, _product(even_joint, even))
        odd_past = _less(odd_here, _product(odd_joint, odd))
        even, even_here, even_joint = even_next, even_then, even_joint_next
        odd, odd_here, odd_joint = odd_next, odd_then, odd_joint_next
        even_middle, odd_middle = ten, ten
        at += stride
    end = begin + way * rows
    if end - way == start:
        even_middle, odd_middle = _pair(columns, 5 * n, lanes)
    joint = _coupling(radii, end, even_barrier, lanes)
    beyond = _weighted(joint, _pair(border, 0, lanes))
    pivot = _pair(pivots, at, lanes)
    even = _unknown(even_past, even_here, beyond, even, even_middle, six, pivot)
    joint = _coupling(radii, end, odd_barrier, lanes)
    beyond = _weighted(joint, _pair(border, 2 * n, lanes))
    pivot = _pair(pivots, at + 2 * n, lanes)
    odd = _unknown(odd_past, odd_here, beyond, odd, odd_middle, six, pivot)
    _keep(waves, at, even, lanes)
    _keep(waves, at + 2 * n, odd, lanes)
    _keep(meeting, 0, even, lanes)
    _keep(meeting, 2 * n, odd, lanes)


@inner_kernel
def _met(
    radii: Floats,
    barrier: Any,
    split: int,
    inner: Pair,
    outer: Pair,
    pivots: tuple[Pair, Pair],
    half: int,
    lanes: Lanes,
) -> Pair:
    """Return the weighted wave that a half substitutes first.

    Both sweeps gave an unknown: ``inner`` that of the radius before ``split``, and
    ``outer`` that of ``split`` itself.
    """
    one = splat(1.0, lanes)
    low = _coupling(radii, split - 1, barrier, lanes)
    high = _coupling(radii, split, barrier, lanes)
    down, up = _product(pivots[0], high), _product(pivots[1], low)
    both = _product(down, up)
    right = _less(outer, _product(up, inner))
    rest = subtract(one, both[0]), subtract(splat(0.0, lanes), both[1])
    size = divide(one, fma(rest[0], rest[0], multiply(rest[1], rest[1])))
    found = _weighted(rest, right)
    wave = multiply(size, found[0]), multiply(size, found[1])
    if half == 0:
        return _product(high, wave)
    return _product(low, _less(inner, _product(down, wave)))


@inner_kernel
def _substitute(
    radii: Floats,
    columns: Floats,
    pivots: Floats,
    waves: Floats,
    carry: Floats,
    base: int,
    begin: int,
    rows: int,
    way: int,
    lanes: Lanes,
) -> None:
    """Replace unknowns of some radii by waves, away from where the sweeps met."""
    n = 1 << len(lanes)
    even_barrier, odd_barrier = _pair(columns, 0, lanes)
    even, odd = _pair(carry, 0, lanes), _pair(carry, 2 * n, lanes)
    at, i = base + begin * 4 * n, begin
    for _ in range(rows):
        taken = _product(_pair(pivots, at, lanes), even)
        wave = _less(_pair(waves, at, lanes), taken)
        _keep(waves, at, wave, lanes)
        even = _product(_coupling(radii, i, even_barrier, lanes), wave)
        taken = _product(_pair(pivots, at + 2 * n, lanes), odd)
        wave = _less(_pair(waves, at + 2 * n, lanes), taken)
        _keep(waves, at + 2 * n, wave, lanes)
        odd = _product(_coupling(radii, i, odd_barrier, lanes), wave)
        at += way * 4 * n
        i += way
    _keep(carry, 0, even, lanes)
    _keep(carry, 2 * n, odd, lanes)
