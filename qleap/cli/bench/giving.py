"""``qleap bench export``: the evidence packed for others."""

from pathlib import Path
from typing import Annotated

import typer

from qleap.cli.bench.options import (
    Device,
    Domain,
    Json,
    PolicyFile,
    open_journal,
)
from qleap.cli.console import console, note, print_json
from qleap.core.errors import InvalidValue

__all__ = ["export"]


def export(
    rocrate: Annotated[
        Path | None, typer.Option("--rocrate", help="New folder or .zip to write.")
    ] = None,
    about: Annotated[
        Path | None, typer.Option("--about", help="Who publishes it, how (YAML).")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Read a crate back, judge it whole.")
    ] = None,
    domain: Domain = None,
    policy: PolicyFile = None,
    device: Device = None,
    json: Json = False,
) -> None:
    """Pack the evidence as an RO-Crate (Process Run Crate), or check one.

    Ends with 0, or with 1 where a crate that is checked is not whole.
    """
    if (rocrate is None) == (check is None):
        raise InvalidValue("export needs either --rocrate OUTPUT or --check CRATE.")
    if check is not None:
        _check(check, json)
        return
    if about is None or rocrate is None:
        raise InvalidValue(
            "--rocrate needs --about FILE: a YAML file with title, description, "
            "creators and publisher (docs/bench.md shows one)."
        )
    from qleap.bench.export.about import load_about
    from qleap.bench.export.checking import check_crate
    from qleap.bench.export.crate import write_crate
    from qleap.core.environment import utc_now

    terms = load_about(about)
    paths = _policy_paths(domain, policy)
    with open_journal() as journal:
        done = write_crate(journal, paths, terms, rocrate, now=utc_now(), device=device)
    faults = check_crate(done)
    if json:
        print_json({"crate": str(done), "faults": faults})
    else:
        console().print(str(done), soft_wrap=True)
        for fault in faults:
            note(fault)
    raise typer.Exit(1 if faults else 0)


def _check(crate: Path, json: bool) -> None:
    from qleap.bench.export.checking import check_crate

    faults = check_crate(crate)
    if json:
        print_json({"whole": not faults, "faults": faults})
    elif faults:
        for fault in faults:
            note(fault)
    else:
        console().print(f"{crate}: whole, every file as its metadata say.")
    raise typer.Exit(1 if faults else 0)


def _policy_paths(domain: str | None, policy: Path | None) -> list[Path]:
    from qleap.bench.discovery import policies, policy_files
    from qleap.bench.judging.policy import load_policy

    if policy is not None:
        return [policy]
    if domain is None:
        return policy_files()
    policies(domain=domain)  # refuses a name that nobody has
    return [path for path in policy_files() if load_policy(path).domain == domain]
