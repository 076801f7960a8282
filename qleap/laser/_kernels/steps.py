"""The sums of one Runge-Kutta step in the interaction picture, on flat arrays."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.vmath import exp, sincos

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@kernel
def exponentials_into(rates: Complex, length: float, out: Complex) -> None:
    """Write ``exp(rates length)`` into ``out``."""
    for k in range(rates.size):
        size = exp(length * rates[k].real)
        sine, cosine = sincos(length * rates[k].imag)
        out[k] = complex(size * cosine, size * sine)


@kernel
def first_half_into(
    factor: Complex,
    state: Complex,
    slope: Complex,
    step: float,
    centre: Complex,
    total: Complex,
    stage: Complex,
) -> None:
    """Carry state and slope to the middle of the step, and begin both sums there."""
    for k in range(state.size):
        here = factor[k] * state[k]
        rise = factor[k] * slope[k]
        centre[k] = here
        total[k] = here + step / 6.0 * rise
        stage[k] = here + step / 2.0 * rise


@kernel
def middle_into(
    centre: Complex, slope: Complex, step: float, total: Complex, stage: Complex
) -> None:
    """Add a slope at the middle, and write the next stage there."""
    for k in range(centre.size):
        total[k] += step / 3.0 * slope[k]
        stage[k] = centre[k] + step / 2.0 * slope[k]


@kernel
def second_half_into(
    factor: Complex,
    centre: Complex,
    slope: Complex,
    step: float,
    total: Complex,
    stage: Complex,
) -> None:
    """Add the last slope at the middle, and carry sum and stage to the end."""
    for k in range(centre.size):
        total[k] = factor[k] * (total[k] + step / 3.0 * slope[k])
        stage[k] = factor[k] * (centre[k] + step * slope[k])


@kernel
def end_into(slope: Complex, step: float, total: Complex) -> None:
    """Add the slope at the end."""
    for k in range(slope.size):
        total[k] += step / 6.0 * slope[k]


@kernel
def distances(
    x: Complex, y: Complex, total: Complex, weights: Floats
) -> tuple[float, float]:
    """Return the weighted squared norms of ``x - y`` and of ``total``.

    ``weights`` belong to the last axis of the arrays, which are given flat: they
    repeat.
    """
    n = weights.size
    apart, whole = 0.0, 0.0
    for row in range(x.size // n):
        a, b, c = (
            x[row * n : (row + 1) * n],
            y[row * n : (row + 1) * n],
            total[row * n : (row + 1) * n],
        )
        for k in range(n):
            re, im = a[k].real - b[k].real, a[k].imag - b[k].imag
            apart += weights[k] * (re * re + im * im)
            whole += weights[k] * (c[k].real * c[k].real + c[k].imag * c[k].imag)
    return apart, whole


@kernel
def quadrature_error(
    before: Complex,
    after: Complex,
    first: Complex,
    centre: Complex,
    stage: Complex,
    last: Complex,
    step: float,
    weights: Floats,
) -> float:
    """Return the weighted squared norm of the estimated error of Simpson's rule.

    ``h^5 f / 2880`` with ``f = f''^2 / f``, as of a wave whose phase turns
    evenly; ``f''`` is the second difference of the slopes at start, middle and end,
    all carried to the end, of which the middle one is found from ``stage``.
    """
    n = weights.size
    total = 0.0
    for row in range(first.size // n):
        for k in range(n):
            i = row * n + k
            start = after[i] * (before[i] * first[i])
            middle = (stage[i] - after[i] * centre[i]) / step
            bend = start - 2.0 * middle + last[i]
            size = max(abs(start), abs(middle), abs(last[i]))
            if size > 0.0:
                error = step / 180.0 * (bend.real**2 + bend.imag**2) / size
                total += weights[k] * error * error
    return total
