"""Radial waves of many angular momenta, through Crank-Nicolson steps and kicks.

One step solves a tridiagonal system for each angular momentum, with pivots that were
made once, and then turns neighbouring angular momenta into each other at each radius.

A block holds twice as many angular momenta as a vector register numbers; those at
even and at odd places lie apart, so that a turn of pairs is plain arithmetic of
vectors. ``waves`` and ``pivots`` are ``(blocks, radii, 4, lanes)`` in one dimension:
real and imaginary parts of the even ones, then of the odd ones. Blocks are eliminated
one after the other, outwards; inwards, radii are substituted and turned in pieces that
stay in the nearest cache.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.neighbours import after, before
from qleap.core.simd import (
    add,
    fma,
    fnma,
    load,
    multiply,
    splat,
    store,
    subtract,
    total,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]
Pair: TypeAlias = tuple[Any, Any]
"""Real and imaginary parts of complex numbers; or cosines and sines."""

PIECE: Final = 24
"""Radii that are substituted and turned together."""

MARGIN: Final = 32
"""Radii at the end of the window that tell whether it has to grow."""

GROWTH: Final = 64
"""Radii by which it grows."""

EDGE: Final = 1e-26
"""Weight at the end of the window from which it grows."""

LARGEST_TURN: Final = 0.5
"""Momentum of a kick times the radius; a larger one is made of several."""

PER_RADIUS: Final = 8
"""Numbers of ``radii``: mass, diagonal, barrier, radius, absorption, three weights."""

PER_BLOCK: Final = 7
"""Vectors of ``columns``: barriers and turns of the even and the odd ones, turns of the
odd ones where nothing lies above, and the middles of the mass matrix at the first
radius, over what lies beside."""


@kernel
def advance_into(
    six: float,
    kicks: Floats,
    radii: Floats,
    columns: Floats,
    starts: Integers,
    pivots: Floats,
    waves: Floats,
    window: Integers,
    seen: Floats,
    lanes: Lanes,
) -> None:
    """Advance waves by as many steps as there are kicks; see the reference."""
    n = 1 << len(lanes)
    width = 4 * n
    apart = waves.size // starts.size
    below = aligned(starts.size * width)
    for step in range(kicks.size):
        last, count = window[0], window[1]
        for b in range(count):
            own = columns[b * PER_BLOCK * n :]
            _eliminate(
                six, radii, own, pivots, waves, b * apart, starts[b], last, lanes
            )
        below[:] = 0.0
        seen[:] = 0.0
        for end in range(last, 0, -PIECE):
            begin = max(0, end - PIECE)
            for b in range(count):
                own = columns[b * PER_BLOCK * n :]
                first = max(begin, starts[b])
                carry = below[b * width :]
                _substitute(
                    radii, own, pivots, waves, carry, b * apart, first, end, lanes
                )
            if step == kicks.size - 1:
                _measure(radii, columns, starts, waves, begin, end, count, seen, lanes)
            for i in range(begin, end):
                present = _present(starts, i, count)
                _turn(kicks[step], radii, columns, waves, i, present, apart, lanes)
        _widen(starts, waves, window, lanes)


@inner_kernel
def _present(starts: Integers, i: int, count: int) -> int:
    """Return how many blocks have begun at a radius."""
    while starts[count - 1] > i:
        count -= 1
    return count


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
    first: int,
    last: int,
    lanes: Lanes,
) -> None:
    """Replace waves of a block by unknowns in terms of the next radius."""
    n = 1 << len(lanes)
    six, zero = splat(six_, lanes), splat(0.0, lanes)
    even_barrier, odd_barrier = _pair(columns, 0, lanes)
    even_middle, odd_middle = _pair(columns, 5 * n, lanes)
    ten = splat(10.0, lanes)
    at = base + first * 4 * n
    even, odd = _pair(waves, at, lanes), _pair(waves, at + 2 * n, lanes)
    even_joint = _coupling(radii, first, even_barrier, lanes)
    odd_joint = _coupling(radii, first, odd_barrier, lanes)
    even_here, odd_here = _weighted(even_joint, even), _weighted(odd_joint, odd)
    even_past, odd_past = (zero, zero), (zero, zero)
    for i in range(first, last - 1):
        at = base + i * 4 * n
        even_next = _pair(waves, at + 4 * n, lanes)
        odd_next = _pair(waves, at + 6 * n, lanes)
        even_joint_next = _coupling(radii, i + 1, even_barrier, lanes)
        odd_joint_next = _coupling(radii, i + 1, odd_barrier, lanes)
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
    at = base + (last - 1) * 4 * n
    nothing = (zero, zero)
    pivot = _pair(pivots, at, lanes)
    even = _unknown(even_past, even_here, nothing, even, even_middle, six, pivot)
    pivot = _pair(pivots, at + 2 * n, lanes)
    odd = _unknown(odd_past, odd_here, nothing, odd, odd_middle, six, pivot)
    _keep(waves, at, even, lanes)
    _keep(waves, at + 2 * n, odd, lanes)


@inner_kernel
def _substitute(
    radii: Floats,
    columns: Floats,
    pivots: Floats,
    waves: Floats,
    carry: Floats,
    base: int,
    first: int,
    last: int,
    lanes: Lanes,
) -> None:
    """Replace unknowns of some radii by waves, from the outermost inwards."""
    n = 1 << len(lanes)
    even_barrier, odd_barrier = _pair(columns, 0, lanes)
    even, odd = _pair(carry, 0, lanes), _pair(carry, 2 * n, lanes)
    for i in range(last - 1, first - 1, -1):
        at = base + i * 4 * n
        taken = _product(_pair(pivots, at, lanes), even)
        wave = _less(_pair(waves, at, lanes), taken)
        _keep(waves, at, wave, lanes)
        even = _product(_coupling(radii, i, even_barrier, lanes), wave)
        taken = _product(_pair(pivots, at + 2 * n, lanes), odd)
        wave = _less(_pair(waves, at + 2 * n, lanes), taken)
        _keep(waves, at + 2 * n, wave, lanes)
        odd = _product(_coupling(radii, i, odd_barrier, lanes), wave)
    _keep(carry, 0, even, lanes)
    _keep(carry, 2 * n, odd, lanes)


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


@inner_kernel
def _scalar(a: Pair, b: Pair) -> Any:
    """Return real parts of ``conj(a) b``."""
    return fma(a[0], b[0], multiply(a[1], b[1]))


@inner_kernel
def _measure(
    radii: Floats,
    columns: Floats,
    starts: Integers,
    waves: Floats,
    begin: int,
    end: int,
    count: int,
    seen: Floats,
    lanes: Lanes,
) -> None:
    """Add what some radii have to force, place and weight inside of the core."""
    n = 1 << len(lanes)
    apart, zero = waves.size // starts.size, splat(0.0, lanes)
    force, place, core = zero, zero, zero
    for i in range(begin, end):
        present = _present(starts, i, count)
        cosine, weight = zero, zero
        for b in range(present):
            at, own = b * apart + i * 4 * n, b * PER_BLOCK * n
            even, odd = _pair(waves, at, lanes), _pair(waves, at + 2 * n, lanes)
            above = after(even[0], even[0]), after(even[1], even[1])
            if b < present - 1:
                next_ = _pair(waves, at + apart, lanes)
                above = after(even[0], next_[0]), after(even[1], next_[1])
            kind = 4 if b == present - 1 else 3
            cosine = fma(load(columns, own + 2 * n, lanes), _scalar(even, odd), cosine)
            turn = load(columns, own + kind * n, lanes)
            cosine = fma(turn, _scalar(odd, above), cosine)
            weight = add(weight, add(_scalar(even, even), _scalar(odd, odd)))
        at = i * PER_RADIUS
        force = fma(splat(radii[at + 5], lanes), cosine, force)
        place = fma(splat(radii[at + 6], lanes), cosine, place)
        core = fma(splat(radii[at + 7], lanes), weight, core)
    seen[0] += total(force)
    seen[1] += total(place)
    seen[2] += total(core)


@inner_kernel
def _weight(waves: Floats, at: int, last: int, stride: int, lanes: Lanes) -> float:
    """Return the weight at every so many radii from one on."""
    n = 1 << len(lanes)
    found = splat(0.0, lanes)
    for start in range(at, last, 4 * n * stride):
        even = _pair(waves, start, lanes)
        odd = _pair(waves, start + 2 * n, lanes)
        found = add(found, add(_scalar(even, even), _scalar(odd, odd)))
    weight: float = total(found)
    return weight


@inner_kernel
def _widen(starts: Integers, waves: Floats, window: Integers, lanes: Lanes) -> None:
    """Let the window grow where waves have come to its end."""
    width = 4 << len(lanes)
    apart = waves.size // starts.size
    last, count = window[0], window[1]
    top = (count - 1) * apart
    reached = _weight(waves, top, top + last * width, 4, lanes)
    if count < starts.size and starts[count] < last and reached > EDGE:
        window[1] = count + 1
    edge = 0.0
    for b in range(count):
        at = b * apart + last * width
        edge += _weight(waves, at - MARGIN * width, at, 1, lanes)
    if edge > EDGE:
        window[0] = min(last + GROWTH, apart // width)
