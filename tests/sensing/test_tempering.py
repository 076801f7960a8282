"""Steps of the sequential Monte Carlo by themselves, against what they must keep."""

import math

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing.fitting import tempering

Array = NDArray[np.float64]


def flat(values: Array) -> Array:
    return np.zeros(len(values))


def normal(values: Array) -> Array:
    return np.asarray(-0.5 * np.sum(values**2, axis=1))


def test_a_step_in_temperature_leaves_half_of_the_effective_particles(
    rng: np.random.Generator,
) -> None:
    logs = -50.0 * rng.exponential(size=400)
    logs[::7] = -np.inf
    weights = np.exp(tempering._step(logs, 1.0) * logs)
    assert_allclose(weights.sum() ** 2 / np.sum(weights**2), 200.0, rtol=2e-3)
    assert tempering._step(np.full(9, -3.0), 0.4) == 0.4
    few = np.full(100, -np.inf)
    few[:20] = -1.0
    assert 0.0 < tempering._step(few, 1.0) < 1e-80


def test_resampling_copies_each_particle_as_often_as_its_weight_to_one(
    rng: np.random.Generator,
) -> None:
    weights = rng.dirichlet(np.ones(30))
    total = np.zeros(30)
    for _ in range(400):
        copies = np.bincount(tempering._systematic(weights, rng), minlength=30)
        assert np.all(np.abs(copies - 30 * weights) < 1.0)
        total += copies
    assert_allclose(total / 400, 30 * weights, atol=0.12)


def test_moves_go_along_differences_of_two_others_and_some_by_the_whole(
    rng: np.random.Generator,
) -> None:
    others = np.array([[0.0, 0.0], [1.0, 3.0], [-4.0, 2.0]])
    n, scale = 4000, 0.2
    moves = tempering._differences(others, n, scale, rng)
    pairs = np.array([a - b for a in others for b in others if np.any(a != b)])
    share = np.einsum("mi,pi->mp", moves, pairs) / np.sum(pairs**2, axis=1)
    away = np.linalg.norm(moves[:, None] - share[..., None] * pairs, axis=2)
    # ahead along one of the pairs, up to the small noise that opens all directions
    away[share <= 0.0] = np.inf
    which = away.argmin(axis=1)
    off = away[np.arange(n), which]
    assert 1e-6 < np.median(off) < 1e-3
    assert np.unique(which).size == len(pairs)
    size = share[np.arange(n), which]
    whole = np.abs(size - 1.0) < 1e-3
    assert abs(whole.mean() - 0.15) < 0.025
    middle = scale * 2.38 / math.sqrt(2.0 * 2.0)
    assert size[~whole].min() > 0.499 * middle
    assert size[~whole].max() < 1.501 * middle
    assert_allclose(size[~whole].mean(), middle, rtol=0.03)


def test_sweeps_keep_the_distribution_of_even_few_particles(
    rng: np.random.Generator,
) -> None:
    # prior of width 2 and likelihood to the power beta: width 1 together
    beta, after = 0.375, []
    for _ in range(1000):
        at = rng.normal(size=(6, 1))
        state = (at, normal(np.sqrt(2.0) * at), normal(at / 2.0))
        logs = (lambda v: normal(v / 2.0), lambda v: normal(np.sqrt(2.0) * v))
        (at, likelihood, prior), _, _ = tempering._sweeps(state, beta, logs, 0.5, rng)
        assert_allclose(likelihood, normal(np.sqrt(2.0) * at))
        assert_allclose(prior, normal(at / 2.0))
        after.append(at.ravel())
    found = np.array(after)
    assert abs(found.mean()) < 0.06
    assert_allclose(found.var(), 1.0, atol=0.09)  # 0.03 expected
    # independent still: the middle of six has a sixth of the variance
    assert_allclose(found.mean(axis=1).var(), 1.0 / 6.0, rtol=0.2)


def test_the_size_of_moves_follows_the_accepted_share(rng: np.random.Generator) -> None:
    at = rng.normal(size=(100, 2))
    everywhere = (at, flat(at), flat(at))
    _, scale, share = tempering._sweeps(everywhere, 1.0, (flat, flat), 0.05, rng)
    assert share == 1.0
    assert_allclose(scale, 0.05 * math.exp(4 * 0.75))  # four sweeps, 0.25 wanted

    def nowhere(values: Array) -> Array:
        return np.full(len(values), -np.inf)

    seen: list[int] = []

    def counted(values: Array) -> Array:
        seen.append(len(values))
        return nowhere(values)

    (kept, _, _), scale, share = tempering._sweeps(
        everywhere, 1.0, (counted, flat), 1.0, rng
    )
    assert (scale, share) == (0.05, 0.0)
    assert sum(seen) == 40 * 100
    assert_allclose(kept, at)


def test_the_evidence_of_one_step_is_the_mean_of_the_weights(
    rng: np.random.Generator,
) -> None:
    start = rng.normal(size=(500, 1))

    def weak(values: Array) -> Array:
        return np.asarray(3.0 - 0.5 * (values[:, 0] - 0.5) ** 2)

    found = tempering.temper(start, normal, weak, rng)
    weights = np.exp(weak(start))
    assert found.steps == 1
    assert_allclose(found.log_evidence, math.log(weights.mean()))
    error = weights.std() / weights.mean() / math.sqrt(500)
    assert_allclose(found.log_evidence_error, error)
    assert_allclose(found.weights, weights / weights.sum())


def test_the_error_of_the_evidence_is_its_scatter(rng: np.random.Generator) -> None:
    def sharp(values: Array) -> Array:
        return np.asarray(-0.5 * np.sum(((values - 1.0) / 0.1) ** 2, axis=1))

    found = [
        tempering.temper(rng.normal(size=(200, 2)), normal, sharp, rng)
        for _ in range(60)
    ]
    logs = np.array([one.log_evidence for one in found])
    error = np.mean([one.log_evidence_error for one in found])
    assert found[0].steps > 2
    # normal prior times normal likelihood, exactly
    exact = 2.0 * (0.5 * math.log(0.01 / 1.01) - 0.5 / 1.01)
    assert abs(logs.mean() - exact) < 4.0 * error / math.sqrt(60) + 0.5 * error**2
    assert 0.7 < logs.std() / error < 1.5


def test_two_modes_keep_their_shares_once_moves_reach_from_one_to_the_other(
    rng: np.random.Generator,
) -> None:
    def both(values: Array) -> Array:
        sharp = [-0.5 * ((values[:, 0] - at) / 0.02) ** 2 for at in (-3.0, 3.0)]
        return np.asarray(np.logaddexp(sharp[0] + math.log(0.8), sharp[1]))

    # all begin near one mode but for a few
    at = np.where(np.arange(400) < 40, -3.0, 3.0)[:, None]
    at = at + 0.02 * rng.normal(size=at.shape)
    state, scale = (at, both(at), flat(at)), 1.0
    for _ in range(60):
        state, scale, _ = tempering._sweeps(state, 1.0, (flat, both), scale, rng)
    assert abs(np.mean(state[0] < 0.0) - 0.8 / 1.8) < 0.12
