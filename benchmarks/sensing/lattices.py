"""Random baths around an NV centre: gCCE, decay laws, and many lattices."""

from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.sensing import NVCentre
from qleap.sensing.bath import (
    DIAMOND,
    BathSpins,
    central_levels,
    coherence,
    diamond_lattice,
    find_clusters,
    generalized_coherence,
    lattice_average,
    nitrogen_bath,
    revival_times,
)
from qleap.sensing.bath.hamiltonians import central_hamiltonian, cluster_hamiltonians

AXIAL = np.array([0.0, 0.0, 0.05])
TILTED = np.array([4e-3, 1e-3, 6e-3])
CENTRE = NVCentre().spin_system().spins[0]
NATURAL = partial(diamond_lattice, 4e-9, inner_radius=5e-10)

STANWIX = "Stanwix et al., Phys. Rev. B 82, 201201 (2010), abstract: T2 > 600 us"
KANAI = "Kanai et al., PNAS 119, e2121808119 (2022): scaling laws of dilute nuclei"

Complex = NDArray[np.complex128]


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy first, then the speed of gCCE and of an average."""
    lattices = 20 if quick else 100
    yield Accuracy(
        name="sensing.lattices.exact",
        title="gCCE of three nuclei in a tilted field, largest error",
        unit="1",
        evidence="simulated",
        reference="QuTiP propagators of the whole system",
        measure=_exact,
        prediction=0.0,
        citation="QuTiP 5, arXiv:2412.04705",
    )
    yield Accuracy(
        name="sensing.lattices.conventional",
        title="gCCE and CCE with second-order couplings in an axial field, distance",
        unit="1",
        evidence="simulated",
        reference="the conventional expansion of the same bath",
        measure=_conventional,
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.lattices.dilute_ramsey",
        title="T2* of P1 centres, relative distance from the law of dilute dipoles",
        unit="1",
        evidence="analytic",
        reference="1/T2* = 8 pi^3 / (9 sqrt 3) n C, C = mu_0 h z_1 z_2 / 4 pi",
        measure=lambda: _dilute(200 if quick else 2000),
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.lattices.natural_t2",
        title="T2 of natural diamond at 50 mT, median of random lattices",
        unit="s",
        evidence="simulated",
        reference="measured in pure natural diamond, more than 0.6 ms",
        measure=lambda: _natural(lattices),
        citation=STANWIX,
    )
    yield Accuracy(
        name="sensing.lattices.abundance_exponent",
        title="power of the abundance of 13C with which T2 goes",
        unit="1",
        evidence="simulated",
        reference="-1 for dilute dipoles in high fields",
        measure=lambda: _exponent(lattices),
        prediction=-1.0,
        citation=KANAI,
    )
    yield Accuracy(
        name="sensing.lattices.hundred",
        title="from random lattices to T2 in CCE-2, 100 of 4 nm",
        unit="s",
        evidence="simulated",
        reference="our own choice: seconds, not minutes",
        measure=lambda: _seconds(lattices),
        alone=True,
    )
    bath = diamond_lattice(2e-9 if quick else 4e-9, seed=1, inner_radius=5e-10)
    times = np.linspace(0.0, 1e-3, 101)
    yield Speed(
        name="sensing.lattices.generalized",
        title=f"gCCE-2 Hahn echo of {len(bath)} nuclei, {len(times)} times",
        run=lambda: generalized_coherence(bath, times, field=AXIAL, workers=2),
        peers=(
            Peer(
                name="batched NumPy",
                distribution="numpy",
                make=lambda: _batched(bath, times),
            ),
        ),
        error=_largest,
        rtol=1e-6,
        threads=2,
    )


def _exact() -> float:
    import qutip

    bath = diamond_lattice(1.4e-9, seed=11, inner_radius=4e-10).chosen(np.arange(3))
    times = np.linspace(0.0, 4e-5, 5)
    ours = generalized_coherence(bath, times, field=TILTED, order=3, distance=1e-8)
    matrix = cluster_hamiltonians(bath, np.arange(3)[None], CENTRE, TILTED)[0]
    h = 2.0 * np.pi * qutip.Qobj(matrix, dims=[[3, 2, 2, 2]] * 2)
    alone = central_hamiltonian(CENTRE, TILTED)
    _, vectors = np.linalg.eigh(alone)  # m = 0, -1, +1 at this field
    a, b = (
        qutip.Qobj(vectors[:, k] * np.exp(-1j * np.angle(vectors[place, k])))
        for k, place in ((0, 1), (1, 2))
    )
    rest = qutip.qeye([2, 2, 2])
    flip = a * b.dag() + b * a.dag()
    free = qutip.qeye(3) - a.proj() - b.proj()
    pulse = qutip.tensor(free - 1j * flip, rest)
    start = qutip.tensor((a + b).unit().proj(), rest / 8.0)
    found = []
    for t in times:
        half = (-0.5j * t * h).expm()
        whole = half * pulse * half
        rho = (whole * start * whole.dag()).ptrace(0)
        found.append(complex(a.dag() * rho * b))
    return float(np.max(np.abs(ours - np.array(found) / found[0])))


def _conventional() -> float:
    bath = diamond_lattice(2.5e-9, seed=5, inner_radius=5e-10)
    times = np.linspace(0.0, 5e-4, 21)
    clusters = find_clusters(bath, order=2, distance=8e-10)
    levels = central_levels(NVCentre().hamiltonian(AXIAL), 1, 2)
    other = coherence(bath, times, field=AXIAL, clusters=clusters, levels=levels)
    general = generalized_coherence(bath, times, field=AXIAL, clusters=clusters)
    return _largest(general, other)


def _dilute(baths: int) -> Measured:
    rng = np.random.default_rng(1)
    drawn = [nitrogen_bath(60e-9, ppm=1.0, seed=rng) for _ in range(baths)]
    dipole = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi)
    dipole *= NVCentre().gyromagnetic_ratios[2] * drawn[0].zeeman[0]
    density = 1e-6 * DIAMOND.density("C")
    rate = 8.0 * np.pi**3 / (9.0 * np.sqrt(3.0)) * density * dipole
    # -ln of the mean at the time 1 / rate is rate T2*.
    values = [
        float(
            coherence(
                bath, [1.0 / rate], field=AXIAL, pulses=0, order=1, distance=1e-9
            )[0].real
        )
        for bath in drawn
    ]
    mean = float(np.mean(values))
    spread = 2.576 * float(np.std(values)) / np.sqrt(baths) / mean
    off = abs(-np.log(mean) - 1.0)
    return Measured(value=off, low=max(off - spread, 0.0), high=off + spread)


def _natural(lattices: int) -> Measured:
    times = revival_times(AXIAL, 1.6e-3)
    data = lattice_average(NATURAL, lattices, times, field=AXIAL, seed=3)
    t2 = np.sort(data["t2"].values)
    low, high = (int(lattices * q) for q in (0.4, 0.6))
    return Measured(value=float(np.median(t2)), low=t2[low], high=t2[high])


def _seconds(lattices: int) -> float:
    """Return the wall time of 100 lattices, the smaller of two."""
    times, found = revival_times(AXIAL, 1.6e-3), []
    for seed in range(3):  # the first compiles
        begin = perf_counter()
        lattice_average(NATURAL, lattices, times, field=AXIAL, seed=seed)
        found.append(perf_counter() - begin)
    return min(found[1:]) * 100.0 / lattices


def _exponent(lattices: int) -> float:
    field, found = np.array([0.0, 0.0, 0.3]), []
    shares = np.array([0.005, 0.0107, 0.03])
    for share in shares:
        scale = float(np.cbrt(0.0107 / share))
        make = partial(
            diamond_lattice, 3e-9 * scale, abundance=share, inner_radius=4e-10
        )
        times = revival_times(field, 1.8e-3 * 0.0107 / share)
        data = lattice_average(
            make, lattices, times, field=field, distance=8e-10 * scale, seed=2
        )
        found.append(float(data["t2"].median()))
    return float(np.polyfit(np.log(shares), np.log(found), 1)[0])


def _batched(bath: BathSpins, times: NDArray[np.float64]) -> Callable[[], Complex]:
    """Return the same gCCE-2 echo by batched eigensolver and matrix products."""
    clusters = find_clusters(bath, order=2, distance=8e-10)
    a, b = np.eye(3)[1], np.eye(3)[2]
    swap = -1j * (np.outer(a, b) + np.outer(b, a)) + np.diag([1.0, 0.0, 0.0])

    def echoes(group: NDArray[np.int64]) -> Complex:
        matrices = cluster_hamiltonians(bath, group, CENTRE, AXIAL)
        energies, vectors = np.linalg.eigh(matrices)
        m = matrices.shape[1] // 3
        one, adjoint = np.eye(m), vectors.conj().mT
        pulse = adjoint @ np.kron(swap, one) @ vectors
        psi = adjoint @ np.kron((a + b)[:, None] / np.sqrt(2.0), one)
        ends = [np.kron(side, one) @ vectors for side in (a, b)]
        found = np.empty((len(group), len(times)), dtype=np.complex128)
        for k, t in enumerate(times):
            phase = np.exp(-1j * np.pi * energies * t)[:, :, None]
            state = phase * (pulse @ (phase * psi))
            left, right = (end @ state for end in ends)
            found[:, k] = 2.0 * np.sum(left * right.conj(), axis=(1, 2)) / m
        return found

    def run() -> Complex:
        single = echoes(clusters.members[0])
        pairs = clusters.members[1]
        double = echoes(pairs) / (single[pairs[:, 0]] * single[pairs[:, 1]])
        return np.asarray(single.prod(axis=0) * double.prod(axis=0))

    return run


def _largest(ours: Complex, theirs: Complex) -> float:
    return float(np.max(np.abs(ours - theirs)))
