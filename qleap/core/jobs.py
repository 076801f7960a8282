"""Jobs that are never lost: the intent is stored before anything is run."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from qleap.core import checks, schema
from qleap.core.database import open_database
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue

__all__ = ["STATES", "Job", "JobEvent", "JobStore"]

STATES: Final = (
    "created",
    "submitting",
    "queued",
    "running",
    "done",
    "failed",
    "cancelled",
    "unknown",
)
_FINAL: Final = ("done", "failed", "cancelled")


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A stored job.

    Parameters
    ----------
    id : str
        UUID in hexadecimal; travels to a provider as a tag.
    kind, backend : str
        What kind of work, and where it runs.
    state : str
        One of `STATES`.
    created, updated : datetime
        UTC.
    program : str
        What is run, as text (OpenQASM 3, or QPY in base64).
    options : dict
        Plain values: shots, seed and so on.
    provider_id : str or None
        The provider's own name of the job.
    result : dict or None
        Plain values, once done.
    error : str or None
        Why it failed.
    """

    id: str
    kind: str
    backend: str
    state: str
    created: datetime
    updated: datetime
    program: str
    options: dict[str, Any]
    provider_id: str | None = None
    result: dict[str, Any] | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class JobEvent:
    """One line of a job's story."""

    at: datetime
    state: str
    note: str


class JobStore:
    """The jobs in a database.

    Parameters
    ----------
    url : str, optional
        Database URL; by default the project's own (`qleap.core.database`).
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url)

    def create(
        self, *, kind: str, backend: str, program: str, options: dict[str, Any]
    ) -> Job:
        """Store the intent to run ``program`` and return the new job."""
        job_id = uuid.uuid4().hex
        now = utc_now().isoformat()
        with self._database.writing() as connection:
            connection.execute(
                insert(schema.job).values(
                    id=job_id,
                    kind=kind,
                    backend=backend,
                    state="created",
                    created=now,
                    updated=now,
                    program=program,
                    options=json.dumps(options, sort_keys=True),
                )
            )
            _tell(connection, job_id, now, "created", "")
        return self.get(job_id)

    def change(
        self,
        job_id: str,
        state: str,
        *,
        note: str = "",
        provider_id: str | None = None,
    ) -> None:
        """Move a job to ``state``; a job that has ended stays as it ended."""
        checks.one_of("state", state, STATES)
        values = {} if provider_id is None else {"provider_id": provider_id}
        self._update(job_id, state, note, values)

    def finish(self, job_id: str, result: dict[str, Any]) -> None:
        """Store the result and mark the job done."""
        self._update(job_id, "done", "", {"result": json.dumps(result, sort_keys=True)})

    def fail(self, job_id: str, error: str) -> None:
        """Mark the job failed, with the reason."""
        self._update(job_id, "failed", error, {"error": error})

    def get(self, job_id: str) -> Job:
        """Return the job whose id is, or alone begins with, ``job_id``."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(schema.job)
                .where(schema.job.c.id.startswith(job_id, autoescape=True))
                .limit(2)
            ).all()
        if not rows or not job_id:
            raise InvalidValue(
                f"no stored job has an id that begins with {job_id!r}; "
                "`qleap jobs` lists the ids."
            )
        if len(rows) > 1:
            raise InvalidValue(
                f"several jobs have ids that begin with {job_id!r}; give more digits."
            )
        return _job(rows[0])

    def newest(self, limit: int = 20) -> list[Job]:
        """Return the newest jobs, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(schema.job)
                .order_by(schema.job.c.created.desc(), schema.job.c.id)
                .limit(checks.count("limit", limit))
            ).all()
        return [_job(row) for row in rows]

    def events(self, job_id: str) -> list[JobEvent]:
        """Return the story of a job, oldest first."""
        table = schema.job_event
        with self._database.reading() as connection:
            rows = connection.execute(
                select(table).where(table.c.job_id == job_id).order_by(table.c.sequence)
            ).all()
        return [
            JobEvent(at=datetime.fromisoformat(r.at), state=r.state, note=r.note)
            for r in rows
        ]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _update(
        self, job_id: str, state: str, note: str, values: dict[str, str]
    ) -> None:
        now = utc_now().isoformat()
        with self._database.writing() as connection:
            row = connection.execute(
                select(schema.job.c.state).where(schema.job.c.id == job_id)
            ).first()
            if row is None:
                raise InvalidValue(f"no stored job has the id {job_id!r}.")
            if row.state in _FINAL:
                raise InvalidValue(
                    f"job {job_id} has ended ({row.state}) and cannot become {state}; "
                    "start a new job."
                )
            connection.execute(
                update(schema.job)
                .where(schema.job.c.id == job_id)
                .values(state=state, updated=now, **values)
            )
            _tell(connection, job_id, now, state, note)


def _tell(connection: Connection, job_id: str, at: str, state: str, note: str) -> None:
    connection.execute(
        insert(schema.job_event).values(job_id=job_id, at=at, state=state, note=note)
    )


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        backend=row.backend,
        state=row.state,
        created=datetime.fromisoformat(row.created),
        updated=datetime.fromisoformat(row.updated),
        program=row.program,
        options=json.loads(row.options),
        provider_id=row.provider_id,
        result=None if row.result is None else json.loads(row.result),
        error=row.error,
    )
