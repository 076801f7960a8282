"""Fields of nuclei against closed forms, sums over spins and random walks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NVCentre
from qleap.sensing.nv.signals import (
    MAGIC_ANGLE,
    NuclearLayer,
    cylinder_signal,
    decoupled_coherence,
    depth_from_field_rms,
    diffusion_correlation,
    diffusion_modes,
    fit_depth,
    thermal_polarisation,
)
from qleap.sensing.sequences import (
    Free,
    LorentzianNoise,
    Pulse,
    Repeat,
    Sequence,
    dephasing,
    filter_function,
)
from qleap.sensing.spins.isotopes import isotope

OIL = 6e28  # protons in 1/m^3
LAYER = NuclearLayer(depth=10e-9, density=OIL)
FIELD = 30e-3


def train(spacing: float, count: int) -> Sequence:
    half, quarter = Free(duration=spacing / 2), Pulse.rotation(0.5 * math.pi)
    block = (half, Pulse.rotation(math.pi), half)
    return Sequence((quarter, Repeat(block=block, times=count), quarter))


def test_the_rms_field_on_a_100_surface_is_that_of_pham() -> None:
    gamma = 2 * np.pi * isotope("1H").gyromagnetic_ratio
    size = (1e-7 * HBAR * gamma) ** 2  # mu0 / 4 pi
    expected = math.sqrt(OIL * size * 5 * np.pi / 96 / 10e-9**3)
    assert_allclose(LAYER.field_rms, expected, rtol=1e-9)
    assert 200e-9 < LAYER.field_rms < 400e-9


@pytest.mark.parametrize("tilt", [0.0, 0.3, MAGIC_ANGLE, 0.5 * math.pi])
@pytest.mark.parametrize("thickness", [math.inf, 4e-9])
def test_the_closed_form_is_the_exact_tensor(tilt: float, thickness: float) -> None:
    layer = replace(LAYER, tilt=tilt, thickness=thickness)
    axis = [math.sin(tilt) * 0.6, math.sin(tilt) * 0.8, math.cos(tilt)]
    assert_allclose(layer.field_rms, layer.field_rms_in(axis, axis), rtol=1e-13)


def test_the_tensor_is_the_sum_over_protons_in_the_layer() -> None:
    # any directions of field and axis; a random half space of 400 000 protons
    layer = NuclearLayer(depth=8e-9, density=OIL, thickness=6e-9)
    field = np.array([0.3, -0.5, 0.8])
    axis = np.array([0.9, 0.1, 0.4]) / np.linalg.norm([0.9, 0.1, 0.4])
    rng, n, wide = np.random.default_rng(4), 400_000, 60e-9
    radius = wide * np.sqrt(rng.random(n))
    phi = 2 * np.pi * rng.random(n)
    height = 8e-9 + 6e-9 * rng.random(n)
    place = np.stack([radius * np.cos(phi), radius * np.sin(phi), height], axis=-1)
    r = np.linalg.norm(place, axis=1)
    unit = place / r[:, None]
    dipole = 3 * unit * (unit @ axis)[:, None] - axis
    along = field / np.linalg.norm(field)
    across = (dipole**2).sum(1) - (dipole @ along) ** 2
    moment = 1e-7 * HBAR * 2 * np.pi * isotope("1H").gyromagnetic_ratio
    volume = np.pi * wide**2 * 6e-9
    variance = OIL * volume * (across / r**6).mean() * moment**2 / 4
    assert_allclose(layer.field_rms_in(field, axis), math.sqrt(variance), rtol=0.01)


def test_depths_come_back_from_rms_fields() -> None:
    for depth in (3e-9, 12e-9):
        layer = replace(LAYER, depth=depth, tilt=0.2)
        found = depth_from_field_rms(layer.field_rms, density=OIL, tilt=0.2)
        assert_allclose(found, depth, rtol=1e-12)


def test_protons_precess_at_their_larmor_frequency() -> None:
    assert_allclose(LAYER.larmor_frequency(0.1), 4.2577e6, rtol=1e-4)


def test_on_resonance_the_coherence_is_that_of_pham() -> None:
    # chi = 2 / pi^2 (gamma B N tau)^2
    spacing = 0.5 / LAYER.larmor_frequency(FIELD)
    gamma = 2 * np.pi * NVCentre().gyromagnetic_ratios[2]
    for pulses in (8, 32, 64):
        turn = gamma * LAYER.field_rms * pulses * spacing
        found = decoupled_coherence(LAYER, spacing, pulses=pulses, field=FIELD)
        assert_allclose(found, math.exp(-2 / np.pi**2 * turn**2), rtol=1e-9)


@pytest.mark.parametrize("pulses", [1, 2, 7, 16])
def test_beside_resonance_the_coherence_follows_the_filter_function(
    pulses: int,
) -> None:
    gamma = 2 * np.pi * NVCentre().gyromagnetic_ratios[2]
    larmor = LAYER.larmor_frequency(FIELD)
    spacing = np.linspace(0.9, 1.1, 23) * 0.5 / larmor
    found = decoupled_coherence(LAYER, spacing, pulses=pulses, field=FIELD)
    gain = [filter_function(train(t, pulses), [larmor])[0] for t in spacing]
    expected = np.exp(-0.5 * (gamma * LAYER.field_rms) ** 2 * np.array(gain))
    assert_allclose(found, expected, rtol=1e-10)


def test_the_double_quantum_loses_its_coherence_four_times_as_fast() -> None:
    spacing = 0.5 / LAYER.larmor_frequency(FIELD)
    one = decoupled_coherence(LAYER, spacing, pulses=32, field=FIELD)
    two = decoupled_coherence(LAYER, spacing, pulses=32, field=FIELD, quanta=2)
    assert_allclose(np.log(two), 4 * np.log(one), rtol=1e-12)


@pytest.mark.parametrize("pulses", [4, 9])
def test_nuclei_that_decay_are_noise_of_lorentzian_lines(pulses: int) -> None:
    larmor, coefficient = LAYER.larmor_frequency(FIELD), 2e-12
    spacing = 0.51 / larmor
    weights, rates = diffusion_modes(LAYER.depth, coefficient)
    rms = NVCentre().gyromagnetic_ratios[2] * LAYER.field_rms
    lines = [
        weight
        * dephasing(
            train(spacing, pulses),
            LorentzianNoise(
                rms=rms, correlation_time=1.0 / (rate + 1e4), centre=larmor
            ),
        )
        for weight, rate in zip(weights, rates, strict=True)
    ]
    found = decoupled_coherence(
        LAYER,
        spacing,
        pulses=pulses,
        field=FIELD,
        diffusion=coefficient,
        decay_rate=1e4,
    )
    assert_allclose(found, math.exp(-sum(lines)), rtol=1e-9)


def test_short_lived_nuclei_leave_a_wider_and_shallower_dip() -> None:
    larmor = LAYER.larmor_frequency(FIELD)
    spacing = np.array([1.0, 1.03]) * 0.5 / larmor
    long = decoupled_coherence(LAYER, spacing, pulses=64, field=FIELD)
    short = decoupled_coherence(LAYER, spacing, pulses=64, field=FIELD, decay_rate=2e5)
    assert short[0] > long[0]
    assert short[1] < long[1]


def test_diffusing_nuclei_forget_by_the_law_of_reflected_walks() -> None:
    # the same correlation as an average over walks with a wall, by Monte Carlo
    depth, coefficient = 10e-9, 1e-10
    rng, n, wide = np.random.default_rng(9), 1_000_000, 80e-9
    place = np.stack(
        [*(wide * (2 * rng.random((2, n)) - 1)), depth + wide * rng.random(n)]
    )

    def across(at: np.ndarray) -> np.ndarray:
        x, y, z = at
        r2 = x**2 + y**2 + z**2
        return np.asarray(np.array([x * z, y * z]) / r2**2.5)  # G_xz, G_yz: [111]

    start = across(place)
    for scaled in (0.1, 1.0):
        width = math.sqrt(2 * scaled) * depth
        moved = place + width * rng.normal(size=(3, n))
        moved[2] = depth + np.abs(moved[2] - depth)
        found = (start * across(moved)).sum() / (start**2).sum()
        time = scaled * depth**2 / coefficient
        expected = float(diffusion_correlation(time, depth, coefficient))
        assert_allclose(found, expected, atol=0.02)


def test_the_correlation_of_a_liquid_ends_as_the_power_of_three_halves() -> None:
    late = diffusion_correlation(np.array([1e6, 4e6]), 1.0, 1.0)
    assert_allclose(late[0] / late[1], 8.0, rtol=5e-3)
    assert_allclose(diffusion_correlation(0.0, 1.0, 1.0), 1.0, rtol=1e-10)


def test_a_sum_of_decays_makes_the_correlation_of_a_liquid() -> None:
    weights, rates = diffusion_modes(10e-9, 1e-10)
    times = np.linspace(0.0, 10e-6, 50)
    found = np.exp(-np.outer(times, rates)) @ weights
    assert_allclose(found, diffusion_correlation(times, 10e-9, 1e-10), atol=1e-3)


def test_a_depth_is_found_from_a_noisy_dip() -> None:
    larmor = LAYER.larmor_frequency(FIELD)
    spacing = np.linspace(0.95, 1.05, 61) * 0.5 / larmor
    rng, pulls = np.random.default_rng(3), []
    exact = decoupled_coherence(LAYER, spacing, pulses=96, field=FIELD)
    for _ in range(10):
        seen = exact + rng.normal(scale=0.01, size=spacing.size)
        fit = fit_depth(
            spacing,
            seen,
            replace(LAYER, depth=7e-9),
            pulses=96,
            field=FIELD * 1.001,
        )
        pulls.append((fit.depth - 10e-9) / fit.depth_error)
        assert_allclose(fit.depth, 10e-9, rtol=0.02)
        assert_allclose(fit.field, FIELD, rtol=1e-3)
    assert np.abs(pulls).max() < 4.0


def test_thermal_polarisation_is_three_in_a_million_and_tesla() -> None:
    assert_allclose(thermal_polarisation(1.0, 300.0), 3.4055e-6, rtol=1e-3)
    with pytest.raises(InvalidValue, match="spin 1/2"):
        thermal_polarisation(1.0, 300.0, "14N")


def test_a_polarised_cylinder_makes_the_field_of_its_dipoles() -> None:
    layer = NuclearLayer(depth=2e-6, density=OIL, thickness=5e-6)
    found = cylinder_signal(layer, radius=4e-6, polarisation=1.0)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    z = 2e-6 + 2.5e-6 * (nodes + 1)
    rho = 2e-6 * (nodes + 1)
    alpha = MAGIC_ANGLE
    n = np.array([math.sin(alpha), 0, math.cos(alpha)])
    e = np.array([math.cos(alpha), 0, -math.sin(alpha)])
    total = 0.0
    for phi in 2 * np.pi * (np.arange(8) + 0.5) / 8:
        x = rho[:, None] * math.cos(phi) + 0 * z
        y = rho[:, None] * math.sin(phi) + 0 * z
        place = np.stack([x, y, 0 * rho[:, None] + z], axis=-1)
        r2 = (place**2).sum(-1)
        kernel = (3 * (place @ n) * (place @ e) / r2 - n @ e) / r2**1.5
        inside = kernel * rho[:, None] * weights[:, None] * weights[None, :]
        total += inside.sum() * 2e-6 * 2.5e-6 * 2 * np.pi / 8
    moment = HBAR * np.pi * isotope("1H").gyromagnetic_ratio  # half of hbar gamma
    assert_allclose(found, abs(1e-7 * OIL * moment * total), rtol=1e-8)


def test_fluctuation_beats_thermal_polarisation_close_by_and_loses_far_off() -> None:
    share = float(thermal_polarisation(0.1, 300.0))
    near = NuclearLayer(depth=10e-9, density=OIL, thickness=50e-9)
    far = NuclearLayer(depth=10e-6, density=OIL, thickness=50e-6)
    assert near.field_rms > 1e3 * cylinder_signal(
        near, radius=30e-9, polarisation=share
    )
    assert far.field_rms < cylinder_signal(far, radius=30e-6, polarisation=share)
