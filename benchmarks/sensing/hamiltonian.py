"""The ground state of the NV centre against closed forms and other programs."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Speed
from qleap.sensing import NVCentre
from qleap.sensing.nv import (
    AXES,
    NITROGEN_14,
    NITROGEN_15,
    Strain,
    sum_rule,
    zero_field_splitting_slope,
)
from qleap.sensing.spins import Coupling, Spin, SpinSystem, find_anticrossings
from qleap.sensing.spins.spectra import FEWEST

STRAIN = Strain(m_x=3e6, m_y=-5e6, m_z=2e6)
ISOTROPIC = NVCentre(g_parallel=2.003, g_perpendicular=2.003)
DOHERTY = "Doherty et al., Phys. Rep. 528, 1 (2013), doi:10.1016/j.physrep.2013.02.001"
ACOSTA = "Acosta et al., Phys. Rev. Lett. 104, 070801 (2010): -74.2(7) kHz/K"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy first, then the speed of many energies at once."""
    fields = 200 if quick else 2000
    yield Accuracy(
        name="sensing.hamiltonian.aligned_lines",
        title="lines in an aligned field, largest relative error",
        unit="1",
        evidence="analytic",
        reference="D - gamma B and D + gamma B",
        measure=_aligned_error,
        prediction=0.0,
        citation=DOHERTY,
    )
    yield Accuracy(
        name="sensing.hamiltonian.sum_rule",
        title="sum rule of the two lines of an axis, largest relative error",
        unit="1",
        evidence="analytic",
        reference="D^2 + 3 (gamma B)^2",
        measure=_sum_rule_error,
        prediction=0.0,
        citation="Balasubramanian et al., Nature 455, 648 (2008), supplement",
    )
    yield Accuracy(
        name="sensing.hamiltonian.qutip_energies",
        title="nine levels with 14N and strain, largest error over D",
        unit="1",
        evidence="simulated",
        reference="QuTiP eigenenergies of its own spin operators",
        measure=lambda: _qutip_error(fields),
        prediction=0.0,
        citation="Lambert et al., QuTiP 5, arXiv:2412.04705",
    )
    yield Accuracy(
        name="sensing.hamiltonian.temperature_slope",
        title="dD/dT at 300 K, relative distance from the measured value",
        unit="1",
        evidence="analytic",
        reference=ACOSTA,
        measure=lambda: abs(float(zero_field_splitting_slope(300.0)) / -74.2e3 - 1.0),
        citation="Cambria et al., Phys. Rev. B 108, L180102 (2023)",
    )
    yield Accuracy(
        name="sensing.hamiltonian.random_systems",
        title="two or three spins with all tensors, largest error over the energies",
        unit="1",
        evidence="simulated",
        reference="QuTiP eigenenergies of its own spin operators",
        measure=lambda: _random_systems(10 if quick else 100),
        prediction=0.0,
        citation="Lambert et al., QuTiP 5, arXiv:2412.04705",
    )
    yield Accuracy(
        name="sensing.hamiltonian.nine_level_error",
        title="nine levels of many fields, largest distance from LAPACK over D",
        unit="1",
        evidence="simulated",
        reference="LAPACK zheevd, aligned and crossing levels included",
        measure=lambda: _nine_level_error(2_000 if quick else 50_000),
        prediction=0.0,
        citation="Anderson et al., LAPACK Users' Guide (1999)",
    )
    yield Accuracy(
        name="sensing.hamiltonian.electric_hermiticity",
        title="departure from hermiticity in transverse electric fields over D",
        unit="1",
        evidence="analytic",
        reference="a Hamiltonian is Hermitian; SimOS 0.2.3 is not here",
        measure=_electric_hermiticity,
        prediction=0.0,
        citation="Doherty et al., Phys. Rev. B 85, 205203 (2012)",
    )
    yield Accuracy(
        name="sensing.hamiltonian.ground_anticrossing",
        title="field of the ground-state anticrossing, relative distance",
        unit="1",
        evidence="analytic",
        reference="102.4 mT",
        measure=lambda: _anticrossing_error(
            NVCentre(nitrogen=NITROGEN_14).spin_system(), 0.1024
        ),
        citation="Auzinsh et al., arXiv:1805.01251: around 102.4 mT (abstract)",
    )
    yield Accuracy(
        name="sensing.hamiltonian.anticrossing_gap",
        title="gap of the ground-state anticrossing of 15N, relative error",
        unit="1",
        evidence="analytic",
        reference="the root of two times A_perp, from the two-level block",
        measure=_gap_error,
        prediction=0.0,
        citation="Felton et al., Phys. Rev. B 79, 075203 (2009): A_perp = 3.65(3) MHz",
    )
    zeeman = _zeeman(10_000 if quick else 100_000)
    yield Speed(
        name="sensing.hamiltonian.spin_one_energies",
        title=f"energies of {len(zeeman)} spin-1 Hamiltonians",
        run=lambda: _energies(zeeman),
        peers=(
            Peer(
                name="NumPy eigvalsh",
                distribution="numpy",
                make=lambda: _numpy_energies(zeeman),
            ),
        ),
        error=_largest_error,
        rtol=1e-12,
    )
    system = NVCentre(strain=STRAIN, nitrogen=NITROGEN_14).spin_system()
    at = _fields(5_000 if quick else 100_000)
    yield Speed(
        name="sensing.hamiltonian.nine_level_energies",
        title=f"energies of {len(at)} Hamiltonians of nine levels",
        run=lambda: system.energies(at),
        peers=(
            Peer(
                name="NumPy eigvalsh",
                distribution="numpy",
                make=lambda: _numpy_levels(system, at),
            ),
        ),
        error=_largest_error,
        rtol=1e-13,
    )
    some = at[: 2_000 if quick else 20_000]
    yield Speed(
        name="sensing.hamiltonian.nine_level_states",
        title=f"energies and states of {len(some)} Hamiltonians of nine levels",
        run=lambda: system.eigenstates(some)[0],
        peers=(
            Peer(
                name="NumPy eigh",
                distribution="numpy",
                make=lambda: _numpy_states(system, some),
            ),
        ),
        error=_largest_error,
        rtol=1e-13,
    )


