"""What a suite is made of: accuracy cases, speed cases and their peers.

A suite is a file ``benchmarks/<domain>/<topic>.py`` with one public function
``cases(quick: bool) -> Iterator[Accuracy | Speed]``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qleap.bench.judging.evidence import EVIDENCE, Evidence
from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Accuracy", "Case", "Measured", "Peer", "Skip", "Speed"]

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+){2,}")
"""``domain.topic.case``, lower case."""


class Skip(Exception):
    """Raised by a case that cannot run here; its text is the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A value with its 99 % confidence interval.

    Parameters
    ----------
    value : float
        The estimate, in the unit of its case.
    low, high : float or None
        The interval; None where the measurement has no scatter of its own.
    file : Path or None
        The recording that it was read from; its hash goes into the trail.
    """

    value: float
    low: float | None = None
    high: float | None = None
    file: Path | None = None

    def __post_init__(self) -> None:
        value = checks.finite("value", self.value)
        low = value if self.low is None else checks.finite("low", self.low)
        high = value if self.high is None else checks.finite("high", self.high)
        if not low <= value <= high:
            raise InvalidValue(
                f"low <= value <= high must hold, got {low}, {value}, {high}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Accuracy:
    """How right we are, as one number compared with a named reference.

    Parameters
    ----------
    name : str
        ``domain.topic.case``; policies refer to it.
    title : str
        One line for the report.
    unit : str
        Unit of the measured value; ``"1"`` for a pure number.
    evidence : str
        What the value rests on; see `qleap.bench.judging.evidence`.
    reference : str
        What it is compared with.
    measure : callable
        Returns a float or a `Measured`; may raise `Skip`.
    prediction : float or None
        The value expected before measuring.
    citation : str
        Source of the reference or of the data.
    alone : bool
        Whether nothing else may be measured meanwhile: it reads the clock, or uses
        all threads or most of the memory.
    """

    name: str
    title: str
    unit: str
    evidence: Evidence
    reference: str
    measure: Callable[[], float | Measured]
    prediction: float | None = None
    citation: str = ""
    alone: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        checks.one_of("evidence", self.evidence, EVIDENCE)
        if self.prediction is not None:
            checks.finite("prediction", self.prediction, self.unit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """Another program that does the same job.

    Parameters
    ----------
    name : str
        As the report shows it and as policies name it.
    distribution : str
        Its pip name; not installed means not measured.
    make : callable
        Prepares the work (untimed) and returns the callable to be timed.
    """

    name: str
    distribution: str
    make: Callable[[], Callable[[], Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """How fast we are beside peers that return the same result.

    Parameters
    ----------
    name, title, evidence, citation : str
        As in `Accuracy`.
    run : callable
        Our work; returns the result that ``error`` compares. May raise `Skip`.
    peers : tuple of Peer
        With whom we are compared.
    error : callable
        ``error(ours, theirs)`` is the largest relative error, a float.
    rtol : float
        The largest error with which time counts at all.
    threads : int
        Threads that our kernels may use; peers set their own in ``make``.
    """

    name: str
    title: str
    run: Callable[[], Any]
    peers: tuple[Peer, ...]
    error: Callable[[Any, Any], float]
    rtol: float
    threads: int = 1
    evidence: Evidence = "simulated"
    citation: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        checks.one_of("evidence", self.evidence, EVIDENCE)
        checks.non_negative("rtol", self.rtol)
        checks.count("threads", self.threads)


Case = Accuracy | Speed


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidValue(
            f"name must read domain.topic.case in lower case, got {name!r}."
        )
