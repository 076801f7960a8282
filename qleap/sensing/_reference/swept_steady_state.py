"""Steady states of a linear system over one swept parameter: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["swept_signal", "swept_signal_and_slopes", "swept_states"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def swept_states(
    parts: Array, weights: Array, swept: Array, sweep: Array, trace: Array
) -> tuple[Array, Array]:
    """Return the matrices, ``(n_f, n, n)``, and their solutions, ``(n_f, n)``."""
    static = np.einsum("k,kij->ij", weights, parts)
    n, m = len(static), len(swept)
    matrices = np.broadcast_to(static, (sweep.size, n, n)).copy()
    matrices[:, n - m :, n - m :] += sweep[:, None, None] * swept
    scale = np.abs(static).max()
    matrices[:, 0, :] = 0.0
    matrices[:, 0, : n - m] = scale * trace
    right = np.zeros((sweep.size, n, 1))
    right[:, 0, 0] = scale
    return matrices, np.linalg.solve(matrices, right)[..., 0]


def swept_signal(
    parts: Array, weights: Array, swept: Array, sweep: Array, trace: Array, seen: Array
) -> Array:
    """Return ``seen . x`` for each value of the sweep, shape ``(n_f,)``.

    x solves ``(sum_k weights_k parts_k + sweep * swept) x = 0`` with the first row
    replaced by ``trace . x = 1``.

    Parameters
    ----------
    parts : ndarray, shape (k, n, n)
        Real matrices.
    weights : ndarray, shape (k,)
    swept : ndarray, shape (m, m)
        Of the last m unknowns; the others do not know the sweep.
    sweep : ndarray, shape (n_f,)
    trace, seen : ndarray, shape (n - m,)
        Of the first unknowns; the others are not seen.
    """
    states = swept_states(parts, weights, swept, sweep, trace)[1]
    return np.asarray(states[:, : seen.size] @ seen)


def swept_signal_and_slopes(
    parts: Array,
    weights: Array,
    swept: Array,
    sweep: Array,
    trace: Array,
    seen: Array,
    entries: Index,
    values: Array,
) -> tuple[Array, Array]:
    """Return the signal and its derivatives by the weights, ``(n_f, k)``.

    They hold at fixed ``seen``. ``entries`` (e, 3) and ``values`` (e,) are the part,
    row, column and size of all elements of ``parts`` that are not zero.
    """
    matrices, states = swept_states(parts, weights, swept, sweep, trace)
    observed = np.zeros(parts.shape[1])
    observed[: seen.size] = seen
    transposed = np.swapaxes(matrices, 1, 2)
    right = np.broadcast_to(observed[:, None], (sweep.size, observed.size, 1))
    adjoint = np.linalg.solve(transposed, right)[..., 0]
    part, row, column = entries.T
    terms = -adjoint[:, row] * values * states[:, column]
    terms[:, row == 0] = 0.0
    slopes = np.zeros((sweep.size, weights.size))
    for entry, k in enumerate(part):
        slopes[:, k] += terms[:, entry]
    return np.asarray(states @ observed), slopes
