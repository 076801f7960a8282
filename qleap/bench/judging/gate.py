"""From verdicts to the level reached, the answer of the gate and a recommendation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from qleap.bench.judging.evidence import EVIDENCE, FIRST_REAL, is_simulation, rank
from qleap.bench.judging.family import corrected_failures
from qleap.bench.judging.policy import Criterion, Policy
from qleap.bench.judging.selection import Evidences
from qleap.bench.judging.verdict import Judged, judge
from qleap.bench.sentences import Sentence
from qleap.bench.trail.journal import Record
from qleap.core import checks

__all__ = [
    "EXIT_CODES",
    "RULES",
    "SIMULATION_CAP",
    "Gate",
    "LevelState",
    "decide",
    "worst",
]

SIMULATION_CAP = 3
"""The highest TRL that simulation alone awards: software cannot award a device's."""

Outcome = Literal["pass", "fail", "inconclusive", "insufficient"]

EXIT_CODES: dict[Outcome, int] = {
    "pass": 0,
    "fail": 1,
    "inconclusive": 2,
    "insufficient": 3,
}
SEVERITY: tuple[Outcome, ...] = ("fail", "inconclusive", "insufficient", "pass")

Recommendation = Literal["continue", "change", "stop"]

RULES = (
    "stop: a critical criterion up to the target level FAILs, or the share that FAILs "
    "reaches the policy's stop_share (missing evidence stays in the denominator); "
    "change: any other criterion up to the target FAILs; continue: none FAILs"
)
"""The declared rules of recommendation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelState:
    """One rung of the ladder.

    ``state`` is reached, failed, open (evidence lacks or does not decide),
    capped (all criteria pass, but on simulation alone) or blocked (all pass, but
    a lower level is not reached).
    """

    number: int
    title: str
    state: Literal["reached", "failed", "open", "capped", "blocked"]
    counts: dict[str, int]
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What a policy says about the evidence.

    Parameters
    ----------
    policy : Policy
    target : int
        The level asked for.
    judged : tuple of Judged
        Every criterion, lowest level first.
    levels : tuple of LevelState
        Every level of the policy.
    reached : int
        The highest level reached; 0 for none.
    label : str
        What the level rests on.
    outcome : str
        pass, fail, inconclusive or insufficient, for the target.
    recommendation : str
        continue, change or stop, by `RULES`.
    reason : str
        Why so.
    device : str or None
        Whose records count beside those of the library itself.
    """

    policy: Policy
    target: int
    judged: tuple[Judged, ...]
    levels: tuple[LevelState, ...]
    reached: int
    label: Sentence
    outcome: Outcome
    recommendation: Recommendation
    reason: Sentence
    device: str | None


def decide(
    policy: Policy,
    records: Iterable[Record],
    *,
    now: datetime,
    target: int | None = None,
    device: str | None = None,
) -> Gate:
    """Judge every criterion of ``policy`` and return the gate.

    Parameters
    ----------
    policy : Policy
    records : iterable of Record
        Oldest first.
    now : datetime
        Aware, UTC; evidence may be too old.
    target : int, optional
        The level asked for; by default the policy's.
    device : str, optional
        Whose records count beside those of the library itself.
    """
    highest = max(policy.levels)
    if target is None:
        target = policy.target
    target = checks.count("level", target, 1, highest)
    evidence = Evidences(records, device)
    judged = corrected_failures(
        _judge(criterion, number, evidence, now)
        for number in sorted(policy.levels)
        for criterion in policy.levels[number].criteria
    )
    levels = _ladder(policy, judged)
    reached = max((one.number for one in levels if one.state == "reached"), default=0)
    asked = [one for one in judged if one.level <= target]
    recommendation, reason = _recommend(policy, asked, levels[:target])
    return Gate(
        policy=policy,
        target=target,
        judged=judged,
        levels=levels,
        reached=reached,
        label=_label(judged, reached),
        outcome=_outcome(asked, reached >= target),
        recommendation=recommendation,
        reason=reason,
        device=device,
    )


