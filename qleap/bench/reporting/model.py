"""What a report holds, part by part; from these its JSON Schema is made."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

__all__ = [
    "FORMAT",
    "AccuracyRow",
    "BrokenSuite",
    "Chain",
    "CriterionRow",
    "DecisionRow",
    "DomainRow",
    "LevelChange",
    "Named",
    "Needed",
    "NextLevel",
    "Report",
    "RunRow",
    "Rung",
    "Since",
    "Source",
    "SourceRow",
    "SpeedRow",
    "StepRow",
    "TrendRow",
    "ValueChange",
    "VerdictChange",
    "json_schema",
]

FORMAT = 2
"""Version of the JSON form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source(_Part):
    """Where recorded data came from."""

    file: str | None
    sha256: str | None
    doi: str | None
    citation: str | None
    instrument: str | None
    site: str | None
    operator: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow(_Part):
    """A recorded file and what rests on it: criteria, each with its domain."""

    source: Source
    evidence: str
    measured: str
    criteria: list["Named"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionRow(_Part):
    """A criterion, the evidence that counts for it, and the verdict.

    ``sha256`` is the hash of the record in the chain; ``beside`` the peer it was
    timed with; ``low`` and ``high`` the 99 % interval.
    """

    level: int
    id: str
    title: str
    title_ja: str
    measurement: str
    statistic: Literal["value", "speed_ratio"]
    peer: str | None
    peers: list[str]
    operator: Literal["<=", ">="]
    threshold: float
    aim: float | None
    unit: str
    critical: bool
    needs: str
    max_age_days: float
    citation: str
    status: Literal["published", "provisional"]
    evidence_asked: str
    evidence: str | None
    device: str | None
    source: Source | None
    beside: str | None
    prediction: float | None
    value: float | None
    low: float | None
    high: float | None
    agreement: Literal["agrees", "differs", ""]
    verdict: Literal["PASS", "FAIL", "INCONCLUSIVE", "STALE", "MISSING"]
    reason: str
    measured: str | None
    run: str | None
    sha256: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung(_Part):
    """One level of the ladder, with the numbers of its criteria by verdict."""

    number: int
    title: str
    title_ja: str
    state: Literal["reached", "failed", "open", "capped", "blocked"]
    passed: int
    counts: dict[str, int]
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Needed(_Part):
    """What a criterion still needs, in the policy's words, and a command for it.

    ``what`` is evidence to be measured, or improvement where evidence is there and
    fails.
    """

    id: str
    what: Literal["evidence", "improvement"]
    asked: str
    needs: str
    commands: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class NextLevel(_Part):
    """The first level that is not reached."""

    level: int
    title: str
    title_ja: str
    state: Literal["failed", "open", "capped", "blocked"]
    lacking: list[str]
    needed: list[Needed]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRow(_Part):
    """What a human decided, apart from what the gate said."""

    at: str
    choice: str
    by: str
    reason: str
    target: int
    outcome: str
    recommendation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainRow(_Part):
    """One policy before the evidence."""

    domain: str
    kind: Literal["readiness", "library"]
    title: str
    title_ja: str
    target: int
    reached: int
    label: str
    outcome: Literal["pass", "fail", "inconclusive", "insufficient"]
    recommendation: Literal["continue", "change", "stop"]
    reason: str
    counts: dict[str, int]
    levels: list[Rung]
    criteria: list[CriterionRow]
    next: NextLevel | None
    decisions: list[DecisionRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeedRow(_Part):
    """The newest race of a case and peer; ``ratio`` is the peer's time by ours."""

    name: str
    title: str
    peer: str | None
    peer_version: str | None
    status: str
    reason: str
    ratio: float | None
    low: float | None
    high: float | None
    pairs: int | None
    threads: int | None
    steady_s: float | None
    peer_steady_s: float | None
    first_call_s: float | None
    peer_first_call_s: float | None
    error: float | None
    rtol: float | None
    thresholds: list[float]
    measured: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AccuracyRow(_Part):
    """The newest value of an accuracy case."""

    name: str
    title: str
    status: str
    reason: str
    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    prediction: float | None
    reference: str | None
    evidence: str | None
    device: str | None
    measured: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRow(_Part):
    """A lasting change: the first value at the new level, and the code around it."""

    index: int
    before: float
    after: float
    commit_before: str | None
    commit_after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendRow(_Part):
    """The values of one case in one environment, oldest first."""

    name: str
    title: str
    peer: str | None
    device: str | None
    unit: str
    better: Literal["higher", "lower", "none"]
    environment: dict[str, str]
    times: list[str]
    values: list[float]
    low: list[float | None]
    high: list[float | None]
    steps: list[StepRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class Named(_Part):
    """A criterion by its domain and id."""

    domain: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelChange(_Part):
    """A domain whose level or gate changed."""

    domain: str
    before: int
    after: int
    outcome_before: str
    outcome_after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictChange(_Part):
    """A criterion whose verdict changed."""

    domain: str
    id: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueChange(_Part):
    """A value that moved by more than the two intervals explain."""

    domain: str
    id: str
    unit: str
    before: float
    after: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Since(_Part):
    """What changed since the last report of the same device."""

    previous: str
    levels: list[LevelChange]
    verdicts: list[VerdictChange]
    values: list[ValueChange]
    added: list[Named]
    gone: list[Named]


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenSuite(_Part):
    """A suite that the newest run could not read."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow(_Part):
    """One run."""

    id: str
    started: str
    finished: str | None
    profile: str
    status: str
    records: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain(_Part):
    """The state of the trail: length, newest hash, what is broken, what is odd."""

    records: int
    head: str | None
    faults: list[str]
    remarks: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report(_Part):
    """A readiness report of qleap; times are ISO 8601 in UTC."""

    format: Literal[2]
    generator: str
    created: str
    rules: str
    device: str | None
    domains: list[DomainRow]
    since: Since | None
    speed: list[SpeedRow]
    accuracy: list[AccuracyRow]
    trends: list[TrendRow]
    sources: list[SourceRow]
    suites: list[BrokenSuite]
    runs: list[RunRow]
    environment: dict[str, Any] | None
    chain: Chain


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report in its JSON form."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:qleap:bench:report:{FORMAT}",
    } | TypeAdapter(Report).json_schema()
