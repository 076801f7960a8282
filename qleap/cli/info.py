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
        out.print(f"{name:12s} {value}", markup=False)


def _warm_up() -> dict[str, float]:
    """Run one small case of each domain, so that its kernels are on disk."""
    import time

    from qleap.testing import WARM_UPS

    seconds = {}
    for domain, run in WARM_UPS.items():
        note(f"compiling the kernels of {domain} ...")
        begin = time.perf_counter()
        run()
        seconds[domain] = round(time.perf_counter() - begin, 2)
    return seconds
