"""Runs programs: tables of gates, powers of loops, chains of both."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.sequences.gates import Members, gate_matrices
from qleap.sensing.sequences.programs import Gate, Loop, Programs
from qleap.sensing.sequences.sectors import Sector
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
    sector: Sector,
    members: Members,
    use: Callable[[Matrix], Matrix] = lambda states: states,
    *,
    running: bool = False,
) -> Matrix:
    """Return what ``use`` makes of the states of a sector at the ends of all chains.

    Parameters
    ----------
    programs : Programs
    sector : Sector
    members : Members
    use : callable
        Takes states ``(q, points, r, b)`` and returns an array whose first axis are
        the points; by default the states, whose second axis they are.
    running : bool
        Whether chains go on where the one before ended, for one member.

    Returns
    -------
    ndarray
        Of the points, sequences in each member.
    """
    index, phases = programs.arrays()
    blocks, size = sector.levels.shape
    count = len(members.offset)
    table = len(programs.gates)
    each = blocks * size * max(
        table * size,
        len(index) * max(phases.shape[1], sector.columns.shape[1]) * (not running),
        1,
    )
    found = []
    for begin in range(0, count, max(1, CHUNK // each)):
        part = _part(members, begin, begin + max(1, CHUNK // each))
        gates = _table(programs, sector, part)
        for points in _points(len(index), len(part.offset), each, running):
            states = _chains(
                programs.space, sector, part, gates,
                index[points], phases[points], sector.columns, running=running,
            )  # fmt: skip
            found.append(use(states))
    return _ordered(found)


def _points(
    sequences: int, members: int, each: int, running: bool
) -> Iterator[slice]:
    """Yield which sequences run at once; all of them with more than one member."""
    width = sequences if running or members > 1 or each <= CHUNK else (
        max(1, CHUNK * sequences // each)
    )  # fmt: skip
    for begin in range(0, sequences, max(1, width)):
        yield slice(begin, begin + width)


def _ordered(found: list[Matrix]) -> Matrix:
    axis = 1 if found[0].ndim == 4 else 0
    return found[0] if len(found) == 1 else np.concatenate(found, axis=axis)


def _part(members: Members, begin: int, end: int) -> Members:
    return Members(
        offset=members.offset[begin:end],
        drive=members.drive,
        amplitude=members.amplitude[begin:end],
        tolerance=members.tolerance,
    )


def _table(programs: Programs, sector: Sector, members: Members) -> Matrix:
    """Return the matrices of all gates and loops, ``(q, members * g, b, b)``."""
    blocks, size = sector.levels.shape
    count, total = len(members.offset), len(programs.gates)
    table = np.zeros((blocks, count, total, size, size), dtype=np.complex128)
    gates = [gate for gate in programs.gates if isinstance(gate, Gate)]
    if gates:
        place = [programs.gates[gate] for gate in gates]
        found = gate_matrices(
            programs.space, sector.operators, gates, members, programs.field
        )
        if len(gates) == total:
            table = found
        else:
            table[:, :, place] = found
    one = np.broadcast_to(np.eye(size, dtype=np.complex128), (blocks, size, size))
    flat = table.reshape(blocks, count * total, size, size)
    for loop in sorted(programs.depths, key=programs.depths.__getitem__):
        index = np.array([loop.gates], dtype=np.int64).reshape(1, -1)
        phases = np.array(loop.phases).reshape(1, len(loop.gates) + 1, -1)
        rows = _chains(
            programs.space, sector, members, flat, index, phases,
            np.ascontiguousarray(one), running=False,
        )  # fmt: skip
        turned = np.linalg.matrix_power(rows.swapaxes(-1, -2), loop.times)
        table[:, :, programs.gates[loop]] = turned
    return flat


def _chains(
    space: Space,
    sector: Sector,
    members: Members,
    gates: Matrix,
    index: NDArray[np.int64],
    phases: Reals,
    columns: Matrix,
    *,
    running: bool,
) -> Matrix:
    """Return the states at the ends of chains, points of one member together."""
    from qleap.sensing._kernels.chains import chains

    count, (points, length) = len(members.offset), index.shape
    table = gates.shape[1] // count
    speeds = _speeds(space, sector, members)
    shared = phases.reshape(points * (length + 1), -1)
    features = np.broadcast_to(shared, (count, *shared.shape))
    if members.drive >= 0:
        late = shared[None, :, :1] * members.offset[:, None, None]
        features = np.concatenate([features, late], axis=2)
    angles = features.reshape(-1, features.shape[-1]) @ speeds
    shape = len(sector.levels), count * points, length + 1, sector.levels.shape[1]
    if count > 1:
        shift = table * np.arange(count)[:, None, None]
        index = np.where(index < 0, -1, index + shift).reshape(count * points, length)
    return chains(
        np.ascontiguousarray(gates),
        np.ascontiguousarray(index),
        angles.reshape(shape),
        np.ascontiguousarray(columns),
        running,
    )


def _speeds(space: Space, sector: Sector, members: Members) -> Reals:
    """Return by how much the features turn the levels, ``(q, features, b)``."""
    numbers = [drive.number[sector.levels] for drive in space.drives]
    still = np.einsum("qii->qi", sector.operators[0]).real
    sensed = np.zeros_like(still)
    if space.sensitive >= 0:
        sensed = np.einsum("qii->qi", sector.operators[space.sensitive]).real
    moved = [] if members.drive < 0 else [-2.0 * np.pi * numbers[members.drive]]
    return np.stack(
        [2.0 * np.pi * still, *numbers, 2.0 * np.pi * sensed, *moved], axis=1
    )
