"""Work on many matrices, in shares on several threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

__all__ = ["GROUP", "in_shares"]

R = TypeVar("R")

LEAST_WORK = 2_000_000
"""Multiplications that are worth a thread, about a millisecond."""

GROUP = 8
"""Shares begin at multiples of this, so that results do not depend on their number."""


def in_shares(function: Callable[[slice], R], count: int, work: int) -> list[R]:
    """Return ``function(share)`` for slices that make up ``range(count)``, in order.

    Parameters
    ----------
    function : callable
        Spends its time in kernels, which let other threads run.
    count : int
    work : int
        Multiplications altogether.
    """
    if work < 2 * LEAST_WORK or count <= GROUP:
        return [function(slice(0, count))]
    from qleap.core.jit import threads

    groups = -(-count // GROUP)
    workers = min(threads(), work // LEAST_WORK, groups)
    cuts = [min(count, GROUP * (groups * k // workers)) for k in range(workers)]
    shares = [slice(a, b) for a, b in zip(cuts, [*cuts[1:], count], strict=True)]
    if workers == 1:
        return [function(shares[0])]
    pool = _pool(os.getpid(), workers - 1)
    others = [pool.submit(function, share) for share in shares[1:]]
    first = function(shares[0])
    return [first, *(other.result() for other in others)]


@cache
def _pool(process: int, workers: int) -> ThreadPoolExecutor:  # noqa: ARG001
    """Return threads that wait for work; those of a parent process are gone."""
    return ThreadPoolExecutor(workers, thread_name_prefix="sequences")
