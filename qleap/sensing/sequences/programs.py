"""Sequences as chains of phases and gates, each gate once."""

import math
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Items
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

__all__ = ["Gate", "Loop", "Programs", "channels_and_light", "padded"]

Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Piece = tuple[Pulse | Free | Laser, float, float]

FEWEST_TIMES = 8
"""A block that is repeated at least so often becomes a power of one matrix."""

SLACK = 1e-9
"""Of an interval: times that are closer are one."""


class Gate(NamedTuple):
    """What makes a matrix: a part of a pulse, or of free evolution with relaxation.

    Parameters
    ----------
    shape : str or callable
    drive : int
        Which drive acts, -1 for none.
    amplitude, phase, detuning : float
        Hz, rad, Hz. The phase is that at the beginning of the pulse.
    duration : float
        s.
    angle : float
        Of an ideal pulse, rad.
    begin, whole : float
        From the beginning of a shaped pulse, and its duration, s.
    start : float
        From the beginning of the sequence, s, where that matters.
    power : float
        Of the light.
    """

    shape: str | Envelope = "rectangular"
    drive: int = -1
    amplitude: float = 0.0
    phase: float = 0.0
    detuning: float = 0.0
    duration: float = 0.0
    angle: float = 0.0
    begin: float = 0.0
    whole: float = 0.0
    start: float = 0.0
    power: float = 0.0


class Loop(NamedTuple):
    """A chain that is carried out ``times`` times."""

    gates: tuple[int, ...]
    phases: tuple[float, ...]
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
            if kind is Pulse:
                names.add(element.channel)  # type: ignore[union-attr]
            elif kind is Repeat:
                stack.extend(element.block)  # type: ignore[union-attr]
            elif kind is Laser:
                light = True
    return names, light


