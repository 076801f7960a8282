"""What changed since the last report, which the journal notes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qleap.bench.reporting.model import (
    DomainRow,
    LevelChange,
    Named,
    Since,
    ValueChange,
    VerdictChange,
)
from qleap.bench.trail.journal import Journal, Record

__all__ = ["PROFILE", "changes", "moved", "note_report"]

PROFILE = "report"
"""Profile of the run, and name of the record, that notes a report."""

ROUNDING = 1e-12
"""Of pure numbers."""

MOVED = 0.01
"""Of a value without an interval: a larger share is a change."""

Span = tuple[float, float | None, float | None]
"""Value, low and high end of its interval."""


def note_report(
    journal: Journal, report: Mapping[str, Any], paths: Sequence[Path]
) -> None:
    """Store what ``report`` said, and the hash of each file that it was written to."""
    payload = {
        "kind": PROFILE,
        "device": report["device"],
        "created": report["created"],
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
        },
        "domains": {
            domain["domain"]: {
                "reached": domain["reached"],
                "outcome": domain["outcome"],
                "criteria": {
                    one["id"]: [one["verdict"], one["value"], one["low"], one["high"]]
                    for one in domain["criteria"]
                },
            }
            for domain in report["domains"]
        },
    }
    journal.store(PROFILE, {}, [(PROFILE, payload)])


def changes(
    domains: Sequence[DomainRow], records: Iterable[Record], device: str | None
) -> Since | None:
    """Return what changed since the last report of ``device``; None for the first.

    A report may show some domains only: each is compared with the last report that
    showed it.
    """
    reports = [
        record.payload
        for record in records
        if record.name == PROFILE and record.payload.get("device") == device
    ]
    if not reports:
        return None
    since = Since(
        previous=reports[-1]["created"],
        levels=[],
        verdicts=[],
        values=[],
        added=[],
        gone=[],
    )
    before: dict[str, Any] = {}
    for payload in reports:
        before |= payload["domains"]
    for domain in domains:
        if domain.domain in before:
            _compare(domain, before[domain.domain], since)
    return since


def _compare(domain: DomainRow, before: Mapping[str, Any], since: Since) -> None:
    name = domain.domain
    if (domain.reached, domain.outcome) != (before["reached"], before["outcome"]):
        since.levels.append(
            LevelChange(
                domain=name,
                before=before["reached"],
                after=domain.reached,
                outcome_before=before["outcome"],
                outcome_after=domain.outcome,
            )
        )
    held = dict(before["criteria"])
    for one in domain.criteria:
        if one.id not in held:
            since.added.append(Named(domain=name, id=one.id))
            continue
        verdict, value, low, high = held.pop(one.id)
        if verdict != one.verdict:
            since.verdicts.append(
                VerdictChange(domain=name, id=one.id, before=verdict, after=one.verdict)
            )
        if value is None or one.value is None:
            continue
        if moved((value, low, high), (one.value, one.low, one.high), one.unit):
            since.values.append(
                ValueChange(
                    domain=name,
                    id=one.id,
                    unit=one.unit,
                    before=value,
                    after=one.value,
                )
            )
    since.gone.extend(Named(domain=name, id=one) for one in held)


def moved(before: Span, after: Span, unit: str) -> bool:
    """Return whether the two intervals have nothing in common.

    Without an interval on either side, a value moved if it did by more than
    `MOVED` of itself; pure numbers, which often are errors, by more than rounding too.
    """
    first, second = _ends(before), _ends(after)
    if first[0] < first[1] or second[0] < second[1]:
        return second[0] > first[1] or second[1] < first[0]
    distance = abs(after[0] - before[0])
    share = MOVED * max(abs(before[0]), abs(after[0]))
    return distance > (max(ROUNDING, share) if unit == "1" else share)


def _ends(span: Span) -> tuple[float, float]:
    value, low, high = span
    return value if low is None else low, value if high is None else high
