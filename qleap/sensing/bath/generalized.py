"""Generalised cluster expansion: the central spin is part of every cluster."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.bath.clusters import Clusters, find_clusters
from qleap.sensing.bath.conditional import groups
from qleap.sensing.bath.expansion import pulse_shares
from qleap.sensing.bath.hamiltonians import (
    MeanFields,
    central_hamiltonian,
    cluster_hamiltonians,
)
from qleap.sensing.bath.spins import BathSpins
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.spins.spin import Spin

__all__ = ["generalized_coherence"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_BLOCK = 2**22
"""Numbers in the matrices of the clusters that are worked on at once."""

_FEW = 64
"""Clusters that one thread has done before others have begun."""


def generalized_coherence(
    bath: BathSpins,
    times: ArrayLike,
    *,
    field: ArrayLike,
    centre: Spin | None = None,
    levels: tuple[float, float] = (0.0, -1.0),
    pulses: int | ArrayLike = 1,
    phases: ArrayLike | None = None,
    order: int = 2,
    distance: float = 8e-10,
    clusters: Clusters | None = None,
    state: ArrayLike | None = None,
    workers: int | None = None,
) -> Complex:
    r"""Return the coherence of a central spin by gCCE.

    .. math::
        L = L_\emptyset \prod_C \tilde L_C, \quad
        \tilde L_C = \frac{L_C / L_\emptyset}{\prod_{C' \subset C} \tilde L_{C'}},
        \quad
        L_C = \langle a| \mathrm{Tr}_C\, \rho(t) |b\rangle

    where :math:`\rho` is that of the central spin and the spins of C. In contrast to
    the conventional expansion, nuclei may move the central spin: fields far from the
    axis, level anticrossings, second-order couplings through the third level.

    Parameters
    ----------
    bath : BathSpins
    times : array_like, shape (t,), s
        Whole free evolution.
    field : array_like, shape (3,), T
        In the frame of the central spin.
    centre : Spin, optional
        The electron of an `NVCentre` by default.
    levels : tuple of float
        Projections of the levels a and b: those eigenstates without bath that are
        nearest to them. The spin begins in their sum.
    pulses : int or array_like, shape (p,)
        Number of equidistant pi pulses at (k - 1/2) / p of the time (0 Ramsey,
        1 Hahn, n CPMG), or where they are in units of the time, ascending.
    phases : array_like, shape (p,), rad, optional
        Axes of the pulses in the plane of a and b: 0 turns about x, pi / 2 about y.
        Pulses are ideal and leave other levels alone.
    order : int
        Most bath spins in a cluster, 1 to 6; see `find_clusters`.
    distance : float, m
        See `find_clusters`.
    clusters : Clusters, optional
        Instead of ``order`` and ``distance``.
    state : array_like, shape (n,), optional
        Projections of the bath spins on z, a product state; spins outside of a
        cluster then shift those inside by :math:`S_z A_{zz} m` and by the zz part
        of their dipolar coupling. Without it each cluster is completely mixed.
    workers : int, optional
        Threads; the number of cores by default.

    Returns
    -------
    ndarray, shape (t,)
        Complex, 1 at the time 0, in the frame that rotates with a and b of the
        centre without bath.

    Notes
    -----
    Yang et al., Ann. Phys. 413, 168063 (2020) and Onizhuk et al., PRX Quantum 2,
    010311 (2021) introduced the method; not opened, as quoted by PyCCE, whose results
    are the complex conjugate. Rounding grows with the zero-field splitting and the
    time, to about 1e-8 at 1 ms.
    """
    from qleap.sensing._kernels.cce import divide_out_parts

    experiment = _prepare(times, field, centre, levels, pulses, phases)
    if clusters is None:
        clusters = find_clusters(bath, order=order, distance=distance)
    shifts = None if state is None else MeanFields.of(bath, state)
    nothing = np.empty((1, 0), dtype=np.int64)
    alone = _coherences(experiment, bath, nothing, shifts, workers)[0]
    result = alone / experiment.unperturbed()
    lower = np.empty((0, len(result)), dtype=np.complex128)
    for size, group in enumerate(clusters.members, 1):
        values = _coherences(experiment, bath, group, shifts, workers) / alone
        divide_out_parts(values, clusters.parts[size - 1], lower, result)
        lower = np.concatenate([lower, values])
    return np.asarray(result)


@dataclass(frozen=True, kw_only=True)
class _Experiment:
    """What is done to the central spin.

    ``start`` (c,) is the state after the first pulse, ``rotations`` (k, c, c) are
    the different pulses, ``pulses`` (p,) says which comes when, ``spacing`` (p + 1,)
    are the shares of the time between them, ``measured`` (2, c) are a and b.
    """

    hamiltonian: Complex
    field: Array
    centre: Spin
    start: Complex
    measured: Complex
    rotations: Complex
    pulses: NDArray[np.int64]
    spacing: Array
    times: Array

    def unperturbed(self) -> Complex:
        """Return the element of the density matrix without a bath, shape (t,)."""
        from qleap.sensing._reference.generalized import cluster_coherences

        energies, vectors = np.linalg.eigh(self.hamiltonian)
        nothing = np.array([-1])
        (found,) = cluster_coherences(
            energies[None], vectors[None], *self.arguments(), nothing, self.times, ()
        )
        return np.asarray(found)

    def arguments(self) -> tuple[Complex, Complex, Complex, NDArray[np.int64], Array]:
        """Return what the kernel wants to know."""
        return self.start, self.measured, self.rotations, self.pulses, self.spacing


def _prepare(
    times: ArrayLike,
    field: ArrayLike,
    centre: Spin | None,
    levels: tuple[float, float],
    pulses: int | ArrayLike,
    phases: ArrayLike | None,
) -> _Experiment:
    spin = NVCentre().spin_system().spins[0] if centre is None else centre
    at = checks.triple("field", field, "T")
    hamiltonian = central_hamiltonian(spin, at)
    pair = _levels(hamiltonian, spin, levels)
    spacing = pulse_shares(pulses)
    n = len(spacing) - 1
    axes = np.zeros(n) if phases is None else checks.vector("phases", phases)
    if len(axes) != n:
        raise InvalidValue(
            f"phases must be one for each of the {n} pulses, rad, got {len(axes)}."
        )
    different, which = np.unique(axes, return_inverse=True)
    rotations = np.array([_pulse(pair, angle) for angle in different])
    return _Experiment(
        hamiltonian=hamiltonian,
        field=at,
        centre=spin,
        start=(pair[:, 0] + pair[:, 1]) / np.sqrt(2.0),
        measured=np.ascontiguousarray(pair.T),
        rotations=rotations.reshape(-1, *hamiltonian.shape),
        pulses=which.astype(np.int64),
        spacing=spacing,
        times=checks.vector("times", times, "s"),
    )


def _levels(hamiltonian: Complex, spin: Spin, wanted: Sequence[float]) -> Complex:
    """Return the two eigenstates nearest to two projections, as columns.

    The largest component of each is real and positive: the phase between a and b
    says when the spin began, which terms that turn with GHz do notice.
    """
    projections = spin.spin - np.arange(spin.multiplicity)
    places = [np.flatnonzero(np.isclose(projections, m)) for m in wanted]
    if len(places) != 2 or any(len(p) != 1 for p in places) or places[0] == places[1]:
        raise InvalidValue(
            f"levels must be two different projections of {projections.tolist()}, "
            f"got {wanted!r}."
        )
    _, vectors = np.linalg.eigh(hamiltonian)
    share = np.abs(vectors[[int(place[0]) for place in places]]) ** 2
    chosen = np.argmax(share, axis=1)
    if share.max(axis=1).min() < 0.5 + 1e-9 or chosen[0] == chosen[1]:
        raise InvalidValue(
            f"levels {wanted!r} must be told apart at this field, but more than half "
            f"of one is in no eigenstate (largest shares {share.max(axis=1)}); turn "
            "the field to the axis or go away from the anticrossing."
        )
    pair = vectors[:, chosen]
    largest = pair[[int(place[0]) for place in places], [0, 1]]
    return np.asarray(pair * (np.abs(largest) / largest))


def _pulse(pair: Complex, angle: float) -> Complex:
    """Return a pi pulse between two states about an axis in their plane."""
    a, b = pair[:, :1], pair[:, 1:]
    turn = np.exp(1j * angle)
    flip = a @ b.conj().T * turn.conj() + b @ a.conj().T * turn
    rest = np.eye(len(pair)) - pair @ pair.conj().T
    return np.asarray(rest - 1j * flip)


def _coherences(
    experiment: _Experiment,
    bath: BathSpins,
    group: NDArray[np.int64],
    shifts: MeanFields | None,
    workers: int | None,
) -> Complex:
    """Return the coherence beside each cluster of one size, shape (n, t)."""
    result = np.empty((len(group), experiment.times.size), dtype=np.complex128)
    available = os.cpu_count() or 1
    n_threads = available if workers is None else checks.count("workers", workers)
    blocks = []
    for same in groups(bath, group):
        states = np.prod(2.0 * bath.spin[group[same[0]]] + 1.0)
        levels = int(states) * experiment.centre.multiplicity
        n_blocks = 1 + len(same) * levels**2 // _BLOCK
        if len(same) > _FEW:
            n_blocks = max(n_blocks, n_threads)
        blocks += np.array_split(same, n_blocks)

    def work(block: NDArray[np.int64]) -> None:
        from qleap.core import simd
        from qleap.sensing._kernels.generalized import cluster_coherences

        matrices = cluster_hamiltonians(
            bath, group[block], experiment.centre, experiment.field, shifts
        )
        energies, vectors = np.linalg.eigh(matrices)
        occupied = np.full(len(block), -1)
        if shifts is not None:
            occupied = shifts.occupied(bath, group[block])
        result[block] = cluster_coherences(
            energies,
            vectors,
            *experiment.arguments(),
            occupied,
            experiment.times,
            simd.host_lanes(8),
        )

    if n_threads == 1 or len(blocks) < 2:
        for block in blocks:
            work(block)
        return result
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, blocks))
    return result
