"""Where the marks of the forest plot lie: speed ratios on a logarithmic axis."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["forest", "races"]

MARGIN = 3.0
"""Room at both ends, per cent of the width."""

STEPS = (1.0, 2.0, 5.0)


def forest(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return ticks, and for each measured row its marks, in per cent of the width.

    Parameters
    ----------
    rows : iterable of mapping
        The ``speed`` rows of a report; those without a ratio are left out.

    Returns
    -------
    dict
        ``ticks`` (at, label), ``one`` (place of the ratio 1) and ``rows`` (row,
        at, low, high, thresholds).
    """
    kept = [row for row in rows if row["ratio"] is not None]
    ends = [1.0]
    for row in kept:
        ends += [row["ratio"], row["low"] or row["ratio"], row["high"] or row["ratio"]]
        ends += row["thresholds"]
    bottom, top = math.log10(min(ends)) - 0.1, math.log10(max(ends)) + 0.1

    def place(ratio: float) -> float:
        share = (math.log10(ratio) - bottom) / (top - bottom)
        return round(MARGIN + (100.0 - 2.0 * MARGIN) * share, 2)

    return {
        "one": place(1.0),
        "ticks": [(place(tick), f"{tick:g}") for tick in _ticks(bottom, top)],
        "rows": [
            {
                "row": row,
                "at": place(row["ratio"]),
                "low": None if row["low"] is None else place(row["low"]),
                "high": None if row["high"] is None else place(row["high"]),
                "thresholds": [
                    place(limit) for limit in row["thresholds"] if limit > 0
                ],
            }
            for row in kept
        ],
    }


def races(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one plot a domain, each with its own axis, and its rows by case.

    Returns
    -------
    list of dict
        As `forest` has them, with ``domain`` and, instead of ``rows``, ``cases``:
        ``title``, ``name``, ``threads`` and the ``rows`` of its peers.
    """
    domains: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["ratio"] is not None:
            domains.setdefault(row["name"].partition(".")[0], []).append(row)
    plots = []
    for domain, mine in domains.items():
        plot = forest(mine)
        cases: dict[str, dict[str, Any]] = {}
        for mark in plot.pop("rows"):
            row = mark["row"]
            case = cases.setdefault(
                row["name"],
                {key: row[key] for key in ("title", "name", "threads")} | {"rows": []},
            )
            case["rows"].append(mark)
        plots.append(plot | {"domain": domain, "cases": list(cases.values())})
    return plots


def _ticks(bottom: float, top: float) -> list[float]:
    """Return round ratios in the range, decades alone where it is wide."""
    steps = STEPS if top - bottom < 2.2 else STEPS[:1]
    decades = range(math.floor(bottom), math.ceil(top) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    return [tick for tick in ticks if bottom <= math.log10(tick) <= top]
