"""Tables for the terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from qleap.bench.formatting import interval, number, quantity
from qleap.bench.judging.gate import Gate
from qleap.bench.racing.compare import Change
from qleap.bench.trail.journal import Run
from qleap.bench.trail.trend import Step, Trend, sparkline

__all__ = [
    "change_table",
    "filing_table",
    "gate_table",
    "phase_table",
    "run_table",
    "trend_lines",
]

_COLOURS = {
    "PASS": "green",
    "FAIL": "red",
    "INCONCLUSIVE": "yellow",
    "STALE": "yellow",
    "MISSING": "dim",
}


def run_table(runs: Iterable[Run]) -> Table:
    """Return the stored runs, one a line."""
    table = _table("run", "started (UTC)", "profile", "status", "records")
    for run in runs:
        started = run.started.strftime("%Y-%m-%d %H:%M:%S")
        _row(table, run.id[:8], started, run.profile, run.status, str(run.records))
    return table


def gate_table(gate: Gate) -> Table:
    """Return the criteria of a gate up to its target, one a line."""
    table = _table("TRL", "criterion", "measured", "threshold", "evidence", "verdict")
    for one in gate.judged:
        if one.level > gate.target:
            continue
        asked = one.criterion
        found = quantity(one.value, asked.unit)
        ends = interval(one.low, one.high, asked.unit)
        evidence = one.record.payload.get("evidence") if one.record else None
        _row(
            table,
            str(one.level),
            f"{asked.id} {asked.title}",
            f"{found} ({ends})" if ends else found,
            f"{asked.operator} {quantity(asked.threshold, asked.unit)}",
            evidence or "none",
            one.verdict,
            why=one.reason,
        )
    return table


def change_table(changes: Iterable[Change]) -> Table:
    """Return what changed from one side to the other, one case a line."""
    table = _table("case", "peer", "before", "after", "times better", "verdict")
    for one in changes:
        ends = interval(one.low, one.high)
        factor = number(one.factor) + (f" ({ends})" if ends else "")
        _row(
            table,
            one.name,
            one.peer or "",
            number(one.before),
            number(one.after),
            factor,
            one.verdict,
            why=one.reason,
        )
    return table


def filing_table(records: Iterable[tuple[str, dict[str, Any]]]) -> Table:
    """Return filed values, one a line."""
    table = _table("case", "value", "99 %", "measured", "interval", "evidence")
    for name, payload in records:
        unit = payload["unit"]
        _row(
            table,
            name,
            quantity(payload["value"], unit),
            interval(payload["low"], payload["high"], unit),
            payload["measured_at"][:10],
            payload["source"]["interval"],
            payload["evidence"],
        )
    return table


def trend_lines(trends: Iterable[Trend]) -> Iterator[Text]:
    """Yield, for each series, name, bars and newest value, then its steps."""
    for one in trends:
        of = [f"beside {one.peer}" if one.peer else "", one.device or ""]
        where = ", ".join(f"{key} {value}" for key, value in one.environment.items())
        yield Text(" ".join([one.name, *filter(None, of)]), style="bold")
        first, last = one.times[0].date(), one.times[-1].date()
        newest = quantity(one.values[-1], one.unit)
        yield Text(
            f"  {sparkline(one.values)} {newest}, {len(one.values)} from {first} to "
            f"{last}"
        )
        for step in one.steps:
            yield Text(f"  {_step_sentence(one, step)}", style="yellow")
        yield Text(f"  {where}", style="dim")


def _step_sentence(trend: Trend, step: Step) -> str:
    levels = (
        f"{quantity(step.before, trend.unit)} to {quantity(step.after, trend.unit)}"
    )
    word = ""
    if trend.better != "none":
        up = (step.after > step.before) == (trend.better == "higher")
        word = " (better)" if up else " (worse)"
    commits = [
        one[:10] if one else "?" for one in (step.commit_before, step.commit_after)
    ]
    day = trend.times[step.index].date()
    return f"step on {day}: {levels}{word}, between commits {' and '.join(commits)}"


def _short(commit: str | None) -> str:
    """Return ten digits of a commit, and the sign of files that were changed."""
    return "?" if commit is None else commit[:10] + "+" * commit.endswith("+")


def phase_table(changes: Iterable[Change]) -> Table:
    """Return the times of first calls beside the steady state, both sides apart."""
    table = _table(
        "case", "first call, nothing compiled", "first call, compiled", "steady"
    )
    for one in changes:
        if one.phases is None:
            continue
        a, b = one.phases
        times = (
            (a.compile_s, b.compile_s),
            (a.first_call_s, b.first_call_s),
            (a.steady_s, b.steady_s),
        )
        cells = [f"{quantity(old, 's')} -> {quantity(new, 's')}" for old, new in times]
        _row(table, one.name, *cells)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: str, why: str = "") -> None:
    """Add a line; texts come from files, so nothing in them is markup."""
    plain: Sequence[Text] = [Text(one) for one in cells]
    if why:
        plain[-1].stylize(_COLOURS.get(cells[-1], ""))
        plain[-1].append(f": {why}", style="dim")
    table.add_row(*plain)
