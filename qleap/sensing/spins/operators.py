"""Spin operators, in the basis of descending projections."""

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["embedded", "spin_operators"]


def spin_operators(spin: float) -> NDArray[np.complex128]:
    """Return S_x, S_y and S_z of a spin, shape ``(3, 2 S + 1, 2 S + 1)``.

    The basis is m = S, S - 1, ..., -S, as in QuTiP's ``jmat``.
    """
    twice = checks.count("2 * spin", 2.0 * spin)
    m = 0.5 * twice - np.arange(twice + 1)
    up = np.sqrt(spin * (spin + 1.0) - m[1:] * (m[1:] + 1.0))
    raising = np.diag(up, 1).astype(np.complex128)
    lowering = raising.conj().T
    x, y = 0.5 * (raising + lowering), -0.5j * (raising - lowering)
    return np.array([x, y, np.diag(m).astype(np.complex128)])


def embedded(
    operator: NDArray[np.complex128], place: int, dimensions: tuple[int, ...]
) -> NDArray[np.complex128]:
    """Return ``operator`` of the spin at ``place`` in the space of all spins.

    Parameters
    ----------
    operator : ndarray, shape (..., m, m)
        With m = ``dimensions[place]``.
    place : int
    dimensions : tuple of int
        Of the spins, in the order of the Kronecker product.
    """
    before = int(np.prod(dimensions[:place], dtype=np.int64))
    after = int(np.prod(dimensions[place + 1 :], dtype=np.int64))
    whole = np.einsum("ab,...ij,cd->...aicbjd", np.eye(before), operator, np.eye(after))
    size = before * operator.shape[-1] * after
    return np.asarray(whole.reshape(*operator.shape[:-2], size, size))
