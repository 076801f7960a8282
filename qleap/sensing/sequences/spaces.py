"""The space in which a sequence is computed: its operators and their blocks."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.sequences.spins import Channel, ControlledSpins

__all__ = [
    "Drive",
    "Space",
    "components",
    "known_space",
    "space_of",
    "without_noise",
]

Matrix = NDArray[np.complex128]

LARGEST_KEPT = 10
"""Levels up to which spaces are kept for later calls."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Drive:
    """A channel in a space.

    Parameters
    ----------
    name : str
    number : ndarray, shape (n,)
        How often each level turns with the carrier; zeros where that is not definite.
    is_definite : bool
        Whether the static part keeps the number.
    turns : bool
        Whether everything else keeps the number, and X and Y change it by one: then
        the phase of a pulse is a turn about the number.
    carrier : float
        Hz.
    """

    name: str
    number: NDArray[np.float64]
    is_definite: bool
    turns: bool
    carrier: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    r"""Vectors v that obey :math:`v' = -2 \pi i A v`, in the eigenbasis of the spins.

    State vectors, or density matrices with their rows one after another.

    Parameters
    ----------
    operators : ndarray, shape (k, n, n), Hz
        Parts of A: what always acts; X, Y and the number of each drive; then the
        sensitive operator and the light, where they are used.
    drives : tuple of Drive
    sensitive, light : int
        Places among the operators, or -1.
    is_free_diagonal, is_field_diagonal : bool
        Whether what always acts, and a signal field, are phases of the levels.
    is_liouville : bool
    basis : ndarray, shape (d, d)
        Columns: the eigenstates.
    """

    operators: Matrix
    drives: tuple[Drive, ...]
    sensitive: int
    light: int
    is_free_diagonal: bool
    is_field_diagonal: bool
    is_liouville: bool
    basis: Matrix

    @property
    def size(self) -> int:
        """Length of the vectors."""
        return int(self.operators.shape[-1])

    @property
    def runs_anytime(self) -> bool:
        """Whether pulses do the same whenever they begin."""
        return self.sensitive < 0 and all(d.turns for d in self.drives)

    def inward(self, operator: Matrix) -> Matrix:
        """Return an operator of the spins in the eigenbasis."""
        return without_noise(self.basis.conj().T @ operator @ self.basis)

    def outward(self, operator: Matrix) -> Matrix:
        """Return operators of the eigenbasis in the basis of the spins."""
        return np.asarray(self.basis @ operator @ self.basis.conj().T)


def without_noise(matrix: Matrix) -> Matrix:
    """Return a matrix without the elements that are rounding errors."""
    size = np.abs(matrix)
    noise = 8.0 * len(matrix) * np.finfo(np.float64).eps * np.max(size, initial=0.0)
    return np.where(size > noise, matrix, 0.0)


