"""How a benchmark went over time: one series a case, peer, device and environment."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np

from qleap.bench.judging.evidence import is_simulation
from qleap.bench.trail.journal import Record, Run
from qleap.bench.trail.steps import find_steps

__all__ = ["Step", "Trend", "environment_of", "sparkline", "trends"]

Better = Literal["higher", "lower", "none"]

BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A lasting change of level.

    Parameters
    ----------
    index : int
        Of the first value at the new level.
    before, after : float
        Medians of the levels on both sides, up to the neighbouring steps.
    commit_before, commit_after : str or None
        Git commit of the last run before and of the first one after; with a ``+``
        where files were changed and not committed.
    """

    index: int
    before: float
    after: float
    commit_before: str | None
    commit_after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """The measured values of one case in one environment, oldest first.

    Parameters
    ----------
    name, title : str
        Of the case.
    peer : str or None
        Beside whom speed was timed; None for a value.
    device : str or None
        What was measured; None for the library itself.
    environment : dict
        What had to be equal for two values to lie in one series (`environment_of`).
    times : tuple of datetime
        When they were measured.
    values : tuple of float
        Ratios of times (peer / ours) for speed.
    low, high : tuple of float or None
        Their 99 % intervals.
    runs : tuple of str
        Ids of the runs.
    steps : tuple of Step
        Where the level changed.
    unit : str
        ``"1"`` for a ratio.
    better : str
        ``higher`` for speed, ``lower`` for a deviation (prediction 0), else ``none``.
    """

    name: str
    title: str
    peer: str | None
    device: str | None
    environment: dict[str, str]
    times: tuple[datetime, ...]
    values: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    runs: tuple[str, ...]
    steps: tuple[Step, ...]
    unit: str
    better: Better


def environment_of(record: Record, run: Run) -> dict[str, str]:
    """Return what must be equal for two measurements to be compared over time.

    For what was measured on this machine: quick or full (the sizes differ), the
    processor, cores, threads of our kernels, BLAS, Python and the libraries to the
    second number of their versions, and the exact version of the peer. Not the
    version of qleap, whose change is what one looks for, and not the load. For data
    from a laboratory: instrument and site, since the machine that files them does
    not matter.
    """
    payload, facts = record.payload, run.environment
    source = payload.get("source")
    if source is not None:
        return {key: str(source.get(key) or "") for key in ("instrument", "site")}
    versions = facts.get("versions") or {}
    found = {
        "profile": run.profile.partition(" ")[0],
        "cpu": facts.get("cpu"),
        "cores": facts.get("cores"),
        "kernel_threads": payload.get("threads", facts.get("kernel_threads")),
        "blas": facts.get("blas"),
        "python": _series(facts.get("python")),
        **{
            name: _series(version)
            for name, version in sorted(versions.items())
            if name != "qleap"
        },
        "peer_version": payload.get("peer_version"),
    }
    return {key: str(value) for key, value in found.items() if value is not None}


def trends(records: Iterable[Record], runs: Iterable[Run]) -> list[Trend]:
    """Return the series of every case, by name, peer, device and environment.

    Only what was measured counts. Several values of one run, filed measurements
    apart, are not independent: the last counts. A series begins anew where its
    unit changes.

    Parameters
    ----------
    records : iterable of Record
        Oldest first.
    runs : iterable of Run
        Those the records belong to.
    """
    of = {run.id: run for run in runs}
    series: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        run = of.get(record.run_id)
        if run is None or record.payload.get("status") != "measured":
            continue
        held = series.setdefault(_key(record, run), [])
        if held and held[-1].run_id == record.run_id and "source" not in record.payload:
            held.pop()
        held.append(record)
    ordered = sorted(series, key=str)
    return [_trend(sorted(series[key], key=_when), of) for key in ordered]


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """Return the newest values as bars, logarithmic where all are positive."""
    shown = np.asarray(values[-width:], dtype=np.float64)
    if not shown.size:
        return ""
    if np.all(shown > 0.0):
        shown = np.log(shown)
    low, span = float(shown.min()), float(np.ptp(shown))
    if not span > 0.0 or not math.isfinite(span):
        return BARS[len(BARS) // 2] * len(shown)
    places = np.rint((shown - low) / span * (len(BARS) - 1)).astype(int)
    return "".join(BARS[place] for place in places)


def _key(record: Record, run: Run) -> tuple[Any, ...]:
    payload = record.payload
    return (
        record.name,
        payload.get("peer") or "",
        payload.get("device") or "",
        payload.get("unit", "1"),
        tuple(sorted(environment_of(record, run).items())),
    )


def _when(record: Record) -> tuple[bool, datetime, int]:
    """Order by sequence, whatever the clock said; filed data by their own dates."""
    filed = "source" in record.payload
    return filed, record.measured if filed else datetime.min, record.sequence


def _trend(records: Sequence[Record], runs: dict[str, Run]) -> Trend:
    last = records[-1].payload
    speed = last["kind"] == "speed"
    values = [one.payload["ratio" if speed else "value"] for one in records]
    commits = [_commit(runs[one.run_id]) for one in records]
    return Trend(
        name=records[-1].name,
        title=last["title"],
        peer=last.get("peer"),
        device=last.get("device"),
        environment=environment_of(records[-1], runs[records[-1].run_id]),
        times=tuple(one.measured for one in records),
        values=tuple(values),
        low=tuple(one.payload.get("low") for one in records),
        high=tuple(one.payload.get("high") for one in records),
        runs=tuple(one.run_id for one in records),
        steps=_steps(values, commits),
        unit="1" if speed else last["unit"],
        better=_better(last, speed),
    )


def _steps(values: list[float], commits: list[str | None]) -> tuple[Step, ...]:
    cuts = find_steps(values)
    edges = [0, *cuts, len(values)]
    return tuple(
        Step(
            index=cut,
            before=float(np.median(values[start:cut])),
            after=float(np.median(values[cut:stop])),
            commit_before=commits[cut - 1],
            commit_after=commits[cut],
        )
        for start, cut, stop in zip(edges, cuts, edges[2:], strict=False)
    )


def _better(payload: dict[str, Any], speed: bool) -> Better:
    if speed:
        return "higher"
    deviation = payload.get("prediction") == 0.0
    return "lower" if deviation and is_simulation(payload["evidence"]) else "none"


def _commit(run: Run) -> str | None:
    git = run.environment.get("git")
    return f"{git['commit']}{'+' if git.get('dirty') else ''}" if git else None


def _series(version: object) -> str | None:
    """Return the first two numbers of a version: patches change no speed."""
    return None if version is None else ".".join(str(version).split(".")[:2])
