"""From the cells of a table to values with 99 % intervals."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from typing import Final

import numpy as np

from qleap.bench.cases import Measured
from qleap.bench.filing.tables import Row, Table
from qleap.bench.racing.statistics import CONFIDENCE, MIN_PAIRS, median_interval
from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["STATISTICS", "Filed", "filed_values", "moment"]

STATISTICS: Final = ("mean", "median")

COLUMNS: Final = (
    *("name", "value", "low", "high", "uncertainty", "k", "coverage", "dof"),
    *("unit", "prediction", "measured", "note"),
)
BESIDE_SAMPLES: Final = ("measured", "note")
"""Columns that are not samples of a case."""

FEWEST: Final = {"mean": 3, "median": MIN_PAIRS}

LEAST_COVERAGE: Final = 0.01
"""From less an interval is not widened: it would grow without bound."""

DATE_LEEWAY = timedelta(hours=14)
"""A date begins so much earlier in the easternmost time zone than in UTC."""

_HEADED = re.compile(r"(\S+)\s*(?:\[([^\]]*)\])?")
"""``case [unit]``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filed:
    """One measured value as a file gives it, in the file's unit.

    Parameters
    ----------
    name : str
        Case, or id of a criterion, as written.
    where : str
        File, line and column, for sentences.
    measured : Measured
        With its 99 % interval.
    interval : str
        How the interval came about.
    unit : str or None
        As written; None where it is not.
    prediction : float or None
    at : tuple of str
        When it was measured, for each sample; empty where the file does not say.
    """

    name: str
    where: str
    measured: Measured
    interval: str
    unit: str | None
    prediction: float | None
    at: tuple[str, ...]


def filed_values(table: Table, statistic: str | None, unit: str | None) -> list[Filed]:
    """Return the values in a table: one a row, or one a column of repeated samples.

    Parameters
    ----------
    table : Table
    statistic : str or None
        ``mean`` or ``median`` of samples; a table with one row a case has none.
    unit : str or None
        Of values whose row or column names none.

    Raises
    ------
    InvalidValue
        At the first cell that breaks a rule, with line and column.
    """
    if "value" in table.columns:
        if statistic is not None:
            raise InvalidValue(
                f"{table.file} has a column value, one row a case; --statistic belongs "
                "to columns of repeated samples."
            )
        checks.known_keys(table.file, table.columns, COLUMNS)
        if "name" not in table.columns:
            raise InvalidValue(f"{table.file} must have a column name: the cases.")
        return [_from_row(table, row, unit) for row in table.rows]
    if statistic is None:
        raise InvalidValue(
            f"{table.file} has no column value. One row a case needs the columns name "
            "and value; columns of repeated samples, each named as its case, need "
            f"--statistic ({' or '.join(STATISTICS)})."
        )
    checks.one_of("statistic", statistic, STATISTICS)
    return list(_from_samples(table, statistic, unit))


