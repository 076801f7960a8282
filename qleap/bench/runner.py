"""Run suites: accuracy first, then speed, each result stored at once."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qleap.bench import discovery
from qleap.bench.cases import Accuracy, Case, Speed
from qleap.bench.fingerprint import fingerprint, usable_cores
from qleap.bench.judging.policy import Policy
from qleap.bench.measuring import (
    FAILED,
    RAISED,
    Payload,
    Timing,
    facts_of,
    failure,
    payloads,
)
from qleap.bench.pool import Setup, Share, jobs_for, measure_all
from qleap.bench.trail.journal import Journal
from qleap.bench.trail.rescue import keep_aside
from qleap.core import progress
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Summary", "run_suites", "thresholds_of"]

QUICK_BUDGET = 5.0
FULL_BUDGET = 60.0
"""Seconds of interleaved pairs for each peer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """How a run ended.

    Parameters
    ----------
    run_id : str
        Its id in the journal.
    status : str
        finished or interrupted.
    seconds : float
        Wall time.
    counts : dict
        Number of records by status.
    failures : tuple of str
        One sentence for each error and each wrong result.
    skipped : tuple of str
        One sentence for each case that could not run here.
    """

    run_id: str
    status: str
    seconds: float
    counts: dict[str, int]
    failures: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class _Session:
    """The open run: where results go, and what they were so far."""

    journal: Journal
    run_id: str
    device: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def keep(self, name: str, payload: Payload) -> None:
        """Store one result, then count it."""
        if self.device is not None:
            payload = payload | {"device": self.device}
        try:
            self.journal.add(self.run_id, name, payload)
        except StorageError as error:
            kept = keep_aside(self.run_id, name, payload)
            raise StorageError(f"{error} {kept}") from error
        status = payload["status"]
        self.counts[status] += 1
        if status in FAILED:
            peer = f" beside {payload['peer']}" if payload.get("peer") else ""
            self.failures.append(f"{name}{peer}: {status}, {payload['reason']}")
        if status == "skipped":
            self.skipped.append(f"{name}: skipped, {payload['reason']}")


def run_suites(
    journal: Journal,
    *,
    quick: bool = False,
    prefix: str = "",
    folder: Path | None = None,
    device: str | None = None,
    jobs: int | None = 1,
    seed: int = 0,
) -> Summary:
    """Measure all cases whose names begin with ``prefix`` and return the summary.

    A case that fails is stored as an error and the run goes on. Ctrl-C ends the
    run, which keeps what was measured and is marked interrupted.

    Parameters
    ----------
    journal : Journal
        Where results are stored.
    quick : bool
        Small cases and short timing.
    prefix : str
        Beginning of the case names; empty for all.
    folder : Path, optional
        The benchmarks; by default those of the package.
    device : str, optional
        What the suites that measure devices are pointed at, and no others then run.
    jobs : int or None
        Processes that measure accuracy at once; 1 for this one alone, None for as
        many as pay on this machine. Speed is measured afterwards, in this one.
    seed : int
        Of the order of pairs and of the bootstrap.
    """
    from qleap.core import jit

    begin = time.perf_counter()
    timing = Timing(
        budget=QUICK_BUDGET if quick else FULL_BUDGET,
        thresholds=thresholds_of(discovery.policies(folder)),
        max_threads=jit.threads(),
        rng=np.random.default_rng(seed),
    )
    selected = discovery.suites(folder, prefix)
    cases, broken = _collect(selected, quick, prefix, device)
    if device is not None and not cases and not broken:
        raise InvalidValue(
            f"no suite that begins with {prefix!r} measures a device; --device points "
            "at one those whose function is cases(quick, device)."
        )
    if not cases and not broken:
        raise discovery.no_match(prefix, [suite.name for suite in selected])
    setup = Setup(quick=quick, device=device, folder=folder)
    run_id = journal.begin(_profile(quick, prefix, device), fingerprint())
    session = _Session(journal=journal, run_id=run_id, device=device)
    status = "interrupted"
    try:
        for name, payload in broken:
            session.keep(name, payload)
        _measure(cases, setup, timing, session, jobs)
        status = "finished"
    except KeyboardInterrupt:
        pass
    except StorageError:
        status = ""  # how it ended cannot be stored either
        raise
    finally:
        jit.set_threads(timing.max_threads)
        if status:
            journal.finish(run_id, status)
    return Summary(
        run_id=run_id,
        status=status,
        seconds=time.perf_counter() - begin,
        counts=dict(session.counts),
        failures=tuple(session.failures),
        skipped=tuple(session.skipped),
    )


def thresholds_of(policies: Iterable[Policy]) -> dict[tuple[str, str], list[float]]:
    """Return the speed ratios that criteria ask about, by case and peer."""
    asked: dict[tuple[str, str], list[float]] = {}
    for policy in policies:
        for criterion in policy.criteria():
            for peer in criterion.rivals:
                limits = asked.setdefault((criterion.measurement, peer), [])
                limits.append(criterion.threshold)
                if criterion.aim is not None:
                    limits.append(criterion.aim)
    return asked


def _profile(quick: bool, prefix: str, device: str | None) -> str:
    words = ("quick" if quick else "full", prefix, device and f"on {device}")
    return " ".join(word for word in words if word)


def _collect(
    suites: Iterable[discovery.Suite], quick: bool, prefix: str, device: str | None
) -> tuple[dict[str, list[Case]], list[tuple[str, Payload]]]:
    """Return the cases by suite, and a record for each broken suite."""
    found: dict[str, list[Case]] = {}
    names: set[str] = set()
    broken = []
    for suite in suites:
        try:
            for case in suite.cases(quick, device):
                if case.name in names:
                    raise InvalidValue(f"two cases have the name {case.name!r}.")
                if case.name.startswith(prefix):
                    names.add(case.name)
                    found.setdefault(suite.name, []).append(case)
        except RAISED as error:
            title = f"the suite {suite.name} itself"
            payload = {"kind": "suite", "title": title} | failure(error)
            broken.append((f"{suite.name}.suite", payload))
    return found, broken


def _measure(
    found: dict[str, list[Case]],
    setup: Setup,
    timing: Timing,
    session: _Session,
    jobs: int | None,
) -> None:
    """Measure accuracy, on all cores where that pays, and then speed, alone."""
    cases = [case for suite in found.values() for case in suite]
    shares = [
        Share(suite=name, names=[case.name for case in suite if _may_share(case)])
        for name, suite in found.items()
    ]
    shared = {name for share in shares for name in share.names}
    n_workers = jobs_for(len(shared), usable_cores()) if jobs is None else jobs
    with progress.bar("bench", len(cases)) as bar:
        if n_workers > 1:
            facts = {case.name: facts_of(case) for case in cases}

            def keep(name: str, payload: Payload) -> None:
                session.keep(name, facts[name] | payload)
                bar.advance(note=name)

            measure_all(shares, setup, keep, n_workers)
            cases = [case for case in cases if case.name not in shared]
        for case in sorted(cases, key=lambda case: isinstance(case, Speed)):
            bar.advance(0.0, note=case.name)
            for payload in payloads(case, timing):
                session.keep(case.name, payload)
            bar.advance()


def _may_share(case: Case) -> bool:
    return isinstance(case, Accuracy) and not case.alone
