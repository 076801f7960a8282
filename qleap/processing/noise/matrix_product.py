"""Matrix product states: wide circuits of little entanglement.

Vidal, Phys. Rev. Lett. 91, 147902 (2003); Schollwoeck, Ann. Phys. 326, 96 (2011). The
amplitude of ``|b_0 b_1 ...>`` is the product of the matrices ``A_q[b_q]``, shape of
``A_q``: ``(left bond, 2, right bond)``. A gate is split into a matrix product operator
and multiplies the bonds between its qubits by its operator Schmidt ranks, without any
error. Bonds are cut back by singular values only where they would outgrow ``max_bond``,
all at once and in canonical form, so that the discarded weight is known.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["MAX_BOND", "THRESHOLD", "MatrixProductState", "schmidt_ranks"]

Tensor = NDArray[np.complex128]
Reals = NDArray[np.float64]

MAX_BOND: Final = 64
"""Largest bond dimension by default."""

THRESHOLD: Final = 1e-16
"""Weight that may be discarded at a bond by default, as in Qiskit Aer."""

RANK: Final = 1e-14
"""Relative size of a singular value of a gate below which it is zero."""


class MatrixProductState:
    """A pure state of a row of qubits, at first all zero.

    Parameters
    ----------
    n_qubits : int
        Qubit 0 is at the left end and the least significant bit.
    max_bond : int
        Bonds never stay larger.
    threshold : float
        Weight (squared amplitude) that may be discarded at each bond that is cut.

    Attributes
    ----------
    discarded_weight : float
        Sum of all discarded weights; the fidelity to the exact state is about one
        minus it.
    """

    def __init__(
        self, n_qubits: int, *, max_bond: int = MAX_BOND, threshold: float = THRESHOLD
    ) -> None:
        zero = np.array([1, 0], np.complex128).reshape(1, 2, 1)
        count = checks.count("n_qubits", n_qubits)
        self.tensors: list[Tensor] = [zero] * count
        self.max_bond = checks.count("max_bond", max_bond)
        self.threshold = checks.between("threshold", threshold, 0.0, 1.0)
        self.discarded_weight = 0.0
        self._grown: set[int] = set()

    @property
    def n_qubits(self) -> int:
        """Return the number of qubits."""
        return len(self.tensors)

    @property
    def bonds(self) -> list[int]:
        """Return the dimension of each bond, from left to right."""
        return [tensor.shape[2] for tensor in self.tensors[:-1]]

    def apply(self, matrix: NDArray[Any], qubits: Sequence[int]) -> None:
        """Apply a unitary matrix, the first qubit least significant.

        Parameters
        ----------
        matrix : ndarray of complex128, shape (2**k, 2**k)
            On ``k`` qubits anywhere in the row.
        qubits : sequence of int
            Which ones.
        """
        if len(qubits) == 1:
            q = qubits[0]
            self.tensors[q] = np.matmul(matrix, self.tensors[q])
            return
        order = sorted(range(len(qubits)), key=qubits.__getitem__)
        parts = _split(_key(matrix), len(qubits), tuple(order))
        places = [qubits[k] for k in order]
        bonds = range(places[0], places[-1])
        ranks = _ranks_between(parts, places)
        too_large = any(
            self.tensors[q].shape[2] * rank > self.max_bond and q in self._grown
            for q, rank in zip(bonds, ranks, strict=True)
        )
        if too_large:
            self.truncate()
        self._grown.update(q for q, rank in zip(bonds, ranks, strict=True) if rank > 1)
        for k, place in enumerate(places):
            self._multiply(place, parts[k])
            if k + 1 < len(places):
                for between in range(place + 1, places[k + 1]):
                    self._pass(between, parts[k].shape[3])

    def truncate(self) -> None:
        """Bring the state to canonical form and cut the bonds back."""
        self._grown.clear()
        tensors = self.tensors
        for k in range(len(tensors) - 1):
            left, _, right = tensors[k].shape
            q, r = np.linalg.qr(tensors[k].reshape(2 * left, right))
            tensors[k] = q.reshape(left, 2, -1)
            tensors[k + 1] = np.tensordot(r, tensors[k + 1], 1)
        for k in range(len(tensors) - 1, 0, -1):
            left, _, right = tensors[k].shape
            u, s, v = np.linalg.svd(
                tensors[k].reshape(left, 2 * right), full_matrices=False
            )
            kept = self._kept(s)
            tensors[k] = v[:kept].reshape(kept, 2, right)
            rest = u[:, :kept] * (s[:kept] / np.linalg.norm(s[:kept]))
            tensors[k - 1] = np.tensordot(tensors[k - 1], rest, 1)
        tensors[0] = tensors[0] / np.linalg.norm(tensors[0])

    def canonicalise(self) -> None:
        """Make the rows of every tensor but the first orthonormal, without cutting."""
        tensors = self.tensors
        for k in range(len(tensors) - 1, 0, -1):
            left, _, right = tensors[k].shape
            q, r = np.linalg.qr(tensors[k].reshape(left, 2 * right).conj().T)
            tensors[k] = q.conj().T.reshape(-1, 2, right)
            tensors[k - 1] = np.tensordot(tensors[k - 1], r.conj().T, 1)
        tensors[0] = tensors[0] / np.linalg.norm(tensors[0])

    def sample(self, shots: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return bits of independent readings of all qubits, shape (shots, n_qubits).

        Ferris and Vidal, Phys. Rev. B 85, 165146 (2012): qubit by qubit, each with the
        probabilities that the ones before leave.
        """
        self.canonicalise()
        bits = np.empty((self.n_qubits, shots), np.uint8)
        left = np.ones((shots, 1), np.complex128)
        numbers = np.arange(shots)
        for q, tensor in enumerate(self.tensors):
            size, _, right = tensor.shape
            both = (left @ tensor.reshape(size, 2 * right)).reshape(shots, 2, right)
            weights = np.einsum("spr,spr->sp", both.real, both.real)
            weights += np.einsum("spr,spr->sp", both.imag, both.imag)
            total = weights.sum(axis=1)
            chosen = (rng.random(shots) * total >= weights[:, 0]).astype(np.uint8)
            bits[q] = chosen
            left = both[numbers, chosen]
            left /= np.sqrt(weights[numbers, chosen])[:, None]
        return np.ascontiguousarray(bits.T)

    def expectation(self, x: int, z: int) -> float:
        """Return the value of the Pauli string with these masks, without its sign.

        The string is ``i**popcount(x & z) X**x Z**z``, as in `PauliSum`.
        """
        value = np.ones((1, 1), np.complex128)
        norm = np.ones((1, 1), np.complex128)
        for q, tensor in enumerate(self.tensors):
            seen = _PAULIS[x >> q & 1, z >> q & 1] @ tensor
            value = _passed(value, tensor, seen)
            norm = _passed(norm, tensor, tensor)
        return float(value[0, 0].real / norm[0, 0].real)

    def statevector(self) -> Tensor:
        """Return all amplitudes, for states of few qubits, shape ``(2**n,)``."""
        found = np.ones((1, 1), np.complex128)
        for tensor in self.tensors:
            found = np.einsum("sl,lpr->psr", found, tensor).reshape(-1, tensor.shape[2])
        return np.ascontiguousarray(found[:, 0])

    def _kept(self, values: Reals) -> int:
        """Return how many singular values stay, and count what goes."""
        weights = values**2 / float(values @ values)
        gone = np.cumsum(weights[::-1])[::-1]
        wanted = int(np.count_nonzero(gone > self.threshold))
        kept = max(1, min(wanted, self.max_bond))
        self.discarded_weight += float(gone[kept]) if kept < gone.size else 0.0
        return kept

    def _multiply(self, place: int, part: Tensor) -> None:
        """Apply one tensor (left, out, in, right) of an operator."""
        state = self.tensors[place]
        found = np.einsum("aoib,lir->laorb", part, state)
        left, right = part.shape[0] * state.shape[0], part.shape[3] * state.shape[2]
        self.tensors[place] = found.reshape(left, 2, right)

    def _pass(self, place: int, rank: int) -> None:
        """Let the bond of an operator pass a qubit on which it does nothing."""
        if rank > 1:
            state = self.tensors[place]
            left, _, right = state.shape
            found = np.einsum("ab,lpr->laprb", np.eye(rank), state)
            self.tensors[place] = found.reshape(left * rank, 2, right * rank)


