"""Sequences as chains of phases and gates, each gate once."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import (
    Element,
    Envelope,
    Free,
    Laser,
    Pulse,
    Repeat,
    Sequence,
)
from qleap.sensing.sequences.spaces import Space

__all__ = ["Gate", "Loop", "Programs", "channels_and_light"]

Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Piece = tuple[Pulse | Free | Laser, float, float]

FEWEST_TIMES = 8
"""A block that is repeated at least so often becomes a power of one matrix."""


class Gate(NamedTuple):
    """What makes a matrix: a part of a pulse, or of free evolution with relaxation.

    Parameters
    ----------
    drive : int
        Which drive acts, -1 for none.
    amplitude, phase, detuning : float
        Hz, rad, Hz. The phase is that at the beginning of the pulse.
    duration : float
        s.
    angle : float
        Of an ideal pulse, rad.
    shape : str or callable
    begin, whole : float
        From the beginning of a shaped pulse, and its duration, s.
    start : float
        From the beginning of the sequence, s, where that matters.
    power : float
        Of the light.
    """

    drive: int = -1
    amplitude: float = 0.0
    phase: float = 0.0
    detuning: float = 0.0
    duration: float = 0.0
    angle: float = 0.0
    shape: str | Envelope = "rectangular"
    begin: float = 0.0
    whole: float = 0.0
    start: float = 0.0
    power: float = 0.0


class Loop(NamedTuple):
    """A chain that is carried out ``times`` times."""

    gates: tuple[int, ...]
    phases: tuple[tuple[float, ...], ...]
    times: int


def channels_and_light(sequences: Iterable[Sequence]) -> tuple[set[str], bool]:
    """Return the channels that sequences use, and whether they have light."""
    names: set[str] = set()
    light = False
    stack: list[Element] = []
    for sequence in sequences:
        stack.extend(sequence.elements)
        while stack:
            element = stack.pop()
            kind = type(element)
            if isinstance(element, Pulse):
                names.add(element.channel)
            elif isinstance(element, Repeat):
                stack.extend(element.block)
            elif kind is Laser:
                light = True
    return names, light


class Programs:
    """Chains of sequences over one table of gates.

    A row of phases has the columns free time (s), the phase of each drive (rad) and
    the signal field's integral (T s).

    Parameters
    ----------
    space : Space
    field : callable, optional
        The signal field, T, over the time from the beginning of a sequence, s.
    """

    def __init__(self, space: Space, field: Field | None = None) -> None:
        self.space = space
        self.field = field
        self.gates: dict[Gate | Loop, int] = {}
        self.depths: dict[Loop, int] = {}
        self.chains: list[tuple[list[int], list[list[float]]]] = []
        self._places = {drive.name: k for k, drive in enumerate(space.drives)}
        self._zero = [0.0] * (2 + len(space.drives))
        self._windows: list[tuple[list[float], float, float]] = []

    def add(self, sequence: Sequence) -> None:
        """Add the chain of a sequence."""
        gates: list[int] = []
        rows = [self._zero.copy()]
        self._walk(sequence.elements, gates, rows, 0.0)
        self.chains.append((gates, rows))

    def add_cut(self, sequence: Sequence, interval: float, count: int) -> None:
        """Add ``count`` chains, each of which goes on where the one before ended."""
        clock = 0.0
        for part in _cut(sequence, interval, count):
            gates: list[int] = []
            rows = [self._zero.copy()]
            for piece in part:
                self._piece(piece, gates, rows, clock)
                clock += piece[2]
            self.chains.append((gates, rows))

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the gates ``(p, m)``, -1 for none, and the rows ``(p, m + 1, c)``."""
        if self._windows:
            self._integrate()
        longest = max((len(gates) for gates, _ in self.chains), default=0)
        lengths = {len(gates) for gates, _ in self.chains}
        if lengths == {longest}:
            index = np.array([gates for gates, _ in self.chains], dtype=np.int64)
            phases = np.array([rows for _, rows in self.chains])
            return index.reshape(len(self.chains), longest), phases
        index = np.full((len(self.chains), longest), -1, dtype=np.int64)
        phases = np.zeros((len(self.chains), longest + 1, len(self._zero)))
        for k, (gates, rows) in enumerate(self.chains):
            index[k, : len(gates)] = gates
            phases[k, : len(rows)] = rows
        return index, phases

    def _walk(
        self,
        elements: tuple[Element, ...],
        gates: list[int],
        rows: list[list[float]],
        clock: float,
    ) -> float:
        """Append elements to a chain and return the time after them."""
        for element in elements:
            if not isinstance(element, Repeat):
                length = element.duration
                self._piece((element, 0.0, length), gates, rows, clock)
                clock += length
            elif element.times >= FEWEST_TIMES and self.space.runs_anytime:
                self._loop(element, gates, rows)
            else:
                for _ in range(element.times):
                    clock = self._walk(element.block, gates, rows, clock)
        return clock

    def _loop(
        self, repeat: Repeat, gates: list[int], rows: list[list[float]]
    ) -> None:
        inner: list[int] = []
        phases = [self._zero.copy()]
        self._walk(repeat.block, inner, phases, 0.0)
        loop = Loop(tuple(inner), tuple(tuple(row) for row in phases), repeat.times)
        if loop not in self.depths:
            known = {index: gate for gate, index in self.gates.items()}
            inside = [self.depths.get(known[k], 0) for k in set(inner)]  # type: ignore[call-overload]
            self.depths[loop] = 1 + max(inside, default=0)
        self._append(loop, gates, rows)

    def _append(
        self, gate: Gate | Loop, gates: list[int], rows: list[list[float]]
    ) -> None:
        gates.append(self.gates.setdefault(gate, len(self.gates)))
        rows.append(self._zero.copy())

    def _piece(
        self, piece: Piece, gates: list[int], rows: list[list[float]], clock: float
    ) -> None:
        element, begin, length = piece
        if isinstance(element, Pulse):
            self._pulse(element, begin, length, gates, rows, clock)
            return
        power = element.power if isinstance(element, Laser) else 0.0
        if length == 0.0:
            return
        plain = self.field is None or self.space.is_field_diagonal
        if self.space.is_free_diagonal and power == 0.0 and plain:
            rows[-1][0] += length
            if self.field is not None:
                self._windows.append((rows[-1], clock, clock + length))
            return
        start = 0.0 if self.field is None else clock
        gate = Gate(duration=length, power=power, start=start)
        self._append(gate, gates, rows)

    def _pulse(
        self,
        pulse: Pulse,
        begin: float,
        length: float,
        gates: list[int],
        rows: list[list[float]],
        clock: float,
    ) -> None:
        place = self._places[pulse.channel]
        drive = self.space.drives[place]
        if pulse.duration == 0.0 and drive.carrier != 0.0:
            raise InvalidValue(
                f"duration must be > 0 s for pulses of the channel {drive.name!r} with "
                f"a carrier of {drive.carrier:g} Hz, got 0; give the pulse a "
                "rabi_frequency, or use spins in a rotating frame."
            )
        shaped = not pulse.is_rectangular
        late = drive.carrier != 0.0 or self.field is not None
        waits = not drive.turns and pulse.detuning != 0.0
        gate = Gate(
            drive=place,
            amplitude=pulse.rabi_frequency,
            phase=0.0 if drive.turns else pulse.phase,
            detuning=pulse.detuning,
            duration=length,
            angle=pulse.angle,
            shape=pulse.shape,
            begin=begin if shaped or waits else 0.0,
            whole=pulse.duration if shaped else 0.0,
            start=clock if late else 0.0,
        )
        if not drive.turns:
            self._append(gate, gates, rows)
            return
        turn = 2.0 * math.pi * pulse.detuning
        phase = pulse.phase + turn * begin
        rows[-1][1 + place] -= phase
        self._append(gate, gates, rows)
        rows[-1][1 + place] += phase + turn * length

    def _integrate(self) -> None:
        """Fill the integrals of the field into the rows."""
        windows = [window for window in self._windows]
        ends = np.unique([t for _, start, stop in windows for t in (start, stop)])
        total = np.concatenate([[0.0], np.cumsum(integrals(self.field, ends))])
        place = {float(t): k for k, t in enumerate(ends)}
        for row, start, stop in windows:
            row[-1] += total[place[stop]] - total[place[start]]
        self._windows = []