def components(near: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the smallest member of the connected component of each of n points.

    ``near`` are the edges, shape ``(n, n)``, in either direction.
    """
    size = len(near)
    either = near | near.T
    label = np.arange(size)
    while True:  # the smallest label spreads along the edges
        lowest = np.where(either, label[None, :], size).min(axis=1, initial=size)
        spread = np.minimum(label, lowest)
        spread = spread[spread]
        if np.array_equal(spread, label):
            return label
        label = spread


def space_of(
    spins: ControlledSpins, names: tuple[str, ...], *, light: bool, field: bool
) -> Space:
    """Return the space of sequences on the channels ``names``.

    Parameters
    ----------
    spins : ControlledSpins
    names : tuple of str
    light, field : bool
        Whether the sequences have light, and whether there is a signal field.
    """
    channels = [spins.channels[name] for name in names]
    definite = [_keeps(spins.static, channel.number) for channel in channels]
    numbers = [
        np.asarray(channel.number, dtype=np.float64) * known
        for channel, known in zip(channels, definite, strict=True)
    ]
    basis, energies = _eigenbasis(spins.static, numbers)
    moved = [
        replace(
            channel,
            in_phase=_seen(basis, channel.in_phase),
            quadrature=_seen(basis, channel.quadrature),
        )
        for channel in channels
    ]
    sensitive = None if spins.sensitive is None else _seen(basis, spins.sensitive)
    collapse = [_seen(basis, c) for c in spins.collapse]
    shine = [_seen(basis, c) for c in spins.light] if light else []
    is_liouville = bool(collapse or light)
    drives = tuple(
        Drive(
            name=name,
            number=_differences(number) if is_liouville else number,
            is_definite=known,
            turns=known
            and _turns(channel, [*collapse, *shine])
            and (not field or sensitive is None or _keeps(sensitive, channel.number)),
            carrier=channel.carrier,
        )
        for name, channel, number, known in zip(
            names, moved, numbers, definite, strict=True
        )
    )
    terms = [np.diag(energies).astype(np.complex128)]
    for channel, number in zip(moved, numbers, strict=True):
        counted = np.diag(number).astype(np.complex128)
        terms += [channel.in_phase, channel.quadrature, counted]
    if field and sensitive is not None:
        terms.append(sensitive)
    if is_liouville:
        terms = [commutators(term) for term in terms]
    if collapse:
        terms[0] = terms[0] + dissipator(collapse)
    if light:
        terms.append(dissipator(shine))
    return Space(
        operators=np.array(terms),
        drives=drives,
        sensitive=1 + 3 * len(names) if field else -1,
        light=len(terms) - 1 if light else -1,
        is_free_diagonal=not collapse,
        is_field_diagonal=sensitive is not None and _is_diagonal(sensitive),
        is_liouville=is_liouville,
        basis=basis,
    )


class _Content:
    """Spins as a key: equal where the numbers in them are."""

    def __init__(self, spins: ControlledSpins) -> None:
        self.spins = spins
        parts: list[Any] = [spins.static, spins.sensitive, spins.collapse, spins.light]
        for channel in spins.channels.values():
            parts += [channel.in_phase, channel.quadrature, channel.number]
        carriers = tuple(channel.carrier for channel in spins.channels.values())
        self._key = (
            tuple(spins.channels),
            carriers,
            *(None if part is None else np.asarray(part).tobytes() for part in parts),
        )

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and self._key == other._key


def known_space(
    spins: ControlledSpins, names: tuple[str, ...], *, light: bool, field: bool
) -> Space:
    """Return `space_of`, kept from the last calls for spins with the same numbers."""
    if spins.dimension > LARGEST_KEPT:
        return space_of(spins, names, light=light, field=field)
    return _kept_space(_Content(spins), names, light, field)


@lru_cache(maxsize=32)
def _kept_space(
    content: _Content, names: tuple[str, ...], light: bool, field: bool
) -> Space:
    return space_of(content.spins, names, light=light, field=field)


def commutators(hamiltonian: Matrix) -> Matrix:
    """Return A of the commutator with a Hamiltonian, rows one after another."""
    one = np.eye(len(hamiltonian))
    return np.asarray(np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))


def dissipator(collapse: list[Matrix]) -> Matrix:
    """Return A of Lindblad operators, 1/sqrt(s)."""
    one = np.eye(len(collapse[0]))
    found = np.zeros((one.size, one.size), dtype=np.complex128)
    for c in collapse:
        loss = c.conj().T @ c
        found += np.kron(c, c.conj())
        found -= 0.5 * (np.kron(loss, one) + np.kron(one, loss.T))
    return found * (0.5j / np.pi)


def _differences(number: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.subtract.outer(number, number).ravel()


def _seen(basis: Matrix, operator: Matrix) -> Matrix:
    return without_noise(basis.conj().T @ operator @ basis)


def _is_diagonal(matrix: Matrix) -> bool:
    return not np.any(without_noise(matrix) - np.diag(np.diag(matrix)))


def _keeps(matrix: Matrix, number: NDArray[np.float64]) -> bool:
    """Return whether a matrix connects levels of the same number alone."""
    return not np.any(without_noise(matrix)[number[:, None] != number[None, :]])


def _turns(channel: Channel, others: list[Matrix]) -> bool:
    """Return whether a phase of the pulse is a turn about the number."""
    if channel.carrier != 0.0:
        return False
    step = np.subtract.outer(channel.number, channel.number)
    up = np.where(step == 1.0, channel.in_phase, 0.0)
    fits = np.allclose(channel.in_phase, up + up.conj().T, rtol=0.0, atol=1e-12)
    fits &= np.allclose(
        channel.quadrature, -1j * (up - up.conj().T), rtol=0.0, atol=1e-12
    )
    return bool(fits) and all(
        len(np.unique(step[other != 0.0])) < 2 for other in others
    )


def _eigenbasis(
    static: Matrix, numbers: list[NDArray[np.float64]]
) -> tuple[Matrix, NDArray[np.float64]]:
    """Return eigenstates of the static part that have definite numbers."""
    size = len(static)
    basis = np.eye(size, dtype=np.complex128)
    energies = np.diag(static).real.copy()
    if _is_diagonal(static):
        return basis, energies
    key = np.array(numbers).reshape(len(numbers), size).T
    for row in np.unique(key, axis=0):
        levels = np.flatnonzero(np.all(key == row, axis=1))
        place = np.ix_(levels, levels)
        energies[levels], basis[place] = np.linalg.eigh(static[place])
    return basis, energies
