"""Spin systems against QuTiP and the NV centre's own Hamiltonian."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.nv import NITROGEN_14, NITROGEN_15, Nitrogen, NVCentre, Strain
from qleap.sensing.spins import Coupling, Spin, SpinSystem, dipolar_tensor

FIELDS = np.random.default_rng(1).normal(scale=0.05, size=(5, 3))
STRAIN = Strain(m_x=3e6, m_y=-5e6, m_z=2e6, n_x=1e6, n_y=4e5)


@pytest.mark.parametrize("nitrogen", [None, NITROGEN_14, NITROGEN_15])
def test_the_spins_of_a_centre_have_its_hamiltonian(nitrogen: Nitrogen | None) -> None:
    centre = NVCentre(strain=STRAIN, nitrogen=nitrogen)
    system = centre.spin_system()
    assert_allclose(
        system.hamiltonian(FIELDS), centre.hamiltonian(FIELDS), atol=1e-6, rtol=0.0
    )


def test_three_spins_have_the_hamiltonian_that_qutip_builds() -> None:
    import qutip

    tensor = np.arange(9.0).reshape(3, 3) * 1e6
    system = SpinSystem(
        spins=(
            Spin.electron(spin=1.5, g=2.0028, axial=35e6),
            Spin.nucleus("29Si"),
            Spin.nucleus("14N", quadrupole=[1e6, 2e6, -3e6]),
        ),
        couplings=(Coupling(between=("29Si", "14N"), tensor=tensor),),
    )
    s, i, n = (qutip.jmat(j) for j in (1.5, 0.5, 1.0))
    one = [qutip.qeye(k) for k in (4, 2, 3)]
    z = [spin.zeeman[0, 0] for spin in system.spins]
    expected = 0
    for a in range(3):
        expected += FIELDS[0][a] * z[0] * qutip.tensor(s[a], one[1], one[2])
        expected += FIELDS[0][a] * z[1] * qutip.tensor(one[0], i[a], one[2])
        expected += FIELDS[0][a] * z[2] * qutip.tensor(one[0], one[1], n[a])
        expected += (1e6, 2e6, -3e6)[a] * qutip.tensor(one[0], one[1], n[a] ** 2)
        for b in range(3):
            expected += tensor[a, b] * qutip.tensor(one[0], i[a], n[b])
    expected += 35e6 * qutip.tensor(s[2] ** 2 - 1.25, one[1], one[2])
    difference = system.to_qutip(FIELDS[0]) - expected
    assert abs(difference.full()).max() < 1e-6


def test_two_electrons_at_a_nanometre_couple_with_52_megahertz() -> None:
    # mu_0 g^2 mu_B^2 / (4 pi r^3 h) = 52.04 MHz nm^3, the constant of DEER:
    # Jeschke, Annu. Rev. Phys. Chem. 63, 419 (2012)
    electron = Spin.electron()
    tensor = dipolar_tensor(electron.zeeman, electron.zeeman, [0.0, 0.0, 1e-9])
    assert_allclose(np.diag(tensor) / 1e6, [52.04, 52.04, -104.08], rtol=1e-4)


def test_spins_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidValue, match="spins must have different names"):
        SpinSystem(spins=(Spin.nucleus("13C"), Spin.nucleus("13C")))


def test_a_system_that_is_turned_and_turned_back_is_the_same() -> None:
    system = NVCentre(strain=STRAIN, nitrogen=NITROGEN_14).spin_system()
    for turn in Rotation.random(20, rng=3).as_matrix():
        back = system.turned(turn).turned(turn.T)
        assert_allclose(
            back.hamiltonian(FIELDS), system.hamiltonian(FIELDS), rtol=0.0, atol=1e-4
        )


def test_a_turn_about_the_axis_keeps_the_splitting() -> None:
    angles = np.linspace(0.0, 7.0, 50)[:, None]
    for turn in Rotation.from_euler("z", angles).as_matrix():
        assert_allclose(
            NVCentre().spin_system().turned(turn).energies(np.zeros(3)),
            NVCentre().spin_system().energies(np.zeros(3)),
            rtol=1e-14,
        )


@pytest.mark.parametrize("pair", [("a", "a"), ("a",), ("a", "b", "c"), "ab"])
def test_couplings_are_those_of_two_different_spins(pair: tuple[str, ...]) -> None:
    # One spin with itself and a tensor that is not symmetric: i S_z, not Hermitian.
    with pytest.raises(InvalidValue, match="between must name two different spins"):
        Coupling(between=pair, tensor=[[0, 1e6, 0], [-1e6, 0, 0], [0, 0, 0]])  # type: ignore[arg-type]


def test_spins_and_tensors_of_another_kind_are_refused() -> None:
    one = Spin(name="e", spin=0.5, zeeman=28e9)
    for wrong in (one, ("e",), "e"):
        with pytest.raises(InvalidKind, match="spins must be a sequence of Spin"):
            SpinSystem(spins=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="couplings must be a sequence of Coupling"):
        SpinSystem(spins=(one,), couplings=(1e6,))  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="g must be made of real numbers"):
        Spin.electron(g="isotropic")
