"""One criterion against the newest evidence: PASS, FAIL, or why neither."""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from qleap.bench.formatting import quantity
from qleap.bench.judging.evidence import rank
from qleap.bench.judging.policy import Criterion
from qleap.bench.judging.selection import Evidences
from qleap.bench.sentences import Sentence
from qleap.bench.trail.journal import Record

__all__ = ["Judged", "Verdict", "agreement", "judge"]

Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE", "STALE", "MISSING"]

SECONDS_A_DAY = 86400.0

CLOCK_LEEWAY_DAYS = 1.0
"""By how much the clocks of machines that share a trail may differ."""

GRAVITY: tuple[Verdict, ...] = ("FAIL", "MISSING", "STALE", "INCONCLUSIVE", "PASS")
"""Of several verdicts the first that occurs counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A criterion with its verdict, and NASA's three: prediction, measured, agreement.

    Parameters
    ----------
    criterion : Criterion
        What was asked.
    level : int
        Its TRL.
    verdict : str
        PASS, FAIL, INCONCLUSIVE, STALE or MISSING.
    reason : Sentence
        Why so.
    record : Record or None
        The evidence that was looked at.
    value, low, high : float or None
        The measured statistic with its 99 % interval, in the criterion's unit.
    prediction : float or None
        What was expected.
    agreement : str
        ``agrees``, ``differs``, or empty where there is nothing to compare.
    p_value : float or None
        Of a speed criterion's failure, adjusted for the number of such criteria.
    """

    criterion: Criterion
    level: int
    verdict: Verdict
    reason: Sentence
    record: Record | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    prediction: float | None = None
    agreement: str = ""
    p_value: float | None = None


def judge(
    criterion: Criterion, level: int, evidence: Evidences, now: datetime
) -> Judged:
    """Return the verdict on ``criterion`` at the time ``now``."""
    if criterion.peers:
        return _beside_fastest(criterion, level, evidence, now)
    record = evidence.find(criterion.measurement, criterion.peer, criterion.evidence)
    if record is None:
        return _without(criterion, level, Sentence("nothing has been measured"), None)
    payload = record.payload
    if payload["status"] == "wrong":
        return Judged(
            criterion=criterion,
            level=level,
            verdict="FAIL",
            reason=Sentence("the result is wrong: {reason}", reason=payload["reason"]),
            record=record,
        )
    obstacle = _obstacle(criterion, record)
    if obstacle:
        return _without(criterion, level, obstacle, record)
    return _weigh(criterion, level, record, now)


def _beside_fastest(
    criterion: Criterion, level: int, evidence: Evidences, now: datetime
) -> Judged:
    """Judge beside each of several peers; the gravest verdict counts.

    Among equal verdicts it is the smallest ratio, that is, the fastest peer.
    """
    judged = []
    for peer in criterion.peers:
        alone = criterion.model_copy(update={"peer": peer, "peers": ()})
        one = judge(alone, level, evidence, now)
        reason = Sentence("{peer}: {reason}", peer=peer, reason=one.reason)
        judged.append(replace(one, criterion=criterion, reason=reason))
    found = min(
        judged,
        key=lambda one: (
            GRAVITY.index(one.verdict),
            -math.inf if one.value is None else one.value,
        ),
    )
    runs = {one.record.run_id for one in judged if one.record is not None}
    if found.verdict != "FAIL" and len(runs) > 1:
        reason = Sentence("the peers were measured in different runs")
        return _without(criterion, level, reason, None)
    return found


def agreement(
    criterion: Criterion,
    prediction: float | None,
    value: float,
    low: float,
    high: float,
) -> str:
    """Say whether a measured value agrees with its prediction.

    It does where the prediction lies in the interval, or where the value is no
    further from the prediction than the threshold is.
    """
    if prediction is None:
        return ""
    near = abs(value - prediction) <= abs(criterion.threshold - prediction)
    return "agrees" if low <= prediction <= high or near else "differs"


def _obstacle(criterion: Criterion, record: Record) -> Sentence | None:
    """Return why the record cannot count, or None."""
    payload = record.payload
    if payload["status"] != "measured":
        return Sentence(
            "{status}: {reason}", status=payload["status"], reason=payload["reason"]
        )
    wanted = "value" if criterion.statistic == "value" else "ratio"
    if wanted not in payload:
        return Sentence(
            "the case is no measurement of {statistic}", statistic=criterion.statistic
        )
    if rank(payload["evidence"]) < rank(criterion.evidence):
        return Sentence(
            "insufficient evidence: {found}, but {asked} or stronger is asked",
            found=payload["evidence"],
            asked=criterion.evidence,
        )
    unit = payload.get("unit", "1")
    if unit != criterion.unit:
        return Sentence(
            "the case measures in {unit}, the criterion asks for {asked}",
            unit=unit,
            asked=criterion.unit,
        )
    return None


def _without(
    criterion: Criterion, level: int, reason: Sentence, record: Record | None
) -> Judged:
    prediction = criterion.prediction
    if prediction is None and record is not None:
        prediction = record.payload.get("prediction")
    return Judged(
        criterion=criterion,
        level=level,
        verdict="MISSING",
        reason=reason,
        record=record,
        prediction=prediction,
    )


def _weigh(criterion: Criterion, level: int, record: Record, now: datetime) -> Judged:
    """Compare the interval with the threshold; evidence too old does not count."""
    payload = record.payload
    value = payload["value" if criterion.statistic == "value" else "ratio"]
    low, high = payload["low"], payload["high"]
    prediction = payload.get("prediction")
    if prediction is None:
        prediction = criterion.prediction
    ends = (value if low is None else low, value if high is None else high)
    verdict, reason = _compare(criterion, criterion.threshold, *ends)
    if criterion.aim is not None:
        beyond = _compare(criterion, criterion.aim, *ends)[1]
        reason = Sentence("{reason}; aim: {aim}", reason=reason, aim=beyond)
    if criterion.statistic == "speed_ratio" and low is None:
        verdict = "INCONCLUSIVE"
        reason = Sentence("{pairs} pairs are too few", pairs=payload["pairs"])
    age = (now - record.measured).total_seconds() / SECONDS_A_DAY
    if age > criterion.max_age_days:
        verdict = "STALE"
        reason = Sentence(
            "{age} days old, {allowed} are allowed",
            age=f"{age:.0f}",
            allowed=f"{criterion.max_age_days:g}",
        )
    if age < -CLOCK_LEEWAY_DAYS:
        verdict = "STALE"
        reason = Sentence(
            "dated {days} days ahead: a clock was wrong, its age cannot be told",
            days=f"{-age:.0f}",
        )
    return Judged(
        criterion=criterion,
        level=level,
        verdict=verdict,
        reason=reason,
        record=record,
        value=value,
        low=low,
        high=high,
        prediction=prediction,
        agreement=agreement(criterion, prediction, value, *ends),
    )


def _compare(
    criterion: Criterion, limit: float, low: float, high: float
) -> tuple[Verdict, Sentence]:
    named = quantity(limit, criterion.unit)
    rule = f"{'≤' if criterion.operator == '<=' else '≥'} {named}"
    worst, best = (high, low) if criterion.operator == "<=" else (low, high)
    sign = 1.0 if criterion.operator == "<=" else -1.0
    if sign * worst <= sign * limit:
        return "PASS", Sentence("meets {rule}", rule=rule)
    if sign * best > sign * limit:
        return "FAIL", Sentence("misses {rule}", rule=rule)
    return "INCONCLUSIVE", Sentence("the interval straddles {limit}", limit=named)
