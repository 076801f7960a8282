"""Columns of numbers from the files that laboratories write."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Table", "read_table"]

COMMENTS = "#%!;"
HDF5_ENDINGS = (".h5", ".hdf5", ".hdf", ".nc", ".nc4")


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
    header : mapping of str to str
        ``key: value`` lines of a commented header (as qudi writes them).
    """

    names: tuple[str, ...]
    columns: NDArray[np.float64]
    rows: NDArray[np.int64]
    header: dict[str, str] = field(default_factory=dict)


def read_table(path: str | os.PathLike[str]) -> Table:
    """Return the columns in a text, NumPy or HDF5 file.

    Raises
    ------
    StorageError
        Where the file cannot be read or holds no table.
    """
    file = Path(path)
    if not file.is_file():
        raise StorageError(f"{file} must be a file, but there is none of this name.")
    ending = file.suffix.lower()
    try:
        if ending == ".npy":
            return _from_array(np.load(file, allow_pickle=False), file)
        if ending == ".npz":
            with np.load(file, allow_pickle=False) as archive:
                return _from_named({name: archive[name] for name in archive}, file)
        if ending in HDF5_ENDINGS:
            return _from_named(_hdf5_arrays(file), file)
        return _from_text(file.read_text(encoding="utf-8-sig"), file)
    except (StorageError, InvalidValue):
        raise
    except (OSError, ValueError, EOFError, KeyError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise StorageError(
            f"{file} cannot be read as a table ({reason}); give CSV, TSV, TXT, DAT, "
            "NPY, NPZ or HDF5, and check that the file is complete."
        ) from error


def _from_text(text: str, file: Path) -> Table:
    """Parse delimited text; the last line of words before the numbers names them."""
    names: list[str] = []
    header: dict[str, str] = {}
    values: list[list[float]] = []
    rows: list[int] = []
    delimiter: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
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
            if not values:
                names = _split(re.sub(r"\s+(?=[(\[])", "", bare), None)
                key, colon, value = bare.partition(":")
                header.update({key.strip(): value.strip()} if colon else {})
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
        raise StorageError(f"{file} must hold rows of numbers, but has none.")
    columns = np.array(values).T
    if len(columns) > 1 and np.all(np.isnan(columns[-1])):  # delimiters at the end
        columns, names = columns[:-1], names[: len(columns) - 1]
    fitting = names if len(names) == len(columns) else [""] * len(columns)
    return Table(
        names=tuple(fitting), columns=columns, rows=np.array(rows), header=header
    )


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


def _from_array(array: NDArray[Any], file: Path) -> Table:
    if array.dtype.names:
        return _from_named({name: array[name] for name in array.dtype.names}, file)
    if array.ndim != 2 or min(array.shape) < 2 or array.dtype.kind not in "iuf":
        raise StorageError(
            f"{file} must hold a table of two or more columns of real numbers, got the "
            f"shape {array.shape} of {array.dtype}."
        )
    columns = array if array.shape[0] <= array.shape[1] else array.T
    return Table(
        names=("",) * len(columns),
        columns=np.asarray(columns, dtype=np.float64),
        rows=np.arange(columns.shape[1]),
    )


def _from_named(arrays: dict[str, NDArray[Any]], file: Path) -> Table:
    """Take the arrays that are as long as most; a lone table counts as itself."""
    lists = {n: a for n, a in arrays.items() if a.ndim == 1 and a.dtype.kind in "iuf"}
    if len(lists) < 2:
        tables = [a for a in arrays.values() if a.ndim == 2]
        if len(tables) == 1:
            return _from_array(tables[0], file)
        raise StorageError(
            f"{file} must hold arrays of equal length for frequency and signal, got "
            f"{ {name: array.shape for name, array in arrays.items()} or 'none' }."
        )
    longest = max(array.size for array in lists.values())
    same = {name: array for name, array in lists.items() if array.size == longest}
    return Table(
        names=tuple(same),
        columns=np.array(list(same.values()), dtype=np.float64),
        rows=np.arange(longest),
    )


def _hdf5_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Return all arrays of numbers; a ``units`` attribute joins the name."""
    import h5py

    arrays: dict[str, NDArray[Any]] = {}

    def collect(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf":
            unit = item.attrs.get("units", b"")
            text = unit.decode() if isinstance(unit, bytes) else str(unit)
            arrays[f"{name} ({text})" if text else name] = item[()]

    with h5py.File(file, "r") as content:
        content.visititems(collect)
    return arrays