def _aligned_error() -> float:
    worst = 0.0
    for size in (1e-6, 1e-3, 0.05):
        energies = ISOTROPIC.electron_energies([0.0, 0.0, size])
        shift = ISOTROPIC.gyromagnetic_ratios[2] * size
        expected = ISOTROPIC.zero_field_splitting + np.array([-shift, shift])
        lines = energies[1:] - energies[0]
        worst = max(worst, float(np.max(np.abs(lines / expected - 1.0))))
    return worst


def _sum_rule_error() -> float:
    fields = np.random.default_rng(1).normal(scale=0.02, size=(1000, 3))
    lines = ISOTROPIC.resonances(fields)
    ratio = ISOTROPIC.gyromagnetic_ratios[0]
    expected = ISOTROPIC.zero_field_splitting**2 + 3.0 * ratio**2 * (fields**2).sum(-1)
    found = sum_rule(lines[..., 0], lines[..., 1])
    return float(np.max(np.abs(found / expected[:, None] - 1.0)))


def _qutip_error(fields: int) -> float:
    import qutip

    centre = NVCentre(strain=STRAIN, nitrogen=NITROGEN_14)
    s = [qutip.tensor(qutip.jmat(1, k), qutip.qeye(3)).full() for k in "xyz"]
    i = [qutip.tensor(qutip.qeye(3), qutip.jmat(1, k)).full() for k in "xyz"]
    one, d, n = np.eye(9), centre.zero_field_splitting + STRAIN.m_z, NITROGEN_14
    still = d * (s[2] @ s[2] - 2.0 / 3.0 * one)
    still = still + STRAIN.m_x * (s[1] @ s[1] - s[0] @ s[0])
    still = still + STRAIN.m_y * (s[0] @ s[1] + s[1] @ s[0])
    still = still + n.hyperfine_parallel * s[2] @ i[2]
    still = still + n.hyperfine_perpendicular * (s[0] @ i[0] + s[1] @ i[1])
    still = still + n.quadrupole * (i[2] @ i[2] - 2.0 / 3.0 * one)
    worst = 0.0
    for field in np.random.default_rng(2).normal(scale=0.02, size=(fields, 3)):
        moving = sum(
            b * (g * s_k - n.gyromagnetic_ratio * i_k)
            for b, g, s_k, i_k in zip(
                field, centre.gyromagnetic_ratios, s, i, strict=True
            )
        )
        expected = qutip.Qobj(still + moving).eigenenergies()
        found = np.linalg.eigvalsh(centre.hamiltonian(field))
        worst = max(worst, float(np.max(np.abs(found - expected))) / d)
    return worst


