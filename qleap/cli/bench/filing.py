"""``qleap bench record``: what was measured elsewhere, under the same criteria."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qleap.cli.bench.options import Device, Folder, Json, open_journal
from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from qleap.bench.filing.storing import Filing

__all__ = ["record"]


def record(
    suite: Annotated[
        str, typer.Argument(help="What it measures: a domain or domain.topic.")
    ],
    file: Annotated[
        Path, typer.Option("--file", help="Table of values (CSV, TSV, JSON).")
    ],
    evidence: Annotated[
        str,
        typer.Option("--evidence", help="recorded, live, field, or another kind."),
    ],
    instrument: Annotated[str, typer.Option("--instrument", help="What measured.")],
    site: Annotated[str, typer.Option("--site", help="Where it measured.")],
    doi: Annotated[str, typer.Option("--doi", help="DOI of the data.")] = "",
    citation: Annotated[
        str, typer.Option("--citation", help="Where they are published.")
    ] = "",
    device: Device = None,
    measured_on: Annotated[
        str | None,
        typer.Option("--measured-on", help="Date, where the table has none."),
    ] = None,
    operator: Annotated[str, typer.Option("--operator", help="Who measured.")] = "",
    orcid: Annotated[str, typer.Option("--orcid", help="Their ORCID.")] = "",
    statistic: Annotated[
        str | None,
        typer.Option("--statistic", help="mean or median of columns of samples."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="Unit, where the table names none.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be stored, store nothing.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also where this file is stored already.")
    ] = False,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Store what a laboratory or a live device measured: every row, or none."""
    from qleap.bench.discovery import policies
    from qleap.bench.filing.storing import Origin, prepare, refuse_repeat, store
    from qleap.bench.judging.evidence import evidence_kind
    from qleap.core.environment import utc_now

    origin = Origin(
        evidence=evidence_kind(evidence),
        instrument=instrument,
        site=site,
        device=device,
        measured_on=measured_on,
        doi=doi,
        citation=citation,
        operator=operator,
        orcid=orcid,
    )
    filing = prepare(
        suite,
        file,
        origin,
        policies=policies(folder),
        now=utc_now(),
        statistic=statistic,
        unit=unit,
        folder=folder,
    )
    run_id = None
    with open_journal() as journal:
        if not check:
            run_id = store(journal, filing, again=again)
        elif not again:
            refuse_repeat(journal, filing)
    _print(filing, run_id, json)


def _print(filing: "Filing", run_id: str | None, json: bool) -> None:
    from qleap.bench.terminal import filing_table

    if json:
        records = [{"name": name} | payload for name, payload in filing.records]
        print_json({"run": run_id, "sha256": filing.table.sha256, "records": records})
        return
    console().print(filing_table(filing.records))
    if run_id is None:
        note("checked; nothing is stored.")
    else:
        count = len(filing.records)
        note(
            f"{count} value{'s' * (count > 1)} stored in run {run_id[:8]}, file "
            f"{filing.table.sha256[:12]}; `qleap bench gate` judges them."
        )
