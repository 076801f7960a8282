"""The result at hand when the database cannot take it: kept aside, and added later."""

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from qleap.bench.judging.evidence import EVIDENCE
from qleap.bench.trail.chain import CLOSING, OPENING, canonical
from qleap.bench.trail.journal import Journal
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["add_rescued", "keep_aside"]

KEYS = {"run_id", "name", "payload", "measured_at"}


def keep_aside(run_id: str, name: str, payload: dict[str, Any]) -> str:
    """Write a result to a file among the temporary ones; return a sentence about it.

    Where that fails too, the sentence holds the result itself.
    """
    line = canonical(
        {
            "run_id": run_id,
            "name": name,
            "payload": payload,
            "measured_at": utc_now().isoformat(),
        }
    )
    path = Path(tempfile.gettempdir()) / f"qleap-unsaved-{run_id}.jsonl"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return f"The result at hand could not be kept elsewhere: {line}"
    return (
        f"The result at hand ({name}) is kept in {path}; `qleap bench rescue {path}` "
        "adds it once the database can be written."
    )


def add_rescued(journal: Journal, path: str | os.PathLike[str]) -> int:
    """Add what was kept aside to the runs it belongs to; return how many were new.

    Their age counts from the measurement. What is stored already is passed over.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where a line is no such result, or its run is not in the database.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")[:-1]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(f"{path} cannot be read ({reason}).") from error
    found = [_result(path, number, line) for number, line in enumerate(lines, 1)]
    for one in found:
        journal.run(one["run_id"])
    stored = {
        (one.run_id, one.name, canonical(one.payload)) for one in journal.records()
    }
    added = 0
    for one in found:
        payload = one["payload"] | {"measured_at": one["measured_at"]}
        key = (one["run_id"], one["name"], canonical(payload))
        if key not in stored:
            journal.add(one["run_id"], one["name"], payload)
            stored.add(key)
            added += 1
    return added


def _result(path: str | os.PathLike[str], number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
        if set(found) != KEYS or not _is_result(found):
            raise ValueError
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidValue(
            f"{path}, line {number}, is no result that was kept aside: {line[:40]!r}."
        ) from error
    return dict(found)


def _is_result(found: dict[str, Any]) -> bool:
    """Return whether a run may have kept it: what is stored can never be taken back."""
    payload, at = found["payload"], datetime.fromisoformat(found["measured_at"])
    return (
        found["name"] not in (OPENING, CLOSING)
        and payload.get("kind") in ("accuracy", "speed", "suite")
        and isinstance(payload.get("status"), str)
        and payload.get("evidence") in (None, *EVIDENCE)
        and at <= utc_now()
    )
