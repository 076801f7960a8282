"""``qleap bench``: measure, compare, judge at a stage gate, report."""

import typer

from qleap.cli.bench import (
    comparing,
    filing,
    giving,
    judging,
    measuring,
    reporting,
    trail,
)
from qleap.cli.bench.options import Verdict

__all__ = ["app"]

app = typer.Typer(
    help="Measure accuracy and speed, judge TRL stage gates, write the report.",
    no_args_is_help=True,
)
app.command("list")(measuring.list_suites)
app.command()(measuring.run)
app.command()(filing.record)
app.command()(trail.history)
app.command(cls=Verdict)(comparing.compare)
app.command(cls=Verdict)(judging.gate)
app.command()(reporting.report)
app.command()(giving.export)
app.command()(measuring.doctor)
app.command()(trail.verify)
app.command()(trail.mirror)
app.command()(trail.restore)
app.command()(trail.rescue)
