"""The ground state of the NV centre against closed forms and other programs."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Speed
from qleap.sensing import NVCentre
from qleap.sensing.nv import (
    AXES,
    NITROGEN_14,
    Strain,
    sum_rule,
    zero_field_splitting_slope,
)

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


def _zeeman(n: int) -> NDArray[np.float64]:
    fields = np.random.default_rng(3).normal(scale=5e-3, size=(n, 3)) + 1e-3 * AXES[0]
    return np.ascontiguousarray(fields * NVCentre().gyromagnetic_ratios)


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
