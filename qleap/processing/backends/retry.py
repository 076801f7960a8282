"""When a request is sent again: safe calls only, later each time, as told."""

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from qleap.core.errors import BackendUnavailable, InvalidValue

__all__ = ["NotKnown", "Refused", "RetryPolicy", "Unanswered", "retry_after"]

LONGEST_ASKED: Final = 300.0
"""Seconds of ``Retry-After`` that are waited for; after more the user decides."""

T = TypeVar("T")


class Unanswered(BackendUnavailable):
    """A request whose answer is missing or makes no sense.

    Attributes
    ----------
    arrived : bool
        False where the request is known not to have been acted upon.
    wait : float
        Seconds for which the server asked.
    """

    def __init__(self, message: str, *, arrived: bool = True, wait: float = 0.0):
        super().__init__(message)
        self.arrived = arrived
        self.wait = wait


class Refused(InvalidValue):
    """A request that the provider understood and declined.

    Attributes
    ----------
    status : int
        HTTP status, or 0.
    """

    def __init__(self, message: str, *, status: int = 0):
        super().__init__(message)
        self.status = status


class NotKnown(Refused):
    """A question about a job that the provider does not know."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with jitter.

    Parameters
    ----------
    attempts : int
        Of one request, the first included.
    first, longest : float, s
        Pause after the first failure, doubled after each, and its bound. The pause
        itself is drawn between half of it and the whole, so that many clients of a
        server that comes back do not come back together.
    sleep : callable
        Waits for so many seconds.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 20.0
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to wait after each failure, without an end."""
        pause = self.first
        while True:
            yield pause * self.rng.uniform(0.5, 1.0)
            pause = min(2.0 * pause, self.longest)

    def call(self, request: Callable[[], T], *, safe: bool = True) -> T:
        """Return what ``request`` returns; repeat it while it is `Unanswered`.

        Parameters
        ----------
        request : callable
            One attempt.
        safe : bool
            Whether asking twice does no harm. If not, only an attempt that is known
            not to have arrived is repeated.
        """
        for attempt, pause in enumerate(self.pauses(), 1):
            try:
                return request()
            except Unanswered as error:
                last = attempt >= self.attempts or error.wait > LONGEST_ASKED
                if last or (error.arrived and not safe):
                    raise
                self.sleep(max(pause, error.wait))
        raise AssertionError  # pragma: no cover  # the pauses have no end


def retry_after(text: str | None) -> float:
    """Return the seconds of a ``Retry-After`` header: a number, or a date (RFC 9110).

    What is neither counts as no wish.
    """
    if not text:
        return 0.0
    if re.fullmatch(r"\s*[0-9]+\s*", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
