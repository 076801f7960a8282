"""From lines to field, temperature and sources, against exact answers."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qleap.core.constants import VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.maps import (
    MapFit,
    continue_upward,
    current_density,
    field_components,
    field_of_currents,
    field_of_dipole,
    fit_dipole,
    magnetisation,
    plot_map,
    projection_map,
    remove_background,
    strain_map,
    temperature_map,
    transverse_strain_map,
    vector_map,
)
from qleap.sensing.models import OdmrLines
from qleap.sensing.nv import NVCentre, Strain, zero_field_splitting

Array = NDArray[np.float64]

CENTRE = NVCentre()


def measured(
    field: Array, error: float, rng: np.random.Generator, **frame: Array
) -> MapFit:
    """Return a map whose positions are the lines of ``field`` with noise."""
    lines = CENTRE.resonances(field, **frame).reshape(*field.shape[:2], 8)
    return with_lines(np.sort(lines, axis=-1), error, rng)


def with_lines(lines: Array, error: float, rng: np.random.Generator) -> MapFit:
    n, shape = lines.shape[-1], lines.shape[:2]
    positions = lines + error * rng.standard_normal(lines.shape)
    rest = np.concatenate(
        [np.full((*shape, n), 1e6), np.full((*shape, n + 1), 0.02)], -1
    )
    return MapFit(
        model=OdmrLines(n_lines=n),
        values=np.concatenate([positions, rest], axis=-1),
        standard_errors=np.full((*shape, 3 * n + 1), error),
        position_covariance=np.broadcast_to(
            error**2 * np.eye(n), (*shape, n, n)
        ).copy(),
        reduced_chi_square=np.ones(shape),
        noise_given=True,
        status=np.zeros(shape, dtype=np.int64),
        steps=np.ones(shape, dtype=np.int64),
    )


def smooth_field(rows: int, columns: int) -> Array:
    y, x = np.meshgrid(
        np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij"
    )
    parts = [1e-3 + 1e-4 * x, 2.2e-3 + 5e-5 * y, 4.1e-3 + 1e-4 * np.exp(-(x**2) - y**2)]
    return np.stack(parts, axis=-1)


def test_the_field_of_every_pixel_comes_back_within_its_errors(
    rng: np.random.Generator,
) -> None:
    field = smooth_field(20, 25)
    found = vector_map(measured(field, 2e3, rng))
    pulls = (found.field - field) / found.standard_errors[..., :3]
    assert_allclose(np.std(pulls), 1.0, atol=0.06)
    pull = (found.zero_field_splitting - CENTRE.zero_field_splitting) / (
        found.standard_errors[..., 3]
    )
    assert_allclose(np.std(pull), 1.0, atol=0.1)
    assert_allclose(np.mean(found.chi_square), 4.0, atol=0.5)  # 8 lines, 4 unknown


def test_without_noise_the_field_is_exact(rng: np.random.Generator) -> None:
    field = smooth_field(5, 5)
    found = vector_map(measured(field, 1e-3, rng))
    assert_allclose(found.field, field, atol=1e-12)


def test_a_bias_and_a_frame_choose_among_equivalent_fields(
    rng: np.random.Generator,
) -> None:
    turn = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
    field = smooth_field(6, 6) * np.array([-1.0, 1.0, 1.0])
    fit = measured(field, 10.0, rng, crystal_from_lab=turn)
    found = vector_map(fit, crystal_from_lab=turn, bias=field.mean(axis=(0, 1)))
    assert_allclose(found.field, field, atol=1e-8)
    assert len(found.equivalent) == 48
    other = vector_map(fit, crystal_from_lab=turn)
    assert_allclose(other.magnitude, found.magnitude, rtol=1e-6)


def test_eight_lines_are_asked_for(rng: np.random.Generator) -> None:
    lines = np.broadcast_to([2.8e9, 2.94e9], (3, 3, 2))
    with pytest.raises(InvalidValue, match="fit must have eight lines"):
        vector_map(with_lines(lines, 1.0, rng))


def test_axes_of_different_strain_are_told_apart(rng: np.random.Generator) -> None:
    field = smooth_field(12, 12)
    shifts = np.array([40e3, -25e3, 10e3, -25e3])
    lines = np.stack(
        [
            CENTRE.with_splitting(CENTRE.zero_field_splitting + shift).resonances(
                field
            )[..., k, :]
            for k, shift in enumerate(shifts)
        ],
        axis=-2,
    )
    fit = with_lines(np.sort(lines.reshape(12, 12, 8), axis=-1), 1e3, rng)
    where = vector_map(fit)
    found = strain_map(fit, where)
    pulls = (found.shift - shifts) / found.standard_error
    assert_allclose(np.std(pulls), 1.0, atol=0.1)
    assert abs(np.mean(pulls[..., 0])) < 0.6  # the field is a little off by strain
    assert np.median(where.chi_square) > 20.0  # which the field map sees


@pytest.mark.parametrize("along", [0.0, 0.1e-3])
def test_strain_across_an_axis_splits_its_lines(
    along: float, rng: np.random.Generator
) -> None:
    sizes = np.linspace(0.3e6, 5e6, 400)
    turns = rng.uniform(0.0, 2.0 * np.pi, 400)
    lines = []
    for size, turn in zip(sizes, turns, strict=True):
        strain = Strain(m_x=size * np.cos(turn), m_y=size * np.sin(turn), m_z=1e5)
        centre = NVCentre(strain=strain, nitrogen=None)
        energies = np.linalg.eigvalsh(centre.hamiltonian([0.0, 0.0, along]))
        lines.append(energies[1:] - energies[0])
    exact = np.array(lines).reshape(20, 20, 2)
    found = transverse_strain_map(with_lines(exact, 1.0, rng), projection=along)
    assert_allclose(found.magnitude.ravel(), sizes, rtol=2e-4)
    noisy = transverse_strain_map(with_lines(exact, 1e4, rng), projection=along)
    pulls = (noisy.magnitude.ravel() - sizes) / noisy.standard_error.ravel()
    assert abs(np.mean(pulls)) < 0.15
    assert_allclose(np.std(pulls), 1.0, atol=0.12)


def test_the_square_of_no_strain_is_without_bias(rng: np.random.Generator) -> None:
    b = 1e-4 * CENTRE.gyromagnetic_ratios[2]
    lines = np.broadcast_to([2.87e9 - b, 2.87e9 + b], (100, 100, 2))
    fit = with_lines(lines, 3e4, rng)
    seen = 1e-4 + 2e-6 * rng.standard_normal((100, 100))
    found = transverse_strain_map(fit, projection=seen, projection_error=2e-6)
    pulls = found.square / found.square_error
    assert abs(np.mean(pulls)) < 0.04
    assert_allclose(np.std(pulls), 1.0, atol=0.03)
    assert np.all(found.magnitude >= 0.0)
    with pytest.raises(InvalidValue, match="two lines of one axis"):
        transverse_strain_map(measured(smooth_field(3, 3), 1e3, rng))


def test_two_lines_give_the_projection_and_the_splitting(
    rng: np.random.Generator,
) -> None:
    size = np.linspace(1e-3, 5e-3, 12).reshape(3, 4)
    shift = size * CENTRE.gyromagnetic_ratios[2]
    d = CENTRE.zero_field_splitting
    found = projection_map(
        with_lines(np.stack([d - shift, d + shift], axis=-1), 1e3, rng)
    )
    pulls = (found.projection - size) / found.projection_error
    assert np.abs(pulls).max() < 4.0
    assert_allclose(found.zero_field_splitting, d, atol=4e3)
    error = 1e3 / np.sqrt(2.0) / CENTRE.gyromagnetic_ratios[2]
    assert_allclose(found.projection_error, error, rtol=1e-9)


def test_temperatures_come_back_from_the_splitting() -> None:
    kelvin = np.linspace(100.0, 450.0, 24).reshape(4, 6)
    d = zero_field_splitting(kelvin) + 0.2e6  # a sample of its own
    reference = float(zero_field_splitting(296.0)) + 0.2e6
    found = temperature_map(d, reference=reference, at=296.0)
    assert_allclose(found, kelvin, atol=1e-5)
    assert np.isnan(temperature_map([2.9e9], reference=reference, at=296.0)).all()


@pytest.mark.parametrize("at", [40.0, 296.0, 490.0])
def test_temperatures_come_back_where_the_splitting_is_flat(at: float) -> None:
    kelvin = np.array([[40.0, 50.0, 60.0], [90.0, 499.0, np.nan]])
    seen = np.isfinite(kelvin)
    d = np.full(kelvin.shape, np.nan)
    d[seen] = zero_field_splitting(kelvin[seen])
    found = temperature_map(d, reference=float(zero_field_splitting(at)), at=at)
    assert_allclose(found, kelvin, atol=1e-5)  # rounding of D at 1 Hz/K


def swirl(n: int, pixel: float) -> Array:
    """Return a current without divergence: the curl of a Gaussian stream function."""
    y, x = np.meshgrid(*(np.arange(n) * pixel - n * pixel / 2,) * 2, indexing="ij")
    psi = np.exp(-(x**2 + y**2) / (2 * (15e-6) ** 2))
    return np.asarray(np.stack([-y, x]) / 15e-6 * psi)


def test_currents_are_found_again_below_their_own_field() -> None:
    current = swirl(128, 1e-6)
    field = field_of_currents(current, pixel=1e-6, height=5e-6)
    found = current_density(field[2], pixel=1e-6, height=5e-6)
    assert np.abs(found - current).max() < 0.03 * np.abs(current).max()


def test_a_long_wire_has_amperes_field() -> None:
    # mu_0 I / (2 pi r) times (L/2)/sqrt((L/2)^2 + r^2) in the middle of a length L
    n, pixel, height = 201, 1e-6, 5e-6
    current = np.zeros((2, n, 4 * n))
    current[0, n // 2] = 1e-3 / pixel  # 1 mA along x
    b = field_of_currents(current, pixel=pixel, height=height)[:, :, 2 * n]
    y = (np.arange(n) - n // 2) * pixel
    r2 = y**2 + height**2
    size = VACUUM_PERMEABILITY * 1e-3 / (2 * np.pi * r2)
    size *= 2 * n * pixel / np.sqrt((2 * n * pixel) ** 2 + r2)
    assert_allclose(b[1], -size * height, rtol=0.005)
    assert_allclose(b[2], size * y, rtol=0.005, atol=1e-9)


def test_magnetisation_of_a_sheet_is_found_again_below_its_own_dipoles() -> None:
    n, pixel, height = 64, 2e-6, 6e-6
    y, x = np.meshgrid(*(np.arange(n) * pixel - n * pixel / 2,) * 2, indexing="ij")
    sheet = 1e-3 * np.exp(-(x**2 + y**2) / (2 * (18e-6) ** 2))  # A
    points = np.stack([x, y, np.full_like(x, height)], axis=-1)
    b = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if sheet[i, j] > 1e-9:
                moment = [0.0, 0.0, sheet[i, j] * pixel**2]
                place = [x[i, j], y[i, j], 0.0]
                b += field_of_dipole(moment, place, points)[..., 2]
    found = magnetisation(b, pixel=pixel, height=height)
    assert np.abs(found - sheet).max() < 0.05 * sheet.max()


def test_continuation_is_the_field_farther_away() -> None:
    current = swirl(128, 1e-6)
    near, far = (
        field_of_currents(current, pixel=1e-6, height=h)[2] for h in (5e-6, 9e-6)
    )
    found = continue_upward(near, pixel=1e-6, height=4e-6)
    assert np.abs(found - far).max() < 0.005 * np.abs(far).max()


def test_one_component_gives_the_others() -> None:
    field = field_of_currents(swirl(128, 1e-6), pixel=1e-6, height=5e-6)
    found = field_components(field[2], pixel=1e-6)
    assert np.abs(found - field).max() < 0.03 * np.abs(field).max()


def test_backgrounds_go_and_sources_stay() -> None:
    y, x = np.meshgrid(np.linspace(-1, 1, 40), np.linspace(-1, 1, 50), indexing="ij")
    source = np.where(np.hypot(x, y) < 0.2, 1.0, 0.0)
    image = source + 0.3 + 0.2 * x - 0.5 * y + 0.1 * x * y
    image[0, 0] = np.nan
    found = remove_background(image, degree=2, mask=source > 0)
    assert np.isnan(found[0, 0])
    found[0, 0] = 0.0
    assert_allclose(found, source, atol=1e-12)


def test_a_dipole_on_its_axis_has_the_textbook_field() -> None:
    b = field_of_dipole([0, 0, 1e-15], [0, 0, 0], [[0, 0, 1e-6], [1e-6, 0, 0]])
    size = VACUUM_PERMEABILITY * 1e-15 / (4 * np.pi * 1e-18)
    assert_allclose(b, [[0, 0, 2 * size], [0, 0, -size]], atol=1e-12 * size)


def test_a_dipole_is_found_with_honest_errors(rng: np.random.Generator) -> None:
    y, x = np.meshgrid(*(np.linspace(-4e-6, 4e-6, 25),) * 2, indexing="ij")
    points = np.stack([x, y, np.full_like(x, 1e-6)], axis=-1).reshape(-1, 3)
    position, moment = np.array([3e-7, -5e-7, -8e-7]), np.array([2e-15, -1e-15, 4e-15])
    along = np.array([1.0, 1.0, 1.0]) / np.sqrt(3)
    exact = field_of_dipole(moment, position, points) @ along + 2e-6
    pulls = []
    for _ in range(20):
        noisy = exact + 2e-6 * rng.standard_normal(len(points))
        fit = fit_dipole(noisy, points, along=along, start=[0, 0, -1.5e-6], error=2e-6)
        assert fit.converged
        off = np.concatenate([fit.position - position, fit.moment - moment])
        pulls.append(off / fit.standard_errors)
    assert_allclose(np.std(pulls), 1.0, atol=0.25)
    assert_allclose(fit.reduced_chi_square, 1.0, atol=0.2)


def test_maps_are_drawn_with_units_scale_bar_and_robust_colours(
    rng: np.random.Generator,
) -> None:
    values = rng.normal(size=(30, 40)) * 1e-6
    values[0, 0], values[3, 3] = 1.0, np.nan
    ax = plot_map(values, unit="T", name="field", pixel=1e-6, symmetric=True)
    low, high = ax.images[0].get_clim()
    assert_allclose([low, high], [-high, high])
    assert high < 4.0  # in microtesla: the outlier does not count
    assert any("µm" in text.get_text() for text in ax.texts)
    with pytest.raises(InvalidValue, match="at least one finite pixel"):
        plot_map(np.full((2, 2), np.nan))


def test_colours_of_a_splitting_are_told_apart_by_their_ticks(
    rng: np.random.Generator,
) -> None:
    values = 2.8704e9 + 1e3 * rng.normal(size=(30, 40))
    ax = plot_map(values, unit="Hz", name="splitting")
    bar = ax.images[0].colorbar
    assert bar is not None
    assert bar.ax.get_ylabel() == "splitting \N{MINUS SIGN} 2.8704 GHz (kHz)"
    low, high = ax.images[0].get_clim()
    assert -4.0 < low < -1.5
    assert 1.5 < high < 4.0
    shown = np.asarray(ax.images[0].get_array())
    assert_allclose(shown, (values - 2.8704e9) / 1e3, atol=1e-6)


def test_missing_pixels_have_no_fourier_transform() -> None:
    with pytest.raises(InvalidValue, match="b_z must be finite everywhere"):
        current_density(np.array([[1.0, np.nan], [0.0, 0.0]]), pixel=1e-6, height=1e-6)


def test_what_no_map_can_be_made_of_is_refused() -> None:
    image, gap = np.ones((8, 9)), np.full((8, 9), np.nan)
    with pytest.raises(InvalidValue, match=r"image must be finite everywhere"):
        continue_upward(gap, pixel=1e-6, height=1e-6)
    with pytest.raises(InvalidValue, match=r"mask must have the shape \(8, 9\)"):
        remove_background(image, mask=np.zeros((3, 3)))
    with pytest.raises(InvalidValue, match="along must be a direction"):
        fit_dipole(np.arange(9.0), np.eye(9, 3), start=[0, 0, -1e-6], along=np.zeros(3))


@pytest.mark.parametrize("damage", [0.0, np.nan, -1.0])
def test_a_pixel_without_a_covariance_costs_no_other(
    damage: float, rng: np.random.Generator
) -> None:
    fit = measured(smooth_field(5, 6), 1e3, rng)
    covariance = fit.position_covariance.copy()
    covariance[2, 3] = damage
    found = vector_map(replace(fit, position_covariance=covariance))
    lost = np.isnan(found.chi_square)
    assert lost[2, 3]
    assert lost.sum() == 1


def test_lines_of_hardly_any_error_give_a_field_in_every_pixel(
    rng: np.random.Generator,
) -> None:
    found = vector_map(measured(smooth_field(9, 9), 1e-12, rng))
    assert np.all(np.isfinite(found.field))
