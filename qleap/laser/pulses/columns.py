"""Columns of optical files: which is what, in which unit; guessed, and said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import ELEMENTARY_CHARGE, PLANCK, SPEED_OF_LIGHT
from qleap.core.delimited import TextTable, decode, parse_text
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Axis", "axis_of", "column_index", "read_text_table"]

Floats = NDArray[np.float64]

UNITS: Final[dict[str, dict[str, float]]] = {
    "wavelength": {"nm": 1e-9, "um": 1e-6, "m": 1.0, "angstrom": 1e-10},
    "frequency": {"THz": 1e12, "PHz": 1e15, "GHz": 1e9, "Hz": 1.0},
    "angular frequency": {"rad/fs": 1e15, "rad/ps": 1e12, "rad/s": 1.0},
    "wave number": {"1/cm": 100.0, "cm^-1": 100.0},
    "photon energy": {"eV": ELEMENTARY_CHARGE, "meV": 1e-3 * ELEMENTARY_CHARGE},
    "time": {"fs": 1e-15, "ps": 1e-12, "as": 1e-18, "ns": 1e-9, "s": 1.0},
}
"""SI size of the units of each quantity that may stand on an axis."""

SPECTRAL: Final = tuple(UNITS)[:-1]

_NAMES: Final = {
    "wavelength": r"wave ?length|wlgth|\bwl\b|lambda|λ",
    "angular frequency": r"omega|ω|angular",
    "wave number": r"wave ?number",
    "photon energy": r"energy|\bev\b",
    "frequency": r"freq|\bnu\b|ν|\bf\b",
    "time": r"time|delay|\bt\b",
}

_SIZES: Final = (
    (50.0, 3e4, "wavelength", "nm"),
    (0.05, 50.0, "wavelength", "um"),
    (1e-8, 1e-3, "wavelength", "m"),
    (1e13, 1.3e15, "frequency", "Hz"),
    (1.3e15, 1e18, "angular frequency", "rad/s"),
)
"""Range of the middle value, and what is taken of it, where the file says nothing."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What stands on the axis of a file.

    Parameters
    ----------
    quantity : str
        One of the keys of `UNITS`.
    values : ndarray, shape (n,)
        In SI: m, Hz, rad/s, 1/m, J or s.
    notes : list of str
        What was guessed.
    """

    quantity: str
    values: Floats
    notes: list[str] = field(default_factory=list)

    @property
    def frequency(self) -> Floats:
        """The axis as a frequency, Hz."""
        if self.quantity == "wavelength":
            return np.asarray(SPEED_OF_LIGHT / self.values)
        scale = {
            "frequency": 1.0,
            "angular frequency": 1.0 / (2.0 * np.pi),
            "wave number": SPEED_OF_LIGHT,
            "photon energy": 1.0 / PLANCK,
        }
        return np.asarray(self.values * scale[self.quantity])


def read_text_table(path: Path) -> TextTable:
    """Return the table in a text file.

    Raises
    ------
    StorageError
        Where there is no such file, or it holds no rows of numbers.
    """
    if not path.is_file():
        raise StorageError(f"{path} must be a file, but there is none of this name.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error}).") from error
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise StorageError(
            f"{path} must be a text file of columns, but is binary; export CSV or TSV "
            "from the program that wrote it."
        )
    try:
        text = decode(content)[0].lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise StorageError(
            f"{path} must be text in UTF-16, as its first bytes say, but is damaged "
            f"at byte {error.start} of {len(content)}; copy or export it again."
        ) from error
    table = parse_text(text.replace("\r\n", "\n").replace("\r", "\n"), path)
    if len(table.columns) < 2:
        raise StorageError(
            f"{path} must have two columns or more, got {len(table.columns)}; check "
            "the delimiter."
        )
    return table


def axis_of(table: TextTable, column: int, unit: str | None, *, file: Path) -> Axis:
    """Return the axis in a column: by ``unit``, the name, or the size of the values.

    Raises
    ------
    InvalidValue
        Where nothing tells what it is; the sentence names the units.
    """
    values = finite_column(table, column, file)
    name = table.names[column]
    shown = repr(name) if name else f"column {column}"
    written = unit or _written_unit(name)
    if written is not None:
        what = shown if unit is None else f"unit of {shown} in {file}"
        quantity, scale = _unit(written, what)
    else:
        quantity, written = _by_size(name, values, shown, file)
        scale = UNITS[quantity][written]
    if quantity in SPECTRAL and values.min() <= 0.0:
        place = int(np.argmin(values))
        raise InvalidValue(
            f"{file}, line {table.rows[place]}: {shown} must be > 0 {written} as a "
            f"{quantity}, got {values[place]:g}; remove the row, or give unit=."
        )
    notes = []
    if unit is None:
        origin = "size" if _written_unit(name) is None else "name"
        notes = [f"axis: {shown} is a {quantity} in {written}, from its {origin}"]
    return Axis(quantity=quantity, values=values * scale, notes=notes)


def finite_column(table: TextTable, column: int, file: Path) -> Floats:
    """Return a column whose values are all numbers."""
    values = table.columns[column]
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise InvalidValue(
            f"{file}, line {table.rows[bad[0]]}: column {column} must be finite, got "
            f"{values[bad[0]]} ({bad.size} of {values.size} rows); remove these rows."
        )
    return np.asarray(values, dtype=np.float64)


def column_index(table: TextTable, wanted: int | str, file: Path) -> int:
    """Return the column of a number (from 0) or a name, with or without its unit."""
    if not isinstance(wanted, str):
        return checks.count("column", wanted, 0, len(table.columns) - 1)
    bare = [re.sub(r"\s*[\(\[].*$", "", name) for name in table.names]
    for names in (list(table.names), bare):
        if names.count(wanted) == 1:
            return names.index(wanted)
    known = [name for name in table.names if name]
    raise InvalidValue(
        f"{file} must have the column {wanted!r}, got "
        f"{', '.join(known) or 'no names'};{checks.suggestion(wanted, known)} give the "
        f"name, or a number from 0 to {len(table.columns) - 1}."
    )


def find_column(table: TextTable, pattern: str, taken: Sequence[int]) -> int | None:
    """Return the first column that is free and whose name matches."""
    found = (
        k
        for k, name in enumerate(table.names)
        if k not in taken and re.search(pattern, name, re.I)
    )
    return next(found, None)


def _unit(unit: str, what: str) -> tuple[str, float]:
    plain = unit.strip().replace("µ", "u").replace("μ", "u").replace("Å", "angstrom")
    for quantity, units in UNITS.items():
        for known, scale in units.items():
            if plain == known or (plain.lower() == known.lower() and len(plain) > 2):
                return quantity, scale
    every = [known for units in UNITS.values() for known in units]
    raise InvalidValue(
        f"{what} must be one of {', '.join(every)}, got {unit!r}."
        f"{checks.suggestion(plain, every)}"
    )


def _written_unit(name: str) -> str | None:
    """Return a known unit in brackets or at the end of a name."""
    every = [known for units in UNITS.values() for known in units]
    found = re.search(r"[\(\[]\s*([^\)\]]+?)\s*[\)\]]\s*$", name)
    bracketed = found is not None
    if found is None:
        found = re.search(r"[\s_]([^\s_]+)$", name)
    if found is None:
        return None
    plain = found[1].replace("µ", "u").replace("μ", "u").replace("Å", "angstrom")
    if plain in every and (bracketed or plain != "m"):
        return plain
    return None


def _by_size(name: str, values: Floats, shown: str, file: Path) -> tuple[str, str]:
    middle = float(np.median(np.abs(values)))
    named = next(
        (q for q, pattern in _NAMES.items() if re.search(pattern, name, re.I)), None
    )
    if named == "time" or (named is None and values.min() < 0.0 < values.max()):
        return "time", "fs" if np.abs(values).max() > 1e-6 else "s"
    if named is not None and named != "wavelength":
        fitting = {
            "frequency": [(0.02, 20.0, "PHz"), (20.0, 2e4, "THz"), (1e13, 1e17, "Hz")],
            "angular frequency": [(0.1, 100.0, "rad/fs"), (1e14, 1e17, "rad/s")],
            "wave number": [(1e3, 1e6, "1/cm")],
            "photon energy": [(0.05, 100.0, "eV")],
        }[named]
        for low, high, unit in fitting:
            if low <= middle < high:
                return named, unit
    else:
        for low, high, quantity, unit in _SIZES:
            if low <= middle < high and named in (None, quantity):
                return quantity, unit
    raise InvalidValue(
        f"{file}: {shown} must be an axis of known unit, but nothing tells what values "
        f"about {middle:.4g} are; give unit= as one of "
        f"{', '.join(u for units in UNITS.values() for u in units)}."
    )
