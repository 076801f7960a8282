"""What a crate tells twice: runs and verdicts against the chain of records in it.

Hashes of files can be made anew by whoever changes a file; the chain of events and
the judgement that follows from it cannot, unless all of them are made anew.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qleap.bench.judging.gate import decide
from qleap.bench.judging.policy import load_policy
from qleap.bench.trail.chain import CLOSING, OPENING, Event, canonical
from qleap.bench.trail.journal import record_of
from qleap.core.errors import QleapError

__all__ = ["report_faults", "run_faults", "run_records"]

REPORT = "report/qleap-report.json"


def run_records(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the results among the events of a run as the crate lists them."""
    return [
        {
            "sequence": one.sequence,
            "name": one.name,
            "created": one.created,
            "sha256": one.hash,
            **one.content(),
        }
        for one in events
        if one.name not in (OPENING, CLOSING)
    ]


def run_faults(
    folder: Path, events: Sequence[Event], environments: dict[str, str]
) -> Iterator[str]:
    """Yield a sentence for each file of a run that differs from the chain."""
    for path in sorted(folder.glob("runs/*/*.json")):
        run_id, place = path.parent.name, path.relative_to(folder).as_posix()
        if path.name == "records.json":
            mine = [one for one in events if one.run_id == run_id]
            wanted = canonical(run_records(mine))
        else:
            wanted = environments.get(run_id, "")
        if _canonical_content(path) != wanted:
            yield f"{place} is not what records.jsonl says of this run."


def report_faults(folder: Path, events: Sequence[Event]) -> Iterator[str]:
    """Judge the records by the policies once more; yield where the report differs."""
    try:
        report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        said = {one["domain"]: _said(one) for one in report["domains"]}
        now, device = datetime.fromisoformat(report["created"]), report["device"]
        targets = {one["domain"]: one["target"] for one in report["domains"]}
    except (OSError, ValueError, TypeError, KeyError) as error:
        yield f"{REPORT} cannot be read: {error}."
        return
    try:
        records = [
            record_of(one) for one in events if one.name not in (OPENING, CLOSING)
        ]
        policies = [load_policy(path) for path in sorted(folder.glob("policies/*"))]
        gates = [
            decide(one, records, now=now, target=targets.get(one.domain), device=device)
            for one in policies
        ]
    except QleapError as error:
        yield f"the policies cannot be applied to the records: {error}"
        return
    found = {one.policy.domain: one for one in gates}
    for domain in sorted(said.keys() | found.keys()):
        if domain not in said or domain not in found:
            yield f"{domain} is not in both the report and the policies."
            continue
        gate = found[domain]
        ours = {one.criterion.id: str(one.verdict) for one in gate.judged}
        ours |= {"level": str(gate.reached), "outcome": gate.outcome}
        for what in sorted(said[domain].keys() | ours.keys()):
            told, true = said[domain].get(what), ours.get(what)
            if told != true:
                yield (
                    f"{REPORT} says of {domain} {what}: {told}; from the records and "
                    f"policies here follows {true}."
                )


def _said(domain: dict[str, Any]) -> dict[str, str]:
    told = {one["id"]: str(one["verdict"]) for one in domain["criteria"]}
    return told | {"level": str(domain["reached"]), "outcome": domain["outcome"]}


def _canonical_content(path: Path) -> str:
    try:
        return canonical(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        return ""
