"""Columns of numbers from the files that laboratories write."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qleap.core.delimited import decode, parse_text
from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing.readers.contents import Contents, Item
from qleap.sensing.readers.formats import TEXT, format_of, read_contents, unreadable

__all__ = ["Table", "close_gaps", "read_table", "row_text"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Named columns of equal length.

    Parameters
    ----------
    names : tuple of str
        Empty strings where the file has no names.
    columns : ndarray, shape (n_columns, n_rows)
    rows : ndarray of int, shape (n_rows,)
        Where each row stands in the file: lines of a text count from 1, indices of
        an array from 0.
    header : dict
        ``key: value`` lines of a header; single values and attributes of a file of
        arrays.
    roles : dict
        Columns of ``"x"``, ``"signal"`` and ``"error"`` where the file says them.
    refused : dict
        Arrays that could not be used, and why.
    """

    names: tuple[str, ...]
    columns: NDArray[np.float64]
    rows: NDArray[np.int64]
    header: dict[str, str] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def read_table(
    path: str | os.PathLike[str],
    *,
    x: re.Pattern[str] | None = None,
    columns: Sequence[int | str] | None = None,
) -> Table:
    """Return the columns in a text, NumPy, MATLAB, NetCDF, NeXus or HDF5 file.

    Parameters
    ----------
    path : path
    x : re.Pattern, optional
        What the first column is probably called: tells arrays of the trace from
        others of another length.
    columns : sequence of int or str, optional
        Names that must be among the columns.

    Raises
    ------
    StorageError
        Where the file cannot be read or holds no table.
    """
    file = Path(path)
    kind = format_of(file)
    if kind != TEXT:
        return _from_contents(read_contents(file, kind), file, x, columns)
    try:
        text = decode(file.read_bytes())[0].lstrip("\ufeff").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(file, error) from error
    found = parse_text(text.replace("\r", "\n"), file)
    return Table(
        names=found.names, columns=found.columns, rows=found.rows, header=found.header
    )


def _from_contents(
    contents: Contents,
    file: Path,
    x: re.Pattern[str] | None,
    columns: Sequence[int | str] | None,
) -> Table:
    """Take arrays of one length; a lone table counts as its columns."""
    wanted = [c for c in columns or () if isinstance(c, str) and not c.isdigit()]
    for name in wanted:
        if name in contents.refused:
            raise StorageError(f"{file}: {name!r} is {contents.refused[name]}.")
    roles = {item.role: item for item in contents.items if item.role}
    lists = [item for item in contents.items if len(item.shape) == 1]
    if {"x", "signal"} <= set(roles) and roles["signal"] in lists and not wanted:
        return _named(contents, lists, roles, roles["signal"])
    groups: dict[int, list[Item]] = {}
    for item in lists:
        groups.setdefault(item.shape[0], []).append(item)
    fitting = [group for size, group in groups.items() if len(group) > 1 and size > 1]
    if not fitting:
        return _lone_table(contents, file)

    def rank(group: list[Item]) -> tuple[bool, bool, int]:
        asked = any(item.label == w or item.name == w for item in group for w in wanted)
        known = x is not None and any(x.search(item.label) for item in group)
        return asked, known, group[0].shape[0]

    best = max(fitting, key=rank)
    return _named(contents, best, roles, best[0])


def _named(
    contents: Contents, items: list[Item], roles: dict[str, Item], like: Item
) -> Table:
    """Return the items of one length as a table."""
    same = [item for item in items if item.shape == like.shape]
    where = {role: same.index(item) for role, item in roles.items() if item in same}
    return Table(
        names=tuple(item.label for item in same),
        columns=np.array([item.read() for item in same]),
        rows=np.arange(like.shape[0]),
        header=contents.header,
        roles=where,
        refused=contents.refused,
    )


def _lone_table(contents: Contents, file: Path) -> Table:
    """Return the columns of the only array of two dimensions."""
    tables = [i for i in contents.items if len(i.shape) == 2 and min(i.shape) > 1]
    if len(tables) != 1:
        raise contents.refuse(
            file, "arrays of equal length, or one table of two or more columns"
        )
    array = tables[0].read()
    columns = array if array.shape[0] <= array.shape[1] else array.T
    return Table(
        names=("",) * len(columns),
        columns=columns,
        rows=np.arange(columns.shape[1]),
        header=contents.header,
        refused=contents.refused,
    )


def row_text(table: Table, k: int) -> str:
    """Return where a row stands in the file, for an error."""
    number = int(table.rows[k])
    return f"row {number}" if table.rows[0] == 0 else f"line {number}"


def close_gaps(
    table: Table, chosen: Sequence[int], file: Path, missing: str, notes: list[str]
) -> Table:
    """Return the table without rows in which a value is missing, or refuse them.

    Parameters
    ----------
    table : Table
    chosen : sequence of int
        Columns that count.
    file : Path
        For errors.
    missing : str
        ``"raise"`` or ``"drop"``.
    notes : list of str
        Takes how many rows were dropped.
    """
    gaps = ~np.isfinite(table.columns[list(chosen)])
    rows = np.flatnonzero(gaps.any(axis=0))
    if rows.size == 0:
        return table
    share = f"{rows.size} of {table.rows.size} rows"
    where = row_text(table, int(rows[0]))
    if missing == "drop" and rows.size < table.rows.size:
        notes.append(f"{share} have missing values and were left out, first {where}")
        kept = np.delete(np.arange(table.rows.size), rows)
        return replace(table, columns=table.columns[:, kept], rows=table.rows[kept])
    k = chosen[int(np.argmax(gaps[:, rows[0]]))]
    name = table.names[k]
    way = (
        "check the columns"
        if missing == "drop"
        else ("remove these rows, or leave them out (missing='drop', --missing drop)")
    )
    raise InvalidValue(
        f"{file}, {where}: {repr(name) if name else f'column {k}'} must be finite, got "
        f"{table.columns[k, rows[0]]} ({share}); {way}."
    )
