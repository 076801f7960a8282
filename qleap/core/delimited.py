"""Delimited text: header, names and rows of numbers."""

import ast
import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import StorageError

__all__ = ["TextTable", "decode", "parse_text"]

COMMENTS = "#%!;"

_ENTRY = re.compile(r"([^:=]+?)\s*[:=]\s*([^=].*)")
"""``key: value`` of qudi and many others, ``key=value`` of later versions of qudi."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """What stands in a text file.

    Parameters
    ----------
    names : tuple of str
        Empty strings where the file has no names.
    columns : ndarray, shape (n_columns, n_rows)
    rows : ndarray of int, shape (n_rows,)
        Line of each row, from 1.
    header : dict
    """

    names: tuple[str, ...]
    columns: NDArray[np.float64]
    rows: NDArray[np.int64]
    header: dict[str, str] = field(default_factory=dict)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8, UTF-16 with a mark, or Windows'."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16"), "utf-16"
    signed = content.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-8-sig" if signed else "utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def parse_text(text: str, file: Path) -> TextTable:
    """Return the table in a text; the last line of words before the numbers names it.

    Raises
    ------
    StorageError
        Where there are no rows, or a row is not like the first; with its line.
    """
    names: list[str] = []
    header: dict[str, str] = {}
    values: list[list[float]] = []
    rows: list[int] = []
    delimiter: str | None = None
    last = ""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        comment = bare[:1] in COMMENTS and bare != ""
        bare = bare.lstrip(COMMENTS).strip()
        if not bare:
            continue
        numbers = None if comment else _numbers(_split(bare, delimiter))
        if numbers is None and values and not comment:
            raise StorageError(
                f"{file}, line {number}: a row must hold numbers, got {bare[:40]!r}; "
                "mend or remove the line."
            )
        if numbers is None:
            last = bare
            if not values:
                names = _split(re.sub(r"\s+(?=[(\[])", "", bare), None)
                entry = _ENTRY.fullmatch(bare)
                header.update({entry[1].strip(): entry[2].strip()} if entry else {})
            continue
        if not values:
            delimiter = _delimiter(bare)
            numbers = _numbers(_split(bare, delimiter)) or numbers
        elif len(numbers) != len(values[0]):
            raise StorageError(
                f"{file}, line {number}: a row must have {len(values[0])} columns as "
                f"the first one, got {len(numbers)}; mend or remove the line."
            )
        values.append(numbers)
        rows.append(number)
    if not values:
        said = f"; its last line is {last[:60]!r}" if last else ""
        raise StorageError(f"{file} must hold rows of numbers, but has none{said}.")
    columns = np.array(values).T
    names = _qudi_names(header) or names
    named = len(names) == len(columns) and bool(names[-1])
    if len(columns) > 1 and not named and np.all(np.isnan(columns[-1])):
        # delimiters at the end
        columns, names = columns[:-1], names[: len(columns) - 1]
    fitting = names if len(names) == len(columns) else [""] * len(columns)
    return TextTable(
        names=tuple(fitting), columns=columns, rows=np.array(rows), header=header
    )


def _qudi_names(header: dict[str, str]) -> list[str]:
    """Return the names that later versions of qudi keep in the header."""
    try:
        given = ast.literal_eval(header.get("column_headers", "''"))
    except (ValueError, SyntaxError):
        return []
    return given.split(";;") if given and isinstance(given, str) else []


def _delimiter(line: str) -> str | None:
    """Return what separates the fields of ``line``; None is white space."""
    return next((mark for mark in ("\t", ";", ",") if mark in line), None)


def _split(line: str, delimiter: str | None) -> list[str]:
    mark = _delimiter(line) if delimiter is None else delimiter
    fields = line.split(mark) if mark else line.split()
    if mark == ";":  # decimal commas
        fields = [
            re.sub(r"^([-+]?\d+),(\d)", r"\1.\2", part.strip()) for part in fields
        ]
    return [part.strip().strip("\"'") for part in fields]


def _numbers(fields: list[str]) -> list[float] | None:
    try:
        return [float(part) if part else np.nan for part in fields]
    except ValueError:
        return None
