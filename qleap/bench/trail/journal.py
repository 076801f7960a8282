"""Runs and records in the project's database: appended, chained, never changed."""

import json
import os
import uuid
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qleap.bench.trail import chain
from qleap.bench.trail import rows as trail
from qleap.bench.trail.chain import CLOSING, OPENING, Event, Findings, StoredRun
from qleap.core import process
from qleap.core.database import open_database
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue, QleapError, QleapWarning, StorageError

__all__ = ["MIRROR_VARIABLE", "Journal", "Record", "Run", "record_of"]

MIRROR_VARIABLE = "QLEAP_BENCH_MIRROR"
"""Environment variable that names a file which every run's end is mirrored to."""

PATIENCE = 60.0
"""Seconds to wait for another writer: a measurement may have taken much longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One call of the runner, one decision, or one file of measurements.

    ``status`` is running, finished, interrupted, killed, or unfinished where it did
    not say how it ended and its process cannot be asked from here. ``records``
    counts what it measured.
    """

    id: str
    started: datetime
    finished: datetime | None
    profile: str
    environment: dict[str, Any]
    status: str
    records: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One measurement or decision; ``payload`` holds plain values."""

    sequence: int
    run_id: str
    name: str
    created: datetime
    payload: dict[str, Any]
    hash: str

    @property
    def measured(self) -> datetime:
        """Return when it was measured: data from elsewhere are filed later."""
        stated = self.payload.get("measured_at")
        return self.created if stated is None else datetime.fromisoformat(stated)


class Journal:
    """The benchmark tables of a database.

    Parameters
    ----------
    url : str, optional
        Database URL; by default the project's own (`qleap.core.database`).
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url, timeout=PATIENCE)
        self.name = self._database.name

    def begin(self, profile: str, environment: dict[str, Any]) -> str:
        """Store that a run starts, with what and where, and return its id.

        Runs whose process was killed are closed as such on the way.
        """
        run_id = uuid.uuid4().hex
        with self._database.writing() as connection:
            trail.lock(connection)
            trail.close_the_dead(connection)
            trail.open_run(connection, run_id, profile, environment)
        return run_id

    def add(self, run_id: str, name: str, payload: dict[str, Any]) -> None:
        """Append one record; it is on the disk when this returns."""
        with self._database.writing() as connection:
            trail.append(connection, run_id, name, payload)

    def finish(self, run_id: str, status: str) -> None:
        """Close a run as ``finished`` or ``interrupted``."""
        with self._database.writing() as connection:
            trail.lock(connection)
            trail.close_run(connection, run_id, status, utc_now().isoformat())
        self._mirror()

    def store(
        self,
        profile: str,
        environment: dict[str, Any],
        records: Iterable[tuple[str, dict[str, Any]]],
        *,
        check: Callable[[list[Record]], None] | None = None,
    ) -> str:
        """Store a whole run with its named records, or nothing; return its id.

        ``check`` sees what is stored while no other program can write, and raises
        where that forbids it.
        """
        run_id = uuid.uuid4().hex
        with self._database.writing() as connection:
            trail.lock(connection)
            if check is not None:
                check(_results(trail.events(connection)))
            trail.close_the_dead(connection)
            trail.open_run(connection, run_id, profile, environment)
            for name, payload in records:
                trail.append(connection, run_id, name, payload)
            trail.close_run(connection, run_id, "finished", utc_now().isoformat())
        self._mirror()
        return run_id

    def runs(self) -> list[Run]:
        """Return every run, newest first."""
        with self._database.reading() as connection:
            rows = trail.run_rows(connection)
            counts = trail.record_counts(connection)
            openings = trail.openings_of_the_running(connection)
        found = []
        for row in rows:
            status = row.status
            if status == "running":
                status = _state(openings.get(row.id))
            found.append(_run(row, status, counts.get(row.id, 0)))
        return found

    def run(self, run_id: str) -> Run:
        """Return the run whose id is, or alone begins with, ``run_id``."""
        found = [run for run in self.runs() if run_id and run.id.startswith(run_id)]
        if len(found) == 1:
            return found[0]
        count = "several runs have ids" if found else "no stored run has an id"
        raise InvalidValue(
            f"{count} that begin with {run_id!r}; `qleap bench history` lists them."
        )

    def records(self, run_id: str | None = None) -> list[Record]:
        """Return the records of one run, or of all, oldest first."""
        with self._database.reading() as connection:
            events = trail.events(connection, run_id)
        return _results(events)

    def events(self) -> tuple[list[Event], list[StoredRun]]:
        """Return the trail as it is stored, and the table of runs beside it."""
        with self._database.reading() as connection:
            return trail.events(connection), trail.run_rows(connection)

    def examine(
        self, *, head: str | None = None, mirror: Sequence[Event] | None = None
    ) -> Findings:
        """Return what is wrong; see `qleap.bench.trail.chain.examine`."""
        with self._database.reading() as connection:
            structure = trail.damage(connection)
        events, runs = self.events()
        found = chain.examine(events, runs, head=head, mirror=mirror)
        return Findings(
            faults=(*structure, *found.faults),
            remarks=found.remarks,
            head=found.head,
            events=found.events,
        )

    def faults(self) -> list[str]:
        """Return a sentence for each place where the trail is not as it was stored."""
        return list(self.examine().faults)

    def require_whole(self) -> None:
        """Refuse a trail that is not as it was stored.

        Raises
        ------
        StorageError
            With the first fault.
        """
        faults = self.faults()
        if faults:
            raise StorageError(
                f"the trail in {self.name} is not as it was stored: {faults[0]} "
                f"{len(faults)} faults in all, `qleap bench verify` lists them; judge "
                "a copy, or a new database from the mirror (`qleap bench restore`)."
            )

    def restore(self, events: Sequence[Event], environments: dict[str, str]) -> int:
        """Fill an empty trail with the events of a mirror; return how many.

        Raises
        ------
        StorageError
            Where something is stored already.
        """
        with self._database.writing() as connection:
            trail.lock(connection)
            trail.restore(connection, events, environments)
        return len(events)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _mirror(self) -> None:
        """Bring the mirror up to date; what is stored stays, whatever comes of it."""
        path = os.environ.get(MIRROR_VARIABLE)
        if not path:
            return
        from qleap.bench.trail.mirror import write_mirror

        try:
            write_mirror(self, path)
        except QleapError as error:
            warnings.warn(
                f"stored, but not mirrored: {error}", QleapWarning, stacklevel=3
            )


