"""From a spin system in a field to what a sequence acts on."""

from collections.abc import Mapping
from collections.abc import Sequence as Items
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.spins import Channel, ControlledSpins
from qleap.sensing.spins.spin import Spin
from qleap.sensing.spins.system import SpinSystem

__all__ = ["Drive", "rotating_frame"]

Matrix = NDArray[np.complex128]
Labels = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drive:
    """A source of pulses besides the first one, for `rotating_frame`.

    Parameters
    ----------
    spin : str, optional
        Which spin it drives: a nucleus, another electron, or, by default, the spin
        of the first drive on another of its transitions.
    transition : tuple of int
        Levels it connects, counted upwards in energy with the other spins left out.
    carrier : float, optional
        Hz; by default the centre of the transition, averaged over all levels of the
        other spins.
    direction : array_like, shape (3,)
        Of the driving field.
    """

    spin: str | None = None
    transition: tuple[int, int] = (0, 1)
    carrier: float | None = None
    direction: ArrayLike = (1.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class _Eigenbasis:
    """Kept eigenstates, and the level of each driven spin in them."""

    energies: NDArray[np.float64]
    states: Matrix
    labels: dict[str, Labels]
    projectors: dict[str, Matrix]

    def seen(self, operator: Matrix) -> Matrix:
        return np.asarray(self.states.conj().T @ operator @ self.states)

    def middle(self, spin: str, level: int) -> float:
        return float(self.energies[self.labels[spin] == level].mean())


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
    others: Mapping[str, Drive] | None = None,
    observe: tuple[str, int] | None = None,
) -> ControlledSpins:
    """Return spins driven on one transition or several, in the rotating frame.

    The basis are the eigenstates of the whole Hamiltonian at the field, in which
    the static part is exact and diagonal, with all mixing of electrons and nuclei.
    What turns with a carrier is left out (rotating-wave approximation: drives must
    be weak against the carriers, and against their differences where two drives
    move the same levels). With a drive on a nucleus, electron transitions that flip
    this nucleus turn with its carrier and are left out: model hard pulses on the
    electron that flip nuclei (echo modulation, PulsePol) without such a drive.

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
    others : mapping of str to Drive, optional
        More drives by the names of their channels, each with its own carrier.
    observe : tuple of str and int, optional
        Spin and level whose population is read out instead, for example
        ``("13C", 0)``.
    """
    at = checks.triple("field", field, "T")
    name = system.names[0] if spin is None else spin
    drives = {
        channel: Drive(
            spin=name, transition=transition, carrier=carrier, direction=drive
        ),
        **(others or {}),
    }
    basis = _eigenbasis(system, at, name, levels, drives, observe)
    turning = {
        c: basis.seen(np.einsum("a,aij->ij", _unit(d.direction), _moments(system)))
        for c, d in drives.items()
    }
    carriers = {c: _carrier(basis, d, name) for c, d in drives.items()}
    numbers = _numbers(basis, drives, carriers, turning, name)
    turned = np.asarray(sum(carriers[c] * numbers[c] for c in drives))
    fastest = max(abs(carrier) for carrier in carriers.values())
    same = np.abs(turned[:, None] - turned[None, :]) <= 1e-12 * fastest
    watched, level = (name, transition[0]) if observe is None else observe
    first = basis.seen(basis.projectors[name][transition[0]])
    first = np.where(same, first, 0.0)
    static = basis.energies - basis.middle(name, transition[0]) - turned
    return ControlledSpins(
        static=np.diag(static).astype(complex),
        channels={
            c: _channel(basis, d, d.spin or name, turning[c], numbers, c)
            for c, d in drives.items()
        },
        initial=first / np.trace(first),
        readout=np.where(same, basis.seen(basis.projectors[watched][level]), 0.0),
        sensitive=np.where(same, basis.seen(_moments(system)[2]), 0.0),
    )


def _moments(system: SpinSystem) -> Matrix:
    return np.asarray(system.field_operators())


def _unit(direction: ArrayLike) -> NDArray[np.float64]:
    along = checks.triple("drive", direction, "1")
    if not np.any(along):
        raise InvalidValue("drive must not be 0 in every component, got [0, 0, 0].")
    return along / np.linalg.norm(along)


def _eigenbasis(
    system: SpinSystem,
    field: NDArray[np.float64],
    name: str,
    levels: Items[int] | None,
    drives: Mapping[str, Drive],
    observe: tuple[str, int] | None,
) -> _Eigenbasis:
    energies, states = np.linalg.eigh(system.hamiltonian(field))
    wanted = {d.spin or name for d in drives.values()}
    if observe is not None:
        wanted.add(observe[0])
    labels, projectors = {}, {}
    for one in wanted:
        checks.one_of("spin", one, system.names)
        own = system.spins[system.names.index(one)]
        labels[one], projectors[one] = _levels(system, own, field, states)
    kept = range(len(projectors[name])) if levels is None else levels
    for d in drives.values():
        one = d.spin or name
        allowed = list(kept) if one == name else list(range(len(projectors[one])))
        if d.transition[0] == d.transition[1] or not set(d.transition) <= set(allowed):
            raise InvalidValue(
                f"transition must name two of the levels {allowed}, got {d.transition}."
            )
    if observe is not None:
        checks.count("observe", observe[1], 0, len(projectors[observe[0]]) - 1)
    inside = np.isin(labels[name], list(kept))
    return _Eigenbasis(
        energies=energies[inside],
        states=states[:, inside],
        labels={one: label[inside] for one, label in labels.items()},
        projectors=projectors,
    )