def field_values(field: Field | None, time: NDArray[np.float64]) -> Any:
    """Return the field at times of any shape, T; refuse what is not finite."""
    assert field is not None
    values = np.asarray(field(time.ravel()), dtype=np.float64)
    values = np.broadcast_to(values, (time.size,))
    checks.vector("field", values, "T")
    return values.reshape(time.shape)


def integrals(field: Field | None, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the integrals of a field between times, T s, to rounding or 1e-13.

    Gauss and Legendre's ten points; intervals whose halves disagree are halved.
    """
    nodes, weights = np.polynomial.legendre.leggauss(10)
    nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights

    def area(start: NDArray[np.float64], size: NDArray[np.float64]) -> Any:
        times = start[:, None] + size[:, None] * nodes
        values = field_values(field, times)
        return size * (values @ weights), size * (np.abs(values) @ weights)

    found = np.zeros(len(ends) - 1)
    owner = np.arange(len(found))
    start, size = ends[:-1], np.diff(ends)
    whole, _ = area(start, size)
    scale = 0.0
    for _ in range(40):
        half = 0.5 * size
        first, one = area(start, half)
        second, other = area(start + half, half)
        scale = max(scale, float(np.max(one + other, initial=0.0)))
        split = np.abs(first + second - whole) > 1e-13 * scale
        np.add.at(found, owner[~split], (first + second)[~split])
        if not np.any(split):
            return found
        owner = np.repeat(owner[split], 2)
        start = np.stack([start, start + half], axis=1)[split].ravel()
        size = np.repeat(half[split], 2)
        whole = np.stack([first, second], axis=1)[split].ravel()
    np.add.at(found, owner, whole)
    return found


def _cut(sequence: Sequence, interval: float, count: int) -> Iterator[list[Piece]]:
    """Yield what happens in each of ``count`` equal intervals of a sequence."""
    parts: list[list[Piece]] = [[] for _ in range(count)]
    clock = 0.0
    slack = 1e-9 * interval
    for element in sequence.flat():
        begin, stop = clock, clock + element.duration
        clock = stop
        k = min(int((begin + slack) / interval), count - 1) if interval > 0.0 else 0
        if element.duration == 0.0:
            parts[k].append((element, 0.0, 0.0))
            continue
        while begin < stop:
            end = (k + 1) * interval
            last = k == count - 1 or stop <= end + slack
            until = stop if last else end
            full = begin == k * interval and until == end
            length = interval if full else until - begin
            parts[k].append((element, begin - (stop - element.duration), length))
            begin = until
            k = min(k + 1, count - 1)
    yield from parts
