"""What a magnetic field does to spin levels and to the rates between them."""

from itertools import permutations
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.photophysics.levels import EXCITED, GROUND

__all__ = ["eigenstates", "mixed", "overlaps"]

_ORDERS: Final = np.array(list(permutations(range(3))))


def eigenstates(
    centre: NVCentre, field: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return energies and states of a triplet, in the order of m_S = +1, 0, -1.

    Parameters
    ----------
    centre : NVCentre
        Its nitrogen is left out.
    field : array_like, shape (..., 3)
        In the frame of the axis, T.

    Returns
    -------
    energies : ndarray, shape (..., 3), Hz
    states : ndarray, shape (..., 3, 3)
        Columns are states. Each is called after the one of the three levels
        without a field so that the product of the overlaps is the largest.
    """
    energies, states = np.linalg.eigh(centre.electron_alone().hamiltonian(field))
    share = np.abs(states) ** 2
    rows = np.arange(3)
    fits = np.stack([share[..., rows, order].prod(axis=-1) for order in _ORDERS], -1)
    order = _ORDERS[np.argmax(fits, axis=-1)]
    energies = np.take_along_axis(energies, order, axis=-1)
    return energies, np.take_along_axis(states, order[..., None, :], axis=-1)


def overlaps(
    ground: NVCentre, excited: NVCentre, field: ArrayLike, levels: int
) -> NDArray[np.float64]:
    r"""Return :math:`|\langle p | i \rangle|^2`, shape ``(..., levels, levels)``.

    The rows i are the levels at the ``field``, the columns p those without one;
    the levels beyond the two triplets do not mix.
    """
    at = checks.vectors("field", field, "T")
    share = np.zeros((*at.shape[:-1], levels, levels))
    share[...] = np.eye(levels)
    for centre, place in ((ground, GROUND), (excited, EXCITED)):
        _, states = eigenstates(centre, at)
        share[..., place, place] = np.swapaxes(np.abs(states) ** 2, -1, -2)
    return share


def mixed(
    parts: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Return jumps between the levels at a field, ``[..., part, from, to]``.

    .. math:: k_{ij} = \sum_{pq} |\langle p|i\rangle|^2 |\langle q|j\rangle|^2 k^0_{pq}

    (Tetienne et al., New J. Phys. 14, 103033 (2012)). Jumps from a level to itself
    are left out; they do nothing to populations.
    """
    spread = np.einsum("...ip,kpq,...jq->...kij", share, parts, share)
    size = parts.shape[-1]
    return np.asarray(spread * (1.0 - np.eye(size)))
