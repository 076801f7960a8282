"""The chain of hashes over everything stored, and what can be wrong with it."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = [
    "CLOSING",
    "GENESIS",
    "OPENING",
    "Event",
    "Findings",
    "StoredRun",
    "broken_links",
    "canonical",
    "digest",
    "examine",
    "link",
]

GENESIS = "0" * 64
"""What the first event has in place of its predecessor's hash."""

OPENING = "run"
"""Name of the event that opens each run and fixes its environment."""

CLOSING = "run end"
"""Name of the event that says how a run ended."""

SHORTEST_HEAD = 12
"""Digits of a hash that name it well enough."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One row of the trail as it is stored; ``payload`` is canonical JSON."""

    sequence: int
    run_id: str
    name: str
    created: str
    payload: str
    previous_hash: str
    hash: str

    @property
    def place(self) -> str:
        """Return how a sentence names it."""
        return f"record {self.sequence} ({self.name})"

    def content(self) -> dict[str, Any]:
        """Return the payload as plain values, nothing where it cannot be read."""
        try:
            found = json.loads(self.payload)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRun:
    """What the table of runs says; the trail must say the same."""

    id: str
    started: str
    finished: str | None
    profile: str
    environment: str
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What an examination found.

    Parameters
    ----------
    faults : tuple of str
        What was changed, or is missing.
    remarks : tuple of str
        What is odd and no sign of a change: a clock that went back, runs killed.
    head : str
        Hash of the newest event: noted elsewhere, it proves later that nothing
        was cut off.
    events : int
        How many there are.
    """

    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    head: str
    events: int


def canonical(value: Any) -> str:
    """Return plain values as JSON of one form: sorted keys, no spaces, no NaN."""
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def link(previous: str, run_id: str, name: str, created: str, payload: str) -> str:
    """Return the hash of an event that follows the one with the hash ``previous``."""
    return digest(canonical([previous, run_id, name, created, payload]))


def examine(
    events: Sequence[Event],
    runs: Iterable[StoredRun],
    *,
    head: str | None = None,
    mirror: Sequence[Event] | None = None,
) -> Findings:
    """Return what is wrong with a trail.

    Parameters
    ----------
    events : sequence of Event
        The whole trail, oldest first.
    runs : iterable of StoredRun
        The table of runs beside it.
    head : str, optional
        Hash of an event, noted earlier (its first digits are enough): it must be
        in the trail.
    mirror : sequence of Event, optional
        A copy taken earlier: all of it must be in the trail.
    """
    known = {run.id: run for run in runs}
    faults = [*broken_links(events), *_run_faults(events, known)]
    if mirror is not None:
        faults += [f"in the mirror: {one}" for one in broken_links(mirror)]
        faults += _against_mirror(events, mirror)
    if head is not None and not _holds(events, head):
        faults.append(
            f"no record has the hash {head}: the newest records were cut off, or all "
            "were made anew."
        )
    return Findings(
        faults=tuple(faults),
        remarks=tuple(_remarks(events, known)),
        head=events[-1].hash if events else GENESIS,
        events=len(events),
    )


def broken_links(events: Iterable[Event]) -> Iterator[str]:
    """Yield a sentence for each event that was changed or does not follow the last."""
    expected, last = {GENESIS}, 0
    for one in events:
        own = link(one.previous_hash, one.run_id, one.name, one.created, one.payload)
        if one.hash != own:
            yield f"{one.place} was changed."
        elif one.previous_hash not in expected:
            gap = one.sequence - last - 1
            count = f"{gap} records are" if gap > 1 else "records are"
            yield f"before {one.place} {count} missing."
        # Where only the hash was changed, what follows hangs on the true one.
        expected, last = {one.hash, own}, one.sequence


def _run_faults(events: Iterable[Event], runs: dict[str, StoredRun]) -> Iterator[str]:
    """Compare the table of runs with what the trail says of them."""
    opened: dict[str, dict[str, Any]] = {}
    closed: dict[str, Event] = {}
    for one in events:
        if one.run_id not in runs:
            yield f"{one.place} belongs to the run {one.run_id}, which is not stored."
        elif one.name == OPENING:
            opened[one.run_id] = one.content()
            yield from _opening_faults(one.content(), runs[one.run_id])
        elif one.run_id not in opened:
            yield f"{one.place} comes before the opening of its run {one.run_id}."
        if one.name == CLOSING:
            closed[one.run_id] = one
    for run in runs.values():
        if run.id not in opened:
            yield f"the run {run.id} has no record of its opening."
        else:
            yield from _closing_faults(run, opened[run.id], closed.get(run.id))


def _opening_faults(said: dict[str, Any], run: StoredRun) -> Iterator[str]:
    found = {
        "environment_sha256": digest(run.environment),
        "profile": run.profile,
        "started": run.started,
    }
    for key, value in found.items():
        # The oldest trails do not hold the start.
        if said.get(key, None if key != "started" else value) != value:
            yield f"the {key.partition('_')[0]} of run {run.id} was changed."


def _closing_faults(
    run: StoredRun, opening: dict[str, Any], closing: Event | None
) -> Iterator[str]:
    if closing is not None:
        said = closing.content()
        for key, value in (("status", run.status), ("finished", run.finished)):
            if said.get(key) != value:
                yield (
                    f"the table says of run {run.id} {key} {value}, the trail "
                    f"{said.get(key)} (record {closing.sequence})."
                )
    # The oldest trails hold neither the start nor the end.
    elif run.status != "running" and "started" in opening:
        yield (
            f"the table says that run {run.id} is {run.status}, the trail does not: "
            "the newest records were cut off."
        )


def _against_mirror(events: Sequence[Event], mirror: Sequence[Event]) -> Iterator[str]:
    here = {one.sequence: one for one in events}
    missing = [one for one in mirror if one.sequence not in here]
    changed = [
        one
        for one in mirror
        if one.sequence in here and here[one.sequence].hash != one.hash
    ]
    if missing and events and missing[0].sequence > events[-1].sequence:
        yield (
            f"the newest {len(missing)} records of the mirror, from "
            f"{missing[0].place} on, were cut off here."
        )
    elif missing:
        yield f"{len(missing)} records of the mirror are missing: {missing[0].place}."
    if changed:
        yield (
            f"{len(changed)} records differ from the mirror, from {changed[0].place} "
            "on: this is another trail, or it was made anew."
        )


def _holds(events: Iterable[Event], head: str) -> bool:
    return len(head) >= SHORTEST_HEAD and any(
        one.hash.startswith(head.lower()) for one in events
    )


def _remarks(events: Sequence[Event], runs: dict[str, StoredRun]) -> Iterator[str]:
    closed = {one.run_id for one in events if one.name == CLOSING}
    for before, after in itertools.pairwise(events):
        if after.previous_hash == before.hash and after.sequence > before.sequence + 1:
            yield (
                f"numbers {before.sequence + 1} to {after.sequence - 1} were never "
                "used: a writer was stopped there; nothing is missing."
            )
        back = _seconds_back(before.created, after.created)
        if back > 0.0:
            yield f"the clock went back by {back:.3g} s before {after.place}."
    for run in runs.values():
        if run.status == "killed":
            yield f"the run {run.id} was killed; what it had measured is kept."
        elif run.id not in closed and run.status == "running":
            yield f"the run {run.id} has not said how it ended."


def _seconds_back(before: str, after: str) -> float:
    try:
        times = datetime.fromisoformat(before), datetime.fromisoformat(after)
        return (times[0] - times[1]).total_seconds()
    except (ValueError, TypeError):
        return 0.0  # a changed time breaks the chain, which is told elsewhere
