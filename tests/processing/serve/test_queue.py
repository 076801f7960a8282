"""Leases: every job is run, and recorded once, whoever is lost on the way."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from qleap.core.database import Database
from qleap.processing.serve import tables
from qleap.processing.serve.accounts import Accounts
from qleap.processing.serve.jobs import Jobs
from qleap.processing.serve.queue import Queue
from qleap.processing.serve.refusals import Refused
from qleap.processing.serve.store import open_store

VALUES = {
    "name": "n",
    "description": "",
    "device_id": "local",
    "job_type": "sampling",
    "shots": 1,
    "seed": 1,
    "transpiler_info": "{}",
    "simulator_info": "{}",
    "mitigation_info": "{}",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return an empty database of each kind; see test_database_postgresql."""
    url = f"sqlite:///{tmp_path / 'serve.db'}"
    if request.param == "postgresql":
        url = os.environ.get("QLEAP_TEST_POSTGRESQL_URL", "")
        if not url:
            pytest.skip("QLEAP_TEST_POSTGRESQL_URL names no PostgreSQL database")
    opened = open_store(url)
    with opened.writing() as connection:
        for table in (tables.user, tables.job, tables.job_event, tables.job_object):
            connection.execute(delete(table))
        connection.execute(delete(tables.worker))
    yield opened
    opened.close()


@pytest.fixture
def add(database: Database) -> Callable[[str], str]:
    """Return what submits a job of a user (who is added at need) and tells its id."""
    accounts, jobs, ids = Accounts(database), Jobs(database), {}

    def submit(name: str) -> str:
        if name not in ids:
            ids[name] = accounts.add(f"{name}@x").id
        job_id = jobs.register(ids[name], 60.0)
        jobs.put_input(job_id, b"zip")
        jobs.submit(job_id, ids[name], VALUES, 1000)
        return job_id

    submit.ids = ids  # type: ignore[attr-defined]
    return submit


def queue(database: Database, attempts: int = 3) -> Queue:
    return Queue(database, lease=60.0, attempts=attempts)


def let_leases_end(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(tables.job).values(lease="2000-01-01"))


def row(database: Database, job_id: str) -> Any:
    with database.reading() as connection:
        return connection.execute(
            select(tables.job).where(tables.job.c.id == job_id)
        ).one()


def story(database: Database, job_id: str) -> list[str]:
    table = tables.job_event
    with database.reading() as connection:
        return list(
            connection.execute(
                select(table.c.status)
                .where(table.c.job_id == job_id)
                .order_by(table.c.sequence)
            ).scalars()
        )


def test_a_job_goes_its_way(database: Database, add: Callable[[str], str]) -> None:
    job_id = add("ada")
    worker = queue(database)
    claim = worker.claim()
    assert claim is not None
    assert (claim.id, claim.input, claim.attempt) == (job_id, b"zip", 1)
    assert worker.begin(job_id)
    assert worker.renew(job_id) == "running"
    assert worker.finish(job_id, "succeeded", objects={"result": b"r"}, seconds=0.5)
    assert worker.claim() is None
    assert Jobs(database).object(job_id, "result") == b"r"
    ended = row(database, job_id)
    assert (ended.status, ended.execution_time) == ("succeeded", 0.5)
    assert story(database, job_id) == [
        "registered",
        "submitted",
        "ready",
        "running",
        "succeeded",
    ]


def test_a_lost_worker_s_job_is_run_by_another_and_recorded_once(
    database: Database, add: Callable[[str], str]
) -> None:
    job_id = add("ada")
    lost, other = queue(database), queue(database)
    assert lost.claim()
    assert lost.begin(job_id)
    assert other.claim() is None  # held
    let_leases_end(database)
    again = other.claim()
    assert again is not None
    assert again.attempt == 2
    assert lost.renew(job_id) is None
    assert not lost.finish(job_id, "succeeded", objects={"result": b"late"})
    assert other.begin(job_id)
    assert other.finish(job_id, "succeeded", objects={"result": b"right"})
    assert not lost.finish(job_id, "failed")
    assert Jobs(database).object(job_id, "result") == b"right"
    assert story(database, job_id).count("succeeded") == 1


