"""Which column is what, and in which unit: guessed, and said."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.trace import MISSING
from qleap.sensing.readers.quantities import (
    DETECTED,
    Quantity,
    plain_unit,
    unit_of,
)
from qleap.sensing.readers.tables import Table, close_gaps, read_table

__all__ = ["Columns", "find_scale", "read_columns"]

_ERROR: Final = re.compile(r"err|sigma|std|unc|\bd?y_?e\b|\bdy\b", re.I)
_SIGNAL: Final = re.compile(
    r"signal|contrast|fluor|count|lock|intens|volt|norm|popul|prob|g2|coinc|"
    r"\bpl\b|\by\b|_v\b",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """x, y and perhaps errors of a file, x in the SI unit.

    Parameters
    ----------
    file : Path
    x, y : ndarray, shape (n,)
    error : ndarray, shape (n,), or None
    quantity : Quantity or None
        What x is; None where neither the caller nor the file says.
    x_name, x_unit, unit : str
        What x is called, its unit, and the unit of y.
    notes : list of str
        What was guessed.
    table : Table
    """

    file: Path
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    error: NDArray[np.float64] | None
    quantity: Quantity | None
    x_name: str
    x_unit: str
    unit: str
    notes: list[str]
    table: Table


def read_columns(
    path: str | os.PathLike[str],
    quantity: Quantity | None,
    *,
    columns: Sequence[int | str] | None = None,
    unit: str | None = None,
    missing: str = "raise",
) -> Columns:
    """Return x, signal and perhaps error from a file.

    Parameters
    ----------
    path : path
    quantity : Quantity, optional
        What x is; by default what its unit says.
    columns : sequence of int or str, optional
        Indices (from 0) or names of x, signal and, if wanted, error.
    unit : str, optional
        Of x.
    missing : str
        What happens to rows with values that are not finite: ``"raise"`` or
        ``"drop"``.
    """
    checks.one_of("missing", missing, MISSING)
    file = Path(path)
    table = read_table(
        path, x=None if quantity is None else quantity.pattern, columns=columns
    )
    notes: list[str] = []
    chosen = _choose(table, file, quantity, columns, notes)
    table = close_gaps(table, chosen, file, missing, notes)
    name = table.names[chosen[0]]
    written = unit_of(name)
    if quantity is None:
        quantity = _detect(unit or written)
    scale = 1.0
    if quantity is not None:
        largest = float(np.max(np.abs(table.columns[chosen[0]])))
        scale = find_scale(
            _name(table, chosen[0]), written, largest, quantity, unit, notes
        )
    values = [table.columns[k].copy() for k in chosen]
    values[0] *= scale
    return Columns(
        file=file,
        x=values[0],
        y=values[1],
        error=values[2] if len(values) > 2 else None,
        quantity=quantity,
        x_name=quantity.name if quantity else (name or "x"),
        x_unit=quantity.unit if quantity else (written or "1"),
        unit=unit_of(table.names[chosen[1]]) or "1",
        notes=notes,
        table=table,
    )


def _choose(
    table: Table,
    file: Path,
    quantity: Quantity | None,
    columns: Sequence[int | str] | None,
    notes: list[str],
) -> list[int]:
    """Return the indices of x, signal and perhaps error."""
    n = len(table.columns)
    word = quantity.name if quantity else "x"
    if n < 2:
        raise InvalidValue(
            f"{file} must have columns for {word} and signal, got {n} column; "
            "check the delimiter."
        )
    if columns is not None:
        if len(columns) not in (2, 3):
            raise InvalidValue(
                f"columns must name {word}, signal and perhaps error, got "
                f"{len(columns)} names."
            )
        return [_index(table, column) for column in columns]
    if table.roles:
        chosen = [table.roles[r] for r in ("x", "signal", "error") if r in table.roles]
        notes.append(
            f"columns: {_said(table, word, chosen)} (as its NXdata group says)"
        )
        return chosen
    free = list(range(n))
    patterns = [quantity] if quantity else DETECTED
    at = next(
        (k for one in patterns for k in free if one.pattern.search(table.names[k])),
        _sweep(table),
    )
    free.remove(at)
    errors = [k for k in free if _ERROR.search(table.names[k])]
    rest = [k for k in free if k not in errors] or free
    signal = next((k for k in rest if _SIGNAL.search(table.names[k])), rest[0])
    chosen = [at, signal, *(k for k in errors[:1] if k != signal)]
    ignored = [_name(table, k) for k in range(n) if k not in chosen]
    ignored += [f"{name!r} ({why})" for name, why in list(table.refused.items())[:4]]
    tail = f"; not used: {', '.join(ignored)}" if ignored else ""
    notes.append(f"columns: {_said(table, word, chosen)}{tail}")
    return chosen


def _said(table: Table, word: str, chosen: list[int]) -> str:
    words = (word, "signal", "error")
    pairs = zip(words, chosen, strict=False)
    return ", ".join(f"{one} = {_name(table, k)}" for one, k in pairs)


def _sweep(table: Table) -> int:
    """Return the first column that goes one way and does not merely count the rows."""
    with np.errstate(invalid="ignore"):  # gaps are refused later, with their place
        steps = np.diff(table.columns, axis=1)
    one_way = np.flatnonzero(np.all(steps > 0.0, axis=1) | np.all(steps < 0.0, axis=1))
    counts = [
        k for k in one_way if np.all(steps[k] == 1.0) and table.columns[k, 0] in (0, 1)
    ]
    swept = [int(k) for k in one_way if k not in counts or len(one_way) == len(counts)]
    return swept[0] if swept and 0 in one_way else 0


def _name(table: Table, k: int) -> str:
    return repr(table.names[k]) if table.names[k] else f"column {k}"


def _index(table: Table, column: int | str) -> int:
    """Return the column of a name (with or without unit and group) or a number."""
    if not isinstance(column, str) or column.strip().isdigit():
        return checks.count("columns", int(column), 0, len(table.columns) - 1)
    bare = [re.sub(r"\s*[\(\[][^\(\[]*[\)\]]$", "", name) for name in table.names]
    last = [re.split(r"[/.]", name)[-1] for name in bare]
    for names in (list(table.names), bare, last):
        if names.count(column) == 1:
            return names.index(column)
    checks.one_of("columns", column, table.names)
    return table.names.index(column)


def _detect(written: str | None) -> Quantity | None:
    """Return the quantity that has the unit."""
    if written is None:
        return None
    plain = plain_unit(written).lower()
    return next(
        (one for one in DETECTED if plain in {u.lower() for u in one.units}), None
    )


def find_scale(
    name: str,
    written: str | None,
    largest: float,
    quantity: Quantity,
    unit: str | None,
    notes: list[str],
) -> float:
    """Return the SI size of the unit: given, written in the name, or by the size.

    Parameters
    ----------
    name : str
        Of the column, for errors.
    written : str or None
        Unit in the file.
    largest : float
        Largest absolute value in the file.
    quantity : Quantity
    unit : str or None
        What the caller says.
    notes : list of str
        Takes what was guessed.
    """
    units = quantity.units
    if unit is not None:
        unit = checks.one_of("unit", plain_unit(unit), tuple(units))
    elif written is not None:
        plain = plain_unit(written)
        matches = [u for u in units if u == plain] or [
            u for u in units if u.lower() == plain.lower()
        ]
        if not matches:
            raise InvalidValue(
                f"{name} must be a {quantity.name} in {', '.join(units)}, got the unit "
                f"{written!r}; name the columns or the unit if this is one."
            )
        unit = matches[0]
        notes.append(f"unit of the {quantity.name}: {unit}, from its name")
    else:
        unit = quantity.unit_by_size(largest)
        notes.append(f"unit of the {quantity.name}: {unit}, from its size")
    scale = units[unit]
    low, high = quantity.limits
    if not low <= largest * scale <= high:
        raise InvalidValue(
            f"{name} must be {quantity.said}, got {largest * scale:g} {quantity.unit}; "
            "name the columns and the unit."
        )
    return scale
