"""What the templates of a report need beside it: words, look-ups, and what is shown."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from qleap.bench import formatting
from qleap.bench.judging.verdict import GRAVITY
from qleap.bench.reporting.forest import races
from qleap.bench.reporting.sparkline import sparkline
from qleap.bench.sentences import Sentence, catalogue, translate
from qleap.bench.trail.trend import sparkline as bars

__all__ = ["IN_FULL", "LEAST", "context", "filters"]

LEAST = 3
"""Values that make a series."""

LISTED = 40
"""Rows of a list whose length nothing else bounds."""

IN_FULL = 30
"""Criteria of all library policies together that do not pass and get a full row."""

Row = Mapping[str, Any]


def context(
    report: Mapping[str, Any], language: str, *, markup: bool
) -> dict[str, Any]:
    """Return the variables of the templates.

    Parameters
    ----------
    report : mapping
        Of `qleap.bench.reporting.report.build`.
    language : str
        One of `qleap.bench.sentences.LANGUAGES`.
    markup : bool
        Whether texts go into HTML: then all that is put into a phrase is escaped.
    """
    fields = report["speed"] + report["accuracy"]
    lost = [row | {"peer": row.get("peer")} for row in fields if _lost(row)]
    absent = ("skipped", "not installed")
    return {
        "report": report,
        "language": language,
        "t": partial(_phrase, language=language, markup=markup),
        "code": _code if markup else "`{}`".format,
        "races": races(report["speed"]),
        "domains": {one["domain"]: one for one in report["domains"]},
        "criteria": {
            (domain["domain"], one["id"]): one
            for domain in report["domains"]
            for one in domain["criteria"]
        },
        "asked": {
            one["measurement"]
            for domain in report["domains"]
            for one in domain["criteria"]
        },
        "long_trends": sorted(
            (one for one in report["trends"] if len(one["values"]) >= LEAST),
            key=lambda one: one["peer"] is None,  # speed first: it changes the most
        ),
        "full": _in_full(report),
        "failed": [row for row in lost if row["status"] not in absent],
        "absent": [row for row in lost if row["status"] in absent],
        "verdicts": tuple(reversed(GRAVITY)),
        "listed": LISTED,
        "least": LEAST,
    }


def filters(report: Mapping[str, Any], language: str) -> dict[str, Callable[..., Any]]:
    """Return the filters of the templates, in ``language``."""
    found = {name: getattr(formatting, name) for name in formatting.__all__}
    return found | {
        "interval": partial(formatting.interval, language=language),
        "day": partial(formatting.day, language=language),
        "moment": partial(formatting.moment, language=language),
        "say": partial(translate, language=language),
        "title_of": partial(_title, language=language),
        "sparkline": sparkline,
        "bars": bars,
        "step_word": _step_word,
        "trend_of": partial(_trend, _trends(report)),
    }


def _phrase(text: str, /, *, language: str, markup: bool, **facts: object) -> str:
    if not markup:
        return translate(Sentence(text, **facts), language)
    pattern = text if language == "en" else catalogue(language).get(text, text)
    return Markup(pattern).format(**facts)


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _title(row: Row, *, language: str) -> str:
    title: str = row["title_ja"] if language == "ja" else ""
    return title or row["title"]


def _lost(row: Row) -> bool:
    return bool(row["status"] != "measured")


def _in_full(report: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return, by domain, the criteria of the library shown in full: the gravest first.

    What has never been measured has nothing to show.
    """
    found = [
        (GRAVITY.index(one["verdict"]), domain["domain"], one)
        for domain in report["domains"]
        if domain["kind"] == "library"
        for one in domain["criteria"]
        if one["verdict"] != "PASS" and one["sha256"] is not None
    ]
    found.sort(key=lambda item: item[0])
    full: dict[str, list[Row]] = {one["domain"]: [] for one in report["domains"]}
    for _, domain, one in found[:IN_FULL]:
        full[domain].append(one)
    return full


def _trends(report: Mapping[str, Any]) -> dict[tuple[Any, ...], Row]:
    """Return the newest long series of each case, peer and device."""
    found: dict[tuple[Any, ...], Row] = {}
    for one in report["trends"]:
        key = one["name"], one["peer"], one["device"]
        if len(one["values"]) < LEAST:
            continue
        if key not in found or one["times"][-1] > found[key]["times"][-1]:
            found[key] = one
    return found


def _trend(known: dict[tuple[Any, ...], Row], row: Row) -> Row | None:
    return known.get((row["measurement"], row["beside"], row["device"]))


def _step_word(trend: Row, step: Row) -> str:
    if trend["better"] == "none":
        return "changed"
    rises = step["after"] > step["before"]
    return "better" if rises == (trend["better"] == "higher") else "worse"
