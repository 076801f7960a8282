"""Cluster expansion: closed forms, whole baths, symmetries, refusals."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.bath import (
    BathSpins,
    CentralLevels,
    ClusterExpansion,
    Clusters,
    central_levels,
    coherence,
    find_clusters,
)
from qleap.sensing.bath import expansion as expansion_module
from qleap.sensing.spins import dipolar_tensor, spin_operators

CARBON = -10.7084e6
FIELD = np.array([1e-3, -2e-3, 0.03])
TIMES = np.linspace(0.0, 4e-4, 33)
SEQUENCES = (0, 1, 2, [0.15, 0.4, 0.7])


def small_bath(rng: np.random.Generator, *, n: int = 4, nitrogen: bool) -> BathSpins:
    """Return strongly coupled spins, the second with spin one where asked for."""
    hyperfine = 4e4 * rng.normal(size=(n, 3, 3))
    quadratic = np.zeros((n, 3, 3))
    spin, zeeman = np.full(n, 0.5), np.full(n, CARBON)
    if nitrogen:
        q = 2e4 * rng.normal(size=(3, 3))
        spin[1], zeeman[1], quadratic[1] = 1.0, -3.077e6, q + q.T
    return BathSpins(
        position=4e-10 * rng.normal(size=(n, 3))
        + [[k * 1e-10, 0, 0] for k in range(n)],
        spin=spin,
        zeeman=zeeman,
        hyperfine=hyperfine,
        quadratic=quadratic,
    )


def carbons(rng: np.random.Generator, n: int = 60, size: float = 2e-9) -> BathSpins:
    position = rng.uniform(-size, size, size=(n, 3))
    position = position[np.linalg.norm(position, axis=1) > 6e-10]
    electron = np.full(len(position), 28.0e9)
    tensors = dipolar_tensor(1.0, 1.0, position)
    tensors = tensors * (CARBON * electron)[:, None, None]
    return BathSpins(
        position=position,
        spin=np.full(len(position), 0.5),
        zeeman=np.full(len(position), CARBON),
        hyperfine=tensors,
    )


def test_one_nucleus_modulates_the_echo_as_mims_says(rng: np.random.Generator) -> None:
    # Rowan, Hahn, Mims, Phys. Rev. 137, A61 (1965):
    # L = 1 - 2 k sin^2(w0 tau / 2) sin^2(w1 tau / 2), k = sin^2 of the fields' angle.
    bath = small_bath(rng, n=1, nitrogen=False)
    fields = [CARBON * FIELD + m * bath.hyperfine[0, 2] for m in (0.0, -1.0)]
    first, second = (np.linalg.norm(field) for field in fields)
    depth = np.linalg.norm(np.cross(*fields)) ** 2 / (first * second) ** 2
    tau = TIMES / 2.0
    waves = np.sin(np.pi * first * tau) ** 2 * np.sin(np.pi * second * tau) ** 2
    found = coherence(bath, TIMES, field=FIELD, order=1, distance=1e-9)
    assert depth > 0.01
    assert_allclose(found, 1.0 - 2.0 * depth * waves, rtol=0.0, atol=1e-12)


def test_echo_collapses_and_revives_at_multiples_of_the_larmor_period(
    rng: np.random.Generator,
) -> None:
    # Childress et al., Science 314, 281 (2006): with the electron in m = 0 all nuclei
    # precess alike, and the echo revives at tau = k / f_Larmor.
    bath = carbons(rng, n=300, size=3e-9)
    period = 1.0 / abs(CARBON * 0.005)
    times = 2.0 * period * np.array([0.5, 1.0, 1.5, 2.0, 7.0])
    found = coherence(bath, times, field=[0, 0, 0.005], order=1, distance=1e-9)
    assert np.all(np.abs(found[[0, 2]]) < 0.2)
    assert_allclose(found[[1, 3, 4]], 1.0, rtol=0.0, atol=1e-11)


@pytest.mark.parametrize("nitrogen", [False, True])
@pytest.mark.parametrize("pulses", SEQUENCES)
def test_an_expansion_up_to_the_whole_bath_is_exact(
    pulses: int | list[float], nitrogen: bool, rng: np.random.Generator
) -> None:
    qutip = pytest.importorskip("qutip")
    bath = small_bath(rng, nitrogen=nitrogen)
    whole = qutip_hamiltonian(qutip, bath)
    flip = qutip.tensor(qutip.sigmax(), *[qutip.qeye(d) for d in whole.dims[0][1:]])
    plus = qutip.ket2dm((qutip.basis(2, 0) + qutip.basis(2, 1)).unit())
    mixed = [qutip.qeye(d) / d for d in whole.dims[0][1:]]
    moments = {0: [], 1: [0.5], 2: [0.25, 0.75]}.get(
        pulses if isinstance(pulses, int) else -1, pulses
    )
    shares = np.diff(np.asarray(moments), prepend=0.0, append=1.0)
    times = TIMES[::8]
    expected = []
    for time in times:
        state = qutip.tensor(plus, *mixed)
        for k, share in enumerate(shares):
            if k:
                state = flip * state * flip
            step = (-2j * np.pi * float(share * time) * whole).expm()
            state = step * state * step.dag()
        expected.append(2.0 * state.ptrace(0).full()[0, 1])
    found = coherence(bath, times, field=FIELD, order=4, distance=1e-7, pulses=pulses)
    assert np.ptp(np.abs(found)) > 0.05
    assert_allclose(found, expected, rtol=0.0, atol=2e-11)


def qutip_hamiltonian(qutip, bath: BathSpins):  # type: ignore[no-untyped-def]
    """Return the Hamiltonian of levels 0 and -1 and the whole bath, Hz."""
    sizes = [2, *np.rint(2.0 * bath.spin + 1.0).astype(int)]

    def placed(operator, k: int):  # type: ignore[no-untyped-def]
        parts = [qutip.qeye(d) for d in sizes]
        parts[k] = operator
        return qutip.tensor(*parts)

    s_z = placed(qutip.Qobj(np.diag([0.0, -1.0])), 0)
    spins = [
        [placed(qutip.jmat(float(i), axis), k + 1) for axis in "xyz"]
        for k, i in enumerate(bath.spin)
    ]
    assert bath.quadratic is not None
    total = 0 * s_z
    for k, own in enumerate(spins):
        for a in range(3):
            total += (bath.zeeman[k] * FIELD[a]) * own[a]
            total += bath.hyperfine[k, 2, a] * s_z * own[a]
            for b in range(3):
                total += bath.quadratic[k, a, b] * own[a] * own[b]
        for m in range(k):
            away = bath.position[k] - bath.position[m]
            tensor = dipolar_tensor(bath.zeeman[m], bath.zeeman[k], away)
            for a, b in product(range(3), repeat=2):
                total += tensor[a, b] * spins[m][a] * own[b]
    return total


@pytest.mark.parametrize("pulses", SEQUENCES)
def test_the_average_over_product_states_is_the_unpolarised_bath(
    pulses: int | list[float], rng: np.random.Generator
) -> None:
    bath = small_bath(rng, n=3, nitrogen=True)
    clusters = find_clusters(bath, order=3, distance=1e-7)
    expansion = ClusterExpansion(bath=bath, clusters=clusters, field=FIELD)
    mixed = expansion.by_order(TIMES, pulses=pulses)[-1]
    states = product((0.5, -0.5), (1.0, 0.0, -1.0), (0.5, -0.5))
    pure = [expansion.by_order(TIMES, pulses=pulses, state=s)[-1] for s in states]
    assert len(pure) == 12
    assert_allclose(np.mean(pure, axis=0), mixed, rtol=0.0, atol=2e-11)


def test_frozen_neighbours_shift_the_frequency_of_a_spin() -> None:
    # Two spins far from each other in a strong field: the second one's projection m
    # adds D_zz m to the first one's Larmor frequency, seen in a free decay through
    # the first spin's transverse hyperfine coupling.
    bath = BathSpins(
        position=np.array([[1e-9, 0, 0], [1e-9, 0, 3e-10]]),
        spin=np.array([0.5, 0.5]),
        zeeman=np.array([CARBON, CARBON]),
        hyperfine=np.array([np.diag([0, 0, 3e3]), np.zeros((3, 3))]) + 0.0,
    )
    bath.hyperfine[0, 2, 0] = 2e3
    shift = 0.5 * dipolar_tensor(CARBON, CARBON, bath.position[1] - bath.position[0])
    moved = FIELD + np.array([0.0, 0.0, float(shift[2, 2]) / CARBON])
    clusters = find_clusters(bath, order=1, distance=1e-12)
    both = ClusterExpansion(bath=bath, clusters=clusters, field=FIELD)
    one = bath.chosen(np.array([0]))
    found = both.by_order(TIMES, state=[0.5, 0.5])[0]
    expected = coherence(one, TIMES, field=moved, order=1, distance=1e-12, state=[0.5])
    unmoved = coherence(one, TIMES, field=FIELD, order=1, distance=1e-12, state=[0.5])
    assert np.max(np.abs(unmoved - expected)) > 1e-5
    assert_allclose(found, expected, rtol=0.0, atol=1e-12)


def test_levels_in_the_other_order_give_the_conjugate(rng: np.random.Generator) -> None:
    bath = carbons(rng)
    for pulses in SEQUENCES:
        found, swapped = (
            coherence(
                bath, TIMES, field=FIELD, distance=8e-10, pulses=pulses, levels=levels
            )
            for levels in ((0.0, -1.0), (-1.0, 0.0))
        )
        assert_allclose(swapped, found.conj(), rtol=0.0, atol=1e-11)


def test_times_in_any_order_and_threads_do_not_matter(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expansion_module, "_EFFORT", 1)
    bath = carbons(rng, n=400, size=3e-9)
    clusters = find_clusters(bath, order=3, distance=7e-10)
    assert clusters.counts[1] > 100
    expansion = ClusterExpansion(bath=bath, clusters=clusters, field=FIELD)
    order = rng.permutation(len(TIMES))
    even = expansion.by_order(TIMES, threads=1)
    assert_allclose(even, expansion.by_order(TIMES, threads=3), rtol=0.0, atol=1e-13)
    mixed = expansion.by_order(TIMES[order], threads=1)
    assert_allclose(mixed, even[:, order], rtol=0.0, atol=1e-10)
    one = expansion.by_order(TIMES[5:6], threads=1)
    assert_allclose(one, even[:, 5:6], rtol=0.0, atol=1e-10)


def test_echo_and_its_share_of_the_time_are_the_same(rng: np.random.Generator) -> None:
    bath = carbons(rng)
    echo = coherence(bath, TIMES, field=FIELD, distance=8e-10, pulses=1)
    explicit = coherence(bath, TIMES, field=FIELD, distance=8e-10, pulses=[0.5])
    nearly = coherence(bath, TIMES, field=FIELD, distance=8e-10, pulses=[0.5 + 1e-13])
    assert_allclose(explicit, echo, rtol=0.0, atol=1e-12)
    assert_allclose(nearly, echo, rtol=0.0, atol=1e-8)


def test_a_field_at_every_spin_may_be_given(rng: np.random.Generator) -> None:
    bath = carbons(rng, n=20)
    everywhere = np.tile(FIELD, (len(bath), 1))
    found = coherence(bath, TIMES, field=everywhere, distance=1e-9)
    assert_allclose(found, coherence(bath, TIMES, field=FIELD, distance=1e-9))


def test_virtual_flips_come_closer_to_the_whole_spin_one(
    rng: np.random.Generator,
) -> None:
    # Exact free decay of the whole spin-1 centre with one strongly coupled nucleus.
    d, ratio = 2.87e9, 28.03e9
    s = spin_operators(1.0)
    own = d * (s[2] @ s[2]) + ratio * 0.03 * s[2]
    bath = small_bath(rng, n=1, nitrogen=False)
    strong = BathSpins(
        position=bath.position,
        spin=bath.spin,
        zeeman=bath.zeeman,
        hyperfine=20.0 * bath.hyperfine,
    )
    field = np.array([0.0, 0.0, 0.03])
    i = spin_operators(0.5)
    whole = np.kron(own, np.eye(2))
    whole = whole + np.kron(np.eye(3), CARBON * 0.03 * i[2])
    whole = whole + np.einsum("ab,aij,bkl->ikjl", strong.hyperfine[0], s, i).reshape(
        6, 6
    )
    energies, states = np.linalg.eigh(whole)
    times = np.linspace(0.0, 2e-5, 21)
    exact = []
    for time in times:
        u = (states * np.exp(-2j * np.pi * energies * time)) @ states.conj().T
        u = u.reshape(3, 2, 3, 2)
        zero, one = u[1, :, 1, :], u[2, :, 2, :]
        exact.append(np.trace(zero @ one.conj().T) / 2.0)
    turn = np.exp(2j * np.pi * (own[1, 1] - own[2, 2]).real * times)
    expected = np.array(exact) * turn
    errors = [
        np.max(
            np.abs(
                coherence(
                    strong,
                    times,
                    field=field,
                    order=1,
                    distance=1e-9,
                    pulses=0,
                    levels=levels,
                )
                - expected
            )
        )
        for levels in (CentralLevels.along_z(0.0, -1.0), central_levels(own, 1, 2))
    ]
    assert errors[0] > 0.02
    assert errors[1] < 0.1 * errors[0]


def test_bad_input_is_refused_with_a_way_out(rng: np.random.Generator) -> None:
    bath = carbons(rng, n=20)
    with pytest.raises(InvalidValue, match="distance or clusters must be given"):
        coherence(bath, TIMES, field=FIELD)
    for pulses in ([0.5, 0.2], [0.0, 0.5], [0.5, 1.0]):
        with pytest.raises(InvalidValue, match="pulses must ascend"):
            coherence(bath, TIMES, field=FIELD, distance=1e-9, pulses=pulses)
    with pytest.raises(InvalidValue, match="field must have the shape"):
        coherence(bath, TIMES, field=np.zeros((2, 3)), distance=1e-9)
    state = np.ones(len(bath))
    with pytest.raises(InvalidValue, match=r"projections -I, \.\.\., I, got 1\.0"):
        coherence(bath, TIMES, field=FIELD, distance=1e-9, state=state)
    with pytest.raises(InvalidValue, match="state must name the projection"):
        coherence(bath, TIMES, field=FIELD, distance=1e-9, state=[0.5])
    clusters = find_clusters(bath, order=1, distance=1e-9)
    few = bath.chosen(np.arange(3))
    with pytest.raises(InvalidValue, match="clusters must be of spins below"):
        coherence(few, TIMES, field=FIELD, clusters=clusters)


def test_clusters_of_too_many_levels_are_refused() -> None:
    bath = BathSpins(
        position=1e-10 * np.arange(9.0).reshape(3, 3),
        spin=np.full(3, 4.5),
        zeeman=np.full(3, -1e7),
        hyperfine=np.zeros((3, 3, 3)),
    )
    with pytest.raises(InvalidValue, match="at most 256 levels, got 1000"):
        coherence(bath, TIMES, field=FIELD, order=3, distance=1e-8)


def test_nothing_is_lost_without_a_bath_and_nothing_found_without_times() -> None:
    empty = BathSpins(
        position=np.empty((0, 3)),
        spin=np.empty(0),
        zeeman=np.empty(0),
        hyperfine=np.empty((0, 3, 3)),
    )
    assert_allclose(coherence(empty, TIMES, field=FIELD, distance=1e-9), 1.0)
    one = small_bath(np.random.default_rng(1), n=1, nitrogen=False)
    for pulses in (0, 1):
        found = coherence(one, [], field=FIELD, distance=1e-9, pulses=pulses)
        assert found.shape == (0,)


def test_levels_that_are_no_levels_are_refused() -> None:
    tilted: NDArray[np.complex128] = spin_operators(1.0)[0]
    with pytest.raises(InvalidValue, match="more than half of one level"):
        central_levels(1e9 * tilted, 1, 2)
    with pytest.raises(InvalidValue, match="must be Hermitian"):
        central_levels(np.triu(np.ones((3, 3))), 0, 1)
    with pytest.raises(InvalidValue, match="no other level at the energy"):
        central_levels(np.diag([1.0, 0.0, 1.0]), 1, 2)


def test_given_clusters_are_all_used_or_those_up_to_the_order(
    rng: np.random.Generator,
) -> None:
    bath = small_bath(rng, nitrogen=False)
    clusters = find_clusters(bath, order=3, distance=1e-7)
    third, second = (
        coherence(bath, TIMES, field=FIELD, distance=1e-7, order=n) for n in (3, 2)
    )
    assert np.abs(third - second).max() > 1e-6
    found = coherence(bath, TIMES, field=FIELD, clusters=clusters)
    np.testing.assert_array_equal(found, third)
    found = coherence(bath, TIMES, field=FIELD, clusters=clusters, order=2)
    np.testing.assert_array_equal(found, second)
    with pytest.raises(InvalidValue, match="order must be between 1 and 3, got 4"):
        coherence(bath, TIMES, field=FIELD, clusters=clusters, order=4)
    with pytest.raises(InvalidValue, match="members must have clusters of one spin"):
        Clusters(())


@pytest.mark.parametrize("spin", [0.3, 0.0, -0.5])
def test_a_spin_that_does_not_exist_is_refused(
    rng: np.random.Generator, spin: float
) -> None:
    bath = small_bath(rng, nitrogen=False)
    with pytest.raises(InvalidValue, match=f"spin must be 1/2, 1, .*{spin} of spin 2"):
        replace(bath, spin=np.array([0.5, 1.0, spin, 0.5]))
