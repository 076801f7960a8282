"""Particle filters, one formula at a time.

The resampling is that of J. Liu and M. West in Sequential Monte Carlo Methods in
Practice (2001), ch. 10; systematic draws after J. Carpenter et al., IEE Proc. Radar
146, 2 (1999).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, rel_entr
from scipy.stats import binom, t

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

Array = NDArray[np.float64]


def _log_likelihoods(
    expected: Array, outcome: float, kind: int, scale: float, shape: float
) -> Array:
    """Return ln p(outcome) up to what does not depend on the expectation."""
    if kind == 0:
        return np.asarray(-0.5 * ((outcome - expected) / scale) ** 2)
    if kind == 1:
        mean = np.maximum(expected, 1e-300)
        return np.asarray(outcome * np.log(mean) - np.maximum(expected, 0.0))
    if kind == 3:
        return np.asarray(t.logpdf(outcome, shape, expected, scale))
    p = np.clip(expected, 1e-12, 1.0 - 1e-12)
    return np.asarray(outcome * np.log(p) + (scale - outcome) * np.log(1.0 - p))


def reweigh(
    weights: Array,
    expected: Array,
    outcome: float,
    kind: int,
    scale: float,
    shape: float,
    power: float,
    found: Array,
) -> float:
    """Find new weights, put them in place, return the effective number.

    They are the old ones times the likelihood to a power, of sum 1. The effective
    number is (sum w)^2 / sum w^2; 0 where no weight is left.

    Parameters
    ----------
    weights : ndarray, shape (n,)
    expected : ndarray, shape (n,)
        Value, mean number of counts, or probability of success.
    outcome : float
        Value, counts, or successes.
    kind : int
        0 normal, 1 Poisson, 2 binomial, 3 Student.
    scale : float
        Standard deviation (normal), number of trials (binomial), scale (Student).
    shape : float
        Degrees of freedom (Student).
    power : float
        Of the likelihood.
    found : ndarray, shape (n,)
        Where the new weights go.
    """
    logs = _log_likelihoods(expected, outcome, kind, scale, shape)
    found[:] = weights * np.exp(power * (logs - logs.max()))
    if not found.sum() > 0.0:
        return 0.0
    found /= found.sum()
    return float(1.0 / np.sum(found**2))


def cloud_moments(
    values: Array, weights: Array, rows: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Return means ``(q,)`` and covariance ``(q, q)`` of ``q`` rows.

    ``values`` have the shape ``(p, n)``, the weights the sum 1.
    """
    mean = values[rows] @ weights
    away = values[rows] - mean[:, None]
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


def draw_systematically(
    weights: Array, start: float, picked: NDArray[np.int32]
) -> None:
    """Fill in indices at even steps of the cumulative weight.

    The steps begin at ``start`` of the first, between 0 and 1.
    """
    cumulative = np.cumsum(weights)
    places = (np.arange(picked.size) + start) / picked.size * cumulative[-1]
    found = np.searchsorted(cumulative, places, side="right")
    picked[:] = np.minimum(found, weights.size - 1)


def normal_pairs(uniforms: Array, normals: Array) -> None:
    """Fill in independent normal numbers from uniform ones, by Box and Muller.

    Of each number in [0, 1), the first 26 bits give the size, the others the angle of
    a pair, of which one lies in each half of a row.
    """
    first = np.floor(2.0**26 * uniforms)
    size = np.sqrt(-2.0 * np.log1p(-first / 2.0**26))
    angle = 2.0 * np.pi * (2.0**26 * uniforms - first)
    normals[:] = np.concatenate([size * np.cos(angle), size * np.sin(angle)], axis=1)


def moved_particles(
    particles: Array,
    parents: NDArray[np.int32],
    free: NDArray[np.int64],
    mean: Array,
    root: Array,
    shrink: float,
    limits: Array,
    kicks: Array,
    moved: Array,
) -> None:
    """Fill free rows with particles about their parents.

    Parameters
    ----------
    particles, moved : ndarray, shape (p, n)
    parents : ndarray, shape (n,)
        Columns of ``particles``.
    free : ndarray, shape (f,)
        Rows that are filled in; the others are left.
    mean : ndarray, shape (f,)
        Of the free rows, towards which the particles shrink.
    root : ndarray, shape (f, q)
        Times its transpose the covariance times 1 - shrink^2.
    shrink : float
    limits : ndarray, shape (f, 2)
        Whoever would leave them is reflected.
    kicks : ndarray, shape (q, h)
        Normal numbers, taken again every h particles with the other sign.
    """
    chosen, n = particles[free][:, parents], parents.size
    rounds = -(-n // kicks.shape[1])
    every = np.concatenate([(-1) ** k * kicks for k in range(rounds)], axis=1)[:, :n]
    found = shrink * chosen + (1.0 - shrink) * mean[:, None] + root @ every
    low, high = limits[:, :1], limits[:, 1:]
    found = np.where(found > high, 2.0 * high - found, found)
    moved[free] = np.where(found < low, 2.0 * low - found, found)


def prediction_moments(predictions: Array, weights: Array) -> Array:
    """Return mean and variance of the predictions of each setting, ``(2, m)``."""
    mean = predictions @ weights
    return np.array([mean, ((predictions - mean[:, None]) ** 2) @ weights])


def mutual_information(
    predictions: Array, outcomes: Array, kind: int, scale: float, shape: float
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
                logs = _log_likelihoods(row, float(y), kind, scale, shape)
                gains.append(logs[i] - logsumexp(logs) + np.log(d))
        found[m] = np.mean(gains)
    return found


def binomial_information(predictions: Array, weights: Array, shots: int) -> Array:
    """Return the information (nat) of each setting, of all numbers of successes.

    The mean over the particles of the divergence of what one of them tells from what
    all of them tell, for weights of sum 1. Probabilities keep 1e-12 from 0 and 1.
    """
    p = np.clip(predictions, 1e-12, 1.0 - 1e-12)
    told = binom.pmf(np.arange(shots + 1)[:, None, None], shots, p)
    mixed = told @ weights
    return np.asarray((rel_entr(told, mixed[..., None]) @ weights).sum(axis=0))
