"""Trajectories of circuits without feedback: one path that all share, and detours.

Where nothing follows a measurement, all trajectories run through the same gates until
their first event (see `unravelling`), which is drawn without any simulation. The path
without events is therefore run once; its state is kept at a few places, and a
trajectory starts at the last of them before its first event. From there on its gates,
its unitary events among them, are fused and run as one circuit; only an event that
depends on the state interrupts it.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing import engine
from qleap.processing.first_use import prepare
from qleap.processing.memory import available_memory
from qleap.processing.noise.event_rows import EventRows
from qleap.processing.program import Program
from qleap.processing.shots import split

__all__ = ["FUSED_FROM", "SharedPath", "clocks", "uniforms"]

FUSED_FROM: Final = 12
"""Qubits from which fusing gates costs less than running them one by one."""

WHOLE_BLOCK: Final = 16
"""Qubits up to which a state is one block: then nothing is copied between sweeps."""

MOST_PLACES: Final = 16
"""States kept along the path."""

SHORTEST_PIECE: Final = 8
"""Gates between two of them."""

PLACES_BYTES: Final = 1 << 28
"""Memory for them."""

State = NDArray[np.complex128]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def uniforms(seeds: NDArray[np.uint64], draws: Any) -> Floats:
    """Return number ``draws`` of each stream in [0, 1), as the kernels draw them."""
    return (split(seeds, draws) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def clocks(uniform: Any, weight: float = 1.0) -> Any:
    """Return after which hazard an event happens.

    With ``weight``, the probability that one happens at all, only for trajectories that
    have one.
    """
    return -np.log1p(-weight * np.asarray(uniform))


class SharedPath:
    """The path of a program without events, and the trajectories that leave it.

    Parameters
    ----------
    program : Program
        With terminal measurements only; they are left out.

    Attributes
    ----------
    total : float
        Hazard of the whole path, channels that always act left out.
    silent : float
        Probability that a trajectory has no event.
    """

    def __init__(self, program: Program) -> None:
        self._rows = EventRows(program)
        self._n_qubits = program.n_qubits
        self._n_rows = len(program.operations)
        hazards = self._rows.hazards
        self._always = np.flatnonzero(np.isinf(hazards))
        self._sites = np.flatnonzero((hazards > 0.0) & np.isfinite(hazards))
        self._hazard = np.cumsum(hazards[self._sites])
        self._end = int(self._always[0]) if self._always.size else self._n_rows
        self.total = float(self._hazard[-1]) if self._hazard.size else 0.0
        self.silent = 0.0 if self._always.size else math.exp(-self.total)
        self._places, self._states = self._kept()

    def first_events(self, clock: Floats) -> Integers:
        """Return the operation of each trajectory's first event (their number: none).

        Parameters
        ----------
        clock : ndarray of float64
            Hazard after which it happens.
        """
        rows = np.append(self._sites, self._n_rows)
        found = rows[np.searchsorted(self._hazard, clock, "right")]
        first: Integers = np.minimum(found, self._end)
        return first

    def final(self) -> State:
        """Return the state where the path ends: of the silent trajectories, if any."""
        return self._states[-1]

    def run(self, seed: np.uint64, clock: float, state: State) -> Iterator[float]:
        """Run one trajectory into ``state``; return the numbers it did not use.

        Parameters
        ----------
        seed : uint64
            Start of its stream, of which number 0 has become ``clock``.
        clock : float
            Hazard after which its first event happens.
        state : ndarray of complex128, shape (2**n,)
            Is overwritten.
        """
        numbers = _numbers(seed)
        (event,) = self.first_events(np.array([clock])).tolist()
        k = int(np.searchsorted(self._places, event, "right")) - 1
        row, reached = int(self._places[k]), 0 if k == 0 else state.size - 1
        state[:] = self._states[k]
        pieces: list[Integers] = []
        while True:
            site = int(np.searchsorted(self._hazard, clock, "right"))
            event = self._next(site, row)
            pieces.append(self._rows.between(row, event))
            if event == self._n_rows:
                self._apply(pieces, state, reached)
                return numbers
            here = self._rows.unravelling(event)
            if here.weights is not None:
                sums = np.cumsum(here.weights)[:-1]
                chosen = int(np.searchsorted(sums, next(numbers), "right"))
                pieces.append(self._rows.event(event, chosen))
            else:
                self._apply(pieces, state, reached)
                self._collapse(event, here.kraus, state, next(numbers))
                pieces, reached = [], state.size - 1
            if here.share > 0.0:
                clock = float(self._hazard[site] + clocks(next(numbers)))
            row = event + 1

    def _next(self, site: int, row: int) -> int:
        """Return the operation of the next event from ``row`` on."""
        drawn = int(self._sites[site]) if site < self._sites.size else self._n_rows
        k = int(np.searchsorted(self._always, row))
        certain = int(self._always[k]) if k < self._always.size else self._n_rows
        return min(drawn, certain)

    def _kept(self) -> tuple[Integers, list[State]]:
        """Run the path without events; return states along it and where they are."""
        size = 16 << self._n_qubits
        memory = min(PLACES_BYTES, (available_memory() or 4 * PLACES_BYTES) // 4)
        length = self._rows.n_gates(self._end)
        n = max(1, min(MOST_PLACES, memory // size, length // SHORTEST_PIECE))
        wanted = self._rows.until(length * np.arange(n) // n)
        places = np.unique(np.append(wanted, self._end))
        state = np.zeros(1 << self._n_qubits, np.complex128)
        state[0] = 1.0
        states, row = [], 0
        for k, place in enumerate(places.tolist()):
            reached = 0 if k <= 1 else state.size - 1
            piece = self._rows.between(row, place)
            self._apply([piece], state, reached, workers=None)
            states.append(state.copy())
            row = place
        return places, states

    def _apply(
        self,
        pieces: list[Integers],
        state: State,
        reached: int,
        workers: int | None = 1,
    ) -> None:
        """Run gates on a state in place; ``reached`` as for `engine.plan`."""
        rows, program = np.concatenate(pieces), self._rows.program
        if not len(rows):
            return
        if self._n_qubits < FUSED_FROM:
            from qleap.processing._kernels.statevector import evolve_into

            parts = state.view(np.float64)
            evolve_into(rows, program.wires, program.coefficients, parts)
            return
        prepare("sweep double", "fuse", "plan", "schedule")
        gates = replace(program, operations=rows)
        work = engine.fused(gates, np.arange(len(rows)))
        block = self._n_qubits if self._n_qubits <= WHOLE_BLOCK else engine.BLOCK_QUBITS
        kind = np.dtype(np.complex128)
        for sweep in engine.plan(work, kind, reached=reached, block_qubits=block):
            engine.run_sweep(sweep, state, workers=workers)

    def _collapse(self, event: int, kraus: State, state: State, uniform: float) -> None:
        from qleap.processing._kernels.events import collapse

        targets = self._rows.targets(event)
        collapse(state.view(np.float64), 2, 1, targets, kraus, uniform)


def _numbers(seed: np.uint64) -> Iterator[float]:
    """Yield the numbers of a stream from the second on."""
    start = 1
    while True:
        yield from uniforms(np.array([seed]), np.arange(start, start + 16)).tolist()
        start += 16
