"""What humans decide at a gate, kept apart from what the gate recommends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from qleap.bench.judging.gate import Gate
from qleap.bench.trail.journal import Journal, Record
from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["CHOICES", "Decision", "decisions", "record_decision"]

CHOICES: Final = ("continue", "change", "stop")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a human decided, by name, with the reason."""

    domain: str
    target: int
    choice: str
    by: str
    reason: str
    at: datetime
    outcome: str
    recommendation: str


def record_decision(
    journal: Journal, gate: Gate, *, choice: str, by: str, reason: str
) -> None:
    """Store what a human decided on ``gate``, apart from what it recommends."""
    checks.one_of("decision", choice, CHOICES)
    for name, text in (("name", by), ("reason", reason)):
        if not text.strip():
            raise InvalidValue(f"{name} must not be empty: a decision needs a {name}.")
    payload: dict[str, Any] = {
        "kind": "decision",
        "domain": gate.policy.domain,
        "policy_sha256": gate.policy.sha256(),
        "target": gate.target,
        "choice": choice,
        "by": by,
        "reason": reason,
        "outcome": gate.outcome,
        "recommendation": gate.recommendation,
        "evidence": [one.record.hash for one in gate.judged if one.record],
    }
    if gate.device is not None:
        payload["device"] = gate.device
    journal.store("decision", {}, [(f"decision.{gate.policy.domain}", payload)])


def decisions(
    records: Iterable[Record], domain: str, device: str | None = None
) -> list[Decision]:
    """Return the decisions on ``domain`` of this device, oldest first."""
    names = ("domain", "target", "choice", "by", "reason", "outcome", "recommendation")
    return [
        Decision(at=record.created, **{name: record.payload[name] for name in names})
        for record in records
        if record.name == f"decision.{domain}"
        and record.payload.get("device") == device
    ]