def worst(gates: Iterable[Gate]) -> Outcome:
    """Return the outcome of several gates together."""
    outcomes = {gate.outcome for gate in gates}
    return next((one for one in SEVERITY if one in outcomes), "insufficient")


def _judge(
    criterion: Criterion, level: int, evidence: Evidences, now: datetime
) -> Judged:
    """Judge; where simulation alone awards nothing, by a device's data if there are."""
    if level > SIMULATION_CAP and is_simulation(criterion.evidence):
        asked = criterion.model_copy(update={"evidence": FIRST_REAL})
        found = judge(asked, level, evidence, now)
        if found.verdict not in ("MISSING", "STALE"):
            return replace(found, criterion=criterion)
    return judge(criterion, level, evidence, now)


def _ladder(policy: Policy, judged: tuple[Judged, ...]) -> tuple[LevelState, ...]:
    levels = []
    climbing = True
    for number, level in sorted(policy.levels.items()):
        mine = [one for one in judged if one.level == number]
        counts = Counter(str(one.verdict) for one in mine)
        state = _state(number, mine, climbing)
        climbing = state == "reached"
        levels.append(
            LevelState(
                number=number,
                title=level.title,
                state=state,
                counts=dict(counts),
                total=len(mine),
            )
        )
    return tuple(levels)


def _state(
    number: int, judged: list[Judged], climbing: bool
) -> Literal["reached", "failed", "open", "capped", "blocked"]:
    if any(one.verdict == "FAIL" for one in judged):
        return "failed"
    if any(one.verdict != "PASS" for one in judged):
        return "open"
    if number > SIMULATION_CAP and all(is_simulation(_kind(one)) for one in judged):
        return "capped"
    return "reached" if climbing else "blocked"


def _kind(judged: Judged) -> str:
    """Return the evidence kind behind a criterion that passed."""
    return "analytic" if judged.record is None else judged.record.payload["evidence"]


def _label(judged: tuple[Judged, ...], reached: int) -> Sentence:
    if reached == 0:
        return Sentence("no level reached")
    kinds = [_kind(one) for one in judged if one.level <= reached]
    measured = [kind for kind in kinds if not is_simulation(kind)]
    if not measured:
        return Sentence("model readiness")
    if reached <= SIMULATION_CAP and len(measured) < len(kinds):
        return Sentence(
            "model readiness, {count} of {total} criteria on measured data",
            count=len(measured),
            total=len(kinds),
        )
    return Sentence("rests on {kind}", kind=EVIDENCE[max(map(rank, kinds))])


def _outcome(asked: list[Judged], target_reached: bool) -> Outcome:
    verdicts = {one.verdict for one in asked}
    if "FAIL" in verdicts:
        return "fail"
    if "INCONCLUSIVE" in verdicts:
        return "inconclusive"
    return "pass" if target_reached else "insufficient"


def _recommend(
    policy: Policy, asked: list[Judged], levels: tuple[LevelState, ...]
) -> tuple[Recommendation, Sentence]:
    failing = [one.criterion for one in asked if one.verdict == "FAIL"]
    total = len(asked)
    critical = [criterion.id for criterion in failing if criterion.critical]
    if critical:
        return "stop", Sentence("the critical criterion {name} fails", name=critical[0])
    counts = {"failing": len(failing), "total": total}
    if failing and len(failing) >= policy.stop_share * total:
        return "stop", Sentence(
            "{failing} of {total} criteria fail, a share of {share} or more",
            share=f"{policy.stop_share:g}",
            **counts,
        )
    if failing:
        names = ", ".join(criterion.id for criterion in failing)
        return "change", Sentence(
            "{failing} of {total} criteria fail: {names}", names=names, **counts
        )
    short = sum(one.verdict != "PASS" for one in asked)
    if short:
        return "continue", Sentence(
            "none fails up to TRL {level}; {short} of {total} still lack evidence",
            level=levels[-1].number,
            short=short,
            total=total,
        )
    capped = [one.number for one in levels if one.state == "capped"]
    if capped:
        return "continue", Sentence(
            "all {total} criteria pass, but TRL {level} on simulation alone",
            total=total,
            level=capped[0],
        )
    return "continue", Sentence("all {total} criteria pass", total=total)
