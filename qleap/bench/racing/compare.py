"""Two stored runs side by side: weaker than a race, since they ran apart."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qleap.bench.judging.selection import Newest, newest
from qleap.bench.judging.verdict import Verdict
from qleap.bench.trail.journal import Record

__all__ = [
    "MARGIN",
    "WEAKER",
    "Change",
    "Phases",
    "accuracy_verdict",
    "compare_runs",
    "speed_verdict",
]

MARGIN = 0.05
"""A change of time within this share is none."""

GROWTH = 10.0
ROUNDING = 1e-12
"""A deviation may grow tenfold, or stay below this share of the prediction; of a pure
number below this number too."""

WEAKER = (
    "The two runs were made at different times: their speeds are compared through "
    "the peers timed in each, which is weaker than interleaved pairs."
)

Payload = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Phases:
    """Seconds of one side: first call without and with compiled kernels, and later.

    ``compile_s`` is the first call with an empty cache of kernels, compilation and
    all; ``first_call_s`` that of a new process that finds them compiled.
    """

    compile_s: float
    first_call_s: float
    steady_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One case on both sides.

    ``factor`` is how many times better the second side is, above one where it is
    (faster for speed; None for accuracy); ``before`` and ``after`` are the
    values, or of stored runs the ratios to the peer, or of live workers the
    seconds in steady state. ``p_value`` is adjusted for the number of cases.
    """

    name: str
    peer: str | None
    verdict: Verdict
    reason: str
    before: float | None = None
    after: float | None = None
    factor: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    pairs: int | None = None
    phases: tuple[Phases, Phases] | None = None


def compare_runs(
    before: Iterable[Record],
    after: Iterable[Record],
    *,
    prefix: str = "",
    margin: float = MARGIN,
) -> list[Change]:
    """Return what changed from one run's records to another's, case by case.

    Only cases whose names begin with ``prefix``; they may be slower by ``margin``.
    """
    old, new = newest(before), newest(after)
    keys = sorted({**old, **new}, key=lambda key: (key[0], key[1] or ""))
    return [_change(key, old, new, margin) for key in keys if key[0].startswith(prefix)]


def _change(
    key: tuple[str, str | None], old: Newest, new: Newest, margin: float
) -> Change:
    name, peer = key
    if key not in new or key not in old:
        reason = f"not in the {'second' if key not in new else 'first'} run"
        return Change(name=name, peer=peer, verdict="MISSING", reason=reason)
    a, b = old[key].payload, new[key].payload
    if b["status"] != "measured":
        verdict: Verdict = "FAIL" if a["status"] == "measured" else "MISSING"
        reason = f"{b['status']}: {b['reason']}"
        return Change(name=name, peer=peer, verdict=verdict, reason=reason)
    if a["status"] != "measured":
        reason = f"the first run has no value ({a['status']})"
        return Change(name=name, peer=peer, verdict="MISSING", reason=reason)
    if a["kind"] != b["kind"]:
        reason = f"a case of {a['kind']} became one of {b['kind']}"
        return Change(name=name, peer=peer, verdict="MISSING", reason=reason)
    if b["kind"] == "speed":
        return _speed_change(name, peer, a, b, margin)
    return _accuracy_change(name, a, b)


def _speed_change(
    name: str, peer: str | None, a: Payload, b: Payload, margin: float
) -> Change:
    factor = b["ratio"] / a["ratio"]
    low = high = None
    verdict: Verdict = "INCONCLUSIVE"
    reason = "too few pairs in one of the runs"
    if a["low"] is not None and b["low"] is not None:
        # Independent errors add in squares on the logarithmic scale.
        down = math.hypot(
            math.log(a["high"] / a["ratio"]), math.log(b["ratio"] / b["low"])
        )
        up = math.hypot(
            math.log(a["ratio"] / a["low"]), math.log(b["high"] / b["ratio"])
        )
        low, high = factor * math.exp(-down), factor * math.exp(up)
        verdict, reason = speed_verdict(low, high, margin)
    return Change(
        name=name,
        peer=peer,
        verdict=verdict,
        reason=reason,
        before=a["ratio"],
        after=b["ratio"],
        factor=factor,
        low=low,
        high=high,
    )


def speed_verdict(
    low: float, high: float, margin: float = MARGIN
) -> tuple[Verdict, str]:
    """Return whether the interval says slower by more than ``margin``, or not."""
    limit = 1.0 / (1.0 + margin)
    if high < limit:
        return "FAIL", f"slower by more than {100.0 * margin:g} %"
    if low >= limit:
        return "PASS", f"not slower by more than {100.0 * margin:g} %"
    return "INCONCLUSIVE", f"the interval straddles {limit:.3f}"


def _accuracy_change(name: str, a: Payload, b: Payload) -> Change:
    verdict, reason = accuracy_verdict(a, b)
    return Change(
        name=name,
        peer=None,
        verdict=verdict,
        reason=reason,
        before=a["value"],
        after=b["value"],
    )


def accuracy_verdict(a: Payload, b: Payload) -> tuple[Verdict, str]:
    """Return whether the value of ``b`` is as good as that of ``a``."""
    if a["value"] == b["value"]:
        return "PASS", "equal"
    if a["unit"] != b["unit"]:
        return "INCONCLUSIVE", f"measured in {a['unit']} and in {b['unit']}"
    if a["low"] is not None and b["low"] is not None:
        overlap = a["low"] <= b["high"] and b["low"] <= a["high"]
        if overlap:
            return "PASS", "the intervals overlap"
    prediction = b["prediction"]
    if prediction is None:
        return (
            "INCONCLUSIVE",
            "the values differ and no prediction tells which is right",
        )
    was, is_ = abs(a["value"] - prediction), abs(b["value"] - prediction)
    if is_ <= max(GROWTH * was, ROUNDING * _size(prediction, b["unit"])):
        return "PASS", "no further from the prediction than tenfold or rounding"
    if b.get("alone") and was > 0.0:
        return "INCONCLUSIVE", "it may read the clock, and one value a side says little"
    return "FAIL", f"further from the prediction: {was:.3g} became {is_:.3g}"


def _size(prediction: float, unit: str) -> float:
    """Return of what size numbers are; of 1e-26 s^2/m none is negligible by itself."""
    return max(1.0, abs(prediction)) if unit == "1" else abs(prediction)
