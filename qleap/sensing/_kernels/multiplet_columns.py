"""Lorentzian multiplets of many spectra, their derivatives and normal equations.

Every quantity of a spectrum is a row of ``L`` numbers, one a lane. Parameters of a
spectrum are position, half width and depth of each line, then the polynomial of the
background. With u = (x - p - o)/w and l = 1/(1 + u^2) the columns of a line are

    sum u l^2,    sum l - l^2,    sum l:

the derivatives by position and half width over -2d/w, and that by depth over -1. They
do not depend on the depth, and all are of the size of one. Of other shapes g(u) they
are -sum g'/2, -sum u g'/2 and sum g. They serve
`qleap.sensing._kernels.multiplet_maps`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.exponents import halves
from qleap.core.jit import inner_kernel
from qleap.sensing._kernels.damped import _add_products

Array = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]

LORENTZIAN, GAUSSIAN, PSEUDO_VOIGT = 0, 1, 2
"""Shapes of lines; the share of a Lorentzian is a parameter of the last, after all
lines."""

_LN2 = math.log(2.0)

_BLOCK = 4
"""Points whose columns are multiplied at once: an element of the normal matrix is
read and written once for all of them."""


@inner_kernel
def _columns(
    points: Array,
    components: int,
    degree: int,
    values: Array,
    low: Array,
    scales: Array,
    columns: Array,
    models: Array,
    lanes: Lanes,
) -> None:
    """Write columns and model at four points into rows of ``columns``, ``models``.

    Points and positions have low parts, by which they are exact to twice the digits
    of their precision. Four reciprocals take one division, the slowest of all
    instructions here.
    """
    L = 1 << len(lanes)
    zero, one = (
        simd.splat(values.dtype.type(0.0), lanes),
        simd.splat(values.dtype.type(1.0), lanes),
    )
    n_lines = low.size // L
    W = values.size
    x0, x1 = simd.splat(points[0], lanes), simd.splat(points[1], lanes)
    x2, x3 = simd.splat(points[2], lanes), simd.splat(points[3], lanes)
    y0, y1 = simd.splat(points[4], lanes), simd.splat(points[5], lanes)
    y2, y3 = simd.splat(points[6], lanes), simd.splat(points[7], lanes)
    t0, t1, t2, t3 = zero, zero, zero, zero
    for k in range(n_lines):
        row, scale = 3 * k * L, k * (components + 1) * L
        place, rest = simd.load(values, row, lanes), simd.load(low, k * L, lanes)
        inverse = simd.load(scales, scale, lanes)
        a0 = simd.add(simd.subtract(x0, place), simd.subtract(y0, rest))
        a1 = simd.add(simd.subtract(x1, place), simd.subtract(y1, rest))
        a2 = simd.add(simd.subtract(x2, place), simd.subtract(y2, rest))
        a3 = simd.add(simd.subtract(x3, place), simd.subtract(y3, rest))
        l0, l1, l2, l3 = zero, zero, zero, zero
        s0, s1, s2, s3 = zero, zero, zero, zero
        q0, q1, q2, q3 = zero, zero, zero, zero
        for c in range(components):
            shift = simd.load(scales, scale + (c + 1) * L, lanes)
            u0, u1 = simd.fma(a0, inverse, shift), simd.fma(a1, inverse, shift)
            u2, u3 = simd.fma(a2, inverse, shift), simd.fma(a3, inverse, shift)
            d0, d1 = simd.fma(u0, u0, one), simd.fma(u1, u1, one)
            d2, d3 = simd.fma(u2, u2, one), simd.fma(u3, u3, one)
            left, right = simd.multiply(d0, d1), simd.multiply(d2, d3)
            all_four = simd.divide(one, simd.multiply(left, right))
            left, right = simd.multiply(all_four, right), simd.multiply(all_four, left)
            d0, d1 = simd.multiply(left, d1), simd.multiply(left, d0)
            d2, d3 = simd.multiply(right, d3), simd.multiply(right, d2)
            l0, l1 = simd.add(l0, d0), simd.add(l1, d1)
            l2, l3 = simd.add(l2, d2), simd.add(l3, d3)
            d0, d1 = simd.multiply(d0, d0), simd.multiply(d1, d1)
            d2, d3 = simd.multiply(d2, d2), simd.multiply(d3, d3)
            q0, q1 = simd.add(q0, d0), simd.add(q1, d1)
            q2, q3 = simd.add(q2, d2), simd.add(q3, d3)
            s0, s1 = simd.fma(d0, u0, s0), simd.fma(d1, u1, s1)
            s2, s3 = simd.fma(d2, u2, s2), simd.fma(d3, u3, s3)
        depth = simd.load(values, row + 2 * L, lanes)
        t0, t1 = simd.fnma(depth, l0, t0), simd.fnma(depth, l1, t1)
        t2, t3 = simd.fnma(depth, l2, t2), simd.fnma(depth, l3, t3)
        simd.store(columns, row, s0)
        simd.store(columns, row + W, s1)
        simd.store(columns, row + 2 * W, s2)
        simd.store(columns, row + 3 * W, s3)
        simd.store(columns, row + L, simd.subtract(l0, q0))
        simd.store(columns, row + L + W, simd.subtract(l1, q1))
        simd.store(columns, row + L + 2 * W, simd.subtract(l2, q2))
        simd.store(columns, row + L + 3 * W, simd.subtract(l3, q3))
        simd.store(columns, row + 2 * L, l0)
        simd.store(columns, row + 2 * L + W, l1)
        simd.store(columns, row + 2 * L + 2 * W, l2)
        simd.store(columns, row + 2 * L + 3 * W, l3)
    p0, p1, p2, p3 = one, one, one, one
    for k in range(degree + 1):
        row = (3 * n_lines + k) * L
        level = simd.load(values, row, lanes)
        simd.store(columns, row, p0)
        simd.store(columns, row + W, p1)
        simd.store(columns, row + 2 * W, p2)
        simd.store(columns, row + 3 * W, p3)
        t0, t1 = simd.fma(p0, level, t0), simd.fma(p1, level, t1)
        t2, t3 = simd.fma(p2, level, t2), simd.fma(p3, level, t3)
        p0, p1 = simd.multiply(p0, x0), simd.multiply(p1, x1)
        p2, p3 = simd.multiply(p2, x2), simd.multiply(p3, x3)
    simd.store(models, 0, t0)
    simd.store(models, L, t1)
    simd.store(models, 2 * L, t2)
    simd.store(models, 3 * L, t3)


@inner_kernel
def _mixed_columns(
    points: Array,
    components: int,
    degree: int,
    shape: int,
    values: Array,
    low: Array,
    scales: Array,
    columns: Array,
    models: Array,
    lanes: Lanes,
) -> None:
    """Write what `_columns` does of Gaussian or mixed lines.

    Their shape is eta/(1 + u^2) + (1 - eta) 2^-u^2.
    """
    L, W = 1 << len(lanes), values.size
    one = simd.splat(values.dtype.type(1.0), lanes)
    zero, ln2 = simd.subtract(one, one), simd.splat(values.dtype.type(_LN2), lanes)
    n_lines = low.size // L
    mixes = 1 if shape == PSEUDO_VOIGT else 0
    share = simd.load(values, 3 * n_lines * L, lanes) if mixes else zero
    rest = simd.subtract(one, share)
    for q in range(_BLOCK):
        x, y = simd.splat(points[q], lanes), simd.splat(points[q + _BLOCK], lanes)
        own, model, by_share = q * W, zero, zero
        for k in range(n_lines):
            row, scale = 3 * k * L, k * (components + 1) * L
            a = simd.subtract(x, simd.load(values, row, lanes))
            a = simd.add(a, simd.subtract(y, simd.load(low, k * L, lanes)))
            inverse = simd.load(scales, scale, lanes)
            slope, width, line, other = zero, zero, zero, zero
            for c in range(components):
                shift = simd.load(scales, scale + (c + 1) * L, lanes)
                u = simd.fma(a, inverse, shift)
                square = simd.multiply(u, u)
                gauss = halves(square, lanes, values)
                fall = simd.multiply(simd.multiply(rest, ln2), gauss)
                line = simd.fma(rest, gauss, line)
                if mixes:
                    lorentz = simd.divide(one, simd.add(square, one))
                    line = simd.fma(share, lorentz, line)
                    fall = simd.fma(share, simd.multiply(lorentz, lorentz), fall)
                    other = simd.add(other, simd.subtract(lorentz, gauss))
                fall = simd.multiply(u, fall)
                slope = simd.add(slope, fall)
                width = simd.fma(u, fall, width)
            depth = simd.load(values, row + 2 * L, lanes)
            model = simd.fnma(depth, line, model)
            by_share = simd.fma(depth, other, by_share)
            simd.store(columns, own + row, slope)
            simd.store(columns, own + row + L, width)
            simd.store(columns, own + row + 2 * L, line)
        first = 3 * n_lines + mixes
        if mixes:
            simd.store(columns, own + (first - 1) * L, by_share)
        power = one
        for k in range(degree + 1):
            simd.store(columns, own + (first + k) * L, power)
            model = simd.fma(power, simd.load(values, (first + k) * L, lanes), model)
            power = simd.multiply(power, x)
        simd.store(models, q * L, model)


@inner_kernel
def _weigh(
    roots: Array,
    begin: int,
    end: int,
    columns: Array,
    residuals: Array,
    lanes: Lanes,
) -> None:
    """Multiply columns and residuals of four points by the roots of their weights."""
    L, W = 1 << len(lanes), columns.size // _BLOCK
    for q in range(min(_BLOCK, end - begin)):
        root = simd.load(roots, (begin + q) * L, lanes)
        miss = simd.multiply(simd.load(residuals, q * L, lanes), root)
        simd.store(residuals, q * L, miss)
        for a in range(q * W, (q + 1) * W, L):
            own = simd.load(columns, a, lanes)
            simd.store(columns, a, simd.multiply(own, root))


@inner_kernel
def _normal_equations(
    x: NDArray[np.float64],
    offsets: NDArray[np.float64],
    degree: int,
    shape: int,
    values: Array,
    low: Array,
    data: Array,
    roots: Array,
    columns: Array,
    residuals: Array,
    scales: Array,
    matrix: Array,
    slope: Array,
    cost: Array,
    lanes: Lanes,
) -> None:
    """Write J^T J (the rows of its lower half), J^T r and r^T r.

    Where ``roots`` is not empty, its rows multiply those of J and r. Where ``matrix``
    is empty, it is not computed.
    """
    L = 1 << len(lanes)
    W, components = values.size, offsets.size
    n = W // L
    matrix[:] = 0.0
    slope[:] = 0.0
    for k in range(low.size // L):
        for lane in range(L):
            place = k * (components + 1) * L + lane
            inverse = 1.0 / values[(3 * k + 1) * L + lane]
            scales[place] = inverse
            for c in range(components):
                scales[place + (c + 1) * L] = -offsets[c] * inverse
    points = np.empty(2 * _BLOCK, values.dtype)
    total = simd.splat(values.dtype.type(0.0), lanes)
    for begin in range(0, x.size, _BLOCK):
        for q in range(_BLOCK):  # points beyond the last stand in for nothing
            point = x[min(begin + q, x.size - 1)]
            points[q] = point
            points[q + _BLOCK] = point - points[q]
        if shape == LORENTZIAN:
            _columns(
                points, components, degree, values, low, scales, columns, residuals,
                lanes,
            )  # fmt: skip
        else:
            _mixed_columns(
                points, components, degree, shape, values, low, scales, columns,
                residuals, lanes,
            )  # fmt: skip
        for q in range(_BLOCK):
            if begin + q < x.size:
                miss = simd.load(data, (begin + q) * L, lanes)
                miss = simd.subtract(miss, simd.load(residuals, q * L, lanes))
                simd.store(residuals, q * L, miss)
            else:
                columns[q * W : (q + 1) * W] = 0.0
                residuals[q * L : (q + 1) * L] = 0.0
        if roots.size:
            _weigh(roots, begin, x.size, columns, residuals, lanes)
        r0, r1 = simd.load(residuals, 0, lanes), simd.load(residuals, L, lanes)
        r2 = simd.load(residuals, 2 * L, lanes)
        r3 = simd.load(residuals, 3 * L, lanes)
        total = simd.fma(r0, r0, simd.fma(r1, r1, total))
        total = simd.fma(r2, r2, simd.fma(r3, r3, total))
        for a in range(0, n * L, L):
            s = simd.load(slope, a, lanes)
            s = simd.fma(simd.load(columns, a, lanes), r0, s)
            s = simd.fma(simd.load(columns, a + W, lanes), r1, s)
            s = simd.fma(simd.load(columns, a + 2 * W, lanes), r2, s)
            s = simd.fma(simd.load(columns, a + 3 * W, lanes), r3, s)
            simd.store(slope, a, s)
        if matrix.size:
            _add_products(columns, matrix, n, lanes)
    simd.store(cost, 0, total)
