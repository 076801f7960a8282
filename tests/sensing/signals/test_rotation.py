"""Turning diamonds against exact evolution and diffusion laws."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import expm
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NVCentre, axis_rotations
from qleap.sensing.nv.signals import (
    geometric_phase,
    pseudo_field,
    rotated_lines,
    rotational_diffusion,
    tumbling_axes,
    tumbling_coherence,
)
from qleap.sensing.spins import spin_operators
from qleap.sensing.spins.isotopes import isotope

CENTRE = NVCentre()
X, Y, Z = spin_operators(1.0)


def turned(axis: np.ndarray, angle: float) -> np.ndarray:
    return np.asarray(expm(-1j * angle * np.einsum("k,kij->ij", axis, [X, Y, Z])))


def test_turning_acts_on_a_spin_as_its_pseudo_field_does() -> None:
    # In the turning frame psi' = exp(+i Omega.S t) psi with the static Hamiltonian
    # plus the term of the pseudo-field.
    rotation, ratio, time = 2 * np.pi * np.array([2e3, -5e3, 8e3]), 28e9, 3e-5
    speed = float(np.linalg.norm(rotation))
    still = 1e5 * Z @ Z + 2e4 * X
    steps = 20_000
    state = np.eye(3, dtype=complex)
    for k in range(steps):
        frame = turned(rotation / speed, speed * time * (k + 0.5) / steps)
        lab = frame @ still @ frame.conj().T
        state = (np.eye(3) - 2j * np.pi * lab * time / steps) @ state
    field = pseudo_field(rotation, ratio)
    inside = still + ratio * np.einsum("k,kij->ij", field, [X, Y, Z])
    expected = turned(rotation / speed, speed * time) @ expm(
        -2j * np.pi * inside * time
    )
    # first-order steps: |H|^2 t^2 / 2 n
    assert_allclose(state, expected, atol=1e-2)
    assert abs(np.trace(state.conj().T @ expected)) / 3 > 0.999


def test_ten_thousand_turns_a_second_are_a_field_of_a_millitesla_for_carbon() -> None:
    rotation = [0.0, 0.0, 2 * np.pi * 1e4]
    carbon = pseudo_field(rotation, -isotope("13C").gyromagnetic_ratio)
    assert_allclose(carbon, [0.0, 0.0, 0.934e-3], rtol=1e-3)
    electron = pseudo_field(rotation, CENTRE.gyromagnetic_ratios[2])
    assert_allclose(electron, [0.0, 0.0, -0.357e-6], rtol=2e-3)
    with pytest.raises(InvalidValue, match="zeeman must not be 0"):
        pseudo_field(rotation, 0.0)


def test_a_centre_turning_about_its_axis_sees_its_lines_split_by_twice_the_speed() -> (
    None
):
    lines = rotated_lines(CENTRE, np.zeros(3), [0.0, 0.0, 2 * np.pi * 1e5], 0.0)
    assert_allclose(np.diff(lines), 2e5, rtol=1e-9)
    against = rotated_lines(CENTRE, [0, 0, 1e-3], [0.0, 0.0, 2 * np.pi * 1e5], 0.3)
    still = rotated_lines(CENTRE, [0, 0, 1e-3], np.zeros(3), 0.0)
    assert_allclose(np.diff(still) - np.diff(against), 2e5, rtol=1e-6)


def test_a_slowly_turning_crystal_shows_the_lines_of_the_turned_one() -> None:
    axis, field = np.array([0.2, -0.5, 0.8]), np.array([1e-3, 2e-3, -3e-3])
    axis = axis / np.linalg.norm(axis)
    start = axis_rotations()[1]
    angles = np.array([[0.0, 0.4], [1.3, 5.0]])
    found = rotated_lines(CENTRE, field, 1e-3 * axis, angles, axis_from_lab=start)
    assert found.shape == (2, 2, 2)
    for place in np.ndindex(2, 2):
        crystal = Rotation.from_rotvec(angles[place] * axis).as_matrix()
        expected = CENTRE.resonances(field, crystal_from_lab=crystal.T)[1]
        assert_allclose(found[place], expected, atol=1e-2)


@pytest.mark.parametrize("projection", [-1, 1])
def test_a_turn_on_a_cone_gives_minus_the_solid_angle(projection: int) -> None:
    tilt, splitting, steps = 0.6, 1.0, 4000
    period = 300.0 / splitting
    step = period / steps
    axis = np.array([math.sin(tilt), 0.0, math.cos(tilt)])
    pole = np.array([0.0, 0.0, 1.0])
    body = np.einsum("k,kij->ij", axis, [X, Y, Z])
    # a bias along the axis keeps the two levels apart, and turns with the crystal
    still = splitting * body @ body + 0.2 * body
    # In the laboratory each step is R advance R^-1; R turns on by one slice a step,
    # and a whole turn of a spin one is the identity.
    advance, onward = expm(-2j * np.pi * step * still), turned(pole, 2 * np.pi / steps)
    whole = np.linalg.matrix_power(onward.conj().T @ advance, steps)
    levels, states = np.linalg.eigh(body)
    state = states[:, np.argmin(np.abs(levels - projection))]
    kept = state.conj() @ whole @ state
    energy = splitting * projection**2 + 0.2 * projection
    phase = np.angle(kept * np.exp(2j * np.pi * energy * period))
    expected = float(geometric_phase(projection, tilt))
    difference = (phase - expected + np.pi) % (2 * np.pi) - np.pi
    assert abs(difference) < 0.03
    assert abs(kept) > 0.999


def test_a_sphere_in_water_tumbles_as_stokes_and_einstein_say() -> None:
    # 50 nm radius in water at 300 K: about 1.5 kHz
    found = rotational_diffusion(50e-9, 0.85e-3, 300.0)
    assert_allclose(found, 1.551e3, rtol=1e-3)


@pytest.mark.parametrize("share", [0.02, 0.3, 3.0])
def test_directions_forget_themselves_at_the_rate_of_diffusion(share: float) -> None:
    times = share * np.arange(4.0)
    axes = tumbling_axes(times, 1.0, walkers=40_000, rng=np.random.default_rng(3))
    assert_allclose(np.linalg.norm(axes, axis=-1), 1.0, rtol=1e-12)
    cosine = np.einsum("wti,wi->wt", axes, axes[:, 0])
    assert_allclose(cosine.mean(0), np.exp(-2 * times), atol=0.01)
    if share < 0.1:
        second = 1.5 * cosine**2 - 0.5
        assert_allclose(second.mean(0), np.exp(-6 * times), atol=0.01)


def test_still_particles_dephase_as_a_powder() -> None:
    field, ratio = 10e-6, CENTRE.gyromagnetic_ratios[2]
    times = np.linspace(0.0, 5e-6, 40)
    found = tumbling_coherence(
        times, field, 1.0, walkers=4000, rng=np.random.default_rng(1)
    )
    assert_allclose(found, np.sinc(2 * ratio * field * times), atol=5e-3)


def test_fast_tumbling_narrows_the_line() -> None:
    field, ratio, diffusion = 1e-6, CENTRE.gyromagnetic_ratios[2], 2e6
    times = np.linspace(0.0, 100e-6, 1001)
    found = tumbling_coherence(
        times, field, diffusion, walkers=3000, rng=np.random.default_rng(2)
    )
    rate = (2 * np.pi * ratio * field) ** 2 / (6 * diffusion)
    assert_allclose(np.abs(found), np.exp(-rate * times), atol=0.04)
    assert rate * times[-1] > 0.2


def test_the_smallest_steps_of_tumbling_are_steps() -> None:
    # A mean cosine of 1 - 1e-18 is 1 in doubles; the angle of 1e-9 rad is not zero.
    rng = np.random.default_rng(4)
    for spread in (1e-3, 1e-15, 1e-18):
        axes = tumbling_axes([0.0, 1.0], spread, walkers=40_000, rng=rng)
        moved = ((axes[:, 1] - axes[:, 0]) ** 2).sum(axis=1)
        assert_allclose(moved.mean(), 4.0 * spread, rtol=0.03)
    assert np.all(np.isfinite(tumbling_axes([0.0, 1e-30], 1e-300, walkers=4, rng=rng)))


def test_a_crystal_is_turned_by_rotations_alone() -> None:
    with pytest.raises(InvalidValue, match="axis_from_lab must be a rotation matrix"):
        rotated_lines(
            NVCentre(), [0, 0, 1e-3], [0, 0, 1.0], 0.0, axis_from_lab=5.0 * np.eye(3)
        )
