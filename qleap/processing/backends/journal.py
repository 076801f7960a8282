"""Jobs elsewhere, step by step, each step on the disk before the next is taken.

The intent is committed before anything is sent, the provider's id before anything
can run where the provider has two steps, and the answer before it is read. A process
that dies anywhere leaves a row from which `resume` goes on:

======================  ==============================================================
row                     what `resume` does
======================  ==============================================================
created                 nothing was sent: submits
submitting, no id       looks for the tag; adopts what it finds. Else it submits where
                        nothing can have run (`Provider.registers`), or says unknown
submitting, with id     asks the provider how far that job is, and goes on from there
queued, running         asks for the state and fetches the result
answer stored           reads it
unknown                 looks again
======================  ==============================================================
"""

import json
import time
import uuid
from typing import Any

from qiskit import QuantumCircuit

from qleap.core.errors import BackendUnavailable, InvalidValue, QleapError
from qleap.core.jobs import FINAL, Job, JobStore
from qleap.processing.backends.outcomes import Outcome
from qleap.processing.backends.provider import (
    Provider,
    Ticket,
    Work,
    decode,
    encode,
    redact,
)
from qleap.processing.backends.retry import NotKnown, Refused, RetryPolicy

__all__ = ["cancel", "outcomes", "record", "refresh", "resume", "submit", "wait"]

POLLING = RetryPolicy(first=0.2, longest=10.0)
"""Pauses between two looks at a job."""


def record(store: JobStore, provider: Provider, works: list[Work]) -> list[Job]:
    """Commit the intents of a run, all in one transaction."""
    first = works[0]
    return store.create_parts(
        kind=first.kind,
        backend=provider.name,
        programs=[encode(work.circuits) for work in works],
        options={
            "shots": first.shots,
            "seed": first.seed,
            "operator": [list(term) for term in first.operator],
        },
    )


def submit(store: JobStore, provider: Provider, job: Job, work: Work) -> None:
    """Submit a job that nobody has begun to submit."""
    owner = uuid.uuid4().hex
    claimed = store.claim(job.id, owner, ("created",))
    snapshot = _calibration(provider)
    if snapshot:
        store.keep(job.id, calibration=redact(snapshot, provider.secrets))
    _send(store, provider, claimed, work, owner)


def resume(store: JobStore, provider: Provider, job: Job) -> Job:
    """Take a job one step on, from wherever it was left, and return it."""
    job = store.get(job.id)
    if job.state in FINAL:
        return job
    if store.raw(job.id) is not None:
        return _read(store, provider, job)
    if job.state == "created":
        submit(store, provider, job, work_of(job))
    elif job.state in ("submitting", "unknown"):
        _recover(store, provider, job)
    job = store.get(job.id)
    return job if job.state == "unknown" else refresh(store, provider, job)


def refresh(store: JobStore, provider: Provider, job: Job) -> Job:
    """Ask the provider once how the job is; store the result where it is done."""
    if job.state in FINAL or job.provider_id is None:
        return job
    try:
        state, reason = provider.state(job.provider_id)
    except NotKnown:
        return _move(store, job, "unknown", "the provider does not know the job")
    reason = redact(reason, provider.secrets)
    if state == "done":
        raw = provider.fetch(job.provider_id, work_of(job))
        store.keep(job.id, raw=redact(json.dumps(raw), provider.secrets))
        return _read(store, provider, job)
    if state == "failed":
        return _end(store, job, error=reason or "the provider gave no reason")
    if state not in (job.state, "created"):
        return _move(store, job, state, reason)
    return job


def wait(
    store: JobStore,
    provider: Provider,
    job: Job,
    *,
    timeout: float | None = None,
    polling: RetryPolicy = POLLING,
) -> Job:
    """Return the job once it has ended.

    Raises
    ------
    BackendUnavailable
        Where ``timeout`` (s) passes before, or the provider knows no such job. The
        job itself goes on.
    """
    end = None if timeout is None else time.monotonic() + timeout
    for pause in polling.pauses():
        job = resume(store, provider, job)
        if job.state in FINAL:
            return job
        if job.state == "unknown":
            raise BackendUnavailable(
                f"nobody can tell whether job {job.id[:8]} ran on {provider.name}: no "
                "job there carries its tag. It is never submitted again by itself; "
                f"look at {provider.name}, then run the circuit anew if need be."
            )
        if end is not None and time.monotonic() + pause > end:
            raise BackendUnavailable(
                f"job {job.id[:8]} is still {job.state} on {provider.name} after "
                f"{timeout:g} s; it goes on, and `qleap jobs wait {job.id[:8]}` "
                "waits for it."
            )
        polling.sleep(pause)
    raise AssertionError  # pragma: no cover  # the pauses have no end


def cancel(store: JobStore, provider: Provider, job: Job) -> Job:
    """Cancel a job; one that was never sent ends at once."""
    if job.state == "created":
        claimed = store.claim(job.id, uuid.uuid4().hex, ("created",))
        return _move(store, claimed, "cancelled", "never submitted")
    if job.state == "submitting":
        job = _interrupt(store, provider, job)
    if job.state in FINAL:
        return job
    if job.provider_id is None:
        raise InvalidValue(
            f"job {job.id[:8]} is {job.state}: {provider.name} knows no job with its "
            "tag, so that there is nothing to cancel."
        )
    try:
        provider.cancel(job.provider_id)
    except Refused:
        job = refresh(store, provider, job)  # it may have ended meanwhile
        if job.state not in FINAL:
            raise
        return job
    _move(store, job, job.state, "asked to cancel")
    return refresh(store, provider, store.get(job.id))


