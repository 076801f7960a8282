"""All diagonal gates of a layer in one go over a block of amplitudes.

Phases add: the angle of an amplitude is a sum of terms, each of one or two bits of its
index. Terms of the ``depth`` lowest bits of the block make a table once; of the others
each group of ``2**depth`` amplitudes sees only a constant and one angle a low bit. The
exponential of such a sum is a product of two short tables, and groups that see the same
angles share it.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import load, splat, store
from qleap.core.vmath import sincos
from qleap.processing._kernels.products import _product

Floats = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]

SHORT = 5
"""Low bits of the shorter table of linear phases: 32 numbers."""


@inner_kernel
def phase_table(depth: int, masks: Integers, angles: Doubles, out: Floats) -> None:
    """Write ``exp(i sum of angles)``, first all real, then all imaginary parts.

    Term k adds ``angles[k]`` where the index has all bits of ``masks[k]``.
    """
    size = 1 << depth
    total = np.zeros(size)
    for k in range(masks.size):
        mask = masks[k]
        index = mask
        while index < size:
            total[index] += angles[k]
            index = ((index + 1) | mask) & (2 * size - 1)
            if index == mask:
                break
    for index in range(size):
        sine, cosine = sincos(total[index])
        out[index] = cosine
        out[size + index] = sine


@inner_kernel
def _linear_table(linear: Doubles, first: int, last: int, out: Floats) -> None:
    """Write ``exp(i sum of linear[first:last] of the index's bits)``."""
    size = 1 << (last - first)
    out[0] = 1.0
    out[size] = 0.0
    for k in range(first, last):
        half = 1 << (k - first)
        sine, cosine = sincos(linear[k])
        for index in range(half):
            re, im = out[index], out[size + index]
            out[half + index] = re * cosine - im * sine
            out[size + half + index] = re * sine + im * cosine


@inner_kernel
def _multiply_tables(
    table: Floats, short: Floats, long: Floats, out: Floats, lanes: Lanes
) -> None:
    """Write the table times linear phases: those of the low bits times the others."""
    count = len(lanes)
    size, half = table.size // 2, long.size // 2
    for run in range(half):
        fr, fi = splat(long[run], lanes), splat(long[half + run], lanes)
        for k in range(0, 1 << SHORT, 1 << count):
            sr, si = load(short, k, lanes), load(short, (1 << SHORT) + k, lanes)
            sr, si = _product(sr, si, fr, fi)
            at = (run << SHORT) + k
            tr, ti = load(table, at, lanes), load(table, size + at, lanes)
            tr, ti = _product(tr, ti, sr, si)
            store(out, at, tr)
            store(out, size + at, ti)


@inner_kernel
def _multiply_group(
    re: Floats, im: Floats, start: int, table: Floats, lanes: Lanes
) -> None:
    """Multiply as many amplitudes as the table has by the table."""
    size = table.size // 2
    for k in range(0, size, 1 << len(lanes)):
        tr, ti = load(table, k, lanes), load(table, size + k, lanes)
        xr, xi = load(re, start + k, lanes), load(im, start + k, lanes)
        xr, xi = _product(xr, xi, tr, ti)
        store(re, start + k, xr)
        store(im, start + k, xi)


@inner_kernel
def _multiply_group_by(
    re: Floats,
    im: Floats,
    start: int,
    table: Floats,
    cosine: float,
    sine: float,
    lanes: Lanes,
) -> None:
    """Multiply as many amplitudes as the table has by the table and a number."""
    size = table.size // 2
    fr, fi = splat(cosine, lanes), splat(sine, lanes)
    for k in range(0, size, 1 << len(lanes)):
        tr, ti = load(table, k, lanes), load(table, size + k, lanes)
        tr, ti = _product(tr, ti, fr, fi)
        xr, xi = load(re, start + k, lanes), load(im, start + k, lanes)
        xr, xi = _product(xr, xi, tr, ti)
        store(re, start + k, xr)
        store(im, start + k, xi)


@inner_kernel
def _select(
    terms: Integers, angles: Doubles, base: int, linear: Doubles
) -> tuple[Integers, int, float]:
    """Return the terms that depend on the group, their number, and the constant.

    What holds for the whole block goes to ``linear`` and the constant.
    """
    active = np.empty(angles.size, np.int64)
    n_active = 0
    constant = 0.0
    for k in range(angles.size):
        if terms[k, 1] & base != terms[k, 1]:
            continue
        if terms[k, 0]:
            active[n_active] = k
            n_active += 1
        elif terms[k, 2] >= 0:
            linear[terms[k, 2]] += angles[k]
        else:
            constant += angles[k]
    return active, n_active, constant


@inner_kernel
def multiply_phases(
    re: Floats,
    im: Floats,
    base: int,
    table: Floats,
    plain: int,
    terms: Integers,
    angles: Doubles,
    lanes: Lanes,
) -> None:
    """Multiply a block by ``exp(i angle)``.

    Parameters
    ----------
    re, im : ndarray
        The block.
    base : int
        The bits of the qubits outside the block.
    table : ndarray
        From `phase_table`: the terms within its low bits.
    plain : int
        1 where that table holds nothing but ones.
    terms : ndarray of int64, shape (n, 3)
        Bits needed of the group's number, bits needed of ``base``, and the low bit
        that must be set as well, or -1.
    angles : ndarray, shape (n,), rad
        Of the terms.
    lanes : tuple of int
        Width of the vectors.
    """
    size = table.size // 2
    depth = 0
    while (1 << depth) < size:
        depth += 1
    outside = np.zeros(depth)
    active, n_active, constant = _select(terms, angles, base, outside)
    linear = np.empty(depth)
    short = np.empty(2 << SHORT, re.dtype)
    long = np.empty(2 << (depth - SHORT), re.dtype)
    product = np.empty(table.size, re.dtype)
    mixing = 0  # bits of the group's number on which the linear phases depend
    for j in range(n_active):
        if terms[active[j], 2] >= 0:
            mixing |= terms[active[j], 0]
    pattern = 0
    while True:
        mixed = False
        for bit in range(depth):
            linear[bit] = outside[bit]
            mixed |= outside[bit] != 0.0
        for j in range(n_active):
            k = active[j]
            if terms[k, 2] >= 0 and terms[k, 0] & pattern == terms[k, 0]:
                linear[terms[k, 2]] += angles[k]
                mixed = True
        factors = table
        if mixed:
            _linear_table(linear, 0, SHORT, short)
            _linear_table(linear, SHORT, depth, long)
            _multiply_tables(table, short, long, product, lanes)
            factors = product
        group = pattern
        while group < re.size >> depth:
            phase = constant
            for j in range(n_active):
                k = active[j]
                if terms[k, 2] < 0 and terms[k, 0] & group == terms[k, 0]:
                    phase += angles[k]
            start = group << depth
            if phase != 0.0:
                sine, cosine = sincos(phase)
                short[0], short[1] = cosine, sine
                _multiply_group_by(re, im, start, factors, short[0], short[1], lanes)
            elif mixed or not plain:
                _multiply_group(re, im, start, factors, lanes)
            group = (((group | mixing) + 1) & ~mixing) | pattern
        pattern = (pattern - mixing) & mixing  # the next subset of the bits
        if pattern == 0:
            break


@inner_kernel
def multiply_entries(
    re: Floats,
    im: Floats,
    base: int,
    places: Integers,
    fixed: int,
    value: int,
    entries: Doubles,
) -> None:
    """Multiply a diagonal, given entry by entry, onto the qubits at ``places``.

    Places from 0 up are bits of the block's index, ``-1 - p`` means bit p of
    ``base``. Only amplitudes whose ``fixed`` bits read ``value`` are multiplied.
    """
    offset = 0
    for k in range(places.size):
        if places[k] < 0:
            offset |= (base >> (-places[k] - 1) & 1) << k
    index = value
    while index < re.size:
        entry = offset
        for k in range(places.size):
            if places[k] >= 0:
                entry |= (index >> places[k] & 1) << k
        c, s = entries[2 * entry], entries[2 * entry + 1]
        x, y = re[index], im[index]
        re[index] = c * x - s * y
        im[index] = c * y + s * x
        index = (((index | fixed) + 1) & ~fixed) | value
