"""Particle filters: predictions of many particles, weights, resampling, information.

Particles lie parameter by parameter, shape ``(p, n)``, predictions setting by setting,
shape ``(m, n)``, so that the innermost loops run over particles side by side.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core import vmath
from qleap.core.jit import inner_kernel, kernel

__all__ = [
    "cloud_moments",
    "draw_systematically",
    "log_likelihoods",
    "lorentzian_predictions",
    "moved_particles",
    "mutual_information",
    "normal_pairs",
    "prediction_moments",
    "rabi_predictions",
    "ramsey_predictions",
    "reweigh",
]

_BLOCK = 64
"""Weights that are summed at once before the place of a draw is looked for."""


@kernel
def lorentzian_predictions(
    x: NDArray[np.float64], particles: NDArray[np.float64], offsets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return background minus lines; rows are positions, widths, depths, background."""
    n_lines, n = particles.shape[0] // 3, particles.shape[1]
    predictions = np.empty((x.size, n))
    for m in range(x.size):
        row = predictions[m]
        row[:] = particles[-1]
        for k in range(n_lines):
            position, fwhm = particles[k], particles[n_lines + k]
            depth = particles[2 * n_lines + k]
            for offset in offsets:
                place = x[m] - offset
                for i in range(n):
                    away, square = 2.0 * (place - position[i]), fwhm[i] * fwhm[i]
                    row[i] -= depth[i] * square / (square + away * away)
    return predictions


