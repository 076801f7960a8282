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
from qleap.sensing import LineModel
from qleap.sensing._kernels import multiplet_maps as kernels
from qleap.sensing._reference import multiplet_maps as reference
from qleap.sensing.maps import CameraNoise, MapFit, Status, fit_map
from qleap.sensing.models import OdmrLines

Array = NDArray[np.float64]

GRID = np.linspace(2.82e9, 2.92e9, 101)
NOISE = 2e-3
TWO = OdmrLines(n_lines=2)


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
    ("n_lines", "degree", "offsets"), [(1, 0, 1), (2, 1, 3), (4, 2, 2), (8, 0, 1)]
)
@pytest.mark.parametrize("bits", [128, 512])
def test_kernels_equal_their_twins(
    n_lines: int, degree: int, offsets: int, bits: int, rng: np.random.Generator
) -> None:
    x = np.linspace(-1, 1, 150)
    places = np.linspace(-0.01, 0.01, offsets) * (offsets - 1)
    centre = np.linspace(-0.8, 0.8, n_lines) if n_lines > 1 else np.zeros(1)
    truth = np.zeros((11, 3 * n_lines + degree + 1))
    truth[:, 0 : 3 * n_lines : 3] = centre + 0.01 * rng.normal(size=(11, n_lines))
    truth[:, 1 : 3 * n_lines : 3] = 0.04
    truth[:, 2 : 3 * n_lines : 3] = 0.03
    truth[:, 3 * n_lines] = 1.0
    spectra = np.array([reference._model(x, p, places, degree) for p in truth])
    spectra += 1e-3 * rng.normal(size=spectra.shape)
    start = truth.copy()
    start[:, 0 : 3 * n_lines : 3] += 0.01
    start[:, 1 : 3 * n_lines : 3] *= 1.3
    lanes = host_lanes(8, bits)
    found, costs, steps = kernels.fit_multiplets(
        x, spectra, start, places, degree, 60, 3e-6, lanes
    )
    expected, lowest, _ = reference.fit_multiplets(
        x, spectra, start, places, degree, 500, 3e-6, lanes
    )
    assert np.all(steps > 0)
    assert_allclose(costs, lowest, rtol=1e-6)
    covariance = reference.multiplet_covariances(x, expected, places, degree, lanes)
    sizes = np.sqrt(np.einsum("naa->na", covariance))
    noise = np.sqrt(lowest / (x.size - truth.shape[1]))[:, None]
    assert_allclose((found - expected) / (sizes * noise), 0.0, atol=1e-3)
    ours = kernels.multiplet_covariances(x, expected, places, degree, lanes)
    scale = sizes[:, :, None] * sizes[:, None, :]
    assert_allclose(ours / scale, covariance / scale, atol=1e-10)


def test_single_precision_comes_near_the_minimum(rng: np.random.Generator) -> None:
    x, places = np.linspace(-1, 1, 101), np.zeros(1)
    truth = np.tile([-0.4, 0.06, 0.03, 0.4, 0.06, 0.03, 1.0], (40, 1))
    spectra = np.array([reference._model(x, p, places, 0) for p in truth])
    spectra += NOISE * rng.normal(size=spectra.shape)
    shift = np.array([0.01, 0.01, 0.005, 0.01, 0.01, 0.005, 0.0])
    start = (truth + shift).astype(np.float32)
    single, costs, steps = kernels.fit_multiplets(
        x.astype(np.float32), spectra, start, places.astype(np.float32),
        0, 60, 1e-3, host_lanes(4),
    )  # fmt: skip
    double, lowest, _ = kernels.fit_multiplets(
        x, spectra, truth, places, 0, 60, 3e-6, host_lanes(8)
    )
    assert np.all(steps > 0)
    assert_allclose(costs, lowest, rtol=1e-4)
    best = np.asarray(double, dtype=np.float64)
    inverse = kernels.multiplet_covariances(x, best, places, 0, host_lanes(8))
    errors = NOISE * np.sqrt(np.einsum("naa->na", inverse))
    assert np.max(np.abs(single - double) / errors) < 0.05


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


def test_damaged_pixels_are_named_and_harm_no_other(rng: np.random.Generator) -> None:
    lines = lines_of(24, 24)
    cube = cube_of(lines, rng)
    clean = fit_map(TWO, GRID, cube, noise=NOISE)
    cube[2, 3, 50] = np.nan
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
    assert_allclose(noise.variance(np.array([1.0, 4.0])), [2e-4, 5e-4])


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
        ({"start": {"position_1": 1.0}}, "values must name every parameter"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    cube = np.ones((4, 5, 101)) - 0.1 * np.exp(-(((GRID - 2.87e9) / 4e6) ** 2))
    with pytest.raises(InvalidValue, match=message):
        fit_map(OdmrLines(n_lines=1), GRID, cube, **options)


def test_maps_without_lines_are_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match="no part of the map shows 2 lines"):
        fit_map(TWO, GRID, np.ones((6, 6, 101)))


def test_gaussian_lines_are_refused_for_maps() -> None:
    model = OdmrLines(
        n_lines=1, lines=LineModel(background="constant", shape="gaussian")
    )
    with pytest.raises(InvalidValue, match="must be 'lorentzian'"):
        fit_map(model, GRID, np.ones((2, 2, 101)))