class Programs:
    """Chains of sequences over one table of gates.

    Before the first gate and after each stands a row of phases: free time (s), the
    phase of each drive (rad) and the integral of the signal field (T s).

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
        self.chains: list[tuple[list[int], list[float]]] = []
        self._places = {drive.name: k for k, drive in enumerate(space.drives)}
        self._zero = (0.0,) * (2 + len(space.drives))
        self._windows: list[tuple[list[float], int, float, float]] = []

    def add(self, sequence: Sequence) -> None:
        """Add the chain of a sequence."""
        gates: list[int] = []
        rows = list(self._zero)
        self._walk(sequence.elements, gates, rows, 0.0)
        self.chains.append((gates, rows))

    def add_cut(self, sequence: Sequence, interval: float, count: int) -> None:
        """Add chains up to ``count`` times, each from the time of the one before."""
        clock = 0.0
        for part in _cut(sequence, interval, count):
            gates: list[int] = []
            rows = list(self._zero)
            for piece in part:
                self._piece(piece, gates, rows, clock)
                clock += piece[2]
            self.chains.append((gates, rows))

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the gates ``(p, m)``, -1 for none, and the rows ``(p, m + 1, c)``."""
        if self._windows:
            self._integrate()
        return padded(self.chains, self.width)

    @property
    def width(self) -> int:
        """Number of columns of a row of phases."""
        return len(self._zero)

    def _walk(
        self,
        elements: tuple[Element, ...],
        gates: list[int],
        rows: list[float],
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

    def _loop(self, repeat: Repeat, gates: list[int], rows: list[float]) -> None:
        inner: list[int] = []
        phases = list(self._zero)
        self._walk(repeat.block, inner, phases, 0.0)
        loop = Loop(tuple(inner), tuple(phases), repeat.times)
        if loop not in self.depths:
            own = {self.gates[known]: deep for known, deep in self.depths.items()}
            inside = [own.get(k, 0) for k in set(inner)]
            self.depths[loop] = 1 + max(inside, default=0)
        self._append(loop, gates, rows)

    def _append(self, gate: Gate | Loop, gates: list[int], rows: list[float]) -> None:
        gates.append(self.gates.setdefault(gate, len(self.gates)))
        rows.extend(self._zero)

    def _piece(
        self, piece: Piece, gates: list[int], rows: list[float], clock: float
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
            rows[-len(self._zero)] += length
            if self.field is not None:
                self._windows.append((rows, len(rows) - 1, clock, clock + length))
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
        rows: list[float],
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
        waits = shaped or (not drive.turns and pulse.detuning != 0.0)
        gate = Gate(
            pulse.shape,
            place,
            pulse.rabi_frequency,
            0.0 if drive.turns else pulse.phase,
            pulse.detuning,
            length,
            pulse.angle,
            begin if waits else 0.0,
            pulse.duration if shaped else 0.0,
            clock if self.field is not None else 0.0,
        )
        if drive.carrier != 0.0 and self.field is None:
            self._carried(gate, drive.carrier, clock, gates, rows)
        elif not drive.turns:
            self._append(gate, gates, rows)
        else:
            turn = 2.0 * math.pi * pulse.detuning
            phase = pulse.phase + turn * begin
            column = 1 + place - len(self._zero)
            rows[column] -= phase
            self._append(gate, gates, rows)
            rows[column] += phase + turn * length

    def _carried(
        self,
        gate: Gate,
        carrier: float,
        clock: float,
        gates: list[int],
        rows: list[float],
    ) -> None:
        """Append a pulse on a carrier: whole periods of it are one matrix."""
        phase = gate.phase + 2.0 * math.pi * carrier * clock
        frequency = abs(carrier + gate.detuning)
        times = int(gate.duration * frequency) if gate.whole == 0.0 else 0
        if times < FEWEST_TIMES:
            self._append(gate._replace(phase=phase), gates, rows)
            return
        phase += 2.0 * math.pi * gate.detuning * gate.begin
        period = gate._replace(phase=phase, begin=0.0, duration=1.0 / frequency)
        place = self.gates.setdefault(period, len(self.gates))
        loop = Loop((place,), 2 * self._zero, times)
        self.depths[loop] = 1
        self._append(loop, gates, rows)
        rest = gate.duration - times / frequency
        if rest > 0.0:
            self._append(period._replace(duration=rest), gates, rows)

    def _integrate(self) -> None:
        """Fill the integrals of the field into the rows."""
        ends = np.unique([window[2:] for window in self._windows])
        total = np.concatenate([[0.0], np.cumsum(integrals(self.field, ends))])
        place = {float(t): k for k, t in enumerate(ends)}
        for rows, last, start, stop in self._windows:
            rows[last] += total[place[stop]] - total[place[start]]
        self._windows = []


def padded(
    chains: Iterable[tuple[Items[int], Items[float]]], width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return chains as arrays, ``(p, m)`` and ``(p, m + 1, width)``."""
    chains = list(chains)
    longest = max((len(gates) for gates, _ in chains), default=0)
    index = np.full((len(chains), longest), -1, dtype=np.int64)
    phases = np.zeros((len(chains), (longest + 1) * width))
    if all(len(gates) == longest for gates, _ in chains):
        index[:] = [gates for gates, _ in chains]
        phases[:] = [rows for _, rows in chains]
    else:
        for k, (gates, rows) in enumerate(chains):
            index[k, : len(gates)] = gates
            phases[k, : len(rows)] = rows
    return index, phases.reshape(len(chains), longest + 1, width)


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
    """Yield what happens up to each of ``count`` equidistant times from 0 on."""
    parts: list[list[Piece]] = [[] for _ in range(count)]
    clock = 0.0
    for element in sequence.flat():
        begin = at = clock
        clock = stop = begin + element.duration
        passed = begin / interval if interval > 0.0 else 0.0
        if element.duration == 0.0:
            k = min(math.ceil(passed - SLACK), count - 1)
            parts[k].append((element, 0.0, 0.0))
            continue
        k = min(math.floor(passed + SLACK) + 1, count - 1)
        while at < stop:
            end = k * interval
            last = k == count - 1 or stop <= end + SLACK * interval
            until = stop if last else end
            full = at == (k - 1) * interval and until == end
            parts[k].append((element, at - begin, interval if full else until - at))
            at = until
            k += 1
    yield from parts
