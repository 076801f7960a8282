"""Progress on a terminal; silence everywhere else."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["Bar", "bar"]


_drawn = threading.Lock()
"""Held while a bar is drawn; work inside of other work draws none."""


class Bar:
    """How far a piece of work is; drawn by rich where a terminal listens."""

    def __init__(self, drawing: Any = None, task: Any = None) -> None:
        self._drawing = drawing
        self._task = task

    def advance(self, amount: float = 1.0, note: str | None = None) -> None:
        """Count ``amount`` more as done."""
        if self._drawing is not None:
            self._drawing.update(self._task, advance=amount, **_note(note))

    def update(self, completed: float, note: str | None = None) -> None:
        """Set how much is done."""
        if self._drawing is not None:
            self._drawing.update(self._task, completed=completed, **_note(note))


@contextlib.contextmanager
def bar(label: str, total: float | None) -> Iterator[Bar]:
    """Yield a `Bar` on standard error; it draws only on a terminal, one at a time."""
    if not sys.stderr.isatty() or not _drawn.acquire(blocking=False):
        yield Bar()
        return
    try:
        yield from _drawing(label, total)
    finally:
        _drawn.release()


def _drawing(label: str, total: float | None) -> Iterator[Bar]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawing:
        yield Bar(drawing, drawing.add_task(label, total=total, note=""))


def _note(note: str | None) -> dict[str, str]:
    return {} if note is None else {"note": note}
