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
    from qleap.sensing._reference.spin_one import (
        S_X,
        S_Y,
        S_Z,
        spin_one_hamiltonian,
    )

    local = rotations @ field
    ratios = centre.gyromagnetic_ratios
    terms = centre.strain.terms(centre.zero_field_splitting)
    energies, states = np.linalg.eigh(spin_one_hamiltonian(local * ratios, terms))
    operators = np.array([S_X, S_Y, S_Z, S_Z @ S_Z])
    means = np.einsum("aji,ojk,aki->aio", states.conj(), operators, states).real
    by_field = np.einsum("aio,o,aol->ail", means[..., :3], ratios, rotations)
    slopes = np.concatenate([by_field, means[..., 3:]], axis=-1)
    return energies[:, 1:] - energies[:, :1], slopes[:, 1:] - slopes[:, :1]
