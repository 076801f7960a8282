"""Level anticrossings against closed forms and published fields."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.constants import BOHR_MAGNETON, PLANCK
from qleap.core.errors import InvalidValue
from qleap.sensing.nv import (
    EXCITED_NITROGEN_14,
    NITROGEN_14,
    NITROGEN_15,
    NVCentre,
    excited_state,
)
from qleap.sensing.spins import Coupling, Spin, SpinSystem, find_anticrossings

AXIS = [0.0, 0.0, 1.0]


def test_the_ground_state_of_14n_anticrosses_twice_at_102_mt() -> None:
    # Auzinsh et al., arXiv:1805.01251: the ground-state anticrossing lies at 102.4 mT.
    # m_S + m_I is kept: |0, 0> meets |-1, 1> and |0, -1> meets |-1, 0>, each pair
    # joined by A_perp; only the second is alone, so that its gap is exact.
    centre = NVCentre(nitrogen=NITROGEN_14)
    first, second = find_anticrossings(centre.spin_system(), AXIS, 0.0, 0.12)
    gap = 2.0 * abs(NITROGEN_14.hyperfine_perpendicular)
    assert_allclose(second.gap, gap, rtol=1e-9)
    assert_allclose(first.gap, gap, rtol=1e-6)
    for each in (first, second):
        assert abs(each.magnitude - 0.1024) < 0.2e-3


def test_the_gap_of_15n_is_its_hyperfine_constant_times_the_root_of_two() -> None:
    centre = NVCentre(nitrogen=NITROGEN_15)
    (found,) = find_anticrossings(centre.spin_system(), AXIS, 0.0, 0.12)
    gap = np.sqrt(2.0) * NITROGEN_15.hyperfine_perpendicular
    assert_allclose(found.gap, gap, rtol=1e-9)
    ratio = centre.gyromagnetic_ratios[2] + NITROGEN_15.gyromagnetic_ratio
    assert_allclose(found.width, gap / ratio, rtol=1e-6)


def test_the_excited_state_anticrosses_near_51_mt() -> None:
    # 1.42 GHz over 28.1 GHz/T is 50.5 mT; the hyperfine structure moves the fields.
    system = excited_state(nitrogen=EXCITED_NITROGEN_14).spin_system()
    found = find_anticrossings(system, AXIS, 0.03, 0.07)
    assert len(found) == 2
    for each in found:
        assert abs(each.magnitude - 0.051) < 1.5e-3
        assert_allclose(each.gap, 46e6, rtol=1e-4)


def test_near_an_anticrossing_the_gap_is_a_hyperbola() -> None:
    # m_S = 0 and -1 of a spin one, joined by N_x {S_x, S_z}: sqrt(2) N_x.
    n_x = 5e5
    tensor = [[0.0, 0.0, n_x], [0.0, 0.0, 0.0], [n_x, 0.0, 1e9]]
    spin = Spin(name="electron", spin=1.0, zeeman=2e9, quadratic=tensor)
    system = SpinSystem(spins=(spin,))
    (found,) = find_anticrossings(system, AXIS, 0.1, 0.9)
    assert_allclose(found.gap, np.sqrt(2.0) * n_x, rtol=1e-5)
    for offset in np.array([-5.0, -1.0, 0.0, 1.0, 5.0]) * found.width:
        energies = system.energies([0.0, 0.0, found.magnitude + offset])
        expected = found.gap * np.hypot(1.0, offset / found.width)
        assert_allclose(energies[1] - energies[0], expected, rtol=1e-5)


def test_levels_that_a_symmetry_keeps_apart_cross_unnoticed() -> None:
    assert find_anticrossings(NVCentre().spin_system(), AXIS, 0.0, 0.2) == ()


def test_shallow_minima_of_levels_that_do_not_mix_are_left_out() -> None:
    weak = SpinSystem(
        spins=(Spin.electron(spin=1.0, axial=2.87e9), Spin.nucleus("13C")),
        couplings=(Coupling(between=("electron", "13C"), tensor=[0.0, 0.0, 1e6]),),
    )
    assert find_anticrossings(weak, AXIS, 0.0, 0.2) == ()


def test_a_tilted_field_opens_the_gap_by_its_part_across() -> None:
    # First order: sqrt(2) gamma B_perp.
    tilt = 1e-3
    (found,) = find_anticrossings(NVCentre().spin_system(), [tilt, 0, 1], 0.05, 0.15)
    ratio = 2.0031 * BOHR_MAGNETON / PLANCK
    assert_allclose(found.gap, np.sqrt(2.0) * ratio * found.field[0], rtol=1e-3)
    assert found.levels == (0, 1)


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"low must be below high, T, got 0\.2"):
        find_anticrossings(NVCentre().spin_system(), AXIS, 0.2, 0.1)


def test_a_direction_of_zero_is_refused() -> None:
    with pytest.raises(InvalidValue, match="direction must have three components"):
        find_anticrossings(NVCentre().spin_system(), [0.0, 0.0, 0.0], 0.0, 0.1)
