"""What the next level still needs, and the command that would provide it."""

import re
import shlex

from qleap.bench.judging.evidence import FIRST_REAL, is_simulation, rank
from qleap.bench.judging.gate import Gate
from qleap.bench.judging.verdict import Judged
from qleap.bench.reporting.model import Needed, NextLevel

__all__ = ["next_level"]

COMMAND = "qleap bench "
OR_COMMAND = re.compile(rf"(?:[;,]? or )?{COMMAND}")
"""Begins the commands that a criterion itself may name at the end of ``needs``."""

ANY_DEVICE = "--device NAME"
"""What stands for it in the commands of a criterion."""


def next_level(gate: Gate, device: str | None = None) -> NextLevel | None:
    """Return the first level that is not reached, or None where all are.

    Parameters
    ----------
    gate : Gate
    device : str, optional
        Named in the commands that measure a device.
    """
    rung = next((one for one in gate.levels if one.state != "reached"), None)
    if rung is None or rung.state == "reached":
        return None
    mine = [one for one in gate.judged if one.level == rung.number]
    short = [one for one in mine if one.verdict != "PASS"]
    # Where all pass on simulation alone, each of them on real data would do.
    wanted = mine if rung.state == "capped" else short
    return NextLevel(
        level=rung.number,
        title=rung.title,
        title_ja=gate.policy.levels[rung.number].title_ja,
        state=rung.state,
        lacking=[one.criterion.id for one in short],
        needed=[_needed(one, rung.state == "capped", device) for one in wanted],
    )


def _needed(judged: Judged, capped: bool, device: str | None) -> Needed:
    asked = judged.criterion
    kind: str = asked.evidence
    if capped and rank(kind) < rank(FIRST_REAL):
        kind = FIRST_REAL
    words, *named = OR_COMMAND.split(asked.needs)
    return Needed(
        id=asked.id,
        what="improvement" if judged.verdict == "FAIL" else "evidence",
        asked=kind,
        needs=words.rstrip(" :,("),
        commands=[_of_device(f"{COMMAND}{one.rstrip(' .)')}", device) for one in named]
        or [_command(asked.measurement, kind, device)],
    )


def _command(measurement: str, kind: str, device: str | None) -> str:
    """Return how evidence of the ``kind`` comes into the journal."""
    if is_simulation(kind):
        return f"qleap bench run --suite {measurement}"
    suite, _, _ = measurement.rpartition(".")
    return _of_device(
        f"{COMMAND}record {suite} --file measured.csv --evidence {kind} "
        "--instrument NAME --site SITE",
        device,
    )


def _of_device(command: str, device: str | None) -> str:
    """Return the command with the name of the device that is judged."""
    if device is None:
        return command
    named = f"--device {shlex.quote(device)}"
    if ANY_DEVICE in command:
        return command.replace(ANY_DEVICE, named)
    return f"{command} {named}" if command.startswith(f"{COMMAND}record") else command
