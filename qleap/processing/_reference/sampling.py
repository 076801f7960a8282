"""NumPy definition of samples: the inverse of the cumulative distribution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.batch import random_bits

BLOCK = 512

Floats = NDArray[Any]
Integers = NDArray[np.int64]


def _weights(state: Floats, scale: float) -> Integers:
    """Return probabilities, times ``scale``, as whole numbers."""
    squares = np.square(state.astype(np.float64).reshape(-1, 2))
    weights: Integers = (squares.sum(axis=1) * scale).astype(np.int64)
    return weights


def weigh_into(
    state: Floats, scale: float, first: int, last: int, sums: Integers
) -> float:
    """Write the weights of blocks ``first`` to ``last``; return their squared norm."""
    size = min(BLOCK, state.size // 2)
    chosen = state[2 * size * first : 2 * size * last]
    sums[first:last] = _weights(chosen, scale).reshape(-1, size).sum(axis=1)
    return float(np.square(chosen.astype(np.float64)).sum())


def look_up_into(
    state: Floats,
    scale: float,
    ends: Integers,
    guide: NDArray[np.int32],  # noqa: ARG001
    shift: int,  # noqa: ARG001
    seed: np.uint64,
    first: int,
    last: int,
    wires: Integers,
    packed: NDArray[np.uint8],
) -> None:
    """Write the classical bits of shots ``first`` to ``last``, one row a shot."""
    bits = np.array([random_bits(seed, k) for k in range(first, last)], np.uint64)
    uniform = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
    target = (uniform * np.float64(ends[-9])).astype(np.int64)
    outcomes = np.searchsorted(np.cumsum(_weights(state, scale)), target, "right")
    packed[first:last] = 0
    for qubit, bit in wires:
        values = (outcomes >> qubit & 1) << bit % 8
        packed[first:last, bit // 8] |= values.astype(np.uint8)
