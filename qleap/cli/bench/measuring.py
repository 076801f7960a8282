"""``qleap bench list``, ``run`` and ``doctor``: what is measured here and now."""

import contextlib
import dataclasses
import sys
from typing import Annotated

import typer

from qleap.cli.bench.options import (
    INTERRUPTED,
    Device,
    Folder,
    Json,
    Suite,
    open_journal,
    plain,
)
from qleap.cli.console import console, note, print_json

__all__ = ["doctor", "list_suites", "run"]


def list_suites(suite: Suite = "", folder: Folder = None, json: Json = False) -> None:
    """List the suites that `run` finds."""
    from qleap.bench.discovery import suites

    names = [one.name for one in suites(folder, suite)]
    if json:
        print_json(names)
        return
    for name in names:
        console().print(name)


def run(
    quick: Annotated[
        bool, typer.Option("--quick", help="Small cases, short timing.")
    ] = False,
    suite: Suite = "",
    device: Device = None,
    folder: Folder = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes that measure accuracy; else as many as pay."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Measure: accuracy first, then speed beside peers; each result is kept at once.

    Ends with 0, with 1 where a case failed or was wrong, with 130 after Ctrl-C.
    """
    from qleap.bench.runner import run_suites

    with open_journal() as journal, contextlib.redirect_stdout(sys.stderr):
        summary = run_suites(
            journal,
            quick=quick,
            prefix=suite,
            folder=folder,
            device=device,
            jobs=jobs,
        )
    counts = ", ".join(f"{n} {status}" for status, n in summary.counts.items())
    for sentence in summary.skipped + summary.failures:
        note(sentence)
    if json:
        print_json(dataclasses.asdict(summary))
    else:
        short = summary.run_id[:8]
        seconds = f"{summary.seconds:.0f} s"
        out = console()
        out.print(
            f"run {short} {summary.status} after {seconds}: {counts or 'nothing'}"
        )
        out.print("`qleap bench gate` judges, `qleap bench report --open` shows it.")
    if summary.status == "interrupted":
        kept = sum(summary.counts.values())
        note(f"qleap: interrupted; the {kept} results measured before are kept.")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(1 if summary.failures else 0)


def doctor(json: Json = False) -> None:
    """Race identical code against itself: the smallest change this machine shows."""
    from qleap.bench.racing.doctor import examine, examine_live
    from qleap.bench.racing.machine import disturbances

    # First, since the races are a load themselves.
    sources = disturbances()
    findings = [*examine(), examine_live()]
    if json:
        races, noise = ([plain(one) for one in many] for many in (findings, sources))
        print_json({"races": races, "disturbances": noise})
        return
    out = console()
    for one in findings:
        seen = one.smallest_change
        change = "nothing (too few pairs)" if seen is None else f"{seen:.1%} or more"
        out.print(
            f"{one.load}: shows changes of {change}; identical code looked different "
            f"in {one.false_alarms} of {one.races} races ({one.pairs} pairs).",
            soft_wrap=True,
        )
    for source in sources:
        out.print(f"{source.finding}: {source.advice}.", markup=False, soft_wrap=True)
    if not sources:
        out.print("no source of noise was found.")
