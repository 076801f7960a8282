"""Detailed balance: recombination from cross sections, and argon's harmonics by it."""

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT, HARTREE, HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse, driving_field
from qleap.laser.harmonics import (
    PhotoionisationTable,
    RecombinationElement,
    harmonic_spectrum,
    photoionisation_asymmetry,
    photoionisation_cross_section,
    photoionisation_table,
    recombination_element,
    rescattering_corrected,
    sfa_dipole,
)
from qleap.laser.harmonics.scattering_states import bound_state, radial_elements
from qleap.laser.ionisation import atom
from qleap.laser.macroscopic import RescatteringEmitter
from qleap.laser.tdse import CentralPotential, central_potential


@pytest.mark.parametrize("name", ["He", "Ne", "Ar (Muller)", "Xe"])
def test_asymmetry_and_cross_section_give_the_element_along_the_light(
    name: str,
) -> None:
    potential = central_potential(name)
    level = -bound_state(potential).energy * HARTREE
    photon = level + np.array([3.0, 10.0, 30.0, 35.0, 80.0]) * ELECTRONVOLT
    sigma = photoionisation_cross_section(potential, photon)
    beta = photoionisation_asymmetry(potential, photon)
    # Half of a shell has one spin; of it only m = 0 reaches the axis.
    balanced = RecombinationElement.of_cross_section(
        photon, 0.5 * sigma, level, asymmetry=beta
    )
    exact = recombination_element(potential, photon - level)
    assert np.abs(balanced.values) == pytest.approx(np.abs(exact.values), rel=1e-9)


def test_electrons_leave_evenly_where_the_d_wave_vanishes() -> None:
    potential = central_potential("Ar (Muller)")
    kinetic = np.linspace(25.0, 35.0, 401) * ELECTRONVOLT
    more = radial_elements(potential, kinetic / HARTREE).elements[1]
    zero = np.interp(0.0, more, kinetic) - bound_state(potential).energy * HARTREE
    assert photoionisation_asymmetry(potential, [zero])[0] == pytest.approx(
        0.0, abs=1e-3
    )
    level = -bound_state(central_potential("He")).energy * HARTREE
    assert photoionisation_asymmetry("He", [level * 2.0]) == pytest.approx(2.0)
    with pytest.raises(InvalidValue, match="must lie above"):
        photoionisation_asymmetry("Ar", [15.0 * ELECTRONVOLT])


@pytest.mark.parametrize(
    ("gas", "name"), [("He", "He"), ("Ne", "Ne"), ("Ar", "Ar (Muller)"), ("Kr", "Kr")]
)
def test_a_published_table_is_balanced_by_the_element_it_makes(
    gas: str, name: str
) -> None:
    table = photoionisation_table(gas)
    element = recombination_element(name, table=table)
    kinetic = element.kinetic_energy
    lowest = atom(gas).ionisation_energy
    level = -bound_state(central_potential(name)).energy * HARTREE
    beta = photoionisation_asymmetry(name, kinetic + level)
    sigma = table.at(kinetic + lowest)
    balanced = RecombinationElement.of_cross_section(
        kinetic + lowest, 0.5 * sigma, lowest, asymmetry=beta
    )
    assert np.abs(element.values) == pytest.approx(np.abs(balanced.values), rel=1e-9)
    own = recombination_element(name, kinetic).values
    assert (element.values / own).imag == pytest.approx(0.0, abs=1e-9)
    assert (element.values / own).real.min() > 0.0
    assert kinetic[-1] + lowest <= table.valid[1] * (1.0 + 1e-12)
    assert table.source in element.source
    assert name in element.source


def test_argons_harmonics_have_the_minimum_of_the_published_cross_section() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-6)
    driving = driving_field(pulse, peak_intensity=3e18)
    plain = sfa_dipole(driving, "Ar", longest_excursion=0.65 * driving.cycle)
    table = photoionisation_table("Ar")
    energy = np.linspace(38.0, 58.0, 81)
    lowest = {}
    for name, element in (
        ("plane wave", None),
        ("Tong and Lin", recombination_element("Ar")),
        ("published", recombination_element("Ar (Muller)", table=table)),
    ):
        dipole = (
            plain if element is None else rescattering_corrected(plain, "Ar", element)
        )
        made = harmonic_spectrum(dipole)
        photon = 2.0 * np.pi * HBAR * made["frequency"].values / ELECTRONVOLT
        weights = np.exp(-0.5 * ((photon - energy[:, None]) / 2.3) ** 2)
        smooth = weights @ made["spectrum"].values[0] / weights.sum(axis=1)
        lowest[name] = energy[smooth.argmin()]
    # Plane waves have none: their spectrum rises to the end. One electron has it eight
    # electronvolts too low; published absorption has it at 48 eV.
    assert lowest["plane wave"] < 38.5
    assert 39.0 < lowest["Tong and Lin"] < 42.0
    assert 47.0 < lowest["published"] < 52.0


def test_a_published_table_goes_into_the_macroscopic_emitters() -> None:
    element = recombination_element("Ar (Muller)", table=photoionisation_table("Ar"))
    emitters = [
        RescatteringEmitter(target="Ar", longest_excursion=2e-15, element=one)
        for one in (element, recombination_element("Ar (Muller)"))
    ]
    told, other = (emitter.parameters() for emitter in emitters)
    assert "Marr and J. B. West" in str(told["recombination"])
    assert told["recombination_sha256"] != other["recombination_sha256"]


def test_an_ion_with_one_electron_absorbs_as_one() -> None:
    # As hydrogen at a quarter of the energy, with a quarter of its cross section.
    photon = np.array([15.0, 30.0]) * ELECTRONVOLT
    ion = CentralPotential(name="He+", charge=2.0)
    found = photoionisation_cross_section(ion, 4.0 * photon)
    hydrogen = photoionisation_cross_section("H", photon)
    assert 4.0 * found == pytest.approx(hydrogen, rel=1e-6)


def test_elements_of_tables_hold_only_where_the_table_does() -> None:
    table = photoionisation_table("Ar")
    with pytest.raises(InvalidValue, match=r"table must be of the atom.*one of Ar"):
        recombination_element("Ne", table=table)
    with pytest.raises(InvalidValue, match="photon_energies must lie between"):
        recombination_element("Ar", np.array([10.0, 300.0]) * ELECTRONVOLT, table=table)
    for beyond in ([20.0, 50.0], [1e-19, 2e-19]):
        own = PhotoionisationTable(
            gas="Ar",
            photon_energy=np.array(beyond),
            cross_section=np.full(2, 1e-22),
        )
        with pytest.raises(InvalidValue, match=r"table must hold photon.*1\.602e-19"):
            recombination_element("Ar", table=own)
    with pytest.raises(InvalidKind, match="table must be a PhotoionisationTable"):
        recombination_element("Ar", table="Ar")  # type: ignore[arg-type]
    own = PhotoionisationTable(
        gas="He",
        photon_energy=np.array([4e-18, 9e-18]),
        cross_section=np.full(2, 1e-22),
    )
    element = recombination_element("He", table=own)
    assert "cross section: the user" in element.source
    # Of its own element the first energy is 0.05 hartree, of the table 0.014.
    assert element.kinetic_energy[0] == pytest.approx(0.05 * HARTREE)
    last = element.kinetic_energy[-1] + atom("He").ionisation_energy
    assert last == pytest.approx(9e-18, rel=1e-9)
