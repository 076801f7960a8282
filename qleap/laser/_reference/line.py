"""Steps of one electron on a line in NumPy, with SciPy's banded solver."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def steps_into(
    psi: Floats,
    inverse: Floats,
    weights: Floats,
    warm: int,  # noqa: ARG001
    line: Floats,
    bend: Floats,
    kicks: Floats,
    room: Floats,  # noqa: ARG001
) -> None:
    """Carry a wave function on, a step between every two of ``kicks``."""
    rows = psi.size // 16
    parts = psi.reshape(rows, 2, 8)
    state = _in_order(parts[:, 0] + 1j * parts[:, 1])
    pivots = inverse.reshape(rows, 2, 2, 8)
    a, b, c = weights[0::2] + 1j * weights[1::2]
    reach = line[0] + line[1] * np.arange(state.size) + _in_order(bend.reshape(-1, 8))
    state = state * np.exp(1j * kicks[0] * reach)
    for kick in kicks[1:]:
        side = _mean(state)
        both = []
        for k in range(2):
            r = _in_order(pivots[:, k, 0] + 1j * pivots[:, k, 1])
            bands = np.full((3, r.size), -1.0 + 0.0j)
            bands[1] = 1.0 / r
            bands[1, 1:] += r[:-1]
            both.append(solve_banded((1, 1), bands, side))
        state = state + _mean(a * both[0] + b * both[1] + c * state)
        state = state * np.exp(1j * kick * reach)
    rows_of = state.reshape(8, rows).T
    parts[:, 0], parts[:, 1] = rows_of.real, rows_of.imag


def observe_into(psi: Floats, weights: Floats, state: Floats, out: Floats) -> None:
    """Write norm, three weighted sums and the product with ``state``."""
    parts = psi.reshape(-1, 2, 8)
    density = (parts**2).sum(axis=1)
    out[0] = density.sum()
    out[1:4] = np.einsum("rl,rwl->w", density, weights.reshape(-1, 3, 8))
    out[4:6] = np.einsum("rl,rpl->p", state.reshape(-1, 8), parts)


def inverse_pivots_into(ratios: Complex, out: Floats) -> None:
    """Write the inverse pivots of ``-1, 12/f - 10, -1``."""
    rows = out.size // 32
    parts = out.reshape(rows, 2, 2, 8)
    for k, ratio in enumerate(ratios):
        found, before = [], 0.0j
        for f in ratio:
            before = 1.0 / (12.0 / f - 10.0 - before)
            found.append(before)
        pivots = np.array(found).reshape(8, rows).T
        parts[:, k, 0], parts[:, k, 1] = pivots.real, pivots.imag


def _in_order(pieces: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Return values by points from those by rows and lanes."""
    return pieces.T.ravel()


def _mean(values: Complex) -> Complex:
    """Return twelve times Numerov's mean; beyond the ends there is nothing."""
    found = 10.0 * values
    found[1:] += values[:-1]
    found[:-1] += values[1:]
    return found
