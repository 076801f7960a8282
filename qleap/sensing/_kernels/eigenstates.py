"""Energies and eigenstates of many small Hermitian matrices, one in each lane.

Jacobi's method: every pair of levels is turned until nothing joins them, again and
again. It converges quadratically, holds at any degeneracy, and asks no questions, so
that lanes never part; a rotation where nothing is left to turn is the identity.

References
----------
Golub and Van Loan, Matrix Computations (2013), section 8.5.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned
from qleap.core.choices import any_less, choose_less
from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import (
    Vector,
    add,
    divide,
    fma,
    fnma,
    load,
    multiply,
    splat,
    square_root,
    store,
    subtract,
)
from qleap.sensing._kernels.spectra import _assemble, _bound, _scaled, _take

__all__ = ["affine_eigenstates"]

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]
Turn = tuple[Vector, Vector, Vector]

_TINY = 1e-280
"""Squares below it are zero: no element of a matrix is above one."""

_ROUNDING = 2.0**-106
"""Share of the squared norm at which what is off the diagonal is rounding."""

_SWEEPS = 30
"""More than any matrix needs: five to eight are usual."""


@kernel
def affine_eigenstates(
    static: NDArray[np.complex128],
    terms: NDArray[np.complex128],
    coefficients: Floats,
    lanes: Lanes,
) -> tuple[Floats, NDArray[np.complex128]]:
    """Return energies ``(n, d)`` and states ``(n, d, d)``; see the reference."""
    n, count = coefficients.shape
    size, step = static.shape[0], 1 << len(lanes)
    scale = _bound(static, terms, coefficients)
    energies = np.empty((n, size))
    states = np.empty((n, size, size), dtype=np.complex128)
    parts = _scaled(static, terms, 1.0 if scale == 0.0 else scale)
    shares = aligned(count * step)
    re, im = aligned(size * size * step), aligned(size * size * step)
    v_re, v_im = aligned(size * size * step), aligned(size * size * step)
    order = np.empty(size, dtype=np.int64)
    for first in range(0, n, step):
        _take(coefficients, first, shares, step)
        _assemble(re, im, parts, shares, lanes)
        v_re[:] = 0.0
        v_im[:] = 0.0
        for i in range(size):
            store(v_re, (i * size + i) * step, splat(1.0, lanes))
        _diagonalise(re, im, v_re, v_im, size, lanes)
        for lane in range(min(step, n - first)):
            _rank(re, lane, step, order)
            for b in range(size):
                k = order[b]
                energies[first + lane, b] = scale * re[(k * size + k) * step + lane]
                for i in range(size):  # vectors lie in rows
                    at = (k * size + i) * step + lane
                    states[first + lane, i, b] = complex(v_re[at], v_im[at])
    return energies, states


@inner_kernel
def _rank(re: Floats, lane: int, step: int, order: NDArray[np.int64]) -> None:
    """Write the places of the diagonal elements of a lane in ascending order."""
    size = order.size
    for k in range(size):
        value = re[(k * size + k) * step + lane]
        place = k
        while place > 0:
            other = order[place - 1]
            if re[(other * size + other) * step + lane] <= value:
                break
            order[place] = other
            place -= 1
        order[place] = k


@inner_kernel
def _diagonalise(
    re: Floats, im: Floats, v_re: Floats, v_im: Floats, size: int, lanes: Lanes
) -> None:
    """Turn all pairs until the lower triangle is the diagonal of the energies."""
    step = 1 << len(lanes)
    norm = splat(0.0, lanes)
    for i in range(size):
        level = load(re, (i * size + i) * step, lanes)
        norm = fma(level, level, norm)
    limit = multiply(
        splat(_ROUNDING, lanes), add(norm, _off_diagonal(re, im, size, lanes))
    )
    for _ in range(_SWEEPS):
        if not any_less(limit, _off_diagonal(re, im, size, lanes)):
            break
        for q in range(1, size):
            for p in range(q):
                turn = _annul(re, im, p, q, size, lanes)
                for k in range(p):
                    at, other = (p * size + k) * step, (q * size + k) * step
                    _turn(re, im, at, -1.0, re, im, other, -1.0, turn, lanes)
                for k in range(p + 1, q):
                    at, other = (k * size + p) * step, (q * size + k) * step
                    _turn(re, im, at, 1.0, re, im, other, -1.0, turn, lanes)
                for k in range(q + 1, size):
                    at, other = (k * size + p) * step, (k * size + q) * step
                    _turn(re, im, at, 1.0, re, im, other, 1.0, turn, lanes)
                for k in range(size):
                    at, other = (p * size + k) * step, (q * size + k) * step
                    _turn(v_re, v_im, at, 1.0, v_re, v_im, other, 1.0, turn, lanes)


@inner_kernel
def _off_diagonal(re: Floats, im: Floats, size: int, lanes: Lanes) -> Vector:
    """Return the sum of the squares below the diagonal."""
    step = 1 << len(lanes)
    total: Vector = splat(0.0, lanes)
    for i in range(1, size):
        for j in range(i):
            at = (i * size + j) * step
            x, y = load(re, at, lanes), load(im, at, lanes)
            total = fma(x, x, fma(y, y, total))
    return total


@inner_kernel
def _annul(re: Floats, im: Floats, p: int, q: int, size: int, lanes: Lanes) -> Turn:
    """Bring the element (q, p) to zero; return c, and s with the phase of (p, q)."""
    step = 1 << len(lanes)
    zero, one, tiny = splat(0.0, lanes), splat(1.0, lanes), splat(_TINY, lanes)
    first, second = (p * size + p) * step, (q * size + q) * step
    at = (q * size + p) * step
    x, y = load(re, at, lanes), load(im, at, lanes)
    square = fma(x, x, multiply(y, y))
    length = square_root(square)
    low, high = load(re, first, lanes), load(re, second, lanes)
    apart = subtract(high, low)
    twice = add(length, length)
    root = square_root(fma(apart, apart, multiply(twice, twice)))
    below = choose_less(apart, zero, subtract(apart, root), add(apart, root))
    tangent = choose_less(tiny, square, divide(twice, below), zero)
    cosine = divide(one, square_root(fma(tangent, tangent, one)))
    move = multiply(tangent, length)
    store(re, first, subtract(low, move))
    store(re, second, add(high, move))
    store(re, at, choose_less(tiny, square, zero, x))
    store(im, at, choose_less(tiny, square, zero, y))
    share = choose_less(tiny, square, divide(multiply(tangent, cosine), length), zero)
    return cosine, multiply(share, x), multiply(share, subtract(zero, y))


@inner_kernel
def _turn(
    a_re: Floats,
    a_im: Floats,
    at: int,
    a_sign: float,
    b_re: Floats,
    b_im: Floats,
    other: int,
    b_sign: float,
    turn: Turn,
    lanes: Lanes,
) -> None:
    """Turn a pair of elements; a sign of -1 means that the conjugate is stored."""
    c, x, y = turn
    a_way, b_way = splat(a_sign, lanes), splat(b_sign, lanes)
    p, u = load(a_re, at, lanes), multiply(a_way, load(a_im, at, lanes))
    q, v = load(b_re, other, lanes), multiply(b_way, load(b_im, other, lanes))
    store(a_re, at, fnma(y, v, fnma(x, q, multiply(c, p))))
    store(a_im, at, multiply(a_way, fma(y, q, fnma(x, v, multiply(c, u)))))
    store(b_re, other, fnma(y, u, fma(x, p, multiply(c, q))))
    store(b_im, other, multiply(b_way, fma(y, p, fma(x, u, multiply(c, v)))))
