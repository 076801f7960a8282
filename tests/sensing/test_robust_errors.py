"""Errors of robust fits against the scatter of simulated measurements."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.sensing import fit_trace
from qleap.sensing.models import Polynomial

X = np.linspace(-1.0, 1.0, 60)


@pytest.mark.parametrize(
    ("loss", "outliers", "errors"),
    [
        ("soft_l1", 0.08, True),
        ("huber", 0.08, False),
        ("cauchy", 0.08, True),
        ("huber", 0.0, True),
    ],
)
def test_errors_of_robust_fits_are_the_scatter_of_their_values(
    loss: str, outliers: float, errors: bool
) -> None:
    rng, model = np.random.default_rng(7), Polynomial(degree=1)
    truth = {"c0": 1.0, "c1": 0.5}
    clean = model.evaluate(X, truth)
    values, variances = [], []
    for _ in range(250):
        noise = rng.standard_normal(X.size)
        noise = np.where(rng.random(X.size) < outliers, 10.0 * noise, noise)
        fit = fit_trace(
            model, X, clean + 0.02 * noise, np.full(X.size, 0.02) if errors else None,
            loss=loss, start=truth,
        )  # fmt: skip
        values.append(fit.values)
        variances.append(np.diag(fit.covariance))
    # the scatter is known to 4.5 %
    said = np.sqrt(np.mean(variances, axis=0))
    assert_allclose(said / np.std(values, axis=0), 1.0, atol=0.15)
