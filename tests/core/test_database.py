"""The database: migrated, durable, and clear about what is wrong with it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
)

from qleap.core import schema
from qleap.core.database import Database, Schema, default_url, open_database
from qleap.core.errors import InvalidValue, StorageError
from qleap.core.jobs import JobStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "q.db"


def open_at(path: Path, timeout: float = 0.1) -> Database:
    return open_database(f"sqlite:///{path}", timeout=timeout)


def add_version(database: Database, version: int) -> None:
    with database.writing() as connection:
        connection.execute(schema.schema_version.update().values(version=version))


def test_a_new_database_gets_its_folder_and_the_present_schema(path: Path) -> None:
    database = open_at(path)
    with database.reading() as connection:
        assert {"job", "job_event", "bench_run", "bench_record"} <= set(
            inspect(connection).get_table_names()
        )
        version = connection.execute(select(schema.schema_version.c.version)).scalar()
    assert version == len(schema.STEPS)


def test_an_older_schema_is_brought_up_and_keeps_its_jobs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "STEPS", schema.STEPS[:1])
        store = JobStore(f"sqlite:///{path}")
        job = store.create(kind="run", backend="local", program="p", options={})
        store.close()
    database = open_at(path)
    with database.reading() as connection:
        assert "bench_record" in inspect(connection).get_table_names()
    assert JobStore(f"sqlite:///{path}").get(job.id) == job


def test_jobs_of_the_first_released_table_get_the_new_columns(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.execute(
        "CREATE TABLE job (id VARCHAR(32) NOT NULL PRIMARY KEY, kind TEXT NOT NULL, "
        "backend TEXT NOT NULL, state VARCHAR(16) NOT NULL, created VARCHAR(32) "
        "NOT NULL, updated VARCHAR(32) NOT NULL, program TEXT NOT NULL, options TEXT "
        "NOT NULL, provider_id TEXT, result TEXT, error TEXT)"
    )
    old.execute(
        "INSERT INTO job VALUES ('a1', 'circuit', 'local', 'done', "
        "'2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', 'qasm', '{}', "
        "NULL, '{}', NULL)"
    )
    old.execute("CREATE TABLE qleap_schema_version (version INTEGER NOT NULL)")
    old.execute("INSERT INTO qleap_schema_version VALUES (2)")
    old.commit()
    old.close()
    store = JobStore(f"sqlite:///{path}")
    found = store.get("a1")
    assert (found.program, found.part_of, found.step) == ("qasm", "a1", "")
    store.keep("a1", raw="{}", calibration="[]")
    assert (store.raw("a1"), store.calibration("a1")) == ("{}", "[]")
    assert store.parts("a1") == [found]


def test_a_newer_schema_is_refused(path: Path) -> None:
    add_version(open_at(path), 99)
    with pytest.raises(StorageError, match="schema version 99, but this qleap knows"):
        open_at(path)


def test_a_failing_step_leaves_the_old_schema(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_at(path).close()

    def broken(connection: object) -> None:
        connection.execute(text("CREATE TABLE half (x INTEGER)"))  # type: ignore[attr-defined]
        raise RuntimeError

    with monkeypatch.context() as newer:
        newer.setattr(schema, "STEPS", (*schema.STEPS, broken))
        with pytest.raises(RuntimeError):
            open_at(path)
    with open_at(path).reading() as connection:
        assert "half" not in inspect(connection).get_table_names()


def test_a_locked_database_is_said(path: Path) -> None:
    database = open_at(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with (
        pytest.raises(StorageError, match="is locked by another process"),
        database.writing(),
    ):
        pass
    other.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write where others may not")
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="cannot be opened"):
        open_at(tmp_path / "q.db")


def test_a_read_only_database_is_said(path: Path) -> None:
    open_at(path).close()
    database = open_database(f"sqlite:///file:{path}?mode=ro&uri=true", timeout=0.1)
    with (
        pytest.raises(StorageError, match="is read-only; make the file"),
        database.writing() as connection,
    ):
        connection.execute(insert(schema.schema_version).values(version=1))


def test_a_full_disk_is_said_and_loses_nothing(path: Path) -> None:
    store = JobStore(f"sqlite:///{path}")
    job = store.create(kind="run", backend="local", program="p", options={})
    database = open_at(path)

    def fill() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.execute(schema.job.update().values(program="x" * 10_000_000))

    with pytest.raises(StorageError, match="the disk is full; free space"):
        fill()
    assert store.get(job.id) == job


def test_a_file_that_is_no_database_is_said(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is no database, and never was one." * 100)
    with pytest.raises(StorageError, match="is not a database; move the file away"):
        open_at(path)


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue, match="QLEAP_DATABASE_URL must be a database URL"):
        open_database("no url")
    with pytest.raises(InvalidValue, match="must be a database URL"):
        open_database("oracledb9://x/y")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="the folder of the database"):
        open_at(tmp_path / "file" / "q.db")


def test_without_a_setting_it_lies_in_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("QLEAP_DATABASE_URL")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path}/qleap/qleap.db"


@pytest.mark.slow
def test_two_processes_that_open_a_new_database_at_once_do_not_collide(
    path: Path,
) -> None:
    code = (
        "from qleap.core.jobs import JobStore\n"
        f"s = JobStore('sqlite:///{path}')\n"
        "for _ in range(5): s.create(kind='k', backend='b', program='', options={})\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(JobStore(f"sqlite:///{path}").newest(100)) == 15


def test_two_schemas_share_a_database_with_a_version_each(path: Path) -> None:
    version = Table("other_version", MetaData(), Column("version", Integer))
    note = Table("other_note", MetaData(), Column("text", Text))
    other = Schema(version=version, steps=(note.create,))
    open_at(path)
    database = Database(f"sqlite:///{path}", tables=other, write_ahead=True)
    with database.reading() as connection:
        assert {"job", "other_note"} <= set(inspect(connection).get_table_names())
        assert connection.execute(select(version.c.version)).scalar() == 1
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    open_at(path)  # unmoved by the other's version


def test_errors_do_not_show_what_was_to_be_stored(path: Path) -> None:
    values = {"job_id": "none", "at": "", "state": "", "note": "a secret"}
    command = insert(schema.job_event).values(values)
    database = open_at(path)
    with pytest.raises(StorageError) as caught, database.writing() as connection:
        connection.execute(command)
    assert "a secret" not in f"{caught.value} {caught.value.__cause__}"
