"""Lines of a spin one and how strongly they are seen, batched over fields."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.sensing._kernels.spin_one import spin_one_energies

__all__ = ["spin_one_lines"]


@inner_kernel
def _state(
    shifted: NDArray[np.complex128],
    state: NDArray[np.complex128],
) -> None:
    """Fill ``state`` with the null vector of a singular Hermitian matrix.

    It is the largest of the three cross products of the rows, conjugated: two rows
    span everything that the null vector is orthogonal to.
    """
    best = -1.0
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        x = shifted[j, 1] * shifted[k, 2] - shifted[j, 2] * shifted[k, 1]
        y = shifted[j, 2] * shifted[k, 0] - shifted[j, 0] * shifted[k, 2]
        z = shifted[j, 0] * shifted[k, 1] - shifted[j, 1] * shifted[k, 0]
        size = x.real**2 + x.imag**2 + y.real**2 + y.imag**2 + z.real**2 + z.imag**2
        if size > best:
            best = size
            state[0], state[1], state[2] = x, y, z
    scale = 1.0 / math.sqrt(best) if best > 0.0 else 0.0
    for i in range(3):
        state[i] = state[i] * scale


@inner_kernel
def _strength(first: NDArray[np.complex128], second: NDArray[np.complex128]) -> float:
    """Return the squared spin element between two states, over all directions.

    With the components (+1, 0, -1): a raising, a lowering and a longitudinal part,
    |x|^2 + |y|^2 = (|raising|^2 + |lowering|^2) / 2.
    """
    up = np.conj(first[0]) * second[1] + np.conj(first[1]) * second[2]
    down = np.conj(first[1]) * second[0] + np.conj(first[2]) * second[1]
    along = np.conj(first[0]) * second[0] - np.conj(first[2]) * second[2]
    # S+ and S- carry sqrt(2): half of (2 |up|^2 + 2 |down|^2)
    across = up.real**2 + up.imag**2 + down.real**2 + down.imag**2
    total: float = across + along.real**2 + along.imag**2
    return total


@kernel
def spin_one_lines(
    zeeman: NDArray[np.float64], zero_field: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return both lines and their weights, shape ``(n, 4)``; see the reference.

    Where the upper two levels are degenerate their weights are an arbitrary split of
    a fixed sum, here as in LAPACK.
    """
    n = zeeman.shape[0]
    energies = spin_one_energies(zeeman, zero_field)
    lines = np.empty((n, 4))
    matrix = np.empty((3, 3), dtype=np.complex128)
    states = np.empty((3, 3), dtype=np.complex128)
    d, m_x, m_y = zero_field[0], zero_field[1], zero_field[2]
    n_x, n_y = zero_field[3], zero_field[4]
    half = math.sqrt(0.5)
    for i in range(n):
        b_x, b_y, b_z = zeeman[i, 0], zeeman[i, 1], zeeman[i, 2]
        matrix[0, 1] = half * complex(b_x + n_x, -(b_y + n_y))
        matrix[1, 2] = half * complex(b_x - n_x, -(b_y - n_y))
        matrix[0, 2] = complex(-m_x, -m_y)
        matrix[1, 0] = np.conj(matrix[0, 1])
        matrix[2, 1] = np.conj(matrix[1, 2])
        matrix[2, 0] = np.conj(matrix[0, 2])
        for k in range(2):
            level = energies[i, 2 * k]  # the outer two; the middle one is the rest
            matrix[0, 0] = complex(d / 3.0 + b_z - level, 0.0)
            matrix[1, 1] = complex(-2.0 * d / 3.0 - level, 0.0)
            matrix[2, 2] = complex(d / 3.0 - b_z - level, 0.0)
            _state(matrix, states[2 * k])
        # Orthogonal to both: also right where the upper two levels nearly meet.
        low, high, middle = states[0], states[2], states[1]
        overlap = 0.0j
        for j in range(3):
            overlap += np.conj(low[j]) * high[j]
        size = 0.0
        for j in range(3):
            high[j] -= overlap * low[j]
            size += high[j].real ** 2 + high[j].imag ** 2
        if size < 0.25:  # degenerate upper levels: any state beside the lowest
            for j in range(3):
                high[j] = 0.0
            smallest = 0
            for j in range(1, 3):
                if abs(low[j]) < abs(low[smallest]):
                    smallest = j
            for j in range(3):
                high[j] = -np.conj(low[smallest]) * low[j]
            high[smallest] += 1.0
            size = 0.0
            for j in range(3):
                size += high[j].real ** 2 + high[j].imag ** 2
        for j in range(3):
            high[j] = high[j] / math.sqrt(size)
        middle[0] = np.conj(low[1] * high[2] - low[2] * high[1])
        middle[1] = np.conj(low[2] * high[0] - low[0] * high[2])
        middle[2] = np.conj(low[0] * high[1] - low[1] * high[0])
        share = low[1].real ** 2 + low[1].imag ** 2
        for k in range(1, 3):
            other = states[k][1].real ** 2 + states[k][1].imag ** 2
            lines[i, k - 1] = energies[i, k] - energies[i, 0]
            lines[i, k + 1] = _strength(low, states[k]) * abs(share - other)
    return lines
