"""Two stored runs: what counts as a change."""

from collections.abc import Callable
from typing import Any

import pytest

from qleap.bench.racing.compare import compare_runs
from qleap.bench.trail.journal import Record

MakeRecord = Callable[..., Record]


def speed(ratio: float, spread: float = 1.01) -> dict[str, Any]:
    ends = {"low": ratio / spread, "high": ratio * spread}
    return {"kind": "speed", "peer": "P", "ratio": ratio, "pairs": 60, **ends}


def value(number: float, prediction: float | None = 0.0) -> dict[str, Any]:
    return {"value": number, "prediction": prediction}


def si(number: float, prediction: float) -> dict[str, Any]:
    return value(number, prediction) | {"unit": "s"}


def clock(number: float) -> dict[str, Any]:
    return value(number, 2.0) | {"alone": True}


def spread(number: float) -> dict[str, Any]:
    return {"value": number, "low": number - 0.1, "high": number + 0.1}


BROKEN = {"status": "error", "reason": "boom"}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (speed(2.0), speed(2.0), "PASS"),
        (speed(2.0), speed(2.5), "PASS"),
        (speed(2.0), speed(1.7), "FAIL"),
        (speed(2.0), speed(1.9, spread=1.1), "INCONCLUSIVE"),
        (speed(2.0), BROKEN | {"peer": "P"}, "FAIL"),
        (BROKEN | {"peer": "P"}, speed(2.0), "MISSING"),
        (value(1e-15), value(1e-15), "PASS"),
        (value(1e-15), value(9e-14), "PASS"),  # rounding
        (value(1e-6), value(5e-6), "PASS"),
        (value(1e-15), value(1e-6), "FAIL"),
        (si(3.6e-26, 3.616e-26), si(9.9e-26, 3.616e-26), "FAIL"),
        (si(2e-18, 0.0), si(2e-15, 0.0), "FAIL"),
        (si(2.0 + 2e-15, 2.0), si(2.0 + 1e-13, 2.0), "PASS"),  # rounding
        (clock(1.95), clock(1.3), "INCONCLUSIVE"),
        (clock(2.0), clock(1.0), "FAIL"),  # a count of what must be
        (value(1.0, None), value(2.0, None), "INCONCLUSIVE"),
        (spread(1.0), spread(1.15), "PASS"),
        (spread(1.0), spread(1.5), "INCONCLUSIVE"),
        (spread(1.0), spread(1.5) | {"unit": "T"}, "INCONCLUSIVE"),
    ],
)
def test_change_between_two_runs(
    make_record: MakeRecord,
    before: dict[str, Any],
    after: dict[str, Any],
    verdict: str,
) -> None:
    (change,) = compare_runs([make_record(**before)], [make_record(**after)])
    assert change.verdict == verdict


def test_factor_is_above_one_where_the_second_run_is_faster(
    make_record: MakeRecord,
) -> None:
    (change,) = compare_runs([make_record(**speed(2.0))], [make_record(**speed(3.0))])
    assert change.factor == pytest.approx(1.5)
    assert change.low is not None
    assert change.low == pytest.approx(1.5 / 1.01**2**0.5, rel=1e-6)


def test_margin_and_prefix_hold_for_stored_runs_too(make_record: MakeRecord) -> None:
    before, after = ([make_record(**speed(ratio))] for ratio in (2.0, 1.7))
    (change,) = compare_runs(before, after, margin=0.3)
    assert change.verdict == "PASS"
    assert not compare_runs(before, after, prefix="other.")


def test_case_that_became_one_of_speed_is_missing(make_record: MakeRecord) -> None:
    became = speed(2.0) | {"peer": None}
    (change,) = compare_runs([make_record(value=1.0)], [make_record(**became)])
    assert change.verdict == "MISSING"


def test_case_in_one_run_alone_is_missing(make_record: MakeRecord) -> None:
    (change,) = compare_runs([make_record(value=1.0)], [])
    assert (change.verdict, change.reason) == ("MISSING", "not in the second run")