def test_a_job_that_loses_every_worker_fails_in_the_end(
    database: Database, add: Callable[[str], str]
) -> None:
    job_id = add("ada")
    for _ in range(2):
        assert queue(database, attempts=2).claim()
        let_leases_end(database)
    assert queue(database, attempts=2).claim() is None
    ended = row(database, job_id)
    assert ended.status == "failed"
    assert "2 workers were lost over this job" in ended.message


def test_a_cancelled_job_of_a_lost_worker_ends_as_cancelled(
    database: Database, add: Callable[[str], str]
) -> None:
    job_id = add("ada")
    worker = queue(database)
    assert worker.claim()
    Jobs(database).cancel(job_id, row(database, job_id).user_id)
    assert not worker.begin(job_id)
    let_leases_end(database)
    assert queue(database).claim() is None
    assert row(database, job_id).status == "cancelled"


def test_a_result_that_comes_after_the_cancellation_is_not_kept(
    database: Database, add: Callable[[str], str]
) -> None:
    job_id = add("ada")
    worker = queue(database)
    worker.claim()
    worker.begin(job_id)
    Jobs(database).cancel(job_id, row(database, job_id).user_id)
    assert worker.renew(job_id) == "cancelling"
    assert worker.finish(job_id, "succeeded", objects={"result": b"r"})
    assert row(database, job_id).status == "cancelled"
    assert Jobs(database).object(job_id, "result") is None


def test_a_job_that_is_given_back_counts_no_attempt(
    database: Database, add: Callable[[str], str]
) -> None:
    job_id = add("ada")
    worker = queue(database)
    worker.claim()
    worker.begin(job_id)
    worker.give_back(job_id)
    again = queue(database).claim()
    assert again is not None
    assert again.attempt == 1


def test_users_take_turns(database: Database, add: Callable[[str], str]) -> None:
    ada = [add("ada") for _ in range(3)]
    bob = [add("bob") for _ in range(2)]
    worker = queue(database)
    order = [claim.id for _ in range(5) if (claim := worker.claim())]
    assert order == [ada[0], bob[0], ada[1], bob[1], ada[2]]


def test_a_deleted_user_s_running_job_is_dropped(
    database: Database, add: Callable[[str], str]
) -> None:
    job_id = add("ada")
    worker = queue(database)
    worker.claim()
    worker.begin(job_id)
    Accounts(database).remove(row(database, job_id).user_id)
    assert worker.renew(job_id) is None
    assert not worker.finish(job_id, "succeeded", objects={"result": b"r"})
    assert Jobs(database).object(job_id, "result") is None


def test_no_job_is_claimed_by_two_workers_at_once(
    database: Database, add: Callable[[str], str]
) -> None:
    jobs = {add("ada") for _ in range(24)}
    claimed: list[str] = []

    def work() -> None:
        worker = queue(database)
        while claim := worker.claim():
            claimed.append(claim.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(jobs)


def test_two_submissions_at_once_do_not_pass_the_limit(
    database: Database, add: Callable[[str], str]
) -> None:
    add("ada")
    user_id = add.ids["ada"]  # type: ignore[attr-defined]
    jobs = Jobs(database)
    registered = [jobs.register(user_id, 60.0) for _ in range(8)]
    told: list[int] = []

    def submit(job_id: str) -> None:
        try:
            jobs.submit(job_id, user_id, VALUES, 3)
        except Refused as refusal:
            told.append(refusal.status)

    threads = [threading.Thread(target=submit, args=(j,)) for j in registered]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [429] * 6  # one was there, two more fit


def test_workers_sign_in_and_out(database: Database) -> None:
    worker = queue(database)
    worker.sign_in()
    worker.sign_in()
    with database.reading() as connection:
        assert len(connection.execute(select(tables.worker)).all()) == 1
    worker.sign_out()
    with database.reading() as connection:
        assert not connection.execute(select(tables.worker)).all()
