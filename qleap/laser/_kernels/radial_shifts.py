"""Partial waves moved along z: what a vector potential does to them.

A shift acts on pairs of neighbouring angular momenta: half of it on those at even
places, all of it on those at odd ones, half on the even ones again. In a pair the sum
and the difference of both waves are carried along the radius, one outwards and one
inwards, by Crank-Nicolson steps of fourth order, between two halves of a turn. Arrays
are those of `qleap.laser._kernels.partial_waves`.
"""

import math
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.neighbours import after, before
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
from qleap.laser._kernels.partial_waves import _measure
from qleap.laser._kernels.radial_sweeps import _keep, _pair

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]
Pair: TypeAlias = tuple[Any, Any]

CORNER: Final = math.sqrt(3.0) - 2.0
"""With it, differences and averages commute although the radii end."""


@kernel
def see_into(
    radii: Floats,
    columns: Floats,
    starts: Integers,
    waves: Floats,
    window: Integers,
    seen: Floats,
    lanes: Lanes,
) -> None:
    """Fill ``seen`` with the sums that `advance_into` takes; see the reference."""
    seen[:] = 0.0
    _measure(radii, columns, starts, waves, 0, window[0], window[1], seen, lanes)


@kernel
def shift_into(
    shift: float,
    radii: Floats,
    stretch: Floats,
    pairs: Floats,
    starts: Integers,
    waves: Floats,
    window: Integers,
    lanes: Lanes,
) -> None:
    """Shift waves along z; see the reference."""
    n = 1 << len(lanes)
    last, count = window[0], window[1]
    apart = waves.size // starts.size
    room = aligned(6 * n * last)
    for odd, part in ((False, 0.5), (True, 1.0), (False, 0.5)):
        for b in range(count):
            kind = 0 if not odd else (2 if b == count - 1 else 1)
            at = (b * 6 + 2 * kind) * n
            speed, turn = _pair(pairs, at, lanes)
            size = splat(shift * part, lanes)
            speed, turn = multiply(size, speed), multiply(size, turn)
            here, there = b * apart, min(b + 1, starts.size - 1) * apart
            _carry(
                odd, speed, turn, radii, stretch, waves, room, here, there, starts[b],
                last, lanes,
            )  # fmt: skip


@inner_kernel
def _taken(
    odd: bool, waves: Floats, here: int, there: int, lanes: Lanes
) -> tuple[Any, Any, Any, Any]:
    """Return the lower and the upper waves of pairs at one radius."""
    n = 1 << len(lanes)
    low, high = _pair(waves, here, lanes), _pair(waves, here + 2 * n, lanes)
    if odd:
        next_ = _pair(waves, there, lanes)
        return high[0], high[1], after(low[0], next_[0]), after(low[1], next_[1])
    return low[0], low[1], high[0], high[1]


@inner_kernel
def _put(
    odd: bool, waves: Floats, here: int, there: int, low: Pair, high: Pair, lanes: Lanes
) -> None:
    """Write them back."""
    n = 1 << len(lanes)
    if not odd:
        _keep(waves, here, low, lanes)
        _keep(waves, here + 2 * n, high, lanes)
        return
    _keep(waves, here + 2 * n, low, lanes)
    even = _pair(waves, here, lanes)
    first = after(even[0], even[0]), after(even[1], even[1])
    made = before(first[0], high[0]), before(first[1], high[1])
    _keep(waves, here, made, lanes)
    if there != here:
        next_ = _pair(waves, there, lanes)
        rest = after(next_[0], next_[0]), after(next_[1], next_[1])
        made = before(high[0], rest[0]), before(high[1], rest[1])
        _keep(waves, there, made, lanes)


@inner_kernel
def _rotation(turn: Any, radius: float, lanes: Lanes) -> Pair:
    """Return cosine and sine of half of ``turn/radius``, by Cayley's formula."""
    tangent = multiply(turn, splat(0.25 / radius, lanes))
    one = splat(1.0, lanes)
    square = multiply(tangent, tangent)
    share = divide(one, add(one, square))
    return multiply(subtract(one, square), share), multiply(
        add(tangent, tangent), share
    )


@inner_kernel
def _rotated(turn: Pair, a: Any, b: Any) -> Pair:
    return (
        fnma(turn[1], b, multiply(turn[0], a)),
        fma(turn[1], a, multiply(turn[0], b)),
    )


