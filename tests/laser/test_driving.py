"""Fields at atoms against the formulas of intensities and potentials."""

from dataclasses import replace

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics import emitted_light, sfa_dipole
from qleap.laser.pulses import delayed, polarised, ponderomotive_energy

PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-3)


def test_peak_field_is_that_of_the_intensity() -> None:
    field = driving_field(PULSE, peak_intensity=1e18)
    amplitude = np.sqrt(2.0 * 1e18 / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    assert field.peak_field == pytest.approx(amplitude, rel=1e-6)
    # Protopapas, Keitel and Knight (1997): 9.33 eV at 1e14 W/cm^2 and 1 um.
    quiver = field.ponderomotive_energy / ELECTRONVOLT
    assert quiver == pytest.approx(9.33 * 0.64, rel=2e-3)
    expected = ponderomotive_energy(1e18, 800e-9)
    assert field.ponderomotive_energy == pytest.approx(expected, rel=1e-6)


def test_chirped_light_has_the_intensity_after_chirp() -> None:
    # The chirped one is 2.95 times as long; the other has its peak away from t = 0.
    for light in (replace(PULSE, gdd=400e-30), replace(PULSE, gdd=1e-28, tod=2e-42)):
        field = driving_field(light, peak_intensity=1e18)
        assert field.peak_intensity == pytest.approx(1e18, rel=5e-3)
        assert driving_field(light, waist=3e-5).peak_intensity < 0.9 * (
            driving_field(PULSE, waist=3e-5).peak_intensity
        )


def test_a_waist_is_an_intensity() -> None:
    by_waist = driving_field(PULSE, waist=50e-6)
    intensity = PULSE.peak_power / (0.5 * np.pi * 50e-6**2)
    assert by_waist.peak_intensity == pytest.approx(intensity, rel=1e-6)


def test_circular_light_shares_its_power() -> None:
    circular = polarised(PULSE, ellipticity=1.0)
    field = driving_field(circular, peak_intensity=1e18)
    linear = driving_field(PULSE, peak_intensity=1e18)
    assert field.components == 2
    assert field.peak_field == pytest.approx(linear.peak_field / np.sqrt(2), rel=1e-5)


def test_the_vector_potential_is_minus_the_integral_of_the_field() -> None:
    time = np.linspace(0.0, 20e-15, 4001)
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / 800e-9
    field = DrivingField(time=time, field=np.cos(omega * time), wavelength=800e-9)
    expected = -np.sin(omega * time) / omega
    assert np.abs(field.vector_potential[0] - expected).max() < 1e-8 / omega


def test_uneven_times_and_complex_fields_are_refused() -> None:
    time = np.linspace(0.0, 20e-15, 101)
    with pytest.raises(InvalidValue, match="equal steps"):
        DrivingField(time=time**2, field=np.ones(101), wavelength=800e-9)
    with pytest.raises(InvalidKind, match="real numbers"):
        DrivingField(
            time=time,
            field=np.ones(101) * 1j,  # type: ignore[arg-type]
            wavelength=800e-9,
        )
    with pytest.raises(InvalidValue, match="shape"):
        DrivingField(time=time, field=np.ones((3, 101)), wavelength=800e-9)
    with pytest.raises(InvalidKind, match="unequal lengths"):
        DrivingField(time=time, field=[[1.0, 2.0], [3.0]], wavelength=800e-9)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="either step or time"):
        driving_field(PULSE, peak_intensity=1e18, step=1e-17, time=time)
    with pytest.raises(InvalidValue, match="either peak_intensity"):
        driving_field(PULSE, peak_intensity=1e18, waist=1e-5)


def test_times_go_on_until_electrons_are_back() -> None:
    # Half a cycle of light: what it frees at t = 0 returns up to 1.5 cycles later.
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=1.5e-15, peak_power=1.0)
    own = driving_field(short, peak_intensity=3e18)
    assert own.time[-1] > 2.1 * own.cycle > -own.time[0]
    later = own.step * np.arange(round(own.time[0] / own.step), 3 * own.time.size)
    endless = driving_field(short, peak_intensity=3e18, time=later)
    band = (60 * ELECTRONVOLT, 90 * ELECTRONVOLT)
    energy, expected = (
        emitted_light(sfa_dipole(field, "Ar"), band).energy for field in (own, endless)
    )
    assert energy == pytest.approx(expected, rel=0.05)
    # Long light has faded before its last electron returns: its times are even.
    long = driving_field(PULSE, peak_intensity=3e18)
    assert long.time[-1] == -long.time[0]


def test_light_below_a_cycle_keeps_its_intensity_with_another_phase() -> None:
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=1.5e-15, peak_power=2.0)
    turned = delayed(short, 0.0, phase=1.0)
    assert turned.peak_power == pytest.approx(2.0, rel=1e-9)
    time = np.linspace(-5e-15, 5e-15, 1001)
    found = driving_field(turned, peak_intensity=1e18, time=time)
    same = replace(short, cep=1.0)
    expected = driving_field(same, peak_intensity=1e18, time=time)
    assert np.allclose(found.field, expected.field, atol=1e-9 * expected.peak_field)
