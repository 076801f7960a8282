"""Several threads that share the blocks of an array."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from qleap.core import checks

__all__ = ["Team", "blocks"]

Item = TypeVar("Item")

MOST: Final = 1024
"""Threads of a team."""


class Team:
    """Threads that take one item after the other.

    Parameters
    ----------
    threads : int, optional
        By default as many as the process may use cores.

    Notes
    -----
    What is computed for an item must not depend on which thread takes it; then the
    results have the same bits for any number of threads.
    """

    def __init__(self, threads: int | None = None) -> None:
        count = len(os.sched_getaffinity(0)) if threads is None else threads
        self.size = checks.count("threads", count, 1, MOST)
        self._others = (
            ThreadPoolExecutor(self.size - 1, "beam") if self.size > 1 else None
        )

    def run(self, work: Callable[[int, Item], None], items: Iterable[Item]) -> None:
        """Call ``work(member, item)`` for every item; members count from zero."""
        shared = iter(tuple(items))

        def take(member: int) -> None:
            for item in shared:
                work(member, item)

        self.share(take)

    def share(self, work: Callable[[int], None]) -> None:
        """Call ``work(member)`` in every thread, which takes its share of the work.

        Threads do not begin together: one that is late may find nothing left.
        """
        found = []
        if self._others is not None:
            found = [self._others.submit(work, i) for i in range(1, self.size)]
        work(0)
        for each in found:
            each.result()


def blocks(count: int, size: int) -> list[slice]:
    """Return slices of ``size`` that make up ``count``; the last may be shorter."""
    return [slice(i, min(i + size, count)) for i in range(0, count, size)]
