"""``qleap bench compare``: what changed."""

import contextlib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from qleap.cli.bench.options import (
    INTERRUPTED,
    Folder,
    Json,
    Suite,
    open_journal,
    plain,
)
from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from qleap.bench.racing.compare import Change
    from qleap.bench.racing.contest import Comparison
    from qleap.bench.racing.sides import Side
    from qleap.bench.trail.journal import Journal, Run

__all__ = ["compare"]

WHAT = (
    "A git revision, . for the working tree, the beginning of a run's id, peer:NAME "
    "or device:NAME."
)


def compare(
    before: Annotated[str, typer.Argument(metavar="A", help=WHAT)],
    after: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    suite: Suite = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Small cases, short timing.")
    ] = False,
    margin: Annotated[
        float, typer.Option("--margin", help="Share by which B may be slower.")
    ] = 0.05,
    budget: Annotated[
        float | None,
        typer.Option("--budget", help="Seconds of pairs for each case."),
    ] = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Compare two sides and say whether B is as right as A, and not slower.

    Revisions, peers and devices are measured now, in live workers that take turns;
    stored runs are compared as they are, which is weaker, since they ran apart.

    Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 insufficient evidence, 64 usage,
    130 interrupted.
    """
    from qleap.bench.racing.sides import as_pair, read_side
    from qleap.core import checks
    from qleap.core.errors import InvalidValue

    with open_journal() as journal:
        sides = as_pair(read_side(before, journal), read_side(after, journal))
        if sides[0].run is not None and sides[1].run is not None:
            if quick or budget is not None or folder is not None:
                raise InvalidValue(
                    "--quick, --budget and --folder say how to measure; stored runs "
                    "are compared as they are, so leave them out."
                )
            margin = checks.positive("--margin", margin)
            _stored(journal, (sides[0].run, sides[1].run), suite, margin, json)
        found = _live(journal, sides, suite, quick, margin, budget, folder)
    if json:
        changes = [plain(one) for one in found.changes]
        print_json(plain(found) | {"changes": changes})
    else:
        _show(found)
    if found.status == "interrupted":
        note("qleap: interrupted; what was measured before is kept.")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(_code(found.changes))


def _live(
    journal: "Journal",
    sides: "tuple[Side, Side]",
    suite: str,
    quick: bool,
    margin: float,
    budget: float | None,
    folder: Folder,
) -> "Comparison":
    from qleap.bench.discovery import policies
    from qleap.bench.racing.contest import better_of, compare_sides
    from qleap.bench.racing.outcomes import Rules
    from qleap.bench.runner import FULL_BUDGET, QUICK_BUDGET
    from qleap.core import checks

    if budget is None:
        budget = QUICK_BUDGET if quick else FULL_BUDGET
    rules = Rules(
        margin=checks.positive("--margin", margin),
        budget=checks.positive("--budget", budget, "s"),
        quick=quick,
        folder=folder,
        better=better_of(policies(folder)),
    )
    with contextlib.redirect_stdout(sys.stderr):
        return compare_sides(journal, sides, rules, suite)


def _stored(
    journal: "Journal", runs: "tuple[Run, Run]", suite: str, margin: float, json: bool
) -> None:
    from qleap.bench.racing.compare import WEAKER, compare_runs
    from qleap.bench.terminal import change_table
    from qleap.core.errors import InvalidValue

    first, second = runs
    records = (journal.records(run.id) for run in runs)
    changes = compare_runs(*records, prefix=suite, margin=margin)
    if not changes:
        named = f" whose name begins with {suite!r}" if suite else ""
        raise InvalidValue(f"neither run holds a measurement{named}.")
    same_machine = first.environment.get("cpu") == second.environment.get("cpu")
    remark = WEAKER + ("" if same_machine else " They ran on different processors.")
    if json:
        print_json({"note": remark, "changes": [plain(one) for one in changes]})
    else:
        console().print(change_table(changes))
        note(remark)
    raise typer.Exit(_code(changes))


def _show(found: "Comparison") -> None:
    from qleap.bench.terminal import change_table, phase_table

    out = console()
    out.print(f"A: {found.before}", markup=False, soft_wrap=True)
    out.print(f"B: {found.after}", markup=False, soft_wrap=True)
    out.print(change_table(found.changes))
    if any(one.phases for one in found.changes):
        out.print(phase_table(found.changes))
    for sentence in found.broken:
        note(sentence)
    out.print(f"stored as run {found.run_id[:8]}.")


def _code(changes: "Iterable[Change]") -> int:
    """Return the exit code of the gravest verdict."""
    verdicts = {one.verdict for one in changes}
    order = ("FAIL", 1), ("INCONCLUSIVE", 2), ("MISSING", 3), ("PASS", 0)
    return next((code for word, code in order if word in verdicts), 3)
