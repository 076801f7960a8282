"""Channels as rare events: what usually happens, and what else may.

Every channel is split into a unitary that acts with a fixed probability and a rest,

    E(rho) = p U rho U+  +  (1 - p) F(rho),

with the largest p for which F is a channel. Whether the rest acts is then drawn without
a look at the state, and between two such *events* a trajectory is an ordinary circuit.
Only the Kraus operator within an event may depend on the state. With the Choi matrix
``C = sum_k vec(K_k) vec(K_k)+`` the rest is positive if ``C - p vec(U) vec(U)+`` is,
hence ``1 / p = vec(U)+ C^-1 vec(U)`` if vec(U) lies in the range of C, else p = 0 (a
Schur complement).

U is the unitary part of the largest Kraus operator, which for weak noise is near the
identity. For a mixture of unitaries this is the usual drawing of errors; for thermal
relaxation with T2 < 2 T1, or with depolarisation, events are about as rare as quantum
jumps (Plenio and Knight, Rev. Mod. Phys. 70, 101 (1998)), without any evolution under a
non-Hermitian Hamiltonian. Pure amplitude damping has no unitary part: p = 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise.channels import Channel
from qleap.processing.noise.readout import ReadoutError
from qleap.processing.noise.strings import pauli_matrices

if TYPE_CHECKING:
    from qleap.processing._kernels.trajectories import Noise

__all__ = ["Unravelling", "noise_tables", "unravel"]

ROUNDING: Final = 1e-12
"""Part of a channel that is only rounding."""

SMALLEST_SHARE: Final = 0.05
"""A unitary that acts more rarely is not worth being drawn first."""

Matrix = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, eq=False)
class Unravelling:
    """A channel as a unitary and events.

    Parameters
    ----------
    share : float
        Probability that no event happens; 0 where one happens every time.
    unitary : ndarray of complex128, shape (2**n, 2**n), or None
        What acts where no event happens; None for the identity.
    kraus : ndarray of complex128, shape (n_operators, 2**n, 2**n)
        Of the channel that an event is; scaled to unitaries if ``weights`` are given.
    weights : ndarray of float64, shape (n_operators,), or None
        Probabilities of the operators, where they do not depend on the state.
    paulis : ndarray of int64, shape (n_operators,), or None
        Numbers of the Pauli strings that the operators are, if all of them are.
    """

    share: float
    unitary: Matrix | None
    kraus: Matrix
    weights: NDArray[np.float64] | None = None
    paulis: NDArray[np.int64] | None = None

    @property
    def hazard(self) -> float:
        """Return ``-log(share)``, what the channel adds to the rate of events."""
        return -math.log(self.share) if self.share > 0.0 else math.inf


@lru_cache(maxsize=4096)
def unravel(channel: Channel) -> Unravelling:
    """Return ``channel`` as a unitary and events that are as rare as possible."""
    if channel.pauli is not None:
        return _of_paulis(channel.pauli)
    dimension = channel.kraus.shape[1]
    rows = channel.kraus.reshape(len(channel.kraus), -1)
    choi = rows.T @ rows.conj()
    unitary = _polar(_operators(choi)[0])
    share = _largest_share(choi, unitary.ravel())
    if share < SMALLEST_SHARE:
        return Unravelling(share=0.0, unitary=None, kraus=channel.kraus)
    if np.abs(unitary - unitary[0, 0] * np.eye(dimension)).max() < ROUNDING:
        kept = None
    else:
        kept = unitary
    if 1.0 - share < ROUNDING:
        return Unravelling(share=1.0, unitary=kept, kraus=unitary[None])
    vector = unitary.ravel()
    rest = (choi - share * np.outer(vector, vector.conj())) / (1.0 - share)
    kraus = _operators(rest)
    weights = np.einsum("kab,kab->k", kraus.conj(), kraus).real / dimension
    products = np.einsum("kba,kbc->kac", kraus.conj(), kraus)
    are_unitary = np.allclose(products, weights[:, None, None] * np.eye(dimension))
    if not are_unitary:
        return Unravelling(share=share, unitary=kept, kraus=kraus)
    kraus = kraus / np.sqrt(weights)[:, None, None]
    return Unravelling(
        share=share, unitary=kept, kraus=kraus, weights=weights / weights.sum()
    )


def _of_paulis(weights: NDArray[Any]) -> Unravelling:
    n_qubits = (weights.size.bit_length() - 1) // 2
    matrices = pauli_matrices(n_qubits)
    top = int(np.argmax(weights))
    others = np.flatnonzero((weights > 0.0) & (np.arange(weights.size) != top))
    rest = float(weights[others].sum())
    if not others.size:
        others, rest = np.array([top]), 1.0
    return Unravelling(
        share=1.0 - rest if others[0] != top else 1.0,
        unitary=matrices[top] if top else None,
        kraus=matrices[others],
        weights=weights[others] / rest if others[0] != top else np.ones(1),
        paulis=others,
    )


def _operators(choi: Matrix) -> Matrix:
    """Return orthogonal Kraus operators of a Choi matrix, the largest first."""
    values, vectors = np.linalg.eigh(choi)
    dimension = math.isqrt(len(choi))
    used = values > ROUNDING * values[-1]
    scaled = np.sqrt(values[used]) * vectors[:, used]
    return np.ascontiguousarray(scaled.T[::-1].reshape(-1, dimension, dimension))


def _polar(operator: Matrix) -> Matrix:
    """Return the unitary factor of the polar decomposition."""
    left, _, right = np.linalg.svd(operator)
    unitary: Matrix = left @ right
    return unitary


def _largest_share(choi: Matrix, vector: NDArray[np.complex128]) -> float:
    """Return the largest p for which ``choi - p vector vector+`` stays positive."""
    values, vectors = np.linalg.eigh(choi)
    parts = np.abs(vectors.conj().T @ vector) ** 2
    used = values > ROUNDING * values[-1]
    if parts[~used].sum() > ROUNDING * parts.sum():
        return 0.0
    return min(1.0, 1.0 / float((parts[used] / values[used]).sum()))


def noise_tables(
    unravellings: Sequence[Unravelling], readouts: Sequence[ReadoutError]
) -> "Noise":
    """Return what the kernels need of channels and of readout errors."""
    from qleap.processing._kernels.trajectories import Noise

    rows, matrices, weights, size = [], [np.zeros(0, complex)], [np.zeros(0)], 0
    n_weights = 0
    for one in unravellings:
        first, unitary = size, -1
        matrices.append(one.kraus.ravel())
        size += one.kraus.size
        if one.unitary is not None:
            matrices.append(one.unitary.ravel())
            unitary, size = size, size + one.unitary.size
        fixed = -1
        if one.weights is not None:
            fixed, n_weights = n_weights, n_weights + one.weights.size
            weights.append(np.cumsum(one.weights))
        rows.append((unitary, first, len(one.kraus), fixed))
    columns = [np.cumsum(one.assignment, axis=0).T.ravel() for one in readouts]
    sizes = [column.size for column in columns]
    return Noise(
        channels=np.array(rows, np.int64).reshape(-1, 4),
        hazards=np.array([one.hazard for one in unravellings]),
        matrices=np.concatenate(matrices),
        weights=np.concatenate(weights),
        readouts=np.cumsum([0, *sizes], dtype=np.int64)[:-1],
        assignments=np.concatenate([np.zeros(0), *columns]),
    )
