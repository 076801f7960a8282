"""Signals on a drifting baseline, and power laws in noise."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import fit_trace
from qleap.sensing.models import DecouplingScaling, Polynomial, Rabi


def test_a_polynomial_adds_a_drift_to_any_model() -> None:
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 4e-6, 121)
    pulls = []
    for _ in range(20):
        clean = 0.5 + 0.2 * np.cos(2.0 * np.pi * 1.5e6 * x) * np.exp(-x / 3e-6)
        drift = 0.1 * (x / 4e-6) - 0.05 * (x / 4e-6) ** 2
        y = clean + drift + 5e-3 * rng.normal(size=x.size)
        model = Rabi() + Polynomial(degree=2)
        fit = fit_trace(model, x, y, np.full(x.size, 5e-3), fixed={"c0": 0.0})
        assert fit.converged
        found = [fit["rabi_frequency"], fit["c1"], fit["c2"]]
        truth = (1.5e6, 0.1 / 4e-6, -0.05 / 16e-12)
        pulls.append([
            (one.value - true) / one.standard_error
            for one, true in zip(found, truth, strict=True)
        ])  # fmt: skip
    assert np.abs(np.mean(pulls, axis=0)).max() < 0.8  # 0.22 expected
    assert_allclose(np.std(pulls, axis=0), 1.0, atol=0.5)


def test_a_power_law_is_found_where_noise_takes_points_below_zero() -> None:
    rng = np.random.default_rng(2)
    n = np.repeat(2.0 ** np.arange(8), 3)
    clean = 1e-5 * n**0.67
    pulls = []
    for _ in range(30):
        y = clean + 4e-5 * rng.normal(size=n.size)
        assert np.any(y <= 0.0)
        fit = fit_trace(DecouplingScaling(), n, y, np.full(n.size, 4e-5))
        assert fit.converged
        pulls.append((fit["power"].value - 0.67) / fit["power"].standard_error)
    assert abs(np.mean(pulls)) < 0.7  # 0.18 expected
    assert 0.6 < np.std(pulls) < 1.5
    exact = DecouplingScaling().guess(n, clean)
    assert_allclose([exact["t2_one_pulse"], exact["power"]], [1e-5, 0.67], rtol=1e-9)
    # an error of one y moves the guess as it moves the least squares
    moved = clean.copy()
    moved[0] *= 3.0
    assert (
        abs(DecouplingScaling().guess(n, moved)["power"] - 0.67) < 0.03
    )  # unweighted 0.044


@pytest.mark.parametrize(
    ("n", "y", "message"),
    [
        ([0.0, 1.0], [1e-6, 1e-6], "x must be pulses > 0"),
        ([1.0, 2.0], [1e-6, -1e-6], "got 1 of 2 points; give start values"),
        ([2.0, 2.0], [1e-6, 2e-6], "at two numbers of pulses"),
    ],
)
def test_points_that_make_no_power_law_are_refused(
    n: list[float], y: list[float], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        DecouplingScaling().guess(n, y)
