"""Energies, transitions and microwave strengths of all four axes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.sensing.nv.centre import NVCentre

__all__ = ["Transitions", "find_transitions"]

ISOTROPIC = 1.0 / 3.0
"""Strength from m_S = 0 to +1 for an average over all drive directions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transitions:
    """What a microwave can drive at one or many fields.

    Parameters
    ----------
    energies : ndarray, shape (..., 4, d), Hz
        Ascending, for each of the four axes.
    lower, upper : ndarray, shape (m,)
        Indices of the levels of each transition; m = d (d - 1) / 2.
    frequencies : ndarray, shape (..., 4, m), Hz
    dipoles : ndarray, shape (..., 4, m)
        Squared matrix element of the spin along the drive, or its average.
    weights : ndarray, shape (..., 4, m)
        Dipole times the difference of populations for a centre polarised into
        m_S = 0 with unpolarised nuclei: the strength seen in ODMR, scaled so
        that each electron line of an aligned field has the sum one.
    """

    energies: NDArray[np.float64]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    frequencies: NDArray[np.float64]
    dipoles: NDArray[np.float64]
    weights: NDArray[np.float64]


def find_transitions(
    centre: "NVCentre",
    field: NDArray[np.float64],
    rotations: NDArray[np.float64],
    drive: ArrayLike | None = None,
) -> Transitions:
    """Return the transitions of ``centre`` at laboratory fields ``(..., 3)``, T."""
    system = centre.spin_system()
    local = np.einsum("kij,...j->...ki", rotations, field)
    energies, states = system.eigenstates(local)
    nuclear = centre.dimension // 3
    lower, upper = np.triu_indices(centre.dimension, 1)
    elements = []
    for operator in system.operators("electron"):
        matrix = states.conj().swapaxes(-1, -2) @ operator @ states
        elements.append(matrix[..., lower, upper])
    dipoles = _along(np.stack(elements, axis=-1), rotations, drive)
    middle = slice(nuclear, 2 * nuclear)
    population = (np.abs(states[..., middle, :]) ** 2).sum(axis=-2) / nuclear
    moved = np.abs(population[..., lower] - population[..., upper])
    return Transitions(
        energies=energies,
        lower=lower,
        upper=upper,
        frequencies=energies[..., upper] - energies[..., lower],
        dipoles=dipoles,
        weights=dipoles * moved / ISOTROPIC,
    )


def _along(
    elements: NDArray[np.complex128],
    rotations: NDArray[np.float64],
    drive: ArrayLike | None,
) -> NDArray[np.float64]:
    """Return squared elements along the drive from x, y, z ``(..., 4, m, 3)``."""
    if drive is None:
        return np.asarray((np.abs(elements) ** 2).mean(axis=-1))
    direction = checks.triple("drive", drive, "1")
    length = float(np.linalg.norm(direction))
    if length == 0.0:
        raise InvalidValue(
            f"drive must be a direction of three components, got {direction.tolist()}."
        )
    local = rotations @ direction / length
    return np.asarray(np.abs(np.einsum("...kmi,ki->...km", elements, local)) ** 2)
