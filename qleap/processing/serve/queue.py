"""Who runs what: leases on jobs, so that a lost worker loses no job.

A worker holds a job by a lease that it renews. Once the lease has run out another
worker may take the job; what the first one brings after that is not recorded. Every
job is therefore recorded once, however often it was begun.
"""

import json
import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from qleap.core.database import Database
from qleap.core.environment import utc_now
from qleap.processing.serve import tables
from qleap.processing.serve.jobs import ACTIVE, put_objects, tell

__all__ = ["Claim", "Queue"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A job that a worker holds.

    Parameters
    ----------
    id, user_id, device_id, job_type : str
        As in the job's row.
    shots, seed : int
        Of the run.
    mitigation_info : dict
        As submitted.
    limits : dict
        What the owner's limits are, where not those of the service.
    input : bytes
        The uploaded archive.
    attempt : int
        From 1.
    """

    id: str
    user_id: str
    device_id: str
    job_type: str
    shots: int
    seed: int
    mitigation_info: dict[str, Any]
    limits: dict[str, int]
    input: bytes
    attempt: int


class Queue:
    """One worker's view of the queue.

    Parameters
    ----------
    database : Database
        Of the service.
    lease : float
        Seconds for which a job is held without a heartbeat.
    attempts : int
        Workers that may be lost over one job.
    """

    def __init__(self, database: Database, *, lease: float, attempts: int) -> None:
        self._database = database
        self._lease = lease
        self._attempts = attempts
        self.worker = uuid.uuid4().hex

    def sign_in(self) -> None:
        """Say that this worker is alive; those not heard of for long are forgotten."""
        table = tables.worker
        now = tables.present()
        gone = tables.stamp(utc_now() - timedelta(seconds=10.0 * self._lease))
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.seen < gone))
            done = connection.execute(
                update(table).where(table.c.id == self.worker).values(seen=now)
            )
            if done.rowcount == 0:
                place = f"{socket.gethostname()} {os.getpid()}"
                connection.execute(
                    insert(table).values(
                        id=self.worker, place=place, started=now, seen=now
                    )
                )

    def sign_out(self) -> None:
        """Say that this worker is done."""
        table = tables.worker
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.id == self.worker))

    def claim(self) -> Claim | None:
        """Return the next job, which this worker then holds, or None.

        Users take turns: next comes the oldest job of whoever has waited longest
        since a job of theirs was begun.
        """
        if not self._has_work():
            return None
        table, user = tables.job, tables.user
        with self._database.writing() as connection:
            self._take_back(connection)
            row = connection.execute(
                select(table, user.c.limits)
                .join(user, user.c.id == table.c.user_id)
                .where(table.c.status == "submitted")
                .order_by(user.c.last_served, table.c.submitted_at, table.c.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=table)
            ).first()
            if row is None:
                return None
            now = tables.present()
            connection.execute(
                update(table)
                .where(table.c.id == row.id)
                .values(
                    status="ready",
                    ready_at=now,
                    worker=self.worker,
                    lease=self._until(),
                    attempts=row.attempts + 1,
                )
            )
            connection.execute(
                update(user).where(user.c.id == row.user_id).values(last_served=now)
            )
            tell(connection, row.id, "ready", self.worker)
            content = connection.execute(
                select(tables.job_object.c.content).where(
                    tables.job_object.c.job_id == row.id,
                    tables.job_object.c.name == "input",
                )
            ).scalar_one()
        return Claim(
            id=row.id,
            user_id=row.user_id,
            device_id=row.device_id,
            job_type=row.job_type,
            shots=row.shots,
            seed=row.seed,
            mitigation_info=json.loads(row.mitigation_info),
            limits=json.loads(row.limits),
            input=bytes(content),
            attempt=row.attempts + 1,
        )

    def begin(self, job_id: str) -> bool:
        """Mark a held job as running; False where it is to be left alone."""
        now = tables.present()
        with self._database.writing() as connection:
            begun = self._change(
                connection, job_id, ("ready",), status="running", running_at=now
            )
            if begun:
                tell(connection, job_id, "running", self.worker)
        return begun

    def renew(self, job_id: str) -> str | None:
        """Hold a job for longer and return its status; None where it is lost."""
        table = tables.job
        with self._database.writing() as connection:
            if not self._change(connection, job_id, ACTIVE, lease=self._until()):
                return None
            return connection.execute(
                select(table.c.status).where(table.c.id == job_id)
            ).scalar()

    def finish(
        self,
        job_id: str,
        status: str,
        *,
        objects: Mapping[str, bytes] | None = None,
        message: str = "",
        seconds: float | None = None,
    ) -> bool:
        """Record how a job ended, once; False where it is no longer ours.

        A job whose user asked to cancel it ends as cancelled, without results.
        """
        table = tables.job
        with self._database.writing() as connection:
            held = connection.execute(
                select(table.c.status)
                .where(table.c.id == job_id, table.c.worker == self.worker)
                .with_for_update()
            ).scalar()
            if held not in ACTIVE:
                return False
            if held == "cancelling":
                status, objects, message = "cancelled", None, ""
            connection.execute(
                update(table)
                .where(table.c.id == job_id)
                .values(
                    status=status,
                    ended_at=tables.present(),
                    execution_time=seconds,
                    message=message or None,
                    worker=None,
                    lease=None,
                )
            )
            put_objects(connection, job_id, objects or {})
            tell(connection, job_id, status, message)
        return True

    def give_back(self, job_id: str) -> None:
        """Return a held job to the queue, as if it had never been taken."""
        with self._database.writing() as connection:
            if self._change(
                connection,
                job_id,
                ("ready", "running"),
                status="submitted",
                worker=None,
                lease=None,
                attempts=tables.job.c.attempts - 1,
            ):
                tell(connection, job_id, "submitted", "its worker was stopped")

    def _has_work(self) -> bool:
        """Return whether a look with the writer's lock is worth it."""
        table = tables.job
        lost = table.c.status.in_(ACTIVE) & (table.c.lease < tables.present())
        query = (
            select(func.count())
            .select_from(table)
            .where((table.c.status == "submitted") | lost)
        )
        with self._database.reading() as connection:
            return bool(connection.execute(query).scalar_one())

    def _take_back(self, connection: Connection) -> None:
        """Return to the queue what lost workers held."""
        table = tables.job
        lost = connection.execute(
            select(table.c.id, table.c.status, table.c.attempts)
            .where(table.c.status.in_(ACTIVE), table.c.lease < tables.present())
            .with_for_update(skip_locked=True)
        ).all()
        for row in lost:
            change: dict[str, Any] = {"worker": None, "lease": None}
            note = "its worker was lost"
            if row.status == "cancelling":
                change |= {"status": "cancelled", "ended_at": tables.present()}
            elif row.attempts >= self._attempts:
                note = f"{row.attempts} workers were lost over this job"
                change |= {
                    "status": "failed",
                    "ended_at": tables.present(),
                    "message": f"{note}; make it smaller, or ask the operator.",
                }
            else:
                change |= {"status": "submitted"}
            connection.execute(
                update(table).where(table.c.id == row.id).values(**change)
            )
            tell(connection, row.id, change["status"], note)

    def _change(
        self,
        connection: Connection,
        job_id: str,
        statuses: tuple[str, ...],
        **values: Any,
    ) -> bool:
        """Change a job that this worker holds; return whether it does."""
        table = tables.job
        done = connection.execute(
            update(table)
            .where(table.c.id == job_id, table.c.worker == self.worker)
            .where(table.c.status.in_(statuses))
            .values(**values)
        )
        return done.rowcount == 1

    def _until(self) -> str:
        return tables.stamp(utc_now() + timedelta(seconds=self._lease))
