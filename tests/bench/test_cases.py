"""Cases refuse what a report could not show."""

import re

import pytest

from qleap.bench import Accuracy, Measured, Speed
from qleap.core.errors import InvalidValue


def accuracy(name: str = "a.b.c", evidence: str = "simulated") -> Accuracy:
    return Accuracy(
        name=name,
        title="t",
        unit="1",
        evidence=evidence,  # type: ignore[arg-type]
        reference="r",
        measure=lambda: 1.0,
    )


@pytest.mark.parametrize("name", ["a.b", "A.b.c", "a b.c.d", "a.b.c.", ""])
def test_names_have_three_parts_in_lower_case(name: str) -> None:
    with pytest.raises(InvalidValue, match=r"name must read domain\.topic\.case"):
        accuracy(name)


def test_unknown_evidence_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidValue, match=r"evidence must be .* did you mean"):
        accuracy(evidence="simulatd")


def test_value_outside_its_own_interval_is_refused() -> None:
    message = "low <= value <= high must hold, got 2.0, 1.0, 3.0."
    with pytest.raises(InvalidValue, match=re.escape(message)):
        Measured(value=1.0, low=2.0, high=3.0)


def test_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidValue, match="value must be a finite number"):
        Measured(value=float("nan"))


def test_speed_needs_a_tolerance_that_is_not_negative() -> None:
    with pytest.raises(InvalidValue, match="rtol must be >= 0"):
        Speed(
            name="a.b.c",
            title="t",
            run=lambda: 1.0,
            peers=(),
            error=lambda _a, _b: 0.0,
            rtol=-1.0,
        )
