"""Asking again: only where it is safe, later each time, and as the server wishes."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from qleap.processing.backends.retry import (
    Refused,
    RetryPolicy,
    Unanswered,
    retry_after,
)


class Flaky:
    """A request that fails a few times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "yes"


def policy(slept: list[float], attempts: int = 4) -> RetryPolicy:
    return RetryPolicy(
        attempts=attempts, first=1.0, sleep=slept.append, rng=random.Random(3)
    )


def test_pauses_double_with_jitter_up_to_a_bound() -> None:
    slept: list[float] = []
    errors = [Unanswered("no") for _ in range(9)]
    assert policy(slept, 10).call(Flaky(*errors)) == "yes"
    for k, pause in enumerate(slept):
        whole = min(2.0**k, 20.0)
        assert whole / 2 <= pause <= whole
    assert len(set(slept)) == 9


def test_the_last_failure_is_told() -> None:
    request = Flaky(*[Unanswered(str(k)) for k in range(9)])
    with pytest.raises(Unanswered, match="3"):
        policy([]).call(request)
    assert request.calls == 4


def test_an_unsafe_request_that_may_have_arrived_is_made_once() -> None:
    request = Flaky(Unanswered("lost"))
    with pytest.raises(Unanswered):
        policy([]).call(request, safe=False)
    assert request.calls == 1
    request = Flaky(Unanswered("no connection", arrived=False))
    assert policy([]).call(request, safe=False) == "yes"


def test_a_refusal_is_final() -> None:
    request = Flaky(Refused("no", status=400))
    with pytest.raises(Refused):
        policy([]).call(request)
    assert request.calls == 1


def test_the_server_says_how_long_to_wait() -> None:
    slept: list[float] = []
    assert policy(slept).call(Flaky(Unanswered("busy", wait=17.0))) == "yes"
    assert slept == [17.0]
    request = Flaky(Unanswered("tomorrow", wait=86400.0))
    with pytest.raises(Unanswered):
        policy(slept).call(request)
    assert request.calls == 1


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("12") == 12.0
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert 55.0 < retry_after(format_datetime(later, usegmt=True)) <= 60.0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") == retry_after(None) == 0.0


@pytest.mark.parametrize(
    "text", ["\u00b2", "-5", "nan", "Mon, 01 Jan 99999999999 00:00:00 GMT"]
)
def test_a_retry_after_that_means_nothing_is_no_wish(text: str) -> None:
    assert retry_after(text) == 0.0
