"""The command ``qleap``: groups of commands, and how failures are said."""

import sys
import warnings
from typing import Annotated

import typer

import qleap
from qleap.cli import (
    backends,
    bench,
    calibration,
    fit,
    info,
    jobs,
    propagate,
    run,
    serve,
)
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
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


app.command("run")(run.run)
app.add_typer(jobs.app, name="jobs")
app.command("backends")(backends.backends)
app.add_typer(calibration.app, name="calibration")
app.add_typer(fit.app, name="fit")
app.command("propagate")(propagate.propagate)
app.add_typer(serve.app, name="serve")
app.add_typer(bench.app, name="bench")
app.command("info")(info.info)


def _say_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as one line, without the place in our code."""
    note(f"qleap: warning: {' '.join(str(message).split())}")


def main() -> None:
    """Run the command line and leave with its exit code."""
    warnings.showwarning = _say_warning
    try:
        app()
    except QleapError as error:
        note(f"qleap: {' '.join(str(error).split())}")
        sys.exit(INVALID)
