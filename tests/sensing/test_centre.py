"""The ground-state Hamiltonian against closed forms, QuTiP and published numbers."""

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing import NVCentre
from qleap.sensing.nv import (
    AXES,
    NITROGEN_14,
    NITROGEN_15,
    Nitrogen,
    Strain,
    axis_rotations,
    canonical_field,
    carbon_13,
    equivalent_fields,
    field_from_pair,
    sum_rule,
    zero_field_splitting,
    zero_field_splitting_slope,
)
from qleap.sensing.nv.gradient import resonances_with_gradient

tesla = st.floats(-0.05, 0.05)
vectors = st.tuples(tesla, tesla, tesla).map(np.array)
STRAIN = Strain(m_x=3e6, m_y=-5e6, m_z=2e6, n_x=1e6, n_y=-4e6)
ISOTROPIC = NVCentre(g_parallel=2.003, g_perpendicular=2.003)

Array = NDArray[np.float64]


def test_lines_of_an_aligned_field_are_d_plus_and_minus_gamma_b() -> None:
    centre = NVCentre(zero_field_splitting=2.87e9)
    energies = centre.electron_energies([0.0, 0.0, 1e-3])
    shift = centre.gyromagnetic_ratios[2] * 1e-3
    assert_allclose(
        energies[1:] - energies[0], 2.87e9 + np.array([-shift, shift]), rtol=1e-14
    )


def test_gyromagnetic_ratio_is_the_published_one() -> None:
    # 28.03 GHz/T: Barry et al., Rev. Mod. Phys. 92, 015004 (2020).
    assert_allclose(NVCentre().gyromagnetic_ratios[2], 28.03e9, rtol=2e-4)


def test_nitrogen_constants_are_the_published_ones() -> None:
    # Felton et al., Phys. Rev. B 79, 075203 (2009)
    assert abs(NITROGEN_14.hyperfine_parallel - -2.14e6) < 0.07e6
    assert abs(NITROGEN_14.hyperfine_perpendicular - -2.70e6) < 0.07e6
    assert abs(NITROGEN_15.hyperfine_parallel - 3.03e6) < 0.03e6
    assert abs(NITROGEN_15.hyperfine_perpendicular - 3.65e6) < 0.03e6
    # Smeltzer et al., Phys. Rev. A 80, 050302 (2009): -4.945(5) MHz
    assert abs(NITROGEN_14.quadrupole - -4.945e6) < 0.005e6


@pytest.mark.parametrize("nitrogen", [None, NITROGEN_14, NITROGEN_15])
@given(field=vectors)
def test_energies_equal_those_of_a_hamiltonian_built_with_qutip(
    nitrogen: Nitrogen | None, field: Array
) -> None:
    centre = NVCentre(strain=STRAIN, nitrogen=nitrogen)
    expected = qutip_hamiltonian(centre, field).eigenenergies()
    found = np.linalg.eigvalsh(centre.hamiltonian(field))
    assert_allclose(found, expected, rtol=0.0, atol=2e-4)
    assert_allclose(centre.to_qutip(field).eigenenergies(), expected, atol=2e-4)


def qutip_hamiltonian(centre: NVCentre, field: Array) -> qutip.Qobj:
    """Build the Hamiltonian from QuTiP's own spin operators."""
    spin = centre.nitrogen.spin if centre.nitrogen else 0.0
    one = qutip.qeye(round(2 * spin) + 1)
    x, y, z = (qutip.tensor(qutip.jmat(1, k), one) for k in "xyz")
    s, t = centre.strain, centre.zero_field_splitting
    total = (t + s.m_z) * (z * z - 2.0 / 3.0)
    total += s.m_x * (y * y - x * x) + s.m_y * (x * y + y * x)
    total += s.n_x * (x * z + z * x) + s.n_y * (y * z + z * y)
    for spin_k, b, ratio in zip(
        (x, y, z), field, centre.gyromagnetic_ratios, strict=True
    ):
        total += float(b * ratio) * spin_k
    if centre.nitrogen is None:
        return total
    n = centre.nitrogen
    i_x, i_y, i_z = (qutip.tensor(qutip.qeye(3), qutip.jmat(spin, k)) for k in "xyz")
    total += n.hyperfine_parallel * z * i_z
    total += n.hyperfine_perpendicular * (x * i_x + y * i_y)
    total += n.quadrupole * (i_z * i_z - spin * (spin + 1.0) / 3.0)
    for i_k, b in zip((i_x, i_y, i_z), field, strict=True):
        total -= n.gyromagnetic_ratio * float(b) * i_k
    return total


@given(field=vectors)
def test_hamiltonian_is_hermitian_and_traceless(field: Array) -> None:
    centre = NVCentre(strain=STRAIN, nitrogen=NITROGEN_14)
    matrix = centre.hamiltonian(field)
    assert_allclose(matrix, matrix.conj().T, atol=1e-6)
    assert abs(np.trace(matrix)) < 1e-4


