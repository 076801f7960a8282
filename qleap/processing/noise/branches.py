"""Circuits whose measurements are not their end: one state for each outcome.

A measurement after which its qubit is used again, or on whose bit a condition depends,
splits the state in two, without normalisation. A readout error of such a bit belongs to
the split: the state behind "1 was read" is a mixture of those in which 0 and 1 were
true. All other measurements wait for the end.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise.evolution import evolve
from qleap.processing.program import Kind, Program

__all__ = ["Branches", "Leaf", "Plan", "plan"]

MOST_SPLITS: Final = 8
"""Measurements that may split the state: 256 states one after the other."""

Reals = NDArray[np.float64]

_PROJECTORS: Final = np.zeros((2, 4, 4))
_PROJECTORS[:, 0, 0] = _PROJECTORS[:, 3, 3] = 0.5
_PROJECTORS[0, 0, 3] = _PROJECTORS[0, 3, 0] = 0.5
_PROJECTORS[1, 0, 3] = _PROJECTORS[1, 3, 0] = -0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What the measurements of a program are for.

    Parameters
    ----------
    splits : mapping of int to ndarray
        Rows of measurements that split the state, and their readout errors, shape
        (2, 2).
    final : frozenset of int
        Rows of measurements that can wait for the end.
    folded : frozenset of int
        Rows of readout errors that the splits contain.
    refusal : str or None
        Why it cannot be run like this.
    """

    splits: Mapping[int, Reals]
    final: frozenset[int]
    folded: frozenset[int]
    refusal: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """One path to the end of a program.

    Parameters
    ----------
    state : ndarray of float64, shape (4**n,)
        Its first element is the probability of the path.
    bits : dict of int to int
        What was read on the way.
    rows : list of int
        Measurements and readout errors that are still to be done.
    amount : float
        Shots that took the path.
    """

    state: Reals
    bits: dict[int, int]
    rows: list[int]
    amount: float


def plan(program: Program, *, unread: bool = False) -> Plan:
    """Return what the measurements of a program are for.

    ``unread`` means that the bits themselves are of no interest at the end.
    """
    if program.has_terminal_measurements:
        rows = np.flatnonzero(program.operations[:, 0] == Kind.MEASURE).tolist()
        return Plan(splits={}, final=frozenset(rows), folded=frozenset(), refusal=None)
    operations, wires = program.operations.tolist(), program.wires.tolist()
    used: set[int] = set()
    asked: set[int] = set()
    written: set[int] = set()
    errors: dict[int, list[int]] = {}
    splits: dict[int, Reals] = {}
    final, folded = set(), set()
    refusal = None
    for row in reversed(range(len(operations))):
        kind, n_bits, _, first, _, _, clbit = operations[row]
        named = wires[first : first + n_bits]
        if kind == Kind.BRANCH:
            asked.update(named)
            if any(jump < 0 for jump in wires[first + n_bits :][: 1 << n_bits]):
                refusal = "a while loop has no last turn"
        elif kind == Kind.READOUT:
            for bit in named:
                errors.setdefault(bit, []).append(row)
        elif kind == Kind.MEASURE:
            own, read = errors.pop(clbit, []), clbit in asked
            lost = clbit in written
            if named[0] not in used and not read and not lost:
                final.add(row)
            elif read or not unread:
                table = np.eye(2)
                for error in own:  # the last one first
                    if operations[error][1] == 1:
                        there = program.readouts[operations[error][4]].assignment
                        table = table @ there
                        folded.add(error)
                    elif read or lost:
                        refusal = "a readout error of several bits acts on a condition"
                splits[row] = table
            written.add(clbit)
            used.update(named)
        else:
            used.update(program.qubits[row])
    if refusal is None and len(splits) > MOST_SPLITS:
        refusal = (
            f"{len(splits)} measurements before the end split the state, at most "
            f"{MOST_SPLITS} are followed"
        )
    return Plan(
        splits=splits,
        final=frozenset(final),
        folded=frozenset(folded),
        refusal=refusal,
    )


Split = Callable[[float, float, float], tuple[float, float]]
"""Shares an amount among two outcomes of the given probabilities."""


class Branches:
    """All paths through a program that anything takes.

    Parameters
    ----------
    program : Program
    found : Plan
        Of its measurements.
    split : callable
        See `Split`; a path of amount zero is not followed.
    """

    def __init__(self, program: Program, found: Plan, split: Split) -> None:
        self.program = program
        self.plan = found
        self.split = split
        self.operations = program.operations.tolist()
        self.wires = program.wires.tolist()

    def leaves(self, amount: float) -> Iterator[Leaf]:
        """Yield the ends of the paths."""
        yield from self._follow(0, {}, [], amount, None, ())

    def _follow(
        self,
        at: int,
        bits: dict[int, int],
        kept: list[int],
        amount: float,
        state: Reals | None,
        first: tuple[tuple[int, Reals], ...],
    ) -> Iterator[Leaf]:
        rows: list[int] = []
        kept = list(kept)
        while at < len(self.operations):
            kind, n_bits, _, place, *_ = self.operations[at]
            if kind == Kind.BRANCH:
                at += self._jump(n_bits, place, bits)
            elif at in self.plan.splits:
                state = evolve(self.program, rows, state, first)
                yield from self._both(at, bits, kept, amount, state)
                return
            elif kind == Kind.READOUT or at in self.plan.final:
                kept += [at] if at not in self.plan.folded else []
            else:
                rows.append(at)
            at += 1
        state = evolve(self.program, rows, state, first)
        yield Leaf(state=state, bits=bits, rows=kept, amount=amount)

    def _jump(self, n_bits: int, place: int, bits: dict[int, int]) -> int:
        asked = self.wires[place : place + n_bits]
        value = sum(bits.get(bit, 0) << k for k, bit in enumerate(asked))
        return int(self.wires[place + n_bits + value])

    def _both(
        self,
        at: int,
        bits: dict[int, int],
        kept: list[int],
        amount: float,
        state: Reals,
    ) -> Iterator[Leaf]:
        qubit, clbit = self.wires[self.operations[at][3]], self.operations[at][6]
        sums = (state[0] + state[3 * 4**qubit], state[0] - state[3 * 4**qubit])
        error = self.plan.splits[at]
        likely = error @ np.maximum(0.5 * np.array(sums), 0.0)
        amounts = self.split(float(likely[0]), float(likely[1]), amount)
        for outcome in (0, 1):
            if amounts[outcome]:
                is_last = outcome == 1 or not amounts[1]
                own = state if is_last else state.copy()
                projector = np.tensordot(error[outcome], _PROJECTORS, 1)
                yield from self._follow(
                    at + 1,
                    {**bits, clbit: outcome},
                    kept,
                    amounts[outcome],
                    own,
                    ((qubit, projector),),
                )
