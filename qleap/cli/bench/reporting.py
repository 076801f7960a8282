"""``qleap bench report``: the report on the disk."""

from pathlib import Path
from typing import Annotated

import typer

from qleap.cli.bench.options import (
    Device,
    Domain,
    Json,
    PolicyFile,
    note_new_device,
    open_journal,
    policies_of,
)
from qleap.cli.console import console, note, print_json

__all__ = ["report"]


def report(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder or file to write.")
    ] = Path(),
    formats: Annotated[
        str, typer.Option("--format", help="html, md, json, or several by commas.")
    ] = "html",
    lang: Annotated[
        str, typer.Option("--lang", help="Language of html and md: en or ja.")
    ] = "en",
    show: Annotated[
        bool, typer.Option("--open", help="Show the page in the browser.")
    ] = False,
    noted: Annotated[
        bool,
        typer.Option(
            "--note/--no-note",
            help="Whether the journal notes this report as the last one.",
        ),
    ] = True,
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Only print the JSON Schema of --format json."),
    ] = False,
    domain: Domain = None,
    policy: PolicyFile = None,
    device: Device = None,
    json: Json = False,
) -> None:
    """Write the report: one file that needs no network."""
    if schema:
        from qleap.bench.reporting.model import json_schema

        print_json(json_schema())
        return
    from qleap.bench.reporting.rendering import write_report
    from qleap.bench.reporting.report import build
    from qleap.bench.reporting.since import note_report
    from qleap.core.environment import utc_now

    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    if show and "html" not in wanted:
        wanted.append("html")
    with open_journal() as journal:
        note_new_device(journal.records(), device)
        model = build(
            journal, policies_of(domain, policy), now=utc_now(), device=device
        )
        paths = write_report(model, output, wanted, lang)
        if noted:
            note_report(journal, model, paths)
    if json:
        print_json([str(path) for path in paths])
    else:
        for path in paths:
            console().print(str(path), soft_wrap=True)
    if show:
        import webbrowser

        page = next(path for path in paths if path.suffix == ".html")
        if not webbrowser.open(page.resolve().as_uri()):
            note(f"no browser was found; open {page} yourself.")
