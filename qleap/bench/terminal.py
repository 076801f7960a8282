"""Tables for the terminal."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from qleap.bench.compare import Change
from qleap.bench.formatting import interval, number, quantity
from qleap.bench.gate import Gate
from qleap.bench.journal import Run

__all__ = ["change_table", "gate_table", "run_table"]

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
        # A run that was killed had no time to say so.
        status = "unfinished" if run.status == "running" else run.status
        started = run.started.strftime("%Y-%m-%d %H:%M:%S")
        _row(table, run.id[:8], started, run.profile, status, str(run.records))
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
    """Return what changed between two runs, one case a line."""
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
