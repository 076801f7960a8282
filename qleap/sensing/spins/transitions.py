"""Transitions between the levels of a spin system."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import BOLTZMANN, PLANCK
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.sensing.spins.system import SpinSystem

__all__ = ["SpinTransitions", "spin_transitions"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpinTransitions:
    """What an oscillating field can drive at one or many static fields.

    Parameters
    ----------
    energies : ndarray, shape (..., d), Hz
        Ascending.
    lower, upper : ndarray, shape (m,)
        Indices of the levels of each transition; m = d (d - 1) / 2.
    frequencies : ndarray, shape (..., m), Hz
    dipoles : ndarray, shape (..., m), (Hz/T)^2
        Squared matrix element of dH/dB along the drive, or its average over all
        directions. A linear drive of the amplitude b that is in resonance makes the
        two levels oscillate with the Rabi frequency ``b sqrt(dipole)``.
    populations : ndarray, shape (..., d)
    """

    energies: Floats
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    frequencies: Floats
    dipoles: Floats
    populations: Floats

    @property
    def weights(self) -> Floats:
        """Dipoles times the difference of populations, lower minus upper level.

        Positive where the spins absorb, negative where they emit.
        """
        moved = self.populations[..., self.lower] - self.populations[..., self.upper]
        return np.asarray(self.dipoles * moved)


def spin_transitions(
    system: "SpinSystem",
    field: Floats,
    *,
    drive: ArrayLike | None,
    state: ArrayLike | None,
    temperature: float,
) -> SpinTransitions:
    """Return the transitions of ``system``; see `SpinSystem.transitions`."""
    energies, states = system.eigenstates(field)
    lower, upper = np.triu_indices(system.dimension, 1)
    across = states.conj().swapaxes(-1, -2)
    directions = np.eye(3) if drive is None else _unit(drive)[None, :]
    dipoles = np.zeros((*field.shape[:-1], lower.size))
    for direction in directions:
        operator = np.tensordot(direction, system.field_operators(), axes=1)
        elements = (across @ operator @ states)[..., lower, upper]
        dipoles += np.abs(elements) ** 2 / len(directions)
    if state is None:
        populations = _boltzmann(energies, temperature)
    else:
        density = _density(state, system.dimension)
        populations = np.einsum("...in,...in->...n", states.conj(), density @ states)
        populations = np.ascontiguousarray(populations.real)
    return SpinTransitions(
        energies=energies,
        lower=lower,
        upper=upper,
        frequencies=energies[..., upper] - energies[..., lower],
        dipoles=dipoles,
        populations=populations,
    )


def _unit(drive: ArrayLike) -> Floats:
    direction = checks.triple("drive", drive, "1")
    length = float(np.linalg.norm(direction))
    if length == 0.0:
        raise InvalidValue(
            f"drive must be a direction of three components, got {direction.tolist()}."
        )
    return direction / length


def _boltzmann(energies: Floats, temperature: float) -> Floats:
    """Return thermal populations; differences keep their accuracy at high T."""
    kelvin = checks.positive("temperature", temperature, "K")
    weights = np.exp((energies[..., :1] - energies) * (PLANCK / (BOLTZMANN * kelvin)))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _density(state: ArrayLike, size: int) -> NDArray[np.complex128]:
    given = np.asarray(state, dtype=np.complex128)
    if given.shape != (size, size) or not np.allclose(given, given.conj().T):
        raise InvalidValue(
            f"state must be a Hermitian matrix of the shape ({size}, {size}), got the "
            f"shape {given.shape}; for a ket psi give np.outer(psi, psi.conj())."
        )
    return given
