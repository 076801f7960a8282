"""From a spin system in a field to what a sequence acts on."""

from collections.abc import Sequence as Items

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.spins import Channel, ControlledSpins
from qleap.sensing.spins.spin import Spin
from qleap.sensing.spins.system import SpinSystem

__all__ = ["rotating_frame"]

Matrix = NDArray[np.complex128]


def rotating_frame(
    system: SpinSystem,
    field: ArrayLike,
    *,
    spin: str | None = None,
    transition: tuple[int, int] = (0, 1),
    levels: Items[int] | None = None,
    carrier: float | None = None,
    drive: ArrayLike = (1.0, 0.0, 0.0),
    channel: str = "microwave",
) -> ControlledSpins:
    """Return spins driven on one transition of one of them, in the rotating frame.

    The basis are the eigenstates of the whole Hamiltonian at the field, in which
    the static part is exact and diagonal, with all mixing of electrons and nuclei.
    What turns with the carrier is left out (rotating-wave approximation: the drive
    must be weak against the carrier).

    Parameters
    ----------
    system : SpinSystem
    field : array_like, shape (3,)
        T, in the frame of the system.
    spin : str
        Which spin is driven, started and read out; the first by default.
    transition : tuple of int
        Which two of its levels the drive connects; levels are counted upwards in
        energy from 0, with the other spins left out. The spin starts in the first
        of them, the others are unpolarised, and the readout is the population of
        that level.
    levels : sequence of int, optional
        Levels that are kept; all by default. The others are out of reach of a weak
        drive.
    carrier : float, optional
        Hz; by default the centre of the transition.
    drive : array_like, shape (3,)
        Direction of the driving field.
    channel : str
        Name of the drive. Its X is scaled so that, averaged over the other spins,
        the matrix element of the transition is one half: `rabi_frequency` of a
        pulse is that of this transition.
    """
    at = checks.vector("field", field, "T", min_size=3)
    name = system.names[0] if spin is None else spin
    own = system.spins[system.names.index(checks.one_of("spin", name, system.names))]
    energies, states = np.linalg.eigh(system.hamiltonian(at))
    label, projectors = _levels(system, own, at, states)
    kept = range(own.multiplicity) if levels is None else levels
    first, second = transition
    if first == second or not {first, second} <= set(kept):
        raise InvalidValue(
            f"transition must name two of the levels {list(kept)}, got {transition}."
        )
    inside = np.isin(label, list(kept))
    energies, states, label = energies[inside], states[:, inside], label[inside]
    driving = np.einsum("a,aij->ij", _unit(drive), system.field_operators())
    lift = states.conj().T @ driving @ states
    steps = _turns(energies, label, lift, first)
    if steps.get(second, 0) == 0:
        raise InvalidValue(
            f"drive must have a part that connects the levels {transition}, got the "
            f"direction {np.asarray(drive).tolist()}; turn it across the axis."
        )
    number = np.array([float(steps.get(k, 0)) for k in label])
    middle = {k: float(energies[label == k].mean()) for k in set(label.tolist())}
    per_turn = (middle[second] - middle[first]) / steps[second]
    frequency = per_turn if carrier is None else carrier
    same = number[:, None] == number[None, :]
    up = np.where(number[:, None] - number[None, :] == 1.0, lift, 0.0)
    one, other = label == first, label == second
    pair = np.abs(up[np.ix_(one, other)]) ** 2 + np.abs(up[np.ix_(other, one)].T) ** 2
    up = up / (2.0 * np.sqrt(pair.sum() / np.sum(one)))
    read = states.conj().T @ projectors[first] @ states
    read = np.where(same, read, 0.0)
    sensed = np.where(same, states.conj().T @ _sensed(system) @ states, 0.0)
    return ControlledSpins(
        static=np.diag(energies - middle[first] - frequency * number).astype(complex),
        channels={
            channel: Channel(
                in_phase=up + up.conj().T,
                quadrature=-1j * (up - up.conj().T),
                number=number,
            )
        },
        initial=read / np.trace(read),
        readout=read,
        sensitive=sensed,
    )


def _sensed(system: SpinSystem) -> Matrix:
    return np.asarray(system.field_operators()[2])


def _unit(direction: ArrayLike) -> NDArray[np.float64]:
    along = checks.vector("drive", direction, "1", min_size=3)
    return along / np.linalg.norm(along)


def _turns(
    energies: NDArray[np.float64],
    label: NDArray[np.int64],
    lift: Matrix,
    first: int,
) -> dict[int, int]:
    """Return how often each level turns with the carrier, the first one not.

    Levels join along the strongest elements of the drive: one turn more upwards in
    energy, one less downwards. Levels that the drive does not reach are left out.
    """
    names = sorted(set(label.tolist()))
    middle = {k: energies[label == k].mean() for k in names}
    power = {
        (a, b): float(np.sum(np.abs(lift[np.ix_(label == a, label == b)]) ** 2))
        for a in names
        for b in names
    }
    weakest = 1e-12 * max(power.values())
    turns = {first: 0}
    while True:
        open_ = [
            (power[a, b], a, b)
            for a in turns
            for b in names
            if b not in turns and power[a, b] > weakest
        ]
        if not open_:
            return turns
        _, a, b = max(open_)
        turns[b] = turns[a] + (1 if middle[b] > middle[a] else -1)


def _levels(
    system: SpinSystem, own: Spin, field: NDArray[np.float64], states: Matrix
) -> tuple[NDArray[np.int64], Matrix]:
    """Return the level of ``own`` of every eigenstate, and projectors on levels.

    Each level of the bare spin takes as many eigenstates as the other spins have,
    those that overlap most.
    """
    from scipy.optimize import linear_sum_assignment

    from qleap.sensing.spins.operators import embedded

    bare = SpinSystem(spins=(own,))
    _, alone = np.linalg.eigh(bare.hamiltonian(field))
    place = system.names.index(own.name)
    small = np.einsum("ik,jk->kij", alone, alone.conj())
    projectors = embedded(small, place, system.dimensions)
    share = np.einsum("in,kij,jn->nk", states.conj(), projectors, states).real
    each = system.dimension // own.multiplicity
    _, columns = linear_sum_assignment(-np.repeat(share, each, axis=1))
    return columns // each, projectors
