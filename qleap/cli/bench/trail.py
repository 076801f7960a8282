"""``qleap bench history``, ``verify``, ``mirror`` and more: what is stored."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qleap.cli.bench.options import Json, open_journal, plain
from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from qleap.bench.trail.journal import Journal

__all__ = ["history", "mirror", "rescue", "restore", "verify"]

MirrorFile = Annotated[Path, typer.Argument(help="The mirror (JSON, an event a line).")]


def history(
    limit: Annotated[
        int, typer.Option(min=1, help="Number of runs, or of series.")
    ] = 20,
    case: Annotated[
        str | None,
        typer.Option("--case", help="The trend of the cases that begin like this."),
    ] = None,
    json: Json = False,
) -> None:
    """List the stored runs, newest first; with --case, values over time and steps."""
    from qleap.bench.reporting.report import EVENTS
    from qleap.bench.terminal import run_table

    with open_journal() as journal:
        if case is not None:
            _print_trends(journal, case, limit, json)
            return
        runs = [one for one in journal.runs() if one.profile not in EVENTS][:limit]
    if json:
        print_json([plain(one) for one in runs])
    elif runs:
        console().print(run_table(runs))
    else:
        note("nothing has been measured yet; `qleap bench run --quick` does it.")


def _print_trends(journal: "Journal", case: str, limit: int, json: bool) -> None:
    from qleap.bench.terminal import trend_lines
    from qleap.bench.trail.trend import trends

    records = [one for one in journal.records() if one.name.startswith(case)]
    found = trends(records, journal.runs())
    if json:
        values = [plain(one) for one in found]
        for one in values:
            one["times"] = [time.isoformat() for time in one["times"]]
        print_json(values)
    elif found:
        for line in trend_lines(found[:limit]):
            console().print(line, soft_wrap=True)
        if len(found) > limit:
            note(f"{len(found) - limit} more series; --limit shows more.")
    else:
        note(f"nothing that begins with {case!r} has been measured yet.")


def verify(
    head: Annotated[
        str | None,
        typer.Option("--head", help="A hash noted earlier (12 digits or more)."),
    ] = None,
    mirror: Annotated[
        Path | None, typer.Option("--mirror", help="A mirror to compare with.")
    ] = None,
    json: Json = False,
) -> None:
    """Check that no stored record was changed or taken out.

    That the newest ones were cut off is seen by a hash noted earlier, or a mirror.
    Ends with 0, or with 1 where something is wrong.
    """
    from qleap.bench.trail.mirror import read_mirror

    copy = None if mirror is None else read_mirror(mirror)[0]
    with open_journal() as journal:
        found = journal.examine(head=head, mirror=copy)
        name = journal.name
    if json:
        print_json({"intact": not found.faults, **dataclasses.asdict(found)})
    else:
        for sentence in (*found.faults, *found.remarks):
            note(sentence)
        if not found.faults:
            out = console()
            out.print(f"{name}: every record is as it was stored.", soft_wrap=True)
            out.print(f"{found.events} records, head {found.head}", soft_wrap=True)
    raise typer.Exit(1 if found.faults else 0)


def mirror(file: MirrorFile, json: Json = False) -> None:
    """Add to a file what it lacks of the trail: for git, or to restore from.

    With QLEAP_BENCH_MIRROR=FILE this happens at the end of each run by itself.
    """
    from qleap.bench.trail.mirror import write_mirror

    with open_journal() as journal:
        added = write_mirror(journal, file)
    if json:
        print_json({"mirror": str(file), "added": added})
    else:
        console().print(f"{file}: {added} records added.", soft_wrap=True)


def restore(file: MirrorFile, json: Json = False) -> None:
    """Fill an empty database from a mirror, with the same hashes."""
    from qleap.bench.trail.mirror import restore

    with open_journal() as journal:
        count = restore(journal, file)
        name = journal.name
    if json:
        print_json({"database": name, "restored": count})
    else:
        console().print(f"{name}: {count} records restored.", soft_wrap=True)


def rescue(
    file: Annotated[Path, typer.Argument(help="What a run kept aside.")],
    json: Json = False,
) -> None:
    """Add results that a run could not store, as when the disk was full."""
    from qleap.bench.trail.rescue import add_rescued

    with open_journal() as journal:
        added = add_rescued(journal, file)
    if json:
        print_json({"file": str(file), "added": added})
    else:
        console().print(f"{file}: {added} results added.", soft_wrap=True)
