"""Eigenvectors of many small Hermitian matrices at once, one in each vector lane.

Matrices lie as ``matrix[2, d, d, n]``, real and imaginary parts apart and the number
of the matrix last, so that a vector register holds the same element of its lanes.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import (
    Vector,
    add,
    copy_sign,
    divide,
    fma,
    fnma,
    load,
    multiply,
    splat,
    square_root,
    store,
    subtract,
    total,
)

__all__ = ["eigenvectors_of_lanes", "overlaps_of_lanes"]

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]

_SWEEPS = 40
_SMALL = 1e-38
_TINY = 1e-140


@inner_kernel
def _rotate_pair(
    place: Floats,
    first: int,
    second: int,
    half: int,
    c: Vector,
    sr: Vector,
    si: Vector,
    lanes: Lanes,
) -> None:
    """Replace x and y by ``c x - conj(s) y`` and ``s x + c y``.

    ``first`` and ``second`` are the places of the real parts, the imaginary ones lie
    ``half`` further on.
    """
    xr, xi = load(place, first, lanes), load(place, first + half, lanes)
    yr, yi = load(place, second, lanes), load(place, second + half, lanes)
    # conj(s) y = (sr yr + si yi) + i (sr yi - si yr)
    store(place, first, fnma(sr, yr, fnma(si, yi, multiply(c, xr))))
    store(place, first + half, fnma(sr, yi, fma(si, yr, multiply(c, xi))))
    store(place, second, fma(sr, xr, fnma(si, xi, multiply(c, yr))))
    store(place, second + half, fma(sr, xi, fma(si, xr, multiply(c, yi))))


@inner_kernel
def _away_from_diagonal(work: Floats, d: int, lanes: Lanes) -> float:
    """Return the sum over the lanes of squares off the diagonal over all squares."""
    count = 1 << len(lanes)
    off, all_squares = splat(0.0, lanes), splat(_TINY, lanes)
    for p in range(d):
        x = load(work, (p * d + p) * count, lanes)
        all_squares = fma(x, x, all_squares)
        for q in range(p + 1, d):
            x = load(work, (p * d + q) * count, lanes)
            y = load(work, (d * d + p * d + q) * count, lanes)
            off = fma(x, x, fma(y, y, off))
    all_squares = add(all_squares, off)
    found: float = total(divide(off, all_squares))
    return found


@inner_kernel
def _diagonalise(work: Floats, vectors: Floats, d: int, lanes: Lanes) -> None:
    """Make the lanes' matrices diagonal by cyclic Jacobi rotations.

    ``work`` and ``vectors`` hold ``2 * d * d`` vectors. The eigenvectors come out as
    the columns of ``vectors``, the energies on the diagonal of ``work``.
    """
    count = 1 << len(lanes)
    half = d * d * count
    one, two, tiny = splat(1.0, lanes), splat(2.0, lanes), splat(_TINY, lanes)
    nothing = splat(0.0, lanes)
    for p in range(d):
        for q in range(d):
            at = (p * d + q) * count
            store(vectors, at, one if p == q else nothing)
            store(vectors, at + half, nothing)
    for _ in range(_SWEEPS):
        if _away_from_diagonal(work, d, lanes) < _SMALL:
            break
        for p in range(d):
            for q in range(p + 1, d):
                at = (p * d + q) * count
                at_p, at_q = (p * d + p) * count, (q * d + q) * count
                xr, xi = load(work, at, lanes), load(work, at + half, lanes)
                hp, hq = load(work, at_p, lanes), load(work, at_q, lanes)
                apart = subtract(hq, hp)
                r2 = fma(xr, xr, multiply(xi, xi))
                root = square_root(fma(splat(4.0, lanes), r2, multiply(apart, apart)))
                size = add(copy_sign(add(root, tiny), apart), apart)
                w = divide(two, size)
                w2 = multiply(multiply(w, w), r2)
                c = divide(one, square_root(add(one, w2)))
                cw = multiply(c, w)
                # s = tan * cos * phase of H_pq
                sr, si = multiply(cw, xr), multiply(cw, xi)
                shift = multiply(w, r2)
                # The rows below the diagonal are not looked at again.
                for k in range(d):
                    at_kp, at_kq = (k * d + p) * count, (k * d + q) * count
                    _rotate_pair(vectors, at_kp, at_kq, half, c, sr, si, lanes)
                for k in range(p):
                    at_kp, at_kq = (k * d + p) * count, (k * d + q) * count
                    _rotate_pair(work, at_kp, at_kq, half, c, sr, si, lanes)
                conj = subtract(nothing, si)
                for k in range(q + 1, d):
                    at_pk, at_qk = (p * d + k) * count, (q * d + k) * count
                    _rotate_pair(work, at_pk, at_qk, half, c, sr, conj, lanes)
                for k in range(p + 1, q):
                    at_pk, at_kq = (p * d + k) * count, (k * d + q) * count
                    # the element (k, p) is the conjugate of (p, k)
                    minus = load(work, at_pk + half, lanes)
                    store(work, at_pk + half, subtract(nothing, minus))
                    _rotate_pair(work, at_pk, at_kq, half, c, sr, si, lanes)
                    minus = load(work, at_pk + half, lanes)
                    store(work, at_pk + half, subtract(nothing, minus))
                store(work, at_p, subtract(hp, shift))
                store(work, at_q, add(hq, shift))
                store(work, at, nothing)
                store(work, at + half, nothing)


@inner_kernel
def eigenvectors_of_lanes(
    matrix: Floats,
    start: int,
    energies: Floats,
    vectors: Floats,
    work: Floats,
    lanes: Lanes,
) -> None:
    """Diagonalise the matrices from ``start`` on, as many as there are lanes.

    Parameters
    ----------
    matrix : ndarray, shape (2, d, d, n)
        Upper triangles are read.
    start : int
    energies : ndarray, shape (d * lanes,)
        Filled, in no order.
    vectors, work : ndarray, shape (2 * d * d * lanes,)
        Filled with the eigenvectors (columns); space.
    lanes : tuple of int
    """
    count = 1 << len(lanes)
    d, n = matrix.shape[1], matrix.shape[3]
    flat = matrix.reshape(matrix.size)
    for p in range(d):
        for q in range(p, d):
            for part in range(2):
                at = (part * d + p) * d + q
                store(work, at * count, load(flat, at * n + start, lanes))
    _diagonalise(work, vectors, d, lanes)
    for p in range(d):
        store(energies, p * count, load(work, (p * d + p) * count, lanes))


@inner_kernel
def overlaps_of_lanes(
    left: Floats, right: Floats, d: int, overlaps: Floats, lanes: Lanes
) -> None:
    """Fill ``overlaps`` with the products of the columns of ``left`` and ``right``.

    All are laid out as ``vectors`` in `eigenvectors_of_lanes`.
    """
    count = 1 << len(lanes)
    half = d * d * count
    for i in range(d):
        for j in range(d):
            x = y = splat(0.0, lanes)
            for k in range(d):
                a, b = (k * d + i) * count, (k * d + j) * count
                ar, ai = load(left, a, lanes), load(left, a + half, lanes)
                br, bi = load(right, b, lanes), load(right, b + half, lanes)
                x = fma(ar, br, fma(ai, bi, x))
                y = fma(ar, bi, fnma(ai, br, y))
            store(overlaps, (i * d + j) * count, x)
            store(overlaps, (i * d + j) * count + half, y)
