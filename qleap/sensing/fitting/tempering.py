"""Sequential Monte Carlo: from the prior to the posterior by tempered likelihoods."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Particles", "temper"]

Array = NDArray[np.float64]
Log = Callable[[Array], Array]

KEPT: Final = 0.5
"""Share of the effective number of particles that a step in temperature leaves."""

STALE: Final = 0.02
"""Share of particles that may not have moved at the end of a step."""

FEWEST_SWEEPS: Final = 4
MOST_SWEEPS: Final = 40

JUMP: Final = 0.15
"""Share of moves by the whole difference of two particles, from mode to mode."""

ACCEPTANCE: Final = 0.25
"""Accepted share that the size of the moves is steered to."""

SMALL_GAP: Final = 1e-12
"""Of the temperature from one; then the likelihood counts in full."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Particles:
    """Weighted samples of a posterior.

    Parameters
    ----------
    samples : ndarray, shape (n, p)
    weights : ndarray, shape (n,)
        They add up to one.
    log_likelihood : ndarray, shape (n,)
    log_evidence : float
        Log of the mean of the likelihood over the prior.
    log_evidence_error : float
        Its standard error from the scatter of the weights.
    steps : int
        Temperatures between prior and posterior.
    acceptance : float
        Share of the last moves that were accepted.
    """

    samples: Array
    weights: Array
    log_likelihood: Array
    log_evidence: float
    log_evidence_error: float
    steps: int
    acceptance: float


def temper(
    start: Array, log_prior: Log, log_likelihood: Log, rng: np.random.Generator
) -> Particles:
    r"""Return samples of ``prior x likelihood`` from samples of the prior.

    Parameters
    ----------
    start : ndarray, shape (n, p)
        Independent samples of the prior.
    log_prior, log_likelihood : callable
        Of rows of parameters; -inf outside the prior. The likelihood is asked only
        inside.
    rng : numpy.random.Generator

    Notes
    -----
    The likelihood is raised to :math:`0 = \beta_0 < \dots < 1`, each step as large as
    leaves half of the effective particles (Del Moral, Doucet and Jasra, J. R. Stat.
    Soc. B 68, 411 (2006)). Particles are resampled systematically and moved by
    Metropolis steps along differences of two others (ter Braak, Stat. Comput. 16, 239
    (2006)) of the half that rests, so that the moves keep the posterior and know its
    shape and its modes. Sweeps go on until nearly every particle has moved.
    """
    at, n = start.copy(), len(start)
    likelihood, prior = log_likelihood(at), log_prior(at)
    weights = np.full(n, 1.0 / n)
    beta, evidence, variance, steps = 0.0, 0.0, 0.0, 0
    scale, accepted = 1.0, 1.0
    while beta < 1.0:
        step = _step(likelihood, 1.0 - beta)
        last = 1.0 - beta - step < SMALL_GAP
        beta = 1.0 if last else beta + step
        shifted = np.where(np.isfinite(likelihood), step * likelihood, -np.inf)
        top = float(shifted.max())
        grown = np.exp(shifted - top)
        mean = float(grown.mean())
        evidence += top + float(np.log(mean))
        variance += float(np.var(grown)) / mean**2 / n
        weights = grown / grown.sum()
        if not last:
            kept = _systematic(weights, rng)
            at, likelihood, prior = at[kept], likelihood[kept], prior[kept]
            weights = np.full(n, 1.0 / n)
        state = (at, likelihood, prior)
        state, scale, accepted = _sweeps(
            state, beta, (log_prior, log_likelihood), scale, rng
        )
        at, likelihood, prior = state
        steps += 1
    return Particles(
        samples=at,
        weights=weights,
        log_likelihood=likelihood,
        log_evidence=evidence,
        log_evidence_error=float(np.sqrt(variance)),
        steps=steps,
        acceptance=accepted,
    )


def _step(likelihood: Array, most: float) -> float:
    """Return the largest step in temperature that keeps enough particles."""
    from scipy.optimize import brentq

    shifted = np.where(np.isfinite(likelihood), likelihood - likelihood.max(), -np.inf)

    def excess(log_step: float) -> float:
        grown = np.exp(np.exp(log_step) * shifted)
        return float(grown.sum() ** 2 / (grown @ grown)) / likelihood.size - KEPT

    if excess(np.log(most)) >= 0.0:
        return most
    low = np.log(most) - 200.0
    if excess(low) <= 0.0:  # most of the prior has no likelihood at all
        return float(np.exp(low))
    return float(np.exp(brentq(excess, low, np.log(most), xtol=1e-3)))


def _systematic(weights: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return whose copies come next: one random number, then equal strides."""
    n = weights.size
    sums = np.cumsum(weights)
    places = (np.arange(n) + rng.uniform()) / n
    return np.asarray(np.minimum(np.searchsorted(sums / sums[-1], places), n - 1))


def _sweeps(
    state: tuple[Array, Array, Array],
    beta: float,
    logs: tuple[Log, Log],
    scale: float,
    rng: np.random.Generator,
) -> tuple[tuple[Array, Array, Array], float, float]:
    """Return the particles after moves, the size of the moves, and their share."""
    at, likelihood, prior = (one.copy() for one in state)
    n = len(at)
    moved, share = np.zeros(n, dtype=bool), 0.0
    for sweep in range(MOST_SWEEPS):
        order = rng.permutation(n)
        accepted = 0
        halves = order[: n // 2], order[n // 2 :]
        for mine, others in (halves, halves[::-1]):
            trial = at[mine] + _differences(at[others], len(mine), scale, rng)
            new_prior = logs[0](trial)
            inside = np.isfinite(new_prior)
            new = np.full(len(mine), -np.inf)
            if np.any(inside):
                new[inside] = logs[1](trial[inside])
            with np.errstate(invalid="ignore"):
                gain = beta * (new - likelihood[mine]) + new_prior - prior[mine]
            taken = np.log(rng.uniform(size=len(mine))) < gain
            who = mine[taken]
            at[who], likelihood[who] = trial[taken], new[taken]
            prior[who] = new_prior[taken]
            moved[who] = True
            accepted += int(taken.sum())
        share = accepted / n
        scale = float(np.clip(scale * np.exp(share - ACCEPTANCE), 0.05, 2.0))
        if sweep + 1 >= FEWEST_SWEEPS and np.mean(~moved) < STALE:
            break
    return (at, likelihood, prior), scale, share


def _differences(
    others: Array, n: int, scale: float, rng: np.random.Generator
) -> Array:
    """Return moves ``(n, p)`` along differences of two particles at rest."""
    first = rng.integers(0, len(others), n)
    second = (first + rng.integers(1, len(others), n)) % len(others)
    gamma = np.full(n, scale * 2.38 / np.sqrt(2.0 * others.shape[1]))
    gamma *= rng.uniform(0.5, 1.5, n)
    gamma[rng.uniform(size=n) < JUMP] = 1.0
    moves = gamma[:, None] * (others[first] - others[second])
    spread = np.ptp(others, axis=0)
    return np.asarray(moves + 1e-5 * spread * rng.normal(size=moves.shape))
