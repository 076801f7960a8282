"""Radial waves of many angular momenta, through Crank-Nicolson steps and kicks.

One step solves a tridiagonal system for each angular momentum, with pivots that were
made once, and then turns neighbouring angular momenta into each other at each radius.

A block holds twice as many angular momenta as a vector register numbers; those at
even and at odd places lie apart, so that a turn of pairs is plain arithmetic of
vectors. ``waves`` is ``(blocks, radii, 4, lanes)`` in one dimension: real and imaginary
parts of the even ones, then of the odd ones; ``pivots`` are two such arrays, for sweeps
outwards and inwards.

The radii are parted in an inner and an outer half, and each step in two phases: blocks
are eliminated one after the other, from both ends to where the halves meet; back from
there, radii are substituted and turned in pieces that stay in the nearest cache. Halves
meet between phases only, so that two threads can share all steps of a call.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.neighbours import after
from qleap.core.signals import take
from qleap.core.simd import add, fma, load, multiply, splat, total
from qleap.laser._kernels.angular_turns import PER_BLOCK, _turn
from qleap.laser._kernels.radial_sweeps import (
    PER_RADIUS,
    Pair,
    _eliminate,
    _keep,
    _met,
    _pair,
    _substitute,
)
from qleap.laser._kernels.team import LINE, _await_all, _next_item

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]
Shared: TypeAlias = tuple[Floats, Floats, Floats, Integers, Integers]

PIECE: Final = 24
"""Radii that are substituted and turned together."""

MARGIN: Final = 32
"""Radii at the end of the window that tell whether it has to grow."""

GROWTH: Final = 64
"""Radii by which it grows."""

EDGE: Final = 1e-26
"""Weight at the end of the window from which it grows."""


@kernel
def advance_into(
    six: float,
    kicks: Floats,
    ends: Integers,
    radii: Floats,
    columns: Floats,
    starts: Integers,
    pivots: Floats,
    waves: Floats,
    window: Integers,
    sums: Floats,
    near: Floats,
    place: int,
    shared: Shared,
    member: int,
    lanes: Lanes,
) -> None:
    """Advance waves by as many steps as there are kicks; see the reference."""
    meeting, borders, tallies, taken, done = shared
    last, count, split = window[0], window[1], window[2]
    # One thread alone goes back the way it came: that half is still in its cache.
    shares = taken.shape[1] > LINE
    time = 0
    for step in range(kicks.size):
        then = _halfway(starts, last, count)
        now, later = borders[step % 2], borders[(step + 1) % 2]
        half = _next_item(taken[2 * step], member, 1, 2)
        while half < 2:
            _inwards(
                half, six, radii, columns, starts, pivots, waves, last, count, split,
                now, meeting, lanes,
            )  # fmt: skip
            take(done[2 * step], 0)
            half = _next_item(taken[2 * step], member, 1, 2)
        _await_all(done[2 * step], 2)
        at_end = ends[time] == step + 1
        item = _next_item(taken[2 * step + 1], member, 1, 2)
        while item < 2:
            half = item if shares else 1 - item
            _back(
                half, kicks[step], radii, columns, starts, pivots, waves, last, count,
                split, meeting, at_end, sums[time, half], near[time], place, lanes,
            )  # fmt: skip
            _leave(
                half, waves, starts.size, last, count, split, then, later,
                tallies[step, half], lanes,
            )  # fmt: skip
            take(done[2 * step + 1], 0)
            item = _next_item(taken[2 * step + 1], member, 1, 2)
        _await_all(done[2 * step + 1], 2)
        reached = tallies[step, 0, 0] + tallies[step, 1, 0]
        edge = tallies[step, 0, 1] + tallies[step, 1, 1]
        if count < starts.size and starts[count] < last and reached > EDGE:
            count += 1
        if edge > EDGE:
            last = min(last + GROWTH, radii.size // PER_RADIUS)
        split = then
        time += at_end
    if member == 0:
        window[0], window[1], window[2] = last, count, split


@inner_kernel
def _halfway(starts: Integers, last: int, count: int) -> int:
    """Return the radius below which half of the numbers within the window lie."""
    whole = 0
    for b in range(count):
        whole += max(0, last - starts[b])
    low, high = 1, last - 1
    while low < high:
        middle, below = (low + high) // 2, 0
        for b in range(count):
            below += max(0, middle - starts[b])
        if 2 * below < whole:
            low = middle + 1
        else:
            high = middle
    return low


@inner_kernel
def _inwards(
    half: int, six: float, radii: Floats, columns: Floats, starts: Integers,
    pivots: Floats, waves: Floats, last: int, count: int, split: int, border: Floats,
    meeting: Floats, lanes: Lanes,
) -> None:  # fmt: skip
    """Eliminate a half from its end to where the halves meet."""
    n = 1 << len(lanes)
    apart, own = waves.size // starts.size, pivots[half * waves.size :]
    for b in range(count):
        first = starts[b]
        begin, rows, way = first, split - first, 1
        if half == 1:
            begin, rows, way = last - 1, last - max(first, split), -1
        if rows > 0:
            _eliminate(
                six, radii, columns[b * PER_BLOCK * n :], own, waves, b * apart, first,
                begin, rows, way, border[1 - half, b], meeting[half, b], lanes,
            )  # fmt: skip


@inner_kernel
def _carries(
    half: int, radii: Floats, columns: Floats, starts: Integers, pivots: Floats,
    size: int, count: int, split: int, meeting: Floats, carry: Floats, lanes: Lanes,
) -> None:  # fmt: skip
    """Write what each block of a half substitutes first; zeros where none joins it."""
    n = 1 << len(lanes)
    apart = size // starts.size
    for b in range(count):
        if starts[b] >= split:
            continue
        below, above = b * apart + (split - 1) * 4 * n, size + b * apart + split * 4 * n
        for parity in range(2):
            k = 2 * parity * n
            barrier = load(columns, (b * PER_BLOCK + parity) * n, lanes)
            inner, outer = (
                _pair(meeting[0, b], k, lanes),
                _pair(meeting[1, b], k, lanes),
            )
            own = _pair(pivots, below + k, lanes), _pair(pivots, above + k, lanes)
            found = _met(radii, barrier, split, inner, outer, own, half, lanes)
            _keep(carry, b * 4 * n + k, found, lanes)


@inner_kernel
def _back(
    half: int, kick: float, radii: Floats, columns: Floats, starts: Integers,
    pivots: Floats, waves: Floats, last: int, count: int, split: int, meeting: Floats,
    at_end: bool, sums: Floats, near: Floats, place: int, lanes: Lanes,
) -> None:  # fmt: skip
    """Substitute and turn a half, from where the halves meet to its end."""
    n = 1 << len(lanes)
    width, apart, size = 4 * n, waves.size // starts.size, waves.size
    carry, own = aligned(count * width), pivots[half * size :]
    _carries(
        half, radii, columns, starts, pivots, size, count, split, meeting, carry, lanes
    )
    if at_end:
        sums[:] = 0.0
    whole, way = (split, -1) if half == 0 else (last - split, 1)
    for done in range(0, whole, PIECE):
        begin, end = split + done, min(last, split + done + PIECE)
        if half == 0:
            begin, end = max(0, split - done - PIECE), split - done
        for b in range(count):
            first = max(begin, starts[b])
            if first < end:
                _substitute(
                    radii, columns[b * PER_BLOCK * n :], own, waves, carry[b * width :],
                    b * apart, first if half == 1 else end - 1, end - first, way, lanes,
                )  # fmt: skip
        if at_end:
            _measure(radii, columns, starts, waves, begin, end, count, sums, lanes)
        for i in range(begin, end):
            present = _present(starts, i, count)
            _turn(kick, radii, columns, waves, i, present, apart, lanes)
            if at_end and place <= i < place + near.shape[0]:
                _copy_row(waves, starts.size, i, near[i - place], lanes)


@inner_kernel
def _copy_row(waves: Floats, blocks: int, i: int, out: Floats, lanes: Lanes) -> None:
    """Write the waves of all blocks at a radius into ``(blocks, 4 lanes)``."""
    width = 4 << len(lanes)
    for b in range(blocks):
        at = b * (waves.size // blocks) + i * width
        for k in range(width):
            out[b, k] = waves[at + k]


@inner_kernel
def _leave(
    half: int, waves: Floats, blocks: int, last: int, count: int, split: int, then: int,
    border: Floats, tally: Floats, lanes: Lanes,
) -> None:  # fmt: skip
    """Leave what the other half and the next window need of a half.

    That is: waves on both sides of where the halves meet ``then``, the weight of the
    highest block, and that at the end of the window.
    """
    begin, end = (0, split) if half == 0 else (split, last)
    for side in range(2):
        if begin <= then - 1 + side < end:
            _copy_row(waves, blocks, then - 1 + side, border[side], lanes)
    width, apart = 4 << len(lanes), waves.size // blocks
    top = (count - 1) * apart
    first = (begin + 3) // 4 * 4
    tally[0] = _weight(waves, top + first * width, top + end * width, 4, lanes)
    tally[1] = 0.0
    for b in range(count):
        at = b * apart + max(begin, last - MARGIN) * width
        tally[1] += _weight(waves, at, b * apart + end * width, 1, lanes)


@inner_kernel
def _present(starts: Integers, i: int, count: int) -> int:
    """Return how many blocks have begun at a radius."""
    while starts[count - 1] > i:
        count -= 1
    return count


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
