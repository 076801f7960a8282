"""The rules of a stage gate: a YAML file with criteria for each TRL.

One file a domain, ``benchmarks/policies/<domain>.yaml``::

    domain: sensing
    title: Quantum sensing with NV centres
    target: 3                     # the level the gate decides on by default
    stop_share: 0.5               # recommend stop when this share of 1..target FAILs
    levels:
      1:
        title: Basic principles observed
        criteria:
          - id: SEN-1.1
            title: Aligned-field lines agree with the closed form
            measurement: sensing.odmr.aligned_lines     # name of a case
            statistic: value      # value, or speed_ratio = peer time / our time
            operator: "<="
            threshold: 1e-9
            unit: "1"
            evidence: analytic    # the weakest kind that counts
            max_age_days: 90
            citation: "Doherty et al., Phys. Rep. 528, 1 (2013), doi:10.1016/..."
            status: published     # or provisional: a threshold of our own
"""

import os
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    PositiveFloat,
    ValidationError,
    model_validator,
)

from qleap.bench.evidence import Evidence
from qleap.core import checks
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Criterion", "Level", "Policy", "load_policy"]

Text = Annotated[str, Field(min_length=1)]
TrlNumber = Annotated[int, Field(ge=1, le=9)]


class Strict(BaseModel):
    """A frozen model that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(Strict):
    """One measurable demand of a level.

    Parameters
    ----------
    id : str
        Short and unique in the policy.
    measurement : str
        Name of the case whose newest record is judged.
    statistic : str
        ``value`` of an accuracy case, or ``speed_ratio``: the time of ``peer``
        divided by ours, above one where we are faster.
    peer : str or None
        Name of the peer; needed for ``speed_ratio`` and for nothing else.
    evidence : str
        The weakest kind that counts.
    prediction : float or None
        Expected value where the case itself does not state one.
    critical : bool
        Whether its failing alone recommends to stop.
    needs : str
        What would provide the evidence, for the report.
    """

    id: Text
    title: Text
    measurement: Text
    statistic: Literal["value", "speed_ratio"] = "value"
    peer: Text | None = None
    operator: Literal["<=", ">="]
    threshold: FiniteFloat
    unit: Text
    evidence: Evidence
    max_age_days: PositiveFloat
    citation: Text
    status: Literal["published", "provisional"]
    prediction: FiniteFloat | None = None
    critical: bool = False
    needs: str = ""

    @model_validator(mode="after")
    def _peer_belongs_to_speed(self) -> "Criterion":
        if (self.statistic == "speed_ratio") != (self.peer is not None):
            raise ValueError(
                "peer must be given with the statistic speed_ratio and only there"
            )
        return self


class Level(Strict):
    """The criteria of one technology readiness level."""

    title: Text
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class Policy(Strict):
    """All levels of one domain and the rules of recommendation."""

    domain: Text
    title: Text
    target: TrlNumber = 3
    stop_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5
    levels: Annotated[dict[TrlNumber, Level], Field(min_length=1)]

    @model_validator(mode="after")
    def _levels_leave_no_gap(self) -> "Policy":
        given = sorted(self.levels)
        if given != list(range(1, len(given) + 1)):
            raise ValueError(f"levels must run from 1 without a gap, got {given}")
        if self.target > given[-1]:
            raise ValueError(
                f"target must be a listed level (1 to {given[-1]}), got {self.target}"
            )
        return self

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Policy":
        seen: set[str] = set()
        for criterion in self.criteria():
            if criterion.id in seen:
                raise ValueError(f"id must be unique, got {criterion.id!r} twice")
            seen.add(criterion.id)
        return self

    def criteria(self, up_to: int = 9) -> tuple[Criterion, ...]:
        """Return the criteria of the levels 1 to ``up_to``, lowest level first."""
        return tuple(
            criterion
            for number in sorted(self.levels)
            if number <= up_to
            for criterion in self.levels[number].criteria
        )


def load_policy(path: str | os.PathLike[str]) -> Policy:
    """Return the policy in the YAML file ``path``.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where it breaks the schema; the sentence names file, key and remedy.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{file} cannot be read as a policy ({_reason(error)}); "
            "give the path of a YAML file in UTF-8."
        ) from error
    try:
        content = yaml.load(text, Loader=_NoRepeats)  # a SafeLoader
    except yaml.YAMLError as error:
        raise InvalidValue(f"{file}{_yaml_reason(error)}.") from error
    if not isinstance(content, dict):
        raise InvalidValue(
            f"{file} must hold a mapping with the keys {_keys(Policy)}; "
            f"got {type(content).__name__}."
        )
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise InvalidValue(f"{file}: {_schema_reason(error)}") from error


class _NoRepeats(yaml.SafeLoader):
    """Refuse a key that is given twice; YAML would drop the first in silence."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is given twice",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _yaml_reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f", line {mark.line + 1}"
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{where}: not valid YAML ({problem}); quote texts that hold a colon"


def _schema_reason(error: ValidationError) -> str:
    found = error.errors()
    misspelt = (one for one in found if one["type"] == "extra_forbidden")
    first = next(misspelt, found[0])
    path = ".".join(str(part) for part in first["loc"]) or "policy"
    models: dict[int, type[Strict]] = {1: Policy, 3: Level, 5: Criterion}
    model = models.get(len(first["loc"]), Criterion)
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        hint = checks.suggestion(key, model.model_fields)
        return f"the key {path} is unknown;{hint} known keys: {_keys(model)}."
    if first["type"] == "missing":
        return f"the key {path} is missing; add it."
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if isinstance(first["input"], dict):  # a rule between several keys
        return f"{path}: {message}."
    allowed = re.findall(r"'([^']+)'", first.get("ctx", {}).get("expected", ""))
    hint = checks.suggestion(str(first["input"]), allowed)
    return f"{path}: {message}, got {first['input']!r:.60}.{hint}"


def _keys(model: type[Strict]) -> str:
    return ", ".join(model.model_fields)