_PAULIS: Final = np.array(
    [[np.eye(2), np.diag([1, -1])], [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]]]]
)
"""By the bits of both masks: I and Z, X and Y."""


def schmidt_ranks(matrix: NDArray[Any], qubits: Sequence[int]) -> list[int]:
    """Return by how much a gate may multiply each bond between its qubits."""
    if len(qubits) == 1:
        return []
    order = sorted(range(len(qubits)), key=qubits.__getitem__)
    parts = _split(_key(matrix), len(qubits), tuple(order))
    return _ranks_between(parts, [qubits[k] for k in order])


def _ranks_between(parts: Sequence[Tensor], places: Sequence[int]) -> list[int]:
    found = []
    for k in range(len(places) - 1):
        found += [parts[k].shape[3]] * (places[k + 1] - places[k])
    return found


def _key(matrix: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(matrix, np.complex128).tobytes()


@lru_cache(maxsize=4096)
def _split(entries: bytes, n_qubits: int, order: tuple[int, ...]) -> list[Tensor]:
    """Return a gate as tensors (left, out, in, right), one a qubit."""
    size = 2**n_qubits
    matrix = np.frombuffer(entries, np.complex128).reshape([2] * (2 * n_qubits))
    # Axis n - 1 - k is the output of qubit k, n more its input.
    axes = []
    for k in order:
        axes += [n_qubits - 1 - k, 2 * n_qubits - 1 - k]
    rest = matrix.transpose(axes).reshape(1, size * size)
    parts = []
    for _ in range(n_qubits - 1):
        left = rest.shape[0]
        u, s, v = np.linalg.svd(rest.reshape(left * 4, -1), full_matrices=False)
        rank = int(np.count_nonzero(s > RANK * s[0]))
        root = np.sqrt(s[:rank])
        parts.append((u[:, :rank] * root).reshape(left, 2, 2, rank))
        rest = root[:, None] * v[:rank]
    parts.append(rest.reshape(-1, 2, 2, 1))
    return parts


def _passed(value: Tensor, bra: Tensor, ket: Tensor) -> Tensor:
    """Return an overlap of two rows that is one qubit longer."""
    half = np.tensordot(value, ket, 1)
    return np.tensordot(bra.conj(), half, ((0, 1), (0, 1)))
