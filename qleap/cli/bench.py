"""``qleap bench``: measure, compare, judge at a stage gate, report."""

import contextlib
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from qleap.cli.console import console, note, print_json
from qleap.core.errors import InvalidValue, QleapError

if TYPE_CHECKING:
    from qleap.bench.gate import Gate
    from qleap.bench.journal import Journal
    from qleap.bench.policy import Policy

__all__ = ["app"]

app = typer.Typer(
    help="Measure accuracy and speed, judge TRL stage gates, write the report.",
    no_args_is_help=True,
)

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
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="A policy file of your own (YAML).")
]


class _Verdict(TyperCommand):
    """A command whose exit codes 0 to 3 are verdicts, so that bad input is 64."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except Exception as error:
            # Some versions of typer carry their own click, so the usage error is
            # known by what it has and not by its class.
            if getattr(error, "exit_code", 0) != 0:
                error.exit_code = USAGE  # type: ignore[attr-defined]
            raise

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except QleapError as error:
            note(f"qleap: {' '.join(str(error).split())}")
            raise typer.Exit(USAGE) from error


@app.command("list")
def list_suites(suite: Suite = "", folder: Folder = None, json: Json = False) -> None:
    """List the suites that `run` finds."""
    from qleap.bench.discovery import suites

    names = [one.name for one in suites(folder, suite)]
    if json:
        print_json(names)
        return
    for name in names:
        console().print(name)


@app.command()
def run(
    quick: Annotated[
        bool, typer.Option("--quick", help="Small cases, short timing.")
    ] = False,
    suite: Suite = "",
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Measure: accuracy first, then speed beside peers; each result is kept at once.

    Ends with 0, with 1 where a case failed or was wrong, with 130 after Ctrl-C.
    """
    from qleap.bench.runner import run_suites

    with _journal() as journal, contextlib.redirect_stdout(sys.stderr):
        summary = run_suites(journal, quick=quick, prefix=suite, folder=folder)
    counts = ", ".join(f"{n} {status}" for status, n in summary.counts.items())
    for failure in summary.failures:
        note(failure)
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


@app.command()
def history(
    limit: Annotated[int, typer.Option(min=1, help="Number of runs.")] = 20,
    json: Json = False,
) -> None:
    """List the stored runs, newest first."""
    from qleap.bench.terminal import run_table

    with _journal() as journal:
        runs = [one for one in journal.runs() if one.profile != "decision"][:limit]
    if json:
        print_json([_plain(one) for one in runs])
    elif runs:
        console().print(run_table(runs))
    else:
        note("nothing has been measured yet; `qleap bench run --quick` does it.")


@app.command(cls=_Verdict)
def compare(
    run_a: Annotated[str, typer.Argument(help="Beginning of the first run's id.")],
    run_b: Annotated[str, typer.Argument(help="Beginning of the second run's id.")],
    json: Json = False,
) -> None:
    """Compare two stored runs (weaker than a race, since they ran apart).

    Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 insufficient evidence, 64 usage.
    """
    from qleap.bench.compare import WEAKER, compare_runs
    from qleap.bench.terminal import change_table

    with _journal() as journal:
        first, second = journal.run(run_a), journal.run(run_b)
        changes = compare_runs(journal.records(first.id), journal.records(second.id))
    same_machine = first.environment.get("cpu") == second.environment.get("cpu")
    remark = WEAKER + ("" if same_machine else " They ran on different processors.")
    if json:
        print_json({"note": remark, "changes": [_plain(one) for one in changes]})
    else:
        console().print(change_table(changes))
        note(remark)
    verdicts = {one.verdict for one in changes}
    order = ("FAIL", 1), ("INCONCLUSIVE", 2), ("MISSING", 3), ("PASS", 0)
    raise typer.Exit(next((code for word, code in order if word in verdicts), 3))


