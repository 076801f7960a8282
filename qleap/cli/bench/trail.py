"""``qleap bench history`` and ``verify``: what is stored, and whether it still is."""

from typing import Annotated

import typer

from qleap.cli.bench.options import Json, open_journal, plain
from qleap.cli.console import console, note, print_json

__all__ = ["history", "verify"]


def history(
    limit: Annotated[int, typer.Option(min=1, help="Number of runs.")] = 20,
    json: Json = False,
) -> None:
    """List the stored runs, newest first."""
    from qleap.bench.terminal import run_table

    with open_journal() as journal:
        runs = [one for one in journal.runs() if one.profile != "decision"][:limit]
    if json:
        print_json([plain(one) for one in runs])
    elif runs:
        console().print(run_table(runs))
    else:
        note("nothing has been measured yet; `qleap bench run --quick` does it.")


def verify(json: Json = False) -> None:
    """Check the chain of hashes: no stored record was changed or taken out.

    Ends with 0, or with 1 where the chain is broken.
    """
    with open_journal() as journal:
        faults = list(journal.faults())
        name = journal.name
    if json:
        print_json({"intact": not faults, "faults": faults})
    elif faults:
        for fault in faults:
            note(fault)
    else:
        console().print(f"{name}: every record is as it was stored.")
    raise typer.Exit(1 if faults else 0)