def moment(text: str, where: str, now: datetime) -> str:
    """Return a date or a time in ISO form as an aware one, which is past.

    A time without a zone is UTC.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidValue(
            f"{where}: must be a date or time such as 2026-03-31 or "
            f"2026-03-31T14:00+09:00, got {text!r:.40}."
        ) from error
    is_date = len(text.strip()) <= len("2026-03-31")
    if found > now + (DATE_LEEWAY if is_date else timedelta()):
        raise InvalidValue(
            f"{where}: must not lie in the future, got {text!r:.40}; now it is "
            f"{now.isoformat(timespec='minutes')}."
        )
    return min(found, now.astimezone(UTC)).isoformat()


def _from_row(table: Table, row: Row, unit: str | None) -> Filed:
    where = f"{table.file}, line {row.line}"
    name = row.cells["name"]
    if not name:
        raise InvalidValue(f"{where}, name: must name a case or a criterion.")
    value = _number(row, "value", where)
    if value is None:
        raise InvalidValue(f"{where}, value: must be a number, got an empty cell.")
    low, high, how = _interval(row, value, where)
    prediction = _number(row, "prediction", where)
    return Filed(
        name=name,
        where=where,
        measured=Measured(value=value, low=low, high=high),
        interval=how,
        unit=row.cells.get("unit") or unit,
        prediction=prediction,
        at=_stamps([row]),
    )


def _interval(row: Row, value: float, where: str) -> tuple[float, float, str]:
    """Return the 99 % interval, from its ends or from a standard uncertainty."""
    low, high = (_number(row, name, where) for name in ("low", "high"))
    size = _number(row, "uncertainty", where)
    if size is not None and (low is not None or high is not None):
        raise InvalidValue(f"{where}: give low and high, or uncertainty, not both.")
    if size is None:
        if low is None or high is None:
            raise InvalidValue(
                f"{where}: must have low and high (99 %), or uncertainty with k or "
                "coverage; an uncertainty of 0 says that the value is exact."
            )
        if not low <= value <= high:
            raise InvalidValue(
                f"{where}: low <= value <= high must hold, got {low:g}, {value:g}, "
                f"{high:g}."
            )
        return _widened(row, (low, value, high), where)
    if size < 0.0:
        raise InvalidValue(f"{where}, uncertainty: must be >= 0, got {size:g}.")
    if size == 0.0:
        return value, value, "exact"
    factor, how = _expansion(row, where)
    return value - factor * size, value + factor * size, how


def _widened(
    row: Row, ends: tuple[float, float, float], where: str
) -> tuple[float, float, str]:
    low, value, high = ends
    if row.cells.get("k"):
        raise InvalidValue(
            f"{where}, k: belongs to an uncertainty; low and high need coverage, where "
            "they hold less than 99 %."
        )
    coverage = _number(row, "coverage", where)
    if coverage is None and row.cells.get("dof"):
        raise InvalidValue(
            f"{where}, dof: needs coverage, which low and high are widened from."
        )
    if coverage in (None, CONFIDENCE):
        return low, high, "99 % interval as given"
    factor, how = _expansion(row, where)
    return value - factor * (value - low), value + factor * (high - value), how


def _expansion(row: Row, where: str) -> tuple[float, str]:
    """Return what an uncertainty is multiplied by to reach 99 % (JCGM 100:2008, G).

    With ``dof`` degrees of freedom Student's t takes the place of the normal law.
    """
    k, coverage = (_number(row, name, where) for name in ("k", "coverage"))
    dof = _number(row, "dof", where)
    if (k is None) == (coverage is None):
        raise InvalidValue(
            f"{where}: an uncertainty needs k (its coverage factor; 1 for a standard "
            "deviation of the value) or coverage (such as 0.95), and not both."
        )
    if dof is not None and dof < 1.0:
        raise InvalidValue(f"{where}, dof: must be >= 1, got {dof:g}.")
    law = "normal" if dof is None else f"t with {dof:g} degrees of freedom"
    if coverage is not None:
        if not 0.0 < coverage < 1.0:
            raise InvalidValue(
                f"{where}, coverage: must lie between 0 and 1, got {coverage:g}."
            )
        if coverage < LEAST_COVERAGE:
            raise InvalidValue(
                f"{where}, coverage: must be at least {LEAST_COVERAGE}, got "
                f"{coverage:g}; less cannot be widened to 99 %."
            )
        return (
            _quantile(CONFIDENCE, dof) / _quantile(coverage, dof),
            f"from {coverage:.6g} coverage to 99 %, {law}",
        )
    if k is None or k <= 0.0:
        raise InvalidValue(f"{where}, k: must be > 0, got {k}.")
    return _quantile(CONFIDENCE, dof) / k, f"from k = {k:g} to 99 %, {law}"


def _quantile(coverage: float, dof: float | None) -> float:
    """Return how many standard uncertainties hold ``coverage`` on both sides."""
    tail = 0.5 * (1.0 + coverage)
    if dof is None:
        return NormalDist().inv_cdf(tail)
    from scipy import stats

    return float(stats.t.ppf(tail, dof))


def _from_samples(table: Table, statistic: str, unit: str | None) -> Iterator[Filed]:
    names = [name for name in table.columns if name not in BESIDE_SAMPLES]
    if not names:
        raise InvalidValue(f"{table.file} must have a column of samples.")
    stamps = _stamps(table.rows)
    for name in names:
        headed = _HEADED.fullmatch(name)
        if headed is None:
            raise InvalidValue(
                f"{table.file}, column {name!r}: must read `case` or `case [unit]`."
            )
        numbers = (_number(row, name, f"{table.file}, line {row.line}")
                   for row in table.rows)  # fmt: skip
        samples = np.array([one for one in numbers if one is not None])
        where = f"{table.file}, column {name!r}"
        yield Filed(
            name=headed[1],
            where=where,
            measured=_estimate(samples, statistic, where),
            interval=f"{statistic} of {samples.size} samples, 99 %",
            unit=headed[2] or unit,
            prediction=None,
            at=stamps,
        )


def _stamps(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row.cells["measured"] for row in rows if row.cells.get("measured"))


def _estimate(samples: np.ndarray, statistic: str, where: str) -> Measured:
    if samples.size < FEWEST[statistic]:
        raise InvalidValue(
            f"{where}: the {statistic} with its 99 % interval needs at least "
            f"{FEWEST[statistic]} samples, got {samples.size}."
        )
    if statistic == "median":
        rng = np.random.default_rng(0)
        low, high = median_interval(samples, confidence=CONFIDENCE, rng=rng)
        return Measured(value=float(np.median(samples)), low=low, high=high)
    mean = float(np.mean(samples))
    error = float(np.std(samples, ddof=1)) / math.sqrt(samples.size)
    half = _quantile(CONFIDENCE, samples.size - 1) * error
    return Measured(value=mean, low=mean - half, high=mean + half)


def _number(row: Row, column: str, where: str) -> float | None:
    text = row.cells.get(column, "")
    if not text:
        return None
    try:
        found = float(text)
    except ValueError as error:
        raise InvalidValue(
            f"{where}, {column}: must be a number, got {text!r:.40}."
        ) from error
    if not math.isfinite(found):
        raise InvalidValue(f"{where}, {column}: must be finite, got {text}.")
    return found
