"""Energies of many small Hermitian matrices, one in each lane of the vectors.

Matrices of one kind differ in a few coefficients, such as the field, so that they
are put together in the cache, a vector register of them at a time, and never stored.
Householder reflections make them tridiagonal (only the squares of the off-diagonal
elements are kept), and the root-free QL iteration of Pal, Walker and Kahan finds
their eigenvalues. All lanes make the same sweeps until the slowest has converged: a
sweep too many turns a matrix that is done, and moves its eigenvalues by rounding.

References
----------
Parlett, The Symmetric Eigenvalue Problem (1998), section 8.15; LAPACK's ``dsterf``.
"""

import math

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

__all__ = ["affine_energies"]

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]

_TINY = 1e-280
"""Squares below it are zero: no element of a matrix is above one."""

_ROUNDING = 2.0**-106
"""A squared off-diagonal element below this share of the largest is zero."""

_SWEEPS = 40
"""More than any level needs: two or three are usual."""


@kernel
def affine_energies(
    static: NDArray[np.complex128],
    terms: NDArray[np.complex128],
    coefficients: Floats,
    lanes: Lanes,
) -> Floats:
    """Return the ascending eigenvalues, shape ``(n, d)``; see the reference."""
    n, count = coefficients.shape
    size, step = static.shape[0], 1 << len(lanes)
    scale = _bound(static, terms, coefficients)
    energies = np.zeros((n, size))
    if scale == 0.0:
        return energies
    parts = _scaled(static, terms, scale)
    shares = aligned(count * step)
    re, im = aligned(size * size * step), aligned(size * size * step)
    work = aligned(4 * size * step).reshape((4, size * step))
    levels, squares = aligned(size * step), aligned(size * step)
    for first in range(0, n, step):
        _take(coefficients, first, shares, step)
        _assemble(re, im, parts, shares, lanes)
        _make_tridiagonal(re, im, work, levels, squares, lanes)
        _find_levels(levels, squares, lanes)
        _sort(levels, lanes)
        for lane in range(min(step, n - first)):
            for j in range(size):
                energies[first + lane, j] = scale * levels[j * step + lane]
    return energies


@inner_kernel
def _bound(
    static: NDArray[np.complex128], terms: NDArray[np.complex128], coefficients: Floats
) -> float:
    """Return a power of two that no element of any of the matrices exceeds."""
    largest = 0.0
    for i in range(static.shape[0]):
        for j in range(static.shape[0]):
            largest = max(largest, abs(static[i, j]))
    for k in range(coefficients.shape[1]):
        share, element = 0.0, 0.0
        for i in range(coefficients.shape[0]):
            share = max(share, abs(coefficients[i, k]))
        for i in range(static.shape[0]):
            for j in range(static.shape[0]):
                element = max(element, abs(terms[k, i, j]))
        largest += share * element
    return 0.0 if largest == 0.0 else 2.0 ** math.ceil(math.log2(largest))


@inner_kernel
def _scaled(
    static: NDArray[np.complex128], terms: NDArray[np.complex128], scale: float
) -> Floats:
    """Return real and imaginary parts, ``(2, 1 + m, d, d)``, over the scale."""
    count, size = terms.shape[0], static.shape[0]
    parts = np.empty((2, 1 + count, size, size))
    for i in range(size):
        for j in range(size):
            parts[0, 0, i, j] = static[i, j].real / scale
            parts[1, 0, i, j] = static[i, j].imag / scale
            for k in range(count):
                parts[0, 1 + k, i, j] = terms[k, i, j].real / scale
                parts[1, 1 + k, i, j] = terms[k, i, j].imag / scale
    return parts


@inner_kernel
def _take(coefficients: Floats, first: int, shares: Floats, step: int) -> None:
    """Write the coefficients of the lanes; the last matrix fills those left over."""
    n, count = coefficients.shape
    for lane in range(step):
        for k in range(count):
            shares[k * step + lane] = coefficients[min(first + lane, n - 1), k]


@inner_kernel
def _assemble(
    re: Floats, im: Floats, parts: Floats, shares: Floats, lanes: Lanes
) -> None:
    """Fill the lower triangle with the static part and the terms times shares."""
    count, size, step = parts.shape[1], parts.shape[2], 1 << len(lanes)
    for i in range(size):
        for j in range(i + 1):
            real = splat(parts[0, 0, i, j], lanes)
            imag = splat(parts[1, 0, i, j], lanes)
            for k in range(1, count):
                share = load(shares, (k - 1) * step, lanes)
                real = fma(share, splat(parts[0, k, i, j], lanes), real)
                imag = fma(share, splat(parts[1, k, i, j], lanes), imag)
            store(re, (i * size + j) * step, real)
            store(im, (i * size + j) * step, imag)


