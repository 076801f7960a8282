"""Posteriors by sequential Monte Carlo: exact results, coverage, several modes."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import multivariate_normal, norm

from qleap.core import results, style
from qleap.core.errors import InvalidValue
from qleap.sensing import (
    Posterior,
    Trace,
    fit_trace,
    plot_posterior,
    sample_posterior,
    sample_posterior_of_traces,
)
from qleap.sensing.models import (
    FunctionModel,
    Gaussian,
    HamiltonianSpectrum,
    Polynomial,
    Ramsey,
    Relaxation,
    Uniform,
)

Array = NDArray[np.float64]
X = np.linspace(-1.0, 1.0, 40)
PRIORS = {"c0": Gaussian(0.5, 2.0), "c1": Gaussian(-1.0, 3.0), "c2": Gaussian(0, 1.5)}


def line(rng: np.random.Generator) -> Array:
    return 1.0 - 2.0 * X + 0.7 * X**2 + rng.normal(scale=0.3, size=X.size)


def conjugate(y: Array) -> tuple[Array, Array, float]:
    """Return mean, covariance and log-evidence of the linear problem, exactly."""
    a = np.vander(X, 3, increasing=True)
    mean = np.array([one.mean for one in PRIORS.values()])
    width = np.array([one.standard_deviation for one in PRIORS.values()])
    spread = a @ np.diag(width**2) @ a.T + 0.09 * np.eye(X.size)
    covariance = np.linalg.inv(a.T @ a / 0.09 + np.diag(width**-2))
    found = covariance @ (a.T @ y / 0.09 + mean / width**2)
    return (
        np.asarray(found),
        np.asarray(covariance),
        float(multivariate_normal(a @ mean, spread).logpdf(y)),
    )


def test_a_linear_problem_has_its_exact_posterior_and_evidence(
    rng: np.random.Generator,
) -> None:
    y = line(rng)
    mean, covariance, evidence = conjugate(y)
    width = np.sqrt(np.diag(covariance))
    away = []
    for seed in range(4):
        found = sample_posterior(
            Polynomial(degree=2), X, y, np.full(X.size, 0.3), priors=PRIORS,
            n_particles=2000, seed=seed,
        )  # fmt: skip
        assert_allclose((found.mean - mean) / width, 0.0, atol=0.12)  # 0.022 expected
        scaled = found.covariance / np.outer(width, width)
        assert_allclose(scaled, covariance / np.outer(width, width), atol=0.12)
        assert_allclose(found.interval("c1"), norm.interval(0.6827, mean[1], width[1]),
                        atol=0.15 * width[1])  # fmt: skip
        assert 1500.0 < found.effective_sample_size <= 2000.0
        away.append((found.log_evidence - evidence) / found.log_evidence_error)
    assert np.abs(away).max() < 4.0
    assert abs(np.mean(away)) < 2.0


def test_an_unknown_error_of_the_points_is_integrated_out(
    rng: np.random.Generator,
) -> None:
    # a constant with a flat prior: Student's distribution about the mean
    y = rng.normal(2.0, 0.5, size=12)
    prior = {"c0": Uniform(-20.0, 20.0)}
    found = sample_posterior(Polynomial(degree=0), np.arange(12.0), y, priors=prior,
                             n_particles=4000)  # fmt: skip
    scale = y.std(ddof=1) / math.sqrt(12.0)
    assert abs(found.mean[0] - y.mean()) < 0.1 * scale
    expected = scale**2 * 11.0 / 9.0
    assert_allclose(found.covariance[0, 0], expected, rtol=0.12)
    c = np.linspace(-20.0, 20.0, 400_001)
    squares = np.sum((y - y.mean()) ** 2) + 12.0 * (c - y.mean()) ** 2
    logs = gammaln(6.0) - math.log(2.0) - 6.0 * np.log(np.pi * squares)
    top = logs.max()
    exact = top + math.log(np.trapezoid(np.exp(logs - top), c) / 40.0)
    assert abs(found.log_evidence - exact) < 4.0 * found.log_evidence_error


def test_counts_have_the_gamma_posterior_of_their_rate(
    rng: np.random.Generator,
) -> None:
    counts = rng.poisson(3.0, size=20).astype(float)
    model = FunctionModel(function=lambda x, rate: rate + 0.0 * x)
    found = sample_posterior(
        model, np.arange(20.0), counts, cost="poisson",
        priors={"rate": Uniform(0.0, 50.0)}, n_particles=3000,
    )  # fmt: skip
    shape, total = counts.sum() + 1.0, 20.0
    assert_allclose(found.mean[0], shape / total, rtol=0.02)
    assert_allclose(found.covariance[0, 0], shape / total**2, rtol=0.12)
    evidence = gammaln(shape) - shape * math.log(total) - math.log(50.0)
    evidence -= float(np.sum(gammaln(counts + 1.0)))
    assert abs(found.log_evidence - evidence) < 4.0 * found.log_evidence_error


def test_intervals_cover_the_truth_as_often_as_they_say(
    rng: np.random.Generator,
) -> None:
    # truths drawn from the prior: ranks in the posterior are then uniform
    t = np.linspace(0.0, 3.0, 25)
    priors = {
        "offset": Gaussian(0.0, 1.0),
        "amplitude": Gaussian(1.0, 0.3),
        "t1": Uniform(0.2, 2.0),
    }
    ranks = []
    for seed in range(60):
        truth = [rng.normal(), rng.normal(1.0, 0.3), rng.uniform(0.2, 2.0)]
        y = Relaxation().evaluate(t, truth) + rng.normal(scale=0.1, size=t.size)
        found = sample_posterior(Relaxation(), t, y, np.full(t.size, 0.1),
                                 priors=priors, n_particles=200, seed=seed)  # fmt: skip
        ranks.append(found.weights @ (found.samples < truth))
    inside = np.abs(np.array(ranks) - 0.5) < 0.34
    assert_allclose(inside.mean(axis=0), 0.68, atol=0.2)  # 0.06 expected
    assert_allclose(np.mean(ranks, axis=0), 0.5, atol=0.14)  # 0.037 expected


def test_both_signs_of_a_detuning_are_found(rng: np.random.Generator) -> None:
    t = np.linspace(0.0, 4e-6, 81)
    model = Ramsey(stretched=False)
    y = model.evaluate(t, [1.0, 0.05, 1.7e6, 1.5e-6])
    y += rng.normal(scale=0.01, size=t.size)
    priors = {
        "offset": Gaussian(1.0, 0.1),
        "amplitude": Uniform(0.0, 0.2),
        "detuning": Uniform(-5e6, 5e6),
        "t2_star": Uniform(1e-7, 1e-5),
    }
    found = sample_posterior(model, t, y, np.full(t.size, 0.01), priors=priors)
    detuning = found.samples[:, found.names.index("detuning")]
    positive = float(found.weights[detuning > 0.0].sum())
    assert 0.2 < positive < 0.8
    fit = fit_trace(model, t, y, np.full(t.size, 0.01))
    assert_allclose(np.average(np.abs(detuning), weights=found.weights),
                    abs(fit["detuning"].value), rtol=0.01)  # fmt: skip


def test_a_field_along_each_direction_is_found_in_one_posterior(
    rng: np.random.Generator,
) -> None:
    x = np.linspace(2.78e9, 2.96e9, 121)
    model = HamiltonianSpectrum()
    values = [0.4e-3, 0.9e-3, 1.6e-3, 2.87e9, 8e6, 0.02, 1.0]
    y = model.evaluate(x, values) + rng.normal(scale=2e-3, size=x.size)
    fixed = dict(zip(model.names[3:], values[3:], strict=True))
    wide = {name: Uniform(0.0, 2.5e-3) for name in model.names[:3]}
    found = sample_posterior(model, x, y, np.full(x.size, 2e-3), priors=wide,
                             fixed=fixed, n_particles=600)  # fmt: skip
    orders = {tuple(np.argsort(one)) for one in found.samples}
    assert len(orders) == 6  # the six orders of three unlike components
    ordered = np.sort(found.samples, axis=1)
    assert_allclose(found.weights @ ordered, values[:3], atol=6e-5)


def test_the_evidence_prefers_the_model_that_made_the_data(
    rng: np.random.Generator,
) -> None:
    priors: dict[str, Any] = {f"c{k}": Gaussian(0.0, 2.0) for k in range(3)}
    y = 0.3 + 1.0 * X + rng.normal(scale=0.3, size=X.size)
    logs = []
    for degree in range(3):
        own = {f"c{k}": priors[f"c{k}"] for k in range(degree + 1)}
        found = sample_posterior(Polynomial(degree=degree), X, y,
                                 np.full(X.size, 0.3), priors=own)  # fmt: skip
        logs.append(found.log_evidence)
    assert np.argmax(logs) == 1


def small(seed: int = 0, **options: Any) -> Posterior:
    y = 1.0 - 2.0 * X + 0.7 * X**2
    return sample_posterior_of_traces(
        [Trace(x=X, y=y, error=np.full(X.size, 0.3))], [Polynomial(degree=2)],
        priors=PRIORS, n_particles=200, seed=seed, **options,
    )  # fmt: skip


def test_one_seed_gives_one_posterior_and_its_dataset_is_kept(tmp_path: Path) -> None:
    first, again, other = small(), small(), small(1)
    assert_allclose(first.samples, again.samples, rtol=0.0)
    assert not np.allclose(first.samples, other.samples)
    file = tmp_path / "posterior.nc"
    results.save(first.to_dataset(), file)
    back = results.load(file, kind="posterior")
    assert_allclose(back["c1"].values, first.samples[:, 1])
    assert_allclose(float(back["weight"].sum()), 1.0)


def test_fixed_parameters_stay_and_limits_hold() -> None:
    found = small(fixed={"c2": 0.7}, limits={"c0": (0.0, 1.0)})
    assert found.names == ("c0", "c1")
    assert found.samples[:, 0].max() <= 1.0
    assert found.fixed == {"c2": 0.7}


def test_pictures_show_every_pair(tmp_path: Path) -> None:
    found = small()
    made = plot_posterior(found, truth={"c1": -2.0})
    assert sum(axes.get_visible() for axes in made.axes) == 6
    assert style.save_figure(made, tmp_path / "posterior.png").stat().st_size > 10_000
    one = plot_posterior(found, ["c1"])
    (axes,) = one.axes
    assert axes.get_xlabel() == "c1 (signal/x^1)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: small(fixed={f"c{k}": 0.0 for k in range(3)}), "at least one"),
        (
            lambda: sample_posterior(Polynomial(degree=0), X, X),
            "c0 must have a prior or finite limits",
        ),
        (
            lambda: sample_posterior(Polynomial(degree=0), X, X, n_particles=5),
            "n_particles must be",
        ),
        (lambda: small(limits={"c0": (1e3, 2e3)}), "must reach into its limits"),
        (lambda: Uniform(1.0, 1.0), "must have low < high"),
        (lambda: plot_posterior(small(), ["c7"]), "names must be one of"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        call()
