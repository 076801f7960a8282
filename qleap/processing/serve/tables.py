"""The tables of a service, apart from the researcher's own jobs and history.

They carry a version of their own, so that they can lie in a file of their own (the
default: other people's jobs, tokens and payloads, to be backed up, moved or deleted
without touching one's own work) or beside the others on one PostgreSQL server.
Times are ISO 8601 text in UTC with microseconds, so that text order is time order.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from qleap.core.database import Schema
from qleap.core.environment import utc_now

__all__ = [
    "SCHEMA",
    "announcement",
    "job",
    "job_event",
    "job_object",
    "present",
    "secret",
    "stamp",
    "token",
    "user",
    "worker",
]

_tables = MetaData()

user = Table(
    "serve_user",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("limits", Text, nullable=False),
    Column("last_served", String(32), nullable=False),
)
"""``limits`` holds what differs from the settings, as JSON; ``last_served`` is when a
job of the user was last begun."""

token = Table(
    "serve_token",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("user_id", String(32), nullable=False, index=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created", String(32), nullable=False),
    Column("expires", String(32), nullable=False),
)
"""Only the SHA-256 of a secret of 256 random bits is kept."""

job = Table(
    "serve_job",
    _tables,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created", String(32), nullable=False),
    Column("name", Text),
    Column("description", Text),
    Column("device_id", Text),
    Column("job_type", String(16)),
    Column("shots", Integer),
    Column("seed", Integer),
    Column("transpiler_info", Text),
    Column("simulator_info", Text),
    Column("mitigation_info", Text),
    Column("submitted_at", String(32)),
    Column("ready_at", String(32)),
    Column("running_at", String(32)),
    Column("ended_at", String(32)),
    Column("execution_time", Float),
    Column("message", Text),
    Column("worker", String(32)),
    Column("lease", String(32)),
    Column("attempts", Integer, nullable=False),
    Index("serve_job_queue", "status", "submitted_at"),
    Index("serve_job_user", "user_id", "created"),
)

job_event = Table(
    "serve_job_event",
    _tables,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("job_id", String(36), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("note", Text, nullable=False),
)
"""The story of each job; rows are added and never changed."""

job_object = Table(
    "serve_object",
    _tables,
    Column("job_id", String(36), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Archives: what was uploaded and what came of it, never a path on the disk."""

announcement = Table(
    "serve_announcement",
    _tables,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("start_time", String(32), nullable=False),
    Column("end_time", String(32), nullable=False),
    Column("publishable", Boolean, nullable=False),
)

worker = Table(
    "serve_worker",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("place", Text, nullable=False),
    Column("started", String(32), nullable=False),
    Column("seen", String(32), nullable=False, index=True),
)

secret = Table(
    "serve_secret",
    _tables,
    Column("name", String(16), primary_key=True),
    Column("value", String(64), nullable=False),
)
"""What links are signed with."""


def stamp(moment: datetime) -> str:
    """Return a moment as the tables hold it."""
    return moment.isoformat(timespec="microseconds")


def present() -> str:
    """Return the present moment as the tables hold it."""
    return stamp(utc_now())


def _create(connection: Connection) -> None:
    _tables.create_all(connection)


SCHEMA: Final = Schema(
    version=Table(
        "serve_schema_version",
        MetaData(),
        Column("version", Integer, nullable=False),
    ),
    steps=(_create,),
)
"""Append-only: a released step never changes, a new need is a new step."""
