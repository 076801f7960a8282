"""Coherence of a central spin beside each of many small clusters of spins.

Clusters are diagonalised one in each lane of a vector register; then each cluster is
walked through the times, which now fill the lanes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import Vector, fma, fnma, load, multiply, splat, store, subtract
from qleap.core.vmath import sincos
from qleap.sensing._kernels.jacobi import eigenvectors_of_lanes

__all__ = ["divide_out_parts", "echo_coherences", "sequence_coherences"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Lanes = tuple[int, ...]


@inner_kernel
def _overlap(
    left: Floats, right: Floats, lane: int, count: int, re: Floats, im: Floats
) -> None:
    """Fill ``re`` and ``im`` with the overlaps of two sets of vectors of one lane."""
    d = re.shape[0]
    half = d * d * count
    for i in range(d):
        for j in range(d):
            x, y = 0.0, 0.0
            for k in range(d):
                a = (k * d + i) * count + lane
                b = (k * d + j) * count + lane
                x += left[a] * right[b] + left[a + half] * right[b + half]
                y += left[a] * right[b + half] - left[a + half] * right[b]
            re[i, j], im[i, j] = x, y


@inner_kernel
def _phases(
    energy: float,
    times: Floats,
    step: float,
    cosine: Floats,
    sine: Floats,
    k: int,
    lanes: Lanes,
) -> None:
    """Fill row ``k`` with cos and sin of ``2 pi energy times``.

    Where the times are equally far apart (``step`` > 0), a register of phases is
    turned by a fixed angle instead of computed anew.
    """
    count = 1 << len(lanes)
    turn = 2.0 * math.pi * energy
    known = count if step > 0.0 else times.size
    for t in range(known):
        s, c = sincos(turn * times[t])
        cosine[k, t], sine[k, t] = c, s
    if known == times.size:
        return
    s, c = sincos(turn * step * count)
    sines, cosines = splat(s, lanes), splat(c, lanes)
    rows, columns = cosine.reshape(cosine.size), sine.reshape(sine.size)
    at = k * cosine.shape[1]
    x, y = load(rows, at, lanes), load(columns, at, lanes)
    for t in range(count, times.size, count):
        x, y = (
            fnma(sines, y, multiply(cosines, x)),
            fma(sines, x, multiply(cosines, y)),
        )
        store(rows, at + t, x)
        store(columns, at + t, y)


@inner_kernel
def _echo(
    re: Floats,
    im: Floats,
    zero: tuple[Floats, Floats],
    one: tuple[Floats, Floats],
    product: Floats,
    out: Floats,
    lanes: Lanes,
) -> None:
    """Fill ``out[:, t]`` with ``d (L - 1)`` from overlaps and phases.

    With ``|X_ii|^2 = 1 - sum_j |X_ij|^2`` only pairs i < j are left, and what is
    close to one is never subtracted from one.
    """
    count = 1 << len(lanes)
    d, n = re.shape[0], out.shape[1]
    c0, s0 = zero[0].reshape(zero[0].size), zero[1].reshape(zero[1].size)
    c1, s1 = one[0].reshape(one[0].size), one[1].reshape(one[1].size)
    sums = out.reshape(out.size)
    unity, two, four = splat(1.0, lanes), splat(2.0, lanes), splat(4.0, lanes)
    out[:] = 0.0
    for i in range(d):
        for j in range(i + 1, d):
            for k in range(d):
                # W = M_ik conj(M_jk); X_ij = sum_k W e_k, X_ji = sum_k conj(W) e_k
                product[0, k] = re[i, k] * re[j, k] + im[i, k] * im[j, k]
                product[1, k] = im[i, k] * re[j, k] - re[i, k] * im[j, k]
            for t in range(0, n, count):
                ac = as_ = bc = bs = splat(0.0, lanes)
                for k in range(d):
                    a = splat(product[0, k], lanes)
                    b = splat(product[1, k], lanes)
                    c = load(c1, k * n + t, lanes)
                    s = load(s1, k * n + t, lanes)
                    ac, as_ = fma(a, c, ac), fma(a, s, as_)
                    bc, bs = fma(b, c, bc), fma(b, s, bs)
                # exp(-i x) = c - i s: X_ij = (ac + bs) + i (bc - as),
                # X_ji = (ac - bs) - i (bc + as)
                both = fma(ac, ac, fma(bs, bs, fma(as_, as_, multiply(bc, bc))))
                apart = multiply(four, fnma(bc, as_, multiply(ac, bs)))
                ci, si = load(c0, i * n + t, lanes), load(s0, i * n + t, lanes)
                cj, sj = load(c0, j * n + t, lanes), load(s0, j * n + t, lanes)
                cosine = fma(ci, cj, multiply(si, sj))
                sine = fnma(ci, sj, multiply(si, cj))
                real, imag = load(sums, t, lanes), load(sums, n + t, lanes)
                less = multiply(two, both)
                real = fma(less, subtract(cosine, unity), real)
                store(sums, t, real)
                store(sums, n + t, fnma(apart, sine, imag))


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
    energies = np.empty((2, d * count))
    vectors, work = np.empty((2, 2 * d * d * count)), np.empty(2 * d * d * count)
    re, im = np.empty((d, d)), np.empty((d, d))
    zero = (np.empty((d, n)), np.empty((d, n)))
    one = (np.empty((d, n)), np.empty((d, n)))
    product, sums = np.empty((2, d)), np.empty((2, n))
    for start in range(0, out.shape[0], count):
        for level in range(2):
            eigenvectors_of_lanes(
                hamiltonians[level],
                start,
                energies[level],
                vectors[level],
                work,
                lanes,
            )
        for lane in range(min(count, out.shape[0] - start)):
            _overlap(vectors[0], vectors[1], lane, count, re, im)
            for k in range(d):
                at = k * count + lane
                _phases(energies[0, at], times, step, zero[0], zero[1], k, lanes)
                _phases(energies[1, at], times, step, one[0], one[1], k, lanes)
            _echo(re, im, zero, one, product, sums, lanes)
            for t in range(out.shape[1]):
                out[start + lane, t] = complex(1.0 + sums[0, t] / d, sums[1, t] / d)


@inner_kernel
def _turn(
    re: Floats, im: Floats, sign: float, columns: Floats, found: Floats, lanes: Lanes
) -> None:
    """Fill ``found`` with M times ``columns`` (``sign`` 1), or M dagger (-1).

    Blocks are ``(2, d, c, lanes)``: one register of times for each element.
    """
    count = 1 << len(lanes)
    d, c = columns.shape[1], columns.shape[2]
    old, new = columns.reshape(columns.size), found.reshape(found.size)
    half = d * c * count
    for i in range(d):
        for j in range(c):
            x = y = splat(0.0, lanes)
            for k in range(d):
                if sign > 0.0:
                    a, b = splat(re[i, k], lanes), splat(im[i, k], lanes)
                else:
                    a, b = splat(re[k, i], lanes), splat(-im[k, i], lanes)
                at = (k * c + j) * count
                u, v = load(old, at, lanes), load(old, at + half, lanes)
                x, y = fnma(b, v, fma(a, u, x)), fma(b, u, fma(a, v, y))
            at = (i * c + j) * count
            store(new, at, x)
            store(new, at + half, y)


@inner_kernel
def _wait(
    columns: Floats, energies: Floats, first: int, step: int, times: Floats, share: float
) -> None:
    """Multiply row i by ``exp(-2 pi i energies[first + i step] share times)``."""
    d, c, count = columns.shape[1], columns.shape[2], columns.shape[3]
    cosine, sine = np.empty(count), np.empty(count)
    for i in range(d):
        turn = 2.0 * math.pi * share * energies[first + i * step]
        for t in range(count):
            s, co = sincos(turn * times[t])
            cosine[t], sine[t] = co, s
        for j in range(c):
            for t in range(count):
                x, y = columns[0, i, j, t], columns[1, i, j, t]
                columns[0, i, j, t] = x * cosine[t] + y * sine[t]
                columns[1, i, j, t] = y * cosine[t] - x * sine[t]


@inner_kernel
def _begin(
    vectors: Floats, lane: int, count: int, initial: Complexes, columns: Floats
) -> None:
    """Write the initial columns in the basis of ``vectors`` at every time."""
    d, c = columns.shape[1], columns.shape[2]
    half = d * d * count
    for i in range(d):
        for j in range(c):
            x, y = 0.0, 0.0
            for k in range(d):
                at = (k * d + i) * count + lane
                value = initial[k, j]
                x += vectors[at] * value.real + vectors[at + half] * value.imag
                y += vectors[at] * value.imag - vectors[at + half] * value.real
            columns[0, i, j, :] = x
            columns[1, i, j, :] = y


@kernel
def sequence_coherences(
    hamiltonians: Floats,
    initial: Complexes,
    shares: Floats,
    times: Floats,
    out: Complexes,
    lanes: Lanes,
) -> None:
    """Fill ``out`` with the coherences after pi pulses; see the reference.

    Padding as in `echo_coherences`. Columns of states are kept in the eigenbasis of
    the level in which they are, so that waiting is a phase and a pulse a change of
    basis, the same at all times.
    """
    count = 1 << len(lanes)
    d, c = hamiltonians.shape[2], initial.shape[2]
    n = shares.size
    energies = np.empty((2, d * count))
    vectors, work = np.empty((2, 2 * d * d * count)), np.empty(2 * d * d * count)
    re, im = np.empty((d, d)), np.empty((d, d))
    here, there = np.empty((2, 2, d, c, count)), np.empty((2, d, c, count))
    for start in range(0, out.shape[0], count):
        for level in range(2):
            eigenvectors_of_lanes(
                hamiltonians[level],
                start,
                energies[level],
                vectors[level],
                work,
                lanes,
            )
        for lane in range(min(count, out.shape[0] - start)):
            _overlap(vectors[0], vectors[1], lane, count, re, im)
            own = initial[min(start + lane, initial.shape[0] - 1)]
            for first in range(0, out.shape[1], count):
                for branch in range(2):
                    columns = here[branch]
                    level = (branch + n - 1) % 2
                    _begin(vectors[level], lane, count, own, columns)
                    for k in range(n):
                        now = times[first : first + count]
                        _wait(columns, energies[level], lane, count, now, shares[k])
                        if k < n - 1:
                            sign = -1.0 if level == 0 else 1.0
                            _turn(re, im, sign, columns, there, lanes)
                            columns[:] = there
                            level = 1 - level
                _turn(re, im, 1.0, here[1], there, lanes)
                for t in range(min(count, out.shape[1] - first)):
                    x, y = 0.0, 0.0
                    for i in range(d):
                        for j in range(c):
                            a, b = here[0, 0, i, j, t], here[0, 1, i, j, t]
                            u, v = there[0, i, j, t], there[1, i, j, t]
                            x += a * u + b * v
                            y += b * u - a * v
                    out[start + lane, first + t] = complex(x / c, y / c)


@kernel
def divide_out_parts(
    values: Complexes, parts: NDArray[np.int64], lower: Complexes, product: Complexes
) -> None:
    """Divide each row of ``values`` by rows of ``lower``, multiply into ``product``.

    See the reference; ``parts`` are row numbers, -1 for none.
    """
    n = values.shape[1]
    re, im = np.empty(n), np.empty(n)
    whole_re, whole_im = product.real.copy(), product.imag.copy()
    for row in range(values.shape[0]):
        re[:] = 1.0
        im[:] = 0.0
        for k in range(parts.shape[1]):
            part = parts[row, k]
            if part < 0:
                continue
            for t in range(n):
                u, v = lower[part, t].real, lower[part, t].imag
                re[t], im[t] = re[t] * u - im[t] * v, re[t] * v + im[t] * u
        for t in range(n):
            u, v = values[row, t].real, values[row, t].imag
            size = re[t] * re[t] + im[t] * im[t]
            x = (u * re[t] + v * im[t]) / size
            y = (v * re[t] - u * im[t]) / size
            values[row, t] = complex(x, y)
            a, b = whole_re[t], whole_im[t]
            whole_re[t], whole_im[t] = a * x - b * y, a * y + b * x
    for t in range(n):
        product[t] = complex(whole_re[t], whole_im[t])
