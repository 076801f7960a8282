"""Particle filters: weights, resampling, information.

Particles lie parameter by parameter, shape ``(p, n)``, predictions setting by setting,
shape ``(m, n)``, so that the innermost loops run over particles side by side.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core import vmath
from qleap.core.jit import inner_kernel, kernel

__all__ = [
    "binomial_information",
    "cloud_moments",
    "covariance_root",
    "draw_systematically",
    "moved_particles",
    "mutual_information",
    "normal_pairs",
    "prediction_moments",
    "reweigh",
]

_ENOUGH = 1e-100
"""Sum of weights of normal likelihoods that has lost no digits."""

_PART = 1024
"""Particles that are worked on at once, so that they are read again from the cache."""

_FLAT = 1e-13
"""Share of a variance below which what other parameters leave of it is rounding."""


@inner_kernel
def _log_likelihood(
    expected: float, outcome: float, kind: int, scale: float, shape: float
) -> float:
    """Return ln p(outcome) up to what does not depend on the expectation."""
    if kind == 0:
        miss = (outcome - expected) / scale
        return -0.5 * miss * miss
    if kind == 1:
        return outcome * vmath.log(max(expected, 1e-300)) - max(expected, 0.0)
    if kind == 3:
        miss = (outcome - expected) / scale
        return -0.5 * (shape + 1.0) * vmath.log(1.0 + miss * miss / shape)
    inside = min(max(expected, 1e-12), 1.0 - 1e-12)
    lost = (scale - outcome) * vmath.log(1.0 - inside)
    return outcome * vmath.log(inside) + lost


@inner_kernel
def _larger(a: float, b: float) -> float:
    """Return the larger number; unlike `max` without a case for NaN."""
    return a if a > b else b


@inner_kernel
def _highest(logs: NDArray[np.float64]) -> float:
    """Return the largest number, by eight comparisons that do not wait for another."""
    h0 = h1 = h2 = h3 = h4 = h5 = h6 = h7 = -1e308  # below it all is impossible
    whole = logs.size - logs.size % 8
    for i in range(0, whole, 8):
        h0, h1 = _larger(logs[i], h0), _larger(logs[i + 1], h1)
        h2, h3 = _larger(logs[i + 2], h2), _larger(logs[i + 3], h3)
        h4, h5 = _larger(logs[i + 4], h4), _larger(logs[i + 5], h5)
        h6, h7 = _larger(logs[i + 6], h6), _larger(logs[i + 7], h7)
    for i in range(whole, logs.size):
        h0 = _larger(logs[i], h0)
    h0, h2 = _larger(h0, h1), _larger(h2, h3)
    h4, h6 = _larger(h4, h5), _larger(h6, h7)
    return _larger(_larger(h0, h2), _larger(h4, h6))


@inner_kernel
def _log_likelihoods(
    expected: NDArray[np.float64],
    outcome: float,
    kind: int,
    scale: float,
    shape: float,
    logs: NDArray[np.float64],
) -> None:
    """Put ln p(outcome) in place, in loops that know the distribution."""
    if kind == 0:
        for i in range(expected.size):
            logs[i] = _log_likelihood(expected[i], outcome, 0, scale, shape)
    elif kind == 1:
        for i in range(expected.size):
            logs[i] = _log_likelihood(expected[i], outcome, 1, scale, shape)
    elif kind == 2:
        for i in range(expected.size):
            logs[i] = _log_likelihood(expected[i], outcome, 2, scale, shape)
    else:
        for i in range(expected.size):
            logs[i] = _log_likelihood(expected[i], outcome, 3, scale, shape)


@inner_kernel
def _times_normal(
    weights: NDArray[np.float64],
    expected: NDArray[np.float64],
    outcome: float,
    precision: float,
    power: float,
    found: NDArray[np.float64],
) -> tuple[float, float]:
    """Put weights times normal likelihoods in place; return their sum and squares."""
    total, square = 0.0, 0.0
    for i in range(expected.size):
        miss = precision * (outcome - expected[i])
        weight = weights[i] * vmath.exp(-0.5 * power * miss * miss)
        found[i] = weight
        total += weight
        square += weight * weight
    return total, square


@inner_kernel
def _scale(found: NDArray[np.float64], factor: float) -> None:
    for i in range(found.size):
        found[i] *= factor


@kernel
def reweigh(
    weights: NDArray[np.float64],
    expected: NDArray[np.float64],
    outcome: float,
    kind: int,
    scale: float,
    shape: float,
    power: float,
    found: NDArray[np.float64],
) -> float:
    """Find new weights, put them in place, return the effective number.

    Where likelihoods are small, each part is worked on while it lies in the cache,
    relative to its own highest one; the parts are put on one scale at the end.
    """
    if kind == 0:
        total, square = _times_normal(
            weights, expected, outcome, 1.0 / scale, power, found
        )
        if total > _ENOUGH:
            _scale(found, 1.0 / total)
            return total * total / square
    n_parts = (weights.size + _PART - 1) // _PART
    tops, sums, squares = np.empty(n_parts), np.zeros(n_parts), np.zeros(n_parts)
    for k in range(n_parts):
        part = slice(k * _PART, min((k + 1) * _PART, weights.size))
        old, own = weights[part], found[part]
        _log_likelihoods(expected[part], outcome, kind, scale, shape, own)
        tops[k] = _highest(own)
        total, square = 0.0, 0.0
        for i in range(own.size):
            weight = old[i] * vmath.exp(power * (own[i] - tops[k]))
            own[i] = weight
            total += weight
            square += weight * weight
        sums[k], squares[k] = total, square
    factors = np.exp(power * (tops - np.max(tops)))
    total = np.sum(sums * factors)
    if not total > 0.0:
        return 0.0
    for k in range(n_parts):
        _scale(found[k * _PART : (k + 1) * _PART], factors[k] / total)
    return total * total / np.sum(squares * factors * factors)


@kernel
def cloud_moments(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means ``(q,)`` and covariance ``(q, q)`` of rows; see the reference."""
    p, n = rows.size, weights.size
    first = values[:, 0][rows]  # no loss on a large carrier
    mean, covariance = np.zeros(p), np.zeros((p, p))
    away, weighed = np.empty((p, _PART)), np.empty(_PART)
    for begin in range(0, n, _PART):
        w = weights[begin : begin + _PART]
        for a in range(p):
            row, own, total = values[rows[a]][begin : begin + _PART], away[a], 0.0
            for i in range(w.size):
                own[i] = row[i] - first[a]
                weighed[i] = w[i] * own[i]
                total += weighed[i]
            mean[a] += total
            for b in range(a + 1):
                other, square = away[b], 0.0
                for i in range(w.size):
                    square += weighed[i] * other[i]
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


