"""``qleap jobs``: what was run, what came of it, and going on with the rest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, note, print_json
from qleap.cli.run import print_counts

if TYPE_CHECKING:
    from qleap.core.jobs import Job, JobStore

__all__ = ["app"]

app = typer.Typer(
    help="List, show and export stored jobs, and go on with those that have not ended.",
    invoke_without_command=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id, or how it begins.")]
Limit = Annotated[int, typer.Option(help="At most so many.")]

ELSEWHERE = ("sampling", "estimation", "multi_manual")
"""Kinds of jobs that the journal can go on with."""


@app.callback()
def _newest(context: typer.Context, limit: Limit = 20, json: Json = False) -> None:
    """List the newest jobs."""
    if context.invoked_subcommand is None:
        _list(limit, json)


@app.command("list")
def newest(limit: Limit = 20, json: Json = False) -> None:
    """List the newest jobs."""
    _list(limit, json)


@app.command()
def show(job_id: Id, json: Json = False) -> None:
    """Show one job with its circuit, its story and its result."""
    jobs = _store()
    job = jobs.get(job_id)
    record = _record(jobs, job)
    if json:
        print_json(record)
        return
    out = console()
    summary = _summary(job)
    result = summary.pop("result") or {}
    counts = result.pop("counts", {})
    for name, value in {**summary, **result}.items():
        out.print(f"{name:14s} {value}")
    for line in record["events"]:
        out.print(f"{line['at']}  {line['state']}  {line['note']}")
    for one in counts if isinstance(counts, list) else [counts]:
        if one:
            print_counts(one, result["shots"])
    out.print(f"\n{_readable(job)}")


@app.command()
def wait(
    job_id: Id,
    timeout: Annotated[float | None, typer.Option(help="At most so long, s.")] = None,
    json: Json = False,
) -> None:
    """Wait for a job, going on with its submission where that was cut off."""
    from qleap.processing.backends import journal

    jobs = _store()
    job = _elsewhere(jobs.get(job_id))
    job = journal.wait(jobs, _provider(job), job, timeout=timeout)
    _tell([job], json)


@app.command()
def resume(
    job_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Id, or how it begins; all if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Go on with jobs that have not ended: look for them first, then take one step."""
    from qleap.core.errors import QleapError
    from qleap.processing.backends import journal

    jobs = _store()
    if job_id is not None:
        chosen = [_elsewhere(jobs.get(job_id))]
    else:
        chosen = [job for job in jobs.unfinished() if job.kind in ELSEWHERE]
    for job in chosen:
        try:
            journal.resume(jobs, _provider(job), job)
        except QleapError as error:
            if job_id is not None:
                raise
            note(f"qleap: {job.id[:8]}: {error}")
    _tell([jobs.get(job.id) for job in chosen], json)


@app.command()
def cancel(job_id: Id, json: Json = False) -> None:
    """Cancel a job."""
    from qleap.processing.backends import journal

    jobs = _store()
    job = _elsewhere(jobs.get(job_id))
    _tell([journal.cancel(jobs, _provider(job), job)], json)


@app.command()
def export(
    job_id: Id,
    file: Annotated[Path, typer.Argument(help="JSON file; .nc for a dataset.")],
) -> None:
    """Write a job with its circuit, its story, its answer and its calibration."""
    import json

    from qleap.core.atomic import write_text

    jobs = _store()
    job = jobs.get(job_id)
    if file.suffix == ".nc":
        from qleap.core.results import save

        save(_dataset(job), file)
    else:
        raw, snapshot = jobs.raw(job.id), jobs.calibration(job.id)
        record = {
            **_record(jobs, job),
            "raw": None if raw is None else json.loads(raw),
            "calibration": None if snapshot is None else _parsed(snapshot),
        }
        write_text(file, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    note(f"saved {file}")


def _list(limit: int, json: bool) -> None:
    jobs = _store().newest(limit)
    if json:
        print_json([_summary(job) for job in jobs])
        return
    if not jobs:
        console().print("no jobs yet; `qleap run FILE.qasm` makes the first one.")
        return
    _print_table(jobs)


def _print_table(jobs: "list[Job]") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("job", "created (UTC)", "state", "backend", "shots", "file"):
        table.add_column(heading)
    for job in jobs:
        table.add_row(
            job.id[:8],
            job.created.strftime("%Y-%m-%d %H:%M:%S"),
            job.state,
            job.backend,
            str(job.options.get("shots", "")),
            str(job.options.get("file", "")),
        )
    console().print(table)


def _tell(jobs: "list[Job]", json: bool) -> None:
    if json:
        print_json([_summary(job) for job in jobs])
    elif jobs:
        _print_table(jobs)
    else:
        console().print("nothing to go on with; every job has ended.")


def _store() -> "JobStore":
    from qleap.core.jobs import JobStore

    return JobStore()


def _provider(job: "Job") -> Any:
    from qleap.processing.backends.door import open_provider

    return open_provider(job.backend)


def _elsewhere(job: "Job") -> "Job":
    from qleap.core.errors import InvalidValue

    if job.kind not in ELSEWHERE:
        raise InvalidValue(
            f"job {job.id[:8]} ran in a process on this machine and nowhere else; it "
            f"is {job.state}. Run it again with qleap run."
        )
    return job


def _dataset(job: "Job") -> Any:
    """Return the counts of a job as a dataset."""
    from qleap.core.errors import InvalidValue
    from qleap.processing.execution import RunResult

    counts = (job.result or {}).get("counts")
    if not isinstance(counts, dict):
        raise InvalidValue(
            f"job {job.id[:8]} has no counts of one circuit ({job.kind}, {job.state}); "
            "export it as JSON."
        )
    found = job.result or {}
    return RunResult(
        counts=counts,
        shots=int(found["shots"]),
        seed=int(found.get("seed") or job.options.get("seed") or 0),
        backend=job.backend,
        method=str(found.get("method", "sampling")),
        seconds=float(found.get("seconds", 0.0)),
        job=job.id,
    ).to_dataset()


def _record(jobs: "JobStore", job: "Job") -> dict[str, Any]:
    story = [
        {"at": event.at.isoformat(), "state": event.state, "note": event.note}
        for event in jobs.events(job.id)
    ]
    return {**_summary(job), "program": job.program, "events": story}


def _summary(job: "Job") -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "backend": job.backend,
        "state": job.state,
        "provider_id": job.provider_id,
        "part_of": job.part_of,
        "created": job.created.isoformat(),
        "updated": job.updated.isoformat(),
        "options": job.options,
        "result": job.result,
        "error": job.error,
    }


def _readable(job: "Job") -> str:
    """Return the program as text that can be read."""
    if job.kind not in ELSEWHERE:
        return job.program
    from qiskit import qasm3

    from qleap.processing.backends.provider import decode

    return "\n".join(qasm3.dumps(circuit) for circuit in decode(job.program))


def _parsed(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text
