"""Gabor maps against Larmor's energy and bursts at known times."""

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import (
    gabor,
    harmonic_spectrum,
    periodic_field,
    plot_gabor,
    quantum_paths,
    recollisions,
)
from qleap.laser.harmonics.emission import dipole_dataset

TIME = np.linspace(-6e-15, 6e-15, 4001)
FIELD = DrivingField(time=TIME, field=np.cos(2.35e15 * TIME), wavelength=800e-9)
ENERGIES = np.linspace(0.5, 120.0, 240) * ELECTRONVOLT


def bursts() -> np.ndarray:
    """Return a burst of 30 eV at -1 fs, and one of 60 eV and half of it at 2 fs."""
    found = np.zeros_like(TIME)
    for energy, centre, strength in ((30.0, -1e-15, 1.0), (60.0, 2e-15, 0.5)):
        t = TIME - centre
        wave = np.cos(energy * ELECTRONVOLT / HBAR * t)
        found += strength * np.exp(-((t / 3e-16) ** 2)) * wave
    return found


def test_bursts_stand_where_and_when_they_are() -> None:
    data = gabor(dipole_dataset(FIELD, bursts(), {}), 3e-16, ENERGIES)
    density = data["density"].values
    time, photon = data["time"].values, data["photon_energy"].values / ELECTRONVOLT
    for low, energy, centre in ((0.0, 30.0, -1e-15), (45.0, 60.0, 2e-15)):
        part = np.where(photon > low, density, 0.0)
        at, which = np.unravel_index(part.argmax(), part.shape)
        assert time[at] == pytest.approx(centre, abs=3e-17)
        assert photon[which] == pytest.approx(energy, abs=0.6)
        if low == 0.0:
            strongest = part.max()
    assert part.max() / strongest == pytest.approx(0.25, rel=1e-2)


def test_a_map_holds_the_radiated_energy() -> None:
    dipole = dipole_dataset(FIELD, bursts(), {})
    data = gabor(dipole, 3e-16, ENERGIES)
    total = data["density"].integrate("time").integrate("photon_energy")
    exact = harmonic_spectrum(dipole)["spectrum"].integrate("frequency")
    found = float(total) / (2.0 * np.pi * HBAR)
    assert found == pytest.approx(float(exact.values[0]), rel=1e-4)


def test_maps_are_drawn_with_paths() -> None:
    data = gabor(dipole_dataset(FIELD, bursts(), {}), 3e-16, ENERGIES)
    wave = periodic_field(800e-9, 2e18)
    paths = quantum_paths(wave, "Ar", np.linspace(20.0, 60.0, 9) * ELECTRONVOLT)
    classical = recollisions(wave.sampled(64.0, after=3e-15))
    ax = plot_gabor(data, paths=paths, classical=classical)
    assert ax.get_ylabel() == "photon energy (eV)"
    assert len(ax.lines) == 5
    with pytest.raises(InvalidValue, match="ionisation_energy"):
        plot_gabor(data, classical=classical)


def test_energies_beyond_the_times_are_refused() -> None:
    dipole = dipole_dataset(FIELD, bursts(), {})
    with pytest.raises(InvalidValue, match="these times resolve"):
        gabor(dipole, 3e-16, [1.0 * ELECTRONVOLT, 2000.0 * ELECTRONVOLT])
    with pytest.raises(InvalidValue, match=r"laser\.dipole"):
        gabor(harmonic_spectrum(dipole), 3e-16, ENERGIES)
    dark = gabor(dipole_dataset(FIELD, 0.0 * bursts(), {}), 3e-16, ENERGIES)
    with pytest.raises(InvalidValue, match="must hold radiation"):
        plot_gabor(dark)
