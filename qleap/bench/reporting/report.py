"""What a report says, as plain values: the JSON form, and what the others draw."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import qleap
from qleap.bench.judging.decision import decisions
from qleap.bench.judging.gate import RULES, Gate, decide
from qleap.bench.judging.policy import Policy
from qleap.bench.judging.verdict import Judged
from qleap.bench.reporting import model, since
from qleap.bench.reporting.needs import next_level
from qleap.bench.runner import thresholds_of
from qleap.bench.trail.journal import Journal, Record, Run
from qleap.bench.trail.trend import Trend, trends

__all__ = ["build", "gate_values"]

EVENTS = ("decision", since.PROFILE)
"""Profiles of what the journal notes beside measurements."""

LISTED_RUNS = 10


def build(
    journal: Journal,
    policies: Sequence[Policy],
    *,
    now: datetime,
    device: str | None = None,
) -> dict[str, Any]:
    """Return the whole report as plain values, as `model.json_schema` has them.

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
    runs = [run for run in journal.runs() if run.profile not in EVENTS]
    gates = [decide(policy, records, now=now, device=device) for policy in policies]
    domains = [_domain(gate, records, device) for gate in gates]
    trail = journal.examine()
    report = model.Report(
        format=2,
        generator=f"qleap {qleap.__version__}",
        created=_second(now),
        rules=RULES,
        device=device,
        domains=domains,
        since=since.changes(domains, records, device),
        speed=_speed(records, policies, device),
        accuracy=_accuracy(records, device),
        trends=[_trend(one) for one in trends(records, runs)],
        sources=_sources(domains),
        suites=_broken_suites(records, runs),
        runs=[_run(run) for run in runs[:LISTED_RUNS]],
        environment=runs[0].environment if runs else None,
        chain=model.Chain(
            records=len(records),
            head=trail.head if records else None,
            faults=list(trail.faults),
            remarks=list(trail.remarks),
        ),
    )
    return asdict(report)


def gate_values(gate: Gate, device: str | None = None) -> dict[str, Any]:
    """Return a gate as plain values."""
    return asdict(_domain(gate, (), device))


def _domain(
    gate: Gate, records: Iterable[Record], device: str | None
) -> model.DomainRow:
    policy = gate.policy
    return model.DomainRow(
        domain=policy.domain,
        kind=policy.kind,
        title=policy.title,
        title_ja=policy.title_ja,
        target=gate.target,
        reached=gate.reached,
        label=gate.label,
        outcome=gate.outcome,
        recommendation=gate.recommendation,
        reason=gate.reason,
        counts=dict(Counter(str(one.verdict) for one in gate.judged)),
        levels=[
            model.Rung(
                number=one.number,
                title=one.title,
                title_ja=policy.levels[one.number].title_ja,
                state=one.state,
                passed=one.counts.get("PASS", 0),
                counts=one.counts,
                total=one.total,
            )
            for one in gate.levels
        ],
        criteria=[_criterion(one) for one in gate.judged],
        next=next_level(gate, device),
        decisions=[
            model.DecisionRow(
                at=_second(one.at),
                choice=one.choice,
                by=one.by,
                reason=one.reason,
                target=one.target,
                outcome=one.outcome,
                recommendation=one.recommendation,
            )
            for one in decisions(records, policy.domain, device)
        ],
    )


def _criterion(judged: Judged) -> model.CriterionRow:
    asked, record = judged.criterion, judged.record
    payload = {} if record is None else record.payload
    agreement: Any = judged.agreement
    return model.CriterionRow(
        level=judged.level,
        id=asked.id,
        title=asked.title,
        title_ja=asked.title_ja,
        measurement=asked.measurement,
        statistic=asked.statistic,
        peer=asked.peer,
        peers=list(asked.peers),
        operator=asked.operator,
        threshold=asked.threshold,
        aim=asked.aim,
        unit=asked.unit,
        critical=asked.critical,
        needs=asked.needs,
        max_age_days=asked.max_age_days,
        citation=asked.citation,
        status=asked.status,
        evidence_asked=asked.evidence,
        evidence=payload.get("evidence"),
        device=payload.get("device"),
        source=_source(payload),
        beside=payload.get("peer"),
        prediction=judged.prediction,
        value=judged.value,
        low=judged.low,
        high=judged.high,
        agreement=agreement,
        verdict=judged.verdict,
        reason=judged.reason,
        measured=None if record is None else _second(record.measured),
        run=None if record is None else record.run_id,
        sha256=None if record is None else record.hash,
    )


