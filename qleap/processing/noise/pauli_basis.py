"""Density matrices as real vectors: what can be read from them.

Element ``sum_q p_q 4**q`` of the vector is ``Tr(P rho)`` for the Pauli string P that
has I, X, Y, Z on qubit q for ``p_q`` = 0 to 3. It is half as large as the complex
matrix, real whatever happens, and a gate with its noise is one real matrix on it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array
from qleap.processing.engine import share_blocks
from qleap.processing.noise import sweeps
from qleap.processing.noise.fusion import Fused

if TYPE_CHECKING:
    from qleap.processing.paulis import PauliSum

__all__ = ["matrix", "probabilities", "product", "set_matrix", "values"]

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

_TO_ENTRIES: Final[Reals] = 0.5 * np.array(
    [[1.0, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]
)
"""Of one qubit, to: bit 0 whether row and column differ, bit 1 the row."""


def product(vectors: Reals) -> Reals:
    """Return the state in which each qubit has its own Pauli vector, of four."""
    n_qubits = len(vectors)
    found = aligned_array(4**n_qubits)
    found[0] = 1.0
    for qubit, vector in enumerate(vectors):
        parts = found[: 4 ** (qubit + 1)].reshape(4, -1)
        for k in (3, 2, 1, 0):  # the first part is needed by all others
            np.multiply(parts[0], vector[k], out=parts[k])
    return found


def probabilities(state: Reals, n_qubits: int) -> Reals:
    """Return the diagonal of the density matrix, shape ``(2**n,)``, as it is."""
    found = state[3 * _spread(np.arange(1 << n_qubits))]
    for qubit in range(n_qubits):
        pairs = found.reshape(-1, 2, 1 << qubit)
        even, odd = pairs[:, 0], pairs[:, 1]
        found = np.stack([even + odd, even - odd], axis=1).ravel()
    return np.asarray(found / (1 << n_qubits))


def values(state: Reals, operator: "PauliSum") -> float:
    """Return the expectation value of a Hermitian sum of Pauli strings."""
    number = _spread(operator.x ^ operator.z) + 2 * _spread(operator.z)
    return float(operator.real_coefficients() @ state[number])


def matrix(state: Reals, n_qubits: int) -> NDArray[np.complex128]:
    """Return the density matrix, shape ``(2**n, 2**n)``; ``state`` is used up."""
    from qleap.processing._kernels import strings as kernels

    entries = np.empty((1 << n_qubits, 1 << n_qubits), np.complex128)
    _flip_signs(state, n_qubits)
    sweeps.run(_on_every_qubit(_TO_ENTRIES, n_qubits), n_qubits, state)
    tiles = 4 ** max(n_qubits - kernels.TILE, 0)
    _share(lambda a, b: kernels.entries_into(n_qubits, a, b, state, entries), tiles)
    return entries


def set_matrix(state: Reals, n_qubits: int, entries: NDArray[np.complex128]) -> None:
    """Write the Pauli basis of a density matrix into ``state``."""
    from qleap.processing._kernels import strings as kernels

    tiles = 4 ** max(n_qubits - kernels.TILE, 0)
    _share(lambda a, b: kernels.transformed_into(n_qubits, a, b, entries, state), tiles)
    back: Reals = 2.0 * _TO_ENTRIES.T  # the inverse
    sweeps.run(_on_every_qubit(back, n_qubits), n_qubits, state)
    _flip_signs(state, n_qubits)


def _flip_signs(state: Reals, n_qubits: int) -> None:
    from qleap.processing._kernels import strings as kernels

    portions = 4 ** max(n_qubits - kernels.PORTION, 0)
    _share(lambda a, b: kernels.flip_signs_into(n_qubits, a, b, state), portions)


def _on_every_qubit(one: Reals, n_qubits: int) -> list[Fused]:
    """Return a matrix on each qubit, two qubits at a time."""
    both = np.asarray(np.kron(one, one), np.float64)
    found = [
        Fused(qubits=(qubit, qubit + 1), matrix=both)
        for qubit in range(0, n_qubits - 1, 2)
    ]
    if n_qubits % 2:
        found.append(Fused(qubits=(n_qubits - 1,), turns=[one, None]))
    return found


def _share(work: Callable[[int, int], None], portions: int) -> None:
    from qleap.core.jit import threads

    share_blocks(work, portions, threads() if portions > 1 else 1)


def _spread(numbers: Integers) -> Integers:
    """Return numbers of at most 32 bits with their bits at every second place."""
    found = numbers.astype(np.int64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        found = (found | found << shift) & mask
    return found
