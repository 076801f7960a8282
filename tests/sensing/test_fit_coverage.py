"""Global fits, profile intervals and criteria against independent numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.sensing import Trace, fit_trace, fit_traces
from qleap.sensing.models import FunctionModel, Relaxation


def test_the_covariance_of_a_global_fit_is_that_of_repeated_measurements() -> None:
    rng = np.random.default_rng(4)
    x = np.linspace(0.0, 3e-3, 41)
    models = [
        Relaxation(),
        Relaxation().renamed(amplitude="amplitude_b", offset="offset_b"),
    ]
    truth = {"t1": 1e-3, "amplitude": 0.3, "offset": 0.5}
    truth |= {"amplitude_b": -0.2, "offset_b": 0.8}
    clean = [
        model.evaluate(x, {name: truth[name] for name in model.names})
        for model in models
    ]
    values, covariances = [], []
    for _ in range(150):
        traces = [
            Trace(x=x, y=y + noise * rng.normal(size=x.size), error=0.0 * x + noise)
            for y, noise in zip(clean, (0.01, 0.02), strict=True)
        ]
        fit = fit_traces(traces, models)
        assert set(fit.names) == set(truth)
        values.append([fit[name].value for name in truth])
        order = [fit.names.index(name) for name in truth]
        covariances.append(fit.covariance[np.ix_(order, order)])
    size = np.sqrt(np.diag(np.mean(covariances, axis=0)))
    pulls = (np.array(values) - np.array(list(truth.values()))) / size
    assert_allclose(pulls.mean(axis=0), 0.0, atol=0.33)  # 0.08 expected
    expected = np.mean(covariances, axis=0) / np.outer(size, size)
    assert_allclose(np.cov(pulls.T), expected, atol=0.35)  # 0.1 expected


@pytest.mark.parametrize("errors", [True, False])
def test_profile_intervals_of_a_bent_model_cover_as_they_say(errors: bool) -> None:
    rng = np.random.default_rng(6)
    x = np.linspace(0.0, 2.0, 12)
    model = FunctionModel(
        function=lambda x, a, rate: a * np.exp(-rate * x), start={"a": 1.0, "rate": 1.0}
    )
    noise, inside = 0.15, np.zeros(2)
    for _ in range(200):
        y = np.exp(-x) + noise * rng.normal(size=x.size)
        fit = fit_trace(model, x, y, np.full(x.size, noise) if errors else None)
        for k, level in enumerate((0.6827, 0.9545)):
            low, high = fit.interval("rate", level=level)
            inside[k] += low < 1.0 < high
    # standard deviations 0.033 and 0.015
    assert_allclose(inside / 200, [0.6827, 0.9545], atol=0.1)
    assert abs(inside[1] / 200 - 0.9545) < 0.05


def test_information_criteria_are_those_of_lmfit_and_of_their_formulas() -> None:
    lmfit = pytest.importorskip("lmfit")
    rng = np.random.default_rng(8)
    x = np.linspace(0.0, 2.0, 30)
    y = np.exp(-x) + 0.05 * rng.normal(size=x.size)
    sizes = []
    for k, function in (
        (2, lambda x, a, rate: a * np.exp(-rate * x)),
        (3, lambda x, a, rate, c: a * np.exp(-rate * x) + c),
    ):
        start = dict(zip(("a", "rate", "c")[:k], (1.0, 1.0, 0.0), strict=False))
        model = FunctionModel(function=function, start=start)
        fit = fit_trace(model, x, y, np.full(x.size, 0.05))
        other = lmfit.Model(function).fit(y, x=x, weights=1.0 / 0.05, **start)
        # known errors: -2 log L = chi-square + constant
        constant = x.size * np.log(2.0 * np.pi * 0.05**2)
        few = 2 * k * (k + 1) / (30 - k - 1)
        assert_allclose(fit.cost, other.chisqr, rtol=1e-9)
        assert_allclose(fit.aic, fit.cost + constant + 2 * k + few, rtol=1e-12)
        assert_allclose(fit.bic, fit.cost + constant + k * np.log(30), rtol=1e-12)
        free = fit_trace(model, x, y)
        few = 2 * (k + 1) * (k + 2) / (30 - k - 2)
        sizes.append([free.aic - few - other.aic, free.bic - other.bic])
    # unknown errors, one parameter more: lmfit leaves out what all models share
    assert_allclose(sizes[0], sizes[1], rtol=1e-9)
