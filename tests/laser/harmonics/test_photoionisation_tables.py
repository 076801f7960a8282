"""Published cross sections against exact hydrogen, sum rules, and other sources."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.constants import BOHR_RADIUS, ELECTRONVOLT, HARTREE
from qleap.core.errors import InvalidValue
from qleap.laser.harmonics import (
    PHOTOIONISATION_SOURCES,
    PhotoionisationTable,
    photoionisation_table,
)
from qleap.laser.harmonics.photoionisation_tables import MEGABARN, UNCERTAINTIES

ALPHA = 7.2973525643e-3

OSCILLATORS = 2.0 * np.pi**2 * ALPHA * BOHR_RADIUS**2 * HARTREE
"""Integral of a cross section over the photon energy, of one electron, J m^2."""

Floats = NDArray[np.float64]


def strength(table: PhotoionisationTable) -> float:
    """Return the oscillator strength of a table."""
    energy = np.geomspace(*table.valid, 20001)
    sigma = table.at(energy)
    return float(np.trapezoid(sigma * energy, np.log(energy)) / OSCILLATORS)


def largest_difference(gas: str, source: str, energies: Floats, other: Floats) -> float:
    """Return that to other values (megabarn) at energies in eV."""
    found = photoionisation_table(gas, source).at(energies * ELECTRONVOLT)
    return float(np.abs(found / (other * MEGABARN) - 1.0).max())


def test_hydrogens_table_is_the_exact_formula_within_its_uncertainty() -> None:
    table = photoionisation_table("H")
    energy = np.geomspace(13.61, 9e3, 200)
    k = np.sqrt(2.0 * energy * ELECTRONVOLT / HARTREE - 1.0)
    falls = np.exp(-4.0 * np.arctan(k) / k) / (1.0 - np.exp(-2.0 * np.pi / k))
    scale = 2.0**9 * np.pi**2 / 3.0 * ALPHA * BOHR_RADIUS**2 / MEGABARN
    exact = scale * (1.0 / (1.0 + k**2)) ** 4 * falls
    error = largest_difference("H", "verner", energy, exact)
    assert 0.004 < error < table.uncertainty


def test_hydrogens_lines_and_its_table_make_one_electron() -> None:
    n = np.arange(2.0, 400.0)
    # Bethe and Salpeter, equation 63.4; beyond the sum goes as the inverse square.
    power = (2.0 * n - 4.0) * np.log(n - 1.0) - (2.0 * n + 4.0) * np.log(n + 1.0)
    lines = 2.0**8 / 3.0 * n**5 * np.exp(power)
    assert lines[0] == pytest.approx(0.4162, abs=1e-4)
    total = lines.sum() + 0.5 * lines[-1] * n[-1]
    assert total + strength(photoionisation_table("H")) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize(
    ("gas", "source", "electrons"),
    [
        ("He", "marr-west", 2),
        ("He", "verner", 2),
        ("Ne", "verner", 8),
        ("Ar", "verner", 8),
        ("Ar", "marr-west", 8),
    ],
)
def test_outer_shells_hold_no_more_oscillators_than_electrons(
    gas: str, source: str, electrons: int
) -> None:
    # What is missing are the lines, a quarter at the most.
    share = strength(photoionisation_table(gas, source)) / electrons
    assert 0.75 < share < 1.0


def test_helium_of_marr_and_west_is_that_of_samson_and_stolte() -> None:
    # Measured in 2002, table 1, as a public program quotes it.
    energy = np.array([24.60, 27.25, 34.92, 50.60, 65.25, 77.49, 95.37, 124.0, 177.1])
    other = np.array([7.56, 6.30, 4.00, 1.94, 1.14, 0.792, 0.497, 0.265, 0.100])
    error = largest_difference("He", "marr-west", energy, other)
    assert 0.01 < error < UNCERTAINTIES["He", "marr-west"]
    assert photoionisation_table("He").source == PHOTOIONISATION_SOURCES["marr-west"]


def test_the_fit_of_helium_is_the_measured_one_within_its_uncertainty() -> None:
    energy = np.linspace(25.0, 100.0, 76)
    measured = photoionisation_table("He").at(energy * ELECTRONVOLT) / MEGABARN
    error = largest_difference("He", "verner", energy, measured)
    assert 0.1 < error < UNCERTAINTIES["He", "verner"]
    low = energy < 60.0
    assert largest_difference("He", "verner", energy[low], measured[low]) < 0.035


def test_neon_is_that_of_berkowitz_within_its_uncertainty() -> None:
    # Atomic and Molecular Photoabsorption (2002), as Garfield++ has it, per Rydberg.
    energy = np.linspace(22.0, 100.0, 157)
    y = 21.6613 / energy
    low = [0.0, 0.0, 16.13668, -38.9941, 35.96058, -12.319]
    high = [0.0, 0.0, 5.806197, 73.98605, -328.517, 353.6014]
    value = np.polynomial.polynomial.polyval
    other = 8.067283 * np.where(energy < 48.475, value(y, low), value(y, high))
    error = largest_difference("Ne", "verner", energy, other)
    assert 0.1 < error < UNCERTAINTIES["Ne", "verner"]


def test_two_sources_of_argon_agree_and_have_its_cooper_minimum() -> None:
    energy = np.linspace(15.9, 240.0, 4000)
    fit = photoionisation_table("Ar", "verner").at(energy * ELECTRONVOLT) / MEGABARN
    error = largest_difference("Ar", "marr-west", energy, fit)
    assert 0.08 < error < UNCERTAINTIES["Ar", "marr-west"]
    assert photoionisation_table("Ar").source == PHOTOIONISATION_SOURCES["marr-west"]
    around = np.linspace(40.0, 60.0, 401) * ELECTRONVOLT
    for source in ("marr-west", "verner"):
        sigma = photoionisation_table("Ar", source).at(around)
        lowest = around[sigma.argmin()] / ELECTRONVOLT
        assert 47.5 < lowest < 49.5
        assert sigma.min() / MEGABARN == pytest.approx(0.914, abs=0.003)


@pytest.mark.parametrize("gas", ["Kr", "Xe"])
def test_krypton_and_xenon_are_henkes_in_periodictable(gas: str) -> None:
    periodictable = pytest.importorskip("periodictable")
    energy, _, second = np.asarray(getattr(periodictable, gas).xray.sftable)
    energy = energy * 1e3
    table = photoionisation_table(gas)
    low, high = np.array(table.valid) / ELECTRONVOLT
    inside = (energy > low) & (energy < high)
    assert inside.sum() > 60
    # The optical theorem, sigma = 2 r_e lambda f2, in metres.
    radius, wavelength = 2.8179403205e-15, 1.239841984e-6 / energy[inside]
    other = 2.0 * radius * wavelength * second[inside] / MEGABARN
    assert largest_difference(gas, "henke", energy[inside], other) < 0.01


def test_tables_say_where_they_end() -> None:
    table = photoionisation_table("Ar")
    for energy, told in (
        (15.0, "15.83 and 245 eV"),
        (250.0, "table of Ar"),
        (np.nan, "got nan"),
    ):
        with pytest.raises(InvalidValue, match=told):
            table.at([20.0 * ELECTRONVOLT, energy * ELECTRONVOLT])
    assert table.at(table.valid) == pytest.approx([29.2e-22, 0.381e-22])


def test_tables_are_refused_by_their_own_names() -> None:
    with pytest.raises(InvalidValue, match="gas must be one of H, He"):
        photoionisation_table("N2")
    with pytest.raises(InvalidValue, match="source of Kr must be one of henke, got"):
        photoionisation_table("Kr", "verner")
    energy = np.array([2.0, 3.0]) * 1e-18
    with pytest.raises(InvalidValue, match="cross_section must be 2 values > 0"):
        PhotoionisationTable(gas="Ar", photon_energy=energy, cross_section=[1e-22, 0.0])  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="photon_energy must be > 0"):
        PhotoionisationTable(
            gas="Ar", photon_energy=energy - 2e-18, cross_section=energy
        )
