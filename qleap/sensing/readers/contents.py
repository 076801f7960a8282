"""What a file of arrays holds: the same description for every format."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import StorageError

__all__ = ["COMPLEX", "NUMBERS", "Contents", "Item", "add_array", "text_of"]

NUMBERS: Final = "iuf"
"""Kinds of dtype that are numbers here."""

COMPLEX: Final = (
    "complex numbers; save the real part, the absolute value or the phase instead"
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An array of real numbers in a file.

    Parameters
    ----------
    name : str
    array : array
        In memory, memory-mapped, or read on demand: has ``shape`` and ``dtype`` and
        gives an array for slices.
    unit : str
        As the file has it; empty if it has none.
    axes : tuple of str
        Names of the items that are its axes, where the file says so (empty strings
        for axes that it does not name).
    role : str
        ``"x"``, ``"signal"`` or ``"error"`` where the file says so.
    """

    name: str
    array: Any
    unit: str = ""
    axes: tuple[str, ...] = ()
    role: str = ""

    @property
    def label(self) -> str:
        """Name with the unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return tuple(self.array.shape)

    def read(self) -> NDArray[np.float64]:
        """Return all values."""
        return np.asarray(self.array[...], dtype=np.float64)


@dataclass(kw_only=True)
class Contents:
    """Arrays of a file, what else it holds, and why that is not used.

    Parameters
    ----------
    items : list of Item
    refused : dict
        Names of what is no array of real numbers, and what it is.
    header : dict
        Numbers and texts beside the arrays.
    notes : list of str
    """

    items: list[Item] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def describe(self) -> str:
        """Return what the file holds, for an error."""
        found = [f"{item.label!r} {item.shape}" for item in self.items[:8]]
        found += [f"{n!r}: {why}" for n, why in list(self.refused.items())[:4]]
        return "; ".join(found) or "no arrays"

    def refuse(self, file: Path, rule: str) -> StorageError:
        """Return an error that says what was wanted and what there is."""
        return StorageError(f"{file} must hold {rule}, got {self.describe()}.")


def add_array(contents: Contents, name: str, array: Any, **details: Any) -> None:
    """Sort an array of any kind in: numbers, fields of a table, single values, rest."""
    dtype = array.dtype
    if dtype.names and set(dtype.names) in ({"real", "imag"}, {"r", "i"}):
        contents.refused[name] = COMPLEX
    elif dtype.names:
        table = np.asarray(array[...])
        for part in dtype.names:
            add_array(contents, f"{name}/{part}".lstrip("/"), table[part])
    elif dtype.kind == "c":
        contents.refused[name] = COMPLEX
    elif dtype.kind in "iufbUS" and array.shape == ():
        contents.header[name] = text_of(array[()])
    elif dtype.kind not in NUMBERS:
        kind = "Python objects" if dtype.kind == "O" else str(dtype)
        contents.refused[name] = f"{kind}, which are no numbers"
    elif 0 in array.shape:
        contents.refused[name] = f"empty, shape {tuple(array.shape)}"
    else:
        contents.items.append(Item(name=name, array=array, **details))


def text_of(value: Any) -> str:
    """Return a value that stands beside arrays as text."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