@inner_kernel
def _make_tridiagonal(
    re: Floats,
    im: Floats,
    work: Floats,
    levels: Floats,
    squares: Floats,
    lanes: Lanes,
) -> None:
    """Reduce the lower triangle to a diagonal and squared off-diagonal elements.

    The reflection of column k is 1 - beta v v^H; with p = beta A v and
    w = p - (beta / 2) (v^H p) v the rest of the matrix loses v w^H + w v^H.
    """
    step = 1 << len(lanes)
    size = levels.size // step
    for k in range(size):
        store(levels, k * step, load(re, (k * size + k) * step, lanes))
        if k == size - 1:
            break
        beta = _reflection(re, im, work, squares, k, lanes)
        if k < size - 2:
            _multiply(re, im, work, beta, k, lanes)
            _subtract_pair(re, im, work, k, lanes)


@inner_kernel
def _reflection(
    re: Floats, im: Floats, work: Floats, squares: Floats, k: int, lanes: Lanes
) -> Vector:
    """Write v of column k into the first rows of ``work`` and return beta."""
    step = 1 << len(lanes)
    size = squares.size // step
    zero, one, tiny = splat(0.0, lanes), splat(1.0, lanes), splat(_TINY, lanes)
    rest = zero
    for i in range(k + 2, size):
        at = (i * size + k) * step
        x, y = load(re, at, lanes), load(im, at, lanes)
        rest = fma(x, x, fma(y, y, rest))
        store(work[0], i * step, x)
        store(work[1], i * step, y)
    at = ((k + 1) * size + k) * step
    x, y = load(re, at, lanes), load(im, at, lanes)
    head = fma(x, x, multiply(y, y))
    whole = add(head, rest)
    store(squares, k * step, whole)
    inverse = divide(one, square_root(head))
    phase_x = choose_less(tiny, head, multiply(x, inverse), one)
    phase_y = choose_less(tiny, head, multiply(y, inverse), zero)
    norm = square_root(whole)
    store(work[0], (k + 1) * step, fma(norm, phase_x, x))
    store(work[1], (k + 1) * step, fma(norm, phase_y, y))
    below = fma(norm, square_root(head), whole)
    beta: Vector = choose_less(tiny, whole, divide(one, below), zero)
    return beta


@inner_kernel
def _multiply(
    re: Floats, im: Floats, work: Floats, beta: Vector, k: int, lanes: Lanes
) -> None:
    """Write w into the last rows of ``work``."""
    step = 1 << len(lanes)
    size = work.shape[1] // step
    v_re, v_im, w_re, w_im = work[0], work[1], work[2], work[3]
    for i in range(k + 1, size):
        x, y = load(v_re, i * step, lanes), load(v_im, i * step, lanes)
        diagonal = load(re, (i * size + i) * step, lanes)
        sum_x, sum_y = multiply(diagonal, x), multiply(diagonal, y)
        for j in range(k + 1, i):
            at = (i * size + j) * step
            a, b = load(re, at, lanes), load(im, at, lanes)
            u, v = load(v_re, j * step, lanes), load(v_im, j * step, lanes)
            sum_x = fnma(b, v, fma(a, u, sum_x))
            sum_y = fma(b, u, fma(a, v, sum_y))
            p, q = load(w_re, j * step, lanes), load(w_im, j * step, lanes)
            store(w_re, j * step, fma(b, y, fma(a, x, p)))
            store(w_im, j * step, fnma(b, x, fma(a, y, q)))
        store(w_re, i * step, sum_x)
        store(w_im, i * step, sum_y)
    mean = splat(0.0, lanes)
    for i in range(k + 1, size):
        x, y = load(v_re, i * step, lanes), load(v_im, i * step, lanes)
        p, q = load(w_re, i * step, lanes), load(w_im, i * step, lanes)
        mean = fma(x, p, fma(y, q, mean))
    # beta A v is not yet multiplied by beta: w = beta (A v - beta/2 (v^H A v) v)
    mean = multiply(multiply(splat(0.5, lanes), beta), mean)
    for i in range(k + 1, size):
        x, y = load(v_re, i * step, lanes), load(v_im, i * step, lanes)
        p, q = load(w_re, i * step, lanes), load(w_im, i * step, lanes)
        store(w_re, i * step, multiply(beta, fnma(mean, x, p)))
        store(w_im, i * step, multiply(beta, fnma(mean, y, q)))


@inner_kernel
def _subtract_pair(re: Floats, im: Floats, work: Floats, k: int, lanes: Lanes) -> None:
    """Subtract v w^H + w v^H from the rest of the matrix."""
    step = 1 << len(lanes)
    size = work.shape[1] // step
    v_re, v_im, w_re, w_im = work[0], work[1], work[2], work[3]
    for i in range(k + 1, size):
        x, y = load(v_re, i * step, lanes), load(v_im, i * step, lanes)
        p, q = load(w_re, i * step, lanes), load(w_im, i * step, lanes)
        for j in range(k + 1, i + 1):
            at = (i * size + j) * step
            a, b = load(re, at, lanes), load(im, at, lanes)
            u, v = load(v_re, j * step, lanes), load(v_im, j * step, lanes)
            r, s = load(w_re, j * step, lanes), load(w_im, j * step, lanes)
            a = fnma(y, s, fnma(x, r, fnma(q, v, fnma(p, u, a))))
            b = fma(x, s, fnma(y, r, fma(p, v, fnma(q, u, b))))
            store(re, at, a)
            store(im, at, b)


