"""States of a few levels that decay, driven by a real field."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.vmath import exp, sincos

Floats = NDArray[np.float64]


@kernel
def driven_levels_into(
    free: Floats,
    vectors: Floats,
    values: Floats,
    fields: Floats,
    step: float,
    state: Floats,
    dipole: Floats,
) -> None:
    """Follow states through rows of a field, and write their dipoles (atomic units).

    The dipole operator is ``vectors diag(values) vectors^T``. Each step turns the state
    by the field's kick in the operator's own basis, where the dipole is read, and then
    freely. ``free`` ``(2, n)`` are energies and half widths; ``state`` ``(2, rows, n)``
    are real and imaginary parts, first at the beginning and then one step after the
    last time; ``fields`` and ``dipole`` are ``(rows, n_t)``.
    """
    n = values.size
    fr, fi = np.empty(n), np.empty(n)
    yr, yi = np.empty(n), np.empty(n)
    for k in range(n):
        s, c = sincos(free[0, k] * step)
        size = exp(-free[1, k] * step)
        fr[k], fi[k] = size * c, -size * s
    for row in range(fields.shape[0]):
        cr, ci = state[0, row], state[1, row]
        for t in range(fields.shape[1]):
            kick = fields[row, t] * step
            found = 0.0
            for k in range(n):
                a, b = 0.0, 0.0
                for j in range(n):
                    a += vectors[j, k] * cr[j]
                    b += vectors[j, k] * ci[j]
                found += values[k] * (a * a + b * b)
                s, c = sincos(values[k] * kick)
                yr[k], yi[k] = a * c - b * s, a * s + b * c
            dipole[row, t] = found
            for j in range(n):
                a, b = 0.0, 0.0
                for k in range(n):
                    a += vectors[j, k] * yr[k]
                    b += vectors[j, k] * yi[k]
                cr[j], ci[j] = a * fr[j] - b * fi[j], a * fi[j] + b * fr[j]
