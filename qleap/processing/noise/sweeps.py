"""Running fused transfer matrices on a density matrix in the Pauli basis.

A sweep reads and writes the state once, block by block through the cache, and does all
operations on up to six qubits that can be done by then. Blocks are independent, so the
result does not depend on the number of threads.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.engine import share_blocks
from qleap.processing.noise.fusion import Fused
from qleap.processing.noise.transfers import is_affine

__all__ = ["run"]

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

WIDEST_ALONE: Final = 6
"""Qubits of a state that is one block and has no digits to spare."""

ACTED: Final = 6
"""Qubits that the operations of one sweep act on: blocks of 512 KiB."""

SPARE: Final = 2
"""Digits that number the elements of a row."""


def run(operations: Sequence[Fused], n_qubits: int, state: Reals) -> None:
    """Do the operations to a state in place.

    Parameters
    ----------
    operations : sequence of Fused
        In order.
    n_qubits : int
        Of the state.
    state : ndarray of float64, shape (4**n,)
        See `qleap.processing.noise.density`.
    """
    left = list(operations)
    while left:
        now, left, acted = _next_sweep(left, n_qubits)
        _sweep(now, acted, n_qubits, state)


def _next_sweep(
    left: Sequence[Fused], n_qubits: int
) -> tuple[list[Fused], list[Fused], set[int]]:
    """Return what one sweep does, what is left, and the qubits that are acted on."""
    most = n_qubits if n_qubits <= WIDEST_ALONE else min(ACTED, n_qubits - SPARE)
    now, later = [], []
    acted: set[int] = set()
    waiting: set[int] = set()
    for step in left:
        wanted = _with_lowest(acted.union(step.qubits), n_qubits)
        if waiting.isdisjoint(step.qubits) and len(wanted) <= most:
            now.append(step)
            acted = wanted
        else:
            later.append(step)
            waiting.update(step.qubits)
    return now, later, acted


def _with_lowest(qubits: set[int], n_qubits: int) -> set[int]:
    """Return qubits with both of 0 and 1, which are read in one go, or none."""
    if n_qubits <= WIDEST_ALONE or qubits.isdisjoint({0, 1}):
        return qubits
    return qubits | {0, 1}


def _sweep(
    operations: Sequence[Fused], acted: set[int], n_qubits: int, state: Reals
) -> None:
    from qleap.core.jit import threads
    from qleap.core.simd import host_lanes
    from qleap.processing._kernels.density import transfer_blocks

    others = [q for q in range(n_qubits) if q not in acted]
    n_spare = SPARE if n_qubits > WIDEST_ALONE else 0
    spare, others = tuple(others[:n_spare]), others[n_spare:]
    # Longer runs of contiguous numbers are read faster.
    more = max(min(ACTED - len(acted), len(others)), 0)
    inner, outer = tuple(sorted([*acted, *others[:more]])), tuple(others[more:])
    bases = _offsets(outer)
    tables = _tables(operations, inner)

    def work(first: int, last: int) -> None:
        transfer_blocks(
            *tables,
            _offsets(inner),
            _offsets(spare),
            bases[first:last],
            host_lanes(8),
            state,
        )

    share_blocks(work, bases.size, threads())


@lru_cache(maxsize=256)
def _offsets(qubits: tuple[int, ...]) -> Integers:
    """Return where the Pauli strings of some qubits lie, the first counting least."""
    found = np.zeros(1, np.int64)
    for qubit in qubits:
        found = (np.arange(4)[:, None] * 4**qubit + found).ravel()
    return found


def _tables(
    operations: Sequence[Fused], inner: tuple[int, ...]
) -> tuple[Integers, Integers, Reals]:
    """Return operations as `transfer_blocks` takes them."""
    digit = {qubit: k for k, qubit in enumerate(inner)}
    rows, places, numbers = [], [], []
    n_places, n_numbers = 0, 0
    for step in operations:
        kind, place, number = _encoded(step, [digit[qubit] for qubit in step.qubits])
        acted = sum(3 << 2 * digit[qubit] for qubit in step.qubits)
        ends = (n_places + place.size, n_numbers + number.size)
        size = 4 ** len(step.qubits)
        rows.append((kind, acted, n_places, ends[0], n_numbers, ends[1], size))
        places.append(place)
        numbers.append(number)
        n_places, n_numbers = ends
    return np.array(rows, np.int64), np.concatenate(places), np.concatenate(numbers)


def _encoded(step: Fused, digits: Sequence[int]) -> tuple[int, Integers, Reals]:
    """Return kind, places and numbers of an operation on digits of a row's number."""
    from qleap.processing._kernels import density as kernels

    place = _offsets(tuple(digits))
    if len(digits) == 2 and step.is_local:
        assert step.source is not None  # as it is local
        assert step.factors is not None
        parts = [step.factors, *(_last_rows(turn) for turn in step.turns)]
        places = np.concatenate((place[step.source], place))
        return kernels.LOCAL, places, np.concatenate(parts)
    matrix = step.whole()
    if len(digits) == 1 and is_affine(matrix):
        return kernels.AFFINE, place[1:2], matrix[1:].ravel()
    if len(digits) == 2:  # faster than a sparse one of more than 24 entries
        return kernels.DENSE, place, matrix.ravel()
    rows, columns = np.nonzero(matrix)
    starts = np.searchsorted(rows, np.arange(len(matrix) + 1))
    return (
        kernels.SPARSE,
        np.concatenate((place, starts, columns)),
        matrix[rows, columns],
    )


_NO_TURN: Final = np.eye(4)[1:].ravel()


def _last_rows(turn: Reals | None) -> Reals:
    return _NO_TURN if turn is None else turn[1:].ravel()
