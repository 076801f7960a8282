"""Vectors through chains of phases and matrices, one chain for each point."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.vmath import sincos

__all__ = ["chains"]

Matrix = NDArray[np.complex128]


@kernel
def chains(
    gates: Matrix,
    index: NDArray[np.int64],
    angles: NDArray[np.float64],
    columns: Matrix,
    running: bool,
) -> Matrix:
    """Return the vectors at the end of every chain; see the reference."""
    blocks, count, n = columns.shape
    points, length = index.shape
    found = np.empty((blocks, points, count, n), dtype=np.complex128)
    state, new = np.empty((count, n), np.complex128), np.empty(n, np.complex128)
    for block in range(blocks):
        for point in range(points):
            if point == 0 or not running:
                for k in range(count):
                    for i in range(n):
                        state[k, i] = columns[block, k, i]
            for step in range(length + 1):
                for i in range(n):
                    sine, cosine = sincos(angles[block, point, step, i])
                    for k in range(count):
                        state[k, i] *= complex(cosine, -sine)
                gate = index[point, step] if step < length else -1
                if gate < 0:
                    continue
                for k in range(count):
                    for i in range(n):
                        total = 0.0j
                        for j in range(n):
                            total += gates[block, gate, i, j] * state[k, j]
                        new[i] = total
                    for i in range(n):
                        state[k, i] = new[i]
            for k in range(count):
                for i in range(n):
                    found[block, point, k, i] = state[k, i]
    return found
