"""A whole comparison of two live sides: which cases, in which order, what it says."""

import contextlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qleap.bench.fingerprint import fingerprint
from qleap.bench.judging.policy import Policy
from qleap.bench.judging.verdict import Verdict
from qleap.bench.racing.compare import Change
from qleap.bench.racing.duel import Duel
from qleap.bench.racing.live import Answer
from qleap.bench.racing.outcomes import Case, Rules
from qleap.bench.racing.sides import Side, as_pair, checked_out
from qleap.bench.racing.statistics import CONFIDENCE, MIN_PAIRS, holm, sign_p_values
from qleap.bench.trail.journal import Journal
from qleap.core import progress
from qleap.core.errors import InvalidValue

__all__ = ["Comparison", "better_of", "compare_sides", "corrected"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What a comparison found.

    Parameters
    ----------
    run_id : str
        Under which it is stored.
    status : str
        finished or interrupted.
    before, after : str
        What the two sides are.
    changes : tuple of Change
        By name, with verdicts that hold for all of them together.
    broken : tuple of str
        One sentence for each suite that cannot be read.
    """

    run_id: str
    status: str
    before: str
    after: str
    changes: tuple[Change, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """The cases of both sides, and what keeps the others out."""

    accuracy: dict[tuple[str, str], list[Case]]
    speed: list[Case]
    alone: list[Change]
    broken: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.speed) + sum(map(len, self.accuracy.values()))


def compare_sides(
    journal: Journal, sides: tuple[Side, Side], rules: Rules, prefix: str = ""
) -> Comparison:
    """Measure both sides in turns and return what changed from one to the other.

    Each case is stored at once. Ctrl-C ends the comparison, which keeps what was
    measured, the pairs of the case at work too.

    Parameters
    ----------
    journal : Journal
        Where results are stored.
    sides : tuple of Side
        The old and the new, in this order; a peer counts as the old.
    rules : Rules
    prefix : str
        Beginning of the case names; empty for all.
    """
    before, after = as_pair(*sides)
    with (
        checked_out((before, after)) as rooted,
        TemporaryDirectory(prefix="qleap-live-") as scratch,
    ):
        run_id = ""

        def keep(name: str, payload: dict[str, Any]) -> None:
            journal.add(run_id, name, payload)

        duel = Duel(rooted, rules, keep, Path(scratch))
        plan = _plan(duel.listed(prefix), (before, after), prefix)
        if not len(plan):
            raise _nothing(prefix, before, after, plan)
        run_id = journal.begin(
            f"compare {before.label} {after.label}"
            + (" quick" if rules.quick else "")
            + (f" {prefix}" if prefix else ""),
            fingerprint() | {"comparison": _facts(before, after, rules)},
        )
        changes = list(plan.alone)
        status = "interrupted"
        try:
            with contextlib.suppress(KeyboardInterrupt):
                _measure(duel, plan, changes)
                status = "finished"
            changes = corrected(changes, duel.ratios, rules, len(plan.speed))
            keep("compare.all.cases", _summary(changes, rules, len(plan.speed)))
        finally:
            journal.finish(run_id, status)
    return Comparison(
        run_id=run_id,
        status=status,
        before=before.description,
        after=after.description,
        changes=tuple(sorted(changes, key=lambda change: change.name)),
        broken=plan.broken,
    )


def corrected(
    changes: Iterable[Change],
    ratios: dict[str, tuple[float, ...]],
    rules: Rules,
    n_cases: int,
) -> list[Change]:
    """Return the verdicts on speed that hold for all cases together (Holm).

    The family are two questions for each of ``n_cases`` speed cases: is the second
    side slower by more than the margin, and is it not? No verdict PASS or FAIL on
    speed in the whole comparison is wrong with a probability of more than 1 %.
    """
    raced = {name: one for name, one in ratios.items() if len(one) >= MIN_PAIRS}
    chances = [
        chance for one in raced.values() for chance in sign_p_values(one, rules.limit)
    ]
    chances += [1.0] * (2 * n_cases - len(chances))
    adjusted = holm(chances)
    of = {name: (adjusted[2 * i], adjusted[2 * i + 1]) for i, name in enumerate(raced)}
    return [_correct(change, of.get(change.name)) for change in changes]


def better_of(policies: Iterable[Policy]) -> dict[str, str]:
    """Return the operator by which policies judge each case's value."""
    return {
        criterion.measurement: criterion.operator
        for policy in policies
        for criterion in policy.criteria()
        if criterion.statistic == "value"
    }


def _correct(change: Change, chances: tuple[float, float] | None) -> Change:
    if chances is None:
        return change
    chance = chances[0] if change.verdict == "FAIL" else chances[1]
    if change.verdict == "INCONCLUSIVE":
        chance = min(chances)
    elif chance > 1.0 - CONFIDENCE:
        reason = f"{change.reason}, but not beyond doubt among so many cases"
        return replace(change, verdict="INCONCLUSIVE", reason=reason, p_value=chance)
    return replace(change, p_value=chance)


def _plan(
    listed: tuple[Answer, Answer], sides: tuple[Side, Side], prefix: str
) -> _Plan:
    """Match the cases of both sides by name."""
    found = [{case["name"]: case for case in one["cases"]} for one in listed]
    peer = sides[0].peer
    if peer is not None:
        found = [
            {k: v for k, v in one.items() if peer in v.get("peers", ())}
            for one in found
        ]
    accuracy: dict[tuple[str, str], list[Case]] = defaultdict(list)
    speed = []
    for name, case in found[1].items():
        if name not in found[0] or found[0][name]["kind"] != case["kind"]:
            continue
        old = found[0][name]
        both = case | {"suites": (old["suite"], case["suite"])}
        if case["kind"] == "speed":
            # The stricter of two revisions decides whether results agree.
            speed.append(both | {"rtol": min(case["rtol"], old["rtol"])})
        else:
            accuracy[both["suites"]].append(both | {"old_unit": old["unit"]})
    broken = tuple(
        f"the suite {suite} of the {side} side cannot be read: {reason}"
        for side, one in zip(("first", "second"), listed, strict=True)
        for suite, reason in one["broken"].items()
    )
    alone = [*_alone(found, sides), *_unreadable(listed, prefix)]
    return _Plan(accuracy=accuracy, speed=speed, alone=alone, broken=broken)


def _alone(found: list[dict[str, Case]], sides: tuple[Side, Side]) -> list[Change]:
    """Return the cases that one side alone has, as values or as work to be timed."""
    changes = []
    for name in sorted(found[0].keys() ^ found[1].keys()):
        place = 0 if name in found[0] else 1
        if sides[1 - place].device and not sides[place].device:
            continue  # it measures no device
        reason = f"not on the {'first' if place else 'second'} side"
        changes.append(Change(name=name, peer=None, verdict="MISSING", reason=reason))
    for name in sorted(found[0].keys() & found[1].keys()):
        kinds = [one[name]["kind"] for one in found]
        if kinds[0] != kinds[1]:
            reason = f"a case of {kinds[0]} became one of {kinds[1]}"
            lost = Change(name=name, peer=None, verdict="MISSING", reason=reason)
            changes.append(lost)
    return changes


def _unreadable(listed: tuple[Answer, Answer], prefix: str) -> list[Change]:
    """Return a change for each broken suite; its cases are not even known.

    What the new side alone cannot read is its fault.
    """
    changes = []
    old, new = (one["broken"] for one in listed)
    for suite in sorted({**old, **new}):
        if not (suite.startswith(prefix) or prefix.startswith(suite)):
            continue
        verdict: Verdict = "FAIL" if suite not in old else "MISSING"
        reason = f"the suite cannot be read: {new.get(suite, old.get(suite))}"
        name = f"{suite}.suite"
        changes.append(Change(name=name, peer=None, verdict=verdict, reason=reason))
    return changes


def _measure(duel: Duel, plan: _Plan, changes: list[Change]) -> None:
    """Compare accuracy first, then speed; ``changes`` grows as results come."""
    with progress.bar("compare", len(plan)) as bar:
        for cases in plan.accuracy.values():
            for change in duel.accuracy(cases):
                changes.append(change)
                bar.advance(note=change.name)
        for case in plan.speed:
            bar.advance(0.0, note=case["name"])
            changes.append(duel.speed(case, len(plan.speed)))
            bar.advance()


def _nothing(prefix: str, before: Side, after: Side, plan: _Plan) -> InvalidValue:
    named = f" that begin with {prefix!r}" if prefix else ""
    only = f"; {plan.alone[0].name} is {plan.alone[0].reason}" if plan.alone else ""
    return InvalidValue(
        f"{before.label} and {after.label} have no cases in common{named}{only}"
        f"{''.join('; ' + one for one in plan.broken)}; `qleap bench list` names the "
        "suites."
    )


def _facts(before: Side, after: Side, rules: Rules) -> dict[str, Any]:
    return {
        "sides": [
            {
                "label": side.label,
                "commit": side.commit,
                "dirty": side.is_dirty,
                "peer": side.peer,
                "device": side.device,
            }
            for side in (before, after)
        ],
        "margin": rules.margin,
        "budget_s": rules.budget,
        "seed": rules.seed,
    }


def _summary(changes: list[Change], rules: Rules, n_cases: int) -> dict[str, Any]:
    return {
        "kind": "comparison",
        "title": "Verdicts that hold for all cases together (Holm)",
        "margin": rules.margin,
        "speed_cases": n_cases,
        "verdicts": {
            change.name: {"verdict": change.verdict, "p_value": change.p_value}
            for change in changes
        },
    }
