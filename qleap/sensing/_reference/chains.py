"""Vectors through chains of phases and matrices: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["chains"]

Matrix = NDArray[np.complex128]


def chains(
    gates: Matrix,
    index: NDArray[np.int64],
    angles: NDArray[np.float64],
    columns: Matrix,
    running: bool,
) -> Matrix:
    r"""Return the vectors at the end of every chain.

    .. math:: v \to e^{-i \theta_m} U_{m} \cdots e^{-i \theta_1} U_1 e^{-i \theta_0} v

    Parameters
    ----------
    gates : ndarray, shape (q, g, b, b)
        For each of q blocks of levels.
    index : ndarray, shape (p, m)
        Which gates a chain has, in order; none where negative.
    angles : ndarray, shape (q, p, m + 1, b)
        rad, before, between and after the gates.
    columns : ndarray, shape (q, r, b)
        The vectors of each block.
    running : bool
        Whether a chain goes on where the one before it ended.

    Returns
    -------
    ndarray, shape (q, p, r, b)
    """
    state = columns
    found = []
    for point in range(len(index)):
        state = state if running else columns
        for step, turn in enumerate(np.moveaxis(angles[:, point], 1, 0)):
            state = state * np.exp(-1j * turn)[:, None, :]
            if step < index.shape[1] and index[point, step] >= 0:
                gate = gates[:, index[point, step]]
                state = np.einsum("qij,qrj->qri", gate, state)
        found.append(state)
    shape = (len(columns), 0, *columns.shape[1:])
    return np.stack(found, axis=1) if found else np.zeros(shape, np.complex128)
