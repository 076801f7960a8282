"""The tables of the project's database, and the steps that bring an old one up.

`STEPS` is append-only: a released step never changes, a new need is a new step.
Times are ISO 8601 text in UTC and documents are JSON text, so that SQLite and
PostgreSQL hold the same bytes.
"""

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)
from sqlalchemy.schema import CreateColumn

__all__ = ["STEPS", "bench_record", "bench_run", "job", "job_event", "schema_version"]

_tables = MetaData()

schema_version = Table(
    "qleap_schema_version", _tables, Column("version", Integer, nullable=False)
)

job = Table(
    "job",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("backend", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", String(32), nullable=False, index=True),
    Column("updated", String(32), nullable=False),
    Column("program", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("provider_id", Text),
    Column("result", Text),
    Column("error", Text),
    Column("part_of", String(32)),
    Column("part", Integer),
    Column("owner", String(32)),
    Column("step", Text),
    Column("raw", Text),
    Column("calibration", Text),
)
"""What was asked for, and what came of it; written before anything is run.

A job is number ``part`` of the run whose first job is ``part_of``. ``owner`` names the
process that submits it and ``step`` how far the submission has come. ``raw`` is what
the provider answered, kept before anybody reads it, and ``calibration`` the state of
the machine at the time.
"""

_SUBMISSION = ("part_of", "part", "owner", "step", "raw", "calibration")

job_event = Table(
    "job_event",
    _tables,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("job.id"), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("note", Text, nullable=False),
)
"""The story of each job; rows are added and never changed."""

bench_run = Table(
    "bench_run",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("started", String(32), nullable=False, index=True),
    Column("finished", String(32)),
    Column("profile", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("status", String(16), nullable=False),
)
"""One call of the benchmark runner."""

bench_record = Table(
    "bench_record",
    _tables,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("run_id", ForeignKey("bench_run.id"), nullable=False, index=True),
    Column("name", Text, nullable=False, index=True),
    Column("created", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Measurements and decisions; each row carries the hash of the one before."""


def _add_jobs(connection: Connection) -> None:
    _tables.create_all(connection, tables=[job, job_event])


def _add_benchmarks(connection: Connection) -> None:
    _tables.create_all(connection, tables=[bench_run, bench_record])


def _add_submission(connection: Connection) -> None:
    # The first step makes the table as it is today, so a new database has them.
    present = {column["name"] for column in inspect(connection).get_columns(job.name)}
    for name in _SUBMISSION:
        if name not in present:
            column = CreateColumn(job.c[name]).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {job.name} ADD COLUMN {column}")


STEPS: tuple[Callable[[Connection], None], ...] = (
    _add_jobs,
    _add_benchmarks,
    _add_submission,
)
"""Step ``k`` (from 1) takes a database of version ``k - 1`` to version ``k``."""
