"""Recombination against exact hydrogen, and argon's Cooper minimum."""

import numpy as np
import pytest

from qleap.core.constants import BOHR_RADIUS, ELECTRONVOLT, HARTREE, HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import (
    RecombinationElement,
    gaussian_elements,
    harmonic_spectrum,
    hydrogen_like_elements,
    photoionisation_cross_section,
    recombination_element,
    rescattering_corrected,
    rescattering_factor,
    sfa_dipole,
)
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.harmonics.scattering_states import bound_state, radial_elements
from qleap.laser.ionisation import Atom, atom
from qleap.laser.tdse import CentralPotential, central_potential

ALPHA = 7.2973525643e-3


def stobbe(photon: np.ndarray) -> np.ndarray:
    """Return hydrogen's cross section, m^2 (Bethe and Salpeter, equation 71.7)."""
    k = np.sqrt(2.0 * photon - 1.0)
    exponent = np.exp(-4.0 * np.arctan(k) / k) / (1.0 - np.exp(-2.0 * np.pi / k))
    scale = 2.0**9 * np.pi**2 / 3.0 * ALPHA * BOHR_RADIUS**2
    return np.asarray(scale * (0.5 / photon) ** 4 * exponent)


def test_hydrogen_absorbs_as_the_exact_formula_says() -> None:
    photon = 0.5 + np.array([1e-5, 0.01, 0.3, 1.0, 3.0])
    found = photoionisation_cross_section("H", photon * HARTREE)
    assert found == pytest.approx(stobbe(photon), rel=3e-5)
    assert found[0] * 1e4 == pytest.approx(6.30e-18, rel=1e-3)


def test_states_of_hydrogen_and_the_ion_of_helium_are_exact() -> None:
    for n, momentum, charge in ((1, 0, 1.0), (3, 1, 1.0), (2, 0, 2.0)):
        potential = CentralPotential(name="x", charge=charge, n=n, l=momentum)
        exact = -0.5 * (charge / n) ** 2
        assert bound_state(potential).energy == pytest.approx(exact, rel=1e-7)


def test_the_phase_of_a_free_wave_is_that_of_scipys_solution() -> None:
    from scipy.integrate import solve_ivp

    potential, energy, momentum = central_potential("Ar"), 1.1, 2
    ends = np.array([60.0, 60.4])

    def change(r: float, y: np.ndarray, screened: bool) -> list[float]:
        value = float(potential.values_au(r)) if screened else -1.0 / r
        return [y[1], (momentum * 3 / r**2 + 2.0 * (value - energy)) * y[0]]

    angles = []
    k = np.sqrt(2.0 * (energy + 1.0 / 60.2 - 3.0 / 60.2**2))
    for screened in (True, False):
        u = solve_ivp(
            change, (1e-2, ends[1]), [1e-6, 3e-4], args=(screened,), t_eval=ends,
            rtol=1e-8, atol=1e-16,
        ).y[0]  # fmt: skip
        turn = k * 0.4
        angles.append(np.arctan2(u[0], (u[1] - u[0] * np.cos(turn)) / np.sin(turn)))
    core = angles[0] - angles[1]
    waves = radial_elements(potential, np.array([energy]))
    from scipy.special import loggamma

    found = (
        waves.phases[1, 0] - loggamma(momentum + 1.0 - 1j / np.sqrt(2 * energy)).imag
    )
    assert np.exp(1j * (found - core)) == pytest.approx(1.0, abs=1e-4)


def test_argon_has_its_cooper_minimum() -> None:
    photon = np.linspace(30.0, 70.0, 81) * ELECTRONVOLT
    kinetic = photon - atom("Ar").ionisation_energy
    # The d wave's element vanishes near 48 eV in measured photoionisation (Higuet et
    # al., arXiv:1012.2676); the potentials scatter about it.
    for name, low, high in (("Ar", 37.0, 40.0), ("Ar (Muller)", 45.0, 48.0)):
        waves = radial_elements(central_potential(name), kinetic / HARTREE)
        zero = np.flatnonzero(np.diff(np.sign(waves.elements[1])))
        assert zero.size == 1
        assert low < photon[zero[0]] / ELECTRONVOLT < high
        # Emission along the light has its minimum higher than absorption has.
        dipole = np.abs(recombination_element(name, kinetic).values)
        sigma = photoionisation_cross_section(name, photon)
        assert photon[dipole.argmin()] > photon[sigma.argmin()]
    assert photon[dipole.argmin()] / ELECTRONVOLT == pytest.approx(51.5, abs=0.5)


def test_hydrogens_factor_is_the_ratio_of_cross_sections() -> None:
    photon = 0.5 + np.array([0.2, 1.0, 5.0])
    ideal = Atom(name="H", ionisation_energy=0.5 * HARTREE)
    factor = rescattering_factor(
        ideal,
        photon * HARTREE,
        recombination_element("H", (photon - 0.5) * HARTREE),
    )
    square = 2.0 * photon - 1.0
    plane = 2.0**3.5 * np.sqrt(square) / (np.pi * (square + 1.0) ** 3)
    # Averaged over directions |d|^2 is a third of that along z.
    sigma = 4.0 * np.pi**2 * ALPHA * photon * np.sqrt(square) * plane**2
    sigma *= 4.0 * np.pi / 3.0 * BOHR_RADIUS**2
    assert np.abs(factor) ** 2 == pytest.approx(stobbe(photon) / sigma, rel=1e-4)


