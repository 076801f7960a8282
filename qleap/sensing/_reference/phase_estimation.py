"""Bayesian phase estimation, one formula at a time.

The distribution is sum_n c_n exp(i n phi) with c_{-n} the conjugate of c_n, of which
n >= 0 are kept: Cappellaro, Phys. Rev. A 85, 030301 (2012). Control phases for the
largest expected sharpness: Berry and Wiseman, Phys. Rev. Lett. 85, 5098 (2000).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["absorb_outcome", "control_phase", "estimate_phases"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

TRIED = 48
"""Phases between 0 and pi of which the best is taken."""


def absorb_outcome(
    coefficients: Complex, multiple: int, phase: float, contrast: float, stride: int
) -> None:
    """Multiply the distribution by 1 + contrast cos(multiple phi + phase).

    Parameters
    ----------
    coefficients : ndarray, shape (n,)
        c_0 (which stays 1) to c_{n-1}.
    multiple : int
    phase : float
        rad.
    contrast : float
        Positive for the bright outcome, negative for the dark one.
    stride : int
        Only every so manieth coefficient differs from zero; it divides ``multiple``.
    """
    size = coefficients.size
    both = np.concatenate([coefficients[:0:-1].conj(), coefficients])
    padded = np.pad(both, multiple)
    places = np.arange(0, size, stride) + size - 1 + multiple
    turn = 0.25 * contrast * np.exp(1j * phase)
    found = 0.5 * padded[places]
    found += turn * padded[places - multiple] + turn.conj() * padded[places + multiple]
    coefficients[::stride] = found / found[0].real


def control_phase(coefficients: Complex, multiple: int, visibility: float) -> float:
    """Return the phase, rad, with the largest expected sharpness.

    The sharpness is that of ``multiple`` times phi after the outcome: |c_m| summed
    over both outcomes, which c_m and c_2m determine.
    """
    padded = np.append(coefficients, np.zeros(2 * multiple))
    once, twice = padded[multiple], padded[2 * multiple]
    best, found = -1.0, 0.0
    for phase in np.pi * np.arange(TRIED) / TRIED:
        change = np.exp(1j * phase) + np.exp(-1j * phase) * twice
        change *= 0.25 * visibility
        sharpness = abs(0.5 * once + change) + abs(0.5 * once - change)
        if sharpness > best * (1.0 + 1e-12):
            best, found = sharpness, float(phase)
    return found


def estimate_phases(
    truths: Array, uniforms: Array, multiples: NDArray[np.int64], visibilities: Array
) -> Array:
    """Return the estimate of each run, rad.

    Parameters
    ----------
    truths : ndarray, shape (r,)
        True phases, rad.
    uniforms : ndarray, shape (r, k)
        Numbers between 0 and 1 that decide the outcomes.
    multiples : ndarray, shape (k,)
        By which each shot multiplies the phase; each divides those before it.
    visibilities : ndarray, shape (k,)
    """
    found = np.empty(truths.size)
    for run, truth in enumerate(truths):
        coefficients = np.zeros(int(multiples.sum()) + 1, np.complex128)
        coefficients[0] = 1.0
        for k, multiple in enumerate(multiples):
            phase = control_phase(coefficients, multiple, visibilities[k])
            bright = 0.5 + 0.5 * visibilities[k] * np.cos(multiple * truth + phase)
            sign = 1.0 if uniforms[run, k] < bright else -1.0
            contrast = sign * visibilities[k]
            absorb_outcome(coefficients, int(multiple), phase, contrast, 1)
        found[run] = np.angle(coefficients[1].conj())
    return found