@app.command(cls=_Verdict)
def gate(
    domain: Domain = None,
    policy: PolicyFile = None,
    level: Annotated[
        int | None, typer.Option("--level", help="TRL to judge; else the policy's.")
    ] = None,
    decide: Annotated[
        str | None, typer.Option("--decide", help="Record continue, change or stop.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    json: Json = False,
) -> None:
    """Judge the stored evidence by the policies.

    Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 insufficient evidence, 64 usage.
    """
    from qleap.bench.decision import record_decision
    from qleap.bench.gate import EXIT_CODES, worst

    if decide is None and (by or reason):
        raise InvalidValue("--by and --reason belong to --decide; add it.")
    with _journal() as journal:
        gates = _gates(journal, _policies(domain, policy), level)
        if decide is not None:
            if len(gates) != 1:
                raise InvalidValue("--decide needs one domain; choose by --domain.")
            record_decision(journal, gates[0], choice=decide, by=by, reason=reason)
    outcome = worst(gates)
    if json:
        from qleap.bench.report import gate_values

        print_json({"outcome": outcome, "gates": [gate_values(one) for one in gates]})
    else:
        _print_gates(gates)
        if decide is not None:
            note(f"recorded: {by} decides to {decide} ({reason}).")
    raise typer.Exit(EXIT_CODES[outcome])


@app.command()
def report(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder or file to write.")
    ] = Path(),
    formats: Annotated[
        str, typer.Option("--format", help="html, md, json, or several by commas.")
    ] = "html",
    show: Annotated[
        bool, typer.Option("--open", help="Show the page in the browser.")
    ] = False,
    domain: Domain = None,
    policy: PolicyFile = None,
    json: Json = False,
) -> None:
    """Write the report: one file that needs no network."""
    from qleap.bench.rendering import write_report
    from qleap.bench.report import build
    from qleap.core.environment import utc_now

    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    if show and "html" not in wanted:
        wanted.append("html")
    with _journal() as journal:
        model = build(journal, _policies(domain, policy), now=utc_now())
    paths = write_report(model, output, wanted)
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


@app.command()
def doctor(json: Json = False) -> None:
    """Race identical code against itself: the smallest change this machine shows."""
    from qleap.bench.doctor import examine

    findings = examine()
    if json:
        print_json([_plain(one) for one in findings])
        return
    for one in findings:
        seen = one.smallest_change
        change = "nothing (too few pairs)" if seen is None else f"{seen:.1%} or more"
        console().print(
            f"{one.load}: shows changes of {change}; identical code looked different "
            f"in {one.false_alarms} of {one.races} races ({one.pairs} pairs).",
            soft_wrap=True,
        )


@app.command()
def verify(json: Json = False) -> None:
    """Check the chain of hashes: no stored record was changed or taken out.

    Ends with 0, or with 1 where the chain is broken.
    """
    with _journal() as journal:
        faults = list(journal.faults())
        name = journal.name
    if json:
        print_json({"intact": not faults, "faults": faults})
    elif faults:
        for fault in faults:
            note(fault)
    else:
        console().print(f"{name}: every record is as it was stored.")
    raise typer.Exit(1 if faults else 0)


@contextlib.contextmanager
def _journal() -> Iterator["Journal"]:
    from qleap.bench.journal import Journal

    journal = Journal()
    try:
        yield journal
    finally:
        journal.close()


def _policies(domain: str | None, policy: Path | None) -> list["Policy"]:
    from qleap.bench.discovery import policies
    from qleap.bench.policy import load_policy

    if policy is None:
        return policies(domain=domain)
    loaded = load_policy(policy)
    if domain not in (None, loaded.domain):
        raise InvalidValue(
            f"--domain must be {loaded.domain!r}, the domain of {policy}, "
            f"got {domain!r}."
        )
    return [loaded]


def _gates(
    journal: "Journal", policies: list["Policy"], level: int | None
) -> list["Gate"]:
    from qleap.bench.gate import decide
    from qleap.core.environment import utc_now

    if not policies:
        raise InvalidValue("no policy found; give one with --policy.")
    records = journal.records()
    now = utc_now()
    return [decide(one, records, now=now, target=level) for one in policies]


def _print_gates(gates: list["Gate"]) -> None:
    from qleap.bench.terminal import gate_table

    out = console()
    for one in gates:
        out.print(f"\n{one.policy.title}: TRL {one.reached}, {one.label}", style="bold")
        out.print(gate_table(one))
        out.print(
            f"gate to TRL {one.target}: {one.outcome}; recommended: "
            f"{one.recommendation} ({one.reason})",
            markup=False,
        )


def _plain(record: Any) -> dict[str, Any]:
    """Return a frozen record as JSON can hold it."""
    values = dataclasses.asdict(record)
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in values.items()
    }
