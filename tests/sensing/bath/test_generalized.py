"""gCCE against PyCCE, exact evolution in QuTiP, and the conventional expansion."""

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qutip
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.errors import InvalidValue
from qleap.sensing._kernels import generalized as kernels
from qleap.sensing._reference import generalized as reference
from qleap.sensing.bath import (
    BathSpins,
    diamond_lattice,
    generalized_coherence,
    nitrogen_bath,
    random_state,
)
from qleap.sensing.bath import generalized as module
from qleap.sensing.bath.clusters import find_clusters
from qleap.sensing.bath.expansion import coherence
from qleap.sensing.bath.hamiltonians import central_hamiltonian
from qleap.sensing.bath.levels import central_levels
from qleap.sensing.nv import NVCentre
from qleap.sensing.spins import Coupling, Spin, SpinSystem, dipolar_tensor

Complex = NDArray[np.complex128]

STORED = json.loads(
    (Path(__file__).parent / "data" / "gcce_pycce.json").read_text(encoding="utf-8")
)
CENTRE = Spin.electron(spin=1.0, g=2.0028, axial=2.87e9)
AXIAL, TILTED = [0.0, 0.0, 0.05], [4e-3, 1e-3, 6e-3]


def stored_bath(name: str) -> BathSpins:
    given = STORED["baths"][name]
    quadratic = given.get("quadratic_Hz")
    return BathSpins(
        position=np.array(given["position_m"]),
        spin=np.array(given["spin"]),
        zeeman=np.array(given["zeeman_Hz_per_T"]),
        hyperfine=np.array(given["hyperfine_Hz"]),
        quadratic=None if quadratic is None else np.array(quadratic),
    )


def removing_pulse(
    pulse: Callable[[Complex, float], Complex],
) -> Callable[[Complex, float], Complex]:
    """Return the pulse of PyCCE, which empties the other levels."""

    def emptied(pair: Complex, angle: float) -> Complex:
        return np.asarray(pulse(pair, angle) - (np.eye(3) - pair @ pair.conj().T))

    return emptied


