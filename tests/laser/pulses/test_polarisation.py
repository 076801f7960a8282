"""Polarisation: ellipses, Stokes parameters, plates, gates."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.laser import Grid, Pulse
from qleap.laser.pulses import (
    PolarisedPulse,
    ellipticity,
    jones_vector,
    polarisation_gate,
    polarised,
    polariser,
    stokes,
    wave_plate,
)

PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, peak_power=1e6)
GRID = Grid(n_points=256, window=6e-13, wavelength=800e-9)


@pytest.mark.parametrize("ratio", [-1.0, -0.3, 0.0, 0.6, 1.0])
@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2])
def test_the_field_draws_the_ellipse_asked_for(ratio: float, angle: float) -> None:
    long = Pulse(shape="gaussian", wavelength=800e-9, fwhm=1e-9, peak_power=1.0)
    cycle = np.linspace(0.0, 800e-9 / 2.99792458e8, 2000, endpoint=False)
    x, y = polarised(long, ellipticity=ratio, angle=angle).fields(cycle)
    distance = np.hypot(x, y)
    assert distance.min() / distance.max() == pytest.approx(abs(ratio), abs=2e-3)
    if abs(ratio) < 1.0:
        top = int(np.argmax(distance))
        axis = math.atan2(y[top], x[top])
        assert math.sin(axis - angle) == pytest.approx(0.0, abs=1e-2)
    # The sense of turning is the sign of the swept area.
    swept = np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
    assert math.copysign(1.0, swept) == np.sign(ratio) or abs(ratio) == 0.0


def test_stokes_parameters_are_the_textbook_ones() -> None:
    # By the angles of the ellipse: cos 2chi cos 2psi, cos 2chi sin 2psi, sin 2chi.
    for ratio, angle in ((0.3, 0.5), (-0.7, -0.2)):
        chi = math.atan(ratio)
        wanted = [
            1.0,
            math.cos(2 * chi) * math.cos(2 * angle),
            math.cos(2 * chi) * math.sin(2 * angle),
            math.sin(2 * chi),
        ]
        vector = jones_vector(ratio, angle)
        assert_allclose(stokes(vector), wanted, atol=1e-12)
        assert ellipticity(vector) == pytest.approx(ratio, rel=1e-6, abs=0.0)


def test_polarised_light_keeps_energy_and_peak_power() -> None:
    turned = polarised(PULSE, ellipticity=0.6, angle=0.3)
    assert turned.energy == pytest.approx(PULSE.energy, rel=1e-6, abs=0.0)
    assert turned.peak_power == pytest.approx(1e6, rel=1e-6, abs=0.0)


def test_a_quarter_wave_at_45_degrees_makes_circular_light() -> None:
    made = polarised(PULSE).through(wave_plate(math.pi / 2.0, math.pi / 4.0))
    around = ellipticity(made.envelopes_on(GRID))[128]
    assert abs(around) == pytest.approx(1.0, rel=1e-6, abs=0.0)
    half = polarised(PULSE).through(wave_plate(math.pi, math.radians(22.5)))
    vector = np.array(half.vectors[0])
    assert_allclose(stokes(vector), [1.0, 0.0, 1.0, 0.0], atol=1e-12)


def test_polarisers_follow_the_law_of_malus() -> None:
    for angle in (0.2, 1.0):
        passed = polarised(PULSE).through(polariser(angle))
        wanted = PULSE.energy * math.cos(angle) ** 2
        assert passed.energy == pytest.approx(wanted, rel=1e-6, abs=0.0)


def test_the_ellipticity_of_a_gate_is_that_of_two_gaussians() -> None:
    # Their amplitudes a and b give (a - b) / (a + b) = tanh(2 ln2 delay t / fwhm^2).
    gate = polarisation_gate(PULSE, 30e-15)
    around = ellipticity(gate.envelopes_on(GRID))
    near = np.abs(GRID.time) < 2e-14
    wanted = np.tanh(2.0 * math.log(2.0) * 30e-15 * GRID.time / (20e-15) ** 2)
    assert_allclose(around[near], wanted[near], atol=1e-6)
    assert gate.energy == pytest.approx(2.0 * PULSE.energy, rel=1e-6, abs=0.0)


def test_spectra_are_transforms_of_the_envelopes() -> None:
    gate = polarisation_gate(PULSE, 30e-15)
    density = np.abs(gate.spectra_on(GRID)) ** 2
    assert density.sum() / GRID.window == pytest.approx(gate.energy, rel=1e-6, abs=0.0)


def test_what_is_no_polarisation_is_refused() -> None:
    with pytest.raises(InvalidValue, match="ellipticity must lie between -1 and 1"):
        polarised(PULSE, ellipticity=1.2)
    with pytest.raises(InvalidValue, match=r"matrix must have the shape \(2, 2\)"):
        polarised(PULSE).through(np.eye(3))
    with pytest.raises(InvalidValue, match="one for each of the terms"):
        PolarisedPulse(terms=(PULSE,), vectors=())
    with pytest.raises(InvalidValue, match=r"fields must have the shape \(2, ...\)"):
        stokes(np.ones((3, 4)))
