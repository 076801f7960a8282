"""The lowest levels of an atom in a solver's grid, as few levels that light drives."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import BOHR_RADIUS, ELEMENTARY_CHARGE, HARTREE
from qleap.core.errors import InvalidKind
from qleap.laser.metrology.levels import WIDEST, Levels
from qleap.laser.tdse.models import AtomModel
from qleap.laser.tdse.radial_states import radial_levels

__all__ = ["levels_of_atom"]

Floats = NDArray[np.float64]

ATOMIC_DIPOLE: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""C m."""


def levels_of_atom(
    model: AtomModel, *, width: float, shells: int, n_l: int | None = None
) -> Levels:
    r"""Return the levels of an atom that linear light couples.

    Parameters
    ----------
    model : AtomModel
        Of `qleap.laser.tdse.atom_model`. The level its electron starts in comes first,
        then the others by angular momentum and energy.
    width : float
        Full width of all of them but the first, J.
    shells : int
        Largest principal quantum number, counted up from 1 in the potential.
    n_l : int, optional
        Angular momenta, from ``abs(m)`` on; by default all that the shells have.

    Returns
    -------
    Levels
        With dipoles :math:`-e\langle i|z|j\rangle`; what the grid does not hold, walls
        at its end do, also above zero.

    See Also
    --------
    transient_absorption : what they absorb.
    transient_absorption_of_atom : without a choice of levels.
    """
    if not isinstance(model, AtomModel):
        raise InvalidKind(
            f"model must be an AtomModel, got {model!r:.60}; atom_model makes one."
        )
    low = abs(model.m)
    most = checks.count("shells", shells, max(model.n, low + 2))
    count = most - low
    if n_l is not None:
        count = checks.count("n_l", n_l, model.l - low + 1, most - low)
    broad = checks.between("width", width, 0.0, WIDEST, "J")
    energies: list[float] = []
    waves: list[Floats] = []
    momenta: list[int] = []
    first = 0
    for l in range(low, low + count):  # noqa: E741
        if l == model.l:
            first = len(momenta) + model.n - l - 1
        found = radial_levels(model.grid, model.potential, l, most - l)
        energies.extend(found[0])
        waves.extend(found[1])
        momenta.extend([l] * (most - l))
    order = [first, *(i for i in range(len(momenta)) if i != first)]
    widths = np.full(len(order), broad)
    widths[0] = 0.0
    return Levels(
        energies=HARTREE * np.array(energies)[order],
        dipoles=_dipoles(model, np.array(waves)[order], np.array(momenta)[order]),
        widths=widths,
    )


def _dipoles(model: AtomModel, waves: Floats, momenta: NDArray[np.int_]) -> Floats:
    """Return the elements of the dipole, C m."""
    apart = np.abs(momenta[:, None] - momenta) == 1
    larger = np.maximum(momenta[:, None], momenta).astype(np.float64)
    square = np.where(
        apart, (larger**2 - model.m**2) / np.maximum(4.0 * larger**2 - 1.0, 1.0), 0.0
    )
    radial = (waves * model.grid.radii * model.grid.stretch) @ waves.T
    return np.asarray(
        -ATOMIC_DIPOLE * 0.5 * np.sqrt(square) * (radial + radial.T), np.float64
    )
