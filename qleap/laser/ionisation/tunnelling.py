"""Tunnelling through a static barrier, its cycle average, and what lies above it."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.constants import ATOMIC_TIME
from qleap.core.errors import InvalidValue
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import (
    fields_au,
    log_amplitude,
    log_angular,
    resolve,
    states,
)

__all__ = ["adk", "landau_lifshitz"]

Floats = NDArray[np.float64]


def adk(
    field: ArrayLike,
    atom: Atom | str,
    *,
    cycle_average: bool = False,
    m: int | None = None,
    electrons: float | None = None,
    amplitude: str = "quantum defect",
    barrier_suppression: bool = False,
) -> Floats:
    """Return the tunnelling rate of Ammosov, Delone and Krainov, 1/s.

    Parameters
    ----------
    field : array-like
        V/m; its sign does not matter.
    atom : Atom or str
        Or a name of `ATOMS`.
    cycle_average : bool
        Average over a cycle of linearly polarised light with the peak ``field``,
        the factor ``sqrt(3 E / (pi E0))``; good while ``E`` is far below ``E0``.
    m : int, optional
        Only the state of this ``|m|``; by default all states are added up.
    electrons : float, optional
        In each state; by default those of the atom (two in a closed shell). Rates of
        "one active electron", as most papers draw them, take ``m=0, electrons=1``.
    amplitude : str
        Size of the wave function far out: ``"quantum defect"`` (Coulomb functions with
        ``l* = n* - 1``, as in the papers), ``"s wave"`` (``l* = 0``, as some programs
        have it), ``"asymptotic"`` (`Atom.amplitude`).
    barrier_suppression : bool
        Multiply by the empirical factor of Tong and Lin for fields near and above
        the suppressed barrier, fitted up to about twice that field.

    Notes
    -----
    Valid for a Keldysh parameter below about 0.5 and below the barrier-suppression
    field. Of hydrogen it is 1.33 times (0.03 atomic units) to 3.5 times (0.1) too
    large against exact static-field rates; with the factor of Tong and Lin it is
    within 9 % between these.

    References
    ----------
    M. V. Ammosov, N. B. Delone and V. P. Krainov, Sov. Phys. JETP 64, 1191 (1986).
    X. M. Tong and C. D. Lin, J. Phys. B 38, 2593 (2005).

    Raises
    ------
    InvalidValue
        Where the field is not real and finite, the atom unknown, or a number that is
        asked for is not known of it.
    """
    who = resolve(atom)
    strength = fields_au(field)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log = log_adk(strength, who, m, electrons, amplitude)
        if cycle_average:
            log += 0.5 * np.log(3.0 * strength / (math.pi * who.kappa**3))
        if barrier_suppression:
            log -= _suppression(who) * strength
        rate = np.exp(log) / ATOMIC_TIME
    return np.where(strength > 0.0, rate, 0.0)


def log_adk(
    strength: Floats,
    atom: Atom,
    m: int | None,
    electrons: float | None,
    amplitude: str,
) -> Floats:
    """Return the logarithm of the static rate, all in atomic units."""
    barrier = 2.0 * atom.kappa**3 / strength
    n_star = np.asarray(atom.n_star)
    total = np.full(strength.shape, -np.inf)
    for number, weight in states(atom, m, electrons):
        log = math.log(weight) + log_angular(atom.l, number)
        power = 2.0 * atom.n_star - number - 1.0
        total = np.logaddexp(total, log + power * np.log(barrier))
    size = log_amplitude(atom, amplitude, n_star)
    return np.asarray(total - barrier / 3.0 + math.log(atom.energy_au) + size)


def _suppression(atom: Atom) -> float:
    if math.isnan(atom.suppression):
        raise InvalidValue(
            f"no barrier-suppression factor of {atom.name} is known here; set "
            "Atom.suppression (Tong and Lin found 6 to 9)."
        )
    return atom.suppression * atom.charge**2 / (atom.energy_au * atom.kappa**3)


def landau_lifshitz(field: ArrayLike) -> Floats:
    """Return the rate of hydrogen's ground state in a weak static field, 1/s.

    ``(4/F) exp(-2/(3F))`` in atomic units: Landau and Lifshitz, Quantum Mechanics,
    section 77, problem 1. Leading term of the expansion for small ``F``.
    """
    strength = fields_au(field)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = 4.0 / strength * np.exp(-2.0 / (3.0 * strength)) / ATOMIC_TIME
    return np.where(strength > 0.0, rate, 0.0)
