"""Positions of dipoles: the truth, the bound, and what noise leaves of both."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.stats import chi2

from qleap.core.errors import InvalidValue
from qleap.sensing.biomagnetism import (
    ConductingHalfSpace,
    ConductingSphere,
    DipoleBound,
    MagneticDipoles,
    UnboundedConductor,
    VolumeConductor,
    dipole_bound,
    helmet,
    locate_dipole,
    minimum_norm,
    scan_dipoles,
    square_grid,
)

Array = NDArray[np.float64]

SPHERE = ConductingSphere(radius=0.09)
HELMET = helmet(64, 0.11)
PLACE = np.array([0.02, 0.03, 0.06])
MOMENT = SPHERE.seen(PLACE) @ np.array([8e-9, 6e-9])
FIELD = SPHERE.gains(PLACE, HELMET)[:, 0] @ MOMENT
NOISE = 30e-15
GRID = square_grid(7, 5e-3, 5e-3)


@pytest.mark.parametrize(
    ("conductor", "moment"),
    [
        (ConductingHalfSpace(), [9e-9, -4e-9, 0.0]),
        (UnboundedConductor(), [9e-9, -4e-9, 0.0]),
        (MagneticDipoles(), [1e-9, -4e-9, 2e-9]),
    ],
)
def test_a_dipole_is_found_where_it_is(
    conductor: VolumeConductor, moment: list[float]
) -> None:
    at = np.array([2e-3, -3e-3, -9e-3])
    values = conductor.gains(at, GRID)[:, 0] @ np.array(moment)
    found = locate_dipole(conductor, GRID, values, noise=1e-15, start=[0.0, 0.0, -6e-3])
    assert found.converged
    assert_allclose(found.position, at, rtol=0.0, atol=1e-9)
    assert_allclose(found.moment, moment, rtol=0.0, atol=1e-15)


def test_the_best_of_many_starts_is_taken() -> None:
    starts = 0.05 * HELMET.positions / 0.11
    shares = scan_dipoles(SPHERE, HELMET, FIELD, [*starts, PLACE], noise=NOISE)
    assert shares[-1] == pytest.approx(1.0)
    assert np.all(shares[:-1] < 1.0)
    found = locate_dipole(SPHERE, HELMET, FIELD, noise=NOISE, start=starts)
    assert_allclose(found.position, PLACE, rtol=0.0, atol=1e-9)
    assert_allclose(found.moment, MOMENT, rtol=0.0, atol=1e-15)
    assert found.explained == pytest.approx(1.0)


def test_positions_scatter_as_the_bound_says() -> None:
    rng, n = np.random.default_rng(1), 100
    bound = dipole_bound(SPHERE, HELMET, PLACE, MOMENT, noise=NOISE)
    errors, squares, inside = [], [], 0
    for _ in range(n):
        values = FIELD + rng.normal(0.0, NOISE, 64)
        found = locate_dipole(SPHERE, HELMET, values, noise=NOISE, start=PLACE)
        errors.append(found.position - PLACE)
        squares.append(found.chi_square)
        inside += found.ellipsoid(0.9).contains(PLACE - found.position)
    inverse = np.linalg.inv(bound.position_covariance)
    total = np.einsum("nx,xy,ny->", errors, inverse, errors)
    low, high = chi2.ppf([0.0005, 0.9995], 3 * n)
    assert low < total < high
    assert found.degrees == 59
    low, high = chi2.ppf([0.0005, 0.9995], 59 * n)
    assert low < sum(squares) < high
    assert abs(inside / n - 0.9) < 0.11  # 3.7 standard deviations


def test_the_bound_is_that_of_all_parameters_together() -> None:
    # By differences of the whole model, tangents held: no variable projection.
    basis = SPHERE.seen(PLACE)
    p = np.concatenate([PLACE, basis.T @ MOMENT])

    def model(q: Array) -> Array:
        return np.asarray(SPHERE.gains(q[:3], HELMET)[:, 0] @ (basis @ q[3:]))

    steps = np.array([1e-6] * 3 + [1e-13] * 2)
    slopes = [
        (model(p + s * e) - model(p - s * e)) / (2 * s)
        for s, e in zip(steps, np.eye(5), strict=True)
    ]
    scale = np.array([1.0, 1.0, 1.0, 1e-7, 1e-7])
    j = np.array(slopes).T * scale
    covariance = NOISE**2 * np.linalg.inv(j.T @ j)
    found = dipole_bound(SPHERE, HELMET, PLACE, MOMENT, noise=NOISE)
    assert_allclose(found.position_covariance, covariance[:3, :3], rtol=1e-6)
    moments = 1e-14 * basis @ covariance[3:, 3:] @ basis.T
    assert_allclose(
        found.moment_covariance, moments, rtol=0, atol=1e-6 * np.abs(moments).max()
    )


def test_noise_may_be_a_number_a_row_or_a_covariance() -> None:
    def bound(noise: object) -> Array:
        found = dipole_bound(SPHERE, HELMET, PLACE, MOMENT, noise=noise)  # type: ignore[arg-type]
        return found.position_covariance

    row = NOISE * np.linspace(0.5, 2.0, 64)
    assert_allclose(bound(NOISE), bound(np.full(64, NOISE)))
    assert_allclose(bound(row), bound(np.diag(row**2)), rtol=1e-9)
    common = NOISE**2 * (np.eye(64) + 4.0)
    assert np.trace(bound(common)) > np.trace(bound(NOISE))


def test_a_search_that_ends_at_the_surface_says_so() -> None:
    # Noise alone: the best dipole is often the one nearest to some sensor.
    rng, ends = np.random.default_rng(4), []
    for _ in range(12):
        values = rng.normal(0.0, NOISE, 64)
        found = locate_dipole(
            SPHERE, HELMET, values, noise=NOISE, start=0.6 * HELMET.positions
        )
        depth = 0.09 - np.linalg.norm(found.position)
        assert (depth > 1e-4) if found.converged else (0.0 < depth < 1e-3)
        ends.append(found.converged)
    assert any(ends)
    assert not all(ends)


def test_an_ellipsoid_holds_the_share_that_it_states() -> None:
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]]) * 1e-6
    bound = DipoleBound(position_covariance=covariance, moment_covariance=np.eye(3))
    region = bound.ellipsoid(0.8)
    draws = np.random.default_rng(2).multivariate_normal(np.zeros(3), covariance, 4000)
    share = np.mean([region.contains(draw) for draw in draws])
    assert abs(share - 0.8) < 0.025
    assert region.volume == pytest.approx(
        4 / 3 * np.pi * np.sqrt(np.linalg.det(covariance)) * chi2.ppf(0.8, 3) ** 1.5
    )
    assert np.all(np.diff(region.semi_axes) < 0.0)


def test_least_currents_are_those_of_ridge_regression() -> None:
    sources = 0.8 * HELMET.positions[:20]
    gains = SPHERE.gains(sources, HELMET)
    values = gains[:, 7] @ np.array([1e-9, 2e-9, 0.0])
    flat = gains.reshape(64, -1)
    ridge = np.trace(flat @ flat.T) / (64 * 3.0**2)
    stacked = np.vstack([flat, np.sqrt(ridge) * np.eye(flat.shape[1])])
    target = np.concatenate([values, np.zeros(flat.shape[1])])
    expected = np.linalg.lstsq(stacked, target)[0].reshape(-1, 3)
    found = minimum_norm(gains, values)
    assert_allclose(found, expected, rtol=0.0, atol=1e-9 * np.abs(expected).max())
    assert int(np.argmax(np.linalg.norm(found, axis=1))) == 7


def test_weights_of_depth_bring_deep_sources_back() -> None:
    sources = np.vstack([0.8 * HELMET.positions, 0.3 * HELMET.positions])
    gains = SPHERE.gains(sources, HELMET)
    deep = np.arange(64, 128)
    values = gains[:, 70] @ (SPHERE.seen(sources[70]) @ [1e-9, 0.0])

    def share(depth: float) -> float:
        size = np.linalg.norm(minimum_norm(gains, values, depth=depth), axis=1)
        return float(size[deep].sum() / size.sum())

    assert share(0.8) > 0.5 > share(0.0)


def test_impossible_requests_are_refused_in_words() -> None:
    few = helmet(4, 0.11)
    with pytest.raises(InvalidValue, match="values"):
        locate_dipole(SPHERE, HELMET, FIELD[:-1], noise=NOISE, start=PLACE)
    with pytest.raises(InvalidValue, match="at least 6"):
        locate_dipole(SPHERE, few, np.ones(4), noise=NOISE, start=PLACE)
    with pytest.raises(InvalidValue, match="sensors must be at least 5"):
        dipole_bound(SPHERE, few, PLACE, MOMENT, noise=NOISE)
    for noise in (0.0, -1.0, np.ones(3), np.full(64, np.nan)):
        with pytest.raises(InvalidValue, match="noise"):
            dipole_bound(SPHERE, HELMET, PLACE, MOMENT, noise=noise)
    with pytest.raises(InvalidValue, match="covariance"):
        dipole_bound(SPHERE, HELMET, PLACE, MOMENT, noise=np.ones((64, 64)))
    with pytest.raises(InvalidValue, match="gains"):
        minimum_norm(np.ones((3, 4)), np.ones(3))
    lopsided = NOISE**2 * (np.eye(64) + np.triu(np.full((64, 64), 0.01), 1))
    with pytest.raises(InvalidValue, match="symmetric covariance"):
        dipole_bound(SPHERE, HELMET, PLACE, MOMENT, noise=lopsided)
    with pytest.raises(InvalidValue, match=r"position must lie inside .* 0\.1 *\]"):
        dipole_bound(SPHERE, HELMET, [0.0, 0.0, 0.1], MOMENT, noise=NOISE)
    with pytest.raises(InvalidValue, match="start must be at least one place"):
        locate_dipole(SPHERE, HELMET, FIELD, noise=NOISE, start=np.zeros((0, 3)))
    with pytest.raises(InvalidValue, match="silent as in the centre"):
        locate_dipole(SPHERE, HELMET, FIELD, noise=NOISE, start=np.zeros(3))
    gains = SPHERE.gains([[0.0, 0.0, 0.05], [0.0, 0.0, 0.0]], HELMET)
    with pytest.raises(InvalidValue, match="zero at place 1"):
        minimum_norm(gains, FIELD, depth=0.8)
    with pytest.raises(InvalidValue, match="gains must be finite"):
        minimum_norm(np.nan * gains, FIELD)


@pytest.mark.parametrize("depth", [1e-5, 1e-6, 1e-7])
def test_the_bound_reaches_to_the_surface(depth: float) -> None:
    """A dipole a micrometre below the surface is known as well as one at 100."""

    def error(below: float) -> float:
        place = PLACE * (SPHERE.radius - below) / np.linalg.norm(PLACE)
        return dipole_bound(SPHERE, HELMET, place, MOMENT, noise=NOISE).position_error

    assert error(depth) == pytest.approx(error(1e-4), rel=0.03)


def test_a_silent_part_of_the_moment_changes_no_bound() -> None:
    radial = 2e-8 * PLACE / np.linalg.norm(PLACE)
    both = [
        dipole_bound(SPHERE, HELMET, PLACE, moment, noise=NOISE).position_covariance
        for moment in (MOMENT, MOMENT + radial)
    ]
    assert_allclose(both[1], both[0], rtol=1e-6)