def _source(payload: dict[str, Any]) -> model.Source | None:
    source = payload.get("source") or payload.get("recording")
    if source is None:
        return None
    return model.Source(
        file=source.get("file"),
        sha256=source.get("sha256"),
        doi=source.get("doi"),
        citation=payload.get("citation"),
        instrument=source.get("instrument"),
        site=source.get("site"),
        operator=source.get("operator"),
    )


def _sources(domains: Iterable[model.DomainRow]) -> list[model.SourceRow]:
    """Return each recorded file once, with the criteria that rest on it."""
    found: dict[tuple[str | None, str | None], model.SourceRow] = {}
    for domain in domains:
        for one in domain.criteria:
            if one.source is None or one.evidence is None or one.measured is None:
                continue
            row = found.setdefault(
                (one.source.file, one.source.sha256),
                model.SourceRow(
                    source=one.source,
                    evidence=one.evidence,
                    measured=one.measured,
                    criteria=[],
                ),
            )
            row.criteria.append(model.Named(domain=domain.domain, id=one.id))
    return list(found.values())


def _speed(
    records: Iterable[Record], policies: Iterable[Policy], device: str | None
) -> list[model.SpeedRow]:
    thresholds = thresholds_of(policies)
    rows = []
    for record in _latest(records, "speed", device):
        facts = record.payload
        peer = facts.get("peer")
        rows.append(
            model.SpeedRow(
                name=record.name,
                title=facts["title"],
                peer=peer,
                peer_version=facts.get("peer_version"),
                status=facts["status"],
                reason=facts["reason"],
                ratio=facts.get("ratio"),
                low=facts.get("low"),
                high=facts.get("high"),
                pairs=facts.get("pairs"),
                threads=facts.get("threads"),
                steady_s=facts.get("steady_s"),
                peer_steady_s=facts.get("peer_steady_s"),
                first_call_s=facts.get("first_call_s"),
                peer_first_call_s=facts.get("peer_first_call_s"),
                error=facts.get("error"),
                rtol=facts.get("rtol"),
                thresholds=thresholds.get((record.name, str(peer)), []),
                measured=_second(record.measured),
            )
        )
    return rows


def _accuracy(records: Iterable[Record], device: str | None) -> list[model.AccuracyRow]:
    return [
        model.AccuracyRow(
            name=record.name,
            title=facts["title"],
            status=facts["status"],
            reason=facts["reason"],
            value=facts.get("value"),
            low=facts.get("low"),
            high=facts.get("high"),
            unit=facts.get("unit"),
            prediction=facts.get("prediction"),
            reference=facts.get("reference"),
            evidence=facts.get("evidence"),
            device=facts.get("device"),
            measured=_second(record.measured),
        )
        for record in _latest(records, "accuracy", device)
        for facts in (record.payload,)
    ]


def _latest(records: Iterable[Record], kind: str, device: str | None) -> list[Record]:
    """Return the newest record of each case, peer and device, whatever its status."""
    found: dict[tuple[str, str, str], Record] = {}
    for record in records:
        payload = record.payload
        owner = payload.get("device")
        if payload["kind"] == kind and owner in (None, device):
            found[record.name, payload.get("peer") or "", owner or ""] = record
    return [found[key] for key in sorted(found)]


def _trend(one: Trend) -> model.TrendRow:
    return model.TrendRow(
        name=one.name,
        title=one.title,
        peer=one.peer,
        device=one.device,
        unit=one.unit,
        better=one.better,
        environment=one.environment,
        times=[_second(moment) for moment in one.times],
        values=list(one.values),
        low=list(one.low),
        high=list(one.high),
        steps=[
            model.StepRow(
                index=step.index,
                before=step.before,
                after=step.after,
                commit_before=step.commit_before,
                commit_after=step.commit_after,
            )
            for step in one.steps
        ],
    )


def _broken_suites(
    records: Iterable[Record], runs: Sequence[Run]
) -> list[model.BrokenSuite]:
    """Return the suites that could not even be read in the newest run."""
    return [
        model.BrokenSuite(
            name=record.name.removesuffix(".suite"), reason=record.payload["reason"]
        )
        for record in records
        if record.payload["kind"] == "suite" and record.run_id == runs[0].id
    ]


def _run(run: Run) -> model.RunRow:
    return model.RunRow(
        id=run.id,
        started=_second(run.started),
        finished=None if run.finished is None else _second(run.finished),
        profile=run.profile,
        status=run.status,
        records=run.records,
    )


def _second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
