"""Defects and isotopes against published numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike, NDArray
from scipy.constants import physical_constants

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import AXES, axis_rotations
from qleap.sensing.spins import (
    ISOTOPES,
    SpinSystem,
    boron_vacancy,
    divacancy,
    p1_centre,
    silicon_vacancy,
)


def lines(
    system: SpinSystem, field: ArrayLike, weakest: float = 1e-3
) -> NDArray[np.float64]:
    """Return the frequencies of the strong transitions, ascending."""
    found = system.transitions(field)
    return np.sort(found.frequencies[found.dipoles > weakest * found.dipoles.max()])


def test_p1_lines_of_an_aligned_field_are_114_mhz_apart() -> None:
    # Smith et al., Phys. Rev. 115, 1546 (1959): 40.8 Oe along the bond.
    found = lines(p1_centre(), [0.0, 0.0, 3.0], 0.1)
    assert_allclose(np.diff(found), 114e6, rtol=2e-2)
    assert_allclose(40.8e-4 * 2.0024 * 13.996e9, 114e6, rtol=5e-3)


def test_p1_lines_in_the_field_of_another_bond_are_closer() -> None:
    # At the angle of two bonds, cos = -1/3, the electron's part of the field at the
    # nucleus is sqrt((A_par^2 + 8 A_perp^2) / 9), while that of the nuclear Zeeman
    # term is small; the quadrupole moves the middle line alone.
    bond = p1_centre().turned(axis_rotations()[1])
    found = lines(bond, 1.0 * AXES[0], 0.3)
    expected = np.sqrt((114e6**2 + 8.0 * 81.3e6**2) / 9.0)
    assert found.size == 3
    assert_allclose((found[2] - found[0]) / 2.0, expected, rtol=3e-3)


def test_p1_of_15n_is_that_of_14n_times_the_ratio_of_moments() -> None:
    ratio = ISOTOPES["15N"].g_factor / ISOTOPES["14N"].g_factor
    light, heavy = (p1_centre(kind).couplings[0].tensor for kind in ("14N", "15N"))
    assert_allclose(np.diag(heavy), ratio * np.diag(light), rtol=2e-3)


@pytest.mark.parametrize(("site", "splitting"), [("V1", 4e6), ("V2", 70e6)])
def test_silicon_vacancies_split_by_twice_d(site: str, splitting: float) -> None:
    energies = silicon_vacancy(site).energies([0.0, 0.0, 0.0])
    assert_allclose(np.diff(energies), [0.0, splitting, 0.0], atol=1e-3)


def test_v2_has_three_lines_that_are_twice_d_apart() -> None:
    found = lines(silicon_vacancy("V2"), [0.0, 0.0, 0.1])
    centre = 2.0028 * 13.99624e9 * 0.1
    assert_allclose(found, centre + np.array([-70e6, 0.0, 70e6]), rtol=1e-5)


def test_divacancies_have_the_lines_d_plus_and_minus_e() -> None:
    found = np.diff(divacancy("PL3").energies([0.0, 0.0, 0.0]))
    assert_allclose([found[0], found[0] + found[1]], [1.14e9, 1.304e9], rtol=1e-9)


def test_boron_vacancy_without_nuclei_has_lines_at_d_plus_and_minus_e() -> None:
    energies = boron_vacancy(None).energies([0.0, 0.0, 0.0])
    assert_allclose(energies[1:] - energies[0], [3.43e9, 3.53e9], rtol=1e-9)


def test_boron_vacancy_has_seven_lines_47_mhz_apart() -> None:
    # Gottscholl et al., Nat. Mater. 19, 540 (2020): seven lines about 47 MHz apart;
    # ENDOR (arXiv:2302.08831): 45.5 MHz along z.
    system = boron_vacancy("14N", rhombic=0.0)
    assert system.dimension == 81
    start = np.zeros((81, 81))
    start[27:54, 27:54] = np.eye(27) / 27.0
    found = system.transitions([0.0, 0.0, 0.03], state=start, drive=[1.0, 0.0, 0.0])
    upper = found.energies[0] + 3.48e9 + 28e9 * 0.03
    near = np.abs(found.frequencies - (upper - found.energies[0])) < 3.5 * 45.5e6
    weights = np.abs(found.weights) * near
    place = (found.frequencies - (upper - found.energies[0])) / 45.5e6
    shares = [
        weights[np.abs(place - k) < 0.5].sum() / weights.sum() for k in range(-3, 4)
    ]
    # statistics of three spins one: 1, 3, 6, 7, 6, 3, 1 of 27
    assert_allclose(shares, np.array([1, 3, 6, 7, 6, 3, 1]) / 27.0, atol=0.02)


def test_a_boron_vacancy_has_the_symmetry_of_its_three_bonds() -> None:
    system = boron_vacancy("15N", rhombic=0.0)
    c, s = np.cos(2.0 * np.pi / 3.0), np.sin(2.0 * np.pi / 3.0)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    field = np.array([0.02, 0.01, 0.03])
    assert_allclose(system.energies(turn @ field), system.energies(field), atol=1e-4)
    mirrored = field * [1.0, -1.0, 1.0]
    other = system.energies(-mirrored)  # a field is an axial vector
    assert_allclose(other, system.energies(field), atol=1e-4)


def test_unknown_defects_are_refused_by_name() -> None:
    with pytest.raises(InvalidValue, match="site must be one of V1, V2, got 'V3'"):
        silicon_vacancy("V3")


def test_proton_moment_is_that_of_codata() -> None:
    expected = physical_constants["proton g factor"][0]
    assert_allclose(ISOTOPES["1H"].g_factor, expected, rtol=2e-8)
    deuteron = physical_constants["deuteron g factor"][0]
    assert_allclose(ISOTOPES["2H"].g_factor, deuteron, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "ratio"), [("13C", 10.708e6), ("14N", 3.077e6), ("15N", -4.316e6)]
)
def test_gyromagnetic_ratios_are_the_tabulated_ones(name: str, ratio: float) -> None:
    # IUPAC recommendations of 2001, Pure Appl. Chem. 73, 1795, as widely quoted
    assert_allclose(ISOTOPES[name].gyromagnetic_ratio, ratio, rtol=4e-4)
