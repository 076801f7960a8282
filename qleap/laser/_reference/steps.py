"""The sums of one Runge-Kutta step in NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def exponentials_into(rates: Complex, length: float, out: Complex) -> None:
    """Write ``exp(rates length)`` into ``out``."""
    out[:] = np.exp(length * rates)


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
    centre[:] = factor * state
    total[:] = centre + step / 6.0 * factor * slope
    stage[:] = centre + step / 2.0 * factor * slope


def middle_into(
    centre: Complex, slope: Complex, step: float, total: Complex, stage: Complex
) -> None:
    """Add a slope at the middle, and write the next stage there."""
    total += step / 3.0 * slope
    stage[:] = centre + step / 2.0 * slope


def second_half_into(
    factor: Complex,
    centre: Complex,
    slope: Complex,
    step: float,
    total: Complex,
    stage: Complex,
) -> None:
    """Add the last slope at the middle, and carry sum and stage to the end."""
    total[:] = factor * (total + step / 3.0 * slope)
    stage[:] = factor * (centre + step * slope)


def end_into(slope: Complex, step: float, total: Complex) -> None:
    """Add the slope at the end."""
    total += step / 6.0 * slope


def distances(
    x: Complex, y: Complex, total: Complex, weights: Floats
) -> tuple[float, float]:
    """Return the weighted squared norms of ``x - y`` and of ``total``."""
    repeated = np.tile(weights, x.size // weights.size)
    return (
        float(np.sum(repeated * np.abs(x - y) ** 2)),
        float(np.sum(repeated * np.abs(total) ** 2)),
    )


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
    start = after * before * first
    middle = (stage - after * centre) / step
    bend = np.abs(start - 2.0 * middle + last)
    size = np.maximum(np.maximum(np.abs(start), np.abs(middle)), np.abs(last))
    error = np.divide(bend**2, size, out=np.zeros_like(bend), where=size > 0.0)
    error *= step / 180.0
    return float(np.sum(weights * error.reshape(-1, weights.size) ** 2))
