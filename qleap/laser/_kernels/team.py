"""Items of work that several threads take inside one kernel, and waiting for all."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel
from qleap.core.signals import give_way, relax, seen, take

Integers = NDArray[np.int64]

LINE = 8
"""Numbers of a line of the cache: what two threads write is on lines of its own."""

PATIENCE = 4000
"""Looks, about 0.1 ms, after which a thread that waits lets others use its core."""


@inner_kernel
def _next_item(taken: Integers, member: int, group: int, count: int) -> int:
    """Return an item that no thread has taken yet; ``count`` where none is left.

    Members have ``group`` neighbours in turn. Each takes its own first, so that it
    comes back to what its cache holds of the last call, and then those of others.
    ``taken`` ``(LINE members,)`` counts from zero.
    """
    members = taken.size // LINE
    for turn in range(members):
        owner = (member + turn) % members
        k = take(taken, LINE * owner)
        item: int = (k // group * members + owner) * group + k % group
        if item < count:
            return item
    return count


@inner_kernel
def _await_all(done: Integers, count: int) -> None:
    """Return when ``count`` items are done, which ``take(done, 0)`` counts.

    Nobody waits for a thread that has not come: what it would have taken, others do.
    """
    looks = 0
    while seen(done, 0) < count:
        looks += 1
        if looks < PATIENCE:
            relax()
        else:
            give_way()
