"""Bayesian phase estimation with the Fourier coefficients of the distribution."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel

__all__ = ["absorb_outcome", "control_phase", "estimate_phases"]

_TRIED = 48
"""Phases between 0 and pi of which the best is taken."""


@kernel
def absorb_outcome(
    coefficients: NDArray[np.complex128],
    multiple: int,
    phase: float,
    contrast: float,
    stride: int,
) -> None:
    """Multiply the distribution by 1 + contrast cos(multiple phi + phase)."""
    before = coefficients.copy()
    turn = 0.25 * contrast * complex(math.cos(phase), math.sin(phase))
    back = turn.conjugate()
    size = coefficients.size
    for n in range(0, size, stride):
        below = (
            before[n - multiple] if n >= multiple else before[multiple - n].conjugate()
        )
        found = 0.5 * before[n] + turn * below
        if n + multiple < size:
            found += back * before[n + multiple]
        coefficients[n] = found
    scale = 1.0 / coefficients[0].real
    for n in range(0, size, stride):
        coefficients[n] *= scale


@kernel
def control_phase(
    coefficients: NDArray[np.complex128], multiple: int, visibility: float
) -> float:
    """Return the phase with the largest expected sharpness; see the reference."""
    once, twice = coefficients[multiple], 0.0j
    if 2 * multiple < coefficients.size:
        twice = coefficients[2 * multiple]
    best, found = -1.0, 0.0
    for k in range(_TRIED):
        phase = math.pi * k / _TRIED
        turn = complex(math.cos(phase), math.sin(phase))
        change = 0.25 * visibility * (turn + turn.conjugate() * twice)
        sharpness = abs(0.5 * once + change) + abs(0.5 * once - change)
        if sharpness > best * (1.0 + 1e-12):
            best, found = sharpness, phase
    return found


@kernel
def estimate_phases(
    truths: NDArray[np.float64],
    uniforms: NDArray[np.float64],
    multiples: NDArray[np.int64],
    visibilities: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the estimate of each run, rad; see the reference."""
    found = np.empty(truths.size)
    size = np.sum(multiples) + 1
    for run in range(truths.size):
        coefficients = np.zeros(size, np.complex128)
        coefficients[0] = 1.0
        reached = 1
        for k in range(multiples.size):
            multiple, visibility = multiples[k], visibilities[k]
            reached += multiple
            own = coefficients[:reached]  # higher coefficients are still zero
            phase = control_phase(own, multiple, visibility)
            bright = 0.5 + 0.5 * visibility * math.cos(multiple * truths[run] + phase)
            sign = 1.0 if uniforms[run, k] < bright else -1.0
            absorb_outcome(own, multiple, phase, sign * visibility, multiple)
        found[run] = -math.atan2(coefficients[1].imag, coefficients[1].real)
    return found
