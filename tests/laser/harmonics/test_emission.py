"""Spectra of dipoles against Larmor's formula and Parseval's theorem."""

from typing import Any

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
from qleap.laser.harmonics import (
    emitted_light,
    gabor,
    harmonic_spectrum,
    path_spectrum,
    plot_gabor,
    plot_harmonics,
    plot_quantum_paths,
    rescattering_corrected,
)
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
    for one in (5 * ELECTRONVOLT, (5 * ELECTRONVOLT,)):
        with pytest.raises(InvalidValue, match="lowest and the highest"):
            emitted_light(oscillator(), one)  # type: ignore[arg-type]


def test_light_of_a_band_has_the_energy_of_that_part_of_the_spectrum() -> None:
    data = oscillator()
    light = emitted_light(data, (39 * ELECTRONVOLT, 41 * ELECTRONVOLT), edge=0.5)
    spectrum = harmonic_spectrum(data, taper=0.0)
    photon = 2.0 * np.pi * HBAR * spectrum["frequency"].values / ELECTRONVOLT
    density = spectrum["spectrum"].values[0] * spectrum["frequency"].values[1]
    band = np.where(np.abs(photon - 40.0) < 1.0, np.cos(np.pi / 2 * (photon - 40)), 0.0)
    assert light.energy == pytest.approx((density * band**4).sum(), rel=1e-4)
    assert (density * band**4).sum() < 0.8 * density.sum()


@pytest.mark.parametrize("other", [None, 5.0, FIELD, FIELD.field])
def test_what_is_no_dipole_is_refused_in_words(other: Any) -> None:
    energies = (30 * ELECTRONVOLT, 50 * ELECTRONVOLT)
    for door in (
        harmonic_spectrum,
        plot_harmonics,
        path_spectrum,
        plot_gabor,
        plot_quantum_paths,
        lambda data: emitted_light(data, energies),
        lambda data: gabor(data, 1e-16, energies),
        lambda data: rescattering_corrected(data, "Ar"),
    ):
        with pytest.raises(InvalidValue, match=r"data must be .* kind 'laser.*, from"):
            door(other)
