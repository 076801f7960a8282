"""Gaussian and pseudo-Voigt lines in maps, against fits of single traces."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing import LineModel, fit_trace
from qleap.sensing.maps import MapFit, fit_map
from qleap.sensing.models import OdmrLines

Array = NDArray[np.float64]

GRID = np.linspace(2.82e9, 2.92e9, 151)
NOISE = 1e-3


def lines_of(shape: str, hyperfine: str = "none") -> OdmrLines:
    lines = LineModel(background="constant", shape=shape, hyperfine=hyperfine)
    return OdmrLines(n_lines=2, lines=lines)


def truth_of(model: OdmrLines, size: int, share: float) -> Array:
    y, x = np.meshgrid(*(np.linspace(-1, 1, size),) * 2, indexing="ij")
    shift = 18e6 + 4e6 * np.exp(-4 * (x**2 + y**2)) + 2e6 * x
    width, depth = 6e6 * (1 + 0.1 * y), 0.03 * (1 + 0.2 * x)
    rows = [2.87e9 - shift, 2.87e9 + shift, width, width, depth, depth]
    if model.lines.mixes:
        rows.append(np.full_like(x, share))
    return np.stack([*rows, np.ones_like(x)], axis=-1)


def cube_of(model: OdmrLines, truth: Array, rng: np.random.Generator) -> Array:
    cube = np.array(
        [model._evaluate(GRID, p) for p in truth.reshape(-1, truth.shape[2])]
    )
    noise = NOISE * rng.standard_normal(cube.shape)
    return (cube + noise).reshape(*truth.shape[:2], GRID.size)


def apart_from_traces(model: OdmrLines, cube: Array, fit: MapFit) -> Array:
    """Return how far pixels are from fits one by one, in standard errors."""
    found = []
    for at in np.ndindex(*fit.shape):
        start = dict(zip(fit.names, fit.values[at], strict=True))
        noise = np.full(GRID.size, NOISE)
        alone = fit_trace(model, GRID, cube[at], noise, start=start)
        found.append((fit.values[at] - alone.values) / fit.standard_errors[at])
    return np.array(found)


@pytest.mark.parametrize("hyperfine", ["none", "14N"])
@pytest.mark.parametrize("shape", ["gaussian", "pseudo-voigt"])
def test_lines_of_other_shapes_scatter_as_their_errors_say(
    shape: str, hyperfine: str, rng: np.random.Generator
) -> None:
    model = lines_of(shape, hyperfine)
    truth = truth_of(model, 40, 0.5)
    fit = fit_map(model, GRID, cube_of(model, truth, rng), noise=NOISE)
    assert np.mean(fit.converged) > 0.999
    pull = ((fit.values - truth) / fit.standard_errors)[fit.converged]
    assert np.max(np.abs(pull.mean(axis=0))) < 0.25
    assert_allclose(pull.std(axis=0), 1.0, atol=0.08)
    assert_allclose(np.nanmean(fit.reduced_chi_square), 1.0, atol=0.01)


@pytest.mark.parametrize("shape", ["gaussian", "pseudo-voigt"])
def test_pixels_of_other_shapes_equal_traces(
    shape: str, rng: np.random.Generator
) -> None:
    model = lines_of(shape)
    truth = truth_of(model, 6, 0.5)
    cube = cube_of(model, truth, rng)
    fit = fit_map(model, GRID, cube, noise=NOISE)
    assert np.max(np.abs(apart_from_traces(model, cube, fit))) < 2e-3


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_lorentzian_share_ends_at_its_limits(
    share: float, rng: np.random.Generator
) -> None:
    model = lines_of("pseudo-voigt")
    truth = truth_of(model, 10, share)
    cube = cube_of(model, truth, rng)
    fit = fit_map(model, GRID, cube, noise=NOISE)
    assert np.all(fit.converged)
    found = fit["lorentzian_share"]
    assert np.all((found >= 0.0) & (found <= 1.0))
    at_limit = np.mean(found == share)
    assert 0.3 < at_limit < 0.7
    only = lines_of("gaussian" if share == 0.0 else "lorentzian")
    less = fit_map(only, GRID, cube, noise=NOISE)
    off = (fit.positions - less.positions) / less.standard_errors[..., :2]
    assert np.max(np.abs(off[found == share])) < 2e-3


def test_outliers_are_found_on_gaussian_lines(rng: np.random.Generator) -> None:
    model = lines_of("gaussian")
    truth = truth_of(model, 20, 0.0)
    cube = cube_of(model, truth, rng)
    hit = rng.random(cube.shape) < 0.005
    cube[hit] += 0.1
    fit = fit_map(model, GRID, cube, noise=NOISE, outliers=5.0)
    assert fit.points is not None
    assert np.mean(fit.points == GRID.size - hit.sum(axis=2)) > 0.99


def test_bias_is_corrected_for_lorentzian_lines_alone() -> None:
    with pytest.raises(InvalidValue, match="correct_bias is for lines"):
        fit_map(
            lines_of("gaussian"), GRID, np.ones((4, 5, GRID.size)), correct_bias=True
        )
