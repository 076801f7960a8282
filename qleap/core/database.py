"""One database for jobs and benchmark history: SQLite, or PostgreSQL by URL."""

import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from qleap.core import schema
from qleap.core.errors import InvalidValue, MissingExtra, StorageError

__all__ = ["URL_VARIABLE", "Database", "Schema", "default_url", "open_database"]

URL_VARIABLE = "QLEAP_DATABASE_URL"
"""Environment variable that names another database."""

_CAUSES = {
    "database is locked": "is locked by another process; wait for it or end it",
    "readonly": "is read-only; make the file and its folder writable",
    "disk is full": "cannot grow, the disk is full; free space",
    "disk i/o": "cannot be written, the disk failed or is full; free space",
    "unable to open": "cannot be opened; check that its folder exists and is writable",
    "not a database": "is not a database; move the file away",
    "malformed": "is damaged; move the file away and restore it from a copy",
    "connection refused": "does not answer; start its server",
}
_MAKING = 0x716C6561
"""Number of the lock under which tables are made on a server."""

_ELSEWHERE = f", or set {URL_VARIABLE} to another database."


def default_url() -> str:
    """Return the URL from the environment, or SQLite in the user's data folder."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        return given
    import platformdirs

    return f"sqlite:///{platformdirs.user_data_path('qleap', False) / 'qleap.db'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """Tables with a version of their own; several can share a database.

    Parameters
    ----------
    version : Table
        Holds the number of steps that were taken, in its column ``version``.
    steps : tuple of callable
        Step ``k`` (from 1) takes a database of version ``k - 1`` to version ``k``.
    """

    version: Table
    steps: tuple[Callable[[Connection], None], ...]


class Database:
    """An open database whose schema is the present one.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, for example ``sqlite:////home/me/q.db``.
    timeout : float
        Seconds to wait for another writer (SQLite).
    tables : Schema, optional
        By default that of jobs and benchmark history.
    write_ahead : bool
        Readers and a writer do not wait for each other (SQLite), at the price of two
        more files beside the database: for many processes that share it.

    Raises
    ------
    StorageError
        Where it cannot be opened, or was written by a newer qleap.
    InvalidValue
        Where the URL is not one.

    Attributes
    ----------
    name : str
        The URL without its password.
    close : callable
        Lets go of the file or the server; happens by itself with the object.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 5.0,
        tables: Schema | None = None,
        write_ahead: bool = False,
    ) -> None:
        self._tables = tables or Schema(
            version=schema.schema_version, steps=schema.STEPS
        )
        try:
            parsed = make_url(url)
            is_sqlite = parsed.get_backend_name() == "sqlite"
            self._engine = create_engine(
                parsed,
                connect_args={"timeout": timeout} if is_sqlite else {},
                hide_parameters=True,  # they may be secrets, and errors are logged
            )
        except (ArgumentError, NoSuchModuleError) as error:
            raise InvalidValue(
                f"{URL_VARIABLE} must be a database URL such as sqlite:////path/q.db "
                f"or postgresql+psycopg://host/name, got {url!r}."
            ) from error
        except ModuleNotFoundError as error:
            raise MissingExtra(
                f"{error.name} is not installed; "
                "pip install 'qleap[postgresql]' adds it."
            ) from error
        self._turn: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        self.name = parsed.render_as_string(hide_password=True)
        if is_sqlite:
            self._turn = threading.Lock()
            _prepare_sqlite(self._engine, parsed.database, write_ahead)
        self._writer = self._engine.execution_options(qleap_write=True)
        # Connections of an object that nobody closed go with the object.
        self.close = weakref.finalize(self, self._engine.dispose)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for reading."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are committed whole or not at all."""
        # Threads wait in line here: SQLite lets them sleep and try again, at random.
        with self._turn, self._translated(), self._writer.begin() as connection:
            yield connection

    def _migrate(self) -> None:
        table, steps = self._tables.version, self._tables.steps
        newest = len(steps)
        if self._version() == newest:
            return
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                # Two that open a new database at once would both make its tables.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
            table.create(connection, checkfirst=True)
            row = connection.execute(select(table.c.version)).first()
            if row is None:
                connection.execute(insert(table).values(version=0))
            found = 0 if row is None else int(row.version)
            if found > newest:
                raise StorageError(
                    f"{self.name} has the schema version {found}, but this qleap knows "
                    f"versions up to {newest}; upgrade qleap{_ELSEWHERE}"
                )
            for step in steps[found:]:
                step(connection)
            connection.execute(update(table).values(version=newest))

    def _version(self) -> int:
        """Return the schema version without taking the writer's lock."""
        table = self._tables.version
        with self.reading() as connection:
            if not connection.dialect.has_table(connection, table.name):
                return -1
            row = connection.execute(select(table.c.version)).first()
            return -1 if row is None else int(row.version)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StorageError(_sentence(self.name, error)) from error


def open_database(url: str | None = None, *, timeout: float = 5.0) -> Database:
    """Open the database at ``url``, or the default one, creating it if need be."""
    return Database(url or default_url(), timeout=timeout)


def _prepare_sqlite(engine: object, path: str | None, write_ahead: bool) -> None:
    """Make commits durable, and let writers wait for each other."""
    if path and path != ":memory:" and not path.startswith("file:"):
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the folder of the database {path} cannot be made "
                f"({error.strerror}); make it{_ELSEWHERE}"
            ) from error

    pragmas = ["foreign_keys=ON", "synchronous=FULL"]
    if write_ahead:
        pragmas.append("journal_mode=WAL")

    @event.listens_for(engine, "connect")
    def _connect(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: waiting is then possible, whereas a
        # reader that turns into a writer is refused without waiting.
        writes = connection.get_execution_options().get("qleap_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _sentence(name: str, error: DBAPIError) -> str:
    text = str(error.orig)
    for sign, cause in _CAUSES.items():
        if sign in text.lower():
            return f"the database {name} {cause}{_ELSEWHERE}"
    return f"the database {name} refused the request ({text.strip()}){_ELSEWHERE}"