def _carrier(basis: _Eigenbasis, drive: Drive, name: str) -> float:
    if drive.carrier is not None:
        return checks.finite("carrier", drive.carrier, "Hz")
    one, (first, second) = drive.spin or name, drive.transition
    return abs(basis.middle(one, second) - basis.middle(one, first))


def _numbers(
    basis: _Eigenbasis,
    drives: Mapping[str, Drive],
    carriers: Mapping[str, float],
    turning: Mapping[str, Matrix],
    name: str,
) -> dict[str, NDArray[np.float64]]:
    """Return how often every eigenstate turns with each carrier."""
    numbers = {c: np.zeros(len(basis.energies)) for c in drives}
    done: set[str] = set()
    for drive in drives.values():
        one = drive.spin or name
        if one in done:
            continue
        mine = [c for c, d in drives.items() if (d.spin or name) == one]
        others = [numbers[c] for c in drives if c not in mine]
        still = np.ones((len(basis.energies),) * 2, dtype=bool)
        for count in others:
            still &= count[:, None] == count[None, :]
        lift = {c: np.where(still, turning[c], 0.0) for c in mine}
        own = {c: frozenset(drives[c].transition) for c in mine}
        turns = _turns(basis, one, drive.transition[0], carriers, lift, own)
        for c in mine:
            if abs(turns.get(drives[c].transition[1], {}).get(c, 0)) != 1:
                raise InvalidValue(
                    "drive must have a part that connects the levels "
                    f"{drives[c].transition}, got the direction "
                    f"{np.asarray(drives[c].direction).tolist()}; turn it across the "
                    "axis."
                )
            numbers[c] = np.array([
                float(turns.get(k, {}).get(c, 0)) for k in basis.labels[one]
            ])  # fmt: skip
        done.add(one)
    return numbers


def _turns(
    basis: _Eigenbasis,
    one: str,
    first: int,
    carriers: Mapping[str, float],
    lift: Mapping[str, Matrix],
    own: Mapping[str, frozenset[int]],
) -> dict[int, dict[str, int]]:
    """Return how often each level turns with each carrier, the first one not.

    Levels join along the transitions that drives are for, ``own``, then along the
    strongest elements, with the carrier that is nearest: one turn more upwards in
    energy, one less downwards. Levels that no drive reaches are left out.
    """
    label = basis.labels[one]
    names = sorted(set(label.tolist()))
    power = {
        (a, b): sum(
            float(np.sum(np.abs(m[np.ix_(label == a, label == b)]) ** 2))
            for m in lift.values()
        )
        for a in names
        for b in names
    }
    weakest = 1e-12 * max(power.values())
    turns: dict[int, dict[str, int]] = {first: {}}
    while True:
        open_ = [
            (frozenset((a, b)) in own.values(), power[a, b], a, b)
            for a in turns
            for b in names
            if b not in turns and power[a, b] > weakest
        ]
        if not open_:
            return turns
        _, _, a, b = max(open_)
        gap = basis.middle(one, b) - basis.middle(one, a)
        near = [c for c in lift if own[c] == {a, b}] or list(lift)
        nearest = min(near, key=lambda c: abs(abs(carriers[c]) - abs(gap)))
        step = 1 if gap * carriers[nearest] > 0 else -1
        turns[b] = {**turns[a], nearest: turns[a].get(nearest, 0) + step}


def _channel(
    basis: _Eigenbasis,
    drive: Drive,
    one: str,
    lift: Matrix,
    numbers: Mapping[str, NDArray[np.float64]],
    name: str,
) -> Channel:
    keep = numbers[name][:, None] - numbers[name][None, :] == 1.0
    for other, count in numbers.items():
        if other != name:
            keep &= count[:, None] == count[None, :]
    up = np.where(keep, lift, 0.0)
    label, (first, second) = basis.labels[one], drive.transition
    below, above = label == first, label == second
    pair = np.abs(up[np.ix_(below, above)]) ** 2
    pair = pair + np.abs(up[np.ix_(above, below)].T) ** 2
    up = up / (2.0 * np.sqrt(pair.sum() / np.sum(below)))
    return Channel(
        in_phase=up + up.conj().T,
        quadrature=-1j * (up - up.conj().T),
        number=numbers[name],
    )


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
