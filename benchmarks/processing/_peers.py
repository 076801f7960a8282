"""What the adapters of all peers share."""

import os
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Amplitudes", "StateWork", "Work", "fastest", "limit_openmp"]

Work = Callable[[], Any]
"""What is timed; everything before is preparation."""

Amplitudes = Callable[[], NDArray[Any]]
"""Copies a peer's final state out, in Qiskit's order; called after the clock stopped.

A peer that keeps its state in its own memory must not pay for our wish to see it.
"""

StateWork = Callable[[], Amplitudes]

PATIENCE = 2.0
"""Seconds: a candidate that takes longer is timed once, without a first call."""


def limit_openmp(threads: int) -> None:
    """Tell OpenMP runtimes, which read it when they load, how many threads to use."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    # Kokkos prints advice on binding threads otherwise; two threads may float.
    os.environ.setdefault("OMP_PROC_BIND", "false")


def fastest(candidates: Iterable[Work]) -> Work:
    """Return the candidate that takes the least time; the others are given up."""
    best, least = None, np.inf
    for work in candidates:
        begin = perf_counter()
        work()
        seconds = perf_counter() - begin
        if seconds < PATIENCE:
            for _ in range(2):
                begin = perf_counter()
                work()
                seconds = min(seconds, perf_counter() - begin)
        if seconds < least:
            best, least = work, seconds
    if best is None:
        raise ValueError("fastest needs at least one candidate.")
    return best
