"""The jobs of users: registered, submitted, looked at, cancelled and deleted."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from qleap.core.database import Database
from qleap.core.environment import utc_now
from qleap.processing.serve import tables
from qleap.processing.serve.refusals import Refused

__all__ = [
    "ACTIVE",
    "ENDED",
    "WAITING",
    "JobFilter",
    "Jobs",
    "Page",
    "put_objects",
    "tell",
]

WAITING: Final = ("submitted",)
ACTIVE: Final = ("ready", "running", "cancelling")
ENDED: Final = ("succeeded", "failed", "cancelled")

MOST_REGISTERED: Final = 200
"""Jobs of a user that wait for their upload; a script that forgets to submit."""

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFilter:
    """Which jobs are listed.

    Parameters
    ----------
    status : str or None
        With this status; else all but registered ones.
    start, end : datetime or None
        Submitted not before, not after.
    text : str
        Part of the id, the name or the description.
    newest_first : bool
        Else the oldest comes first.
    """

    status: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""
    newest_first: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some of the jobs that were asked for.

    Parameters
    ----------
    jobs : list of dict
        Rows of the table.
    number, last : int
        Of this page and of the last one, from 1.
    """

    jobs: list[Values]
    number: int
    last: int


class Jobs:
    """The jobs in a database, each seen by its owner alone.

    Parameters
    ----------
    database : Database
        Of the service.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, user_id: str, lifetime: float) -> str:
        """Return the id of a new job; forgotten ones of the user go.

        Parameters
        ----------
        user_id : str
            The owner.
        lifetime : float
            Seconds after which a job that was not submitted is forgotten.
        """
        job_id = str(uuid.uuid4())
        table = tables.job
        stale = tables.stamp(utc_now() - timedelta(seconds=lifetime))
        registered = and_(table.c.user_id == user_id, table.c.status == "registered")
        with self._database.writing() as connection:
            old = select(table.c.id).where(registered, table.c.created < stale)
            _forget(connection, old)
            n_open = connection.execute(
                select(func.count()).select_from(table).where(registered)
            ).scalar_one()
            if n_open >= MOST_REGISTERED:
                raise Refused(
                    429,
                    f"{n_open} registered jobs wait for their submission, which is the "
                    "most; submit them, or wait until they are forgotten.",
                )
            connection.execute(
                insert(table).values(
                    id=job_id,
                    user_id=user_id,
                    status="registered",
                    created=tables.present(),
                    attempts=0,
                )
            )
            tell(connection, job_id, "registered")
        return job_id

    def put_input(self, job_id: str, content: bytes) -> None:
        """Store what was uploaded for a registered job; the last upload counts."""
        with self._database.writing() as connection:
            row = _row(connection, job_id, None)
            if row.status != "registered":
                raise Refused(400, "the job was submitted; its input stays as it is.")
            put_objects(connection, job_id, {"input": content})

    def input_of(self, job_id: str, user_id: str) -> bytes:
        """Return what was uploaded for a job that can be submitted."""
        with self._database.reading() as connection:
            row = _row(connection, job_id, user_id)
            if row.status != "registered":
                raise Refused(
                    400, f"the job was submitted already (status {row.status})."
                )
            content = _object(connection, job_id, "input")
        if content is None:
            raise Refused(
                400, "nothing was uploaded for the job; upload its archive first."
            )
        return content

    def submit(
        self, job_id: str, user_id: str, values: Mapping[str, Any], most_open: int
    ) -> None:
        """Put a registered job into the queue.

        Parameters
        ----------
        job_id, user_id : str
            The job and its owner.
        values : mapping
            Checked columns.
        most_open : int
            Jobs of the owner that may wait or run.
        """
        table = tables.job
        unfinished = table.c.status.in_((*WAITING, *ACTIVE))
        with self._database.writing() as connection:
            # A lock on the owner makes two submissions count one after the other.
            connection.execute(
                select(tables.user.c.id)
                .where(tables.user.c.id == user_id)
                .with_for_update()
            )
            n_open = connection.execute(
                select(func.count())
                .select_from(table)
                .where(table.c.user_id == user_id, unfinished)
            ).scalar_one()
            if n_open >= most_open:
                raise Refused(
                    429,
                    f"{n_open} of your jobs wait or run, and {most_open} are the most; "
                    "wait until one ends, or cancel one.",
                )
            done = connection.execute(
                update(table)
                .where(table.c.id == job_id, table.c.user_id == user_id)
                .where(table.c.status == "registered")
                .values(status="submitted", submitted_at=tables.present(), **values)
            )
            if done.rowcount != 1:
                raise Refused(400, "the job was submitted already.")
            tell(connection, job_id, "submitted")

    def get(self, job_id: str, user_id: str) -> tuple[Values, set[str]]:
        """Return a job's row, and the names of its objects."""
        with self._database.reading() as connection:
            row = _row(connection, job_id, user_id)
            names = _object_names(connection, [job_id])[job_id]
        return dict(row._mapping), names

    def page(
        self, user_id: str, asked: JobFilter, number: int, size: int
    ) -> tuple[Page, dict[str, set[str]]]:
        """Return a page of jobs and the names of their objects.

        A page behind the last one is the last one.
        """
        query = _filtered(user_id, asked)
        created, job_id = tables.job.c.created, tables.job.c.id
        order = (
            (created.desc(), job_id.desc()) if asked.newest_first else (created, job_id)
        )
        with self._database.reading() as connection:
            total = connection.execute(
                select(func.count()).select_from(query.subquery())
            ).scalar_one()
            last = max(-(-total // size), 1)
            number = min(number, last)
            rows = connection.execute(
                query.order_by(*order).offset((number - 1) * size).limit(size)
            ).all()
            names = _object_names(connection, [row.id for row in rows])
        jobs = [dict(row._mapping) for row in rows]
        return Page(jobs=jobs, number=number, last=last), names

    def cancel(self, job_id: str, user_id: str) -> None:
        """Take a job out of the queue, or ask its worker to stop."""
        now = tables.present()
        with self._database.writing() as connection:
            row = _row(connection, job_id, user_id, lock=True)
            if row.status in WAITING:
                change = {"status": "cancelled", "ended_at": now}
            elif row.status in ("ready", "running"):
                change = {"status": "cancelling"}
            else:
                raise Refused(
                    400,
                    f"a job that is {row.status} cannot be cancelled; only submitted, "
                    "ready and running ones can.",
                )
            connection.execute(
                update(tables.job).where(tables.job.c.id == job_id).values(**change)
            )
            tell(connection, job_id, change["status"], "asked by the user")

    def delete(self, job_id: str, user_id: str) -> None:
        """Delete a job that has ended, with its results."""
        table = tables.job
        with self._database.writing() as connection:
            row = _row(connection, job_id, user_id, lock=True)
            if row.status not in ENDED:
                raise Refused(
                    400,
                    f"a job that is {row.status} cannot be deleted; cancel it first.",
                )
            _forget(connection, select(table.c.id).where(table.c.id == job_id))

    def object(self, job_id: str, name: str) -> bytes | None:
        """Return an archive of a job, or None."""
        with self._database.reading() as connection:
            return _object(connection, job_id, name)

    def waiting_by_device(self) -> dict[str, int]:
        """Return how many jobs wait or run, by device."""
        table = tables.job
        query = (
            select(table.c.device_id, func.count())
            .where(table.c.status.in_((*WAITING, *ACTIVE)))
            .group_by(table.c.device_id)
        )
        with self._database.reading() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}

    def count_by_status(self) -> dict[str, int]:
        """Return how many jobs have each status."""
        query = select(tables.job.c.status, func.count()).group_by(tables.job.c.status)
        with self._database.reading() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}


