"""Jobs: intent first, one ending, a story that only grows."""

import pytest

from qleap.core.errors import InvalidValue
from qleap.core.jobs import Job, JobStore


@pytest.fixture
def store() -> JobStore:
    return JobStore()


@pytest.fixture
def job(store: JobStore) -> Job:
    return store.create(
        kind="processing.run", backend="local", program="qasm", options={"shots": 5}
    )


def test_a_new_job_is_stored_at_once(job: Job) -> None:
    assert JobStore().get(job.id) == job
    assert (job.state, job.options) == ("created", {"shots": 5})
    assert job.created.tzinfo is not None


def test_a_job_tells_its_story(store: JobStore, job: Job) -> None:
    store.change(job.id, "running", provider_id="abc", note="went off")
    store.finish(job.id, {"counts": {"00": 5}})
    found = store.get(job.id)
    assert (found.state, found.provider_id) == ("done", "abc")
    assert found.result == {"counts": {"00": 5}}
    story = store.events(job.id)
    assert [e.state for e in story] == ["created", "running", "done"]
    assert story[1].note == "went off"
    assert story[0].at <= story[1].at <= story[2].at


def test_a_failed_job_says_why(store: JobStore, job: Job) -> None:
    store.fail(job.id, "too large")
    assert store.get(job.id).error == "too large"


def test_an_ended_job_stays_as_it_ended(store: JobStore, job: Job) -> None:
    store.finish(job.id, {})
    with pytest.raises(InvalidValue, match=r"has ended \(done\) and cannot become"):
        store.fail(job.id, "late")


def test_a_job_is_found_by_the_beginning_of_its_id(store: JobStore, job: Job) -> None:
    assert store.get(job.id[:8]) == job
    with pytest.raises(InvalidValue, match="no stored job has an id that begins"):
        store.get("zz")
    with pytest.raises(InvalidValue, match="no stored job"):
        store.get("%")


def test_an_ambiguous_beginning_is_refused(store: JobStore) -> None:
    ids = [
        store.create(kind="k", backend="b", program="", options={}).id
        for _ in range(40)
    ]
    firsts = [i[0] for i in ids]
    shared = next(c for c in firsts if firsts.count(c) > 1)
    with pytest.raises(InvalidValue, match="several jobs have ids that begin"):
        store.get(shared)


def test_the_newest_jobs_come_first(store: JobStore) -> None:
    ids = [
        store.create(kind="k", backend="b", program="", options={}).id for _ in range(5)
    ]
    assert [job.id for job in store.newest(3)] == ids[:-4:-1]


def test_unknown_states_and_jobs_are_refused(store: JobStore, job: Job) -> None:
    with pytest.raises(InvalidValue, match="state must be one of created, submitting"):
        store.change(job.id, "sleeping")
    with pytest.raises(InvalidValue, match="no stored job has the id 'x'"):
        store.change("x", "running")
