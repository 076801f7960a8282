"""What a report says, as plain values: the JSON form, and what the others draw."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import qleap
from qleap.bench.decision import decisions
from qleap.bench.gate import RULES, Gate, decide
from qleap.bench.journal import Journal, Record, Run
from qleap.bench.policy import Policy
from qleap.bench.runner import thresholds_of
from qleap.bench.verdict import Judged

__all__ = ["FORMAT", "build", "gate_values"]

FORMAT = 1
"""Version of the JSON form."""

SPEED = [
    "title",
    "peer",
    "peer_version",
    "status",
    "reason",
    "ratio",
    "low",
    "high",
    "pairs",
    "threads",
    "steady_s",
    "peer_steady_s",
    "first_call_s",
    "peer_first_call_s",
    "error",
    "rtol",
]
ACCURACY = [
    "title",
    "status",
    "reason",
    "value",
    "low",
    "high",
    "unit",
    "prediction",
    "reference",
    "evidence",
]


def build(
    journal: Journal,
    policies: Sequence[Policy],
    *,
    now: datetime,
    device: str | None = None,
) -> dict[str, Any]:
    """Return the whole report as plain values.

    Parameters
    ----------
    journal : Journal
        Where the evidence is; the newest attempt of each case counts.
    policies : sequence of Policy
        One a domain.
    now : datetime
        Time of the report, aware, UTC.
    device : str, optional
        Whose records count beside those of the library itself.
    """
    records = journal.records()
    runs = [run for run in journal.runs() if run.profile != "decision"]
    faults = list(journal.faults())
    return {
        "format": FORMAT,
        "generator": f"qleap {qleap.__version__}",
        "created": now.isoformat(timespec="seconds"),
        "rules": RULES,
        "device": device,
        "domains": [
            gate_values(decide(policy, records, now=now, device=device))
            | {"decisions": _decisions(records, policy.domain)}
            for policy in policies
        ],
        "speed": _speed(records, thresholds_of(policies)),
        "accuracy": _latest(records, "accuracy", ACCURACY),
        "suites": _broken_suites(records, runs),
        "runs": [_run(run) for run in runs[:10]],
        "environment": runs[0].environment if runs else None,
        "records": len(records),
        "chain_faults": faults,
    }


def gate_values(gate: Gate) -> dict[str, Any]:
    """Return a gate as plain values."""
    following = next((one for one in gate.levels if one.state != "reached"), None)
    return {
        "domain": gate.policy.domain,
        "kind": gate.policy.kind,
        "title": gate.policy.title,
        "target": gate.target,
        "reached": gate.reached,
        "label": gate.label,
        "outcome": gate.outcome,
        "recommendation": gate.recommendation,
        "reason": gate.reason,
        "levels": [
            {
                "number": one.number,
                "title": one.title,
                "state": one.state,
                "passed": one.counts.get("PASS", 0),
                "counts": one.counts,
                "total": one.total,
            }
            for one in gate.levels
        ],
        "criteria": [_criterion(one) for one in gate.judged],
        "next": None
        if following is None
        else {
            "level": following.number,
            "title": following.title,
            "state": following.state,
            "lacking": [
                one.criterion.id
                for one in gate.judged
                if one.level == following.number and one.verdict != "PASS"
            ],
        },
    }


def _criterion(judged: Judged) -> dict[str, Any]:
    asked = judged.criterion
    record = judged.record
    return {
        "level": judged.level,
        **asked.model_dump(exclude={"prediction", "evidence"}),
        "evidence_asked": asked.evidence,
        "evidence": None if record is None else record.payload.get("evidence"),
        "prediction": judged.prediction,
        "value": judged.value,
        "low": judged.low,
        "high": judged.high,
        "agreement": judged.agreement,
        "verdict": judged.verdict,
        "reason": judged.reason,
        "measured": None if record is None else _second(record.measured),
        "run": None if record is None else record.run_id,
        "sha256": None if record is None else record.hash,
    }


def _speed(
    records: Iterable[Record], thresholds: dict[tuple[str, str], list[float]]
) -> list[dict[str, Any]]:
    rows = _latest(records, "speed", SPEED)
    for row in rows:
        row["thresholds"] = thresholds.get((row["name"], row["peer"]), [])
    return rows


def _latest(
    records: Iterable[Record], kind: str, fields: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the newest record of each case and peer, whatever its status."""
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for record in records:
        payload = record.payload
        if payload["kind"] == kind:
            found[record.name, payload.get("peer")] = {
                "name": record.name,
                **{field: payload.get(field) for field in fields},
                "measured": _second(record.measured),
            }
    ordered = sorted(found, key=lambda key: (key[0], key[1] or ""))
    return [found[key] for key in ordered]


def _broken_suites(
    records: Iterable[Record], runs: Sequence[Run]
) -> list[dict[str, str]]:
    """Return the suites that could not even be read in the newest run."""
    return [
        {"name": record.name.removesuffix(".suite"), "reason": record.payload["reason"]}
        for record in records
        if record.payload["kind"] == "suite" and record.run_id == runs[0].id
    ]


def _decisions(records: Iterable[Record], domain: str) -> list[dict[str, Any]]:
    return [
        {
            "at": _second(one.at),
            "choice": one.choice,
            "by": one.by,
            "reason": one.reason,
            "target": one.target,
            "outcome": one.outcome,
            "recommendation": one.recommendation,
        }
        for one in decisions(records, domain)
    ]


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "started": _second(run.started),
        "finished": None if run.finished is None else _second(run.finished),
        "profile": run.profile,
        "status": run.status,
        "records": run.records,
    }


def _second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
