"""Light of excursions up to the cutoff's against that of saddle points alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.laser import Pulse
from qleap.laser.attosecond import half_cycles, with_cep
from qleap.laser.attosecond.continuum import cutoff_of
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics import quantum_paths, sfa_dipole
from qleap.laser.harmonics.emission import emitted_light
from qleap.laser.ionisation import atom

Floats = NDArray[np.float64]

CYCLE = 800e-9 / 299792458.0
ARGON = atom("Ar").ionisation_energy


@pytest.fixture(scope="module")
def driver() -> DrivingField:
    pulse = Pulse(shape="gaussian", wavelength=8e-7, fwhm=4e-15, peak_power=1.0)
    return driving_field(with_cep(pulse, 0.3), peak_intensity=3e18)


def test_a_wide_fade_leaves_the_short_paths_of_saddle_points(
    driver: DrivingField,
) -> None:
    """From 40 to 85 % of the way to the cutoff, where paths meet; size and delay."""
    strength, late = compared(driver, 0.4)
    assert strength.max() / strength.min() < 1.25
    assert np.sqrt(np.mean(late**2)) < 40e-18


def test_the_end_of_the_excursions_radiates_where_the_fade_is_narrow(
    driver: DrivingField,
) -> None:
    strength, late = compared(driver, 0.1)
    assert strength.max() / strength.min() > 2.0
    assert np.sqrt(np.mean(late**2)) > 70e-18


def test_a_fade_is_a_share(driver: DrivingField) -> None:
    with pytest.raises(InvalidValue, match="excursion_fade"):
        sfa_dipole(driver, "Ar", longest_excursion=CYCLE, excursion_fade=0.0)


def compared(driver: DrivingField, fade: float) -> tuple[Floats, Floats]:
    """Return amplitudes over, and delays after, those of short paths."""
    cycles = half_cycles(driver).emitting("Ar")
    main = cycles.main
    cutoff = cutoff_of("Ar", float(cycles.return_energy[main]))
    energies = ARGON + np.linspace(0.4, 0.85, 10) * (cutoff - ARGON)
    paths = quantum_paths(driver, "Ar", energies)
    births = paths["birth_time"].values.real[:, 0, -1]
    pair = int(np.argmin(np.abs(births - cycles.birth_time[main])))
    known = np.abs(paths["amplitude"].values[pair, 0])
    dipole = sfa_dipole(
        driver,
        "Ar",
        longest_excursion=cycles.excursion / (1.0 - 0.5 * fade),
        excursion_fade=fade,
    )
    light = emitted_light(dipole, (0.9 * ARGON + 0.05 * cutoff, 1.6 * cutoff))
    time, order = light.grid.time, np.argsort(light.grid.omega)
    middle = cycles.return_time[main] - 0.04 * CYCLE
    alone = light.samples * np.exp(-(((time - middle) / (0.22 * CYCLE)) ** 10))
    spectrum = light.grid.to_frequency(alone)[order]
    delay = (light.grid.to_frequency(time * alone)[order] / spectrum).real
    photon = HBAR * light.grid.omega[order]
    strength = np.interp(energies, photon, np.abs(spectrum)) / known
    late = np.interp(energies, photon, delay) - paths["group_delay"].values[pair, 0]
    return strength / np.median(strength), late