def tell(connection: Connection, job_id: str, status: str, note: str = "") -> None:
    """Add a line to a job's story."""
    connection.execute(
        insert(tables.job_event).values(
            job_id=job_id, at=tables.present(), status=status, note=note
        )
    )


def put_objects(
    connection: Connection, job_id: str, objects: Mapping[str, bytes]
) -> None:
    """Store archives of a job in place of older ones of the same names."""
    table = tables.job_object
    for name, content in objects.items():
        connection.execute(
            delete(table).where(table.c.job_id == job_id, table.c.name == name)
        )
        connection.execute(
            insert(table).values(job_id=job_id, name=name, content=content)
        )


def _row(
    connection: Connection, job_id: str, user_id: str | None, *, lock: bool = False
) -> Row[Any]:
    """Return a job; another user's is as unknown as one that never was."""
    table = tables.job
    query = select(table).where(table.c.id == job_id)
    if user_id is not None:
        query = query.where(table.c.user_id == user_id)
    if lock:
        query = query.with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise Refused(404, "no such job.")
    return row


def _object(connection: Connection, job_id: str, name: str) -> bytes | None:
    table = tables.job_object
    query = select(table.c.content)
    found = connection.execute(
        query.where(table.c.job_id == job_id, table.c.name == name)
    ).scalar()
    return None if found is None else bytes(found)


def _object_names(connection: Connection, job_ids: list[str]) -> dict[str, set[str]]:
    table = tables.job_object
    names: dict[str, set[str]] = {job_id: set() for job_id in job_ids}
    query = select(table.c.job_id, table.c.name).where(table.c.job_id.in_(job_ids))
    for job_id, name in connection.execute(query):
        names[job_id].add(name)
    return names


def _forget(connection: Connection, jobs: Select[tuple[str]]) -> None:
    """Delete the jobs that a query names, with all that belongs to them."""
    for table in (tables.job_object, tables.job_event):
        connection.execute(delete(table).where(table.c.job_id.in_(jobs)))
    connection.execute(delete(tables.job).where(tables.job.c.id.in_(jobs)))


def _filtered(user_id: str, asked: JobFilter) -> Select[Any]:
    table = tables.job
    query = select(table).where(table.c.user_id == user_id)
    if asked.status is None:
        query = query.where(table.c.status != "registered")
    else:
        query = query.where(table.c.status == asked.status)
    if asked.start is not None:
        query = query.where(table.c.submitted_at >= tables.stamp(asked.start))
    if asked.end is not None:
        query = query.where(table.c.submitted_at <= tables.stamp(asked.end))
    if asked.text:
        fields = (table.c.id, table.c.name, table.c.description)
        query = query.where(
            or_(*(field.contains(asked.text, autoescape=True) for field in fields))
        )
    return query