@inner_kernel
def _running_sums(part: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
    """Put sums from the beginning of each eighth in place, and of the rest."""
    size = part.size // 8
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(size):  # eight sums that do not wait for one another
        s0, s1 = s0 + part[i], s1 + part[size + i]
        s2, s3 = s2 + part[2 * size + i], s3 + part[3 * size + i]
        s4, s5 = s4 + part[4 * size + i], s5 + part[5 * size + i]
        s6, s7 = s6 + part[6 * size + i], s7 + part[7 * size + i]
        sums[i], sums[size + i], sums[2 * size + i], sums[3 * size + i] = s0, s1, s2, s3
        sums[4 * size + i], sums[5 * size + i] = s4, s5
        sums[6 * size + i], sums[7 * size + i] = s6, s7
    rest = 0.0
    for i in range(8 * size, part.size):
        rest += part[i]
        sums[i] = rest


@inner_kernel
def _fill_gaps(picked: NDArray[np.int32]) -> None:
    """Replace each number by the largest up to it, eighths first: no branches."""
    size = picked.size // 8
    m0 = m1 = m2 = m3 = m4 = m5 = m6 = m7 = np.int32(0)
    for i in range(size):
        m0, m1 = max(m0, picked[i]), max(m1, picked[size + i])
        m2, m3 = max(m2, picked[2 * size + i]), max(m3, picked[3 * size + i])
        m4, m5 = max(m4, picked[4 * size + i]), max(m5, picked[5 * size + i])
        m6, m7 = max(m6, picked[6 * size + i]), max(m7, picked[7 * size + i])
        picked[i], picked[size + i] = m0, m1
        picked[2 * size + i], picked[3 * size + i] = m2, m3
        picked[4 * size + i], picked[5 * size + i] = m4, m5
        picked[6 * size + i], picked[7 * size + i] = m6, m7
    for k in range(1, 8 if size > 0 else 0):
        before, own = picked[k * size - 1], picked[k * size : (k + 1) * size]
        for i in range(size):
            own[i] = max(own[i], before)
    for i in range(max(8 * size, 1), picked.size):
        picked[i] = max(picked[i], picked[i - 1])


@kernel
def draw_systematically(
    weights: NDArray[np.float64], start: float, picked: NDArray[np.int32]
) -> None:
    """Fill in indices at even steps of the cumulative weight; see the reference.

    Each index is written where its first copy would lie, over those before it that
    have none; the largest so far is then what lies at each place.
    """
    n, picked[:] = picked.size, 0
    inverse = n / np.sum(weights)
    ends = np.empty(_PART)
    below, place = 0.0, 0
    for begin in range(0, weights.size, _PART):
        part = weights[begin : begin + _PART]
        _running_sums(part, ends)
        size = part.size // 8
        for k in range(9):
            own = ends[k * size : (k + 1) * size if k < 8 else part.size]
            base = below * inverse - start
            below += own[-1] if own.size else 0.0
            for i in range(own.size):
                own[i] = np.ceil(base + own[i] * inverse)
        for i in range(part.size):
            if place < n:
                picked[place] = begin + i
            place = int(ends[i])
    _fill_gaps(picked)


@kernel
def normal_pairs(uniforms: NDArray[np.float64], normals: NDArray[np.float64]) -> None:
    """Fill in independent normal numbers from uniform ones; see the reference."""
    half = uniforms.shape[1]
    for a in range(uniforms.shape[0]):
        row, left, right = uniforms[a], normals[a][:half], normals[a][half:]
        for i in range(half):
            scaled = 67108864.0 * row[i]
            first = np.floor(scaled)
            size = math.sqrt(-2.0 * vmath.log(1.0 - first / 67108864.0))
            sine, cosine = vmath.sincos(2.0 * math.pi * (scaled - first))
            left[i] = size * cosine
            right[i] = size * sine


@kernel
def moved_particles(
    particles: NDArray[np.float64],
    parents: NDArray[np.int32],
    free: NDArray[np.int64],
    mean: NDArray[np.float64],
    root: NDArray[np.float64],
    shrink: float,
    limits: NDArray[np.float64],
    kicks: NDArray[np.float64],
    moved: NDArray[np.float64],
) -> None:
    """Fill free rows with particles about their parents; see the reference."""
    n, period = parents.size, kicks.shape[1]
    begin = 0
    while begin < n:
        first, sign = begin % period, 1.0 - 2.0 * (begin // period % 2)
        size = min(min(_PART, period - first), n - begin)
        chosen = parents[begin : begin + size]
        for a in range(free.size):
            own, row = moved[free[a]][begin : begin + size], particles[free[a]]
            centre, low, high = (1.0 - shrink) * mean[a], limits[a, 0], limits[a, 1]
            for i in range(size):
                own[i] = centre + shrink * row[np.uint64(chosen[i])]
            for b in range(root.shape[1]):
                if root[a, b] == 0.0:
                    continue
                factor, kick = sign * root[a, b], kicks[b][first : first + size]
                for i in range(size):
                    own[i] += factor * kick[i]
            for i in range(size):
                at = own[i]
                at = 2.0 * high - at if at > high else at
                own[i] = 2.0 * low - at if at < low else at
        begin += size


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
    shape: float,
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
                    logs[j] = _log_likelihood(
                        row[j], outcomes[m, i, k], kind, scale, shape
                    )
                    highest = max(highest, logs[j])
                mixed = 0.0
                for j in range(d):
                    mixed += vmath.exp(logs[j] - highest)
                total += logs[i] - highest - math.log(mixed / d)
        found[m] = total / (d * s)
    return found


@kernel
def binomial_information(
    predictions: NDArray[np.float64], weights: NDArray[np.float64], shots: int
) -> NDArray[np.float64]:
    """Return the information (nat) of each setting, of all numbers of successes.

    With powers of probabilities that some 25 shots do not yet make vanish.
    """
    n_settings, n = predictions.shape
    found = np.empty(n_settings)
    chances, odds = np.empty(n), np.empty(n)
    for m in range(n_settings):
        row, known = predictions[m], 0.0
        for i in range(n):
            p = min(max(row[i], 1e-12), 1.0 - 1e-12)
            won, lost = vmath.log(p), vmath.log(1.0 - p)
            known += weights[i] * (p * won + (1.0 - p) * lost)
            chances[i] = weights[i] * vmath.exp(shots * lost)
            odds[i] = p / (1.0 - p)
        information, ways = shots * known, 1.0
        for k in range(shots + 1):
            mixed = 0.0  # of one order of k successes
            for i in range(n):
                mixed += chances[i]
                chances[i] *= odds[i]
            information -= ways * mixed * math.log(mixed)
            ways *= (shots - k) / (k + 1.0)
        found[m] = max(information, 0.0) + 0.0 * row.sum()  # NaN where the model is
    return found
