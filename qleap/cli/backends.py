"""``qleap backends``: what can be reached from here, and why the rest cannot."""

from dataclasses import asdict
from typing import Annotated

import typer

from qleap.cli.console import console, print_json

__all__ = ["backends"]

SHOWN = 4
"""Devices of a kind in the table; ``--json`` has all."""


def backends(
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    offline: Annotated[
        bool, typer.Option(help="Ask no provider whether it answers.")
    ] = False,
) -> None:
    """List the machines that a circuit can run on."""
    from qleap.processing.backends.listing import list_backends

    found = list_backends(network=not offline)
    if json:
        print_json([asdict(family) for family in found])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("backend", "ready", "why, or what is there"):
        table.add_column(heading, overflow="fold")
    for family in found:
        names = [name for name in family.devices if name != family.name]
        more = f", ... ({len(names)})" if len(names) > SHOWN else ""
        listed = f": {', '.join(names[:SHOWN])}{more}" if names else ""
        ready = "yes" if family.available else "no"
        table.add_row(family.name, ready, family.detail + listed)
    console().print(table)
