"""Lines of a spin one and how strongly they are seen: the definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.sensing._reference.spin_one import S_X, S_Y, S_Z, spin_one_hamiltonian

__all__ = ["spin_one_lines"]


def spin_one_lines(
    zeeman: NDArray[np.float64], zero_field: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return lower line, upper line, and their weights, shape ``(n, 4)``.

    Lines in Hz from the lowest level. A weight is the squared spin element summed
    over the three directions of the drive, times the difference of the shares of
    m = 0 in the two levels: one for a line in an aligned field. Parameters as those
    of `spin_one_hamiltonian`.
    """
    energies, states = np.linalg.eigh(spin_one_hamiltonian(zeeman, zero_field))
    spin = np.array([S_X, S_Y, S_Z])
    elements = np.einsum("ni,kij,nja->nka", states[:, :, 0].conj(), spin, states)
    strength = (np.abs(elements[:, :, 1:]) ** 2).sum(axis=1)
    share = np.abs(states[:, 1, :]) ** 2
    weights = strength * np.abs(share[:, :1] - share[:, 1:])
    return np.concatenate([energies[:, 1:] - energies[:, :1], weights], axis=1)
