"""Spectra of dipoles against Larmor's formula and Parseval's theorem."""

import numpy as np
import pytest
import xarray as xr

from qleap.core.constants import (
    ELECTRONVOLT,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import emitted_light, harmonic_spectrum
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.pulses import fwhm

TIME = np.linspace(-20e-15, 20e-15, 8001)
OMEGA = 40.0 * ELECTRONVOLT / HBAR
STRENGTH, WIDTH = 1e-3, 2e-15
LARMOR = 1.0 / (6.0 * np.pi * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**3)
FIELD = DrivingField(time=TIME, field=np.zeros_like(TIME), wavelength=800e-9)


def oscillator() -> xr.Dataset:
    envelope = np.exp(-2.0 * np.log(2.0) * ((TIME - 1e-15) / WIDTH) ** 2)
    wave = STRENGTH * envelope * np.cos(OMEGA * (TIME - 1e-15) + 0.7)
    return dipole_dataset(FIELD, wave, {})


def test_the_spectrum_holds_larmors_energy() -> None:
    data = oscillator()
    spectrum = harmonic_spectrum(data)
    energy = float(spectrum["spectrum"].integrate("frequency").sum())
    power = LARMOR * data["dipole_acceleration"].values[0] ** 2
    assert energy == pytest.approx(np.trapezoid(power, TIME), rel=1e-6)
    peak = spectrum["frequency"].values[int(spectrum["spectrum"].values[0].argmax())]
    assert peak * 2.0 * np.pi == pytest.approx(OMEGA, rel=1e-2)


def test_emitted_light_is_the_dipole_as_a_pulse() -> None:
    light = emitted_light(oscillator(), (30 * ELECTRONVOLT, 50 * ELECTRONVOLT))
    assert light.peak_power == pytest.approx(0.5 * LARMOR * STRENGTH**2, rel=1e-4)
    assert fwhm(light.grid.time, np.abs(light.samples) ** 2) == pytest.approx(
        WIDTH, rel=1e-3
    )
    # The envelope's phase at the pulse's middle is that of the dipole, exp(-i phi).
    value = light.envelope([1e-15])[0] * np.exp(-1j * light.omega0 * 1e-15)
    assert np.angle(value) == pytest.approx(-0.7, rel=1e-3)


def test_bands_beyond_the_times_are_refused() -> None:
    with pytest.raises(InvalidValue, match="finer step"):
        emitted_light(oscillator(), (1 * ELECTRONVOLT, 9e3 * ELECTRONVOLT))
    with pytest.raises(InvalidValue, match="must increase"):
        emitted_light(oscillator(), (5 * ELECTRONVOLT, 4 * ELECTRONVOLT))
