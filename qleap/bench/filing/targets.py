"""What values of a suite can be filed under: its cases, and the criteria that ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qleap.bench import discovery
from qleap.bench.cases import Accuracy
from qleap.bench.judging.policy import Criterion, Policy
from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Target", "find_targets"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A case that takes values: its name, unit, title, and what it is compared with."""

    name: str
    unit: str
    title: str
    reference: str = ""


def find_targets(
    suite: str, named: Iterable[str], policies: Sequence[Policy], folder: Path | None
) -> dict[str, Target]:
    """Return the target of each name in ``named``: a case, or the id of a criterion.

    Criteria are looked at first, since suites take seconds to read.

    Raises
    ------
    InvalidValue
        Where a name is unknown, belongs to another suite or measures speed.
    """
    wanted = list(dict.fromkeys(named))
    criteria = [one for policy in policies for one in policy.criteria()]
    found = {
        name: target
        for name in wanted
        if (target := _of_criteria(name, criteria)) is not None
    }
    lacking = [name for name in wanted if name not in found]
    cases = _cases(suite, lacking, folder, criteria) if lacking else {}
    for name in lacking:
        if name not in cases:
            asking = [one for one in criteria if one.statistic == "value"]
            known = [*cases, *(one.id for one in asking)]
            known += [one.measurement for one in asking]
            raise InvalidValue(
                f"name must be a case of {suite} that measures a value, or the id "
                f"of a criterion, got {name!r};{checks.suggestion(name, known)} "
                "`qleap bench list` names the suites."
            )
        found[name] = cases[name]
    for name, target in found.items():
        if not f"{target.name}.".startswith(f"{suite}."):
            raise InvalidValue(
                f"{name!r} measures {target.name}, which is not of the suite {suite}; "
                "file it under its own."
            )
    return found


def _of_criteria(name: str, criteria: Sequence[Criterion]) -> Target | None:
    for one in criteria:
        if one.id == name and one.statistic != "value":
            raise InvalidValue(
                f"{name} is a criterion of speed, which is raced and cannot be filed."
            )
    asking = [
        one
        for one in criteria
        if name in (one.id, one.measurement) and one.statistic == "value"
    ]
    if not asking:
        return None
    first = asking[0]
    return Target(name=first.measurement, unit=first.unit, title=first.title)


def _cases(
    suite: str, names: Sequence[str], folder: Path | None, criteria: Sequence[Criterion]
) -> dict[str, Target]:
    """Return the cases of the suites that may hold ``names``; the likely ones first."""
    try:
        suites = discovery.suites(folder, suite)
    except InvalidValue:
        if any(one.measurement.startswith(f"{suite}.") for one in criteria):
            return {}  # a domain that only laboratories measure
        raise
    suites.sort(
        key=lambda one: not any(name.startswith(f"{one.name}.") for name in names)
    )
    found: dict[str, Target] = {}
    for one in suites:
        found |= _readable(one)
        if all(name in found for name in names):
            break
    return found


def _readable(suite: discovery.Suite) -> dict[str, Target]:
    """Return the cases of a suite; none where it cannot be read, for want of peers."""
    try:
        cases = suite.cases(False)
    except Exception:
        return {}
    return {
        one.name: Target(
            name=one.name, unit=one.unit, title=one.title, reference=one.reference
        )
        for one in cases
        if isinstance(one, Accuracy)
    }