def test_a_table_of_cross_sections_gives_the_element_back() -> None:
    photon = np.array([27.0, 40.0, 60.0]) * ELECTRONVOLT
    lowest = -bound_state(central_potential("He")).energy * HARTREE
    # One electron of two; waves from an s state go as the cosine, beta = 2.
    sigma = photoionisation_cross_section("He", photon) / 2.0
    table = RecombinationElement.of_cross_section(photon, sigma, lowest, asymmetry=2.0)
    exact = recombination_element("He", photon - lowest)
    assert np.abs(table.values) == pytest.approx(np.abs(exact.values), rel=1e-6)
    with pytest.raises(InvalidValue, match="photon_energy must be >"):
        RecombinationElement.of_cross_section(photon, sigma, 27.5 * ELECTRONVOLT)


def test_a_corrected_dipole_radiates_the_factor_times_as_much() -> None:
    time = np.linspace(-1e-14, 1e-14, 2001)
    field = DrivingField(time=time, field=np.cos(time / 4e-16), wavelength=800e-9)
    burst = np.exp(-((time / 1e-16) ** 2)) * np.cos(6e16 * time)
    told = {
        "model": "sfa",
        "ionisation_energy": atom("Ar").ionisation_energy,
        "elements": hydrogen_like_elements("Ar").parameters(),
    }
    plain = dipole_dataset(field, burst, told, dipole=burst)
    changed = rescattering_corrected(plain, "Ar", "Ar (Muller)")
    before, after = (harmonic_spectrum(d, taper=0.0) for d in (plain, changed))
    photon = 2.0 * np.pi * HBAR * before["frequency"].values
    part = (photon > 20.0 * ELECTRONVOLT) & (photon < 60.0 * ELECTRONVOLT)
    factor = rescattering_factor("Ar", photon[part], "Ar (Muller)")
    ratio = after["amplitude"].values[0][part] / before["amplitude"].values[0][part]
    assert ratio == pytest.approx(factor, rel=1e-6)
    with pytest.raises(InvalidValue, match=r"laser\.dipole"):
        rescattering_corrected(before, "Ar")


def test_only_plane_waves_of_the_same_atom_are_corrected() -> None:
    time = np.linspace(0.0, 2e-14, 1001)
    wave = 2e10 * np.sin(2.35e15 * time) * np.sin(np.pi * time / time[-1]) ** 2
    field = DrivingField(time=time, field=wave, wavelength=800e-9)
    plain = sfa_dipole(field, "Ar", longest_excursion=2e-15)
    corrected = rescattering_corrected(plain, "Ar")
    with pytest.raises(InvalidValue, match="corrected already"):
        rescattering_corrected(corrected, "Ar")
    with pytest.raises(InvalidValue, match="hydrogen-like s of Ar"):
        rescattering_corrected(plain, "Ne")
    for other in (
        hydrogen_like_elements("Ar", shell="p"),
        hydrogen_like_elements("Ar", dimensions=1),
        hydrogen_like_elements("Ne"),
        gaussian_elements(0.58),
    ):
        unlike = sfa_dipole(field, "Ar", elements=other, longest_excursion=2e-15)
        with pytest.raises(InvalidValue, match="default elements"):
            rescattering_corrected(unlike, "Ar")
    with pytest.raises(InvalidValue, match="from sfa_dipole"):
        rescattering_corrected(dipole_dataset(field, wave, {"model": "tdse"}), "Ar")


def test_tables_and_energies_are_refused_by_their_own_names() -> None:
    photon, sigma = np.array([2.0, 3.0, 4.0]) * 1e-18, np.full(3, 1e-22)
    of = RecombinationElement.of_cross_section
    with pytest.raises(InvalidValue, match=r"photon_energy must be > 2\.5e-18 J"):
        of(photon, sigma, 2.5e-18)
    for wrong in (-3.0, 2.5, [1.0, 2.0], np.nan):
        with pytest.raises(InvalidValue, match="asymmetry must be"):
            of(photon, sigma, 1e-18, asymmetry=wrong)
    with pytest.raises(InvalidValue, match=r"cross_section .* from -1e-22"):
        of(photon, -sigma, 1e-18)
    with pytest.raises(InvalidValue, match="got 2 finite ones"):
        RecombinationElement(kinetic_energy=photon, values=np.array([1, np.nan, 1]))
    for energy in (np.nan, "20 eV"):
        with pytest.raises(InvalidValue, match="photon_energies must be finite"):
            rescattering_factor("Ar", [energy], "Ar")
    with pytest.raises(InvalidKind, match="potential must be"):
        photoionisation_cross_section(18, photon)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="potential must be"):
        recombination_element(18, photon)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="atom must be an Atom"):
        rescattering_factor(18, photon)  # type: ignore[arg-type]


def test_states_that_are_not_held_are_refused() -> None:
    with pytest.raises(InvalidValue, match="must lie above"):
        photoionisation_cross_section("Ar", [15.0 * ELECTRONVOLT])
    weak = CentralPotential(name="weak", charge=0.01, n=9)
    with pytest.raises(InvalidValue, match="must hold a state"):
        bound_state(weak)
