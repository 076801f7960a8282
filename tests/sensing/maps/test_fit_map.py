"""Maps of lines: the same minimum as SciPy, honest errors, and damaged pixels."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.core.simd import host_lanes
from qleap.sensing import LineModel, fit_trace
from qleap.sensing._kernels import multiplet_maps as kernels
from qleap.sensing._reference import multiplet_maps as reference
from qleap.sensing.maps import CameraNoise, MapFit, Status, fit_map
from qleap.sensing.maps.pixels import ordered
from qleap.sensing.models import OdmrLines

Array = NDArray[np.float64]

GRID = np.linspace(2.82e9, 2.92e9, 101)
NOISE = 2e-3
TWO = OdmrLines(n_lines=2)
ALL = np.empty((0, GRID.size))
"""Weights of points that all count the same."""


def lines_of(rows: int, columns: int) -> tuple[Array, Array, Array]:
    """Return positions, widths and depths of two lines of a smooth map."""
    y, x = np.meshgrid(
        np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij"
    )
    shift = 18e6 + 4e6 * np.exp(-4 * (x**2 + y**2)) + 3e6 * x
    position = np.stack([2.87e9 - shift, 2.87e9 + shift], axis=-1)
    width = np.repeat(6e6 * (1 + 0.1 * y)[..., None], 2, axis=-1)
    depth = np.repeat(0.03 * (1 + 0.2 * x)[..., None], 2, axis=-1)
    return position, width, depth


def cube_of(
    lines: tuple[Array, Array, Array],
    rng: np.random.Generator,
    noise: float = NOISE,
    offsets: tuple[float, ...] = (0.0,),
) -> Array:
    cube = np.ones((*lines[0].shape[:2], GRID.size))
    for k in range(lines[0].shape[2]):
        position, width, depth = (one[..., k, None] for one in lines)
        for offset in offsets:
            cube -= depth / (1 + (2 * (GRID - position - offset) / width) ** 2)
    return cube + noise * rng.standard_normal(cube.shape)


@pytest.mark.parametrize(
    ("n_lines", "degree", "offsets", "shape"),
    [
        (1, 0, 1, 0),
        (2, 1, 3, 0),
        (4, 2, 2, 0),
        (8, 0, 1, 0),
        (2, 0, 1, 1),
        (2, 1, 3, 1),
        (2, 0, 3, 2),
        (4, 1, 1, 2),
    ],
)
@pytest.mark.parametrize("bits", [128, 512])
@pytest.mark.parametrize("weighted", [False, True])
def test_kernels_equal_their_twins(
    n_lines: int,
    degree: int,
    offsets: int,
    shape: int,
    bits: int,
    weighted: bool,
    rng: np.random.Generator,
) -> None:
    x = np.linspace(-1, 1, 150)
    places = np.linspace(-0.01, 0.01, offsets) * (offsets - 1)
    centre = np.linspace(-0.8, 0.8, n_lines) if n_lines > 1 else np.zeros(1)
    truth = np.zeros((11, 3 * n_lines + (shape == 2) + degree + 1))
    truth[:, 0 : 3 * n_lines : 3] = centre + 0.01 * rng.normal(size=(11, n_lines))
    truth[:, 1 : 3 * n_lines : 3] = 0.04
    truth[:, 2 : 3 * n_lines : 3] = 0.03
    truth[:, 3 * n_lines] = 0.5  # the Lorentzian share
    truth[:, 3 * n_lines + (shape == 2)] = 1.0
    spectra = np.array([reference._model(x, p, places, degree, shape) for p in truth])
    spectra += 1e-3 * rng.normal(size=spectra.shape)
    weights = rng.uniform(0.2, 2.0, spectra.shape if weighted else (0, x.size))
    weights[:, 7::20] = 0.0
    if weighted:
        spectra[:, 7::20] = 9.97e36  # what is left out may hold anything
    start = truth.copy()
    start[:, 0 : 3 * n_lines : 3] += 0.01
    start[:, 1 : 3 * n_lines : 3] *= 1.3
    lanes = host_lanes(8, bits)
    found, costs, steps = kernels.fit_multiplets(
        x, spectra, weights, start, places, degree, shape, 60, 1.0, 1e-7, lanes
    )
    expected, lowest, _ = reference.fit_multiplets(
        x, spectra, weights, start, places, degree, shape, 500, 1.0, 1e-7, lanes
    )
    assert np.all(steps > 0)
    assert_allclose(costs, lowest, rtol=1e-6)
    covariance = reference.multiplet_covariances(
        x, expected, weights, places, degree, shape, lanes
    )
    sizes = np.sqrt(np.einsum("naa->na", covariance))
    used = x.size - 8 * weighted
    noise = np.sqrt(lowest / (used - truth.shape[1]))[:, None]
    assert_allclose((found - expected) / (sizes * noise), 0.0, atol=1e-3)
    ours = kernels.multiplet_covariances(
        x, expected, weights, places, degree, shape, lanes
    )
    scale = sizes[:, :, None] * sizes[:, None, :]
    assert_allclose(ours / scale, covariance / scale, atol=1e-10)


@pytest.mark.parametrize("shape", [0, 2])
def test_the_background_that_a_fit_starts_from_changes_no_bit(
    shape: int, rng: np.random.Generator
) -> None:
    x, places, lanes = np.linspace(-1, 1, 150), np.zeros(1), host_lanes(8)
    share = [0.5] if shape == 2 else []
    truth = np.tile([-0.4, 0.06, 0.03, 0.4, 0.06, 0.03, *share, 1.0], (11, 1))
    spectra = np.array([reference._model(x, p, places, 0, shape) for p in truth])
    spectra += 1e-3 * rng.normal(size=spectra.shape)
    weights = np.empty((0, x.size))
    options = (places, 0, shape, 60, 1.0, 1e-7, lanes)
    found = []
    for level in (1.0, -1e5):
        start = truth.copy()
        start[:, -1] = level
        found.append(kernels.fit_multiplets(x, spectra, weights, start, *options))
    for ours, others in zip(*found, strict=True):
        assert np.array_equal(ours, others)
    assert np.all(found[0][2] > 0)
    _, lowest, _ = reference.fit_multiplets(x, spectra, weights, truth, *options)
    assert_allclose(found[0][1], lowest, rtol=1e-6)


def test_costs_are_those_after_the_last_step(rng: np.random.Generator) -> None:
    x, places, lanes = np.linspace(-1, 1, 150), np.zeros(1), host_lanes(8)
    truth = np.tile([-0.4, 0.06, 0.03, 0.4, 0.06, 0.03, 1.0], (11, 1))
    spectra = np.array([reference._model(x, p, places, 0) for p in truth])
    spectra += 1e-3 * rng.normal(size=spectra.shape)
    # Such wide limits leave one step, which gains more than the bound.
    options = (places, 0, 0, 60, 30.0, 1.0, lanes)
    weights = np.empty((0, x.size))
    _, costs, _ = kernels.fit_multiplets(x, spectra, weights, truth, *options)
    _, lowest, _ = reference.fit_multiplets(x, spectra, weights, truth, *options)
    assert_allclose(costs, lowest, rtol=1e-4)


@pytest.mark.parametrize(
    ("ratio", "width", "most"),
    [(5.0, 0.06, 1e-3), (15.0, 0.06, 1e-3), (250.0, 0.02, 1.5e-4)],
)
def test_single_precision_meets_the_minimum_of_double(
    ratio: float, width: float, most: float, rng: np.random.Generator
) -> None:
    x, places, noise = np.linspace(-1, 1, 101), np.zeros(1), 0.03 / ratio
    truth = np.tile([-0.8, width, 0.03, 0.8, width, 0.03, 1.0], (400, 1))
    truth[:, :6] *= 1.0 + 0.01 * rng.uniform(-1, 1, (400, 6))
    spectra = np.array([reference._model(x, p, places, 0) for p in truth])
    spectra += noise * rng.normal(size=spectra.shape)
    start = np.tile(truth.mean(axis=0), (400, 1))
    single, costs, steps = kernels.fit_multiplets(
        x, spectra, ALL, start.astype(np.float32), places, 0, 0, 60, 2.0, 1e-7,
        host_lanes(4),
    )  # fmt: skip
    double, lowest, _ = kernels.fit_multiplets(
        x, spectra, ALL, truth, places, 0, 0, 100, 1e-6, 1e-14, host_lanes(8)
    )
    assert np.mean(steps > 0) > 0.99
    inverse = kernels.multiplet_covariances(x, double, ALL, places, 0, 0, host_lanes(8))
    errors = noise * np.sqrt(np.einsum("naa->na", inverse))
    off = np.max(np.abs(single - double) / errors, axis=1)[steps > 0]
    assert np.quantile(off, 0.999) < most
    assert_allclose(costs[steps > 0], lowest[steps > 0], rtol=1e-5)


def test_single_precision_says_where_it_is_not_enough(rng: np.random.Generator) -> None:
    x, places = np.linspace(-1, 1, 101), np.zeros(1)
    truth = np.tile([-0.4, 0.06, 0.03, 0.4, 0.06, 0.03, 1.0], (20, 1))
    spectra = np.array([reference._model(x, p, places, 0) for p in truth])
    spectra += 3e-6 * rng.normal(size=spectra.shape)
    _, _, steps = kernels.fit_multiplets(
        x, spectra, ALL, truth.astype(np.float32), places, 0, 0, 60, 2.0, 1e-7,
        host_lanes(4),
    )  # fmt: skip
    assert np.all(steps < 0)


def test_scatter_bias_and_errors_are_those_of_theory(rng: np.random.Generator) -> None:
    lines = lines_of(60, 70)
    fit = fit_map(TWO, GRID, cube_of(lines, rng), noise=NOISE)
    assert np.mean(fit.converged) > 0.999
    for k in range(2):
        pull = (fit[f"position_{k + 1}"] - lines[0][..., k]) / (
            fit.standard_errors[..., k]
        )
        assert abs(np.nanmean(pull)) < 0.06  # 4200 pixels: 0.015 by chance
        assert_allclose(np.nanstd(pull), 1.0, atol=0.04)
    assert_allclose(np.nanmean(fit.reduced_chi_square), 1.0, atol=0.01)


def test_errors_from_the_residuals_agree_with_the_given_noise(
    rng: np.random.Generator,
) -> None:
    cube = cube_of(lines_of(20, 20), rng)
    given, found = fit_map(TWO, GRID, cube, noise=NOISE), fit_map(TWO, GRID, cube)
    ratio = found.standard_errors[..., 0] / given.standard_errors[..., 0]
    assert_allclose(np.median(ratio), 1.0, atol=0.03)
    assert_allclose(np.sqrt(np.median(found.reduced_chi_square)), NOISE, rtol=0.03)


def test_the_division_of_the_map_changes_no_bit(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = cube_of(lines_of(30, 41), rng)
    cube[3, 7] = rng.normal(size=101) * NOISE + 1.0
    whole = fit_map(TWO, GRID, cube)
    monkeypatch.setattr("qleap.sensing.maps.fit.CHUNK", 123)
    parts = fit_map(TWO, GRID, cube)
    assert np.array_equal(whole.values, parts.values, equal_nan=True)
    assert np.array_equal(whole.status, parts.status)


def test_what_neighbours_mend_does_not_depend_on_the_division(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = cube_of(lines_of(20, 20), rng)
    cube[rng.random(cube.shape) < 3e-3] += 0.3  # many pixels are tried again
    expected = fit_map(TWO, GRID, cube, noise=NOISE)
    for chunk in (7, 50):
        monkeypatch.setattr("qleap.sensing.maps.neighbours.CHUNK", chunk)
        found = fit_map(TWO, GRID, cube, noise=NOISE)
        assert np.array_equal(found.values, expected.values)
        assert np.array_equal(found.status, expected.status)


def test_damaged_pixels_are_named_and_harm_no_other(rng: np.random.Generator) -> None:
    lines = lines_of(24, 24)
    cube = cube_of(lines, rng)
    clean = fit_map(TWO, GRID, cube, noise=NOISE)
    cube[2, 3, 20:60] = np.nan
    cube[5:7, 5:7] = 0.0  # dead
    cube[9, 9] = 1.0  # saturated
    cube[12, 12] = 1.0 + NOISE * rng.standard_normal(101)
    mask = np.zeros((24, 24), dtype=bool)
    mask[0] = True
    fit = fit_map(TWO, GRID, cube, noise=NOISE, mask=mask)
    assert fit.status[2, 3] == Status.NOT_FINITE
    assert np.all(fit.status[0] == Status.MASKED)
    for pixel in ((5, 5), (9, 9), (12, 12)):
        assert fit.status[pixel] not in (Status.CONVERGED, Status.MASKED)
        assert np.isnan(fit["position_1"][pixel])
    good = fit.converged & clean.converged
    assert good.sum() >= 24 * 24 - 24 - 8
    assert_allclose(
        (fit.values[good] - clean.values[good]) / clean.standard_errors[good],
        0.0,
        atol=2e-3,
    )
    assert "1 not finite" in fit.summary()


@pytest.mark.parametrize("outliers", [None, 5.0])
def test_pixels_without_light_are_not_converged(
    outliers: float | None, rng: np.random.Generator
) -> None:
    counts = 50_000.0 * cube_of(lines_of(16, 16), rng)
    dead = np.zeros((16, 16), dtype=bool)
    dead[2::4, 3::4] = True  # neighbours lend them their values
    counts[dead] = 0.0
    counts[2, 3] = 1234.0
    camera = CameraNoise(counts_per_unit=5.0)
    fit = fit_map(
        TWO, GRID, counts, noise=camera, background="linear", outliers=outliers
    )
    assert np.array_equal(fit.converged, ~dead)
    dark = fit.status[np.all(counts == 0.0, axis=2)]
    assert np.mean(dark == Status.NO_SIGNAL) > 0.9
    assert np.all(np.isin(dark, (Status.NO_SIGNAL, Status.NOT_CONVERGED)))


@pytest.mark.parametrize(
    ("place", "width"),
    [(2.9215e9, 6e6), (2.8185e9, 6e6), (2.87e9, 0.2e6), (2.87e9, 250e6)],
    ids=["above", "below", "narrow", "wide"],
)
def test_lines_beyond_the_sweep_are_at_its_limit(
    place: float, width: float, rng: np.random.Generator
) -> None:
    position = np.full((9, 9, 1), 2.87e9)
    widths, depth = np.full((9, 9, 1), 6e6), np.full((9, 9, 1), 0.03)
    position[4, 4], widths[4, 4] = place, width
    cube = cube_of((position, widths, depth), rng, noise=1e-5)
    fit = fit_map(OdmrLines(n_lines=1), GRID, cube, noise=1e-5)
    assert fit.status[4, 4] == Status.AT_LIMIT
    assert np.sum(fit.converged) == 80


def test_lines_that_are_absent_are_named(rng: np.random.Generator) -> None:
    position, width, depth = lines_of(24, 24)
    depth = depth.copy()
    depth[:, 12:, 1] = 0.0
    fit = fit_map(TWO, GRID, cube_of((position, width, depth), rng), noise=NOISE)
    assert np.mean(fit.converged[:, :12]) > 0.99
    assert not np.any(fit.converged[:, 12:] & (fit.values[:, 12:, 5] > 0.01))
    named = (Status.LINE_MISSING, Status.AT_LIMIT, Status.NOT_CONVERGED)
    assert np.mean(np.isin(fit.status[:, 12:], named)) > 0.98


def test_a_few_missing_points_are_left_out(rng: np.random.Generator) -> None:
    lines = lines_of(12, 12)
    cube = cube_of(lines, rng)
    cube[:, :, 40] = np.nan  # a lost frame
    cube[3, 4, [30, 31, 70]] = np.inf, np.nan, -np.inf
    fit = fit_map(TWO, GRID, cube, noise=NOISE)
    assert np.all(fit.converged)
    assert fit.points is not None
    assert fit.points[3, 4] == 97
    assert fit.points[0, 0] == 100
    kept = np.isfinite(cube[3, 4])
    alone = fit_trace(TWO, GRID[kept], cube[3, 4, kept], np.full(97, NOISE))
    assert_allclose(
        (fit.values[3, 4] - alone.values) / alone.standard_errors, 0.0, atol=1e-3
    )
    assert_allclose(fit.standard_errors[3, 4], alone.standard_errors, rtol=1e-3)
    assert_allclose(fit.reduced_chi_square[3, 4], alone.reduced_chi_square, rtol=1e-6)


def test_saturated_points_are_left_out_before_binning(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(12, 12), rng)
    hot = cube.copy()
    hot[4, 5, 10:15] = 2.0
    fit = fit_map(TWO, GRID, hot, noise=NOISE / 2, binning=2, saturation=1.5)
    assert fit.points is not None
    assert fit.points[2, 2] == 96
    clean = fit_map(TWO, GRID, cube, noise=NOISE / 2, binning=2)
    off = (fit.values - clean.values)[2, 2] / clean.standard_errors[2, 2]
    assert np.max(np.abs(off)) < 1.5


@pytest.mark.parametrize("size", [0.3, -0.3, 0.02, 9.97e36])
def test_outliers_do_not_count(size: float, rng: np.random.Generator) -> None:
    lines = lines_of(40, 40)
    cube = cube_of(lines, rng)
    hit = rng.random(cube.shape) < 0.005  # two pixels of five
    cube[hit] += size
    fit = fit_map(TWO, GRID, cube, noise=NOISE, outliers=5.0)
    assert np.mean(fit.converged) > 0.999
    pull = (fit.positions - lines[0]) / fit.standard_errors[..., :2]
    assert np.nanmax(np.abs(pull)) < 5.0
    assert_allclose(np.nanstd(pull), 1.0, atol=0.06)
    assert_allclose(np.nanmean(fit.reduced_chi_square), 1.0, atol=0.02)
    assert fit.points is not None
    assert np.mean(fit.points == 101 - hit.sum(axis=2)) > 0.99


def test_where_the_model_is_wrong_all_points_count(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(12, 12), rng, noise=1e-4)
    cube[6, 6, rng.permutation(GRID.size)[:35]] += 0.3  # a third is far off
    fit = fit_map(TWO, GRID, cube, outliers=5.0)
    assert fit.points is not None
    assert fit.points[6, 6] == GRID.size
    assert fit.reduced_chi_square[6, 6] > 1e3 * np.median(fit.reduced_chi_square)


def test_lines_that_changed_places_are_put_in_order() -> None:
    found = ordered(np.array([[2.0, 20, 200, 1, 10, 100, 9]]), 2)
    assert_allclose(found, [[1.0, 10, 100, 2, 20, 200, 9]])


def test_a_spectrum_needs_more_points_than_parameters(
    rng: np.random.Generator,
) -> None:
    x = GRID[40:60:2]  # ten points, seven of which are enough
    y = 1.0 - 0.03 / (1 + ((x - 2.87e9) / 3e6) ** 2)
    cube = np.tile(y, (6, 6, 1)) + 1e-4 * rng.normal(size=(6, 6, x.size))
    cube[2, 2, :3] = np.nan
    start = {"position_1": 2.87e9, "fwhm_1": 6e6, "depth_1": 0.03, "background": 1.0}
    one = OdmrLines(n_lines=1)
    fit = fit_map(one, x, cube, noise=1e-4, start=start, background="quadratic")
    assert fit.converged[2, 2] or fit.status[2, 2] == Status.LINE_MISSING
    x, cube = x[2:9], cube[..., 2:9]
    fit = fit_map(one, x, cube, noise=1e-4, start=start, background="quadratic")
    assert fit.status[2, 2] == Status.NOT_FINITE  # six for six


def test_the_option_for_outliers_leaves_clean_pixels_alone(
    rng: np.random.Generator,
) -> None:
    cube = cube_of(lines_of(20, 20), rng)
    plain, careful = fit_map(TWO, GRID, cube), fit_map(TWO, GRID, cube, outliers=6.0)
    assert np.array_equal(plain.values, careful.values)


@pytest.mark.parametrize("background", ["linear", "quadratic"])
def test_a_background_that_drifts_is_fitted(
    background: str, rng: np.random.Generator
) -> None:
    lines = lines_of(24, 24)
    x = GRID - 2.87e9
    drift = 4e-10 * x + (1e-17 * x**2 if background == "quadratic" else 0.0)
    cube = cube_of(lines, rng) + drift
    fit = fit_map(TWO, GRID, cube, noise=NOISE, background=background)
    assert np.mean(fit.converged) > 0.998
    pull = (fit.positions - lines[0]) / fit.standard_errors[..., :2]
    assert_allclose(np.nanstd(pull), 1.0, atol=0.08)
    k = fit.names.index("background_slope")
    pull = (fit["background_slope"] - 4e-10) / fit.standard_errors[..., k]
    assert abs(np.nanmean(pull)) < 0.2
    assert_allclose(np.nanstd(pull), 1.0, atol=0.1)
    assert fit.to_dataset()["background_slope"].attrs["units"] == "signal/Hz"


def test_the_covariance_of_all_parameters_is_that_of_a_trace(
    rng: np.random.Generator,
) -> None:
    cube = cube_of(lines_of(5, 6), rng)
    fit = fit_map(TWO, GRID, cube, noise=NOISE, full_covariance=True)
    alone = fit_trace(TWO, GRID, cube[3, 2], np.full(101, NOISE))
    assert fit.covariance is not None
    sizes = np.outer(alone.standard_errors, alone.standard_errors)
    assert_allclose(fit.covariance[3, 2] / sizes, alone.correlation, atol=1e-3)


def test_a_map_starts_from_an_earlier_one(rng: np.random.Generator) -> None:
    columns = 60
    shift = np.linspace(6e6, 44e6, columns)
    position = np.stack([2.87e9 - shift, 2.87e9 + shift], axis=-1)[None]
    position = np.repeat(position, 6, axis=0)
    lines = (position, np.full_like(position, 5e6), np.full_like(position, 0.03))
    first = fit_map(TWO, GRID, cube_of(lines, rng), noise=NOISE)
    cube = cube_of(lines, rng)
    again = fit_map(TWO, GRID, cube, noise=NOISE, start=first)
    fresh = fit_map(TWO, GRID, cube, noise=NOISE)
    assert np.mean(again.converged) >= np.mean(fresh.converged)
    assert again.steps.mean() < fresh.steps.mean()
    both = again.converged & fresh.converged
    off = (again.values - fresh.values)[both] / fresh.standard_errors[both]
    assert np.quantile(np.abs(off), 0.99) < 2e-3
    with pytest.raises(InvalidValue, match="start must be a fit of the same model"):
        fit_map(TWO, GRID, cube[:3], start=first)


def test_each_pixel_may_have_its_own_noise(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(6, 7), rng)
    noise = rng.uniform(1e-3, 3e-3, (6, 7))
    fit, one = fit_map(TWO, GRID, cube, noise=noise), fit_map(TWO, GRID, cube, noise=1)
    assert_allclose(
        fit.standard_errors, one.standard_errors * noise[..., None], rtol=1e-9
    )


@pytest.mark.parametrize("of", ["points", "pixels"])
def test_noise_may_differ_from_point_to_point(
    of: str, rng: np.random.Generator
) -> None:
    lines = lines_of(30, 31)
    noise = np.where(np.arange(101) % 3 == 0, 6e-3, 1.5e-3)
    if of == "pixels":
        noise = noise * rng.uniform(0.5, 1.5, (30, 31, 1))
    cube = cube_of(lines, rng, 0.0) + noise * rng.standard_normal((30, 31, 101))
    fit = fit_map(TWO, GRID, cube, noise=noise)
    assert np.all(fit.converged)
    assert_allclose(np.nanmean(fit.reduced_chi_square), 1.0, atol=0.02)
    own = np.broadcast_to(noise, cube.shape)[3, 4]
    alone = fit_trace(TWO, GRID, cube[3, 4], own)
    assert_allclose(
        (fit.values[3, 4] - alone.values) / alone.standard_errors, 0.0, atol=1e-3
    )
    assert_allclose(fit.standard_errors[3, 4], alone.standard_errors, rtol=1e-3)
    pull = (fit.positions - lines[0]) / fit.standard_errors[..., :2]
    assert_allclose(np.nanstd(pull), 1.0, atol=0.06)
    first = np.moveaxis(cube, -1, 0)
    turned = noise if of == "points" else np.moveaxis(noise, -1, 0)
    same = fit_map(TWO, GRID, first, axis=0, noise=turned)
    assert np.array_equal(same.values, fit.values)


def test_points_of_hardly_any_weight_do_not_hide_the_lines(
    rng: np.random.Generator,
) -> None:
    lines = lines_of(20, 20)
    noise = 6e-4 * 1e5 ** rng.random(GRID.size)
    noise[rng.random(GRID.size) < 0.6] = 6e-4
    cube = cube_of(lines, rng, noise=0.0) + noise * rng.normal(size=(20, 20, 101))
    fit = fit_map(TWO, GRID, cube, noise=noise)
    assert np.mean(fit.converged) > 0.99
    pull = (fit.positions - lines[0]) / fit.standard_errors[..., :2]
    assert_allclose(np.nanstd(pull), 1.0, atol=0.1)


def test_points_of_infinite_noise_do_not_count(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(12, 12), rng)
    lost = cube.copy()
    lost[:, :, 40] = np.nan
    noise = np.full(101, NOISE)
    noise[40] = np.inf
    fit, expected = fit_map(TWO, GRID, cube, noise=noise), fit_map(TWO, GRID, lost)
    off = (fit.values - expected.values) / expected.standard_errors
    assert np.max(np.abs(off)) < 1e-3
    assert fit.points is not None
    assert np.all(fit.points == 100)


def test_points_of_infinite_noise_do_not_count_in_their_pixel_alone(
    rng: np.random.Generator,
) -> None:
    cube = cube_of(lines_of(8, 8), rng)
    noise = np.full(cube.shape, NOISE)
    noise[:3, :3] = np.inf  # the first pixels say nothing
    noise[5, 5, 40:44], cube[5, 5, 40:44] = np.inf, 1.5
    found = fit_map(TWO, GRID, cube, noise=noise)
    assert np.all(found.status[:3, :3] == Status.NOT_FINITE)
    assert np.sum(found.converged) == 64 - 9
    assert found.points is not None
    assert found.points[5, 5] == 97
    usual = fit_map(TWO, GRID, np.where(np.isinf(noise), np.nan, cube), noise=NOISE)
    good = found.converged
    assert np.array_equal(good, usual.converged)
    off = (found.values - usual.values)[good] / usual.standard_errors[good]
    assert_allclose(off, 0.0, atol=2e-3)
    assert_allclose(found.standard_errors[good], usual.standard_errors[good], rtol=1e-4)


def test_noise_that_leaves_no_point_is_refused(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(4, 4), rng)
    for noise in (np.full(GRID.size, np.inf), np.full(cube.shape, np.inf)):
        with pytest.raises(InvalidValue, match="noise must be finite somewhere"):
            fit_map(TWO, GRID, cube, noise=noise)


def test_outliers_are_found_where_noise_differs(rng: np.random.Generator) -> None:
    noise = np.where(np.arange(101) % 3 == 0, 2e-2, 1e-3)
    lines = lines_of(20, 20)
    cube = cube_of(lines, rng, 0.0) + noise * rng.standard_normal((20, 20, 101))
    cube[:, :, 50] += 0.02  # twenty of its own standard deviations, one of others'
    fit = fit_map(TWO, GRID, cube, noise=noise, outliers=5.0)
    assert fit.points is not None
    assert np.mean(fit.points == 100) > 0.99


def test_noise_of_the_wrong_shape_or_sign_is_refused(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(4, 5), rng)
    with pytest.raises(InvalidValue, match="one for each of the 101 points"):
        fit_map(TWO, GRID, cube, noise=np.ones(7))
    with pytest.raises(InvalidValue, match="4, 5"):
        fit_map(TWO, GRID, cube, noise=np.ones((4, 6, 101)))
    for wrong in (np.zeros(101), np.full(cube.shape, -1.0)):
        with pytest.raises(InvalidValue, match="positive"):
            fit_map(TWO, GRID, cube, noise=wrong)


@pytest.mark.parametrize("ratio", [5.0, 8.0])
def test_faint_lines_end_at_the_minimum_too(
    ratio: float, rng: np.random.Generator
) -> None:
    noise = 0.03 / ratio
    cube = cube_of(lines_of(12, 12), rng, noise)
    fit = fit_map(TWO, GRID, cube, noise=noise)
    for pixel in np.argwhere(fit.converged):
        at = tuple(pixel)
        start = dict(zip(fit.names, fit.values[at], strict=True))
        alone = fit_trace(TWO, GRID, cube[at], np.full(101, noise), start=start)
        off = (fit.values[at] - alone.values) / alone.standard_errors
        assert np.max(np.abs(off)) < 1e-3


def test_another_cube_does_not_go_on_from_the_store_of_the_first(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    start = dict(zip(TWO.names, [2.85e9, 2.89e9, 6e6, 6e6, 0.03, 0.03, 1], strict=True))
    first, second = (cube_of(lines_of(8, 8), rng) for _ in range(2))
    fit_map(TWO, GRID, first, start=start, store=tmp_path)
    with pytest.raises(InvalidValue, match="computed from other values"):
        fit_map(TWO, GRID, second, start=start, store=tmp_path)


@pytest.mark.parametrize("option", ["saturation", "noise"])
def test_other_settings_do_not_go_on_from_the_store_of_the_first(
    option: str, rng: np.random.Generator, tmp_path: Path
) -> None:
    cube = cube_of(lines_of(20, 20), rng)
    cube[3, 3, 40:44] = 1.5  # outside the squares that stand for the cube
    noise = np.full(cube.shape, NOISE)
    first: dict[str, Any] = {"saturation": 2.0, "noise": noise}
    fit_map(TWO, GRID, cube, store=tmp_path, **first)
    faded = noise * np.where(np.arange(20) < 15, 1.0, 1.5)[:, None, None]
    other = {"saturation": 1.4, "noise": faded}[option]
    with pytest.raises(InvalidValue, match="computed from other values"):
        fit_map(TWO, GRID, cube, store=tmp_path, **(first | {option: other}))


def test_lines_that_move_far_are_followed_from_pixel_to_pixel(
    rng: np.random.Generator,
) -> None:
    columns = 60
    shift = np.linspace(6e6, 44e6, columns)  # seven widths
    position = np.stack([2.87e9 - shift, 2.87e9 + shift], axis=-1)[None]
    position = np.repeat(position, 6, axis=0)
    lines = (position, np.full_like(position, 5e6), np.full_like(position, 0.03))
    fit = fit_map(TWO, GRID, cube_of(lines, rng), noise=NOISE)
    assert np.mean(fit.converged) > 0.99
    pull = (fit.positions - position) / fit.standard_errors[..., :2]
    assert np.nanmax(np.abs(pull)) < 6.0


def test_triplets_are_fitted_with_their_hyperfine_structure(
    rng: np.random.Generator,
) -> None:
    lines = lines_of(16, 16)
    lines = (lines[0], lines[1] / 4, lines[2])
    model = OdmrLines(
        n_lines=2, lines=LineModel(background="constant", hyperfine="14N")
    )
    cube = cube_of(lines, rng, offsets=(-2.162e6, 0.0, 2.162e6))
    fit = fit_map(model, GRID, cube, noise=NOISE)
    pull = (fit.positions - lines[0]) / fit.standard_errors[..., :2]
    assert np.mean(fit.converged) > 0.99
    assert_allclose(np.nanstd(pull), 1.0, atol=0.12)


@pytest.mark.parametrize("unit", [1e-100, 1e-18, 1e13, 1e25, 1e100])
@pytest.mark.parametrize("shape", ["lorentzian", "pseudo-voigt"])
def test_the_unit_of_the_signal_does_not_matter(
    unit: float, shape: str, rng: np.random.Generator
) -> None:
    cube = cube_of(lines_of(8, 8), rng, noise=1e-4)
    model = OdmrLines(n_lines=2, lines=LineModel(shape=shape, background="constant"))
    expected = fit_map(model, GRID, cube, noise=1e-4)
    found = fit_map(model, GRID, cube * unit, noise=1e-4 * unit)
    assert np.all(expected.converged)
    assert np.all(found.converged)
    off = (found.positions - expected.positions) / expected.standard_errors[..., :2]
    assert_allclose(off, 0.0, atol=1e-3)
    assert_allclose(found["depth_1"] / unit, expected["depth_1"], rtol=1e-5)
    assert_allclose(found["background"] / unit, expected["background"], rtol=1e-7)
    assert_allclose(found.reduced_chi_square, expected.reduced_chi_square, rtol=1e-5)


def test_peaks_are_found_without_neighbours(rng: np.random.Generator) -> None:
    lines = lines_of(6, 6)
    cube = 2.0 - cube_of(lines, rng)
    start = {f"position_{k + 1}": p for k, p in enumerate((2.853e9, 2.887e9))}
    start |= {f"fwhm_{k}": 6e6 for k in (1, 2)} | {f"depth_{k}": -0.03 for k in (1, 2)}
    start["background"] = 1.0
    for pixel in np.ndindex(6, 6):
        one = cube[pixel][None, None]
        fit = fit_map(TWO, GRID, one, noise=NOISE, start=start)
        pull = (fit.positions[0, 0] - lines[0][pixel]) / fit.standard_errors[0, 0, :2]
        assert np.all(np.abs(pull) < 5.0)


def test_peaks_are_lines_of_negative_depth(rng: np.random.Generator) -> None:
    lines = lines_of(8, 8)
    cube = 2.0 - cube_of(lines, rng)
    fit = fit_map(TWO, GRID, cube)
    assert np.all(fit.converged)
    assert np.all(fit["depth_1"] < 0.0)


def test_spectra_without_noise_are_fitted_to_rounding() -> None:
    lines = lines_of(8, 9)
    fit = fit_map(TWO, GRID, cube_of(lines, np.random.default_rng(1), noise=0.0))
    assert np.all(fit.converged)
    assert_allclose(fit.positions, lines[0], rtol=0.0, atol=1e-3)


def test_binning_averages_pixels(rng: np.random.Generator) -> None:
    cube = cube_of(lines_of(21, 20), rng)
    fit = fit_map(TWO, GRID, cube, binning=2, noise=NOISE / 2)
    assert fit.shape == (10, 10)
    by_hand = cube[:20].reshape(10, 2, 10, 2, 101).mean(axis=(1, 3))
    same = fit_map(TWO, GRID, by_hand, noise=NOISE / 2)
    assert_allclose(fit.values, same.values, rtol=1e-9)
    assert_allclose(np.nanmean(fit.reduced_chi_square), 1.0, atol=0.1)


def test_cubes_in_files_and_with_the_frequency_first_are_read(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    cube = cube_of(lines_of(12, 10), rng)
    expected = fit_map(TWO, GRID, cube)
    first = np.ascontiguousarray(np.moveaxis(cube, -1, 0))
    with h5py.File(tmp_path / "cube.h5", "w") as file:
        stored = file.create_dataset("cube", data=first)
        from_file = fit_map(TWO, GRID, stored)
    for fit in (from_file, fit_map(TWO, GRID, first, axis=0)):
        assert np.array_equal(fit.values, expected.values)


def test_dask_arrays_are_read_block_by_block(rng: np.random.Generator) -> None:
    array = pytest.importorskip("dask.array")
    cube = cube_of(lines_of(12, 10), rng)
    lazy = array.from_array(cube, chunks=(5, 10, 101))
    assert np.array_equal(
        fit_map(TWO, GRID, lazy).values, fit_map(TWO, GRID, cube).values
    )


@pytest.mark.parametrize("axis", [0, 2])
def test_zarr_arrays_are_read_block_by_block(
    axis: int, rng: np.random.Generator, tmp_path: Path
) -> None:
    zarr = pytest.importorskip("zarr")
    cube = cube_of(lines_of(12, 10), rng)
    noise = rng.uniform(1e-3, 3e-3, cube.shape)
    stored = []
    for name, data in (("cube", cube), ("noise", noise)):
        turned = np.moveaxis(data, -1, axis)
        array = zarr.create_array(
            tmp_path / name, shape=turned.shape, chunks=(5, 5, 5), dtype="f8"
        )
        array[:] = turned
        stored.append(zarr.open_array(tmp_path / name, mode="r"))
    fit = fit_map(TWO, GRID, stored[0], noise=stored[1])
    expected = fit_map(TWO, GRID, cube, noise=noise)
    assert np.array_equal(fit.values, expected.values)


class BlocksAlone:
    """An array that gives what one slice at a time asks for, and never itself."""

    def __init__(self, data: Array) -> None:
        self.data, self.shape, self.largest = data, data.shape, 0

    def __getitem__(self, index: slice) -> Array:
        block = self.data[index]
        self.largest = max(self.largest, block.shape[0])
        return block


def test_arrays_need_a_shape_and_slices_only(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qleap.sensing.maps.fit.CHUNK", 50)
    cube = cube_of(lines_of(20, 10), rng)
    blocks = BlocksAlone(cube)
    fit = fit_map(TWO, GRID, blocks)
    assert np.array_equal(fit.values, fit_map(TWO, GRID, cube).values)
    assert blocks.largest <= 5  # rows in memory at once


def test_an_interrupted_map_goes_on_where_it_stopped(
    rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = cube_of(lines_of(20, 20), rng)
    expected = fit_map(TWO, GRID, cube)
    monkeypatch.setattr("qleap.sensing.maps.fit.CHUNK", 100)
    from qleap.sensing.maps.cubes import Cube

    read = Cube.rows

    def breaks(self: Cube, begin: int, end: int) -> Array:
        if end - begin > 3 and begin >= 10:
            raise KeyboardInterrupt
        return read(self, begin, end)

    monkeypatch.setattr(Cube, "rows", breaks)
    with pytest.raises(KeyboardInterrupt):
        fit_map(TWO, GRID, cube, store=tmp_path)
    assert list(tmp_path.glob("*.point"))
    monkeypatch.setattr(Cube, "rows", read)
    again = fit_map(TWO, GRID, cube, store=tmp_path)
    assert np.array_equal(again.values, expected.values)


def test_camera_noise_is_shot_noise_and_read_noise() -> None:
    noise = CameraNoise(counts_per_unit=1e4, read_noise=0.01)
    assert_allclose(noise.variance(np.array([1.0, 4.0, -3.0])), [2e-4, 5e-4, 1e-4])


def test_maps_become_datasets(rng: np.random.Generator) -> None:
    fit = fit_map(TWO, GRID, cube_of(lines_of(4, 5), rng))
    data = fit.to_dataset()
    assert data["position_1"].attrs["units"] == "Hz"
    assert data["position_covariance"].shape == (4, 5, 2, 2)
    assert isinstance(fit, MapFit)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"axis": 1}, "axis must be 0 or 2"),
        ({"axis": 0}, "cube must have 101 points of x along axis 0"),
        ({"binning": 9}, "binning must leave at least one pixel"),
        ({"mask": np.zeros((2, 2))}, "mask must have the shape"),
        ({"noise": -1.0}, "noise must be > 0"),
        ({"noise": np.ones((2, 2))}, "noise must be positive, one number or of the"),
        ({"start": {"position_1": 1.0}}, "values must name every parameter"),
        ({"start": [2.5e9, 1e6, 0.1, 1.0]}, "positions of start must lie between"),
        (
            {"start": [2.87e9, 0.0, 0.1, 1.0]},
            "fwhm of start must lie between 500000 and",
        ),
        ({"start": [2.87e9, 1.0, 0.1, 1.0]}, "fwhm of start must lie between 500000"),
        ({"background": "cubic"}, "background must be one of"),
        ({"outliers": 0.5}, "outliers must lie between 2 and 1000"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    cube = np.ones((4, 5, 101)) - 0.1 * np.exp(-(((GRID - 2.87e9) / 4e6) ** 2))
    with pytest.raises(InvalidValue, match=message):
        fit_map(OdmrLines(n_lines=1), GRID, cube, **options)


def test_maps_without_lines_are_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match="no part of the map shows 2 lines"):
        fit_map(TWO, GRID, np.ones((6, 6, 101)))