@given(field=vectors)
def test_closed_form_equals_the_diagonalised_electron(field: Array) -> None:
    centre = NVCentre(strain=STRAIN)
    expected = np.linalg.eigvalsh(centre.hamiltonian(field))
    assert_allclose(centre.electron_energies(field), expected, rtol=0.0, atol=1e-4)


@given(field=vectors)
def test_lines_do_not_change_when_the_field_is_reversed(field: Array) -> None:
    centre = NVCentre()
    assert_allclose(centre.resonances(field), centre.resonances(-field), atol=1e-4)


@given(field=vectors)
def test_the_sum_rule_holds_for_every_axis(field: Array) -> None:
    lines = ISOTROPIC.resonances(field)
    ratio = ISOTROPIC.gyromagnetic_ratios[0]
    expected = ISOTROPIC.zero_field_splitting**2 + 3.0 * ratio**2 * (field @ field)
    assert_allclose(sum_rule(lines[:, 0], lines[:, 1]), expected, rtol=1e-12)


@given(field=vectors)
def test_all_equivalent_fields_have_the_same_eight_lines(field: Array) -> None:
    expected = np.sort(NVCentre().resonances(field).ravel())
    images = equivalent_fields(field)
    found = np.sort(NVCentre().resonances(images).reshape(len(images), 8), axis=1)
    assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-3)
    assert_allclose(canonical_field(images) - canonical_field(field), 0.0, atol=1e-15)


@given(field=st.tuples(*[st.floats(1e-4, 2e-2)] * 3).map(np.array))
def test_field_from_pair_inverts_the_lines_of_each_axis(field: Array) -> None:
    lines, ratios = ISOTROPIC.resonances(field), ISOTROPIC.gyromagnetic_ratios
    for axis, (low, high) in zip(AXES, lines, strict=True):
        found = field_from_pair(low, high, ISOTROPIC.zero_field_splitting, ratios)
        size = float(np.linalg.norm(field))
        assert abs(found.magnitude - size) < 1e-8 * size
        assert_allclose(
            found.parallel**2, (axis @ field) ** 2, atol=1e-9 * size**2 + 1e-15
        )


def test_field_from_pair_agrees_with_the_formula_of_balasubramanian() -> None:
    # Nature 455, 648 (2008), supplement, for a centre without strain: cos(2 theta).
    low, high, d = 2.80e9, 2.98e9, 2.87e9
    found = field_from_pair(low, high, d, np.full(3, 28.03e9))
    total = low * low + high * high - low * high
    top = 7 * d**3 - 3 * d * total
    top += 2 * (low + high) * (2 * (low * low + high * high) - 5 * low * high)
    expected = top / (9 * d * (total - d * d))
    cosine = found.parallel / found.magnitude
    assert_allclose(2.0 * cosine**2 - 1.0, expected, rtol=1e-9)


def test_impossible_lines_are_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match=r"no field has lines .* give the D of this"):
        field_from_pair(2.867e9, 2.871e9, 2.88e9, np.full(3, 28e9))


@given(field=vectors)
def test_gradient_equals_finite_differences(field: Array) -> None:
    if np.linalg.norm(field) < 1e-3:
        return
    centre, rotations = NVCentre(strain=STRAIN), axis_rotations()
    lines, slopes = resonances_with_gradient(centre, field, rotations)
    if np.min(np.diff(lines, axis=1)) < 1e6 or lines.min() < 1e8:
        return  # near a crossing the difference quotient is wrong, not the gradient
    step = 1e-7
    for k in range(3):
        up, down = field.copy(), field.copy()
        up[k] += step
        down[k] -= step
        quotient = (centre.resonances(up) - centre.resonances(down)) / (2 * step)
        assert_allclose(slopes[..., k], quotient, rtol=2e-3, atol=2e6)
    up = centre.with_splitting(centre.zero_field_splitting + 1e3).resonances(field)
    assert_allclose(slopes[..., 3], (up - lines) / 1e3, atol=3e-3)


def test_rotations_are_proper_and_turn_each_axis_to_z() -> None:
    rotations = axis_rotations()
    assert_allclose(np.linalg.det(rotations), 1.0)
    assert_allclose(
        np.einsum("kij,kj->ki", rotations, AXES), [[0, 0, 1]] * 4, atol=1e-15
    )


def test_a_turned_crystal_sees_the_turned_field() -> None:
    turn = Rotation.from_euler("xyz", [0.3, -0.8, 1.1]).as_matrix()
    field = np.array([1e-3, 2e-3, -5e-3])
    centre = NVCentre()
    assert_allclose(
        centre.resonances(field, crystal_from_lab=turn), centre.resonances(turn @ field)
    )


def test_a_reflection_is_refused_as_rotation() -> None:
    with pytest.raises(InvalidValue, match="crystal_from_lab must be a rotation"):
        axis_rotations(np.diag([1.0, 1.0, -1.0]))


def test_electric_field_splits_the_lines_by_twice_its_constant() -> None:
    # 17 Hz cm/V: van Oort and Glasbeek, Chem. Phys. Lett. 168, 529 (1990).
    strain = Strain.from_electric_field([1e7, 0.0, 0.0])
    low, high = NVCentre(strain=strain).resonances([0.0, 0.0, 0.0])[0]
    assert_allclose(high - low, 2 * 0.17 * 1e7, rtol=1e-9)


