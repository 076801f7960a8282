"""The journal around a provider whose submission is a single call."""

import json
import random
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import Target

from qleap.core.errors import BackendUnavailable, InvalidValue, JobFailed
from qleap.core.jobs import JobStore
from qleap.processing.backends import journal
from qleap.processing.backends.local import LocalBackend
from qleap.processing.backends.outcomes import Outcome
from qleap.processing.backends.provider import Ticket, Work, decode
from qleap.processing.backends.retry import (
    NotKnown,
    Refused,
    RetryPolicy,
    Unanswered,
)
from qleap.processing.backends.stored import StoredBackend

FAST = RetryPolicy(first=0.001, longest=0.001, rng=random.Random(0))


class Killed(BaseException):
    """Stands for the end of the process."""


class OneCall:
    """A provider like most: one call submits, and the tag is all that is known."""

    name, registers = "ionq:test", False
    kinds, most_circuits = frozenset({"sampling"}), 1
    secrets = ("hush",)

    def __init__(self) -> None:
        self.ledger: dict[str, str] = {}
        self.raises: BaseException | None = None
        self.loses = False
        self.says = "done"
        self.reason = ""

    @property
    def target(self) -> Target:
        return LocalBackend().target

    def calibration(self) -> str | None:
        return '{"t1": "hush"}'

    def submit(self, work: Work, ticket: Ticket) -> str:  # noqa: ARG002
        if self.raises is not None and not self.loses:
            raise self.raises
        provider_id = f"p{len(self.ledger)}"
        self.ledger[provider_id] = ticket.tag
        if self.raises is not None:
            raise self.raises
        return provider_id

    def find(self, tag: str) -> str | None:
        return next((k for k, v in self.ledger.items() if v == tag), None)

    def state(self, provider_id: str) -> tuple[str, str]:
        if provider_id not in self.ledger:
            raise NotKnown("no such job")
        return self.says, self.reason

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:  # noqa: ARG002
        return {"counts": {"1": work.shots}, "note": "hush"}

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:  # noqa: ARG002
        if "counts" not in raw:
            raise InvalidValue("no counts; hush")
        return [Outcome(counts=raw["counts"])]

    def cancel(self, provider_id: str) -> None:  # noqa: ARG002
        self.says = "cancelled"


@pytest.fixture
def provider() -> OneCall:
    return OneCall()


@pytest.fixture
def store() -> JobStore:
    return JobStore()


def flip() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def cut_off(provider: OneCall, store: JobStore, error: BaseException) -> Any:
    provider.raises = error
    with pytest.raises(type(error)):
        StoredBackend(provider, store).run(flip(), shots=7)
    provider.raises = None
    return store.newest(1)[0]


def test_a_run_is_stored_with_all_that_came(store: JobStore, provider: OneCall) -> None:
    job = StoredBackend(provider, store).run(flip(), shots=7)
    assert job.result().get_counts() == {"1": 7}
    kept = store.get(job.job_id())
    assert (kept.state, kept.provider_id) == ("done", "p0")
    assert kept.result == {"counts": {"1": 7}, "shots": 7}
    assert decode(kept.program)[0] == flip()
    states = [event.state for event in store.events(kept.id)]
    assert states == ["created", "submitting", "queued", "done"]
    assert json.loads(store.raw(kept.id) or "")["counts"] == {"1": 7}
    assert json.loads(store.calibration(kept.id) or "") == {"t1": "***"}


def test_a_lost_answer_is_found_by_its_tag(store: JobStore, provider: OneCall) -> None:
    provider.loses = True
    job = cut_off(provider, store, Killed())
    assert (job.state, job.provider_id) == ("submitting", None)
    done = journal.resume(store, provider, job)
    assert (done.state, done.provider_id) == ("done", "p0")
    assert len(provider.ledger) == 1


def test_what_may_have_run_is_unknown_and_never_submitted_again(
    store: JobStore, provider: OneCall
) -> None:
    job = cut_off(provider, store, Killed())
    for _ in range(3):
        job = journal.resume(store, provider, job)
        assert job.state == "unknown"
    with pytest.raises(BackendUnavailable, match="nobody can tell whether job"):
        journal.wait(store, provider, job, polling=FAST)
    assert provider.ledger == {}
    provider.ledger["late"] = job.id  # it comes up after all
    assert journal.resume(store, provider, job).state == "done"