@kernel
def rabi_predictions(
    x: NDArray[np.float64], particles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return o + a (1 - exp(-t/T) cos(2 pi f t))/2; rows are o, a, f and T."""
    n = particles.shape[1]
    predictions = np.empty((x.size, n))
    offset, amplitude = particles[0], particles[1]
    frequency, decay_time = particles[2], particles[3]
    for m in range(x.size):
        row, t = predictions[m], x[m]
        for i in range(n):
            _, cosine = vmath.sincos(2.0 * math.pi * frequency[i] * t)
            left = vmath.exp(-t / decay_time[i]) * cosine
            row[i] = offset[i] + 0.5 * amplitude[i] * (1.0 - left)
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


@inner_kernel
def _log_likelihood(expected: float, outcome: float, kind: int, scale: float) -> float:
    """Return ln p(outcome) up to what does not depend on the expectation."""
    if kind == 0:
        miss = (outcome - expected) / scale
        return -0.5 * miss * miss
    if kind == 1:
        return outcome * vmath.log(max(expected, 1e-300)) - max(expected, 0.0)
    inside = min(max(expected, 1e-12), 1.0 - 1e-12)
    lost = (scale - outcome) * vmath.log(1.0 - inside)
    return outcome * vmath.log(inside) + lost


@kernel
def log_likelihoods(
    expected: NDArray[np.float64], outcome: float, kind: int, scale: float
) -> NDArray[np.float64]:
    """Return ln p of the outcome for each expectation; see the reference."""
    found = np.empty(expected.size)
    if kind == 0:
        for i in range(expected.size):
            found[i] = _log_likelihood(expected[i], outcome, 0, scale)
    elif kind == 1:
        for i in range(expected.size):
            found[i] = _log_likelihood(expected[i], outcome, 1, scale)
    else:
        for i in range(expected.size):
            found[i] = _log_likelihood(expected[i], outcome, 2, scale)
    return found


@kernel
def reweigh(
    weights: NDArray[np.float64],
    logs: NDArray[np.float64],
    power: float,
    updated: NDArray[np.float64],
) -> float:
    """Write weights times exp(power logs), of sum 1; return the effective number."""
    highest = -math.inf
    for i in range(logs.size):
        highest = max(highest, logs[i])
    total, squares = 0.0, 0.0
    for i in range(logs.size):
        weight = weights[i] * vmath.exp(power * (logs[i] - highest))
        updated[i] = weight
        total += weight
        squares += weight * weight
    if not total > 0.0:
        return 0.0
    inverse = 1.0 / total
    for i in range(logs.size):
        updated[i] *= inverse
    return total * total / squares


@kernel
def cloud_moments(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means ``(p,)`` and covariance ``(p, p)`` of weights of sum 1."""
    p, n = values.shape
    mean, covariance = np.empty(p), np.empty((p, p))
    for a in range(p):
        row, first, shift = values[a], values[a, 0], 0.0
        for i in range(n):
            shift += weights[i] * (row[i] - first)  # no loss on a large carrier
        mean[a] = first + shift
    for a in range(p):
        left, centre = values[a], mean[a]
        for b in range(a + 1):
            right, other, total = values[b], mean[b], 0.0
            for i in range(n):
                total += weights[i] * (left[i] - centre) * (right[i] - other)
            covariance[a, b] = total
            covariance[b, a] = total
    return mean, covariance


@kernel
def draw_systematically(
    weights: NDArray[np.float64], n: int, start: float
) -> NDArray[np.int64]:
    """Return ``n`` indices at even steps of the cumulative weight; see the reference.

    Blocks of weights in which no place lies are passed over at once.
    """
    picked = np.empty(n, np.int64)
    total = 0.0
    for i in range(weights.size):
        total += weights[i]
    step = total / n
    at, below = 0, 0.0
    for begin in range(0, weights.size, _BLOCK):
        end = min(begin + _BLOCK, weights.size)
        block = 0.0
        for i in range(begin, end):
            block += weights[i]
        if (at + start) * step < below + block:
            reached, place = below, (at + start) * step
            for i in range(begin, end):
                reached += weights[i]
                while place < reached and at < n:
                    picked[at] = i
                    at += 1
                    place = (at + start) * step
        below += block
    picked[at:] = weights.size - 1  # rounding of the last sum
    return picked


@kernel
def normal_pairs(uniforms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return independent normal numbers from uniform ones, by Box and Muller."""
    half = uniforms.shape[1] // 2
    normals = np.empty(uniforms.shape, np.float32)
    for a in range(uniforms.shape[0]):
        row, own = uniforms[a], normals[a]
        for i in range(half):
            size = math.sqrt(-2.0 * vmath.log(1.0 - float(row[i])))
            sine, cosine = vmath.sincos(2.0 * math.pi * float(row[half + i]))
            own[i] = size * cosine
            own[half + i] = size * sine
    return normals


@kernel
def moved_particles(
    particles: NDArray[np.float64],
    parents: NDArray[np.int64],
    mean: NDArray[np.float64],
    root: NDArray[np.float64],
    shrink: float,
    limits: NDArray[np.float64],
    normals: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return particles drawn about their parents with the cloud's mean and covariance.

    ``root`` times its transpose is the covariance times 1 - shrink^2. Whoever would
    leave the limits, shape ``(p, 2)``, stays where its parent was.
    """
    p, n = particles.shape[0], parents.size
    moved = np.empty((p, n))
    inside = np.ones(n, np.bool_)
    for a in range(p):
        own, row, low, high = moved[a], particles[a], limits[a, 0], limits[a, 1]
        centre = (1.0 - shrink) * mean[a]
        for i in range(n):
            own[i] = centre + shrink * row[parents[i]]
        for b in range(root.shape[1]):
            factor, kicks = root[a, b], normals[b]
            for i in range(n):
                own[i] += factor * float(kicks[i])
        for i in range(n):
            inside[i] &= (own[i] >= low) & (own[i] <= high)
    for a in range(p):
        own, row = moved[a], particles[a]
        for i in range(n):
            if not inside[i]:
                own[i] = row[parents[i]]
    return moved


@kernel
def prediction_moments(
    predictions: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return mean and variance of the predictions of each setting, ``(2, m)``."""
    moments = np.empty((2, predictions.shape[0]))
    for m in range(predictions.shape[0]):
        row, first = predictions[m], predictions[m, 0]
        linear, square = 0.0, 0.0
        for i in range(weights.size):
            away = row[i] - first  # no cancellation on a large background
            linear += weights[i] * away
            square += weights[i] * away * away
        moments[0, m] = first + linear
        moments[1, m] = max(square - linear * linear, 0.0)
    return moments


@kernel
def mutual_information(
    predictions: NDArray[np.float64],
    outcomes: NDArray[np.float64],
    kind: int,
    scale: float,
) -> NDArray[np.float64]:
    """Return the information (nat) of each setting from sampled outcomes.

    ``outcomes``, shape ``(m, d, s)``, are ``s`` draws for each of ``d`` predictions.
    """
    n_settings, d, s = outcomes.shape
    found = np.empty(n_settings)
    logs = np.empty(d)
    for m in range(n_settings):
        row, total = predictions[m], 0.0
        for i in range(d):
            for k in range(s):
                highest = -math.inf
                for j in range(d):
                    logs[j] = _log_likelihood(row[j], outcomes[m, i, k], kind, scale)
                    highest = max(highest, logs[j])
                mixed = 0.0
                for j in range(d):
                    mixed += vmath.exp(logs[j] - highest)
                total += logs[i] - highest - math.log(mixed / d)
        found[m] = total / (d * s)
    return found