def test_splitting_at_room_temperature_is_near_2870_mhz() -> None:
    assert abs(float(zero_field_splitting(300.0)) - 2.870e9) < 0.5e6


def test_slope_at_room_temperature_is_near_the_measured_one() -> None:
    # Acosta et al., Phys. Rev. Lett. 104, 070801 (2010): -74.2(7) kHz/K.
    slope = float(zero_field_splitting_slope(300.0))
    assert abs(slope - -74.2e3) < 5e3
    step = zero_field_splitting(300.5) - zero_field_splitting(299.5)
    assert_allclose(slope, step, rtol=1e-5)


def test_splitting_stays_constant_at_low_temperature() -> None:
    # Chen et al., Appl. Phys. Lett. 99, 161903 (2011): flat below 50 K, 2877.7 MHz.
    cold = zero_field_splitting([15.0, 50.0])
    assert abs(cold[0] - 2877.7e6) < 0.5e6
    assert abs(cold[1] - cold[0]) < 0.2e6


def test_temperature_outside_the_measurements_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"temperature must lie between 15 and 500 K.*got 700"
    ):
        NVCentre.at_temperature(700.0)


def test_field_without_three_components_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"field must have the shape \(\.\.\., 3\), T"
    ):
        NVCentre().resonances([1e-3, 2e-3])


def test_field_with_nan_is_refused() -> None:
    with pytest.raises(InvalidValue, match="field must be finite in T"):
        NVCentre().resonances([1e-3, np.nan, 0.0])


def test_negative_splitting_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"zero_field_splitting must be > 0 Hz, got -1"
    ):
        NVCentre(zero_field_splitting=-1.0)


def test_a_spin_that_is_no_half_integer_is_refused() -> None:
    with pytest.raises(InvalidKind, match=r"2 \* spin must be a whole number"):
        Nitrogen(
            spin=0.7,
            hyperfine_parallel=0.0,
            hyperfine_perpendicular=0.0,
            quadrupole=0.0,
            gyromagnetic_ratio=0.0,
        )


def test_transitions_of_an_aligned_field_share_one_unit_of_weight() -> None:
    for nitrogen in (None, NITROGEN_14, NITROGEN_15):
        found = NVCentre(nitrogen=nitrogen).transitions(1e-3 * AXES[0])
        assert_allclose(found.weights[0].sum(), 2.0, rtol=1e-3)


def test_circular_average_is_the_mean_over_three_linear_drives() -> None:
    centre = NVCentre(nitrogen=NITROGEN_15)
    field = [1e-3, -2e-3, 3e-3]
    each = [centre.transitions(field, drive=axis).dipoles for axis in np.eye(3)]
    assert_allclose(
        np.mean(each, axis=0), centre.transitions(field).dipoles, atol=1e-12
    )


def test_a_drive_along_the_axis_does_not_drive_it() -> None:
    found = NVCentre().transitions(1e-3 * AXES[0], drive=AXES[0])
    assert_allclose(found.weights[0], 0.0, atol=1e-12)


def test_strong_lines_of_nitrogen_14_are_the_triplet() -> None:
    found = NVCentre(nitrogen=NITROGEN_14).transitions(5e-3 * AXES[0])
    strong = np.sort(found.frequencies[0][found.weights[0] > 0.1])
    assert_allclose(np.diff(strong[:3]), 2.162e6, rtol=5e-3)
    assert_allclose(np.diff(strong[3:]), 2.162e6, rtol=5e-3)


def test_batched_fields_give_what_single_ones_give(rng: np.random.Generator) -> None:
    fields = rng.normal(scale=3e-3, size=(2, 3, 3))
    centre = NVCentre(nitrogen=NITROGEN_15)
    assert centre.resonances(fields).shape == (2, 3, 4, 2)
    batch = centre.transitions(fields)
    single = centre.transitions(fields[1, 2])
    assert_allclose(batch.frequencies[1, 2], single.frequencies, atol=1e-3)
    assert_allclose(batch.weights[1, 2].sum(), single.weights.sum(), rtol=1e-9)


def test_nitrogen_and_strain_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidKind, match="nitrogen must be a Nitrogen or None"):
        NVCentre(nitrogen="14N")  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="strain must be a Strain"):
        NVCentre(strain=3e6)  # type: ignore[arg-type]


def test_the_electron_alone_keeps_its_own_constants() -> None:
    whole = NVCentre(
        zero_field_splitting=2.8e9,
        g_parallel=2.1,
        strain=Strain(m_x=4e6),
        nitrogen=NITROGEN_14,
    ).with_spin(*carbon_13([0.0, 0.0, 1e-9]))
    alone = whole.electron_alone()
    assert (whole.dimension, alone.dimension) == (18, 3)
    field = [1e-3, 2e-3, 3e-3]
    assert_allclose(
        np.linalg.eigvalsh(alone.hamiltonian(field)),
        whole.electron_energies(field),
        rtol=1e-13,
    )
