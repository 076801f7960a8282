"""Hahn echoes of a central spin beside many small unpolarised clusters of spins.

With the overlaps M of the eigenvectors in the two levels, and the energies E and E'
there, U_1 is ``X = M exp(-2 pi i E' t) M^dagger`` in the basis of level 0, and

    L = 1/d sum_ij |X_ij|^2 exp(-2 pi i (E_i - E_j) t).

X is unitary, hence ``L - 1`` is a sum over pairs i < j of terms that are small at small
t: nothing is subtracted from one. For d = 2 and 4 all products are written out,

    L - 1 = 4/d sum_{i<j} sum_{k<l} Re w (cos a - 1)(cos b - 1) - i Im w sin a sin b,
    w = M_ik conj(M_jk) conj(M_il) M_jl,
    a = 2 pi t (E_i - E_j),  b = 2 pi t (E'_k - E'_l),

which for one spin 1/2 is the formula of Mims. For other d, X is computed.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import add, fma, fnma, load, multiply, splat, store, subtract
from qleap.core.vmath import sincos
from qleap.sensing._kernels.jacobi import eigenvectors_of_lanes, overlaps_of_lanes

__all__ = ["echo_coherences"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Lanes = tuple[int, ...]


@inner_kernel
def _differences(energies: Floats, d: int, found: Floats, lanes: Lanes) -> None:
    """Fill ``found`` with ``E_i - E_j`` for i < j."""
    count = 1 << len(lanes)
    place = 0
    for i in range(d):
        for j in range(i + 1, d):
            first, second = (
                load(energies, i * count, lanes),
                load(energies, j * count, lanes),
            )
            store(found, place, subtract(first, second))
            place += count


@inner_kernel
def _weights(overlaps: Floats, d: int, found: Floats, lanes: Lanes) -> None:
    """Fill ``found`` with ``4/d w`` for i < j and k < l, real parts first."""
    count = 1 << len(lanes)
    half = d * d * count
    pairs = (d * (d - 1)) // 2
    size = splat(4.0 / d, lanes)
    place = 0
    for i in range(d):
        for j in range(i + 1, d):
            for k in range(d):
                a, b = (i * d + k) * count, (j * d + k) * count
                ar, ai = load(overlaps, a, lanes), load(overlaps, a + half, lanes)
                br, bi = load(overlaps, b, lanes), load(overlaps, b + half, lanes)
                xr = multiply(size, fma(ar, br, multiply(ai, bi)))
                xi = multiply(size, fnma(ar, bi, multiply(ai, br)))
                for m in range(k + 1, d):
                    a, b = (i * d + m) * count, (j * d + m) * count
                    ar, ai = load(overlaps, a, lanes), load(overlaps, a + half, lanes)
                    br, bi = load(overlaps, b, lanes), load(overlaps, b + half, lanes)
                    yr = fma(ar, br, multiply(ai, bi))
                    yi = fnma(ar, bi, multiply(ai, br))
                    store(found, place, fma(xr, yr, multiply(xi, yi)))
                    at = pairs * pairs * count + place
                    store(found, at, fnma(xr, yi, multiply(xi, yr)))
                    place += count


@inner_kernel
def _rotors(
    frequencies: Floats,
    start: float,
    step: float,
    angles: Floats,
    cosines: Floats,
    sines: Floats,
    first: Floats,
    later: Floats,
    lanes: Lanes,
) -> None:
    """Fill the phases of the first register's times and of all registers' delays.

    Each is ``(times, 2, n)`` for n frequencies, flat: cosines, then sines.
    """
    count = 1 << len(lanes)
    n = frequencies.size
    for k in range(n):
        turn = 2.0 * math.pi * frequencies[k]
        angles[k], angles[n + k] = turn * start, turn * step
        angles[2 * n + k] = turn * (step * count)
        cosines[3 * n + k], sines[3 * n + k] = 1.0, 0.0  # no delay
    for k in range(3 * n):
        sines[k], cosines[k] = sincos(angles[k])
    for table, begin, apart in ((first, 0, n), (later, 3 * n, 2 * n)):
        for k in range(0, n, count):
            x, y = load(cosines, begin + k, lanes), load(sines, begin + k, lanes)
            c, s = load(cosines, apart + k, lanes), load(sines, apart + k, lanes)
            for at in range(k, table.size, 2 * n):
                store(table, at, x)
                store(table, at + n, y)
                x, y = fnma(y, s, multiply(x, c)), fma(x, s, multiply(y, c))


@inner_kernel
def _phases(
    k: int,
    n: int,
    first: Floats,
    later: Floats,
    begin: Floats,
    cosines: Floats,
    sines: Floats,
    at: int,
    lanes: Lanes,
) -> None:
    """Write cos and sin of the frequency ``k`` of ``n`` from ``at`` on."""
    count = 1 << len(lanes)
    for t in range(count):
        begin[t], begin[count + t] = first[2 * t * n + k], first[2 * t * n + n + k]
    x, y = load(begin, 0, lanes), load(begin, count, lanes)
    for turn in range(k, later.size, 2 * n):
        c, s = splat(later[turn], lanes), splat(later[turn + n], lanes)
        store(cosines, at, fnma(s, y, multiply(c, x)))
        store(sines, at, fma(s, x, multiply(c, y)))
        at += count


@inner_kernel
def _phases_anywhere(
    frequency: float,
    times: Floats,
    shift: float,
    c_room: Floats,
    s_room: Floats,
    cosines: Floats,
    sines: Floats,
    at: int,
    apart: int,
    lanes: Lanes,
) -> None:
    """Write ``cos + shift`` and sin of ``2 pi frequency times`` from ``at`` on.

    The registers of times lie ``apart``.
    """
    turn = 2.0 * math.pi * frequency
    for t in range(times.size):
        s_room[t], c_room[t] = sincos(turn * times[t])
    more = splat(shift, lanes)
    for t in range(0, times.size, 1 << len(lanes)):
        store(cosines, at, add(load(c_room, t, lanes), more))
        store(sines, at, load(s_room, t, lanes))
        at += apart


@inner_kernel
def _echo_of_few(
    weights: Floats,
    lane: int,
    cosines: Floats,
    sines: Floats,
    start: int,
    stop: int,
    out: Floats,
    lanes: Lanes,
    pairs: Lanes,
) -> None:
    """Write ``L - 1`` at the times ``start`` to ``stop`` by the written-out sum.

    ``pairs`` is a tuple of as many zeros as there are pairs of levels, so that the
    loops over them are unrolled. The phases of a register of times stand side by side,
    those of level 0 first, and begin with those of ``start``.
    """
    count = 1 << len(lanes)
    p, n = len(pairs), out.size // 2
    for t in range(start, stop, count):
        place = 2 * p * (t - start)
        real, imag = splat(0.0, lanes), splat(0.0, lanes)
        for i in range(p):
            a, b = splat(0.0, lanes), splat(0.0, lanes)
            for k in range(p):
                at = (i * p + k) * count + lane
                there = place + (p + k) * count
                a = fma(splat(weights[at], lanes), load(cosines, there, lanes), a)
                at += p * p * count
                b = fma(splat(weights[at], lanes), load(sines, there, lanes), b)
            here = place + i * count
            real = fma(a, load(cosines, here, lanes), real)
            imag = fnma(b, load(sines, here, lanes), imag)
        store(out, t, real)
        store(out, n + t, imag)


@inner_kernel
def _even_echoes_of_few(
    weights: Floats,
    first: Floats,
    later: Floats,
    begin: Floats,
    cosines: Floats,
    sines: Floats,
    sums: Floats,
    out: Complexes,
    lanes: Lanes,
    pairs: Lanes,
) -> None:
    """Fill ``out`` with echoes at evenly spaced times, one lane after another.

    The phases of a register of times are used at once and never leave the nearest
    cache. All lanes are one call: handing arrays over took longer than a register.
    """
    count = 1 << len(lanes)
    rows = 2 * len(pairs)
    n = rows * count
    minus = splat(-1.0, lanes)
    for lane in range(out.shape[0]):
        for row in range(rows):
            for t in range(count):
                k, at = 2 * t * n + row * count + lane, row * count + t
                begin[at], begin[n + at] = first[k], first[k + n]
        for t in range(0, sums.size // 2, count):
            for row in range(rows):
                x = load(begin, row * count, lanes)
                y = load(begin, n + row * count, lanes)
                k = 2 * t * rows + row * count + lane
                c, s = splat(later[k], lanes), splat(later[k + n], lanes)
                store(cosines, row * count, fnma(s, y, fma(c, x, minus)))
                store(sines, row * count, fma(s, x, multiply(c, y)))
            _echo_of_few(
                weights, lane, cosines, sines, t, t + count, sums, lanes, pairs
            )
        for t in range(out.shape[1]):
            out[lane, t] = complex(1.0 + sums[t], sums[sums.size // 2 + t])


@inner_kernel
def _echo_of_many(
    overlaps: Floats,
    lane: int,
    d: int,
    n: int,
    cosines: Floats,
    sines: Floats,
    product: Floats,
    out: Floats,
    lanes: Lanes,
) -> None:
    """Fill ``out`` with ``L - 1`` from X; level 0 stands in the first rows."""
    count = 1 << len(lanes)
    half = d * d * count
    unity, nothing = splat(1.0, lanes), splat(0.0, lanes)
    twice, four = splat(2.0 / d, lanes), splat(4.0 / d, lanes)
    out[:] = 0.0
    for i in range(d):
        for j in range(i + 1, d):
            for k in range(d):
                # W = M_ik conj(M_jk); X_ij = sum_k W e_k, X_ji = sum_k conj(W) e_k
                a, b = (i * d + k) * count + lane, (j * d + k) * count + lane
                ar, ai = overlaps[a], overlaps[a + half]
                br, bi = overlaps[b], overlaps[b + half]
                product[k], product[d + k] = ar * br + ai * bi, ai * br - ar * bi
            for t in range(0, n, count):
                ac = as_ = bc = bs = nothing
                for k in range(d):
                    u, v = splat(product[k], lanes), splat(product[d + k], lanes)
                    c = load(cosines, (d + k) * n + t, lanes)
                    s = load(sines, (d + k) * n + t, lanes)
                    ac, as_ = fma(u, c, ac), fma(u, s, as_)
                    bc, bs = fma(v, c, bc), fma(v, s, bs)
                # X_ij = (ac + bs) + i (bc - as), X_ji = (ac - bs) - i (bc + as)
                both = fma(ac, ac, fma(bs, bs, fma(as_, as_, multiply(bc, bc))))
                apart = fnma(bc, as_, multiply(ac, bs))
                ci, si = load(cosines, i * n + t, lanes), load(sines, i * n + t, lanes)
                cj, sj = load(cosines, j * n + t, lanes), load(sines, j * n + t, lanes)
                less = subtract(fma(ci, cj, multiply(si, sj)), unity)
                turned = fnma(ci, sj, multiply(si, cj))
                real, imag = load(out, t, lanes), load(out, n + t, lanes)
                store(out, t, fma(multiply(twice, both), less, real))
                store(out, n + t, fnma(multiply(four, apart), turned, imag))


@kernel
def echo_coherences(
    hamiltonians: Floats, times: Floats, step: float, out: Complexes, lanes: Lanes
) -> None:
    """Fill ``out`` with the Hahn echoes of unpolarised clusters; see the reference.

    The numbers of clusters and times must be multiples of that of the lanes;
    ``out`` may have fewer rows and columns than there are clusters and times.
    """
    count = 1 << len(lanes)
    d, n = hamiltonians.shape[2], times.size
    few = (d == 2) | (d == 4)
    rows = (d * (d - 1)) // 2 if few else d
    shift = -1.0 if few else 0.0
    energies, frequencies = (
        aligned(2 * d * count).reshape((2, d * count)),
        aligned(2 * rows * count).reshape((2, rows * count)),
    )
    flat = frequencies.reshape(frequencies.size)
    vectors, work = (
        aligned(2 * 2 * d * d * count).reshape((2, 2 * d * d * count)),
        aligned(2 * d * d * count),
    )
    overlaps, weights = aligned(2 * d * d * count), aligned(2 * rows * rows * count)
    angles, begin = aligned(6 * rows * count), aligned(4 * rows * count)
    room = max(8 * rows * count, n)
    cosines, sines = aligned(room), aligned(room)
    first, later = aligned(4 * rows * count * count), aligned(4 * rows * n)
    cosine, sine = aligned(2 * rows * n), aligned(2 * rows * n)
    product, sums = aligned(2 * d), aligned(2 * n)
    for start in range(0, out.shape[0], count):
        for level in range(2):
            matrices, found = hamiltonians[level], energies[level]
            eigenvectors_of_lanes(matrices, start, found, vectors[level], work, lanes)
            if few:
                _differences(found, d, frequencies[level], lanes)
            else:
                frequencies[level] = found
        overlaps_of_lanes(vectors[0], vectors[1], d, overlaps, lanes)
        if few:
            _weights(overlaps, d, weights, lanes)
        if step > 0.0:
            _rotors(flat, times[0], step, angles, cosines, sines, first, later, lanes)
        here = out[start : start + count]
        if few and step > 0.0:
            c, s = cosine, sine
            if d == 2:
                pair = (0,)
                _even_echoes_of_few(
                    weights, first, later, begin, c, s, sums, here, lanes, pair
                )
            else:
                pairs = (0, 0, 0, 0, 0, 0)
                _even_echoes_of_few(
                    weights, first, later, begin, c, s, sums, here, lanes, pairs
                )
            continue
        for lane in range(here.shape[0]):
            for row in range(2 * rows):
                k = row * count + lane
                if step > 0.0:
                    m, at = 2 * rows * count, row * n
                    _phases(k, m, first, later, begin, cosine, sine, at, lanes)
                else:
                    c, s = cosines, sines
                    at = row * (count if few else n)
                    apart = 2 * rows * count if few else count
                    _phases_anywhere(
                        flat[k], times, shift, c, s, cosine, sine, at, apart, lanes
                    )
            if d == 2:
                _echo_of_few(weights, lane, cosine, sine, 0, n, sums, lanes, (0,))
            elif d == 4:
                pairs = (0, 0, 0, 0, 0, 0)
                _echo_of_few(weights, lane, cosine, sine, 0, n, sums, lanes, pairs)
            else:
                _echo_of_many(overlaps, lane, d, n, cosine, sine, product, sums, lanes)
            for t in range(out.shape[1]):
                here[lane, t] = complex(1.0 + sums[t], sums[n + t])
