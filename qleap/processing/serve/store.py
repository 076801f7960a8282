"""The database of a service, and the secret with which its links are signed."""

import os
import secrets
from typing import Final

from sqlalchemy import insert, select

from qleap.core.database import Database
from qleap.processing.serve import tables

__all__ = ["URL_VARIABLE", "default_url", "open_store", "signing_key"]

URL_VARIABLE: Final = "QLEAP_SERVE_DATABASE_URL"
"""Environment variable that names another database."""

PATIENCE: Final = 30.0
"""Seconds for which one process waits for another one's commit (SQLite)."""


def default_url() -> str:
    """Return the URL from the environment, or SQLite in the user's data folder."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        return given
    import platformdirs

    folder = platformdirs.user_data_path("qleap", False)
    return f"sqlite:///{folder / 'serve.db'}"


def open_store(url: str | None = None) -> Database:
    """Open the service's database, creating it if need be."""
    database = Database(
        url or default_url(),
        timeout=PATIENCE,
        tables=tables.SCHEMA,
        write_ahead=True,
    )
    signing_key(database)
    return database


def signing_key(database: Database) -> bytes:
    """Return the key of the links, the same for all processes and restarts."""
    table = tables.secret
    query = select(table.c.value).where(table.c.name == "links")
    with database.reading() as connection:
        value = connection.execute(query).scalar()
    if value is None:
        with database.writing() as connection:
            value = connection.execute(query).scalar()
            if value is None:
                value = secrets.token_hex(32)
                connection.execute(insert(table).values(name="links", value=value))
    return bytes.fromhex(value)