# Phases of 1e7 rad between levels 3 GHz apart at 0.8 ms leave eight digits.
@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("hahn", 2e-8),
        ("ramsey", 1e-9),
        ("cpmg2", 1e-7),
        ("tilted", 2e-8),
        ("order3", 2e-8),
        ("state", 2e-8),
        ("state_ramsey", 1e-8),
        ("nitride", 1e-10),
    ],
)
def test_gcce_is_that_of_pycce(
    name: str, digits: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    case: dict[str, Any] = STORED["cases"][name]
    bath = stored_bath(case["bath"])
    times = np.array(case["times_s"])
    clusters = find_clusters(bath, order=case["order"], distance=case["distance_m"])
    assert list(clusters.counts) == case["clusters"]
    monkeypatch.setattr(module, "_pulse", removing_pulse(module._pulse))
    ours = generalized_coherence(
        bath,
        times,
        field=case["field_T"],
        centre=CENTRE,
        pulses=case["pulses"],
        clusters=clusters,
        state=case.get("state"),
    )
    theirs = np.array(case["real"]) + 1j * np.array(case["imaginary"])
    if case["pulses"] % 2:
        theirs = theirs.conj()
    if case["pulses"] == 0:  # theirs turns in the laboratory
        single = central_hamiltonian(CENTRE, np.array(case["field_T"]))
        energies = np.linalg.eigvalsh(single)
        theirs = theirs * np.exp(2j * np.pi * (energies[0] - energies[1]) * times)
    assert np.ptp(theirs.real) > 0.1
    assert np.abs(ours - theirs).max() < digits


def three_spins() -> BathSpins:
    position = 1e-9 * np.array([[0.6, 0.2, 0.5], [0.7, -0.1, 0.3], [0.4, 0.3, 0.3]])
    zeeman = np.array([-10.7084e6, -10.7084e6, -3.0776e6])
    quadratic = np.zeros((3, 3, 3))
    quadratic[2] = [[1e5, 3e4, 0.0], [3e4, -3e5, 2e4], [0.0, 2e4, 2e5]]
    electron = CENTRE.zeeman
    tensors = [
        dipolar_tensor(electron, z, r) for z, r in zip(zeeman, position, strict=True)
    ]
    return BathSpins(
        position=position,
        spin=np.array([0.5, 0.5, 1.0]),
        zeeman=zeeman,
        hyperfine=np.array(tensors) + 3e5 * np.eye(3),
        quadratic=quadratic,
        local=np.array([[0.0, 0.0, 0.0], [1e4, 2e4, -3e4], [0.0, 0.0, 5e4]]),
    )


def whole_system(bath: BathSpins) -> SpinSystem:
    """Return the central spin with every bath spin as its spin system."""
    assert bath.quadratic is not None
    system = SpinSystem(spins=(CENTRE,))
    for k in range(len(bath)):
        spin = Spin(
            name=f"bath {k}",
            spin=float(bath.spin[k]),
            zeeman=bath.zeeman[k],
            quadratic=bath.quadratic[k],
        )
        own = Coupling(between=("electron", spin.name), tensor=bath.hyperfine[k])
        system = system.with_spin(spin, own)
    for i, j in combinations(range(len(bath)), 2):
        away = bath.position[j] - bath.position[i]
        tensor = dipolar_tensor(bath.zeeman[i], bath.zeeman[j], away)
        pair = Coupling(between=(f"bath {i}", f"bath {j}"), tensor=tensor)
        system = SpinSystem(spins=system.spins, couplings=(*system.couplings, pair))
    return system


def element(
    hamiltonian: Complex,
    dimensions: list[int],
    time: float,
    moments: list[float],
    axes: list[float],
) -> complex:
    """Return <a| rho |b> after a sequence, from propagators of QuTiP."""
    h = 2.0 * np.pi * qutip.Qobj(hamiltonian, dims=[dimensions, dimensions])
    alone = qutip.Qobj(central_hamiltonian(CENTRE, np.array(TILTED)))
    _, (a, b, _) = alone.eigenstates()  # m = 0, -1, +1 at this field
    a, b = (x * np.exp(-1j * np.angle(x[k, 0])) for x, k in ((a, 1), (b, 2)))
    others = [qutip.qeye(d) for d in dimensions[1:]]
    rho = qutip.tensor((a + b).unit().proj(), *(one.unit() for one in others))
    rest = qutip.qeye(3) - a.proj() - b.proj()
    last = 0.0
    for moment, axis in zip([*moments, 1.0], [*axes, None], strict=True):
        u = (-1j * h * ((moment - last) * time)).expm()
        rho, last = u * rho * u.dag(), moment
        if axis is not None:
            flip = np.exp(-1j * axis) * a * b.dag()
            pulse = qutip.tensor(rest - 1j * (flip + flip.dag()), *others)
            rho = pulse * rho * pulse.dag()
    return complex(a.dag() * rho.ptrace(0) * b)


@pytest.mark.parametrize(
    ("moments", "axes"),
    [
        ([], []),
        ([0.5], [0.0]),
        ([0.25, 0.75], [0.0, np.pi / 2.0]),
        ([0.1, 0.4, 0.8], [0.3, 1.0, 2.0]),
    ],
)
def test_the_whole_bath_as_one_cluster_is_exact(
    moments: list[float], axes: list[float]
) -> None:
    bath, times = three_spins(), np.linspace(0.0, 1.5e-6, 4)
    ours = generalized_coherence(
        bath,
        times,
        field=TILTED,
        centre=CENTRE,
        pulses=moments,
        phases=axes,
        order=3,
        distance=1e-9,
    )
    system = whole_system(bath)
    assert bath.local is not None
    local = sum(
        np.einsum("a,aij->ij", bath.local[k], system.operators(f"bath {k}"))
        for k in range(len(bath))
    )
    together = system.hamiltonian(TILTED) + local
    alone = central_hamiltonian(CENTRE, np.array(TILTED))
    dimensions = list(system.dimensions)
    expected = [
        element(together, dimensions, t, moments, axes)
        / element(alone, [3], t, moments, axes)
        for t in times
    ]
    assert np.ptp(np.abs(expected)) > 0.05
    assert np.abs(ours - expected).max() < 1e-9


@pytest.mark.parametrize("pulses", [0, 1, 2, 5])
def test_far_from_anticrossings_it_is_the_conventional_expansion(pulses: int) -> None:
    # With second-order couplings the two differ by higher powers of A / D alone.
    bath = diamond_lattice(2.5e-9, seed=5, inner_radius=5e-10)
    times = np.linspace(0.0, 5e-4 if pulses else 4e-6, 11)
    clusters = find_clusters(bath, order=2, distance=8e-10)
    levels = central_levels(NVCentre().hamiltonian(AXIAL), 1, 2)
    given: dict[str, Any] = {"field": AXIAL, "pulses": pulses, "clusters": clusters}
    conventional = coherence(bath, times, levels=levels, **given)
    general = generalized_coherence(bath, times, **given)
    secular = coherence(bath, times, **given)
    assert np.ptp(np.abs(general)) > 0.05
    assert np.abs(general - conventional).max() < 2e-6
    assert np.abs(general - secular).max() > 1e-5


def test_a_large_splitting_leaves_pure_dephasing() -> None:
    bath = diamond_lattice(2.5e-9, seed=5, inner_radius=5e-10)
    times = np.linspace(0.0, 5e-4, 11)
    clusters = find_clusters(bath, order=2, distance=8e-10)
    secular = coherence(bath, times, field=AXIAL, clusters=clusters)
    away = [
        np.abs(
            generalized_coherence(
                bath,
                times,
                field=AXIAL,
                centre=Spin.electron(spin=1.0, axial=axial),
                clusters=clusters,
            )
            - secular
        ).max()
        for axial in (2.87e9, 2.87e10)
    ]
    assert away[1] < 0.2 * away[0]


@pytest.mark.parametrize("levels", [(0.0, -1.0), (0.0, 1.0), (1.0, -1.0)])
def test_a_product_state_agrees_with_the_conventional_expansion(
    levels: tuple[float, float],
) -> None:
    bath = diamond_lattice(2.5e-9, seed=5, inner_radius=6e-10)
    state = random_state(bath, 1)
    times = np.linspace(0.0, 2e-4, 11)
    clusters = find_clusters(bath, order=2, distance=8e-10)
    given: dict[str, Any] = {"field": AXIAL, "clusters": clusters, "state": state}
    secular = coherence(bath, times, levels=levels, **given)
    large = Spin.electron(spin=1.0, axial=2.87e12)
    # Rounding of phases limits what such a splitting can show.
    general = generalized_coherence(bath, times, levels=levels, centre=large, **given)
    assert np.ptp(np.abs(secular)) > 0.02
    assert np.abs(general - secular).max() < 2e-4


def test_clusters_of_electrons_in_a_local_field_agree_as_well() -> None:
    bath = nitrogen_bath(40e-9, ppm=1.0, seed=4)
    times = np.linspace(0.0, 2e-4, 11)
    given: dict[str, Any] = {
        "field": AXIAL,
        "clusters": find_clusters(bath, order=2, distance=20e-9),
        "state": random_state(bath, 5),
    }
    secular = coherence(bath, times, **given)
    general = generalized_coherence(bath, times, **given)
    assert np.ptp(np.abs(secular)) > 0.1
    assert np.abs(general - secular).max() < 5e-3


def test_threads_do_not_change_the_result() -> None:
    bath = diamond_lattice(2.5e-9, seed=5, inner_radius=5e-10)
    times = np.linspace(0.0, 5e-4, 5)
    one, three = (
        generalized_coherence(bath, times, field=AXIAL, workers=n) for n in (1, 3)
    )
    np.testing.assert_allclose(one, three, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levels": (0.0, 2.0)}, "two different projections"),
        ({"levels": (0.0, 0.0)}, "two different projections"),
        ({"phases": [0.0, 1.0]}, "one for each of the 1 pulses"),
        ({"state": [0.5]}, "state must hold"),
        ({"state": [0.7, 0.5, 1.0]}, "state must hold"),
        ({"state": [0.5, 0.5, 2.0]}, "state must hold"),
        ({"workers": 0}, "workers"),
        ({"field": [0.0, 0.0]}, "field"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    given = {"field": AXIAL, "order": 1, **options}
    with pytest.raises(InvalidValue, match=message):
        generalized_coherence(three_spins(), [0.0, 1e-6], **given)


def test_levels_that_have_become_one_are_refused() -> None:
    # In a transverse field the level with most of m = -1 has as much of m = +1.
    with pytest.raises(InvalidValue, match="told apart"):
        generalized_coherence(
            three_spins(), [0.0, 1e-6], field=[0.05, 0.0, 0.0], order=1
        )


@pytest.mark.parametrize(("central", "bath"), [(3, 1), (3, 4), (2, 6), (3, 8)])
@pytest.mark.parametrize("pure", [True, False])
def test_cluster_coherences_equal_the_reference(
    rng: np.random.Generator, central: int, bath: int, pure: bool
) -> None:
    n, d = 3, central * bath

    def normal(*shape: int) -> Complex:
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    matrices = normal(n, d, d)
    energies, vectors = np.linalg.eigh(1e5 * (matrices + matrices.conj().mT))
    arguments = (
        energies,
        vectors,
        normal(central),
        normal(2, central),
        np.linalg.qr(normal(2, central, central))[0],
        np.array([0, 1, 0]),
        np.array([0.1, 0.3, 0.4, 0.2]),
        rng.integers(bath, size=n) if pure else np.full(n, -1),
        np.linspace(0.0, 1e-4, 37),
        simd.host_lanes(8),
    )
    found = kernels.cluster_coherences(*arguments)
    expected = reference.cluster_coherences(*arguments)
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-11)


def test_a_bath_without_spins_leaves_the_coherence() -> None:
    nothing = diamond_lattice(1e-9, abundance=0.0)
    assert len(nothing) == 0
    found = generalized_coherence(nothing, [0.0, 1e-4], field=[0.0, 0.0, 0.05])
    np.testing.assert_allclose(found, 1.0, atol=1e-9)
