"""How one state is spread over ranks: which qubits number them, and when that changes.

Of the ``n`` bits of an index the highest ``k`` *positions* are the number of the rank
that holds the amplitude, the others the place in its memory. A *layout* says at which
position each qubit lies. Operations mix qubits at local positions alone; on the others
they are diagonal, which a rank does by its own number. So the operations are ordered
into few *stages*, as the engine orders them into sweeps for the cache, and between two
stages the qubits that are needed change places with those that are needed last, all
at once. Nothing here touches a state, so that runs of any size can be planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.processing.engine import Fused

__all__ = [
    "MEMORY_FACTOR",
    "Layout",
    "Stage",
    "Stages",
    "block_sizes",
    "local_qubits",
    "stages",
]

LEAST_LOCAL: Final = 8
"""Qubits that a rank must hold; the engine needs a handful of vectors."""

MEMORY_FACTOR: Final = 1.25
"""What a rank needs beside its part of the state: two buffers of an eighth."""

Integers = NDArray[np.int64]
Layout: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Operations that run without communication.

    Parameters
    ----------
    layout : tuple of int
        Position of each qubit meanwhile.
    work : Fused
        The operations, on positions instead of qubits.
    mixed : int
        Mask of the positions that they mix.
    """

    layout: Layout
    work: "Fused"
    mixed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """What each rank does, one stage after another.

    Parameters
    ----------
    stages : tuple of Stage
        The last one brings the amplitudes into their final order.
    n_local : int
        Positions in a rank's memory.
    """

    stages: tuple[Stage, ...]
    n_local: int

    @property
    def exchanges(self) -> list[tuple[Layout, Layout]]:
        """Return the layouts before and after each exchange between ranks."""
        layouts = [stage.layout for stage in self.stages]
        pairs = pairwise(layouts)
        return [(before, after) for before, after in pairs if before != after]


def local_qubits(n_qubits: int, ranks: int) -> int:
    """Return how many qubits each rank holds; refuse what cannot be shared."""
    if ranks < 1 or ranks & (ranks - 1):
        raise InvalidValue(
            f"the number of ranks must be a power of two, got {ranks}; start the "
            f"program with {1 << max(ranks, 1).bit_length() - 1}."
        )
    n_local = n_qubits - ranks.bit_length() + 1
    if ranks > 1 and n_local < LEAST_LOCAL:
        most = 1 << max(n_qubits - LEAST_LOCAL, 0)
        raise InvalidValue(
            f"each rank must hold at least {LEAST_LOCAL} qubits, but {n_qubits} qubits "
            f"on {ranks} ranks leave {n_local}; use at most {most} ranks."
        )
    if n_qubits > 62:
        raise InvalidValue(f"a state must have at most 62 qubits, got {n_qubits}.")
    return n_local


def block_sizes(
    work: "Fused", n_local: int, kind: "np.dtype[Any]"
) -> tuple[int | None, int | None]:
    """Return the sizes of a block and its contiguous part that promise to be fastest.

    The engine's own choice does not know that some qubits are on other ranks.
    """
    from qleap.processing import costs
    from qleap.processing.engine import schedule_sweeps

    sizes = costs.candidates(n_local, kind.itemsize)
    found = []
    for block, low in sizes:
        _, starts, inner = schedule_sweeps(work, kind, block, min(low, block))
        seconds = 0.0
        if len(sizes) > 1:
            shape = (n_local, kind.itemsize, block, low)
            seconds = costs.predict(*shape, starts, inner)
        found.append((seconds, block, min(low, block)))
    return min(found)[1:]


def stages(work: "Fused", n_local: int) -> Stages:
    """Return the stages that together do what the fused operations do.

    Parameters
    ----------
    work : Fused
        On all qubits, which begin in zero.
    n_local : int
        Qubits that each rank holds.
    """
    from qleap.processing._kernels.schedule import schedule

    rows, target = _renamed(work.rows, work.n_qubits)
    mixes = mixed_masks(rows, work.wires)
    widest = max((int(mask).bit_count() for mask in mixes), default=0)
    if widest > n_local:
        raise InvalidValue(
            f"a gate mixes {widest} qubits, but each rank holds {n_local} only; "
            "use fewer ranks or decompose the gate."
        )
    order, starts, _ = schedule(rows, work.wires, work.n_qubits, n_local, 0)
    parts = [order[a:b] for a, b in pairwise(starts.tolist())]
    needs = [int(np.bitwise_or.reduce(mixes[part])) for part in parts]
    found = []
    layout = _first_layout(needs, target, n_local)
    for k, part in enumerate(parts):
        layout = _next_layout(layout, needs[k:], target, n_local)
        angle = work.angle if k == len(parts) - 1 else 0.0
        moved = _on_positions(work, rows[part], layout, angle)
        mixed = int(_permuted(np.array([needs[k]]), layout)[0])
        found.append(Stage(layout=layout, work=moved, mixed=mixed))
    layout = _last_layout(layout, target, n_local)
    swaps = _swaps(layout, target)
    mixed = int(np.bitwise_or.reduce(mixed_masks(swaps, work.wires)))
    moved = _on_positions(work, swaps, tuple(range(work.n_qubits)), 0.0)
    found.append(Stage(layout=layout, work=moved, mixed=mixed))
    return Stages(stages=tuple(found), n_local=n_local)


