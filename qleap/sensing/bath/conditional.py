r"""Hamiltonians of clusters while the central spin is in a level.

Everything is linear in a few real numbers per cluster: fields on the spins, quadratic
terms, coupling tensors. They lie as ``(numbers, clusters)``, so that one product with
the matrix of the operators gives all Hamiltonians, and in the order in which the
kernels want them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.bath.levels import CentralLevels
from qleap.sensing.bath.spins import BathSpins
from qleap.sensing.spins.operators import embedded, spin_operators

__all__ = ["Conditional", "dipolar_rows", "groups", "product_states"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_DIPOLE = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi)
_LARGEST = 256
_LEVI_CIVITA = np.zeros((3, 3, 3))
_LEVI_CIVITA[[0, 1, 2], [1, 2, 0], [2, 0, 1]] = 1.0
_LEVI_CIVITA[[0, 2, 1], [2, 1, 0], [1, 0, 2]] = -1.0


@dataclass(frozen=True, eq=False)
class Conditional:
    """Terms of single spins with the central spin in either level.

    Parameters
    ----------
    bath : BathSpins
    linear : ndarray, shape (2, 3, n), Hz
        Factors of I_x, I_y, I_z.
    quadratic : ndarray, shape (2, 9, n), Hz, or None
    mediated : ndarray, shape (2, 3, 3, n), sqrt(Hz), or None
        Roots G of the couplings through virtual flips, ``2 Re G_k^dagger s G_l`` with
        the signs s.
    signs : ndarray, shape (2, 3), or None
    """

    bath: BathSpins
    linear: Floats
    quadratic: Floats | None = None
    mediated: NDArray[np.complex128] | None = None
    signs: Floats | None = None

    @classmethod
    def of(cls, bath: BathSpins, field: Floats, levels: CentralLevels) -> "Conditional":
        """Return the terms in a field ``(3,)`` or ``(n, 3)``, T."""
        zeeman = bath.zeeman[:, None] * field
        hyperfine = np.einsum("la,kab->lkb", levels.spin, bath.hyperfine)
        if bath.local is not None:
            zeeman = zeeman + bath.local
        linear = np.ascontiguousarray((zeeman + hyperfine).swapaxes(1, 2))
        quadratic = None
        if bath.quadratic is not None:
            own = np.ascontiguousarray(bath.quadratic.reshape(-1, 9).T)
            quadratic = np.stack([own, own])
        if levels.virtual is None:
            return cls(bath, linear, quadratic)
        # K = U^dagger s U, so that A_k^T K A_l = G_k^dagger s G_l with G = U A.
        values, vectors = np.linalg.eigh(levels.virtual)
        roots = np.sqrt(np.abs(values))[:, :, None] * vectors.conj().swapaxes(1, 2)
        mediated = np.einsum("lab,kbc->lack", roots, bath.hyperfine)
        signs = np.sign(values)
        own = np.einsum("lack,la,ladk->lcdk", mediated.conj(), signs, mediated)
        # I_c I_d T_cd: the imaginary part, antisymmetric, is a field.
        linear = linear - 0.5 * np.einsum("lcdk,cde->lek", own.imag, _LEVI_CIVITA)
        symmetric = own.real.reshape(2, 9, -1)
        quadratic = symmetric if quadratic is None else quadratic + symmetric
        return cls(bath, linear, quadratic, mediated, signs)

    def hamiltonians(
        self, rows: Indices, pad: int, state: tuple[Floats, Floats] | None = None
    ) -> Floats:
        """Return the matrices of clusters of the same kinds of spins.

        Parameters
        ----------
        rows : ndarray, shape (n, size)
        pad : int
            The number of matrices is rounded up to a multiple of it, with zeros.
        state : tuple of ndarray, each of shape (n_spins,), optional
            Projection of every spin of the bath, and the field of all others along
            z, Hz.

        Returns
        -------
        ndarray, shape (2, 2, d, d, n'), Hz
            Levels; real and imaginary parts.
        """
        n, size = rows.shape
        spins = tuple(self.bath.spin[rows[0]])
        d = round(float(np.prod([2.0 * spin + 1.0 for spin in spins])))
        if d > _LARGEST:
            raise InvalidValue(
                f"clusters must have at most {_LARGEST} levels, got {d} of spins "
                f"{[float(spin) for spin in spins]}; lower order."
            )
        curved = self.quadratic is not None
        operators = _operators(spins, curved)
        pairs = list(combinations(range(size), 2))
        fields, tensors = 3 * size, (9 * size if curved else 0)
        numbers = np.zeros((2, operators.shape[1], -(-n // pad) * pad))
        columns = rows.T
        for k, spin in enumerate(columns):
            numbers[:, 3 * k : 3 * k + 3, :n] = self.linear[:, :, spin]
            if state is not None:
                numbers[:, 3 * k + 2, :n] += state[1][spin]
            if self.quadratic is not None:
                at = fields + 9 * k
                numbers[:, at : at + 9, :n] = self.quadratic[:, :, spin]
        for number, (k, other) in enumerate(pairs):
            a, b = columns[k], columns[other]
            coupling = dipolar_rows(self.bath, a, b)
            at = fields + tensors + 9 * number
            numbers[:, at : at + 9, :n] = coupling
            if state is not None:  # what stands in the cluster is not outside
                numbers[:, 3 * k + 2, :n] -= coupling[8] * state[0][b]
                numbers[:, 3 * other + 2, :n] -= coupling[8] * state[0][a]
            if self.mediated is not None:
                numbers[:, at : at + 9, :n] += self._through_centre(a, b)
        return np.asarray(np.matmul(operators, numbers)).reshape(2, 2, d, d, -1)

    def _through_centre(self, a: Indices, b: Indices) -> Floats:
        """Return the couplings by virtual flips, ``(2, 9, n)``."""
        assert self.mediated is not None
        assert self.signs is not None
        left, right = self.mediated[..., a].conj(), self.mediated[..., b]
        found = np.einsum("lack,la,ladk->lcdk", left, self.signs, right)
        return np.asarray(2.0 * found.real.reshape(2, 9, -1))


def dipolar_rows(bath: BathSpins, a: Indices, b: Indices) -> Floats:
    r"""Return the dipolar tensors of spins ``a`` with spins ``b``, ``(9, n)``, Hz.

    .. math:: D = \frac{\mu_0 h z_a z_b}{4 \pi r^3} (1 - 3 n n^T)
    """
    x, y, z = (bath.position[b] - bath.position[a]).T
    r2 = x * x + y * y + z * z
    size = _DIPOLE * bath.zeeman[a] * bath.zeeman[b] / (r2 * np.sqrt(r2))
    slope = -3.0 * size / r2
    found = np.empty((9, len(a)))
    found[0], found[4], found[8] = (size + slope * u * u for u in (x, y, z))
    found[1] = found[3] = slope * x * y
    found[2] = found[6] = slope * x * z
    found[5] = found[7] = slope * y * z
    return found


def groups(bath: BathSpins, rows: Indices) -> Iterator[Indices]:
    """Yield the numbers of those rows that have the same spins in the same order."""
    if len(rows) == 0:
        return
    if np.all(bath.spin == bath.spin[:1]):
        yield np.arange(len(rows))
        return
    _, kinds = np.unique(bath.spin[rows], axis=0, return_inverse=True)
    for kind in range(int(kinds.max()) + 1):
        yield np.flatnonzero(kinds.ravel() == kind)


def product_states(
    bath: BathSpins, rows: Indices, state: Floats
) -> NDArray[np.complex128]:
    """Return the states of clusters with given projections, ``(n, d, 1)``."""
    place, size = np.zeros(len(rows), dtype=np.int64), 1
    for spin in rows.T:
        levels = np.rint(2.0 * bath.spin[spin] + 1.0).astype(np.int64)
        place = place * levels + np.rint(bath.spin[spin] - state[spin]).astype(np.int64)
        size *= int(levels[0])
    states = np.zeros((len(rows), size, 1), dtype=np.complex128)
    states[np.arange(len(rows)), place, 0] = 1.0
    return states


@lru_cache(maxsize=64)
def _operators(spins: tuple[float, ...], curved: bool) -> Floats:
    """Return the real and imaginary parts of all operators as columns."""
    dimensions = tuple(round(2.0 * spin + 1.0) for spin in spins)
    each = [embedded(spin_operators(s), k, dimensions) for k, s in enumerate(spins)]
    found = list(each)
    if curved:
        for own in each:
            products = np.einsum("aij,bjk->abik", own, own)
            even = 0.5 * (products + products.swapaxes(0, 1))
            found.append(even.reshape(9, *own.shape[1:]))
    for first, second in combinations(each, 2):
        found.append(
            np.einsum("aij,bjk->abik", first, second).reshape(9, *first.shape[1:])
        )
    every = np.concatenate(found)
    flat = every.reshape(len(every), -1).T
    columns = np.ascontiguousarray(np.concatenate([flat.real, flat.imag]))
    columns.flags.writeable = False
    return columns
