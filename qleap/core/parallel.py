"""Many points, one function: ordered, parallel, resumable, and honest in failure."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from qleap.core import checks, progress
from qleap.core.errors import InvalidKind
from qleap.core.points import PointStore

__all__ = ["Submits", "map_points"]

P = TypeVar("P")
R = TypeVar("R")


class Submits(Protocol):
    """Somewhere to compute: an executor, or a client of a cluster."""

    def submit(
        self, function: Callable[..., Any], /, *args: Any, **options: Any
    ) -> Any:
        """Return a future of ``function(*args)``."""


def map_points(
    function: Callable[..., R],
    points: Sequence[P],
    *,
    executor: Submits | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
    label: str = "points",
    rng: np.random.Generator | None = None,
) -> list[R]:
    """Return ``[function(point) for point in points]``, computed side by side.

    Parameters
    ----------
    function : callable
        Called as ``function(point)``, or ``function(point, rng)`` where ``rng`` is
        given. Kernels release the GIL, so threads run them in parallel.
    points : sequence
        The order of the results is the order of the points.
    executor : Executor or dask.distributed.Client, optional
        Where to compute; by default threads of this process.
    workers : int, optional
        Number of threads; by default the number of cores.
    store : path-like, optional
        Folder that keeps each finished point. Called again after an interruption
        with the same function and points, only the missing ones are computed.
        Values are pickled: use only stores that you wrote yourself.
    label : str
        Name of the work on the progress bar (standard error, terminals only).
    rng : numpy.random.Generator, optional
        Each point gets a generator of its own, spawned by its place in the list,
        so that results do not depend on the number of workers.

    Returns
    -------
    list

    Raises
    ------
    Exception
        What ``function`` raised first, with a note that names the point. Points
        that have not begun are cancelled; those finished are in the store.
    """
    points = list(points)
    streams = [None] * len(points) if rng is None else rng.spawn(len(points))
    if not (store is None or isinstance(store, str | os.PathLike)):
        raise InvalidKind(f"store must be the path of a folder, got {store!r:.60}.")
    kept = None if store is None else PointStore(Path(store), function, points, rng)
    done: dict[int, R] = {} if kept is None else kept.finished()
    tasks = {
        i: (function, (point,) if stream is None else (point, stream))
        for i, (point, stream) in enumerate(zip(points, streams, strict=True))
        if i not in done
    }
    with (
        progress.bar(label, len(points)) as bar,
        _submitting(executor, workers) as pool,
    ):
        bar.update(len(done))
        futures = _submit(pool, tasks)
        try:
            for future in _in_order_of_completion(list(futures)):
                i = futures[future]
                done[i] = _value(future, i, points[i])
                if kept is not None:
                    kept.keep(i, done[i])
                bar.advance()
        except BaseException:
            _give_up(futures, kept, done)
            raise
    return [done[i] for i in range(len(points))]


def _submit(
    pool: Submits, tasks: dict[int, tuple[Callable[..., R], tuple[Any, ...]]]
) -> dict[Any, int]:
    # Dask hands equal calls one result unless told that they are not pure.
    apart = {} if isinstance(pool, Executor) else {"pure": False}
    return {pool.submit(call, *args, **apart): i for i, (call, args) in tasks.items()}


def _value(future: Any, index: int, point: object) -> Any:
    """Return the result of a point; an error gets a note that names it."""
    try:
        return future.result()
    except Exception as error:
        error.add_note(f"while computing point {index}: {point!r:.200}")
        raise


def _give_up(
    futures: dict[Any, int], kept: PointStore | None, done: dict[int, Any]
) -> None:
    """Cancel what has not begun; keep what was under way, once it has finished."""
    for future in futures:
        future.cancel()
    for future, i in futures.items():
        if kept is not None and i not in done and not future.cancelled():
            with contextlib.suppress(Exception):  # one failure is already on its way
                kept.keep(i, future.result())


def _in_order_of_completion(futures: list[Any]) -> Iterator[Any]:
    if all(isinstance(future, Future) for future in futures):
        return as_completed(futures)
    from distributed import as_completed as dask_as_completed

    completed: Iterator[Any] = dask_as_completed(futures)
    return completed


@contextlib.contextmanager
def _submitting(executor: Submits | None, workers: int | None) -> Iterator[Submits]:
    """Yield the caller's executor, or threads that end with the block."""
    if executor is not None:
        if not callable(getattr(executor, "submit", None)):
            raise InvalidKind(
                "executor must have a method submit (an Executor or a Dask client), "
                f"got {executor!r:.80}."
            )
        yield executor
        return
    n_threads = os.cpu_count() or 1 if workers is None else workers
    pool: Executor = ThreadPoolExecutor(checks.count("workers", n_threads))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
