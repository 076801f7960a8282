"""Hamiltonians of clusters with the central spin, many at once."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.bath.conditional import dipolar_rows
from qleap.sensing.bath.spins import BathSpins
from qleap.sensing.spins.operators import embedded, spin_operators
from qleap.sensing.spins.spin import Spin

__all__ = ["MeanFields", "central_hamiltonian", "cluster_hamiltonians"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Group = NDArray[np.int64]
"""Clusters of one size, shape (n, k)."""


def central_hamiltonian(centre: Spin, field: Array) -> Complex:
    """Return the matrix of the central spin alone, Hz."""
    own = spin_operators(centre.spin)
    matrix = np.einsum("a,ab,bij->ij", field, centre.zeeman, own)
    return np.asarray(matrix + np.einsum("ab,aij,bjk->ik", centre.quadratic, own, own))


def cluster_hamiltonians(
    bath: BathSpins,
    group: Group,
    centre: Spin,
    field: Array,
    shifts: "MeanFields | None" = None,
) -> Complex:
    """Return the matrices of clusters of equal spins with the central spin, Hz.

    Parameters
    ----------
    bath : BathSpins
    group : ndarray, shape (n, k)
        Members of the clusters; those in a column must have one spin (`groups`).
    centre : Spin
    field : ndarray, shape (3,), T
    shifts : MeanFields, optional
        Of the spins outside.

    Returns
    -------
    ndarray, shape (n, d, d)
        The central spin is the first of the Kronecker product.
    """
    n, k = group.shape
    spins = (centre.spin, *(float(s) for s in bath.spin[group[0]]))
    dimensions = tuple(round(2.0 * s) + 1 for s in spins)
    operators = [
        embedded(spin_operators(s), place, dimensions) for place, s in enumerate(spins)
    ]
    d = operators[0].shape[-1]
    own = embedded(central_hamiltonian(centre, field)[None], 0, dimensions)[0]
    total = np.tile(own, (n, 1, 1))

    def add(coefficients: Array, terms: Complex) -> None:
        flat = np.reshape(coefficients, (n, -1)) @ terms.reshape(-1, d * d)
        total.reshape(n, -1)[:] += flat

    for place in range(k):
        one, spin = group[:, place], operators[place + 1]
        linear = bath.zeeman[one, None] * field
        if bath.local is not None:
            linear = linear + bath.local[one]
        if shifts is not None:
            linear[:, 2] += shifts.on_members(bath, group)[:, place]
        add(linear, spin)
        add(bath.hyperfine[one], operators[0][:, None] @ spin[None])
        if bath.quadratic is not None and spins[place + 1] > 0.5:
            add(bath.quadratic[one], spin[:, None] @ spin[None])
        for other in range(place):
            tensors = dipolar_rows(bath, group[:, other], one).T
            add(tensors, operators[other + 1][:, None] @ spin[None])
    if shifts is not None:
        add(shifts.on_centre(bath, group), operators[0][2:])
    return total


@dataclass(frozen=True, kw_only=True)
class MeanFields:
    """What spins in a product state do to the others.

    Parameters
    ----------
    state : ndarray, shape (n,)
        Projections on z.
    centre : float, Hz
        Sum of A_zz m over the whole bath.
    members : ndarray, shape (n,), Hz
        Sum of the zz parts of the dipolar couplings times m, on each spin.
    """

    state: Array
    centre: float
    members: Array

    @classmethod
    def of(cls, bath: BathSpins, state: ArrayLike) -> "MeanFields":
        """Return the fields of a state, checked."""
        m = checks.vector("state", state)
        steps = bath.spin - m if len(m) == len(bath) else np.array([0.5])
        legal = (np.abs(steps - np.round(steps)) < 1e-9) & (steps > -1e-9)
        if not np.all(legal & (steps < 2.0 * bath.spin + 1e-9)):
            raise InvalidValue(
                f"state must hold one of the projections -s, ..., s for each of the "
                f"{len(bath)} bath spins, got {len(m)} values; see `random_state`."
            )
        return cls(
            state=m,
            centre=float(bath.hyperfine[:, 2, 2] @ m),
            members=_axial_fields(bath, m),
        )

    def on_centre(self, bath: BathSpins, group: Group) -> Array:
        """Return the coefficients of S_z for clusters, shape (n,), Hz."""
        inside = bath.hyperfine[group, 2, 2] * self.state[group]
        return np.asarray(self.centre - inside.sum(axis=1))

    def on_members(self, bath: BathSpins, group: Group) -> Array:
        """Return the coefficients of I_z for members of clusters, shape (n, k), Hz."""
        fields = self.members[group]
        for i, j in combinations(range(group.shape[1]), 2):
            axial = dipolar_rows(bath, group[:, i], group[:, j])[8]
            fields[:, i] -= axial * self.state[group[:, j]]
            fields[:, j] -= axial * self.state[group[:, i]]
        return np.asarray(fields)

    def occupied(self, bath: BathSpins, group: Group) -> Group:
        """Return which product state each cluster is in, shape (n,)."""
        place = np.zeros(len(group), dtype=np.int64)
        for column in group.T:
            levels = np.round(2.0 * bath.spin[column]).astype(np.int64) + 1
            down = np.round(bath.spin[column] - self.state[column]).astype(np.int64)
            place = place * levels + down
        return place


def _axial_fields(bath: BathSpins, state: Array) -> Array:
    """Return the zz part of the dipolar field of all spins on each, Hz."""
    fields = np.empty(len(bath))
    factor = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi)
    source = bath.zeeman * state
    for i, place in enumerate(bath.position):
        away = bath.position - place
        square = np.einsum("na,na->n", away, away)
        square[i] = np.inf
        shape = (1.0 - 3.0 * away[:, 2] ** 2 / square) / square**1.5
        fields[i] = factor * bath.zeeman[i] * (shape @ source)
    return fields
