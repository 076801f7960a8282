"""Tables of measured values as laboratories keep them: CSV, TSV or JSON."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qleap.core.delimited import decode
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Row", "Table", "read_table", "table_from"]

_DECIMAL_COMMA = re.compile(r"^([-+]?\d+),(\d+(?:[eE][-+]?\d+)?)$")

LARGEST = 20_000_000
"""Bytes; a table of results is small."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: its line in the file (or place in the list, from 1), and its cells."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """What stands in a file, cells as text.

    Parameters
    ----------
    file : str
        Name without folder.
    size : int
        Bytes.
    sha256 : str
        Of the bytes.
    columns : tuple of str
    rows : tuple of Row
    """

    file: str
    size: int
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def plain(self) -> dict[str, Any]:
        """Return columns and rows as plain values, from which `table_from` reads."""
        return {
            "columns": list(self.columns),
            "lines": [row.line for row in self.rows],
            "rows": [[row.cells[name] for name in self.columns] for row in self.rows],
        }


def table_from(stored: dict[str, Any]) -> Table:
    """Return the table that a stored source holds (its file facts and `plain` rows)."""
    table = stored["table"]
    columns = tuple(table["columns"])
    rows = zip(table["lines"], table["rows"], strict=True)
    return Table(
        file=stored["file"],
        size=stored["size"],
        sha256=stored["sha256"],
        columns=columns,
        rows=tuple(
            Row(line=line, cells=dict(zip(columns, cells, strict=True)))
            for line, cells in rows
        ),
    )


def read_table(path: Path) -> Table:
    """Return the table in a file: ``.json`` holds a list of objects, others text.

    Text has the names of its columns in the first line, separated by tabs,
    semicolons or commas; empty lines and lines that begin with ``#`` are passed
    over.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where it is no table, with the line.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > LARGEST:
        raise InvalidValue(
            f"{path.name} must be a table of at most {LARGEST // 10**6} MB, but is "
            "larger; file the results, not the raw data."
        )
    text = decode(content)[0]
    json_file = path.suffix.lower() == ".json"
    read = _json_rows if json_file else _text_rows
    columns, rows = read(text, path.name)
    if not rows:
        raise InvalidValue(f"{path.name} must hold a row of values, but has none.")
    return Table(
        file=path.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        columns=columns,
        rows=tuple(rows),
    )


def _text_rows(text: str, file: str) -> tuple[tuple[str, ...], list[Row]]:
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise InvalidValue(f"{file} must begin with the names of its columns.")
    mark = next((one for one in "\t;" if one in lines[0][1]), ",")
    columns = _columns(next(csv.reader([lines[0][1]], delimiter=mark)), file)
    rows = []
    for number, line in lines[1:]:
        cells = _cells(line, mark, file, number)
        if len(cells) != len(columns):
            raise InvalidValue(
                f"{file}, line {number}: a row must have {len(columns)} cells as the "
                f"names in line {lines[0][0]}, got {len(cells)}; quote cells that hold "
                f"{mark!r}."
            )
        rows.append(Row(line=number, cells=dict(zip(columns, cells, strict=True))))
    return columns, rows


def _cells(line: str, mark: str, file: str, number: int) -> list[str]:
    try:
        (cells,) = csv.reader(io.StringIO(line), delimiter=mark, strict=True)
    except (csv.Error, ValueError) as error:
        raise InvalidValue(
            f"{file}, line {number}: quotes must be closed on the line ({error})."
        ) from error
    bare = [one.strip() for one in cells]
    # Where semicolons separate, commas are decimal.
    return [_DECIMAL_COMMA.sub(r"\1.\2", one) if mark == ";" else one for one in bare]


def _columns(names: list[str], file: str) -> tuple[str, ...]:
    columns = tuple(one.strip() for one in names)
    for name in columns:
        if not name or columns.count(name) > 1:
            what = f"{name!r} twice" if name else "an empty one"
            raise InvalidValue(f"{file}: names of columns must be unique, got {what}.")
    return columns


def _json_rows(text: str, file: str) -> tuple[tuple[str, ...], list[Row]]:
    try:
        found = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_unique,
        )
    except ValueError as error:
        raise InvalidValue(f"{file} is not valid JSON: {error}.") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InvalidValue(
            f"{file} must hold a list of objects, one a row: "
            '[{"name": "...", "value": 1.5, ...}, ...].'
        )
    columns = tuple(dict.fromkeys(key for one in found for key in one))
    return columns, list(_objects(found, columns, file))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these keys; which of two values is meant cannot be told."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"an object must not name a key twice, got {twice!r}")
    return found


def _objects(
    found: list[dict[str, Any]], columns: tuple[str, ...], file: str
) -> Iterator[Row]:
    for number, one in enumerate(found, 1):
        for key, cell in one.items():
            if not isinstance(cell, str) and cell is not None:
                raise InvalidValue(
                    f"{file}, row {number}, {key}: must be a number or a text, got "
                    f"{cell!r:.40}."
                )
        yield Row(line=number, cells={key: one.get(key) or "" for key in columns})