def _state(opening: dict[str, Any] | None) -> str:
    """Return what became of a run that has not said how it ended."""
    alive = process.is_alive((opening or {}).get("process") or {})
    return {True: "running", False: "killed", None: "unfinished"}[alive]


def _run(row: StoredRun, status: str, records: int) -> Run:
    try:
        finished = row.finished
        return Run(
            id=row.id,
            started=datetime.fromisoformat(row.started),
            finished=None if finished is None else datetime.fromisoformat(finished),
            profile=row.profile,
            environment=json.loads(row.environment),
            status=status,
            records=records,
        )
    except ValueError as error:
        raise StorageError(_damaged(f"the run {row.id}")) from error


def _damaged(what: str) -> str:
    return (
        f"{what} is damaged and cannot be read; `qleap bench verify` lists what was "
        "changed; restore the database from a copy or from its mirror."
    )


def _results(events: Iterable[Event]) -> list[Record]:
    return [record_of(one) for one in events if one.name not in (OPENING, CLOSING)]


def record_of(event: Event) -> Record:
    """Return what an event says.

    Raises
    ------
    StorageError
        Where it is damaged.
    """
    try:
        payload = json.loads(event.payload)
        created = datetime.fromisoformat(event.created)
    except ValueError as error:
        raise StorageError(_damaged(event.place)) from error
    return Record(
        sequence=event.sequence,
        run_id=event.run_id,
        name=event.name,
        created=created,
        payload=payload,
        hash=event.hash,
    )