@inner_kernel
def _find_levels(levels: Floats, squares: Floats, lanes: Lanes) -> None:
    """Turn the diagonal into the eigenvalues, in no order."""
    step = 1 << len(lanes)
    size = levels.size // step
    largest = splat(0.0, lanes)
    for k in range(size):
        level, square = load(levels, k * step, lanes), load(squares, k * step, lanes)
        level = multiply(level, level)
        largest = choose_less(largest, level, level, largest)
        largest = choose_less(largest, square, square, largest)
    limit = multiply(splat(_ROUNDING, lanes), largest)
    for k in range(size - 2):
        for _ in range(_SWEEPS):
            if not any_less(limit, load(squares, k * step, lanes)):
                break
            _sweep(levels, squares, k, lanes)
    if size > 1:
        _split_pair(levels, squares, lanes)


@inner_kernel
def _shift(levels: Floats, squares: Floats, k: int, lanes: Lanes) -> Vector:
    """Return the eigenvalue of the leading pair that is closer to its first level."""
    step = 1 << len(lanes)
    zero = splat(0.0, lanes)
    level = load(levels, k * step, lanes)
    half = subtract(load(levels, (k + 1) * step, lanes), level)
    half = multiply(splat(0.5, lanes), half)
    square = load(squares, k * step, lanes)
    root = square_root(fma(half, half, square))
    below = choose_less(half, zero, subtract(half, root), add(half, root))
    size = multiply(below, below)
    move = divide(square, below)
    found: Vector = choose_less(splat(_TINY, lanes), size, subtract(level, move), level)
    return found


@inner_kernel
def _sweep(levels: Floats, squares: Floats, k: int, lanes: Lanes) -> None:
    """Make one step of the root-free QL iteration on all levels from k on."""
    step = 1 << len(lanes)
    size = levels.size // step
    one, tiny = splat(1.0, lanes), splat(_TINY, lanes)
    shift = _shift(levels, squares, k, lanes)
    cosine, sine = one, splat(0.0, lanes)
    gamma = subtract(load(levels, (size - 1) * step, lanes), shift)
    p = multiply(gamma, gamma)
    for i in range(size - 2, k - 1, -1):
        square = load(squares, i * step, lanes)
        r = add(p, square)
        if i != size - 2:
            store(squares, (i + 1) * step, multiply(sine, r))
        # where both are zero, the matrix falls apart and the sweep begins anew
        p = choose_less(tiny, r, p, one)
        r = choose_less(tiny, r, r, one)
        before, old = cosine, gamma
        inverse = divide(one, r)
        cosine, sine = multiply(p, inverse), multiply(square, inverse)
        alpha = load(levels, i * step, lanes)
        gamma = fnma(sine, old, multiply(cosine, subtract(alpha, shift)))
        store(levels, (i + 1) * step, add(old, subtract(alpha, gamma)))
        fresh = multiply(multiply(gamma, gamma), divide(r, p))
        p = choose_less(tiny, p, fresh, multiply(before, square))
    store(squares, k * step, multiply(sine, p))
    store(levels, k * step, add(shift, gamma))


@inner_kernel
def _split_pair(levels: Floats, squares: Floats, lanes: Lanes) -> None:
    """Replace the last two levels by the eigenvalues of their 2 x 2 matrix."""
    step = 1 << len(lanes)
    size = levels.size // step
    half = splat(0.5, lanes)
    first = load(levels, (size - 2) * step, lanes)
    second = load(levels, (size - 1) * step, lanes)
    middle = multiply(half, add(first, second))
    apart = multiply(half, subtract(first, second))
    square = load(squares, (size - 2) * step, lanes)
    root = square_root(fma(apart, apart, square))
    store(levels, (size - 2) * step, subtract(middle, root))
    store(levels, (size - 1) * step, add(middle, root))


@inner_kernel
def _sort(levels: Floats, lanes: Lanes) -> None:
    """Sort the levels of each lane by exchanges of neighbours."""
    step = 1 << len(lanes)
    size = levels.size // step
    for end in range(size - 1, 0, -1):
        high = load(levels, 0, lanes)
        for i in range(1, end + 1):
            other = load(levels, i * step, lanes)
            store(levels, (i - 1) * step, choose_less(other, high, other, high))
            high = choose_less(other, high, high, other)
        store(levels, end * step, high)
