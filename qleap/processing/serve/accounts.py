"""Users, their tokens, and what the operator announces."""

import hashlib
import json
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from qleap.core.database import Database
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue
from qleap.processing.serve import tables
from qleap.processing.serve.settings import Limits

__all__ = ["Accounts", "NewToken", "User"]

EMAIL: Final = re.compile(r"[^\s@\x00-\x1f]{1,64}@[^\s@\x00-\x1f]{1,190}")
"""Something at something; whether it exists only a letter would tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Someone with an account.

    Parameters
    ----------
    id : str
        UUID in hexadecimal.
    email, name, organization : str
        For people.
    created : datetime
        UTC.
    limits : dict
        What differs from the service's `Limits`.
    """

    id: str
    email: str
    name: str
    organization: str
    created: datetime
    limits: dict[str, int]

    def limits_within(self, general: Limits) -> Limits:
        """Return this user's limits."""
        return general.model_copy(update=self.limits)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token in the only moment in which its secret is known.

    Parameters
    ----------
    id : str
        Names it.
    secret : str
        Opens the door; is not stored.
    expires : datetime
        UTC.
    """

    id: str
    secret: str
    expires: datetime


class Accounts:
    """The users in a database.

    Parameters
    ----------
    database : Database
        Of the service.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        email: str,
        *,
        name: str = "",
        organization: str = "",
        limits: dict[str, int] | None = None,
    ) -> User:
        """Return a new user, who has no token yet."""
        if not EMAIL.fullmatch(email):
            raise InvalidValue(f"email must read name@place, got {email!r:.80}.")
        checked = Limits.model_validate(limits or {})
        with self._database.writing() as connection:
            if _by_email(connection, email) is not None:
                raise InvalidValue(
                    f"{email} has an account already; `qleap serve add-token {email}` "
                    "makes a token."
                )
            user_id = uuid.uuid4().hex
            connection.execute(
                insert(tables.user).values(
                    id=user_id,
                    email=email,
                    name=name,
                    organization=organization,
                    created=tables.present(),
                    limits=json.dumps(checked.model_dump(exclude_unset=True)),
                    last_served="",
                )
            )
        return self.named(email)

    def users(self) -> list[User]:
        """Return all users, the oldest first."""
        query = select(tables.user).order_by(tables.user.c.created)
        with self._database.reading() as connection:
            return [_user(row) for row in connection.execute(query)]

    def named(self, email: str) -> User:
        """Return the user with an e-mail address."""
        with self._database.reading() as connection:
            row = _by_email(connection, email)
        if row is None:
            raise InvalidValue(
                f"nobody has the address {email!r:.80}; `qleap serve users` lists all."
            )
        return _user(row)

    def change(self, user_id: str, **values: str) -> None:
        """Change a user's ``name`` or ``organization``."""
        table = tables.user
        with self._database.writing() as connection:
            connection.execute(
                update(table).where(table.c.id == user_id).values(**values)
            )

    def remove(self, user_id: str) -> None:
        """Delete a user with all tokens, jobs and results.

        A worker that is busy with one of the jobs notices at its next heartbeat.
        """
        mine = select(tables.job.c.id).where(tables.job.c.user_id == user_id)
        with self._database.writing() as connection:
            for table in (tables.job_object, tables.job_event):
                connection.execute(delete(table).where(table.c.job_id.in_(mine)))
            for table in (tables.job, tables.token):
                connection.execute(delete(table).where(table.c.user_id == user_id))
            connection.execute(delete(tables.user).where(tables.user.c.id == user_id))

    def new_token(self, user_id: str, days: float) -> NewToken:
        """Return a fresh token for a user, whose older ones end with this."""
        secret = secrets.token_urlsafe(32)
        made = NewToken(
            id=uuid.uuid4().hex,
            secret=secret,
            expires=utc_now() + timedelta(days=days),
        )
        table = tables.token
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.user_id == user_id))
            connection.execute(
                insert(table).values(
                    id=made.id,
                    user_id=user_id,
                    hash=_hash(secret),
                    created=tables.present(),
                    expires=tables.stamp(made.expires),
                )
            )
        return made

    def end_tokens(self, user_id: str) -> None:
        """Let all tokens of a user end now."""
        with self._database.writing() as connection:
            connection.execute(
                delete(tables.token).where(tables.token.c.user_id == user_id)
            )

    def owner(self, secret: str) -> tuple[User, datetime] | None:
        """Return who holds a token and when it expires; None where it opens nothing."""
        query = (
            select(tables.user, tables.token.c.expires)
            .join(tables.token, tables.token.c.user_id == tables.user.c.id)
            .where(tables.token.c.hash == _hash(secret))
            .where(tables.token.c.expires > tables.present())
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return _user(row), datetime.fromisoformat(row.expires)

    def announce(
        self, title: str, content: str, *, start: datetime, end: datetime
    ) -> int:
        """Store an announcement and return its number."""
        with self._database.writing() as connection:
            done = connection.execute(
                insert(tables.announcement).values(
                    title=title,
                    content=content,
                    start_time=tables.stamp(start),
                    end_time=tables.stamp(end),
                    publishable=True,
                )
            )
        key = done.inserted_primary_key
        return int(key[0]) if key else 0

    def announcements(
        self,
        *,
        at: datetime | None = None,
        newest_first: bool = True,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return what is announced, at a moment where one is given."""
        table = tables.announcement
        order = table.c.start_time.desc() if newest_first else table.c.start_time
        query = select(table).where(table.c.publishable).order_by(order, table.c.id)
        if at is not None:
            moment = tables.stamp(at)
            query = query.where(table.c.start_time <= moment)
            query = query.where(table.c.end_time >= moment)
        with self._database.reading() as connection:
            rows = connection.execute(query.offset(offset).limit(limit)).all()
        return [dict(row._mapping) for row in rows]

    def announcement(self, number: int) -> dict[str, Any] | None:
        """Return one announcement, or None."""
        table = tables.announcement
        query = select(table).where(table.c.id == number).where(table.c.publishable)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else dict(row._mapping)


def _hash(secret: str) -> str:
    """Return what is stored of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _by_email(connection: Connection, email: str) -> Row[Any] | None:
    query = select(tables.user).where(tables.user.c.email == email)
    return connection.execute(query).first()


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        organization=row.organization,
        created=datetime.fromisoformat(row.created),
        limits=json.loads(row.limits),
    )
