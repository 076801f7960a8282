"""Jobs that are never lost: the intent is stored before anything is run."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Row, insert, select, update

from qleap.core import checks, schema
from qleap.core.database import open_database
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue

__all__ = ["FINAL", "STATES", "Job", "JobEvent", "JobStore"]

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
FINAL: Final = ("done", "failed", "cancelled")
"""How a job can end; it then stays so."""

_LARGE: Final = ("raw", "calibration")
"""Columns that may hold megabytes, read by name only."""


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
    part_of : str
        First job of the run to which it belongs; its own id where it is the first.
    step : str
        How far its submission has come, in the words of the backend.
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
    part_of: str = ""
    step: str = ""


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
        return self.create_parts(
            kind=kind, backend=backend, programs=[program], options=options
        )[0]

    def create_parts(
        self,
        *,
        kind: str,
        backend: str,
        programs: Sequence[str],
        options: dict[str, Any],
    ) -> list[Job]:
        """Store the intent to run several programs as parts of one run, all or none."""
        ids = [uuid.uuid4().hex for _ in programs]
        now = utc_now().isoformat()
        with self._database.writing() as connection:
            for part, (job_id, program) in enumerate(zip(ids, programs, strict=True)):
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
                        part_of=ids[0],
                        part=part,
                    )
                )
                _tell(connection, job_id, now, "created", "")
        return [self.get(job_id) for job_id in ids]

    def claim(self, job_id: str, owner: str, states: Iterable[str]) -> Job:
        """Make ``owner`` the only one who submits a job that is in one of ``states``.

        Whoever had claimed it before can write nothing of the submission any more.
        """
        self._update(
            job_id, "submitting", "claimed", {"owner": owner}, states=tuple(states)
        )
        return self.get(job_id)

    def advance(
        self,
        job_id: str,
        state: str,
        *,
        owner: str,
        step: str = "",
        provider_id: str | None = None,
    ) -> None:
        """Write down a step of the submission, unless another has claimed the job."""
        values: dict[str, str | None] = {"step": step}
        if provider_id is not None:
            values["provider_id"] = provider_id
        self._update(job_id, state, step, values, owner=owner)

    def note(self, job_id: str, text: str) -> None:
        """Add a line to the story of a job, which stays as it is."""
        with self._database.writing() as connection:
            state = connection.execute(
                select(schema.job.c.state).where(schema.job.c.id == job_id)
            ).scalar_one()
            _tell(connection, job_id, utc_now().isoformat(), state, text)

    def keep(self, job_id: str, *, raw: str = "", calibration: str = "") -> None:
        """Store the answer of a provider, or the calibration, as it came."""
        given = {"raw": raw, "calibration": calibration}
        values = {name: text for name, text in given.items() if text}
        with self._database.writing() as connection:
            connection.execute(
                update(schema.job).where(schema.job.c.id == job_id).values(**values)
            )

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
        self._update(job_id, state, note, dict(values))

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
                select(*_columns())
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
                select(*_columns())
                .order_by(schema.job.c.created.desc(), schema.job.c.id)
                .limit(checks.count("limit", limit))
            ).all()
        return [_job(row) for row in rows]

    def unfinished(self) -> list[Job]:
        """Return the jobs that have not ended, oldest first."""
        return self._where(schema.job.c.state.not_in(FINAL), schema.job.c.created)

    def parts(self, first: str) -> list[Job]:
        """Return the jobs of the run whose first job has the id ``first``."""
        found = self._where(schema.job.c.part_of == first, schema.job.c.part)
        return found or [self.get(first)]

    def raw(self, job_id: str) -> str | None:
        """Return what the provider answered, or None where nothing came yet."""
        return self._text(job_id, schema.job.c.raw)

    def calibration(self, job_id: str) -> str | None:
        """Return the calibration snapshot of a job, or None."""
        return self._text(job_id, schema.job.c.calibration)

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

    def _where(self, rule: ColumnElement[bool], order: Column[Any]) -> list[Job]:
        with self._database.reading() as connection:
            rows = connection.execute(
                select(*_columns()).where(rule).order_by(order, schema.job.c.id)
            ).all()
        return [_job(row) for row in rows]

    def _text(self, job_id: str, column: Column[Any]) -> str | None:
        with self._database.reading() as connection:
            found = connection.execute(
                select(column).where(schema.job.c.id == job_id)
            ).scalar()
        return None if found is None else str(found)

    def _update(
        self,
        job_id: str,
        state: str,
        note: str,
        values: dict[str, str | None],
        *,
        states: tuple[str, ...] = (),
        owner: str | None = None,
    ) -> None:
        """Write ``values`` where the job is in one of ``states`` and ``owner``'s."""
        now = utc_now().isoformat()
        table = schema.job
        with self._database.writing() as connection:
            row = connection.execute(
                select(table.c.state, table.c.owner).where(table.c.id == job_id)
            ).first()
            if row is None:
                raise InvalidValue(f"no stored job has the id {job_id!r}.")
            if row.state in FINAL:
                raise InvalidValue(
                    f"job {job_id} has ended ({row.state}) and cannot become {state}; "
                    "start a new job."
                )
            taken = owner is not None and row.owner != owner
            if taken or (states and row.state not in states):
                raise InvalidValue(
                    f"job {job_id} is {row.state} and was taken over by another "
                    f"process; `qleap jobs show {job_id[:8]}` tells its story."
                )
            connection.execute(
                update(table)
                .where(table.c.id == job_id)
                .values(state=state, updated=now, **values)
            )
            _tell(connection, job_id, now, state, note)


def _tell(connection: Connection, job_id: str, at: str, state: str, note: str) -> None:
    connection.execute(
        insert(schema.job_event).values(job_id=job_id, at=at, state=state, note=note)
    )


def _columns() -> list[Column[Any]]:
    return [column for column in schema.job.c if column.name not in _LARGE]


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
        part_of=row.part_of or row.id,
        step=row.step or "",
    )
