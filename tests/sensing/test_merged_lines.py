"""Lines that have merged: what of them is known, and what the fit says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.optimize import least_squares

from qleap.sensing import fit_trace
from qleap.sensing.models import OdmrLines

Array = NDArray[np.float64]
X = np.linspace(2.84e9, 2.90e9, 121)
NOISE = 4e-4


def lorentzian(centre: float, fwhm: float, depth: float) -> Array:
    return np.asarray(depth / (1.0 + (2.0 * (X - centre) / fwhm) ** 2))


def profile(y: Array, fit: Array, k: int, steps: Array) -> Array:
    """Return SciPy's least chi-square over the sum of depths, or the mean centre.

    In MHz from 2.87 GHz and per cent: (sum, centre, depth_1, position_1, width_1,
    width_2, background), of which one is held.
    """
    p, w, d = (fit[:2] - 2.87e9) / 1e6, fit[2:4] / 1e6, fit[4:6] * 100.0
    begin = np.array([d.sum(), d @ p / d.sum(), d[0], p[0], *w, fit[6]])

    def residual(free: Array, held: float) -> Array:
        total, centre, d1, p1, w1, w2, level = np.insert(free, k, held)
        d2 = total - d1
        p2 = (centre * total - d1 * p1) / d2
        seen = level - lorentzian(2.87e9 + p1 * 1e6, w1 * 1e6, d1 / 100.0)
        seen = seen - lorentzian(2.87e9 + p2 * 1e6, w2 * 1e6, d2 / 100.0)
        return np.asarray((seen - y) / NOISE)

    found = []
    for step in steps:
        best = least_squares(
            residual, np.delete(begin, k), args=(begin[k] + step,), x_scale="jac"
        )
        found.append(2.0 * best.cost)
    return np.array(found)


@pytest.mark.parametrize("apart", [0.8e6, 1e6])
def test_merged_lines_have_a_sum_and_a_centre_and_doubted_parts(apart: float) -> None:
    model, rng = OdmrLines(n_lines=2), np.random.default_rng(0)
    start = {"position_1": 2.87e9 - apart / 2, "position_2": 2.87e9 + apart / 2}
    start |= {"fwhm_1": 5e6, "fwhm_2": 5e6, "depth_1": 0.02, "depth_2": 0.02}
    clean = model.evaluate(X, {**start, "background": 1.0})
    y = clean + NOISE * rng.standard_normal(X.size)
    fit = fit_trace(
        model, X, y, np.full(X.size, NOISE), start={**start, "background": 1.0}
    )
    assert fit.converged
    parts = fit.standard_errors[4:6]
    assert np.all(parts > 0.3 * fit.values[4:6])  # not known
    assert np.all(parts < 0.1)  # and yet not without bound
    slopes = np.zeros((2, 7))
    depths, places = fit.values[4:6], fit.values[:2]
    total = depths.sum()
    centre = float(depths @ places / total)
    slopes[0, 4:6] = 1.0
    slopes[1, :2], slopes[1, 4:6] = depths / total, (places - centre) / total
    errors = np.sqrt(np.diag(slopes @ fit.covariance @ slopes.T))
    assert abs(total - 0.04) < 4.0 * errors[0]
    assert abs(centre - 2.87e9) < 4.0 * errors[1]
    assert errors[0] < 0.02 * total
    assert errors[1] < 3e4
    for k, size in enumerate([errors[0] * 100.0, errors[1] / 1e6]):
        rise = profile(y, fit.values, k, size * np.array([-1.0, 0.0, 1.0]))
        assert_allclose(rise[1], fit.cost, rtol=1e-6)
        assert_allclose(rise[[0, 2]].mean() - rise[1], 1.0, atol=0.2)
    said = [one for one in fit.doubts if one.startswith("of depth_1 and depth_2")]
    assert len(said) == 1
    assert f"the sum is known, {total:.4g} +- {errors[0]:.2g}" in said[0]
    assert "they may be one" in said[0]


def test_lines_that_start_in_one_place_keep_their_sum() -> None:
    model, rng = OdmrLines(n_lines=2), np.random.default_rng(0)
    start = dict(
        zip(model.names, [2.87e9, 2.87e9, 5e6, 5e6, 0.02, 0.02, 1.0], strict=True)
    )
    y = model.evaluate(X, start) + NOISE * rng.standard_normal(X.size)
    fit = fit_trace(model, X, y, np.full(X.size, NOISE), start=start)
    assert any("of depth_1 and depth_2 the sum is known" in d for d in fit.doubts)
    assert np.all(fit.standard_errors[4:6] < 0.1)
    assert_allclose(fit.values[4:6].sum(), 0.04, atol=0.002)


def test_lines_that_are_apart_are_not_doubted() -> None:
    model, rng = OdmrLines(n_lines=2), np.random.default_rng(0)
    start = dict(
        zip(model.names, [2.866e9, 2.874e9, 5e6, 5e6, 0.02, 0.02, 1.0], strict=True)
    )
    y = model.evaluate(X, start) + NOISE * rng.standard_normal(X.size)
    assert fit_trace(model, X, y, np.full(X.size, NOISE)).doubts == ()
