"""The command ``qleap``: groups of commands, and how failures are said."""

import importlib
import importlib.util
import sys
from typing import Annotated

import typer

import qleap
from qleap.cli.console import note
from qleap.core.errors import QleapError

__all__ = ["app", "main"]

app = typer.Typer(
    name="qleap",
    help="Quantum processing, quantum sensing and ultrafast lasers: simulate, fit, "
    "propagate, benchmark.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INVALID = 2
"""Exit code of a failure that the user can mend."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qleap {qleap.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


for _name, _attr in (
    ("run", "run"),
    ("jobs", None),
    ("fit", None),
    ("propagate", "propagate"),
    ("bench", None),
    ("info", "info"),
):
    if importlib.util.find_spec(f"qleap.cli.{_name}") is None:
        continue
    _module = importlib.import_module(f"qleap.cli.{_name}")
    if _attr is None:
        app.add_typer(_module.app, name=_name)
    else:
        app.command(_name)(getattr(_module, _attr))


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except QleapError as error:
        note(f"qleap: {' '.join(str(error).split())}")
        sys.exit(INVALID)
