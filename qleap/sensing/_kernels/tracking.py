"""Loops that follow a resonance in real time."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel

__all__ = [
    "extended_kalman_path",
    "extended_kalman_step",
    "follow_resonance",
    "riccati_gains",
]

Array = NDArray[np.float64]


@inner_kernel
def _signal(detuning: float, line: Array) -> float:
    """Return the signal; a line is width, contrast and brightness."""
    u = 2.0 * detuning / line[0]
    return float(line[2] * (1.0 - line[1] / (1.0 + u * u)))


@kernel
def riccati_gains(
    n: int, variance: float, process: float, noise: float
) -> NDArray[np.float64]:
    """Return Kalman gains and variances after each of ``n`` updates, ``(2, n)``."""
    found = np.empty((2, n))
    for i in range(n):
        before = variance + process
        found[0, i] = before / (before + noise)
        variance = before * noise / (before + noise)
        found[1, i] = variance
    return found


@kernel
def follow_resonance(
    path: NDArray[np.float64],
    offsets: NDArray[np.float64],
    weights: NDArray[np.float64],
    constant: float,
    line: NDArray[np.float64],
    noise: NDArray[np.float64],
    gains: NDArray[np.float64],
    start: float,
) -> NDArray[np.float64]:
    """Return the estimate after each step of a loop; see the reference."""
    estimates = np.empty(path.size)
    carrier = start
    for i in range(path.size):
        seen = constant
        for j in range(offsets.size):
            signal = _signal(carrier + offsets[j] - path[i], line) + noise[i, j]
            seen += weights[j] * signal
        carrier += gains[i] * seen
        estimates[i] = carrier
    return estimates


@kernel
def extended_kalman_step(
    state: NDArray[np.float64],
    covariance: NDArray[np.float64],
    process: NDArray[np.float64],
    probe: float,
    signal: float,
    line: NDArray[np.float64],
    noise: float,
) -> None:
    """Move frequency and brightness, and their covariance, by one signal."""
    u = 2.0 * (probe - state[0]) / line[0]
    dip = 1.0 / (1.0 + u * u)
    by_frequency = -4.0 * state[1] * line[1] * u * dip * dip / line[0]
    by_brightness = 1.0 - line[1] * dip
    miss = signal - state[1] * by_brightness
    ff, fb = covariance[0, 0] + process[0], covariance[0, 1]
    bb = covariance[1, 1] + process[1]
    to_f = ff * by_frequency + fb * by_brightness
    to_b = fb * by_frequency + bb * by_brightness
    spread = by_frequency * to_f + by_brightness * to_b + noise
    state[0] += to_f * miss / spread
    state[1] += to_b * miss / spread
    covariance[0, 0] = ff - to_f * to_f / spread
    covariance[0, 1] = fb - to_f * to_b / spread
    covariance[1, 0] = covariance[0, 1]
    covariance[1, 1] = bb - to_b * to_b / spread


@kernel
def extended_kalman_path(
    path: NDArray[np.float64],
    brightness: NDArray[np.float64],
    offset: float,
    line: NDArray[np.float64],
    noise: NDArray[np.float64],
    process: NDArray[np.float64],
    variance: float,
    start: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return states and variances, ``(n, 2)``, after each signal; see the reference."""
    states, variances = np.empty((path.size, 2)), np.empty((path.size, 2))
    state, covariance = start[:2].copy(), np.diag(start[2:])
    true_line = line.copy()
    for i in range(path.size):
        probe = state[0] + (offset if i % 2 == 0 else -offset)
        true_line[2] = brightness[i]
        signal = _signal(probe - path[i], true_line) + noise[i]
        extended_kalman_step(state, covariance, process, probe, signal, line, variance)
        states[i] = state
        variances[i, 0] = covariance[0, 0]
        variances[i, 1] = covariance[1, 1]
    return states, variances