def mixed_masks(rows: Integers, wires: Integers) -> Integers:
    """Return the mask of the qubits that each operation mixes."""
    from qleap.processing._kernels import waiting as kinds

    kind = rows[:, 0]
    first, second = np.int64(1) << rows[:, 1], np.int64(1) << rows[:, 2]
    masks = np.where(kind <= kinds.SWAP, first, 0)
    masks |= np.where((kind == kinds.MATRIX_TWO) | (kind == kinds.SWAP), second, 0)
    for k in np.flatnonzero(kind == kinds.MATRIX_MANY).tolist():
        begin, count = rows[k, 6], rows[k, 2]
        masks[k] = sum(1 << q for q in wires[begin : begin + count].tolist())
    return masks


def _renamed(rows: Integers, n_qubits: int) -> tuple[Integers, Layout]:
    """Return the rows without swaps at the end, and where each qubit must then lie."""
    from qleap.processing._kernels.waiting import SWAP

    others = np.flatnonzero(rows[:, 0] != SWAP)
    n_kept = int(others[-1]) + 1 if others.size else 0
    holds = list(range(n_qubits))
    for a, b in rows[n_kept:, 1:3].tolist():
        holds[a], holds[b] = holds[b], holds[a]
    return rows[:n_kept], tuple(holds.index(q) for q in range(n_qubits))


def _first_layout(needs: Sequence[int], target: Layout, n_local: int) -> Layout:
    """Return a layout for the first stage; all qubits are zero, so any one will do."""
    n_qubits = len(target)
    order = _latest_first(range(n_qubits), needs, target, n_local)
    outside = order[: n_qubits - n_local]
    inside = sorted(set(range(n_qubits)) - set(outside))
    layout = dict(_placed(inside, range(n_local), target))
    layout.update(_placed(outside, range(n_local, n_qubits), target))
    return tuple(layout[q] for q in range(n_qubits))


def _next_layout(
    layout: Layout, needs: Sequence[int], target: Layout, n_local: int
) -> Layout:
    """Return the layout for ``needs[0]``: what is needed last makes room."""
    qubits = range(len(layout))
    coming = [q for q in qubits if needs[0] >> q & 1 and layout[q] >= n_local]
    free = [q for q in qubits if not needs[0] >> q & 1 and layout[q] < n_local]
    free.sort(key=lambda q: -layout[q])  # long runs in memory are faster to send
    going = _latest_first(free, needs, target, n_local)[: len(coming)]
    found = dict(enumerate(layout))
    found.update(_placed(coming, [layout[q] for q in going], target))
    found.update(_placed(going, [layout[q] for q in coming], target))
    return tuple(found[q] for q in qubits)


def _last_layout(layout: Layout, target: Layout, n_local: int) -> Layout:
    """Return the layout in which every qubit is on the ranks where it must end."""
    qubits = range(len(layout))
    coming = [q for q in qubits if layout[q] >= n_local > target[q]]
    places = [layout[q] for q in qubits if target[q] >= n_local > layout[q]]
    found = dict(enumerate(layout))
    found.update(_placed(coming, places, target))
    found.update((q, target[q]) for q in qubits if target[q] >= n_local)
    return tuple(found[q] for q in qubits)


def _latest_first(
    qubits: Sequence[int], needs: Sequence[int], target: Layout, n_local: int
) -> list[int]:
    """Return those needed last first; of those never needed, the ones that leave."""

    def turn(qubit: int) -> tuple[int, bool]:
        used = [k for k, mask in enumerate(needs) if mask >> qubit & 1]
        return (-used[0] if used else -len(needs), target[qubit] < n_local)

    return sorted(qubits, key=turn)


def _placed(
    qubits: Sequence[int], places: Sequence[int], target: Layout
) -> list[tuple[int, int]]:
    """Return a place for each qubit: where it must end, if that is among them."""
    found = [(q, target[q]) for q in qubits if target[q] in places]
    taken = {place for _, place in found}
    left = [q for q in qubits if target[q] not in places]
    free = [place for place in places if place not in taken]
    return found + list(zip(left, free, strict=True))


def _swaps(layout: Layout, target: Layout) -> Integers:
    """Return the swaps of positions that lead from one layout to another."""
    from qleap.processing._kernels.waiting import SWAP

    found, now = [], list(layout)
    for qubit, place in enumerate(target):
        if now[qubit] != place:
            other = now.index(place)
            found.append((SWAP, now[qubit], place, 0, 0, 0, 0))
            now[other], now[qubit] = now[qubit], place
    return np.array(found, np.int64).reshape(-1, 7)


def _on_positions(
    work: "Fused", rows: Integers, layout: Layout, angle: float
) -> "Fused":
    """Return operations that act on the positions at which their qubits lie."""
    from qleap.processing._kernels import waiting as kinds
    from qleap.processing.engine import Fused

    place = np.array(layout, np.int64)
    moved = rows.copy()
    kind = rows[:, 0]
    one = kind <= kinds.SWAP
    two = (kind == kinds.MATRIX_TWO) | (kind == kinds.SWAP)
    moved[one, 1] = place[rows[one, 1]]
    moved[two, 2] = place[rows[two, 2]]
    moved[:, 3:5] = _permuted(rows[:, 3:5], layout)
    return Fused(
        rows=moved,
        numbers=work.numbers,
        wires=place[work.wires],
        coefficients=work.coefficients,
        n_qubits=work.n_qubits,
        angle=angle,
    )


def _permuted(masks: Integers, layout: Layout) -> Integers:
    """Return masks of positions for masks of qubits."""
    found = np.zeros_like(masks)
    for qubit, place in enumerate(layout):
        found |= (masks >> qubit & 1) << place
    return found
