"""The trail on a PostgreSQL server, where one is at hand.

Set QLEAP_TEST_POSTGRESQL_URL to an empty database, for example
postgresql+psycopg://postgres@127.0.0.1:5432/test, to run these.
"""

import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from qleap.bench.trail.journal import Journal
from qleap.bench.trail.mirror import read_mirror, restore, write_mirror

URL = os.environ.get("QLEAP_TEST_POSTGRESQL_URL", "")

pytestmark = pytest.mark.skipif(
    not URL, reason="QLEAP_TEST_POSTGRESQL_URL names no PostgreSQL database"
)


@pytest.fixture
def url() -> Iterator[str]:
    """Return the address of a schema of its own in the database."""
    name = f"trail_{uuid.uuid4().hex[:12]}"
    engine = create_engine(URL)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    parsed = make_url(URL).update_query_dict({"options": f"-csearch_path={name}"})
    yield parsed.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def test_writers_at_once_share_a_whole_chain(url: str) -> None:
    def write() -> None:
        journal = Journal(url)
        run_id = journal.begin("quick", {"cpu": "µ"})
        for k in range(20):
            journal.add(run_id, "a.b.c", {"value": k / 3, "status": "measured"})
        journal.finish(run_id, "finished")
        journal.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    journal = Journal(url)
    assert journal.examine().faults == ()
    assert [run.records for run in journal.runs()] == [20] * 4
    assert {run.status for run in journal.runs()} == {"finished"}
    journal.close()


def test_trail_moves_between_sqlite_and_the_server_with_the_same_hashes(
    url: str, tmp_path: Path
) -> None:
    here, there = Journal(), Journal(url)
    run_id = here.begin("quick", {"cpu": "x"})
    here.add(run_id, "a.b.c", {"value": 0.1, "status": "measured"})
    mirror = tmp_path / "trail.jsonl"
    write_mirror(here, mirror)
    assert restore(there, mirror) == 2
    assert there.events() == here.events()
    # The server numbers what follows from there on.
    there.add(run_id, "a.b.d", {"value": 0.2, "status": "measured"})
    there.finish(run_id, "finished")
    assert [one.sequence for one in there.records()] == [2, 3]
    found = there.examine(mirror=read_mirror(mirror)[0])
    assert (found.faults, found.remarks) == ((), ())
    here.close()
    there.close()


def test_writer_that_was_stopped_leaves_a_number_unused_and_no_fault(url: str) -> None:
    journal = Journal(url)
    run_id = journal.begin("quick", {})
    with pytest.raises(ValueError, match="JSON compliant"):
        journal.store("filed", {}, [("a.b.c", {"value": float("nan")})])
    journal.finish(run_id, "finished")
    found = journal.examine()
    assert found.faults == ()
    assert "were never used" in found.remarks[0]
    journal.close()
