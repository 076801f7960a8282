"""Put what a laboratory or a live device measured under the criteria of a policy."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from qleap.bench.cases import Measured
from qleap.bench.filing.filed_values import Filed, filed_values, moment
from qleap.bench.filing.tables import Table, read_table, table_from
from qleap.bench.filing.targets import Target, find_targets
from qleap.bench.filing.units import factor_between, scaled
from qleap.bench.judging.evidence import Evidence
from qleap.bench.judging.policy import Policy
from qleap.bench.trail.chain import canonical
from qleap.bench.trail.journal import Journal, Record
from qleap.core.errors import InvalidValue

__all__ = ["Filing", "Origin", "prepare", "recomputed", "refuse_repeat", "store"]

SMALL = 65536
"""Bytes of canonical JSON up to which the table itself is kept in the trail."""

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where measured data come from.

    Parameters
    ----------
    evidence : str
        What they rest on; see `qleap.bench.judging.evidence`.
    instrument, site : str
        With what and where they were measured.
    device : str or None
        What was measured, by the name that `gate --device` uses.
    measured_on : str or None
        Date or time, where the table has no column ``measured``.
    doi, citation : str
        Where they are published.
    operator, orcid : str
        Who measured.
    """

    evidence: Evidence
    instrument: str
    site: str
    device: str | None = None
    measured_on: str | None = None
    doi: str = ""
    citation: str = ""
    operator: str = ""
    orcid: str = ""

    def __post_init__(self) -> None:
        for name in ("instrument", "site"):
            if not getattr(self, name).strip():
                raise InvalidValue(
                    f"{name} must not be empty: say what measured where."
                )
        if self.doi and not _DOI.fullmatch(self.doi):
            raise InvalidValue(
                f"doi must read 10.NNNN/..., without an address before it, got "
                f"{self.doi!r:.60}."
            )
        if self.orcid and not _is_orcid(self.orcid):
            raise InvalidValue(
                f"orcid must be four groups of four digits whose last is their check, "
                f"such as 0000-0002-1825-0097, got {self.orcid!r:.40}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Filing:
    """A file that was found good, ready to be stored.

    Parameters
    ----------
    suite : str
    table : Table
    source : dict
        Payload of the record that keeps the file: hash, origin, and its rows where
        it is small.
    records : tuple of (str, dict)
        Case and payload of each value.
    """

    suite: str
    table: Table
    source: dict[str, Any]
    records: tuple[tuple[str, dict[str, Any]], ...]


def prepare(
    suite: str,
    path: str | os.PathLike[str],
    origin: Origin,
    *,
    policies: Sequence[Policy],
    now: datetime,
    statistic: str | None = None,
    unit: str | None = None,
    folder: Path | None = None,
) -> Filing:
    """Read a file of measured values and check every row; nothing is stored.

    Parameters
    ----------
    suite : str
        Beginning of the names of its cases: a domain, or ``domain.topic``.
    path : path
        See `qleap.bench.filing.tables` and `qleap.bench.filing.filed_values`.
    origin : Origin
    policies : sequence of Policy
        Whose criteria may be named, and know the units.
    now : datetime
        Aware; no measurement is younger.
    statistic, unit : str, optional
        See `filed_values`.
    folder : Path, optional
        The benchmarks; by default those of the package.

    Raises
    ------
    StorageError, InvalidValue
        At the first row that breaks a rule, with its line and column.
    """
    table = read_table(Path(path))
    values = filed_values(table, statistic, unit)
    names = [one.name for one in values]
    targets = find_targets(suite, names, policies, folder)
    _no_repeats(values, targets)
    source = _source(table, origin, values, targets, statistic, unit)
    records = tuple(
        _record(one, targets[one.name], source, origin, now) for one in values
    )
    return Filing(suite=suite, table=table, source=source, records=records)


def refuse_repeat(journal: Journal, filing: Filing) -> None:
    """Refuse a file that was stored for the same device before.

    Raises
    ------
    InvalidValue
        With the day and the run.
    """
    _refuse_repeat(journal.records(), filing)


def _refuse_repeat(records: Iterable[Record], filing: Filing) -> None:
    for one in records:
        held = one.payload
        if (
            held.get("kind") == "source"
            and held["sha256"] == filing.table.sha256
            and held.get("device") == filing.source.get("device")
        ):
            raise InvalidValue(
                f"{filing.table.file} was stored on {one.created:%Y-%m-%d} for the "
                f"same device (run {one.run_id[:8]}); --again stores it once more."
            )


def store(journal: Journal, filing: Filing, *, again: bool = False) -> str:
    """Store all values of a file in one run, or none, and return the run's id.

    Raises
    ------
    InvalidValue
        Where the file is stored already, perhaps a moment ago, unless ``again``.
    """
    from qleap.bench.fingerprint import fingerprint

    device = filing.source.get("device")
    words = ("filed", filing.suite, f"on {device}" if device else "")
    kept = (f"source.{filing.table.sha256[:12]}", filing.source)
    profile = " ".join(filter(None, words))
    return journal.store(
        profile,
        fingerprint(),
        [kept, *filing.records],
        check=None if again else lambda records: _refuse_repeat(records, filing),
    )


def recomputed(source: dict[str, Any]) -> dict[str, Measured]:
    """Return the values by case once more, from the table that the trail keeps.

    Parameters
    ----------
    source : dict
        Payload of a record of the kind ``source``, with its table.
    """
    values = filed_values(table_from(source), source["statistic"], source["unit"])
    return {
        source["cases"][one.name]["name"]: _converted(
            one, source["cases"][one.name]["unit"]
        )
        for one in values
    }


def _source(
    table: Table,
    origin: Origin,
    values: Sequence[Filed],
    targets: dict[str, Target],
    statistic: str | None,
    unit: str | None,
) -> dict[str, Any]:
    plain = table.plain()
    payload = {
        "kind": "source",
        "title": f"measured values in {table.file}",
        "evidence": origin.evidence,
        "citation": _citation(origin),
        "file": table.file,
        "size": table.size,
        "sha256": table.sha256,
        "instrument": origin.instrument,
        "site": origin.site,
        "doi": origin.doi,
        "operator": origin.operator,
        "orcid": origin.orcid,
        "statistic": statistic,
        "unit": unit,
        "cases": {
            one.name: {"name": targets[one.name].name, "unit": targets[one.name].unit}
            for one in values
        },
        "table": plain if len(canonical(plain).encode()) <= SMALL else None,
    }
    return payload if origin.device is None else payload | {"device": origin.device}


def _record(
    filed: Filed,
    target: Target,
    source: dict[str, Any],
    origin: Origin,
    now: datetime,
) -> tuple[str, dict[str, Any]]:
    stamps = filed.at or filter(None, [origin.measured_on])
    moments = [moment(one, filed.where, now) for one in stamps]
    if not moments:
        raise InvalidValue(
            f"{filed.where}: must say when it was measured, in a column measured or by "
            "--measured-on; the age of evidence counts from there."
        )
    if filed.unit is None:
        some = "1, %, ppm"
        if target.unit != "1":
            some = f"{target.unit} or one that converts to it"
        raise InvalidValue(f"{filed.where}: must name its unit ({some}).")
    found = _converted(filed, target.unit)
    prediction = filed.prediction
    if prediction is not None:
        factor = factor_between(filed.unit or target.unit, target.unit)
        prediction = scaled(prediction, factor)
    kept = ("file", "sha256", "size", "instrument", "site", "doi", "operator", "orcid")
    payload = {
        "kind": "accuracy",
        "title": target.title,
        "evidence": origin.evidence,
        "citation": source["citation"],
        "unit": target.unit,
        "reference": target.reference,
        "prediction": prediction,
        "status": "measured",
        "reason": "",
        "value": found.value,
        "low": found.low,
        "high": found.high,
        # The oldest sample counts, so that nothing looks younger than it is.
        "measured_at": min(moments, key=datetime.fromisoformat),
        "source": {key: source[key] for key in kept}
        | {
            "where": filed.where,
            "interval": filed.interval,
            "unit": filed.unit or target.unit,
        },
    }
    if origin.device is not None:
        payload["device"] = origin.device
    return target.name, payload


def _converted(filed: Filed, unit: str) -> Measured:
    try:
        # Trails hold bare numbers from when these had to name no unit.
        factor = factor_between(filed.unit or "1", unit)
    except InvalidValue as error:
        raise InvalidValue(f"{filed.where}: {error}") from error
    value, low, high = filed.measured.value, filed.measured.low, filed.measured.high
    return Measured(
        value=scaled(value, factor),
        low=None if low is None else scaled(low, factor),
        high=None if high is None else scaled(high, factor),
    )


def _no_repeats(values: Sequence[Filed], targets: dict[str, Target]) -> None:
    """Refuse two values of one case in one file: which is meant cannot be told."""
    seen: dict[str, Filed] = {}
    for one in values:
        name = targets[one.name].name
        if name in seen:
            raise InvalidValue(
                f"{one.where}: {name} is in {seen[name].where} already; file repeated "
                "samples as a column with --statistic."
            )
        seen[name] = one


def _citation(origin: Origin) -> str:
    doi = f"doi:{origin.doi}" if origin.doi else ""
    return ", ".join(filter(None, (origin.citation, doi)))


def _is_orcid(text: str) -> bool:
    """Return whether the last digit is the check of the others (ISO 7064, 11-2)."""
    if not _ORCID.fullmatch(text):
        return False
    digits = text.replace("-", "")
    total = 0
    for one in digits[:-1]:
        total = 2 * (total + int(one))
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]
