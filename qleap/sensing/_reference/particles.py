"""Particle filters, one formula at a time.

The resampling is that of J. Liu and M. West in Sequential Monte Carlo Methods in
Practice (2001), ch. 10; systematic draws after J. Carpenter et al., IEE Proc. Radar
146, 2 (1999).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

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

Array = NDArray[np.float64]


def lorentzian_predictions(x: Array, particles: Array, offsets: Array) -> Array:
    """Return background minus lines; rows are positions, widths, depths, background.

    Shape ``(m, n)`` for ``m`` frequencies and ``n`` particles.
    """
    n_lines = len(particles) // 3
    positions, widths, depths = particles[:-1].reshape(3, n_lines, -1)
    places = positions[:, None] + offsets[:, None]
    u = (x[:, None, None, None] - places) / (0.5 * widths[:, None])
    dips = depths[:, None] / (1.0 + u**2)
    return np.asarray(particles[-1] - dips.sum(axis=(1, 2)))


def rabi_predictions(x: Array, particles: Array, nodes: Array, shares: Array) -> Array:
    """Return o + a sum_k w_k f^2/F_k^2 (1 - exp(-t/T) cos(2 pi F_k t))/2.

    Rows are o, a, f, T, the spread s of the detuning and the delay d; t is x less d,
    and F_k^2 = f^2 + (s u_k)^2 with nodes u and shares w of a normal distribution.
    Where F_k is zero, nothing moves.
    """
    offset, amplitude, frequency, decay_time, spread, delay = particles
    t = x[:, None] - delay
    moved = np.zeros(t.shape)
    for node, share in zip(nodes, shares, strict=True):
        total = np.hypot(frequency, spread * node)
        depth = np.where(
            total > 0.0, frequency / np.where(total > 0.0, total, 1.0), 0.0
        )
        left = np.exp(-t / decay_time) * np.cos(2.0 * np.pi * total * t)
        moved += share * depth**2 * 0.5 * (1.0 - left)
    return np.asarray(offset + amplitude * moved)


def ramsey_predictions(
    x: Array, particles: Array, offsets: Array, shares: Array
) -> Array:
    """Return o + a exp(-(t/T)^p) sum_k w_k cos(2 pi (d + a_k) t + phase).

    Rows are o, a, d, T, p and the phase.
    """
    offset, amplitude, detuning, t2_star, exponent, phase = particles
    t = x[:, None]
    decay = np.exp(-((np.abs(t) / t2_star) ** exponent))
    turned = [2.0 * np.pi * (detuning + place) * t + phase for place in offsets]
    fringes = sum(w * np.cos(a) for w, a in zip(shares, turned, strict=True))
    return np.asarray(offset + amplitude * decay * fringes)


def _log_likelihoods(expected: Array, outcome: float, kind: int, scale: float) -> Array:
    """Return ln p(outcome) up to what does not depend on the expectation."""
    if kind == 0:
        return np.asarray(-0.5 * ((outcome - expected) / scale) ** 2)
    if kind == 1:
        mean = np.maximum(expected, 1e-300)
        return np.asarray(outcome * np.log(mean) - np.maximum(expected, 0.0))
    p = np.clip(expected, 1e-12, 1.0 - 1e-12)
    return np.asarray(outcome * np.log(p) + (scale - outcome) * np.log(1.0 - p))


def reweigh(
    weights: Array,
    expected: Array,
    outcome: float,
    kind: int,
    scale: float,
    power: float,
) -> float:
    """Put new weights in the place of the expectations.

    They are the old ones times the likelihood to a power, of sum 1. The effective
    number (sum w)^2 / sum w^2 is returned; 0 where no weight is left.

    Parameters
    ----------
    weights : ndarray, shape (n,)
    expected : ndarray, shape (n,)
        Value, mean number of counts, or probability of success; overwritten.
    outcome : float
        Value, counts, or successes.
    kind : int
        0 normal, 1 Poisson, 2 binomial.
    scale : float
        Standard deviation (normal) or number of trials (binomial).
    power : float
        Of the likelihood.
    """
    logs = _log_likelihoods(expected, outcome, kind, scale)
    expected[:] = weights * np.exp(power * (logs - logs.max()))
    if not expected.sum() > 0.0:
        return 0.0
    expected /= expected.sum()
    return float(1.0 / np.sum(expected**2))


def cloud_moments(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return means ``(p,)`` and covariance ``(p, p)`` of weights of sum 1."""
    mean = values @ weights
    away = values - mean[:, None]
    return mean, (away * weights) @ away.T