def test_what_was_never_sent_is_submitted(store: JobStore, provider: OneCall) -> None:
    work = Work(kind="sampling", circuits=(flip(),), shots=7)
    (job,) = journal.record(store, provider, [work])
    assert journal.resume(store, provider, job).state == "done"
    assert len(provider.ledger) == 1


def test_a_stored_answer_is_read_without_the_provider(
    store: JobStore, provider: OneCall
) -> None:
    job = StoredBackend(provider, store).run(flip(), shots=7)
    store.keep(job.job_id(), raw='{"counts": {"1": 7}}')
    provider.ledger.clear()
    assert journal.resume(store, provider, store.get(job.job_id())).state == "done"


def test_two_processes_cannot_submit_the_same_job(
    store: JobStore, provider: OneCall
) -> None:
    work = Work(kind="sampling", circuits=(flip(),), shots=7)
    (job,) = journal.record(store, provider, [work])
    journal.submit(store, provider, job, work)
    with pytest.raises(InvalidValue, match="was taken over by another process"):
        journal.submit(store, provider, job, work)
    assert len(provider.ledger) == 1


def test_who_lost_the_claim_can_write_no_step(store: JobStore) -> None:
    job = store.create(kind="sampling", backend="x", program="", options={})
    store.claim(job.id, "first", ("created",))
    store.claim(job.id, "second", ("submitting",))
    with pytest.raises(InvalidValue, match="taken over"):
        store.advance(job.id, "submitting", owner="first", step="registered")
    store.advance(job.id, "submitting", owner="second", step="registered")


def test_a_refusal_fails_the_job_without_the_secret(
    store: JobStore, provider: OneCall
) -> None:
    job = cut_off(provider, store, Refused("bad circuit, key hush", status=400))
    assert (job.state, job.error) == ("failed", "bad circuit, key ***")


def test_an_outage_leaves_the_job_open_and_says_so(
    store: JobStore, provider: OneCall
) -> None:
    provider.raises = Unanswered("hush is down.")
    with pytest.raises(BackendUnavailable, match=r"^\*\*\* is down\. Job .* may have"):
        StoredBackend(provider, store).run(flip())
    job = store.newest(1)[0]
    assert job.state == "submitting"
    assert store.events(job.id)[-1].note == "*** is down."


def test_a_failed_job_tells_why(store: JobStore, provider: OneCall) -> None:
    provider.says, provider.reason = "failed", "warm fridge"
    job = StoredBackend(provider, store).run(flip())
    with pytest.raises(JobFailed, match="ended as failed: warm fridge"):
        job.result()


def test_an_answer_that_cannot_be_read_is_kept(
    store: JobStore, provider: OneCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "fetch", lambda *_: {"odd": 1})
    job = StoredBackend(provider, store).run(flip())
    with pytest.raises(JobFailed, match=r"no counts; \*\*\*"):
        job.result()
    assert json.loads(store.raw(job.job_id()) or "") == {"odd": 1}


def test_waiting_ends_and_the_job_goes_on(store: JobStore, provider: OneCall) -> None:
    provider.says = "running"
    job = StoredBackend(provider, store).run(flip())
    with pytest.raises(BackendUnavailable, match=r"still running .* after 0 s"):
        job.result(timeout=0)
    assert store.get(job.job_id()).state == "running"


def test_jobs_are_cancelled_wherever_they_are(
    store: JobStore, provider: OneCall
) -> None:
    provider.says = "queued"
    job = StoredBackend(provider, store).run(flip())
    assert job.cancel()
    assert store.get(job.job_id()).state == "cancelled"
    assert not job.cancel()
    work = Work(kind="sampling", circuits=(flip(),), shots=7)
    (unsent,) = journal.record(store, provider, [work])
    assert journal.cancel(store, provider, unsent).state == "cancelled"
    assert len(provider.ledger) == 1


def test_a_run_of_several_parts_is_found_again_whole(
    store: JobStore, provider: OneCall
) -> None:
    backend = StoredBackend(provider, store)
    job = backend.run([flip(), flip(), flip()], shots=4)
    assert len(job.part_ids) == len(provider.ledger) == 3
    again = backend.job(job.part_ids[0])
    assert again.part_ids == job.part_ids
    assert again.result().get_counts() == [{"1": 4}] * 3
    assert len(provider.ledger) == 3
