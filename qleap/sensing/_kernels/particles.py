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
    "covariance_root",
    "draw_systematically",
    "lorentzian_predictions",
    "moved_particles",
    "mutual_information",
    "normal_pairs",
    "prediction_moments",
    "rabi_predictions",
    "ramsey_predictions",
    "reweigh",
]

_BLOCK = 32
"""Weights that are summed at once before the place of a draw is looked for."""

_PART = 1024
"""Particles that are worked on at once, so that they are read again from the cache."""

_FLAT = 1e-13
"""Share of a variance below which what other parameters leave of it is rounding."""


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


@inner_kernel
def _highest(logs: NDArray[np.float64]) -> float:
    """Return the largest number, by eight comparisons that do not wait for another."""
    h0 = h1 = h2 = h3 = h4 = h5 = h6 = h7 = -math.inf
    whole = logs.size - logs.size % 8
    for i in range(0, whole, 8):
        h0, h1 = max(h0, logs[i]), max(h1, logs[i + 1])
        h2, h3 = max(h2, logs[i + 2]), max(h3, logs[i + 3])
        h4, h5 = max(h4, logs[i + 4]), max(h5, logs[i + 5])
        h6, h7 = max(h6, logs[i + 6]), max(h7, logs[i + 7])
    for i in range(whole, logs.size):
        h0 = max(h0, logs[i])
    return max(max(max(h0, h1), max(h2, h3)), max(max(h4, h5), max(h6, h7)))


@kernel
def reweigh(
    weights: NDArray[np.float64],
    expected: NDArray[np.float64],
    outcome: float,
    kind: int,
    scale: float,
    power: float,
) -> float:
    """Put new weights in the place of the expectations; see the reference."""
    if kind == 0:
        for i in range(expected.size):
            expected[i] = _log_likelihood(expected[i], outcome, 0, scale)
    elif kind == 1:
        for i in range(expected.size):
            expected[i] = _log_likelihood(expected[i], outcome, 1, scale)
    else:
        for i in range(expected.size):
            expected[i] = _log_likelihood(expected[i], outcome, 2, scale)
    highest = _highest(expected)
    total, squares = 0.0, 0.0
    for i in range(expected.size):
        weight = weights[i] * vmath.exp(power * (expected[i] - highest))
        expected[i] = weight
        total += weight
        squares += weight * weight
    if not total > 0.0:
        return 0.0
    inverse = 1.0 / total
    for i in range(expected.size):
        expected[i] *= inverse
    return total * total / squares


@kernel
def cloud_moments(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means ``(p,)`` and covariance ``(p, p)`` of weights of sum 1."""
    p, n = values.shape
    first = values[:, 0].copy()  # no loss on a large carrier
    mean, covariance = np.zeros(p), np.zeros((p, p))
    for begin in range(0, n, _PART):
        w = weights[begin : begin + _PART]
        for a in range(p):
            left, total = values[a][begin : begin + _PART], 0.0
            for i in range(w.size):
                total += w[i] * (left[i] - first[a])
            mean[a] += total
            for b in range(a + 1):
                right, square = values[b][begin : begin + _PART], 0.0
                for i in range(w.size):
                    square += w[i] * (left[i] - first[a]) * (right[i] - first[b])
                covariance[a, b] += square
    for a in range(p):
        for b in range(a + 1):
            covariance[a, b] -= mean[a] * mean[b]
            covariance[b, a] = covariance[a, b]
        covariance[a, a] = max(covariance[a, a], 0.0)
    return first + mean, covariance


@kernel
def covariance_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return R with R R^T the covariance, a column for each parameter not known."""
    p = covariance.shape[0]
    free = np.flatnonzero(np.diag(covariance) > 0.0)
    root = np.zeros((p, free.size))
    for k in range(free.size):
        pivot = covariance[free[k], free[k]]
        for j in range(k):
            pivot -= root[free[k], j] * root[free[k], j]
        if pivot <= _FLAT * covariance[free[k], free[k]]:
            continue  # determined by those before
        root[free[k], k] = math.sqrt(pivot)
        for m in range(k + 1, free.size):
            left = covariance[free[m], free[k]]
            for j in range(k):
                left -= root[free[m], j] * root[free[k], j]
            root[free[m], k] = left / root[free[k], k]
    return root


@kernel
def draw_systematically(
    weights: NDArray[np.float64], n: int, start: float
) -> NDArray[np.int64]:
    """Return ``n`` indices at even steps of the cumulative weight; see the reference.

    Blocks of weights in which no place lies are passed over at once. In the others
    each index is written twice, wanted or not: that costs less than a wrong guess
    whether it is; the next index overwrites what is not.
    """
    picked = np.empty(n + 2, np.int64)
    blocks = np.empty(weights.size // _BLOCK + 1)
    for k in range(blocks.size):
        block = 0.0
        for i in range(k * _BLOCK, min((k + 1) * _BLOCK, weights.size)):
            block += weights[i]
        blocks[k] = block
    total = np.sum(blocks)
    inverse = n / total
    at, below = 0, 0.0
    for k in range(blocks.size):
        begin, end = k * _BLOCK, min((k + 1) * _BLOCK, weights.size)
        if at + start < (below + blocks[k]) * inverse:
            reached = below
            for i in range(begin, end):
                reached += weights[i]
                behind = min(math.ceil(reached * inverse - start), n)
                picked[at] = i
                picked[at + 1] = i
                for j in range(at + 2, behind):
                    picked[j] = i
                at = max(at, behind)
        below += blocks[k]
    picked[at:] = weights.size - 1  # rounding of the last sum
    return picked[:n]


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
    kicks: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return particles drawn about their parents with the cloud's mean and covariance.

    ``root`` times its transpose is the covariance times 1 - shrink^2. Particles of the
    second half are kicked against those of the first, by ``kicks`` of shape
    ``(q, ceil(n/2))``. Whoever would leave the limits, shape ``(p, 2)``, stays where
    its parent was. A parameter without variance keeps its value to the last bit.
    """
    p, n, half = particles.shape[0], parents.size, kicks.shape[1]
    moved = np.empty((p, n))
    known = np.empty(p, np.bool_)
    for a in range(p):
        known[a] = not np.any(root[a])
        if known[a]:
            moved[a] = particles[a, 0]
    room = np.empty(_PART)
    for part in range(2 * ((half + _PART - 1) // _PART)):
        sign, first = 1.0 - 2.0 * (part % 2), part // 2 * _PART
        begin = first + (part % 2) * half
        size = min(min(_PART, half - first), n - begin)
        chosen = parents[begin : begin + size]
        room[:] = math.inf
        for a in range(p):
            if known[a]:
                continue
            own, row = moved[a][begin : begin + size], particles[a]
            centre, low, high = (1.0 - shrink) * mean[a], limits[a, 0], limits[a, 1]
            for i in range(size):
                own[i] = centre + shrink * row[np.uint64(chosen[i])]
            for b in range(root.shape[1]):
                if root[a, b] == 0.0:
                    continue
                factor, kick = sign * root[a, b], kicks[b][first : first + size]
                for i in range(size):
                    own[i] += factor * float(kick[i])
            for i in range(size):
                left = min(own[i] - low, high - own[i])
                room[i] = left if left < room[i] else room[i]
        for a in range(p):  # a choice without a branch to guess
            if known[a]:
                continue
            own, row = moved[a][begin : begin + size], particles[a]
            for i in range(size):
                parent = row[np.uint64(chosen[i])]
                own[i] = own[i] if room[i] >= 0.0 else parent
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