def _random_systems(count: int) -> float:
    import qutip

    rng, worst = np.random.default_rng(4), 0.0
    for _ in range(count):
        spins = [0.5 * rng.integers(1, 4) for _ in range(rng.integers(2, 4))]
        own, pairs = rng.normal(size=(2, len(spins), 3, 3))
        ratios, field = rng.normal(size=(len(spins), 3, 3)), rng.normal(size=3)
        system = SpinSystem(
            spins=tuple(
                Spin(name=str(k), spin=j, zeeman=z, quadratic=q + q.T)
                for k, (j, z, q) in enumerate(zip(spins, ratios, own, strict=True))
            ),
            couplings=tuple(
                Coupling(between=(str(k), str(k + 1)), tensor=pairs[k])
                for k in range(len(spins) - 1)
            ),
        )
        one = [qutip.qeye(system.dimensions[k]) for k in range(len(spins))]
        axes = [
            [
                qutip.tensor([*one[:k], qutip.jmat(j, a), *one[k + 1 :]]).full()
                for a in "xyz"
            ]
            for k, j in enumerate(spins)
        ]
        total = np.einsum("a,kab,kbij->ij", field, ratios, np.array(axes))
        square = own + own.swapaxes(1, 2)
        for k in range(len(spins)):
            total += np.einsum("ab,aij,bjl->il", square[k], axes[k], axes[k])
            if k + 1 < len(spins):
                total += np.einsum("ab,aij,bjl->il", pairs[k], axes[k], axes[k + 1])
        expected = qutip.Qobj(total).eigenenergies()
        found = system.energies(np.tile(field, (FEWEST, 1)))  # by the kernel
        error = np.max(np.abs(found - expected))
        worst = max(worst, float(error / np.max(np.abs(expected))))
    return worst


def _nine_level_error(n: int) -> float:
    centre = NVCentre(nitrogen=NITROGEN_14)
    aligned = np.linspace(0.0, 0.2, n)[:, None] * np.array([0.0, 0.0, 1.0])
    at = np.concatenate([_fields(n), aligned])
    found = centre.spin_system().energies(at)
    expected = np.linalg.eigvalsh(centre.hamiltonian(at))
    return float(np.max(np.abs(found - expected)) / centre.zero_field_splitting)


def _electric_hermiticity() -> float:
    worst = 0.0
    for field in np.random.default_rng(5).normal(scale=1e8, size=(50, 3)):
        strain = Strain.from_electric_field(field, third=0.3)
        centre = NVCentre(strain=strain, nitrogen=NITROGEN_14)
        matrix = centre.hamiltonian(field / 1e10)
        worst = max(worst, float(np.max(np.abs(matrix - matrix.conj().T))))
    return worst / NVCentre().zero_field_splitting


def _anticrossing_error(system: SpinSystem, published: float) -> float:
    found = find_anticrossings(system, [0.0, 0.0, 1.0], 0.01, 0.15)
    return max(abs(each.magnitude / published - 1.0) for each in found)


def _gap_error() -> float:
    system = NVCentre(nitrogen=NITROGEN_15).spin_system()
    (found,) = find_anticrossings(system, [0.0, 0.0, 1.0], 0.01, 0.15)
    expected = np.sqrt(2.0) * NITROGEN_15.hyperfine_perpendicular
    return float(abs(found.gap / expected - 1.0))


def _fields(n: int) -> NDArray[np.float64]:
    scatter = np.random.default_rng(3).normal(scale=5e-3, size=(n, 3))
    return np.asarray(scatter + 1e-3 * AXES[0])


def _numpy_levels(system: SpinSystem, at: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    """Return the timed call; building the matrices is not timed."""
    matrices = system.hamiltonian(at)
    return lambda: np.linalg.eigvalsh(matrices)


def _numpy_states(system: SpinSystem, at: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    """Return the timed call; building the matrices is not timed."""
    matrices = system.hamiltonian(at)
    return lambda: np.linalg.eigh(matrices)[0]


def _zeeman(n: int) -> NDArray[np.float64]:
    return np.ascontiguousarray(_fields(n) * NVCentre().gyromagnetic_ratios)


def _terms() -> NDArray[np.float64]:
    return STRAIN.terms(NVCentre().zero_field_splitting)


def _energies(zeeman: NDArray[np.float64]) -> NDArray[np.float64]:
    from qleap.sensing._kernels.spin_one import spin_one_energies

    return spin_one_energies(zeeman, _terms())


def _numpy_energies(zeeman: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    """Return the timed call; building the matrices is not timed."""
    from qleap.sensing._reference.spin_one import spin_one_hamiltonian

    matrices = spin_one_hamiltonian(zeeman, _terms())
    return lambda: np.linalg.eigvalsh(matrices)


def _largest_error(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))
