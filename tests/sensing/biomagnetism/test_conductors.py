"""Fields of dipoles in conductors: identities, limits, and MNE where it is there."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing._kernels import sarvas as kernels
from qleap.sensing._reference import sarvas as reference
from qleap.sensing.biomagnetism import (
    ConductingHalfSpace,
    ConductingSphere,
    MagneticDipoles,
    SensorArray,
    UnboundedConductor,
    VolumeConductor,
    helmet,
    square_grid,
)
from qleap.sensing.maps import field_of_dipole

Array = NDArray[np.float64]

SCALE = VACUUM_PERMEABILITY / (4.0 * np.pi)
SPHERE = ConductingSphere(radius=0.09, centre=(0.01, -0.02, 0.03))
CENTRE = np.array(SPHERE.centre)


def directions(n: int, seed: int) -> Array:
    found = np.random.default_rng(seed).normal(size=(n, 3))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def inside(n: int, seed: int = 1) -> Array:
    reach = 0.085 * np.random.default_rng(seed).random((n, 1)) ** (1 / 3)
    return CENTRE + reach * directions(n, seed + 1)


def around(n: int, seed: int = 5, distance: float = 0.11) -> Array:
    return CENTRE + distance * directions(n, seed)


def field(conductor: VolumeConductor, at: Array, moment: Array, points: Array) -> Array:
    """Return the whole vector at points, ``(n, 3)``."""
    sensors = SensorArray.vectors(points, np.eye(3))
    return (conductor.gains(at, sensors)[:, 0] @ moment).reshape(-1, 3)


def test_the_kernel_equals_its_reference() -> None:
    rng = np.random.default_rng(0)
    dipoles = np.ascontiguousarray((inside(40) - CENTRE).T)
    points = (around(15) - CENTRE)[:, None] + 1e-3 * rng.normal(size=(15, 4, 3))
    weights = rng.random(4)
    found = kernels.sphere_gains(dipoles, points, directions(15, 9), weights)
    expected = reference.sphere_gains(dipoles, points, directions(15, 9), weights)
    assert_allclose(found, expected, rtol=0.0, atol=1e-13 * np.abs(expected).max())


def test_radial_dipoles_and_those_in_the_centre_are_silent() -> None:
    sensors = SensorArray.vectors(around(20), np.eye(3))
    for at in inside(5):
        gains = SPHERE.gains(at, sensors)[:, 0]
        radial = (at - CENTRE) / np.linalg.norm(at - CENTRE)
        assert np.abs(gains @ radial).max() < 1e-14 * np.abs(gains).max()
        assert_allclose(SPHERE.seen(at).T @ radial, 0.0, atol=1e-15)
    assert not SPHERE.gains(CENTRE, sensors).any()


def test_return_currents_make_no_radial_field() -> None:
    points = around(30)
    outward = (points - CENTRE) / 0.11
    at, moment = inside(1)[0], np.array([3.0, -1.0, 2.0])
    away = points - at
    primary = (
        SCALE * np.cross(moment, away) / np.linalg.norm(away, axis=1)[:, None] ** 3
    )
    found = np.sum(field(SPHERE, at, moment, points) * outward, axis=1)
    assert_allclose(found, np.sum(primary * outward, axis=1), rtol=1e-11)


def test_fields_outside_have_no_curl_and_no_divergence() -> None:
    at, moment, step = inside(1)[0], np.array([3.0, -1.0, 2.0]), 2e-6
    for conductor, points in (
        (SPHERE, around(6)),
        (ConductingHalfSpace(surface=0.2), around(6) * 0.1 + [0.0, 0.0, 0.25]),
        (MagneticDipoles(), around(6)),
    ):
        slopes = np.array([
            field(conductor, at, moment, points + shift)
            - field(conductor, at, moment, points - shift)
            for shift in step * np.eye(3)
        ])  # fmt: skip
        size = np.abs(slopes).max()
        assert_allclose(np.einsum("xnx->n", slopes), 0.0, atol=1e-7 * size)
        turn = slopes - slopes.transpose(2, 1, 0)
        assert_allclose(turn, 0.0, atol=1e-7 * size)


def test_far_away_a_current_dipole_is_half_a_current_loop() -> None:
    # m = r x Q / 2, the field of the magnetic dipole moment of any current.
    at, moment = inside(1)[0], np.array([3.0, -1.0, 2.0])
    points = around(12, distance=90.0)
    loop = 0.5 * np.cross(at - CENTRE, moment)
    expected = field(MagneticDipoles(), CENTRE, loop, points)
    found = field(SPHERE, at, moment, points)
    assert_allclose(found, expected, rtol=0.0, atol=3e-3 * np.abs(expected).max())


def test_a_growing_sphere_becomes_a_half_space() -> None:
    at, moment = np.array([1e-3, 2e-3, -8e-3]), np.array([1.0, -2.0, 0.5])
    points = square_grid(4, 6e-3, 5e-3).positions
    expected = field(ConductingHalfSpace(), at, moment, points)
    errors = []
    for radius in (10.0, 100.0):
        large = ConductingSphere(radius=radius, centre=(0.0, 0.0, -radius))
        errors.append(np.abs(field(large, at, moment, points) - expected).max())
    assert errors[1] < 1e-3 * np.abs(expected).max()
    assert 8.0 < errors[0] / errors[1] < 12.0  # first order in 1/radius


def test_a_half_space_keeps_the_vertical_field_of_the_primary_current() -> None:
    at, moment = np.array([1e-3, 2e-3, -8e-3]), np.array([1.0, -2.0, 0.5])
    sensors = square_grid(4, 6e-3, 5e-3)
    found = ConductingHalfSpace().gains(at, sensors)[:, 0] @ moment
    expected = UnboundedConductor().gains(at, sensors)[:, 0] @ moment
    assert_allclose(found, expected, rtol=1e-12)
    up = ConductingHalfSpace().gains(at, SensorArray.vectors(sensors.positions))
    assert np.abs(up[..., 2]).max() < 1e-15 * np.abs(up).max()


def test_magnetic_dipoles_are_those_of_maps() -> None:
    points, moment = around(7), np.array([1e-9, 2e-9, -3e-9])
    found = field(MagneticDipoles(), CENTRE, moment, points)
    assert_allclose(found, field_of_dipole(moment, CENTRE, points), rtol=1e-12)


def test_averages_over_boxes_are_exact_for_the_second_order() -> None:
    # The mean over a cube of edge e is B + e^2/24 of the Laplacian (zero) + O(e^4).
    at, middle = inside(1), around(3)
    point = SensorArray(positions=middle, axes=directions(3, 2))
    edge = 4e-3
    box = SensorArray.boxes(middle, directions(3, 2), (edge, edge, edge), order=3)
    one, many = SPHERE.gains(at, point), SPHERE.gains(at, box)
    assert_allclose(many, one, rtol=0.0, atol=(edge / 0.02) ** 4 * np.abs(one).max())
    size = np.array([1e-3, 2e-3, 3e-3])
    upright = SensorArray.boxes(middle, [0.0, 0.0, 1.0], size)
    away = upright.points - middle[:, None]
    spread = np.einsum("k,nkx->nx", upright.shares, away**2)
    assert_allclose(spread, np.tile([4e-6, 1e-6, 9e-6] / np.array(12.0), (3, 1)))
    flat = SensorArray.boxes(middle, directions(3, 2), (edge, edge, 0.0), order=3)
    assert np.abs(SPHERE.gains(at, flat) - one).max() > 10 * np.abs(many - one).max()


def test_gains_agree_with_mne() -> None:
    forward = pytest.importorskip("mne.forward._compute_forward")
    sensors = SensorArray(positions=around(25), axes=directions(25, 3))
    at = inside(30)
    coils = (sensors.positions, sensors.axes, np.ones(25), np.arange(25))
    theirs = forward._sphere_field(at, coils, {"r0": CENTRE})
    expected = theirs.reshape(30, 3, 25).transpose(2, 0, 1)
    assert_allclose(
        SPHERE.gains(at, sensors),
        expected,
        rtol=0.0,
        atol=1e-9 * np.abs(expected).max(),
    )


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (
            lambda: SPHERE.gains(CENTRE + np.array([0, 0, 0.1]), helmet(9, 0.2)),
            "positions",
        ),
        (lambda: SPHERE.gains(CENTRE, helmet(9, 0.05)), "sensors"),
        (lambda: ConductingSphere(radius=-1.0), "radius"),
        (
            lambda: ConductingHalfSpace().gains([0, 0, -1], square_grid(2, 1, -0.5)),
            "sensors",
        ),
        (lambda: ConductingHalfSpace().gains([0, 0, 1], helmet(9, 2)), "positions"),
        (lambda: MagneticDipoles().gains([0, 0, 1], square_grid(1, 1, 1)), "sensors"),
        (lambda: SensorArray(positions=np.ones((2, 3)), axes=np.zeros(3)), "axes"),
        (
            lambda: SensorArray(positions=np.ones((2, 3)), axes=np.eye(3)),
            r"axes must be one direction or one for each of the 2 sensors",
        ),
        (
            lambda: SensorArray.boxes(
                np.eye(3), np.eye(3), (1, 1, 1), normals=np.eye(3)[:2]
            ),
            r"normals must be one direction or one for each of the 3",
        ),
        (
            lambda: SensorArray(
                positions=np.ones((2, 3)), axes=np.ones(3), weights=np.array([2.0])
            ),
            "weights",
        ),
        (
            lambda: SensorArray.boxes([[0, 0, 1]], [[0, 0, 1]], (1, 1, -1)),
            "size",
        ),
    ],
)
def test_impossible_places_are_refused_in_words(build, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=word):
        build()
