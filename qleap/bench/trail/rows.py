"""The tables of runs and records, row by row, inside one transaction."""

import contextlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    cast,
    func,
    insert,
    select,
    update,
)

from qleap.bench.trail.chain import (
    CLOSING,
    GENESIS,
    OPENING,
    Event,
    StoredRun,
    canonical,
    digest,
    link,
)
from qleap.core import process, schema
from qleap.core.environment import utc_now
from qleap.core.errors import StorageError

__all__ = [
    "append",
    "close_run",
    "close_the_dead",
    "damage",
    "events",
    "lock",
    "open_run",
    "openings_of_the_running",
    "record_counts",
    "restore",
    "run_rows",
]


def lock(connection: Connection) -> None:
    """Make the other writers wait until this transaction ends.

    Holding this one row makes writers on PostgreSQL wait for each other, as SQLite
    makes them anyway; else two events could follow the same predecessor.
    """
    connection.execute(select(schema.schema_version).with_for_update())


def append(
    connection: Connection, run_id: str, name: str, payload: dict[str, Any]
) -> None:
    """Add an event behind the newest one."""
    lock(connection)
    table = schema.bench_record
    last = connection.execute(
        select(table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    ).scalar()
    created, text = utc_now().isoformat(), canonical(payload)
    previous = last or GENESIS
    connection.execute(
        insert(table).values(
            run_id=run_id,
            name=name,
            created=created,
            payload=text,
            previous_hash=previous,
            hash=link(previous, run_id, name, created, text),
        )
    )


def open_run(
    connection: Connection, run_id: str, profile: str, environment: dict[str, Any]
) -> None:
    """Add a run and the event that fixes what is known of it."""
    text, started = canonical(environment), utc_now().isoformat()
    connection.execute(
        insert(schema.bench_run).values(
            id=run_id,
            started=started,
            profile=profile,
            environment=text,
            status="running",
        )
    )
    opening = {
        "profile": profile,
        "environment_sha256": digest(text),
        "started": started,
        "process": process.identity(),
    }
    append(connection, run_id, OPENING, opening)


def close_run(
    connection: Connection, run_id: str, status: str, finished: str | None
) -> None:
    """Say how a run ended, in the trail and in the table of runs."""
    append(connection, run_id, CLOSING, {"status": status, "finished": finished})
    connection.execute(
        update(schema.bench_run)
        .where(schema.bench_run.c.id == run_id)
        .values(status=status, finished=finished)
    )


def close_the_dead(connection: Connection) -> None:
    """Close the runs whose process is gone without a word.

    Runs of old trails, whose end stands in the table alone, are closed as it says.
    """
    runs, table = schema.bench_run, schema.bench_record
    closed = select(table.c.run_id).where(table.c.name == CLOSING)
    open_runs = connection.execute(
        select(runs.c.id, runs.c.status, runs.c.finished)
        .where(runs.c.id.not_in(closed))
        .order_by(runs.c.started, runs.c.id)
    ).all()
    openings = openings_of_the_running(connection) if open_runs else {}
    for row in open_runs:
        if row.status != "running":
            close_run(connection, row.id, row.status, row.finished)
        elif process.is_alive(openings.get(row.id, {}).get("process") or {}) is False:
            close_run(connection, row.id, "killed", None)


def openings_of_the_running(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return what the openings of the runs that have not ended say, by run."""
    runs, table = schema.bench_run, schema.bench_record
    rows = connection.execute(
        select(table.c.run_id, table.c.payload)
        .join(runs, runs.c.id == table.c.run_id)
        .where(table.c.name == OPENING, runs.c.status == "running")
    )
    found = {}
    for row in rows:
        # What is damaged says nothing, and is told by an examination.
        with contextlib.suppress(ValueError):
            found[row.run_id] = json.loads(row.payload)
    return found


def record_counts(connection: Connection) -> dict[str, int]:
    """Return how many records each run has, openings and ends apart."""
    table = schema.bench_record
    rows = connection.execute(
        select(table.c.run_id, func.count().label("records"))
        .where(table.c.name.not_in((OPENING, CLOSING)))
        .group_by(table.c.run_id)
    )
    return {row.run_id: row.records for row in rows}


def events(connection: Connection, run_id: str | None = None) -> list[Event]:
    """Return the events of one run, or of all, oldest first."""
    table = schema.bench_record
    query = select(*_columns(connection, table)).order_by(table.c.sequence)
    if run_id is not None:
        query = query.where(table.c.run_id == run_id)
    return [Event(**_plain(row._mapping)) for row in connection.execute(query)]


def run_rows(connection: Connection) -> list[StoredRun]:
    """Return the table of runs, newest first."""
    table = schema.bench_run
    query = select(*_columns(connection, table))
    query = query.order_by(table.c.started.desc(), table.c.id)
    return [StoredRun(**_plain(row._mapping)) for row in connection.execute(query)]


def damage(connection: Connection) -> list[str]:
    """Return what SQLite finds wrong with the structure of its file."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.exec_driver_sql("PRAGMA integrity_check(10)").all()
    return [f"the file is damaged: {row[0]}." for row in rows if row[0] != "ok"]


def restore(
    connection: Connection, stored: Sequence[Event], environments: dict[str, str]
) -> None:
    """Put the events of a mirror into an empty trail, runs and numbers as they were."""
    if connection.execute(select(func.count()).select_from(schema.bench_run)).scalar():
        raise StorageError(
            "only a database without runs can be restored; set QLEAP_DATABASE_URL to "
            "a new one."
        )
    for one in stored:
        said = one.content()
        if one.name == OPENING:
            connection.execute(
                insert(schema.bench_run).values(
                    id=one.run_id,
                    started=said.get("started", one.created),
                    profile=said["profile"],
                    environment=environments[one.run_id],
                    status="running",
                )
            )
        if one.name == CLOSING:
            connection.execute(
                update(schema.bench_run)
                .where(schema.bench_run.c.id == one.run_id)
                .values(status=said["status"], finished=said["finished"])
            )
        values = {column.name: getattr(one, column.name) for column in _written()}
        connection.execute(insert(schema.bench_record).values(**values))
    if connection.dialect.name == "postgresql" and stored:
        # Numbers that were given by hand do not move the server's own counter.
        table = schema.bench_record.name
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'sequence'), "
            f"{int(stored[-1].sequence)})"
        )


def _written() -> list[ColumnElement[Any]]:
    return list(schema.bench_record.c)


def _columns(connection: Connection, table: Table) -> list[ColumnElement[Any]]:
    """Return the columns as they lie in the file: damaged text is no text."""
    if connection.dialect.name != "sqlite":
        return list(table.c)
    return [
        column
        if column.name == "sequence"
        else cast(column, LargeBinary).label(column.name)
        for column in table.c
    ]


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.decode("utf-8", "backslashreplace")
        if isinstance(value, bytes)
        else value
        for name, value in row.items()
    }