def covariance_root(covariance: Array) -> Array:
    """Return R with R R^T the covariance, a column for each parameter not known.

    Cholesky's factor; the column of a parameter that those before determine is zero.
    """
    free = np.flatnonzero(np.diag(covariance) > 0.0)
    left = covariance[np.ix_(free, free)].copy()
    lower = np.zeros_like(left)
    for k, variance in enumerate(np.diag(left).copy()):
        if left[k, k] > 1e-13 * variance:
            lower[k:, k] = left[k:, k] / np.sqrt(left[k, k])
            left -= np.outer(lower[:, k], lower[:, k])
    root = np.zeros((len(covariance), free.size))
    root[free] = lower
    return root


def draw_systematically(weights: Array, n: int, start: float) -> NDArray[np.int64]:
    """Return ``n`` indices at even steps of the cumulative weight.

    The steps begin at ``start`` of the first, between 0 and 1.
    """
    cumulative = np.cumsum(weights)
    places = (np.arange(n) + start) / n * cumulative[-1]
    picked = np.searchsorted(cumulative, places, side="right")
    return np.asarray(np.minimum(picked, weights.size - 1), dtype=np.int64)


def normal_pairs(uniforms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return independent normal numbers from uniform ones, by Box and Muller.

    Those of the first half of each row, in [0, 1), give the sizes, those of the second
    the angles; rows have even lengths.
    """
    first, second = np.split(uniforms.astype(np.float64), 2, axis=1)
    size = np.sqrt(-2.0 * np.log1p(-first))
    angle = 2.0 * np.pi * second
    pairs = [size * np.cos(angle), size * np.sin(angle)]
    return np.concatenate(pairs, axis=1).astype(np.float32)


def moved_particles(
    particles: Array,
    parents: NDArray[np.int64],
    mean: Array,
    root: Array,
    shrink: float,
    limits: Array,
    kicks: NDArray[np.float32],
) -> Array:
    """Return particles drawn about their parents with the cloud's mean and covariance.

    ``root`` times its transpose is the covariance times 1 - shrink^2. Particles of the
    second half are kicked against those of the first, by ``kicks`` of shape
    ``(q, ceil(n/2))``. Whoever would leave the limits, shape ``(p, 2)``, stays where
    its parent was. A parameter without variance keeps its value to the last bit.
    """
    chosen, n = particles[:, parents], parents.size
    both = np.concatenate([kicks, -kicks], axis=1)[:, :n]
    moved = shrink * chosen + (1.0 - shrink) * mean[:, None] + root @ both
    known = ~root.any(axis=1)
    moved[known] = particles[known, :1]
    low, high = limits[:, :1], limits[:, 1:]
    inside = np.all((moved >= low) & (moved <= high), axis=0)
    return np.where(inside, moved, chosen)


def prediction_moments(predictions: Array, weights: Array) -> Array:
    """Return mean and variance of the predictions of each setting, ``(2, m)``."""
    mean = predictions @ weights
    return np.array([mean, ((predictions - mean[:, None]) ** 2) @ weights])


def mutual_information(
    predictions: Array, outcomes: Array, kind: int, scale: float
) -> Array:
    """Return the information (nat) of each setting from sampled outcomes.

    The mean of ln p(y|theta_i) - ln mean_j p(y|theta_j) over outcomes ``(m, d, s)``,
    ``s`` draws for each of ``d`` predictions.
    """
    d = outcomes.shape[1]
    found = np.empty(len(predictions))
    for m, (row, drawn) in enumerate(zip(predictions, outcomes, strict=True)):
        gains = []
        for i in range(d):
            for y in drawn[i]:
                logs = _log_likelihoods(row, float(y), kind, scale)
                gains.append(logs[i] - logsumexp(logs) + np.log(d))
        found[m] = np.mean(gains)
    return found