@inner_kernel
def _sums(
    odd: bool, turn: Any, radius: float, root: float, waves: Floats, here: int,
    there: int, lanes: Lanes,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    """Return sums and differences of turned pairs at one radius."""
    ar, ai, br, bi = _taken(odd, waves, here, there, lanes)
    rotation = _rotation(turn, radius, lanes)
    ar, br = _rotated(rotation, ar, br)
    ai, bi = _rotated(rotation, ai, bi)
    scale = splat(root, lanes)
    ar, ai = multiply(scale, ar), multiply(scale, ai)
    return (
        fma(scale, br, ar), fma(scale, bi, ai), fnma(scale, br, ar), fnma(scale, bi, ai)
    )  # fmt: skip


@inner_kernel
def _carry(
    odd: bool, speed: Any, turn: Any, radii: Floats, stretch: Floats, waves: Floats,
    room: Floats, here: int, there: int, first: int, last: int, lanes: Lanes,
) -> None:  # fmt: skip
    """Carry sums outwards and differences inwards, in the pairs of a block."""
    n = 1 << len(lanes)
    h, zero = multiply(splat(0.25, lanes), speed), splat(0.0, lanes)
    y = splat(CORNER, lanes)
    row = 4 * n
    now = _sums(
        odd, turn, radii[8 * first + 3], math.sqrt(stretch[first]), waves,
        here + first * row, there + first * row, lanes,
    )  # fmt: skip
    past = (zero, zero, zero, zero)
    below = (zero, zero, zero, zero)
    gain_p, gain_m = zero, zero
    j_past = zero
    for i in range(first, last):
        j_here = splat(stretch[i] / 6.0, lanes)
        then, j_next = (zero, zero, zero, zero), zero
        if i < last - 1:
            j_next = splat(stretch[i + 1] / 6.0, lanes)
            then = _sums(
                odd, turn, radii[8 * i + 11], math.sqrt(stretch[i + 1]), waves,
                here + (i + 1) * row, there + (i + 1) * row, lanes,
            )  # fmt: skip
        middle, tilt = multiply(splat(4.0, lanes), j_here), zero
        if i == first or i == last - 1:
            middle = multiply(add(splat(4.0, lanes), y), j_here)
            tilt = multiply(h, y)
            tilt = subtract(zero, tilt) if i == last - 1 else tilt
        minus, plus = subtract(j_past, h), add(j_past, h)
        up_minus, up_plus = subtract(j_next, h), add(j_next, h)
        with_p, with_m = subtract(middle, tilt), add(middle, tilt)
        right_pr = fma(up_minus, then[0], fma(with_p, now[0], multiply(plus, past[0])))
        right_pi = fma(up_minus, then[1], fma(with_p, now[1], multiply(plus, past[1])))
        right_mr = fma(up_plus, then[2], fma(with_m, now[2], multiply(minus, past[2])))
        right_mi = fma(up_plus, then[3], fma(with_m, now[3], multiply(minus, past[3])))
        one = splat(1.0, lanes)
        pivot_p = divide(one, fnma(minus, gain_p, with_m))
        pivot_m = divide(one, fnma(plus, gain_m, with_p))
        below = (
            multiply(pivot_p, fnma(minus, below[0], right_pr)),
            multiply(pivot_p, fnma(minus, below[1], right_pi)),
            multiply(pivot_m, fnma(plus, below[2], right_mr)),
            multiply(pivot_m, fnma(plus, below[3], right_mi)),
        )
        gain_p, gain_m = multiply(pivot_p, up_plus), multiply(pivot_m, up_minus)
        at = 6 * n * i
        for k, value in ((0, below[0]), (1, below[1]), (2, below[2]), (3, below[3])):
            store(room, at + k * n, value)
        store(room, at + 4 * n, gain_p)
        store(room, at + 5 * n, gain_m)
        past, now, j_past = now, then, j_here
    _bring_back(odd, turn, radii, stretch, waves, room, here, there, first, last, lanes)


@inner_kernel
def _bring_back(
    odd: bool, turn: Any, radii: Floats, stretch: Floats, waves: Floats, room: Floats,
    here: int, there: int, first: int, last: int, lanes: Lanes,
) -> None:  # fmt: skip
    """Substitute from the outermost radius inwards, and take sums apart again."""
    n = 1 << len(lanes)
    zero = splat(0.0, lanes)
    pr, pi, mr, mi = zero, zero, zero, zero
    for i in range(last - 1, first - 1, -1):
        at = 6 * n * i
        gain_p, gain_m = _pair(room, at + 4 * n, lanes)
        pr = fnma(gain_p, pr, load(room, at, lanes))
        pi = fnma(gain_p, pi, load(room, at + n, lanes))
        mr = fnma(gain_m, mr, load(room, at + 2 * n, lanes))
        mi = fnma(gain_m, mi, load(room, at + 3 * n, lanes))
        scale = splat(0.5 / math.sqrt(stretch[i]), lanes)
        rotation = _rotation(turn, radii[8 * i + 3], lanes)
        ar, br = _rotated(
            rotation, multiply(scale, add(pr, mr)), multiply(scale, subtract(pr, mr))
        )
        ai, bi = _rotated(
            rotation, multiply(scale, add(pi, mi)), multiply(scale, subtract(pi, mi))
        )
        row = i * 4 * n
        _put(odd, waves, here + row, there + row, (ar, ai), (br, bi), lanes)
