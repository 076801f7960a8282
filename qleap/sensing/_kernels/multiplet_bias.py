"""Bias that curvature of the model gives to least squares of Lorentzian multiplets."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel

__all__ = ["multiplet_biases"]

Array = NDArray[np.float64]


@inner_kernel
def _line(
    x: Array,
    values: Array,
    inverse: Array,
    first: int,
    offsets: Array,
    columns: Array,
    bends: Array,
) -> None:
    """Write the derivatives of a line, and add its second ones times the inverse.

    With g = 1/(1 + u^2) and u = (x - p - o)/w they follow from g' and g'' as those of
    -d g(u).
    """
    place, width, depth = values[first], values[first + 1], values[first + 2]
    per = 1.0 / width
    pp, pw = inverse[first, first], 2.0 * inverse[first, first + 1]
    ww, pd = inverse[first + 1, first + 1], 2.0 * inverse[first, first + 2]
    wd = 2.0 * inverse[first + 1, first + 2]
    columns[first : first + 3] = 0.0
    for offset in offsets:
        for i in range(x.size):
            u = (x[i] - place - offset) * per
            g = 1.0 / (1.0 + u * u)
            slope = -2.0 * u * g * g
            bend = g * g * (6.0 - 8.0 * g)
            columns[first, i] += depth * per * slope
            columns[first + 1, i] += depth * per * u * slope
            columns[first + 2, i] -= g
            curved = pp * bend + pw * (u * bend + slope)
            curved += ww * u * (2.0 * slope + u * bend)
            bends[i] += per * slope * (pd + wd * u) - depth * per * per * curved


@kernel
def multiplet_biases(
    x: Array,
    found: Array,
    weights: Array,
    inverses: Array,
    variances: Array,
    offsets: Array,
    degree: int,
) -> Array:
    """Return the bias of the parameters of each spectrum; see the reference."""
    n_spectra, n = found.shape
    n_lines = (n - degree - 1) // 3
    biases, columns = np.empty((n_spectra, n)), np.empty((n, x.size))
    bends, pull = np.empty(x.size), np.empty(n)
    for k in range(degree + 1):
        for i in range(x.size):
            columns[3 * n_lines + k, i] = x[i] ** k
    for here in range(n_spectra):
        values, inverse = found[here], inverses[here]
        bends[:] = 0.0
        for k in range(n_lines):
            _line(x, values, inverse, 3 * k, offsets, columns, bends)
        if weights.shape[0]:
            for i in range(x.size):
                bends[i] *= weights[here, i]
        for a in range(n):
            total = 0.0
            for i in range(x.size):
                total += columns[a, i] * bends[i]
            pull[a] = total
        for a in range(n):
            total = 0.0
            for b in range(n):
                total += inverse[a, b] * pull[b]
            biases[here, a] = -0.5 * variances[here] * total
    return biases
