"""What the commands of ``qleap bench`` share: options, exit codes, the journal."""

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from qleap.cli.console import note
from qleap.core.errors import InvalidValue, QleapError

if TYPE_CHECKING:
    from qleap.bench.judging.policy import Policy
    from qleap.bench.trail.journal import Journal, Record

__all__ = [
    "INTERRUPTED",
    "USAGE",
    "Device",
    "Domain",
    "Folder",
    "Json",
    "PolicyFile",
    "Suite",
    "Verdict",
    "note_new_device",
    "open_journal",
    "plain",
    "policies_of",
]

INTERRUPTED = 130
USAGE = 64
"""Exit code of bad input where 0 to 3 are verdicts: gate and compare."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Folder of suites and policies of your own."),
]
Suite = Annotated[
    str, typer.Option("--suite", help="Only cases whose names begin like this.")
]
Domain = Annotated[
    str | None, typer.Option("--domain", help="Only the policy of this domain.")
]
Device = Annotated[
    str | None,
    typer.Option("--device", help="What is judged: a device, by this name."),
]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="A policy file of your own (YAML).")
]


class Verdict(TyperCommand):
    """A command whose exit codes 0 to 3 are verdicts, so that bad input is 64."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the arguments; wrong ones end with `USAGE`."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except Exception as error:
            # Some versions of typer carry their own click, so the usage error is
            # known by what it has and not by its class.
            if getattr(error, "exit_code", 0) != 0:
                error.exit_code = USAGE  # type: ignore[attr-defined]
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; bad input ends with `USAGE`."""
        try:
            return super().invoke(ctx)
        except QleapError as error:
            note(f"qleap: {' '.join(str(error).split())}")
            raise typer.Exit(USAGE) from error


@contextlib.contextmanager
def open_journal() -> Iterator["Journal"]:
    """Open the journal of the project's database and close it after use."""
    from qleap.bench.trail.journal import Journal

    journal = Journal()
    try:
        yield journal
    finally:
        journal.close()


def note_new_device(records: Iterable["Record"], device: str | None) -> None:
    """Remark that no record is of the device: then the library's own alone count."""
    from qleap.core.checks import suggestion

    measured = [one.payload for one in records if one.payload.get("status")]
    known = {payload.get("device") for payload in measured}
    if device in known | {None}:
        return
    names = sorted(one for one in known if one is not None)
    note(
        f"qleap: no record is of the device {device!r}, so that only the library's own "
        f"count;{suggestion(str(device), names)} known: {', '.join(names) or 'none'}."
    )


def policies_of(domain: str | None, policy: Path | None) -> list["Policy"]:
    """Return the policies of all domains, of one, or the one in a file."""
    from qleap.bench.discovery import policies
    from qleap.bench.judging.policy import load_policy

    if policy is None:
        return policies(domain=domain)
    loaded = load_policy(policy)
    if domain not in (None, loaded.domain):
        raise InvalidValue(
            f"--domain must be {loaded.domain!r}, the domain of {policy}, "
            f"got {domain!r}."
        )
    return [loaded]


def plain(record: Any) -> dict[str, Any]:
    """Return a frozen record as JSON can hold it."""
    values = dataclasses.asdict(record)
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in values.items()
    }
