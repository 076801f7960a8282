"""The trail as a text file that can live in git: one event a line, oldest first.

Each line is canonical JSON (sorted keys, no spaces, UTF-8), so that the same trail
gives the same bytes everywhere, and a longer trail only adds lines.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qleap.bench.trail.chain import OPENING, Event, broken_links, canonical, digest
from qleap.bench.trail.journal import Journal
from qleap.core import atomic
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["mirror_faults", "read_mirror", "restore", "write_mirror"]

KEYS = ("created", "hash", "name", "payload", "previous_hash", "run_id", "sequence")


def write_mirror(journal: Journal, path: str | os.PathLike[str]) -> int:
    """Add to the file ``path`` what it lacks of the trail; return how many lines.

    Raises
    ------
    StorageError
        Where the file cannot be read or written, or the trail is damaged.
    InvalidValue
        Where the file is no mirror of this trail: lines are never changed or taken
        away.
    """
    journal.require_whole()
    events, runs = journal.events()
    environments = {run.id: run.environment for run in runs}
    lines = [_line(one, environments) for one in events]
    target = Path(path)
    old = _lines(target) if target.exists() else []
    if old != lines[: len(old)]:
        at = next(k for k, line in enumerate(old) if lines[k : k + 1] != [line])
        raise InvalidValue(
            f"{target}, line {at + 1}, is not in the trail of {journal.name}: the file "
            "mirrors another database, or the database was cut off; `qleap bench "
            f"verify --mirror {target.name}` compares them. Give each database a file "
            "of its own."
        )
    if len(lines) > len(old):
        atomic.write_text(target, "".join(f"{line}\n" for line in lines))
    return len(lines) - len(old)


def read_mirror(path: str | os.PathLike[str]) -> tuple[list[Event], dict[str, str]]:
    """Return the events in a mirror, and the environment of each run as JSON text.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where a line is not an event, with its number.
    """
    events, environments = [], {}
    for number, line in enumerate(_lines(Path(path)), 1):
        fields = _fields(Path(path), number, line)
        if "environment" in fields:
            environments[fields["run_id"]] = canonical(fields.pop("environment"))
        fields["payload"] = canonical(fields["payload"])
        events.append(Event(**fields))
    return events, environments


def restore(journal: Journal, path: str | os.PathLike[str]) -> int:
    """Fill an empty database from a mirror, with the same hashes; return how many.

    Raises
    ------
    StorageError
        Where the database is not empty, or the file cannot be read.
    InvalidValue
        Where the mirror itself is not whole.
    """
    events, environments = read_mirror(path)
    faults = [*mirror_faults(events, environments)]
    if faults:
        raise InvalidValue(f"{path} is not as it was written: {faults[0]}")
    return journal.restore(events, environments)


def mirror_faults(events: list[Event], environments: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each place where what `read_mirror` returned is broken."""
    opened = {one.run_id: one.content() for one in events if one.name == OPENING}
    yield from broken_links(events)
    for run_id in {one.run_id for one in events}:
        said = opened.get(run_id, {}).get("environment_sha256")
        if said != digest(environments.get(run_id, "")):
            yield f"the environment of run {run_id} was changed or is missing."


def _line(event: Event, environments: dict[str, str]) -> str:
    fields: dict[str, Any] = {key: getattr(event, key) for key in KEYS}
    fields["payload"] = json.loads(event.payload)
    if event.name == OPENING:
        fields["environment"] = json.loads(environments[event.run_id])
    return canonical(fields)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(f"the mirror {path} cannot be read ({reason}).") from error
    # What follows the last line break is half a line.
    return text.split("\n")[:-1]


def _fields(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
        if not set(KEYS) <= set(fields) <= {*KEYS, "environment"}:
            raise ValueError
    except (ValueError, TypeError) as error:
        raise InvalidValue(
            f"{path}, line {number}, is no event of a trail: {line[:40]!r}; a mirror "
            "is written by `qleap bench mirror` alone."
        ) from error
    return dict(fields)
