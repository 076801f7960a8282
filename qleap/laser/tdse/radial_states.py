"""Bound states of an electron around a nucleus, on a radial grid."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue, NotConverged
from qleap.laser.tdse.potentials import CentralPotential
from qleap.laser.tdse.radii import RadialGrid, RadialOperator

__all__ = ["radial_levels", "radial_state", "relaxed_state"]

Floats = NDArray[np.float64]

REFINEMENTS: Final = 8
"""Of inverse iteration; each gains at least three digits."""

BELOW: Final = 1.1
"""Energy below all levels over that of the bare nucleus, which grids miss a little."""

MOST_STEPS: Final = 10_000
"""Of imaginary time."""


def radial_levels(
    grid: RadialGrid,
    potential: CentralPotential,
    l: int,  # noqa: E741
    count: int,
) -> tuple[Floats, Floats]:
    r"""Return the lowest states of an angular momentum.

    Parameters
    ----------
    grid : RadialGrid
    potential : CentralPotential
    l : int
    count : int

    Returns
    -------
    energies : ndarray, shape (count,)
        Hartree.
    states : ndarray, shape (count, n_points)
        Radial functions :math:`u = rR` with :math:`\int u^2dr = 1`, positive next to
        the nucleus, 1/sqrt(bohr).

    Notes
    -----
    Bisection of the second-order operator, which is symmetric, and inverse iteration of
    the fourth-order one.
    """
    from scipy.linalg import eigh_tridiagonal

    checks.count("l", l, 0)
    checks.count("count", count, 1, grid.n_points - 1)
    operator = RadialOperator(grid, potential)
    kinetic, j = operator.kinetic_bands(l), operator.stretch
    middle = kinetic[1] / j**2 + operator.potential(l)
    beside = -0.5 / (j[1:] * j[:-1])
    rough, vectors = eigh_tridiagonal(
        middle, beside, select="i", select_range=(0, count - 1)
    )
    found = [
        _refined(operator, l, energy, vector)
        for energy, vector in zip(rough, vectors.T, strict=True)
    ]
    energies = np.array([energy for energy, _ in found])
    if (np.diff(energies) <= 0.0).any():
        raise InvalidValue(
            f"grid must tell {count} states of l = {l} apart, but found "
            f"{energies.round(6).tolist()}; take smaller steps or a larger radius."
        )
    return energies, np.array([state for _, state in found])


def radial_state(
    grid: RadialGrid, potential: CentralPotential, n: int | None = None,
    l: int | None = None,  # noqa: E741
) -> tuple[float, Floats]:  # fmt: skip
    """Return the energy and the radial function of a level.

    Parameters
    ----------
    grid : RadialGrid
    potential : CentralPotential
    n, l : int, optional
        By default those of the active electron.
    """
    chosen_l = potential.l if l is None else checks.count("l", l, 0)
    shell = potential.n if n is None else n
    count = checks.count("n", shell, chosen_l + 1) - chosen_l
    energies, states = radial_levels(grid, potential, chosen_l, count)
    return float(energies[-1]), states[-1]


def relaxed_state(
    grid: RadialGrid,
    potential: CentralPotential,
    l: int,  # noqa: E741
    *,
    step: float = 1.0,
    tolerance: float = 1e-12,
) -> tuple[float, Floats]:
    """Return the lowest state of an angular momentum by imaginary time.

    Parameters
    ----------
    grid, potential, l
        As of `radial_levels`, which is faster.
    step : float
        Of the imaginary time, atomic units.
    tolerance : float
        Change of the energy at which to stop, hartree.

    Returns
    -------
    energy : float
        Hartree; above zero where the grid holds no bound state of ``l``.
    state : ndarray, shape (n_points,)
        As of `radial_levels`.

    Raises
    ------
    NotConverged
        Where ten thousand steps did not suffice.

    Notes
    -----
    Steps are implicit (backward Euler) above the level that the bare nucleus would
    have, so that any ``step`` damps what lies above the lowest state.
    """
    from scipy.linalg import solve_banded

    operator = RadialOperator(grid, potential)
    rate = checks.positive("step", step, "atomic units")
    most = checks.positive("tolerance", tolerance, "hartree")
    level = 0.5 * (potential.nuclear_charge / (checks.count("l", l, 0) + 1)) ** 2
    shift = -BELOW * level - 1.0 / rate
    bands = np.real(operator.shifted(l, shift))
    charge = max(potential.charge, 1.0)
    wave = operator.radii ** (l + 1) * np.exp(-charge * operator.radii / (l + 1))
    wave /= np.sqrt(operator.stretch)
    before = change = np.inf
    for _ in range(MOST_STEPS):
        wave = wave / np.linalg.norm(operator.stretch * wave)
        right = operator.times_mass(l, wave)
        new = solve_banded((1, 1), bands, right)
        # 1 / <1/(H - shift)> + shift, between two normalised waves.
        energy = 1.0 / float((operator.stretch**2 * wave * new).sum()) + shift
        wave = new
        if abs(energy - before) < most:
            return energy, _normalised(operator, wave)
        change, before = abs(energy - before), energy
    raise NotConverged(
        f"the state did not settle in {MOST_STEPS} steps of imaginary time (the last "
        f"changed its energy by {change:.1e} hartree for {most:g}); give a longer step "
        "or a larger tolerance."
    )


def _refined(
    operator: RadialOperator,
    l: int,  # noqa: E741
    energy: float,
    vector: Floats,
) -> tuple[float, Floats]:
    """Return an energy and a state of fourth order from those of second."""
    from scipy.linalg import solve_banded

    wave, square = vector / operator.stretch, operator.stretch**2
    for _ in range(REFINEMENTS):
        shift = energy + 1e-9 * max(1.0, abs(energy))
        bands = np.real(operator.shifted(l, shift))
        new = solve_banded((1, 1), bands, operator.times_mass(l, wave))
        norm = float((square * wave**2).sum())
        change = norm / float((square * wave * new).sum())
        energy, wave = shift + change, new / np.abs(new).max()
        if abs(change) < 1e-8 * max(1.0, abs(energy)):
            break
    return energy, _normalised(operator, wave)


def _normalised(operator: RadialOperator, wave: Floats) -> Floats:
    """Return the radial function of a wave, positive next to the nucleus."""
    norm = np.linalg.norm(operator.stretch * wave)
    sign = np.sign(wave[np.abs(wave) > 1e-6 * np.abs(wave).max()][0])
    return np.asarray(wave * np.sqrt(operator.stretch) * sign / norm)