def _interrupt(store: JobStore, provider: Provider, job: Job) -> Job:
    """Stop a submission between its steps, and tell whether it had arrived."""
    job = store.claim(job.id, uuid.uuid4().hex, ("submitting",))
    found = job.provider_id or provider.find(job.id)
    if found is None and not provider.registers:
        return _move(store, job, "unknown", "no job there carries the tag")
    if found is None or provider.state(found)[0] == "created":
        return _move(store, job, "cancelled", "never submitted")
    return _move(store, job, "queued", "found by its tag", provider_id=found)


def outcomes(store: JobStore, provider: Provider, job: Job) -> list[Outcome]:
    """Return what came of a job that is done."""
    raw = store.raw(job.id)
    if raw is None:
        raise InvalidValue(f"job {job.id} has no stored answer; it is {job.state}.")
    return provider.read(json.loads(raw), work_of(job))


def work_of(job: Job) -> Work:
    """Return what a stored job is to do."""
    operator = tuple((str(p), float(c)) for p, c in job.options.get("operator", []))
    return Work(
        kind=job.kind,
        circuits=decode(job.program),
        shots=int(job.options["shots"]),
        seed=job.options.get("seed"),
        operator=operator,
    )


def _send(
    store: JobStore, provider: Provider, job: Job, work: Work, owner: str
) -> None:
    def reached(step: str, provider_id: str) -> None:
        store.advance(
            job.id, "submitting", owner=owner, step=step, provider_id=provider_id
        )

    ticket = Ticket(
        tag=job.id, provider_id=job.provider_id, step=job.step, reached=reached
    )
    try:
        provider_id = provider.submit(work, ticket)
    except NotKnown:
        _move(store, job, "unknown", "the provider does not know the job")
        return
    except Refused as error:
        text = redact(str(error), provider.secrets)
        _end(store, job, error=text)
        raise Refused(text, status=error.status) from None
    except BackendUnavailable as error:
        text = redact(str(error), provider.secrets)
        store.note(job.id, text)
        raise BackendUnavailable(
            f"{text} Job {job.id[:8]} may have been submitted; "
            f"`qleap jobs resume {job.id[:8]}` looks for it before anything else."
        ) from None
    # True whoever owns the job by now: the provider has it under this name.
    _move(store, job, "queued", "submitted", provider_id=provider_id)


def _recover(store: JobStore, provider: Provider, job: Job) -> None:
    """Go on with a submission that was cut off."""
    owner = uuid.uuid4().hex
    job = store.claim(job.id, owner, ("submitting", "unknown"))
    found = job.provider_id or provider.find(job.id)
    if provider.registers and (found is None or found == job.provider_id):
        _send(store, provider, job, work_of(job), owner)
    elif found is None:
        _move(store, job, "unknown", "no job there carries the tag")
    else:
        _move(store, job, "queued", "found by its tag", provider_id=found)


def _read(store: JobStore, provider: Provider, job: Job) -> Job:
    work = work_of(job)
    try:
        found = outcomes(store, provider, job)
    except QleapError as error:
        return _end(store, job, error=redact(str(error), provider.secrets))
    return _end(store, job, result=_plain(work, found))


def _plain(work: Work, found: list[Outcome]) -> dict[str, Any]:
    if work.kind == "estimation":
        return {
            "value": found[0].value,
            "standard_error": found[0].error,
            "shots": work.shots,
        }
    counts = [
        {spaced(bits, circuit): n for bits, n in outcome.counts.items()}
        for outcome, circuit in zip(found, work.circuits, strict=True)
    ]
    return {"counts": counts[0] if len(counts) == 1 else counts, "shots": work.shots}


def spaced(bits: str, circuit: QuantumCircuit) -> str:
    """Return bits with a space between registers, as Qiskit prints them."""
    sizes = [register.size for register in reversed(circuit.cregs)]
    if sum(sizes) != len(bits):
        return bits
    parts, first = [], 0
    for size in sizes:
        parts.append(bits[first : first + size])
        first += size
    return " ".join(parts)


def _end(
    store: JobStore,
    job: Job,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> Job:
    """Store how a job ended, unless another process has just done so."""
    try:
        if error is not None:
            store.fail(job.id, error)
        else:
            store.finish(job.id, result or {})
    except InvalidValue:
        if store.get(job.id).state not in FINAL:
            raise
    return store.get(job.id)


def _move(
    store: JobStore, job: Job, state: str, note: str, *, provider_id: str | None = None
) -> Job:
    try:
        store.change(job.id, state, note=note, provider_id=provider_id)
    except InvalidValue:
        if store.get(job.id).state not in FINAL:
            raise
    return store.get(job.id)


def _calibration(provider: Provider) -> str | None:
    """Return the snapshot; a job does not fail for want of one."""
    try:
        return provider.calibration()
    except BackendUnavailable:
        return None
