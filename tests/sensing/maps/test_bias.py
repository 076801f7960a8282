"""Bias of least squares in maps: its second order, and that it is gone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.simd import host_lanes
from qleap.sensing._kernels import multiplet_bias as kernels
from qleap.sensing._kernels.multiplet_maps import multiplet_covariances
from qleap.sensing._reference import multiplet_bias as reference
from qleap.sensing.maps import fit_map
from qleap.sensing.models import OdmrLines

Array = NDArray[np.float64]

GRID = np.linspace(2.82e9, 2.92e9, 101)
TWO = OdmrLines(n_lines=2)
TRUTH = np.array([2.852e9, 2.888e9, 6e6, 6e6, 0.03, 0.03, 1.0])


@pytest.mark.parametrize(
    ("n_lines", "degree", "offsets"), [(1, 0, 1), (2, 1, 3), (4, 2, 2)]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_kernel_equals_its_twin(
    n_lines: int, degree: int, offsets: int, weighted: bool, rng: np.random.Generator
) -> None:
    x = np.linspace(-1, 1, 150)
    places = np.linspace(-0.01, 0.01, offsets) * (offsets - 1)
    centre = np.linspace(-0.8, 0.8, n_lines) if n_lines > 1 else np.zeros(1)
    values = np.zeros((5, 3 * n_lines + degree + 1))
    values[:, 0 : 3 * n_lines : 3] = centre + 0.01 * rng.normal(size=(5, n_lines))
    values[:, 1 : 3 * n_lines : 3] = 0.04
    values[:, 2 : 3 * n_lines : 3] = 0.03
    values[:, 3 * n_lines] = 1.0
    weights = rng.uniform(0.2, 2.0, (5 if weighted else 0, x.size))
    inverses = multiplet_covariances(
        x, values, weights, places, degree, 0, host_lanes(8)
    )
    variances = rng.uniform(1e-6, 1e-5, 5)
    arguments = (x, values, weights, inverses, variances, places, degree)
    errors = np.sqrt(np.einsum("naa->na", inverses) * variances[:, None])
    expected = reference.multiplet_biases(*arguments)
    found = kernels.multiplet_biases(*arguments)
    assert np.max(np.abs(expected / errors)) > 0.01
    assert_allclose(found / errors, expected / errors, atol=1e-8)


@pytest.mark.parametrize("ratio", [10.0, 20.0])
@pytest.mark.parametrize("given", [True, False])
def test_corrected_parameters_scatter_about_the_truth(
    ratio: float, given: bool, rng: np.random.Generator
) -> None:
    noise = 0.03 / ratio
    model = TWO.evaluate(GRID, dict(zip(TWO.names, TRUTH, strict=True)))
    cube = model + noise * rng.standard_normal((200, 200, 101))
    fit = fit_map(TWO, GRID, cube, noise=noise if given else None, correct_bias=True)
    slopes = TWO._jacobian(GRID, TRUTH)
    bound = noise * np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes)))
    assert np.mean(fit.converged) > 0.999
    pull = (fit.values[fit.converged] - TRUTH) / bound
    assert np.max(np.abs(pull.mean(axis=0))) < 0.02  # 40 000 pixels: 0.005 by chance
    assert_allclose(pull.std(axis=0), 1.0, atol=0.03)


def test_the_bias_is_what_was_subtracted(rng: np.random.Generator) -> None:
    model = TWO.evaluate(GRID, dict(zip(TWO.names, TRUTH, strict=True)))
    cube = model + 3e-3 * rng.standard_normal((20, 20, 101))
    cube[3, 4] = np.nan
    plain = fit_map(TWO, GRID, cube, noise=3e-3)
    fit = fit_map(TWO, GRID, cube, noise=3e-3, correct_bias=True)
    assert plain.bias is None
    assert fit.bias is not None
    assert_allclose(fit.values + fit.bias, plain.values, rtol=1e-14)
    assert np.all(np.isnan(fit.bias[3, 4]))
    depths = (fit.bias / fit.standard_errors)[fit.converged][:, 4:6]
    assert_allclose(depths.mean(), 0.095, atol=0.01)


def test_points_of_hardly_any_weight_have_no_part_in_the_bias(
    rng: np.random.Generator,
) -> None:
    x = np.linspace(2.82e9, 2.92e9, 101)
    cube = np.ones((5, 5, 101)) - 0.03 / (1 + ((x - 2.87e9) / 3e6) ** 2)
    cube += 3e-3 * rng.standard_normal(cube.shape)
    noise = np.full(101, 3e-3)
    noise[50:60] = 30.0
    without = np.where(noise > 1.0, np.nan, cube)
    model = OdmrLines(n_lines=1)
    found = fit_map(model, x, cube, noise=noise, correct_bias=True)
    expected = fit_map(model, x, without, noise=3e-3, correct_bias=True)
    assert found.bias is not None
    assert expected.bias is not None
    off = (found.bias - expected.bias) / expected.standard_errors
    assert np.nanmax(np.abs(expected.bias / expected.standard_errors)) > 0.1
    assert_allclose(off, 0.0, atol=3e-3)
