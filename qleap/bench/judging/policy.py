"""The rules of a stage gate: a YAML file with criteria for each TRL.

One file a domain, ``benchmarks/policies/<domain>.yaml``::

    domain: sensing
    title: Quantum sensing with NV centres
    title_ja: NVセンターによる量子計測      # optional, for --lang ja; so has each level
                                  # and each criterion
    kind: readiness               # or library: what a program must show
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
                                  # of `peer`, or of the fastest of `peers`
            operator: "<="
            threshold: 1e-9
            unit: "1"
            evidence: analytic    # the weakest kind that counts
            max_age_days: 90
            citation: "Doherty et al., Phys. Rep. 528, 1 (2013), doi:10.1016/..."
            status: published     # or provisional: a threshold of our own
"""

import os
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveFloat, model_validator

from qleap.bench.judging.evidence import Evidence
from qleap.bench.trail.chain import canonical, digest
from qleap.core.documents import Document, load_yaml

__all__ = ["Criterion", "Level", "Policy", "load_policy"]

Text = Annotated[str, Field(min_length=1)]
TrlNumber = Annotated[int, Field(ge=1, le=9)]


class Criterion(Document):
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
        Name of the peer; ``speed_ratio`` needs it or ``peers``, nothing else does.
    peers : tuple of str
        Names of several: the fastest counts, and all must have been measured in
        one run.
    aim : float or None
        What is hoped for beyond the threshold; it is reported and decides nothing.
    evidence : str
        The weakest kind that counts.
    prediction : float or None
        Expected value where the case itself does not state one.
    critical : bool
        Whether its failing alone recommends to stop.
    needs : str
        What would provide the evidence, for the report.
    title_ja : str
        The title in Japanese; without one, reports in Japanese show ``title``.
    """

    id: Text
    title: Text
    measurement: Text
    statistic: Literal["value", "speed_ratio"] = "value"
    peer: Text | None = None
    peers: tuple[Text, ...] = ()
    operator: Literal["<=", ">="]
    threshold: FiniteFloat
    aim: FiniteFloat | None = None
    unit: Text
    evidence: Evidence
    max_age_days: PositiveFloat
    citation: Text
    status: Literal["published", "provisional"]
    prediction: FiniteFloat | None = None
    critical: bool = False
    needs: str = ""
    title_ja: str = ""

    @model_validator(mode="after")
    def _peer_belongs_to_speed(self) -> "Criterion":
        given = (self.peer is not None) + bool(self.peers)
        if given != (self.statistic == "speed_ratio"):
            raise ValueError(
                "peer or peers must be given with the statistic speed_ratio and only "
                "there"
            )
        return self

    @property
    def rivals(self) -> tuple[str, ...]:
        """Return the peers beside which speed is judged; none for a value."""
        return self.peers if self.peer is None else (self.peer,)


class Level(Document):
    """The criteria of one technology readiness level."""

    title: Text
    title_ja: str = ""
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class Policy(Document):
    """All levels of one domain and the rules of recommendation.

    Parameters
    ----------
    domain : str
        What is judged, unique among the policies.
    kind : str
        ``readiness`` of a technology, level by level; or ``library``: what a program
        must show, whose many criteria say nothing of a device.
    """

    domain: Text
    title: Text
    title_ja: str = ""
    target: TrlNumber = 3
    stop_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5
    kind: Literal["readiness", "library"] = "readiness"
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

    def sha256(self) -> str:
        """Return the hash of its content, whatever the file's layout."""
        return digest(canonical(self.model_dump(mode="json")))

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
    return load_yaml(path, Policy)
