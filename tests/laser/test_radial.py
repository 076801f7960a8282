"""Beams of radial symmetry against Gaussian optics."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import j0, j1

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.propagation.free_space import FreeSpace, free_space_rates
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.propagation.linear import UniformLinear

WAIST, EDGE, WAVELENGTH = 50e-6, 1e-3, 800e-9
RAYLEIGH = np.pi * WAIST**2 / WAVELENGTH
HANKEL = HankelTransform.on(EDGE, 128)
OMEGA = 2.0 * np.pi * SPEED_OF_LIGHT / WAVELENGTH * np.array([0.8, 1.0, 1.3])
NUMBER = OMEGA / SPEED_OF_LIGHT


def test_the_transform_is_the_integral_with_the_bessel_function() -> None:
    def ring(r: float) -> float:
        return float(np.exp(-((r / WAIST) ** 2)) * (r / WAIST) ** 2)

    values = np.sqrt(HANKEL.area) * [ring(r) for r in HANKEL.radius]
    found = HANKEL.matrix @ values
    for m in (0, 3, 20):
        k = HANKEL.wavenumber[m]

        def ring_wave(x: float, k: float = k) -> float:
            return ring(x * WAIST) * float(j0(k * x * WAIST)) * x * WAIST**2

        whole, _ = quad(ring_wave, 0.0, EDGE / WAIST, limit=300, epsabs=1e-25)
        # A wave of amplitude one is J0(k r) over the root of its norm.
        norm = np.sqrt(np.pi) * EDGE * abs(j1(k * EDGE))
        assert found[m] == pytest.approx(2.0 * np.pi * whole / norm, rel=1e-7)


def test_its_areas_integrate_over_the_disc() -> None:
    intensity = np.exp(-2.0 * (HANKEL.radius / WAIST) ** 2)
    assert np.sum(HANKEL.area * intensity) == pytest.approx(0.5 * np.pi * WAIST**2)
    assert_allclose(HANKEL.matrix @ HANKEL.matrix, np.eye(128), atol=1e-13)


def test_a_gaussian_beam_widens_curves_and_turns_by_the_gouy_phase() -> None:
    # A. E. Siegman, Lasers (1986), section 17.1, in the paraxial limit.
    entering = np.exp(-((HANKEL.radius / WAIST) ** 2))[:, None] + np.zeros(3)
    amplitudes = HANKEL.matrix @ (entering * np.sqrt(HANKEL.area)[:, None])
    paraxial = -0.5j * HANKEL.wavenumber[:, None] ** 2 / NUMBER
    exact = free_space_rates(HANKEL.wavenumber, NUMBER, OMEGA, 1.0 / SPEED_OF_LIGHT)
    assert_allclose(exact, paraxial, atol=1e-2 * np.abs(paraxial).max())
    factor = np.empty_like(exact)
    z = 1.5 * RAYLEIGH
    UniformLinear(np.asarray(paraxial, np.complex128)).propagator_into(0.0, z, factor)
    found = HANKEL.matrix @ (amplitudes * factor) / np.sqrt(HANKEL.area)[:, None]
    q = 1.0 + 2j * z / (NUMBER * WAIST**2)
    expected = np.exp(-((HANKEL.radius[:, None] / WAIST) ** 2) / q) / q
    assert_allclose(found, expected, atol=1e-9)


def test_waves_carry_the_power_of_the_field() -> None:
    beam = FreeSpace(HANKEL, NUMBER, OMEGA)
    rng = np.random.default_rng(1)
    amplitudes = rng.standard_normal((128, 3)) + 1j * rng.standard_normal((128, 3))
    field = np.empty_like(amplitudes)
    beam.to_points_into(0.0, amplitudes, field)
    intensity = 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * np.abs(field) ** 2
    power = np.sum(HANKEL.area[:, None] * intensity, axis=0)
    assert_allclose(power, np.sum(np.abs(amplitudes) ** 2, axis=0))


def test_a_source_drives_a_slow_wave_by_the_wave_equation() -> None:
    # dE/dz = i omega / (2 eps0 c) P where k_z is nearly k.
    beam = FreeSpace(HANKEL, NUMBER, OMEGA)
    wide = np.exp(-((HANKEL.radius / 2e-4) ** 2))[:, None]
    polarisation = 1e-6 * wide + np.zeros(3)
    rise, field = np.empty((128, 3), complex), np.empty((128, 3), complex)
    beam.to_modes_into(0.0, np.asarray(1j * OMEGA * polarisation, complex), rise)
    beam.to_points_into(0.0, rise, field)
    expected = 1j * OMEGA / (2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT) * polarisation
    assert_allclose(field, expected, atol=1e-4 * np.abs(expected).max())


def test_a_source_drives_a_steep_wave_more_by_the_cosine_of_its_angle() -> None:
    # E'' + k_z^2 E = -omega^2 P / (eps0 c^2): E' = i omega^2 P / (2 eps0 c^2 k_z).
    steep = HankelTransform.on(1e-4, 128)
    beam = FreeSpace(steep, NUMBER, OMEGA)
    row = int(np.argmin(np.abs(steep.wavenumber - 0.3 * NUMBER[0])))
    waves, source = np.zeros((128, 3), complex), np.empty((128, 3), complex)
    waves[row] = 1e-12
    steep.to_points_into(waves, source)
    rise, field = np.empty((128, 3), complex), np.empty((128, 3), complex)
    beam.to_modes_into(0.0, np.asarray(1j * OMEGA * source), rise)
    beam.to_points_into(0.0, rise, field)
    along = np.sqrt(NUMBER**2 - steep.wavenumber[row] ** 2)
    scale = 1j * OMEGA**2 / (2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**2 * along)
    assert_allclose(field, scale * source, atol=1e-9 * np.abs(scale * source).max())
    assert along[0] / NUMBER[0] < 0.96
