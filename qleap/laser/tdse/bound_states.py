"""Bound states of an electron on a line."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import ATOMIC_TIME, BOHR_RADIUS, HARTREE
from qleap.core.errors import InvalidValue, NotConverged
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.tdse.line_grid import (
    Line,
    LinePotential,
    line_of,
    line_potential,
    sampled,
)

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LINE_STATES", "line_states", "relaxed_line_states", "states_on"]

Floats = NDArray[np.float64]

LINE_STATES: Final = "laser.line_states"
"""Kind of the dataset of bound states."""

ITERATIONS: Final = 4
"""Inverse iterations after the guess of second order; each triples the digits."""

SPARE: Final = 2
"""States above the wanted ones that imaginary time carries along: it settles sooner."""

MOST_STEPS: Final = 10_000
"""Of imaginary time."""

OFF_LEVEL: Final = 1e-9
"""Hartree from a level at which its resolvent is still taken."""


def line_states(
    target: LinePotential | Atom | str,
    n_states: int = 1,
    *,
    half_width: float = 200.0 * BOHR_RADIUS,
    spacing: float = 0.1 * BOHR_RADIUS,
) -> "xr.Dataset":
    r"""Return the lowest states of an electron on a line.

    Parameters
    ----------
    target : LinePotential, Atom or str
        An atom means its soft core, `qleap.laser.tdse.soft_core`.
    n_states : int
        How many, from the lowest.
    half_width : float
        Where hard walls stand, m, on both sides.
    spacing : float
        Of points, m; the error of energies falls with its fourth power.

    Returns
    -------
    xarray.Dataset
        ``energy`` (J) over ``state``, and ``wave_function`` (:math:`m^{-1/2}`, real)
        over ``state`` and ``position``.

    Raises
    ------
    InvalidValue
        Where fewer states lie below the potential at the walls.
    """
    potential, line, count = _checked(target, n_states, half_width, spacing)
    values, _ = sampled(potential, line.x)
    energies, waves = states_on(line, values, count)
    _check_bound(energies, values, count)
    return _dataset(potential, line, energies, waves)


def relaxed_line_states(
    target: LinePotential | Atom | str,
    n_states: int = 1,
    *,
    half_width: float = 200.0 * BOHR_RADIUS,
    spacing: float = 0.1 * BOHR_RADIUS,
    step: float = 20.0 * ATOMIC_TIME,
    tolerance: float = 1e-9,
) -> "xr.Dataset":
    r"""Return the lowest states of an electron on a line by imaginary time.

    Parameters
    ----------
    target, n_states, half_width, spacing
        As of `line_states`, which is faster.
    step : float
        Of the imaginary time, s.
    tolerance : float
        Largest :math:`|H\psi - E\psi|` at which to stop, over the depth of the
        potential. The error of an energy is its square over the distance of levels.

    Returns
    -------
    xarray.Dataset
        That of `line_states`; signs of odd states are arbitrary.

    Raises
    ------
    InvalidValue
        Where fewer states lie below the potential at the walls.
    NotConverged
        Where ten thousand steps did not suffice.

    Notes
    -----
    Steps are implicit (backward Euler) above the bottom of the potential, so that any
    ``step`` damps what lies higher; after each, the energy is made diagonal among the
    states. What is left of others falls by
    :math:`(1 + \tau\epsilon_i)/(1 + \tau\epsilon_n)` a step, with energies above the
    bottom.
    """
    from scipy.linalg import eigh, solve_banded

    potential, line, count = _checked(target, n_states, half_width, spacing)
    rate = checks.positive("step", step, "s") / ATOMIC_TIME
    most = checks.positive("tolerance", tolerance)
    values, _ = sampled(potential, line.x)
    _check_count(line, values, count)
    bottom, depth = float(values.min()), float(np.ptp(values))
    block = min(count + SPARE, line.n_points)
    bands = numerov_bands(values - bottom + 1.0 / rate, line.spacing)
    waves = np.random.default_rng(0).normal(size=(line.n_points, block))
    for _ in range(MOST_STEPS):
        right = np.stack([numerov(wave) for wave in waves.T], axis=1) / rate
        new = solve_banded((1, 1), bands, right)
        energy = (waves - new) / rate  # times what is new
        sizes, mixed = eigh(new.T @ energy, new.T @ new)
        waves, energy = new @ mixed, energy @ mixed
        left = np.linalg.norm(energy - sizes * waves, axis=0)[:count]
        if left.max() <= most * depth:
            break
    energies = bottom + sizes[:count]
    _check_bound(energies, values, count)
    if left.max() > most * depth:
        raise NotConverged(
            f"{count} states did not settle in {MOST_STEPS} steps of imaginary time "
            f"(what is left is {left.max() / depth:.1e} for {most:g}); give a longer "
            "step, fewer states or a larger tolerance."
        )
    states = waves[:, :count].T / np.sqrt(line.spacing)
    largest = states[np.arange(count), np.abs(states).argmax(axis=1)]
    return _dataset(potential, line, energies, states * np.sign(largest)[:, None])


def _checked(
    target: LinePotential | Atom | str, n_states: int, half_width: float, spacing: float
) -> tuple[LinePotential, Line, int]:
    """Return the potential, the points and the number of states that are meant."""
    line = line_of(
        checks.positive("half_width", half_width, "m") / BOHR_RADIUS,
        checks.positive("spacing", spacing, "m") / BOHR_RADIUS,
        least=1,
        radix_2=False,
    )
    count = checks.count("n_states", n_states, 1, line.n_points)
    return line_potential(target), line, count


def _check_count(line: Line, values: Floats, count: int) -> None:
    """Refuse at once more states than can be bound.

    Differences of second order have levels below those of Numerov's formula, so that
    what lies above the walls with them does so with both.
    """
    from scipy.linalg import eigvalsh_tridiagonal

    diagonal, side = second_order(values, line.spacing)
    walls = (-np.inf, max(values[0], values[-1]))
    most = eigvalsh_tridiagonal(diagonal, side, select="v", select_range=walls).size
    if most < count:
        _check_bound(states_on(line, values, most + 1)[0], values, count)


def _check_bound(energies: Floats, values: Floats, count: int) -> None:
    bound = int((energies < max(values[0], values[-1])).sum())
    if bound < count:
        raise InvalidValue(
            f"n_states must be <= {bound}, which lie below the potential at the walls "
            f"of this line, got {count}; give a larger half_width."
        )


def _dataset(
    potential: LinePotential, line: Line, energies: Floats, waves: Floats
) -> "xr.Dataset":
    """Return states in SI units."""
    return results.dataset(
        kind=LINE_STATES,
        coords={
            "state": (range(energies.size), "1"),
            "position": (line.x * BOHR_RADIUS, "m"),
        },
        variables={
            "energy": (("state",), energies * HARTREE, "J"),
            "wave_function": (
                ("state", "position"),
                waves / np.sqrt(BOHR_RADIUS),
                "m^(-1/2)",
            ),
        },
        parameters={"target": repr(potential), "spacing": line.spacing * BOHR_RADIUS},
    )


def states_on(line: Line, values: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the lowest energies (hartree) and real states, ``(count, n_points)``.

    They are states of Numerov's Hamiltonian, with which `CompactSteps` goes on, to
    rounding: at rest nothing moves.
    """
    from scipy.linalg import eigh_tridiagonal, solve_banded

    h = line.spacing
    energies, guesses = eigh_tridiagonal(
        *second_order(values, h),
        select="i",
        select_range=(0, count - 1),
    )
    waves = np.ascontiguousarray(guesses.T)
    for i, wave in enumerate(waves):
        state, energy = wave, energies[i]
        for _ in range(ITERATIONS):
            found = solve_banded(
                (1, 1), numerov_bands(values - energy - OFF_LEVEL, h), numerov(state)
            )
            size = np.linalg.norm(found)
            energy = energy + OFF_LEVEL + (found @ state) / size**2
            state = found / size
        largest = state[np.abs(state).argmax()]
        waves[i] = state * np.sign(largest) / np.sqrt(h)
        energies[i] = energy
    return energies, waves


def second_order(values: Floats, spacing: float) -> tuple[Floats, Floats]:
    """Return diagonal and sides of the Hamiltonian by differences of second order."""
    square = spacing**2
    return values + 1.0 / square, np.full(values.size - 1, -0.5 / square)


def numerov_bands(values: NDArray, spacing: float) -> NDArray:  # type: ignore[type-arg]
    """Return bands of Numerov's mean times the Hamiltonian with that potential."""
    bands = np.empty((3, values.size), values.dtype)
    bands[0, 1:] = values[1:] / 12.0 - 0.5 / spacing**2
    bands[2, :-1] = values[:-1] / 12.0 - 0.5 / spacing**2
    bands[1] = values * (10.0 / 12.0) + 1.0 / spacing**2
    bands[0, 0] = bands[2, -1] = 0.0
    return bands


def numerov(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Return Numerov's mean ``(1, 10, 1)/12``; beyond the ends there is nothing."""
    found = values * (10.0 / 12.0)
    found[1:] += values[:-1] / 12.0
    found[:-1] += values[1:] / 12.0
    return found
