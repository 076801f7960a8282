"""Predictions of models for many particles, shape ``(m, n)`` from ``(p, n)``."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core import vmath
from qleap.core.jit import kernel

__all__ = ["lorentzian_predictions", "rabi_predictions", "ramsey_predictions"]


@kernel
def lorentzian_predictions(
    x: NDArray[np.float64], particles: NDArray[np.float64], offsets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return background minus lines; rows are positions, widths, depths, background."""
    n_lines, n = particles.shape[0] // 3, particles.shape[1]
    predictions = np.empty((x.size, n))
    for m in range(x.size):
        row = predictions[m]
        for k in range(n_lines):
            position, fwhm = particles[k], particles[n_lines + k]
            depth = particles[2 * n_lines + k]
            for j in range(offsets.size):
                place, before = x[m] - offsets[j], particles[-1] if k + j == 0 else row
                for i in range(n):
                    away, square = 2.0 * (place - position[i]), fwhm[i] * fwhm[i]
                    row[i] = before[i] - depth[i] * square / (square + away * away)
    return predictions


@kernel
def rabi_predictions(
    x: NDArray[np.float64],
    particles: NDArray[np.float64],
    nodes: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return o + a times the moved population; see the reference.

    Rows are o, a, f, T, the spread of the detuning and the delay.
    """
    n = particles.shape[1]
    predictions = np.empty((x.size, n))
    offset, amplitude, frequency = particles[0], particles[1], particles[2]
    decay_time, spread, delay = particles[3], particles[4], particles[5]
    for m in range(x.size):
        row, at = predictions[m], x[m]
        row[:] = 0.0
        for k in range(nodes.size):
            for i in range(n):
                t, detuning = at - delay[i], spread[i] * nodes[k]
                square = frequency[i] * frequency[i]
                total = square + detuning * detuning
                safe = total if total > 0.0 else 1.0
                _, cosine = vmath.sincos(2.0 * math.pi * math.sqrt(total) * t)
                left = vmath.exp(-t / decay_time[i]) * cosine
                row[i] += shares[k] * (square / safe) * 0.5 * (1.0 - left)
        for i in range(n):
            row[i] = offset[i] + amplitude[i] * row[i]
    return predictions


@kernel
def ramsey_predictions(
    x: NDArray[np.float64],
    particles: NDArray[np.float64],
    offsets: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return o + a exp(-(t/T)^p) sum_k w_k cos(2 pi (d + a_k) t + phase).

    Rows are o, a, d, T, p and the phase.
    """
    n = particles.shape[1]
    predictions = np.empty((x.size, n))
    offset, amplitude, detuning = particles[0], particles[1], particles[2]
    t2_star, exponent, phase = particles[3], particles[4], particles[5]
    for m in range(x.size):
        row, t = predictions[m], abs(x[m])
        row[:] = 0.0
        for k in range(offsets.size):
            for i in range(n):
                angle = 2.0 * math.pi * (detuning[i] + offsets[k]) * x[m] + phase[i]
                _, cosine = vmath.sincos(angle)
                row[i] += shares[k] * cosine
        log_time = math.log(t) if t > 0.0 else -1e4  # a power of it is then zero
        for i in range(n):
            power = vmath.exp(exponent[i] * (log_time - vmath.log(t2_star[i])))
            row[i] = offset[i] + amplitude[i] * vmath.exp(-power) * row[i]
    return predictions
