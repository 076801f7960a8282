"""``qleap info``: what is installed, where things are kept, and warming up."""

from typing import Annotated

import typer

from qleap.cli.console import console, note, print_json

__all__ = ["info"]


def info(
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    warm_up: Annotated[
        bool, typer.Option("--warm-up", help="Compile all kernels now, once.")
    ] = False,
) -> None:
    """Show versions, the machine and where jobs and history are kept."""
    from qleap.core.database import open_database
    from qleap.core.environment import provenance

    facts = provenance()
    database = open_database()
    facts["database"] = database.name
    database.close()
    if warm_up:
        facts["warm_up_s"] = _warm_up()
    if json:
        print_json(facts)
        return
    out = console()
    for name, value in facts.items():
        if isinstance(value, dict):
            value = ", ".join(f"{k} {v or 'missing'}" for k, v in value.items())
        out.print(f"{name:12s} {value}")


def _warm_up() -> dict[str, float]:
    """Compile the kernels, saying which are done."""
    from qleap.cli.warmup import warm_up

    seconds = {}
    note("compiling the kernels of all domains, once ...")
    for domain, spent in warm_up():
        note(f"{domain}: {spent:.1f} s")
        seconds[domain] = round(spent, 2)
    return seconds
