"""Spectra from files: which column is what, and in which unit."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.spectrum import Spectrum
from qleap.sensing.tables import Table, read_table

__all__ = ["FREQUENCY_UNITS", "read_spectrum"]

FREQUENCY_UNITS: Final = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}

_FREQUENCY = re.compile(r"freq|controlled variable|\bf\b|[kmg]?hz\b|\bmw\b", re.I)
_ERROR = re.compile(r"err|sigma|std|unc", re.I)
_SIGNAL = re.compile(
    r"signal|contrast|fluor|count|lock|intens|volt|norm|\bpl\b|\by\b|_v\b", re.I
)
_UNIT = re.compile(r"[\(\[_/ ]\s*([^\(\)\[\]_/\s]+)\s*[\)\]]?\s*$")
_LOWEST, _HIGHEST = 1e6, 1e12  # Hz, beyond any microwave sweep


def read_spectrum(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[int | str] | None = None,
    unit: str | None = None,
    sort: bool = False,
) -> Spectrum:
    """Return the spectrum in a CSV, TSV, TXT, DAT, NPY, NPZ or HDF5 file.

    Parameters
    ----------
    path : path
    columns : sequence of int or str, optional
        Indices (from 0) or names of frequency, signal and, if wanted, error; by
        default they are guessed from names, else the first two (or three).
    unit : str, optional
        Hz, kHz, MHz or GHz of the frequency; guessed from its name or size.
    sort : bool
        Sort the points and average repeated frequencies instead of refusing them.

    Returns
    -------
    Spectrum
        Its ``notes`` say what was guessed.
    """
    file, table = Path(path), read_table(path)
    notes: list[str] = []
    chosen = _choose(table, file, columns, notes)
    scale = _scale(table, chosen[0], unit, notes)
    values = [table.columns[k].copy() for k in chosen]
    values[0] *= scale
    _refuse_gaps(table, chosen, file)
    if np.all(np.diff(values[0]) < 0.0):
        values = [column[::-1] for column in values]
        notes.append("the sweep runs downwards; turned round")
    error = values[2] if len(values) > 2 else None
    signal_unit = _unit_of(table.names[chosen[1]]) or "1"
    if sort:
        found = Spectrum.sorted(
            values[0], values[1], error, unit=signal_unit, label=file.name
        )
        values, error = [found.frequency, found.signal], found.error
    else:
        _refuse_disorder(values[0], table, file)
    return Spectrum(
        frequency=values[0],
        signal=values[1],
        error=error,
        unit=signal_unit,
        label=file.name,
        notes=tuple(notes),
    )


def _choose(
    table: Table, file: Path, columns: Sequence[int | str] | None, notes: list[str]
) -> list[int]:
    """Return the indices of frequency, signal and perhaps error."""
    n = len(table.columns)
    if n < 2:
        raise InvalidValue(
            f"{file} must have columns for frequency and signal, got {n} column; "
            "check the delimiter."
        )
    if columns is not None:
        if len(columns) not in (2, 3):
            raise InvalidValue(
                "columns must name frequency, signal and perhaps error, got "
                f"{len(columns)} names."
            )
        return [_index(table, column) for column in columns]
    free = list(range(n))
    frequency = _first(table, free, _FREQUENCY, free[0])
    free.remove(frequency)
    errors = [k for k in free if _ERROR.search(table.names[k])]
    rest = [k for k in free if k not in errors] or free
    signal = _first(table, rest, _SIGNAL, rest[0])
    chosen = [frequency, signal, *(k for k in errors[:1] if k != signal)]
    words = ("frequency", "signal", "error")
    named = (f"{w} = {_name(table, k)}" for w, k in zip(words, chosen, strict=False))
    ignored = [_name(table, k) for k in range(n) if k not in chosen]
    tail = f"; not used: {', '.join(ignored)}" if ignored else ""
    notes.append(f"columns: {', '.join(named)}{tail}")
    return chosen


def _first(
    table: Table, among: list[int], pattern: re.Pattern[str], otherwise: int
) -> int:
    return next((k for k in among if pattern.search(table.names[k])), otherwise)


def _name(table: Table, k: int) -> str:
    return repr(table.names[k]) if table.names[k] else f"column {k}"


def _index(table: Table, column: int | str) -> int:
    if isinstance(column, str) and not column.strip().isdigit():
        checks.one_of("columns", column, table.names)
        return table.names.index(column)
    return checks.count("columns", int(column), 0, len(table.columns) - 1)


def _scale(table: Table, k: int, unit: str | None, notes: list[str]) -> float:
    """Return Hz for one of the file's units of frequency."""
    largest = float(np.nanmax(np.abs(table.columns[k])))
    written = _unit_of(table.names[k])
    if unit is not None:
        checks.one_of("unit", unit, tuple(FREQUENCY_UNITS))
    elif written is not None:
        unit = next((u for u in FREQUENCY_UNITS if u.lower() == written.lower()), None)
        if unit is None:
            raise InvalidValue(
                f"{_name(table, k)} must be a frequency in "
                f"{', '.join(FREQUENCY_UNITS)}, got the unit {written!r}; name the "
                "columns or the unit if this is a spectrum."
            )
        notes.append(f"unit of the frequency: {unit}, from its name")
    else:
        limits = (("GHz", 1e2), ("MHz", 1e5), ("kHz", 1e8))
        unit = next((u for u, below in limits if largest < below), "Hz")
        notes.append(f"unit of the frequency: {unit}, from its size")
    scale = FREQUENCY_UNITS[unit]
    if not _LOWEST <= largest * scale <= _HIGHEST:
        raise InvalidValue(
            f"{_name(table, k)} must be a microwave frequency between 1 MHz and "
            f"1000 GHz, got {largest * scale:g} Hz; name the columns and the unit."
        )
    return scale


def _unit_of(name: str) -> str | None:
    """Return the unit at the end of a name: ``f (MHz)``, ``f_MHz``, ``lockin_V``."""
    found = _UNIT.search(name)
    if found is None:
        return None
    unit = found.group(1)
    bracketed = name.rstrip().endswith((")", "]"))
    known = {*(u.lower() for u in FREQUENCY_UNITS), "v", "mv", "uv", "a", "s", "us"}
    return unit if bracketed or unit.lower() in known else None


def _refuse_gaps(table: Table, chosen: list[int], file: Path) -> None:
    bad = np.argwhere(~np.isfinite(table.columns[chosen].T))
    if len(bad):
        row, k = bad[0]
        rows = len(np.unique(bad[:, 0]))
        raise InvalidValue(
            f"{file}, {_row(table, int(row))}: {_name(table, chosen[k])} must be "
            f"finite, got {table.columns[chosen[k], row]} ({rows} of "
            f"{table.rows.size} rows); remove these rows."
        )


def _refuse_disorder(frequency: NDArray[np.float64], table: Table, file: Path) -> None:
    steps = np.diff(frequency)
    if np.all(steps > 0.0):
        return
    k = int(np.argmax(steps <= 0.0)) + 1
    raise InvalidValue(
        f"{file}, {_row(table, k)}: frequency must increase strictly, got "
        f"{frequency[k]:.10g} Hz after {frequency[k - 1]:.10g} Hz; sort the points "
        "and average repeats (--sort, or sort=True)."
    )


def _row(table: Table, k: int) -> str:
    number = int(table.rows[k])
    return f"row {number}" if table.rows[0] == 0 else f"line {number}"
