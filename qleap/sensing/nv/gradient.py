"""Derivatives of the lines by the field and by D."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qleap.sensing.nv.centre import NVCentre

__all__ = ["resonances_with_gradient"]


def resonances_with_gradient(
    centre: "NVCentre", field: NDArray[np.float64], rotations: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lines ``(4, 2)``, Hz, and their gradients ``(4, 2, 4)``.

    The last axis holds the derivatives by the three laboratory components of the
    field (Hz/T) and by D (1). They are the expectation values of the derivative of
    the Hamiltonian (Hellmann and Feynman), exact unless two levels cross.
    """
    system = centre.electron_alone().spin_system()
    energies, states = system.eigenstates(rotations @ field)
    s_z = system.operators("electron")[2]
    operators = np.concatenate([system.field_operators(), (s_z @ s_z)[None]])
    means = np.einsum("aji,ojk,aki->aio", states.conj(), operators, states).real
    by_field = means[..., :3] @ rotations
    slopes = np.concatenate([by_field, means[..., 3:]], axis=-1)
    return energies[:, 1:] - energies[:, :1], slopes[:, 1:] - slopes[:, :1]
