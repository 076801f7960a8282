"""What one case of a comparison says, alone, by the rules of the comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qleap.bench.judging.verdict import Verdict
from qleap.bench.racing.compare import MARGIN, Change, Phases, speed_verdict
from qleap.bench.racing.live import PATIENCE, Answer
from qleap.bench.racing.timing import Race

__all__ = [
    "Case",
    "Failed",
    "Rules",
    "change_of",
    "device_verdict",
    "failure",
    "unequal",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """How two sides are compared.

    Parameters
    ----------
    margin : float
        The share by which the second side may be slower.
    budget : float
        Seconds of interleaved pairs for each case.
    patience : float
        Seconds after which a worker that does not answer is given up.
    quick : bool
        Small cases.
    folder : Path or None
        Benchmarks of both sides; by default each has its own.
    better : mapping
        ``<=`` or ``>=`` for accuracy cases whose policies say what is better; asked
        where devices are compared.
    seed : int
        Of the order of pairs and of the bootstrap.
    """

    margin: float = MARGIN
    budget: float
    patience: float = PATIENCE
    quick: bool = False
    folder: Path | None = None
    better: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0

    @property
    def limit(self) -> float:
        """Return the ratio of times that the margin stands for."""
        return 1.0 / (1.0 + self.margin)


Case = dict[str, Any]
"""What a worker says of a case: suite, name, title, kind, and more by kind."""


class Failed(Exception):
    """A case that has no result on one side; the arguments are its place and why."""


def change_of(
    case: Case, race: Race, phases: tuple[Phases, Phases] | None, rules: Rules
) -> Change:
    """Return what a race says of one case alone."""
    verdict: Verdict = "INCONCLUSIVE"
    reason = f"{race.pairs} pairs are too few"
    if race.low is not None and race.high is not None:
        verdict, reason = speed_verdict(race.low, race.high, rules.margin)
    return Change(
        name=case["name"],
        peer=None,
        verdict=verdict,
        reason=reason,
        before=race.second_s,
        after=race.first_s,
        factor=race.ratio,
        low=race.low,
        high=race.high,
        pairs=race.pairs,
        phases=phases,
    )


def unequal(case: Case, error: float | None) -> Change:
    """Return the change where the results of both sides do not agree."""
    verdict: Verdict = "INCONCLUSIVE"
    reason = "the results cannot be sent from one process to another and compared"
    if error is not None:
        verdict = "FAIL"
        reason = f"the results differ by {error:.3g}, more than rtol {case['rtol']:.3g}"
    return Change(name=case["name"], peer=None, verdict=verdict, reason=reason)


def failure(case: Case, failed: Failed) -> Change:
    """Return the change where one side has no result; the new side's fault is grave."""
    place, status, reason = failed.args
    verdict: Verdict = "FAIL" if place == 1 and status == "error" else "MISSING"
    side = "second" if place else "first"
    return Change(
        name=case["name"],
        peer=None,
        verdict=verdict,
        reason=f"{status} on the {side} side: {reason}",
    )


def device_verdict(
    a: Answer, b: Answer, better: Mapping[str, str]
) -> tuple[Verdict, str]:
    """Compare values of two devices; which is better is what the policies ask for."""
    ends = [
        tuple(one["value"] if one[end] is None else one[end] for end in ("low", "high"))
        for one in (a, b)
    ]
    if ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1]:
        return "PASS", "the intervals overlap"
    operator = better.get(a["name"])
    if operator is None:
        return "INCONCLUSIVE", "the values differ and no policy says which is better"
    is_better = (b["value"] > a["value"]) == (operator == ">=")
    return ("PASS", "better") if is_better else ("FAIL", "worse")
