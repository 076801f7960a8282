"""Channels that follow one another on the same qubits, taken as one where that pays.

Damping alone has no unitary part (see `unravelling`), but damping and depolarisation
together have: what one of them lacks the other supplies. A joint channel reaches at
least the product of the shares that its parts reach.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise.channels import Channel, pauli_channel
from qleap.processing.noise.unravelling import unravel
from qleap.processing.program import Kind, Program

__all__ = ["gathered"]

GAIN: Final = 0.5
"""Part of the probability of events below which a joint channel is taken: its events
depend on the state more often and interrupt the circuit."""

MOST_QUBITS: Final = 2
"""Of a joint channel."""

NOTHING: Final = pauli_channel({"I": 1.0})


def gathered(program: Program) -> Program:
    """Return a program with fewer events that does the same.

    The row of one of two joined channels holds both and that of the other does nothing,
    so that jumps still find their way.
    """
    if not program.channels:
        return program
    kinds = program.operations[:, 0].tolist()
    entered = _entered(program)
    acting: dict[int, Channel] = {}
    neighbours: list[int] = []  # channels since the last other operation
    for k, kind in enumerate(kinds):
        if kind != Kind.CHANNEL or k in entered:
            neighbours = []
        if kind != Kind.CHANNEL:
            continue
        acting[k] = program.channels[program.operations[k, 4]]
        neighbours.append(k)
        while _join(program, acting, neighbours):
            pass
    numbers = {channel: n for n, channel in enumerate(dict.fromkeys(acting.values()))}
    operations = program.operations.copy()
    operations[list(acting), 4] = [numbers[channel] for channel in acting.values()]
    return replace(program, operations=operations, channels=tuple(numbers))


def _join(program: Program, acting: dict[int, Channel], rows: list[int]) -> bool:
    """Join the last channel with one before it; tell if more may follow.

    Nothing on the qubits of that one may lie between. The row of fewer qubits is left
    without work and taken out of ``rows``.
    """
    k = rows[-1]
    taken: set[int] = set()
    for j in rows[-2::-1]:
        one, two = program.qubits[j], program.qubits[k]
        joint = None
        if set(one) & set(two) and taken.isdisjoint(one):
            joint = _joint(acting[j], tuple(one), acting[k], tuple(two))
        taken.update(one)
        if joint is not None:
            kept, idle = (j, k) if len(one) >= len(two) else (k, j)
            acting[kept], acting[idle] = joint, NOTHING
            rows.remove(idle)
            return kept == k
    return False


def _entered(program: Program) -> set[int]:
    """Return the rows to which jumps lead."""
    found: set[int] = set()
    for k in np.flatnonzero(program.operations[:, 0] == Kind.BRANCH).tolist():
        _, n_bits, _, first, *_ = program.operations[k].tolist()
        distances: NDArray[np.int64] = program.wires[first + n_bits :][: 1 << n_bits]
        found.update((k + 1 + distances).tolist())
    return found


@lru_cache(maxsize=4096)
def _joint(
    first: Channel, one: tuple[int, ...], second: Channel, two: tuple[int, ...]
) -> Channel | None:
    """Return both channels as one on the larger of two sets of qubits, if it pays."""
    wide = one if len(one) >= len(two) else two
    fits = set(wide) >= {*one, *two} and len(wide) <= MOST_QUBITS
    if not fits or (len(one) == len(two) and one != two):
        return None
    apart = 1.0 - unravel(first).share * unravel(second).share
    joint = _widened(first, one, wide).then(_widened(second, two, wide))
    return joint if 1.0 - unravel(joint).share < GAIN * apart else None


def _widened(
    channel: Channel, qubits: tuple[int, ...], wide: tuple[int, ...]
) -> Channel:
    if qubits == wide:
        return channel
    if wide[0] == qubits[0]:
        return channel.tensor(NOTHING)
    return NOTHING.tensor(channel)
