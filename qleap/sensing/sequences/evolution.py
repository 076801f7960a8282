"""Density matrices, propagators, signals and traces of sequences."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Sequence, listed
from qleap.sensing.sequences.engine import Members, alone, run
from qleap.sensing.sequences.programs import Field, Programs, channels_and_light
from qleap.sensing.sequences.sectors import (
    expectation,
    joined,
    sectors_for_state,
    signal_sectors,
)
from qleap.sensing.sequences.spaces import Space, known_space
from qleap.sensing.sequences.spins import ControlledSpins

__all__ = [
    "TimeEvolution",
    "evolve",
    "member_signals",
    "prepared",
    "propagator",
    "signal",
    "time_evolution",
]

Matrix = NDArray[np.complex128]

TOLERANCE = 1e-9
"""Error of the matrix of one pulse whose Hamiltonian changes in time."""


def evolve(
    spins: ControlledSpins,
    sequence: Sequence,
    *,
    state: Matrix | None = None,
    field: Field | None = None,
    tolerance: float = TOLERANCE,
) -> Matrix:
    """Return the density matrix at the end of ``sequence``, shape ``(d, d)``.

    Parameters
    ----------
    spins : ControlledSpins
    sequence : Sequence
    state : ndarray, shape (d, d), optional
        At the beginning; that of the spins by default.
    field : callable, optional
        Signal field, T, over the time from the beginning of the sequence, s; it
        takes and returns arrays, and multiplies ``spins.sensitive``.
    tolerance : float
        Error of the matrix of one pulse that is shaped or sees a field; all else is
        exact to rounding.
    """
    programs = prepared(spins, [sequence], field)
    programs.add(sequence)
    found: Matrix = _densities(programs, _state(spins, state), tolerance)[0]
    return found


def signal(
    spins: ControlledSpins,
    sequences: Iterable[Sequence],
    *,
    field: Field | None = None,
    tolerance: float = TOLERANCE,
) -> NDArray[np.float64]:
    """Return the expectation value of the readout after each sequence.

    Sequences that share pulses share their matrices, so that it pays to ask for all
    of them at once. Parameters as in `evolve`.
    """
    found = member_signals(spins, listed(sequences), alone(tolerance), field=field)
    return np.asarray(found[0])


def member_signals(
    spins: ControlledSpins,
    sequences: list[Sequence],
    members: Members,
    *,
    field: Field | None = None,
    channel: str | None = None,
) -> NDArray[np.float64]:
    """Return the signals of the members of an ensemble, ``(members, sequences)``.

    ``channel`` is the one whose carrier the members move.
    """
    programs = prepared(spins, sequences, field, channel)
    for sequence in sequences:
        programs.add(sequence)
    shape = len(members.offset), len(sequences)
    total = np.zeros(shape)
    if total.size == 0:
        return total
    space = programs.space
    if channel is not None:
        place = [drive.name for drive in space.drives].index(channel)
        if not space.drives[place].is_definite:
            raise InvalidValue(
                f"the static part of the spins must keep the number of {channel!r} for "
                "a carrier that moves; use spins in a rotating frame."
            )
        members = replace(members, drive=place)
    for found in run(programs, signal_sectors(spins, space), members, expectation):
        total += found.reshape(shape)
    return total


def propagator(
    spins: ControlledSpins,
    sequence: Sequence,
    *,
    field: Field | None = None,
    tolerance: float = TOLERANCE,
) -> Matrix:
    """Return the unitary matrix of ``sequence``, shape ``(d, d)``.

    Parameters as in `evolve`.

    Raises
    ------
    InvalidValue
        Where spins relax, or the sequence has light: there is no such matrix.
    """
    programs = prepared(spins, [sequence], field)
    space = programs.space
    if space.is_liouville:
        raise InvalidValue(
            "propagator needs spins that do not relax and a sequence without Laser; "
            "use evolve, or spins without collapse operators."
        )
    programs.add(sequence)
    sectors = sectors_for_state(space, None)
    found = run(programs, sectors, alone(tolerance))
    return space.outward(joined(space, sectors, found)[0].T)


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeEvolution:
    """Density matrices over the time of a sequence.

    Parameters
    ----------
    time : ndarray, shape (n,), s
    states : ndarray, shape (n, d, d)
    """

    time: NDArray[np.float64]
    states: Matrix

    def expectation(self, operator: Matrix) -> NDArray[np.float64]:
        """Return the expectation value of a Hermitian operator, shape ``(n,)``."""
        matrix = np.asarray(operator, dtype=np.complex128)
        if matrix.shape != self.states.shape[1:]:
            raise InvalidValue(
                f"operator must have the shape {self.states.shape[1:]}, got "
                f"{matrix.shape}."
            )
        return np.asarray(np.einsum("nij,ji->n", self.states, matrix).real)


def time_evolution(
    spins: ControlledSpins,
    sequence: Sequence,
    n_points: int = 201,
    *,
    state: Matrix | None = None,
    field: Field | None = None,
    tolerance: float = TOLERANCE,
) -> TimeEvolution:
    """Return the states at ``n_points`` equidistant times from 0 to the end.

    Ideal pulses at a time are in the state at that time, the first ones too.
    Parameters as in `evolve`.
    """
    count = checks.count("n_points", n_points, 2)
    programs = prepared(spins, [sequence], field)
    start = _state(spins, state)
    time = np.linspace(0.0, sequence.duration, count)
    programs.add_cut(sequence, sequence.duration / (count - 1), count)
    states = _densities(programs, start, tolerance, running=True)
    return TimeEvolution(time=time, states=states)


def prepared(
    spins: ControlledSpins,
    sequences: list[Sequence],
    field: Field | None,
    channel: str | None = None,
) -> Programs:
    """Return empty programs for sequences, after a check of what they need."""
    used, light = channels_and_light(listed(sequences))
    if channel is not None:
        used.add(channel)
    for name in sorted(used):
        checks.one_of("channel", name, tuple(spins.channels))
    if light and len(spins.light) == 0:
        raise InvalidValue(
            "light of the spins must not be empty for a sequence with Laser, got no "
            "operators; give ControlledSpins light, 1/sqrt(s), or leave Laser out."
        )
    if field is not None and spins.sensitive is None:
        raise InvalidValue(
            "sensitive of the spins must be given for a signal field, got None; give "
            "ControlledSpins dH/dB, Hz/T."
        )
    _check_shapes(spins)
    names = tuple(name for name in spins.channels if name in used)
    space = known_space(spins, names, light=light, field=field is not None)
    return Programs(space, field)


def _check_shapes(spins: ControlledSpins) -> None:
    square = (spins.dimension, spins.dimension)
    for name in ("collapse", "light"):
        given = np.shape(getattr(spins, name))
        if given[0] > 0 and given[1:] != square:
            raise InvalidValue(
                f"{name} must be matrices of the shape {square}, 1/sqrt(s), got the "
                f"shape {given}."
            )
    if spins.sensitive is not None and np.shape(spins.sensitive) != square:
        raise InvalidValue(
            f"sensitive must be a matrix of the shape {square}, Hz/T, got the shape "
            f"{np.shape(spins.sensitive)}."
        )


def _state(spins: ControlledSpins, state: Any) -> Matrix:
    if state is None:
        return spins.initial
    matrix = np.asarray(state, dtype=np.complex128)
    square = (spins.dimension, spins.dimension)
    if matrix.shape != square or not np.all(np.isfinite(matrix)):
        raise InvalidValue(
            f"state must be a finite density matrix of the shape {square}, got the "
            f"shape {matrix.shape}; a vector v is np.outer(v, v.conj())."
        )
    if not np.allclose(matrix, matrix.conj().T, rtol=0.0, atol=1e-9):
        raise InvalidValue("state must be Hermitian, got a matrix that is not.")
    return matrix


def _densities(
    programs: Programs, start: Matrix, tolerance: float, *, running: bool = False
) -> Matrix:
    """Return the density matrices at the ends of all chains, ``(p, d, d)``."""
    space: Space = programs.space
    inside = space.inward(start)
    sectors = sectors_for_state(space, inside)
    if not sectors:
        return np.zeros((len(programs.chains), *start.shape), dtype=np.complex128)
    found = run(programs, sectors, alone(tolerance), running=running)
    vectors = joined(space, sectors, found)
    if space.is_liouville:
        return space.outward(vectors[:, 0].reshape(-1, *start.shape))
    weights = sectors[0].weights[0]
    return space.outward((vectors.swapaxes(1, 2) * weights) @ vectors.conj())
