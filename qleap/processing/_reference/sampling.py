"""NumPy definition of samples: the inverse of the cumulative distribution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MASK = (1 << 64) - 1


def _uniform(seed: int, draw: int) -> float:
    """Return number ``draw`` of the stream of ``seed`` in [0, 1) (SplitMix64)."""
    z = (seed + (draw + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return float((z ^ (z >> 31)) >> 11) * 2.0**-53


def sample_into(
    state: NDArray[Any],
    seed: np.uint64,
    group: int,  # noqa: ARG001
    workers: int,  # noqa: ARG001
    outcomes: NDArray[np.int64],
) -> None:
    """Write one basis state a shot, drawn with the probabilities of ``state``."""
    cumulative = np.cumsum(np.sum(state.astype(float).reshape(-1, 2) ** 2, axis=1))
    uniform = np.array([_uniform(int(seed), k) for k in range(outcomes.size)])
    found = np.searchsorted(cumulative, uniform * cumulative[-1], side="right")
    outcomes[:] = np.minimum(found, state.size // 2 - 1)


def relabel_into(
    outcomes: NDArray[np.int64],
    tables: NDArray[np.uint8],
    workers: int,  # noqa: ARG001
    packed: NDArray[np.uint8],
) -> None:
    """Write the classical bytes of basis states."""
    packed[:] = 0
    for i, table in enumerate(tables):
        packed |= table[outcomes >> 8 * i & 255]
