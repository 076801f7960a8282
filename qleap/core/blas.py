"""Linear algebra of small matrices: one thread is faster than several that wait."""

import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]

_lock = threading.Lock()
_holders: list[Any] = []
"""One entry for each caller inside; the first one is the limit that they share."""


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS and LAPACK work on the calling thread alone.

    The number of threads belongs to the process: it comes back when the last of several
    callers at the same time has left.
    """
    with _lock:
        one = _holders[0] if _holders else _limited()
        _holders.append(one)
    try:
        yield
    finally:
        with _lock:
            _holders.pop()
            if not _holders:
                one.restore_original_limits()


def _limited() -> Any:
    return _controller().limit(limits=1, user_api="blas")


@cache
def _controller() -> ThreadpoolController:
    """Return what knows the libraries that are loaded; looking for them takes long."""
    return ThreadpoolController()
