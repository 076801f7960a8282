"""``qleap bench gate``: the stored evidence before the policies."""

from typing import TYPE_CHECKING, Annotated

import typer

from qleap.cli.bench.options import (
    Device,
    Domain,
    Json,
    PolicyFile,
    note_new_device,
    open_journal,
    policies_of,
)
from qleap.cli.console import console, note, print_json
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.bench.judging.gate import Gate
    from qleap.bench.judging.policy import Policy
    from qleap.bench.trail.journal import Journal

__all__ = ["gate"]


def gate(
    domain: Domain = None,
    policy: PolicyFile = None,
    device: Device = None,
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
    from qleap.bench.judging.decision import record_decision
    from qleap.bench.judging.gate import EXIT_CODES, worst

    if decide is None and (by or reason):
        raise InvalidValue("--by and --reason belong to --decide; add it.")
    with open_journal() as journal:
        gates = _gates(journal, policies_of(domain, policy), level, device)
        if decide is not None:
            if len(gates) != 1:
                raise InvalidValue("--decide needs one domain; choose by --domain.")
            record_decision(journal, gates[0], choice=decide, by=by, reason=reason)
    outcome = worst(gates)
    if json:
        from qleap.bench.reporting.report import gate_values

        print_json(
            {"outcome": outcome, "gates": [gate_values(one, device) for one in gates]}
        )
    else:
        _print_gates(gates)
        if decide is not None:
            note(f"recorded: {by} decides to {decide} ({reason}).")
    raise typer.Exit(EXIT_CODES[outcome])


def _gates(
    journal: "Journal",
    policies: list["Policy"],
    level: int | None,
    device: str | None,
) -> list["Gate"]:
    from qleap.bench.judging.gate import decide
    from qleap.core.environment import utc_now

    if not policies:
        raise InvalidValue("no policy found; give one with --policy.")
    journal.require_whole()
    records = journal.records()
    note_new_device(records, device)
    now = utc_now()
    return [
        decide(one, records, now=now, target=level, device=device) for one in policies
    ]


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
