"""Strain, stress, pressure, electric fields, neighbours and the excited state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidValue
from qleap.sensing import NVCentre
from qleap.sensing.nv import (
    EXCITED_NITROGEN_14,
    EXCITED_NITROGEN_15,
    NITROGEN_14,
    NITROGEN_15,
    Strain,
    axis_rotations,
    canonical_field,
    carbon_13,
    equivalent_fields,
    excited_state,
    first_shell_carbon,
    pressure_shift,
)
from qleap.sensing.nv.strain import STRAIN_CONSTANTS, STRESS_CONSTANTS
from qleap.sensing.spins import Coupling, Spin

Array = NDArray[np.float64]
THIRD = Rotation.from_euler("z", 120.0, degrees=True).as_matrix()
MIRROR = np.diag([1.0, -1.0, 1.0])
FIELD = np.array([2e-3, 1e-3, 3e-3])
numbers = st.floats(-1.0, 1.0)
tensors = st.lists(numbers, min_size=6, max_size=6).map(
    lambda x: np.array([[x[0], x[1], x[2]], [x[1], x[3], x[4]], [x[2], x[4], x[5]]])
)
vectors = st.lists(numbers, min_size=3, max_size=3).map(np.array)


def energies(strain: Strain, field: Array) -> Array:
    return NVCentre(strain=strain).electron_energies(field)


@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3), st.floats(-10.0, 10.0))
def test_hamiltonians_in_any_electric_field_are_hermitian(
    field: list[float], third: float
) -> None:
    # SimOS 0.2.3 is not Hermitian where the field has a transverse part.
    strain = Strain.from_electric_field(field, third=third)
    centre = NVCentre(strain=strain, nitrogen=NITROGEN_14)
    for matrix in (centre.hamiltonian(FIELD), centre.to_qutip(FIELD).full()):
        size = np.abs(matrix).max()
        assert_allclose(matrix, matrix.conj().T, rtol=0.0, atol=1e-15 * size)
    assert centre.to_qutip(FIELD).isherm


@given(tensors)
def test_strain_and_stress_have_the_symmetry_of_the_centre(tensor: Array) -> None:
    for make, size in (
        (Strain.from_strain_tensor, 1e-3),
        (Strain.from_stress_tensor, 1e8),
    ):
        expected = energies(make(size * tensor), FIELD)
        turned = energies(make(size * (THIRD @ tensor @ THIRD.T)), THIRD @ FIELD)
        assert_allclose(turned, expected, rtol=0.0, atol=2e-5)
        # a magnetic field is an axial vector: a mirror turns it, too
        mirrored = make(size * (MIRROR @ tensor @ MIRROR))
        assert_allclose(
            energies(mirrored, -MIRROR @ FIELD), expected, rtol=0.0, atol=2e-5
        )


@given(vectors)
def test_electric_fields_have_the_symmetry_of_the_centre(direction: Array) -> None:
    def at(field: Array, magnetic: Array) -> Array:
        strain = Strain.from_electric_field(1e8 * field, third=0.3)
        return energies(strain, magnetic)

    expected = at(direction, FIELD)
    assert_allclose(at(THIRD @ direction, THIRD @ FIELD), expected, rtol=0.0, atol=2e-5)
    assert_allclose(
        at(MIRROR @ direction, -MIRROR @ FIELD), expected, rtol=0.0, atol=2e-5
    )


@given(tensors)
def test_stress_agrees_with_the_formula_in_the_frame_of_the_crystal(
    tensor: Array,
) -> None:
    # Barson et al. 2017: M_z = a1 tr(s) + 2 a2 (s_yz + s_zx + s_xy), and so on, for
    # the centre along [111] with x along [-1 -1 2].
    s, k = 1e8 * tensor, STRESS_CONSTANTS
    turn = axis_rotations()[0]
    found = Strain.from_stress_tensor(turn @ s @ turn.T)
    across = s[1, 2] + s[2, 0] + s[0, 1]
    m_z = k["a1"] * np.trace(s) + 2.0 * k["a2"] * across
    m_x = k["b"] * (2.0 * s[2, 2] - s[0, 0] - s[1, 1])
    m_x += k["c"] * (2.0 * s[0, 1] - s[1, 2] - s[2, 0])
    m_y = k["b"] * (s[0, 0] - s[1, 1]) + k["c"] * (s[1, 2] - s[2, 0])
    expected = [m_x, np.sqrt(3.0) * m_y, m_z]
    assert_allclose([found.m_x, found.m_y, found.m_z], expected, rtol=0.0, atol=1e-7)


def test_hydrostatic_stress_is_pressure() -> None:
    # Doherty et al., Phys. Rev. Lett. 112, 047601 (2014): 14.58 MHz/GPa.
    strain = Strain.from_stress_tensor(1e9 * np.eye(3))
    assert_allclose(strain.m_z, 14.58e6, rtol=1e-12)
    assert_allclose(float(pressure_shift(1e9)), strain.m_z, rtol=1e-12)
    assert strain.m_x == strain.m_y == 0.0
    shifted = NVCentre.at_temperature(300.0, pressure=2e9).zero_field_splitting
    plain = NVCentre.at_temperature(300.0).zero_field_splitting
    assert_allclose(shifted - plain, 2 * 14.58e6, rtol=1e-6)


def test_hydrostatic_strain_shifts_d_alone() -> None:
    h = STRAIN_CONSTANTS
    strain = Strain.from_strain_tensor(-1e-3 * np.eye(3))
    assert_allclose(strain.m_z, -1e-3 * (2.0 * h["h41"] + h["h43"]), rtol=1e-12)
    assert strain.m_x == strain.m_y == strain.n_x == strain.n_y == 0.0


def test_calculated_and_measured_shifts_have_the_same_sign() -> None:
    # Compression by 1 GPa strains diamond by -P / 3K with K = 442 GPa.
    strain = Strain.from_strain_tensor(-1.0 / (3.0 * 442.0) * np.eye(3))
    assert 0.5 < strain.m_z / float(pressure_shift(1e9)) < 1.0


def test_effects_add_up() -> None:
    field = Strain.from_electric_field([1e6, -2e6, 3e6])
    other = Strain(m_x=1.0, m_z=5.0, n_y=7.0)
    both = field + other
    terms = field.terms(0.0) + other.terms(0.0)
    assert_allclose(both.terms(0.0), terms)


def test_pressure_beyond_the_measurements_is_refused() -> None:
    with pytest.raises(InvalidValue, match="pressure must lie between 0 and 60e9 Pa"):
        NVCentre.at_temperature(300.0, pressure=-1.0)


def test_a_tensor_that_is_not_symmetric_is_refused() -> None:
    with pytest.raises(InvalidValue, match="stress must be symmetric, Pa"):
        Strain.from_stress_tensor(np.arange(9.0).reshape(3, 3))
    with pytest.raises(InvalidValue, match=r"strain must be a finite matrix"):
        Strain.from_strain_tensor(np.eye(2))


def test_a_first_shell_carbon_splits_the_lines_by_about_130_mhz() -> None:
    # The satellites of NV spectra lie 127 to 130 MHz apart.
    centre = NVCentre().with_spin(*first_shell_carbon())
    assert centre.dimension == 6
    found = centre.transitions([5e-3 / np.sqrt(3.0)] * 3)
    strong = np.sort(found.frequencies[0][found.weights[0] > 0.2])
    split = strong[1] - strong[0]
    assert abs(split - 129e6) < 3e6


def test_the_three_first_shell_sites_are_alike() -> None:
    spectra = [
        NVCentre().with_spin(*first_shell_carbon(site)).hamiltonian([0.0, 0.0, 0.01])
        for site in range(3)
    ]
    first, second, third = (np.linalg.eigvalsh(each) for each in spectra)
    assert_allclose(first, second, atol=1e-4)
    assert_allclose(first, third, atol=1e-4)


def test_distant_carbons_couple_as_dipoles_and_any_number_is_taken() -> None:
    centre = NVCentre(nitrogen=NITROGEN_15)
    for number, place in enumerate([[1e-9, 0, 0], [0, 1e-9, 1e-9], [0, 0, -1e-9]]):
        centre = centre.with_spin(*carbon_13(place, name=f"carbon {number}"))
    assert centre.dimension == 48
    assert centre.spin_system().names[-1] == "carbon 2"
    # g mu_B gamma_C mu_0 / (4 pi r^3) at one nanometre is 19.9 kHz
    along = centre.couplings[-1].tensor[2, 2]
    assert_allclose(abs(along), 2 * 19.9e3, rtol=5e-3)
    assert centre.transitions([0.0, 0.0, 1e-3]).energies.shape == (4, 48)


def test_further_spins_leave_the_plain_centre_as_it_is() -> None:
    far = Spin.nucleus("13C")
    loose = NVCentre(nitrogen=NITROGEN_14).with_spin(far)
    zeeman = 0.5 * abs(far.zeeman[2, 2]) * 0.01
    plain = np.linalg.eigvalsh(NVCentre(nitrogen=NITROGEN_14).hamiltonian([0, 0, 0.01]))
    found = np.linalg.eigvalsh(loose.hamiltonian([0, 0, 0.01]))
    expected = np.sort(np.concatenate([plain - zeeman, plain + zeeman]))
    assert_allclose(found, expected, atol=1e-4)


def test_a_coupling_to_a_spin_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidValue, match="between must be one of electron"):
        NVCentre(couplings=(Coupling(between=("electron", "13C"), tensor=1e6),))


def test_the_excited_state_has_half_the_splitting_and_more_coupling() -> None:
    # Fuchs et al., Phys. Rev. Lett. 101, 117601 (2008): half of D, and twenty
    # times the hyperfine coupling of the ground state.
    centre = excited_state(nitrogen=EXCITED_NITROGEN_14)
    ratio = centre.zero_field_splitting / NVCentre().zero_field_splitting
    assert abs(ratio - 0.5) < 0.01
    for excited, ground in (
        (EXCITED_NITROGEN_14, NITROGEN_14),
        (EXCITED_NITROGEN_15, NITROGEN_15),
    ):
        times = excited.hyperfine_parallel / ground.hyperfine_parallel
        assert 15.0 < times < 22.0
    strained = excited_state(strain=Strain(m_x=70e6))
    low, high = strained.resonances([0.0, 0.0, 0.0])[0]
    assert_allclose(high - low, 140e6, rtol=1e-6)


def test_vectors_of_four_components_are_refused_by_name() -> None:
    four = [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(InvalidValue, match="field must have three components in V/m"):
        Strain.from_electric_field(four)
    with pytest.raises(InvalidValue, match="position must have three components in m"):
        carbon_13(four)
    with pytest.raises(InvalidValue, match="drive must have three components"):
        NVCentre().transitions(FIELD, drive=four)
    with pytest.raises(InvalidValue, match="field must have three components in T"):
        equivalent_fields(four)
    with pytest.raises(InvalidValue, match=r"field must have the shape \(..., 3\)"):
        canonical_field(four)
