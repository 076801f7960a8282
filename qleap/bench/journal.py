"""Runs and records in the project's database: appended, chained, never changed."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from qleap.core import schema
from qleap.core.database import open_database
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Journal", "Record", "Run"]

GENESIS = "0" * 64
"""What the first record has in place of its predecessor's hash."""

OPENING = "run"
"""Name of the record that opens each run and fixes its environment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One call of the runner, or one decision.

    ``status`` is running, finished or interrupted; a run whose process was
    killed stays running. ``records`` counts what it measured.
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
        self._database = open_database(url)
        self.name = self._database.name

    def begin(self, profile: str, environment: dict[str, Any]) -> str:
        """Store that a run starts, with what and where, and return its id."""
        run_id = uuid.uuid4().hex
        text = _canonical(environment)
        with self._database.writing() as connection:
            connection.execute(
                insert(schema.bench_run).values(
                    id=run_id,
                    started=utc_now().isoformat(),
                    profile=profile,
                    environment=text,
                    status="running",
                )
            )
            opening = {"profile": profile, "environment_sha256": _digest(text)}
            _append(connection, run_id, OPENING, opening)
        return run_id

    def add(self, run_id: str, name: str, payload: dict[str, Any]) -> None:
        """Append one record; it is on the disk when this returns."""
        with self._database.writing() as connection:
            _append(connection, run_id, name, payload)

    def finish(self, run_id: str, status: str) -> None:
        """Close a run as ``finished`` or ``interrupted``."""
        with self._database.writing() as connection:
            connection.execute(
                update(schema.bench_run)
                .where(schema.bench_run.c.id == run_id)
                .values(status=status, finished=utc_now().isoformat())
            )

    def runs(self) -> list[Run]:
        """Return every run, newest first."""
        counted = (
            select(schema.bench_record.c.run_id, func.count().label("records"))
            .where(schema.bench_record.c.name != OPENING)
            .group_by(schema.bench_record.c.run_id)
            .subquery()
        )
        query = (
            select(schema.bench_run, func.coalesce(counted.c.records, 0).label("n"))
            .outerjoin(counted, counted.c.run_id == schema.bench_run.c.id)
            .order_by(schema.bench_run.c.started.desc(), schema.bench_run.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [_run(row) for row in rows]

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
        table = schema.bench_record
        query = select(table).where(table.c.name != OPENING).order_by(table.c.sequence)
        if run_id is not None:
            query = query.where(table.c.run_id == run_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [_record(row) for row in rows]

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each place where the chain of hashes is broken."""
        table, runs = schema.bench_record, schema.bench_run
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.sequence)).all()
            environments = {
                row.id: row.environment for row in connection.execute(select(runs))
            }
        previous = GENESIS
        for row in rows:
            if row.previous_hash != previous:
                yield f"before record {row.sequence} ({row.name}) records are missing."
            if row.hash != _chained(row):
                yield f"record {row.sequence} ({row.name}) was changed."
            if row.name == OPENING:
                yield from _environment_fault(row, environments.get(row.run_id, ""))
            previous = row.hash

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _append(
    connection: Connection, run_id: str, name: str, payload: dict[str, Any]
) -> None:
    # Holding this one row makes writers on PostgreSQL wait for each other, as
    # SQLite makes them anyway; else two could follow the same predecessor.
    connection.execute(select(schema.schema_version).with_for_update())
    table = schema.bench_record
    last = connection.execute(
        select(table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    ).scalar()
    created, text = utc_now().isoformat(), _canonical(payload)
    previous = last or GENESIS
    connection.execute(
        insert(table).values(
            run_id=run_id,
            name=name,
            created=created,
            payload=text,
            previous_hash=previous,
            hash=_digest(_canonical([previous, run_id, name, created, text])),
        )
    )


def _chained(row: Row[Any]) -> str:
    parts = [row.previous_hash, row.run_id, row.name, row.created, row.payload]
    return _digest(_canonical(parts))


def _environment_fault(row: Row[Any], environment: str) -> Iterator[str]:
    try:
        fixed = json.loads(row.payload).get("environment_sha256")
    except ValueError:
        fixed = None
    if fixed != _digest(environment):
        yield f"the environment of run {row.run_id} was changed."


def _canonical(value: Any) -> str:
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        started=datetime.fromisoformat(row.started),
        finished=None if row.finished is None else datetime.fromisoformat(row.finished),
        profile=row.profile,
        environment=json.loads(row.environment),
        status=row.status,
        records=row.n,
    )


def _record(row: Row[Any]) -> Record:
    try:
        payload = json.loads(row.payload)
    except ValueError as error:
        raise StorageError(
            f"record {row.sequence} ({row.name}) is damaged and cannot be read; "
            "`qleap bench verify` lists what was changed; restore the database from "
            "a copy."
        ) from error
    return Record(
        sequence=row.sequence,
        run_id=row.run_id,
        name=row.name,
        created=datetime.fromisoformat(row.created),
        payload=payload,
        hash=row.hash,
    )
