"""The same jobs on a PostgreSQL server, where one is at hand.

Set QLEAP_TEST_POSTGRESQL_URL to an empty database, for example
postgresql+psycopg://postgres@127.0.0.1:5432/test, to run these.
"""

import os

import pytest
from sqlalchemy import select

from qleap.core import schema
from qleap.core.database import open_database
from qleap.core.errors import StorageError
from qleap.core.jobs import JobStore

URL = os.environ.get("QLEAP_TEST_POSTGRESQL_URL", "")

pytestmark = pytest.mark.skipif(
    not URL, reason="QLEAP_TEST_POSTGRESQL_URL names no PostgreSQL database"
)


def test_a_job_lives_there_as_in_sqlite() -> None:
    store = JobStore(URL)
    job = store.create(kind="k", backend="local", program="p", options={"shots": 1})
    store.change(job.id, "running")
    store.finish(job.id, {"counts": {"0": 1}})
    assert store.get(job.id[:12]).result == {"counts": {"0": 1}}
    assert [e.state for e in store.events(job.id)] == ["created", "running", "done"]
    store.close()


def test_the_schema_is_the_present_one() -> None:
    with open_database(URL).reading() as connection:
        version = connection.execute(select(schema.schema_version.c.version)).scalar()
    assert version == len(schema.STEPS)


def test_a_server_that_does_not_answer_is_said() -> None:
    with pytest.raises(StorageError, match="does not answer; start its server"):
        open_database("postgresql+psycopg://postgres@127.0.0.1:1/none")
