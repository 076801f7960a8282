"""Eigenstates, gradients and transitions of spin systems."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.constants import h, k
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidValue
from qleap.sensing.spins import Coupling, Spin, SpinSystem, p1_centre, silicon_vacancy
from qleap.sensing.spins.spectra import FEWEST

Floats = NDArray[np.float64]
seeds = st.integers(0, 2**32 - 1)


def random_system(seed: int) -> SpinSystem:
    """Return two or three spins with all tensors at random."""
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c"][: rng.integers(2, 4)]
    spins: list[Spin] = []
    for name in names:
        tensor = rng.normal(scale=1e9, size=(3, 3))
        spins.append(
            Spin(
                name=name,
                spin=0.5 if spins[1:] else 0.5 * rng.integers(1, 4),
                zeeman=rng.normal(scale=2e10, size=(3, 3)),
                quadratic=tensor + tensor.T,
            )
        )
    couplings = [
        Coupling(between=(one, other), tensor=rng.normal(scale=1e8, size=(3, 3)))
        for one, other in pairwise(names)
    ]
    return SpinSystem(spins=tuple(spins), couplings=tuple(couplings))


def random_fields(seed: int, n: int = 3) -> Floats:
    return np.random.default_rng(seed + 1).normal(scale=0.1, size=(n, 3))


@settings(max_examples=15)
@given(seeds)
def test_any_system_has_the_energies_of_its_qutip_operators(seed: int) -> None:
    import qutip

    system, field = random_system(seed), random_fields(seed)[0]
    one = [qutip.qeye(n) for n in system.dimensions]
    own = {
        spin.name: [
            qutip.tensor([*one[:i], qutip.jmat(spin.spin, axis), *one[i + 1 :]])
            for axis in "xyz"
        ]
        for i, spin in enumerate(system.spins)
    }
    total: Any = 0
    for spin in system.spins:
        for a in range(3):
            for b in range(3):
                total += float(field[a] * spin.zeeman[a, b]) * own[spin.name][b]
                square = own[spin.name][a] * own[spin.name][b]
                total += float(spin.quadratic[a, b]) * square
    for pair in system.couplings:
        first, second = (own[name] for name in pair.between)
        for a in range(3):
            for b in range(3):
                total += float(pair.tensor[a, b]) * first[a] * second[b]
    expected = total.eigenenergies()
    size = np.abs(expected).max()
    many = np.tile(field, (FEWEST, 1))  # one by LAPACK, many by the kernels
    for found in (system.energies(field), system.energies(many)[-1]):
        assert_allclose(found, expected, rtol=0.0, atol=2e-14 * size)
    assert abs((system.to_qutip(field) - total).full()).max() < 1e-13 * size


@settings(max_examples=15)
@given(seeds)
def test_hamiltonians_are_hermitian_and_their_trace_is_that_of_the_tensors(
    seed: int,
) -> None:
    system = random_system(seed)
    matrix = system.hamiltonian(random_fields(seed))
    size = np.abs(matrix).max()
    assert_allclose(matrix, matrix.conj().swapaxes(-1, -2), atol=1e-14 * size)
    # tr S_a S_b = S (S + 1) / 3 for a = b, no other term has a trace
    share = sum(
        np.trace(s.quadratic) * s.spin * (s.spin + 1.0) / 3.0 for s in system.spins
    )
    expected = system.dimension * share
    traces = np.trace(matrix, axis1=-2, axis2=-1)
    assert_allclose(traces, expected, rtol=0.0, atol=1e-12 * size)
    sums = system.energies(random_fields(seed)).sum(axis=-1)
    assert_allclose(sums, expected, rtol=0.0, atol=1e-12 * size)


@settings(max_examples=15)
@given(seeds)
def test_a_turned_system_in_a_turned_field_has_the_same_energies(seed: int) -> None:
    system, fields = random_system(seed), random_fields(seed)
    turn = Rotation.random(random_state=seed % 1000).as_matrix()
    found = system.turned(turn).energies(fields)
    expected = system.energies(fields @ turn.T)
    size = np.abs(expected).max()
    assert_allclose(found, expected, rtol=0.0, atol=2e-14 * size)


@settings(max_examples=15)
@given(seeds)
def test_eigenstates_are_unitary_and_diagonalise(seed: int) -> None:
    system = random_system(seed)
    many = FEWEST if system.dimension <= 12 else 3  # by the kernel, or by LAPACK
    fields = random_fields(seed, many)
    energies, states = system.eigenstates(fields)
    across = states.conj().swapaxes(-1, -2)
    one = np.broadcast_to(np.eye(system.dimension), states.shape)
    assert_allclose(across @ states, one, atol=1e-12)
    size = np.abs(energies).max()
    found = across @ system.hamiltonian(fields) @ states
    assert_allclose(found, one * energies[:, None, :], atol=1e-12 * size)


@settings(max_examples=20)
@given(seeds)
def test_gradients_are_difference_quotients(seed: int) -> None:
    system, field = random_system(seed), random_fields(seed)[0]
    energies, slopes = system.energy_gradients(field)
    if np.min(np.diff(energies)) < 1e7:
        return  # near a crossing the quotient is wrong
    step = 1e-7
    for axis in range(3):
        move = step * np.eye(3)[axis]
        quotient = system.energies(field + move) - system.energies(field - move)
        assert_allclose(slopes[:, axis], quotient / (2.0 * step), rtol=1e-3, atol=1e5)


def test_an_aligned_electron_is_driven_across_alone() -> None:
    electron = SpinSystem(spins=(Spin.electron(),))
    ratio = electron.spins[0].zeeman[0, 0]
    along = electron.transitions([0.0, 0.0, 0.1], drive=[0.0, 0.0, 1.0])
    across = electron.transitions([0.0, 0.0, 0.1], drive=[1.0, 0.0, 0.0])
    assert_allclose(along.dipoles, 0.0, atol=1e-12 * ratio**2)
    # Rabi frequency of a linear drive: gamma b / 2
    assert_allclose(np.sqrt(across.dipoles), ratio / 2.0, rtol=1e-12)
    average = electron.transitions([0.0, 0.0, 0.1])
    assert_allclose(average.dipoles, ratio**2 / 6.0, rtol=1e-12)


def test_thermal_populations_are_those_of_boltzmann() -> None:
    electron = SpinSystem(spins=(Spin.electron(),))
    found = electron.transitions([0.0, 0.0, 3.0], temperature=4.0)
    ratio = np.exp(-h * found.frequencies[0] / (k * 4.0))
    assert_allclose(found.populations[1] / found.populations[0], ratio, rtol=1e-9)
    assert_allclose(found.weights, found.dipoles * (1 - ratio) / (1 + ratio))


def test_a_polarised_state_gives_populations_and_emission() -> None:
    system = silicon_vacancy("V2")
    up = np.diag([1.0, 0.0, 0.0, 0.0])
    found = system.transitions([0.0, 0.0, 1e-2], state=up)
    assert_allclose(found.populations, [0.0, 0.0, 0.0, 1.0], atol=1e-12)
    assert np.all(found.weights <= 1e-9 * found.dipoles.max())


def test_a_state_that_is_no_operator_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match=r"state must be a Hermitian .*np\.outer"):
        p1_centre().transitions([0.0, 0.0, 0.1], state=np.ones(6))


def test_states_and_operators_become_qutip_objects() -> None:
    system = p1_centre()
    field = [0.01, 0.02, 0.03]
    energies, states = system.eigenstates(field)
    ket = system.qobj(states[:, 2])
    assert ket.isket
    assert ket.dims == [[2, 3], [1, 1]] or ket.dims == [[2, 3], [1]]
    applied = system.to_qutip(field) * ket - energies[2] * ket
    assert applied.norm() < 1e-6
    x, y, z = system.qobj(system.operators("nitrogen"))
    assert (x * y - y * x - 1j * z).norm() < 1e-12


def test_an_array_of_another_space_is_no_qutip_object() -> None:
    with pytest.raises(InvalidValue, match=r"array must have the shape \(6,\)"):
        p1_centre().qobj(np.eye(3))


def test_what_is_no_rotation_is_refused() -> None:
    with pytest.raises(InvalidValue, match="rotation must be a rotation matrix"):
        p1_centre().turned(np.diag([1.0, 1.0, -1.0]))
