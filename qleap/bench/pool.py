"""Accuracy cases on all cores at once, in live workers: no clock judges them."""

import os
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from qleap.bench.measuring import Payload
from qleap.bench.racing.live import PATIENCE, Answer, Worker

__all__ = ["Setup", "Share", "jobs_for", "measure_all"]

CASES_A_WORKER = 4
"""With fewer cases for each, starting workers takes longer than they save."""

BYTES_A_WORKER = 1.5e9
"""Memory that a worker may come to need: compiled code, and the work of its cases."""


@dataclass(kw_only=True, slots=True)
class Share:
    """The cases of one suite that wait.

    Parameters
    ----------
    suite : str
        Name of the suite, which each worker imports for itself: cases hold
        functions that cannot be sent.
    names : list of str
        Cases that wait, first come, first served.
    """

    suite: str
    names: list[str]


@dataclass(eq=False, kw_only=True, slots=True)
class _Desk:
    """A worker and what it is at; without a case it imports its suite."""

    worker: Worker
    share: Share
    case: str | None = None
    asked: float = field(default_factory=monotonic)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """How workers measure.

    Parameters
    ----------
    threads : int
        That the kernels of one worker use.
    quick : bool
        Small cases.
    device : str or None
        What suites are pointed at.
    folder : Path or None
        The benchmarks; None for the package's own.
    patience : float
        Seconds that one case may take.
    """

    threads: int = 1
    quick: bool
    device: str | None = None
    folder: Path | None = None
    patience: float = PATIENCE


def jobs_for(n_cases: int, cores: int) -> int:
    """Return how many workers are worth starting for so many cases."""
    return max(1, min(cores, n_cases // CASES_A_WORKER, _by_memory()))


def measure_all(
    shares: Sequence[Share],
    setup: Setup,
    keep: Callable[[str, Payload], None],
    jobs: int,
) -> None:
    """Measure cases in ``jobs`` workers; each result is handed over at once.

    A worker that dies, or does not answer in time, costs the case at work: it is an
    error, and another worker takes the rest.

    Parameters
    ----------
    shares : sequence of Share
        What to measure; the lists of names are emptied.
    setup : Setup
    keep : callable
        Takes a case's name and each of its payloads, as they come; an error that is
        not the case's own has ``status`` and ``reason`` alone.
    jobs : int
        Number of workers.
    """
    pool = _Pool(shares, setup, keep)
    try:
        pool.work(jobs)
    finally:
        pool.close()


class _Pool:
    """Workers that take the next case as soon as they have done one."""

    def __init__(
        self,
        shares: Sequence[Share],
        setup: Setup,
        keep: Callable[[str, Payload], None],
    ) -> None:
        self._shares = shares
        self._setup = setup
        self._keep = keep
        self._inbox: queue.Queue[tuple[Worker, Answer | None]] = queue.Queue()
        self._desks: dict[Worker, _Desk] = {}

    def work(self, jobs: int) -> None:
        """Measure until no case waits and no worker is busy."""
        for _ in range(jobs):
            self._hire()
        while self._desks:
            patience = self._setup.patience
            oldest = min(self._desks.values(), key=lambda desk: desk.asked)
            try:
                left = max(0.0, oldest.asked + patience - monotonic())
                worker, answer = self._inbox.get(timeout=left)
            except queue.Empty:
                self._dismiss(oldest, f"no answer within {patience:g} s")
                continue
            desk = self._desks.get(worker)
            if desk is None:  # the end of one that was dismissed
                continue
            if answer is None:
                self._dismiss(desk, worker.last_words())
            else:
                self._take(desk, answer)

    def close(self) -> None:
        """End all workers."""
        for worker in self._desks:
            worker.close()

    def _hire(self) -> None:
        """Start a worker where there is work for one."""
        share = self._share_for(None)
        if share is None:
            return
        threads = str(self._setup.threads)
        limits = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        worker = Worker(environment=limits, inbox=self._inbox)
        self._desks[worker] = _Desk(worker=worker, share=share)
        self._open(self._desks[worker], share)

    def _dismiss(self, desk: _Desk, reason: str) -> None:
        """Let another take over from a worker that is lost, but for its case."""
        desk.worker.close()
        del self._desks[desk.worker]
        # One that was lost while it imported costs a case too, else it never ends.
        name = desk.case or (desk.share.names.pop(0) if desk.share.names else None)
        if name is not None:
            self._keep(name, {"status": "error", "reason": reason})
        self._hire()

    def _take(self, desk: _Desk, answer: Answer) -> None:
        """Hand over what a worker says, and give it the next case."""
        is_error = answer["status"] != "done"
        error = {"status": "error", "reason": answer.get("reason", "")}
        if desk.case is not None:
            for payload in [error] if is_error else answer["payloads"]:
                self._keep(desk.case, payload)
        elif is_error:
            while desk.share.names:
                self._keep(desk.share.names.pop(0), error)
        share = self._share_for(desk)
        if share is None:
            desk.worker.close()
            del self._desks[desk.worker]
        elif share is not desk.share:
            self._open(desk, share)
        else:
            desk.case, desk.asked = share.names.pop(0), monotonic()
            threads = self._setup.threads
            desk.worker.send("payloads", name=desk.case, threads=threads)

    def _open(self, desk: _Desk, share: Share) -> None:
        desk.share, desk.case, desk.asked = share, None, monotonic()
        folder = self._setup.folder
        desk.worker.send(
            "open",
            suite=share.suite,
            quick=self._setup.quick,
            device=self._setup.device,
            folder=None if folder is None else str(folder.resolve()),
        )

    def _share_for(self, desk: _Desk | None) -> Share | None:
        """Return where the next case comes from.

        From the suite at hand, else from one that nobody is at, else from the one
        with the most cases left, where that is worth an import.
        """
        waiting = [share for share in self._shares if share.names]
        if desk is not None and desk.share in waiting:
            return desk.share
        taken = [other.share for other in self._desks.values() if other is not desk]
        free = [share for share in waiting if share not in taken]
        if free:
            return free[0]
        fullest = max(waiting, key=lambda share: len(share.names), default=None)
        return fullest if fullest is not None and len(fullest.names) > 1 else None


def _by_memory() -> int:
    """Return for how many workers there is memory."""
    info = Path("/proc/meminfo")
    if not info.is_file():
        return os.cpu_count() or 1
    for line in info.read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable"):
            return int(1024.0 * float(line.split()[1]) / BYTES_A_WORKER)
    return 1
