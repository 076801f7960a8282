"""Master equations whose generator is a sum of parts, and what of them is reached."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["ReducedLiouvillian", "commutator", "dissipator", "real_form", "reduced"]

Matrix = NDArray[np.complex128]
Array = NDArray[np.float64]


def commutator(hamiltonian: Matrix) -> Matrix:
    """Return ``-2 pi i [H, .]`` for H in Hz, on density matrices in row order."""
    one = np.eye(len(hamiltonian))
    turned = np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T)
    return np.asarray(-2j * np.pi * turned)


def dissipator(collapse: Matrix) -> Matrix:
    """Return the Lindblad term of one collapse operator, in row order."""
    one = np.eye(len(collapse))
    loss = collapse.conj().T @ collapse
    gain = np.kron(collapse, collapse.conj())
    return np.asarray(gain - 0.5 * (np.kron(loss, one) + np.kron(one, loss.T)))


def not_unique() -> InvalidValue:
    """Return the error for levels that nothing brings to one steady state."""
    return InvalidValue(
        "rates must lead to one steady state, whatever the start, but some levels are "
        "not connected with the others; give a crossing rate, or ionisation or "
        "recombination with NV0, above 0 1/s, or leave the charge out."
    )


def _hermitian_basis(size: int) -> tuple[Matrix, Matrix]:
    """Return the matrices of the real unknowns, and how they are read off.

    The unknowns are the populations, and then the real and the imaginary part of
    each element above the diagonal.
    """
    upper = np.argwhere(np.triu(np.ones((size, size)), 1))
    made = np.zeros((size * size, size, size), dtype=np.complex128)
    read = np.zeros_like(made)
    for level in range(size):
        made[level, level, level] = read[level, level, level] = 1.0
    for k, (i, j) in enumerate(upper):
        a, b = size + 2 * k, size + 2 * k + 1
        made[a, i, j] = made[a, j, i] = 1.0
        made[b, i, j], made[b, j, i] = 1j, -1j
        read[a, i, j] = read[a, j, i] = 0.5
        read[b, i, j], read[b, j, i] = -0.5j, 0.5j
    return made.reshape(size * size, -1), read.reshape(size * size, -1)


def real_form(generators: Matrix) -> Array:
    """Return generators ``(..., d^2, d^2)`` for the d^2 real unknowns of a state.

    Hermitian matrices stay Hermitian, so that the result is real.
    """
    size = round(np.sqrt(generators.shape[-1]))
    made, read = _hermitian_basis(size)
    return np.ascontiguousarray((read @ generators @ made.T).real)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedLiouvillian:
    """The unknowns that populations can reach, and the parts of their equations.

    Parameters
    ----------
    size : int
        Number of levels d.
    unknowns : ndarray of int, shape (n,)
        Which of the d^2 real unknowns are kept; the m that the sweep acts on are the
        last.
    parts : ndarray, shape (k, n, n)
        Real generators; the whole is their sum with weights.
    swept : ndarray, shape (m, m)
        What the value of the sweep multiplies.
    """

    size: int
    unknowns: NDArray[np.int64]
    parts: Array
    swept: Array

    @property
    def n_static(self) -> int:
        """Number of unknowns that do not know the sweep."""
        return len(self.unknowns) - len(self.swept)

    @cached_property
    def trace(self) -> Array:
        """One for populations, zero for others; of the static unknowns."""
        return (self.unknowns[: self.n_static] < self.size).astype(np.float64)

    @cached_property
    def entries(self) -> tuple[NDArray[np.int64], Array]:
        """Part, row and column of what is not zero, ``(e, 3)``, and its size."""
        places = np.argwhere(self.parts != 0.0)
        return np.ascontiguousarray(places), self.parts[tuple(places.T)]

    def observable(self, diagonal: ArrayLike) -> Array:
        """Return what is seen of the static unknowns for a diagonal observable."""
        values = np.asarray(diagonal, dtype=np.float64)
        seen = np.zeros(self.n_static)
        populations = self.trace > 0.0
        seen[populations] = values[self.unknowns[: self.n_static][populations]]
        return seen

    def signal(self, weights: Array, sweep: Array, seen: Array) -> Array:
        """Return what is seen in the steady state at each value of the sweep."""
        from qleap.sensing._kernels.swept_steady_state import swept_signal

        found = swept_signal(self.parts, weights, self.swept, sweep, self.trace, seen)
        if not np.all(np.isfinite(found)):
            raise not_unique()
        return found

    def signal_and_slopes(
        self, weights: Array, sweep: Array, seen: Array
    ) -> tuple[Array, Array]:
        """Return the signal and its derivatives by the weights, ``(n_f, k)``."""
        from qleap.sensing._kernels.swept_steady_state import swept_signal_and_slopes

        return swept_signal_and_slopes(
            self.parts, weights, self.swept, sweep, self.trace, seen, *self.entries
        )

    def states(self, weights: Array, sweep: ArrayLike) -> Matrix:
        """Return the whole density matrices, shape ``(n_f, d, d)``."""
        from qleap.sensing._reference.swept_steady_state import swept_states

        values = checks.vector("sweep", sweep)
        found = swept_states(self.parts, weights, self.swept, values, self.trace)[1]
        made, _ = _hermitian_basis(self.size)
        whole = found @ made[self.unknowns]
        return np.asarray(whole.reshape(-1, self.size, self.size))


def reduced(parts: Array, swept: Array) -> ReducedLiouvillian:
    """Find the unknowns that populations reach, for any weights of the parts.

    Parameters
    ----------
    parts : ndarray, shape (k, d^2, d^2)
        Generators in `real_form`.
    swept : ndarray, shape (d^2, d^2)
        What the sweep multiplies, in `real_form`.

    Notes
    -----
    An element (i, j) of any part lets the unknown j drive the unknown i. Unknowns
    that no chain of such elements leads to from a population are zero in a unique
    steady state, and so is what they would drive. The rest is ordered so that the
    unknowns that the sweep multiplies come last.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order

    size = round(np.sqrt(parts.shape[-1]))
    # Rounding of the change of basis leaves dust where there is nothing.
    dust = 1e-14 * np.abs(parts).max(axis=(1, 2), keepdims=True)
    clean = np.where(np.abs(parts) > dust, parts, 0.0)
    drives = (clean != 0.0).any(axis=0) | (swept != 0.0)
    reached: set[int] = set()
    graph = csr_matrix(drives.T)
    for population in range(size):
        found = breadth_first_order(graph, population, return_predecessors=False)
        reached.update(int(k) for k in found)
    kept = np.array(sorted(reached))
    moves = (swept[np.ix_(kept, kept)] != 0.0).any(axis=1)
    pairs = kept[moves]
    whole = len(pairs) % 2 == 0 and np.all(pairs[1::2] - pairs[::2] == 1)
    if not whole or np.any(moves[kept < size]) or np.any(swept[:size] != 0.0):
        raise InvalidValue(
            "swept must leave populations alone and turn whole coherences: it is the "
            "commutator with a diagonal operator, such as the frequency of a frame."
        )
    order = np.concatenate([kept[~moves], kept[moves]])
    places = np.ix_(order, order)
    inside = np.ascontiguousarray(clean[:, places[0], places[1]])
    moving = np.ix_(pairs, pairs)
    return ReducedLiouvillian(
        size=size,
        unknowns=order,
        parts=inside,
        swept=np.ascontiguousarray(swept[moving]),
    )
