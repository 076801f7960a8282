"""Gates on a state of a few qubits: all in one function.

At this size a gate takes ten nanoseconds, and every array that is handed to another
function takes as much again, because it is counted as used and unused. Real and
imaginary parts lie in two arrays with room for one vector register each; qubits appear
as in `qleap.processing._kernels.statevector`.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.simd import Vector, fma, load, mirror_both, splat, store, subtract
from qleap.processing._kernels.products import _add_product, _product
from qleap.processing._kernels.statevector import (
    DIAGONAL,
    EXCHANGE,
    MEASURE,
    ONE_QUBIT,
    apply_matrix,
)

LANES = (0, 0)
"""Four amplitudes a vector, on every machine: wider ones gain nothing here."""

LENGTH = 1 << len(LANES)

LANE_BITS = np.array(
    [float(mask & lane > 0) for mask in range(LENGTH) for lane in range(LENGTH)]
)
"""For each mask of lane bits the lanes in which one of them is set, as 0 and 1."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = tuple[Vector, Vector]


@inner_kernel
def _mixed(
    ar: Vector,
    ai: Vector,
    xr: Vector,
    xi: Vector,
    br: Vector,
    bi: Vector,
    yr: Vector,
    yi: Vector,
) -> Complexes:
    """Return ``a x + b y``."""
    ur, ui = _product(ar, ai, xr, xi)
    found: Complexes = _add_product(ur, ui, br, bi, yr, yi)
    return found


@inner_kernel
def _chosen(is_one: Vector, zero: Vector, one: Vector) -> Vector:
    """Return ``one`` in the lanes where ``is_one``, else ``zero``."""
    found: Vector = fma(is_one, subtract(one, zero), zero)
    return found


@inner_kernel
def _run_gates(
    re: Floats,
    im: Floats,
    operations: Integers,
    begin: int,
    end: int,
    wires: Integers,
    wire: int,
    table: Floats,
    place: int,
) -> None:
    """Apply the gates from ``begin`` to ``end``; other operations do nothing.

    What acts on one qubit without controls goes a vector at a time, everything else an
    amplitude at a time. ``table`` holds the coefficients; ``wire`` and ``place`` are
    added to where an operation says that its wires and coefficients begin.
    """
    for k in range(begin, end):
        kind, n_targets, first = (
            operations[k, 0],
            operations[k, 1],
            wire + operations[k, 3],
        )
        if kind >= MEASURE:
            continue
        at = place + operations[k, 5]
        controls = 0
        values = 0
        for j in range(operations[k, 2]):
            control = wires[first + n_targets + j]
            controls |= 1 << control
            values |= (operations[k, 4] >> j & 1) << control
        one = 1 << wires[first] if n_targets > 0 else 0
        two = 1 << wires[first + 1] if n_targets > 1 else 0
        skipped = one | two | controls
        i = 0
        if n_targets == 1 and controls == 0 and kind != EXCHANGE:
            ar, ai = splat(table[at], LANES), splat(table[at + 1], LANES)
            br = bi = cr = ci = splat(0.0, LANES)
            if kind == ONE_QUBIT:
                br, bi = splat(table[at + 2], LANES), splat(table[at + 3], LANES)
                cr, ci = splat(table[at + 4], LANES), splat(table[at + 5], LANES)
                at += 4
            dr, di = splat(table[at + 2], LANES), splat(table[at + 3], LANES)
            if one < LENGTH:
                here = load(LANE_BITS, one * LENGTH, LANES)
                ar, ai = _chosen(here, ar, dr), _chosen(here, ai, di)
                br, bi = _chosen(here, br, cr), _chosen(here, bi, ci)
                while i < re.size:
                    xr, xi = load(re, i, LANES), load(im, i, LANES)
                    yr, yi = mirror_both(xr, xi, one)
                    ur, ui = _mixed(ar, ai, xr, xi, br, bi, yr, yi)
                    store(re, i, ur)
                    store(im, i, ui)
                    i += LENGTH
            while i < re.size:
                xr, xi = load(re, i, LANES), load(im, i, LANES)
                yr, yi = load(re, i | one, LANES), load(im, i | one, LANES)
                ur, ui = _mixed(ar, ai, xr, xi, br, bi, yr, yi)
                vr, vi = _mixed(dr, di, yr, yi, cr, ci, xr, xi)
                store(re, i, ur)
                store(im, i, ui)
                store(re, i | one, vr)
                store(im, i | one, vi)
                i = ((i | one) + LENGTH) & ~one
        elif kind == EXCHANGE:
            while i < re.size:
                p, q = np.uint64(i | values | one), np.uint64(i | values | two)
                re[p], re[q] = re[q], re[p]
                im[p], im[q] = im[q], im[p]
                i = ((i | skipped) + 1) & ~skipped
        elif kind == DIAGONAL:
            while i < re.size:
                p = np.uint64(i | values)
                row = at
                for j in range(n_targets):
                    row += (i >> wires[first + j] & 1) << (j + 1)
                x, y = re[p], im[p]
                re[p] = table[row] * x - table[row + 1] * y
                im[p] = table[row] * y + table[row + 1] * x
                i = ((i | controls) + 1) & ~controls
        elif kind == ONE_QUBIT:
            while i < re.size:
                p, q = np.uint64(i | values), np.uint64(i | values | one)
                x, y, u, v = re[p], im[p], re[q], im[q]
                re[p] = table[at] * x - table[at + 1] * y
                im[p] = table[at] * y + table[at + 1] * x
                re[p] += table[at + 2] * u - table[at + 3] * v
                im[p] += table[at + 2] * v + table[at + 3] * u
                re[q] = table[at + 4] * x - table[at + 5] * y
                im[q] = table[at + 4] * y + table[at + 5] * x
                re[q] += table[at + 6] * u - table[at + 7] * v
                im[q] += table[at + 6] * v + table[at + 7] * u
                i = ((i | skipped) + 1) & ~skipped
        else:
            targets = 1 << wires[first : first + n_targets]
            apply_matrix(re, im, targets, controls, values, table[at:])
