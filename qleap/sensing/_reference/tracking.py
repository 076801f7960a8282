"""Loops that follow a resonance, one formula at a time."""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "extended_kalman_path",
    "extended_kalman_step",
    "follow_resonance",
    "riccati_gains",
]

Array = NDArray[np.float64]


def _signal(detuning: Array | float, line: Array) -> Array:
    """Return the signal; a line is width, contrast and brightness."""
    fwhm, contrast, brightness = line
    u = 2.0 * np.asarray(detuning) / fwhm
    return np.asarray(brightness * (1.0 - contrast / (1.0 + u**2)))


def riccati_gains(n: int, variance: float, process: float, noise: float) -> Array:
    """Return Kalman gains and variances after each of ``n`` updates, ``(2, n)``.

    Parameters
    ----------
    n : int
    variance : float
        Of the frequency before the first step.
    process : float
        Variance that the random walk adds in a step.
    noise : float
        Variance of a measured frequency.
    """
    gains, variances = [], []
    for _ in range(n):
        before = variance + process
        gains.append(before / (before + noise))
        variance = (1.0 - gains[-1]) * before
        variances.append(variance)
    return np.array([gains, variances])


def follow_resonance(
    path: Array,
    offsets: Array,
    weights: Array,
    constant: float,
    line: Array,
    noise: Array,
    gains: Array,
    start: float,
) -> Array:
    """Return the estimate after each step of a loop, shape ``(n,)``.

    In a step the signal is taken at the estimate plus each of ``k`` offsets; its
    weighted sum plus a constant is the detuning of the resonance, of which the gain
    moves the estimate.

    Parameters
    ----------
    path : ndarray, shape (n,)
        True frequency.
    offsets, weights : ndarray, shape (k,)
    constant : float
    line : ndarray, shape (3,)
        Width, contrast and brightness.
    noise : ndarray, shape (n, k)
    gains : ndarray, shape (n,)
    start : float
    """
    estimates, carrier = [], start
    for truth, kicks, gain in zip(path, noise, gains, strict=True):
        signals = _signal(carrier + offsets - truth, line) + kicks
        carrier = carrier + gain * (constant + weights @ signals)
        estimates.append(carrier)
    return np.array(estimates)


def extended_kalman_step(
    state: Array,
    covariance: Array,
    process: Array,
    probe: float,
    signal: float,
    line: Array,
    noise: float,
) -> None:
    """Move frequency and brightness, and their covariance, by one signal.

    Parameters
    ----------
    state : ndarray, shape (2,)
    covariance : ndarray, shape (2, 2)
    process : ndarray, shape (2,)
        Variances that the random walks add.
    probe, signal : float
        Where was measured, and what.
    line : ndarray, shape (3,)
    noise : float
        Variance of the signal.
    """
    step = 1e-4 * line[0]
    dip = float(_signal(probe - state[0], np.array([*line[:2], 1.0])))
    ahead, behind = _signal(
        probe - state[0] + step * np.array([-1.0, 1.0]), np.array([*line[:2], 1.0])
    )
    slopes = np.array([state[1] * (ahead - behind) / (2.0 * step), dip])
    before = covariance + np.diag(process)
    gain = before @ slopes / (slopes @ before @ slopes + noise)
    state += gain * (signal - state[1] * dip)
    covariance[:] = before - np.outer(gain, slopes @ before)


def extended_kalman_path(
    path: Array,
    brightness: Array,
    offset: float,
    line: Array,
    noise: Array,
    process: Array,
    variance: float,
    start: Array,
) -> tuple[Array, Array]:
    """Return states and variances, ``(n, 2)``, after each signal.

    The signals are taken on both flanks in turn. ``start`` holds frequency,
    brightness, and their variances.
    """
    state, covariance = start[:2].copy(), np.diag(start[2:])
    states, variances = [], []
    for i, truth in enumerate(path):
        probe = float(state[0] + (-1.0) ** i * offset)
        true_line = np.array([*line[:2], brightness[i]])
        signal = float(_signal(probe - truth, true_line) + noise[i])
        extended_kalman_step(state, covariance, process, probe, signal, line, variance)
        states.append(state.copy())
        variances.append(np.diag(covariance).copy())
    return np.array(states), np.array(variances)
