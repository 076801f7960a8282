"""Coherence in a spin bath: closed forms, whole baths, PyCCE's numbers, and speed."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Skip, Speed
from qleap.sensing.bath import (
    BathSpins,
    CentralLevels,
    ClusterExpansion,
    Clusters,
    coherence,
    find_clusters,
)
from qleap.sensing.spins import dipolar_tensor

Complexes = NDArray[np.complex128]

CARBON, ELECTRON = -10.7084e6, 28.03e9
FIELD = np.array([0.0, 0.0, 0.05])
RECORDED = Path(__file__).parents[2] / "tests" / "sensing" / "bath" / "data"
THEIR_DIPOLE = 1.05457172 * 2.0 * np.pi * 1e-41
"""The dipolar constant of PyCCE, J T^2 m^3 / h in the units of `dipolar_tensor`."""


def cases(quick: bool) -> Iterator[Accuracy | Speed]:  # noqa: ARG001
    """Yield accuracy first, then the speed of echoes in natural diamond."""
    yield Accuracy(
        name="sensing.bath.mims",
        title="echo modulation by one nucleus, largest error",
        unit="1",
        evidence="analytic",
        reference="1 - 2 k sin^2(w0 tau / 2) sin^2(w1 tau / 2)",
        measure=_mims_error,
        prediction=0.0,
        citation="Rowan, Hahn, Mims, Phys. Rev. 137, A61 (1965)",
    )
    yield Accuracy(
        name="sensing.bath.revival",
        title="echo at multiples of the Larmor period, largest loss",
        unit="1",
        evidence="analytic",
        reference="1",
        measure=_revival_error,
        prediction=0.0,
        citation="Childress et al., Science 314, 281 (2006)",
    )
    yield Accuracy(
        name="sensing.bath.whole_bath",
        title="CCE-4 of four nuclei after two pulses, largest error",
        unit="1",
        evidence="simulated",
        reference="SciPy's exponentials of the whole Hamiltonian",
        measure=_whole_bath_error,
        prediction=0.0,
        citation="Yang and Liu, Phys. Rev. B 78, 085315 (2008): order N is exact",
    )
    yield Accuracy(
        name="sensing.bath.pycce",
        title="CCE-2 and CCE-3 echo of 92 nuclei, largest distance from PyCCE",
        unit="1",
        evidence="simulated",
        reference="PyCCE 1.1.1, recorded with positions and tensors",
        measure=_pycce_error,
        prediction=0.0,
        citation="Onizhuk and Galli, Adv. Theory Simul. 4, 2100254 (2021)",
    )
    times = np.linspace(0.0, 1.2e-3, 101)
    for order, radius, distance in ((2, 5.0e-9, 1e-9), (3, 3.5e-9, 7e-10)):
        bath = _natural_diamond(radius)
        clusters = find_clusters(bath, order=order, distance=distance)
        yield Speed(
            name=f"sensing.bath.cce{order}",
            title=f"CCE-{order} echo, clusters {clusters.counts}, 101 times",
            run=_ours(bath, clusters, times),
            peers=(
                Peer(
                    name="NumPy",
                    distribution="numpy",
                    make=_numpy_peer(bath, clusters, times),
                ),
            ),
            error=lambda ours, theirs: float(np.max(np.abs(ours - theirs))),
            rtol=1e-9,
            threads=2,
        )


def _ours(bath: BathSpins, clusters: Clusters, times: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    return lambda: coherence(
        bath, times, field=FIELD, clusters=clusters, order=clusters.order
    )


def _numpy_peer(
    bath: BathSpins, clusters: Clusters, times: NDArray[np.float64]
) -> Callable[[], Callable[[], Complexes]]:
    """Return the plain program; building its matrices is not timed."""
    from qleap.sensing._reference.cce import divide_out_parts
    from qleap.sensing._reference.echo import echo_coherences
    from qleap.sensing.bath.conditional import Conditional

    def make() -> Callable[[], Complexes]:
        levels = CentralLevels.along_z(0.0, -1.0)
        conditional = Conditional.of(bath, FIELD, levels)
        matrices = [
            [
                conditional.hamiltonians(piece, 1)
                for piece in np.array_split(rows, -(-len(rows) // 256))
            ]
            for rows in clusters.members
        ]

        def run() -> Complexes:
            total = np.ones(len(times), dtype=np.complex128)
            lower = np.empty((0, len(times)), dtype=np.complex128)
            for pieces, parts in zip(matrices, clusters.parts, strict=True):
                found = []
                for h in pieces:
                    out = np.empty((h.shape[-1], len(times)), dtype=np.complex128)
                    echo_coherences(h, 0.5 * times, 0.0, out, ())
                    found.append(out)
                values = np.concatenate(found)
                divide_out_parts(values, parts, lower, total)
                lower = np.concatenate([lower, values])
            return total

        return run

    return make


def _natural_diamond(radius: float) -> BathSpins:
    """Return 13C at 1.1 % around a vacancy, by point dipoles."""
    corner = np.array([[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0]])
    cell = np.concatenate([corner, corner + 1])
    n = int(radius / 3.57e-10) + 2
    shifts = 4 * np.array(list(product(range(-n, n + 1), repeat=3)))
    sites = 3.57e-10 / 4.0 * (shifts[:, None] + cell).reshape(-1, 3)
    z = np.ones(3) / np.sqrt(3.0)
    x = np.array([1.0, -1.0, 0.0]) / np.sqrt(2.0)
    sites = sites @ np.array([x, np.cross(z, x), z]).T
    away = np.linalg.norm(sites, axis=1)
    sites = sites[(away > 3e-10) & (away < radius)]
    chosen = np.random.default_rng(8805).random(len(sites)) < 0.011
    position = sites[chosen]
    return BathSpins(
        position=position,
        spin=np.full(len(position), 0.5),
        zeeman=np.full(len(position), CARBON),
        hyperfine=dipolar_tensor(ELECTRON, CARBON, position),
    )


def _four_nuclei() -> BathSpins:
    rng = np.random.default_rng(7)
    return BathSpins(
        position=3e-10 * rng.normal(size=(4, 3)),
        spin=np.full(4, 0.5),
        zeeman=np.full(4, CARBON),
        hyperfine=4e4 * rng.normal(size=(4, 3, 3)),
    )


def _mims_error() -> float:
    bath = _four_nuclei().chosen(np.array([0]))
    times = np.linspace(0.0, 1e-3, 101)
    fields = [CARBON * FIELD + m * bath.hyperfine[0, 2] for m in (0.0, -1.0)]
    sizes = [np.linalg.norm(field) for field in fields]
    depth = np.linalg.norm(np.cross(*fields)) ** 2 / (sizes[0] * sizes[1]) ** 2
    waves = [np.sin(0.5 * np.pi * size * times) ** 2 for size in sizes]
    found = coherence(bath, times, field=FIELD, order=1, distance=1e-9)
    return float(np.max(np.abs(found - 1.0 + 2.0 * depth * waves[0] * waves[1])))


def _revival_error() -> float:
    bath = _natural_diamond(2.5e-9)
    field = np.array([0.0, 0.0, 5e-3])
    times = 2.0 * np.arange(1, 6) / abs(CARBON * field[2])
    found = coherence(bath, times, field=field, order=1, distance=1e-9)
    return float(np.max(np.abs(found - 1.0)))


def _whole_bath_error() -> float:
    from scipy.linalg import expm

    from qleap.sensing.bath.conditional import Conditional

    bath = _four_nuclei()
    whole = Conditional.of(bath, FIELD, CentralLevels.along_z(0.0, -1.0))
    parts = whole.hamiltonians(np.arange(4)[None], 1)[..., 0]
    zero, one = parts[:, 0] + 1j * parts[:, 1]
    times = np.linspace(0.0, 2e-4, 9)
    found = coherence(bath, times, field=FIELD, order=4, distance=1e-7, pulses=2)
    worst = 0.0
    for time, value in zip(times, found, strict=True):
        u, v = (expm(-0.5j * np.pi * time * h) for h in (zero, one))
        exact = np.trace(u @ v @ v @ u @ (v @ u @ u @ v).conj().T) / 16.0
        worst = max(worst, abs(value - exact))
    return worst


def _pycce_error() -> float:
    file = RECORDED / "pycce.npz"
    if not file.is_file():
        raise Skip("the numbers of PyCCE (tests/sensing/bath/data) are not here")
    from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY

    data = np.load(file)
    # Moments times this, and the field over it: couplings with their constant.
    scale = np.sqrt(THEIR_DIPOLE / (VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi)))
    bath = BathSpins(
        position=1e-10 * data["carbon/position"],
        spin=data["carbon/spin"],
        zeeman=-1e7 / (2.0 * np.pi) * scale * data["carbon/gyro"],
        hyperfine=1e3 * data["carbon/hyperfine"],
    )
    clusters = find_clusters(
        bath, order=3, distance=1e-10 * float(data["carbon/distance"])
    )
    expansion = ClusterExpansion(
        bath=bath,
        clusters=clusters,
        field=1e-4 * data["carbon/field"] / scale,
        levels=(-1.0, 0.0),
    )
    found = expansion.by_order(1e-3 * data["carbon/times"])
    expected = np.array([data["carbon/1/2"], data["carbon/1/3"]])
    return float(np.max(np.abs(found[1:] - expected)))
