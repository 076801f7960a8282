"""``qleap jobs``: what was run, and what came of it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, print_json
from qleap.cli.run import print_counts

if TYPE_CHECKING:
    from qleap.core.jobs import Job

__all__ = ["app"]

app = typer.Typer(help="List and show stored jobs.", invoke_without_command=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


@app.callback()
def newest(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """List the newest jobs."""
    if context.invoked_subcommand is not None:
        return
    from qleap.core.jobs import JobStore

    jobs = JobStore().newest(limit)
    if json:
        print_json([_summary(job) for job in jobs])
        return
    if not jobs:
        console().print("no jobs yet; `qleap run FILE.qasm` makes the first one.")
        return
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


@app.command()
def show(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="Id, or how it begins.")],
    json: Json = False,
) -> None:
    """Show one job with its circuit, its story and its result."""
    from qleap.core.jobs import JobStore

    jobs = JobStore()
    job = jobs.get(job_id)
    events = jobs.events(job.id)
    story = [
        {"at": event.at.isoformat(), "state": event.state, "note": event.note}
        for event in events
    ]
    if json:
        print_json({**_summary(job), "program": job.program, "events": story})
        return
    out = console()
    summary = _summary(job)
    result = summary.pop("result") or {}
    counts = result.pop("counts", {})
    for name, value in {**summary, **result}.items():
        out.print(f"{name:10s} {value}", markup=False)
    for line in story:
        out.print(f"{line['at']}  {line['state']}  {line['note']}", markup=False)
    if counts:
        print_counts(counts, result["shots"])
    out.print(f"\n{job.program}", markup=False)


def _summary(job: "Job") -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "backend": job.backend,
        "state": job.state,
        "created": job.created.isoformat(),
        "updated": job.updated.isoformat(),
        "options": job.options,
        "result": job.result,
        "error": job.error,
    }
