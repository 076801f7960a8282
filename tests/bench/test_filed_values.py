"""Tables of laboratories: cells, intervals and samples, each wrong one named."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from qleap.bench.filing.filed_values import filed_values, moment
from qleap.bench.filing.tables import Table, read_table, table_from
from qleap.core.errors import InvalidValue, StorageError

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def table(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(text: str, name: str = "measured.csv", encoding: str = "utf-8") -> Table:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_table(path)

    return make


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.csv", "name,value,low,high\r\na.b.c,1.5,1.4,1.7\r\n", "utf-8"),
        ("a.csv", "# lab\nname;value;low;high\n\na.b.c;1,5;1,4;1,7\n", "utf-16"),
        ("a.tsv", "name\tvalue\tlow\thigh\na.b.c\t1.5\t1.4\t1.7", "utf-8-sig"),
        (
            "a.json",
            '[{"name": "a.b.c", "value": 1.5, "low": 1.4, "high": 1.7}]',
            "utf-8",
        ),
    ],
)
def test_all_kinds_of_files_say_the_same(  # type: ignore[no-untyped-def]
    table, name: str, text: str, encoding: str
) -> None:
    found = table(text, name, encoding)
    (one,) = filed_values(found, None, None)
    assert (one.name, one.measured.value) == ("a.b.c", 1.5)
    assert (one.measured.low, one.measured.high) == (1.4, 1.7)
    stored = found.plain()
    facts = {"file": found.file, "size": found.size, "sha256": found.sha256}
    assert table_from(facts | {"table": stored}) == found


@pytest.mark.parametrize(
    ("columns", "cells", "half"),
    [
        ("uncertainty,k", "0.1,1", 0.1 * stats.norm.ppf(0.995)),
        ("uncertainty,k", "0.2,2", 0.1 * stats.norm.ppf(0.995)),
        ("uncertainty,coverage", "0.1,0.99", 0.1),
        (
            "uncertainty,coverage",
            "0.1,0.95",
            0.1 * stats.norm.ppf(0.995) / stats.norm.ppf(0.975),
        ),
        ("uncertainty,k,dof", "0.1,1,4", 0.1 * stats.t.ppf(0.995, 4)),
        (
            "uncertainty,coverage,dof",
            "0.1,0.95,4",
            0.1 * stats.t.ppf(0.995, 4) / stats.t.ppf(0.975, 4),
        ),
        ("uncertainty", "0", 0.0),
        (
            "low,high,coverage",
            "1.9,2.1,0.6827",
            0.1 * stats.norm.ppf(0.995) / stats.norm.ppf(0.84135),
        ),
        ("low,high,coverage", "1.9,2.1,", 0.1),
    ],
)
def test_uncertainty_becomes_a_99_per_cent_interval(  # type: ignore[no-untyped-def]
    table, columns: str, cells: str, half: float
) -> None:
    text = f"name,value,{columns}\na.b.c,2.0,{cells}\n"
    (one,) = filed_values(table(text), None, None)
    assert one.measured.low == pytest.approx(2.0 - half, rel=1e-12)
    assert one.measured.high == pytest.approx(2.0 + half, rel=1e-12)


def test_mean_of_samples_has_the_interval_of_student(  # type: ignore[no-untyped-def]
    table, rng: np.random.Generator
) -> None:
    samples = rng.normal(68.0, 5.0, size=8)
    rows = "\n".join(f"{one!r},{k}" for k, one in enumerate(samples.tolist()))
    text = f"a.b.c [us],note\n{rows}\n,empty\n"
    (one,) = filed_values(table(text), "mean", None)
    assert (one.name, one.unit) == ("a.b.c", "us")
    expected = stats.t.interval(0.99, 7, samples.mean(), stats.sem(samples))
    assert one.measured.value == pytest.approx(samples.mean(), rel=1e-12)
    assert (one.measured.low, one.measured.high) == pytest.approx(expected, rel=1e-9)


def test_median_of_samples_lies_between_order_statistics(  # type: ignore[no-untyped-def]
    table, rng: np.random.Generator
) -> None:
    samples = rng.lognormal(size=(12, 2))
    rows = "\n".join(f"{a!r},{b!r}" for a, b in samples.tolist())
    found = filed_values(table(f"a.b.c,a.b.d\n{rows}\n"), "median", "s")
    assert [one.name for one in found] == ["a.b.c", "a.b.d"]
    for one, column in zip(found, samples.T, strict=True):
        assert one.measured.value == np.median(column)
        assert one.measured.low is not None
        assert one.measured.low <= np.sort(column)[1]
        assert one.unit == "s"


@pytest.mark.parametrize(
    ("text", "statistic", "said"),
    [
        ("", None, "must begin with the names of its columns"),
        ("name,value\n", None, "must hold a row of values"),
        ("name,value,value\na,1,2\n", None, "must be unique, got 'value' twice"),
        ("name,value,\na,1,2\n", None, "must be unique, got an empty one"),
        ("name,value\na.b.c,1,2\n", None, "line 2: a row must have 2 cells"),
        ('name,value\n"a.b.c,1\n', None, "line 2: quotes must be closed"),
        ("name,value,uncertanty\na.b.c,1,2\n", None, "did you mean 'uncertainty'"),
        ("case,value\na.b.c,1\n", None, "unknown key 'case'"),
        ("value,low,high\n1,1,1\n", None, "must have a column name"),
        ("name,value,low,high\n,1,1,1\n", None, "line 2, name: must name a case"),
        ("name,value,low,high\na.b.c,,1,1\n", None, "line 2, value: must be a number"),
        ("name,value,low,high\na.b.c,1,x,1\n", None, "low: must be a number, got 'x'"),
        ("name,value,low,high\na.b.c,inf,1,1\n", None, "value: must be finite"),
        ("name,value,low,high\na.b.c,1,2,3\n", None, "low <= value <= high must hold"),
        ("name,value,low\na.b.c,1,1\n", None, "must have low and high"),
        ("name,value\na.b.c,1\n", None, "must have low and high"),
        ("name,value,uncertainty\na.b.c,1,1\n", None, "needs k .* or coverage"),
        ("name,value,uncertainty,k\na.b.c,1,-1,1\n", None, "must be >= 0, got -1"),
        ("name,value,uncertainty,k\na.b.c,1,1,0\n", None, "k: must be > 0"),
        (
            "name,value,uncertainty,coverage\na.b.c,1,1,95\n",
            None,
            "coverage: must lie between 0 and 1, got 95",
        ),
        (
            "name,value,uncertainty,k,dof\na.b.c,1,1,1,0\n",
            None,
            "dof: must be >= 1, got 0",
        ),
        (
            "name,value,low,uncertainty\na.b.c,1,1,1\n",
            None,
            "give low and high, or uncertainty, not both",
        ),
        (
            "name,value,uncertainty,coverage\na.b.c,1,1,1e-300\n",
            None,
            "coverage: must be at least 0.01, got 1e-300",
        ),
        (
            "name,value,low,high,k\na.b.c,1,0.9,1.1,1\n",
            None,
            "line 2, k: belongs to an uncertainty",
        ),
        (
            "name,value,low,high,dof\na.b.c,1,0.9,1.1,2\n",
            None,
            "line 2, dof: needs coverage",
        ),
        ("name,value,low,high\na.b.c,1,1,1\n", "mean", "--statistic belongs"),
        ("a.b.c\n1\n2\n3\n", None, "has no column value"),
        ("a.b.c\n1\n2\n", "mean", "at least 3 samples, got 2"),
        ("a.b.c\n1\n2\n3\n", "median", "at least 10 samples, got 3"),
        ("a.b.c\n1\n2\n3\n", "mode", "statistic must be one of mean, median"),
        ("a.b c x\n1\n2\n3\n", "mean", "must read `case` or"),
        ("note\nx\n", "mean", "must have a column of samples"),
        ("a.b.c\n1\ntwo\n3\n", "mean", "line 3, a.b.c: must be a number, got 'two'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(  # type: ignore[no-untyped-def]
    table, text: str, statistic: str | None, said: str
) -> None:
    with pytest.raises(InvalidValue, match=said):
        filed_values(table(text), statistic, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("{}", "must hold a list of objects"),
        ('[{"name": ["a"]}]', "row 1, name: must be a number or a text"),
        ('[{"value": 8, "value": 80}]', "must not name a key twice, got 'value'"),
        ('[{"value": true}]', "row 1, value: must be a number or a text"),
    ],
)
def test_json_that_is_no_table_is_refused(table, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=said):
        table(text, "a.json")


def test_file_that_never_ends_is_read_no_further_than_a_table_may_be() -> None:
    with pytest.raises(InvalidValue, match="at most 20 MB"):
        read_table(Path("/dev/zero"))


def test_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.csv cannot be read"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-31", "2026-03-31T00:00:00+00:00"),
        ("2026-03-31T14:00+09:00", "2026-03-31T05:00:00+00:00"),
        ("2026-03-31 14:00", "2026-03-31T14:00:00+00:00"),
        # A date in Japan, where it began before it did in UTC.
        ("2026-11-27", "2026-11-26T12:00:00+00:00"),
    ],
)
def test_moments_are_aware_and_past(text: str, expected: str) -> None:
    assert moment(text, "x", NOW) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-28", "must not lie in the future"),
        ("2026-11-26T12:00:01+00:00", "must not lie in the future"),
        ("31.3.2026", "must be a date or time"),
        ("0001-01-01T00:00+14:00", "must be a date or time"),
    ],
)
def test_moments_that_cannot_be_are_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        moment(text, "x", NOW)
