"""``qleap bench compare``: what changed."""

from typing import Annotated

import typer

from qleap.cli.bench.options import Json, open_journal, plain
from qleap.cli.console import console, note, print_json

__all__ = ["compare"]


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

    with open_journal() as journal:
        first, second = journal.run(run_a), journal.run(run_b)
        changes = compare_runs(journal.records(first.id), journal.records(second.id))
    same_machine = first.environment.get("cpu") == second.environment.get("cpu")
    remark = WEAKER + ("" if same_machine else " They ran on different processors.")
    if json:
        print_json({"note": remark, "changes": [plain(one) for one in changes]})
    else:
        console().print(change_table(changes))
        note(remark)
    verdicts = {one.verdict for one in changes}
    order = ("FAIL", 1), ("INCONCLUSIVE", 2), ("MISSING", 3), ("PASS", 0)
    raise typer.Exit(next((code for word, code in order if word in verdicts), 3))
