"""Linear algebra of small matrices: one thread is faster than several that wait."""

import contextlib
from collections.abc import Iterator
from functools import cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS and LAPACK work on the calling thread alone."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    """Return what knows the libraries that are loaded; looking for them takes long."""
    return ThreadpoolController()
