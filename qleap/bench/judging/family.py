"""Many speed criteria judged together: a failure must stand out among all of them.

A level passes when each of its criteria does, and a claim that all hold needs no
correction (intersection-union test; Berger 1982, Technometrics 24, 295). A FAIL claims
that some criterion does not hold, and among many criteria one will seem so by chance.
"""

from collections.abc import Iterable
from dataclasses import replace

from qleap.bench.judging.verdict import Judged
from qleap.bench.racing.statistics import CONFIDENCE, MIN_PAIRS, holm, sign_p_values
from qleap.bench.sentences import Sentence

__all__ = ["corrected_failures"]


def corrected_failures(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """Return the verdicts of one policy, its FAILs on speed corrected (Holm).

    The family is one question for each speed criterion of the policy, of all levels,
    and each of its peers: does it miss its threshold? Counted are those whose
    evidence holds pairs and is not stale. With it, the chance that any FAIL on speed
    is wrong is at most 1 % for the whole policy; a FAIL that this does not bear out
    is INCONCLUSIVE. Records without pairs keep what their interval says.
    """
    every = tuple(judged)
    chances = {i: _chance(one) for i, one in enumerate(every) if _has_pairs(one)}
    others = sum(len(every[i].criterion.rivals) - 1 for i in chances)
    adjusted = dict(
        zip(chances, holm([*chances.values(), *[1.0] * others]), strict=False)
    )
    size = len(chances) + others
    return tuple(
        _correct(one, adjusted[i], size) if i in adjusted else one
        for i, one in enumerate(every)
    )


def _correct(judged: Judged, chance: float, size: int) -> Judged:
    if judged.verdict == "FAIL" and chance > 1.0 - CONFIDENCE:
        reason = Sentence(
            "{reason}, but not beyond doubt among {size} speed criteria",
            reason=judged.reason,
            size=size,
        )
        return replace(judged, verdict="INCONCLUSIVE", reason=reason, p_value=chance)
    return replace(judged, p_value=chance)


def _has_pairs(judged: Judged) -> bool:
    return (
        judged.criterion.statistic == "speed_ratio"
        and judged.verdict in ("PASS", "FAIL", "INCONCLUSIVE")
        and judged.record is not None
        and len(judged.record.payload.get("ratios") or ()) >= MIN_PAIRS
    )


def _chance(judged: Judged) -> float:
    """Return the chance of the pairs if the criterion is met."""
    assert judged.record is not None
    asked = judged.criterion
    below, above = sign_p_values(judged.record.payload["ratios"], asked.threshold)
    return below if asked.operator == ">=" else above
