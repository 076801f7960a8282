"""Runs programs: tables of gates, powers of loops, chains of both."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.sequences.gates import Members, Rates, gate_matrices
from qleap.sensing.sequences.programs import Gate, Programs, padded
from qleap.sensing.sequences.sectors import Sector
from qleap.sensing.sequences.shares import in_shares
from qleap.sensing.sequences.spaces import Space

__all__ = ["Members", "alone", "run"]

Matrix = NDArray[np.complex128]
Reals = NDArray[np.float64]

CHUNK = 1 << 21
"""Numbers that are in the memory at once, for each array of a run."""


def alone(tolerance: float) -> Members:
    """Return the ensemble of one member."""
    zero, one = np.zeros(1), np.ones(1)
    return Members(offset=zero, drive=-1, amplitude=one, tolerance=tolerance)


def run(
    programs: Programs,
    sectors: Sequence[Sector],
    members: Members,
    use: Callable[[Sector, Matrix], Any] = lambda sector, states: states,  # noqa: ARG005
    *,
    running: bool = False,
) -> list[Any]:
    """Return what ``use`` makes of the states of each sector at the ends of all chains.

    Parameters
    ----------
    programs : Programs
    sectors : sequence of Sector
    members : Members
    use : callable
        Takes a sector and states ``(q, points, r, b)`` and returns an array whose
        first axis are the points; by default the states, whose second axis they are.
    running : bool
        Whether chains go on where the one before ended, for one member.

    Returns
    -------
    list of ndarray
        Of the points, sequences in each member.
    """
    index, phases = programs.arrays()
    found: list[list[Any]] = [[] for _ in sectors]
    largest = max((s.columns.size + s.operators[0].size for s in sectors), default=1)
    each = largest * max(len(programs.gates), len(index) * phases.shape[1], 1)
    width = max(1, CHUNK // each)
    for begin in range(0, len(members.offset), width):
        part = replace(
            members,
            offset=members.offset[begin : begin + width],
            amplitude=members.amplitude[begin : begin + width],
        )
        gates = [gate for gate in programs.gates if isinstance(gate, Gate)]
        rates = Rates(programs.space, gates, part, programs.field) if gates else None
        whole = running or len(part.offset) > 1
        step = len(index) if whole else max(1, CHUNK * len(index) // each)
        works = [
            _Work(programs.space, part, index[k : k + step], phases[k : k + step])
            for k in range(0, len(index), step)
        ]
        for sector, mine in zip(sectors, found, strict=True):
            table = _table(programs, sector, part, rates)
            for work in works:
                states = work.states(sector, table, sector.columns, running=running)
                mine.append(use(sector, states))
    return [_joined(mine) for mine in found]


def _joined(found: list[Any]) -> Any:
    if len(found) == 1:
        return found[0]
    return np.concatenate(found, axis=1 if found[0].ndim == 4 else 0)


def _table(
    programs: Programs, sector: Sector, members: Members, rates: Rates | None
) -> Matrix:
    """Return the matrices of all gates and loops, ``(q, members * g, b, b)``."""
    blocks, size = sector.levels.shape
    count, total = len(members.offset), len(programs.gates)
    found = None if rates is None else gate_matrices(rates, sector.operators)
    if found is not None and not programs.depths:
        return found.reshape(blocks, count * total, size, size)
    table = np.zeros((blocks, count, total, size, size), dtype=np.complex128)
    if found is not None:
        place = [k for gate, k in programs.gates.items() if isinstance(gate, Gate)]
        table[:, :, place] = found
    one = np.broadcast_to(np.eye(size, dtype=np.complex128), (blocks, size, size))
    flat = table.reshape(blocks, count * total, size, size)
    for depth in sorted(set(programs.depths.values())):
        loops = [loop for loop, deep in programs.depths.items() if deep == depth]
        chains = [(loop.gates, loop.phases) for loop in loops]
        work = _Work(programs.space, members, *padded(chains, programs.width))
        rows = work.states(sector, flat, np.ascontiguousarray(one), running=False)
        turns = rows.reshape(blocks, count, len(loops), size, size).swapaxes(-1, -2)
        spots = np.array([programs.gates[loop] for loop in loops])
        times = np.array([loop.times for loop in loops])
        for power in np.unique(times):
            same = times == power
            turned = np.linalg.matrix_power(turns[:, :, same], power)
            table[:, :, spots[same]] = turned
    return flat


class _Work:
    """Chains of all members: which gates, and the phases between them."""

    def __init__(
        self, space: Space, members: Members, index: NDArray[np.int64], phases: Reals
    ) -> None:
        self.space = space
        self.members = members
        count, (points, length) = len(members.offset), index.shape
        self.index = index
        self.features = phases.reshape(points * (length + 1), -1)
        if members.drive >= 0:
            late = self.features[:, 0] * members.offset[:, None]
            shared = np.broadcast_to(self.features, (count, *self.features.shape))
            self.features = np.concatenate([shared, late[:, :, None]], axis=2)
        elif count > 1:
            self.features = np.tile(self.features, (count, 1))
        self.features = self.features.reshape(count * points * (length + 1), -1)

    def states(
        self, sector: Sector, table: Matrix, columns: Matrix, *, running: bool
    ) -> Matrix:
        """Return the states at the ends, points of one member together."""
        from qleap.sensing._kernels.chains import chains

        count, (points, length) = len(self.members.offset), self.index.shape
        index = self.index
        if count > 1:
            shift = table.shape[1] // count * np.arange(count)[:, None, None]
            index = np.where(index < 0, -1, index + shift)
            index = index.reshape(count * points, length)
        angles = self.features @ _speeds(self.space, sector, self.members)
        blocks, size = sector.levels.shape
        angles = angles.reshape(blocks, count * points, length + 1, size)
        table, index = np.ascontiguousarray(table), np.ascontiguousarray(index)
        found = in_shares(
            lambda share: chains(
                table,
                index[share],
                np.ascontiguousarray(angles[:, share]),
                columns,
                running,
            ),
            count * points,
            0 if running else angles.size * columns.shape[1] * size,
        )
        return found[0] if len(found) == 1 else np.concatenate(found, axis=1)


def _speeds(space: Space, sector: Sector, members: Members) -> Reals:
    """Return by how much the features turn the levels, ``(q, features, b)``."""
    found = np.zeros(
        (len(sector.levels), 2 + len(space.drives) + (members.drive >= 0),
         sector.levels.shape[1])
    )  # fmt: skip
    found[:, 0] = 2.0 * np.pi * np.einsum("qii->qi", sector.operators[0]).real
    for place, drive in enumerate(space.drives):
        found[:, 1 + place] = drive.number[sector.levels]
    if space.sensitive >= 0:
        sensed = np.einsum("qii->qi", sector.operators[space.sensitive]).real
        found[:, 1 + len(space.drives)] = 2.0 * np.pi * sensed
    if members.drive >= 0:
        found[:, -1] = -2.0 * np.pi * found[:, 1 + members.drive]
    return found
