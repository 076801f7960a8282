"""The elements of MATLAB files of version 5 to 7, with every size checked."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.readers.contents import COMPLEX, Contents, add_array

__all__ = ["add_variables"]

Bytes = NDArray[np.uint8]

HEADER: Final = 128
"""Bytes before the first element; the last two tell the order of bytes."""

MATRIX: Final = 14
COMPRESSED: Final = 15

NUMBERS: Final = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4",
    7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
"""Types of data elements that hold numbers."""

TEXTS: Final = {
    1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32",
}  # fmt: skip
"""Types of data elements that hold text, and its encoding."""

STRUCT: Final = 2
CHARACTERS: Final = 4
NUMERIC: Final = range(6, 16)
REFUSED: Final = {
    1: "a cell array; save cell2mat(...) of it",
    3: "a MATLAB object; save its numbers as arrays",
    5: "a sparse matrix; save full(...) of it",
    16: "a function handle",
    17: "a MATLAB object; save table2array(...) of a table, or double(...) of it",
}
"""Classes of arrays that are no arrays of numbers, and the way out."""


@dataclass(frozen=True, slots=True)
class _Element:
    """A data element: its type and its bytes."""

    kind: int
    data: Bytes


class _Damaged(ValueError):
    """A size or type that cannot be."""


def add_variables(contents: Contents, file: Path) -> None:
    """Sort in the variables of a file, structs by their fields.

    Numbers that are not compressed stay in the file, mapped into memory.

    References
    ----------
    MathWorks, MAT-File Format: level 5.
    """
    whole: Bytes = np.memmap(file, np.uint8, "r")
    mark = bytes(whole[HEADER - 2 : HEADER])
    if mark not in (b"IM", b"MI"):
        raise _Damaged(f"the order of its bytes is {mark!r}, not 'IM' or 'MI'")
    order = "<" if mark == b"IM" else ">"
    for element in _elements(whole[HEADER:], order):
        if element.kind == COMPRESSED:
            plain = np.frombuffer(zlib.decompress(element.data.data), np.uint8)
            element = next(_elements(plain, order))
        if element.kind != MATRIX:
            raise _Damaged(f"a variable is of the unknown type {element.kind}")
        _add_matrix(contents, "", element.data, order)


def _elements(data: Bytes, order: str) -> Iterator[_Element]:
    """Yield the elements that follow one another in ``data``."""
    at = 0
    while at < data.size:
        tag = data[at : at + 8]
        if tag.size < 8:
            raise _Damaged("it ends within a tag")
        kind, size = struct.unpack(order + "II", tag.data)
        if kind >> 16:  # a small element, with its data in the tag
            kind, size, begin = kind & 0xFFFF, kind >> 16, at + 4
            end, stop = begin + size, at + 8
        else:
            begin = at + 8
            end = begin + size
            stop = end if kind == COMPRESSED else end + -size % 8
        if end > min(data.size, stop):
            raise _Damaged(
                f"an element has {size} bytes, of which {data.size - begin} are there"
            )
        yield _Element(kind, data[begin:end])
        at = stop


def _add_matrix(contents: Contents, name: str, data: Bytes, order: str) -> None:
    """Sort in one array; ``name`` is that of the struct whose field it is."""
    parts = _elements(data, order)
    flags = _numbers(_next(parts), order)
    if flags.size != 2:
        raise _Damaged("an array does not say what it is")
    kind, is_complex = int(flags[0]) & 0xFF, bool(int(flags[0]) & 0x800)
    shape: tuple[int, ...] = ()
    if kind != 17:  # objects have no size here
        shape = tuple(int(n) for n in _numbers(_next(parts), order))
        if len(shape) < 2 or min(shape) < 0:
            raise _Damaged(f"an array has the shape {shape}")
    own = bytes(_next(parts).data).decode("utf-8", "replace")
    name = name or own
    if not name or name.startswith("__"):  # what MATLAB keeps for itself
        return
    if kind in REFUSED:
        contents.refused[name] = REFUSED[kind]
    elif kind == STRUCT:
        _add_struct(contents, name, shape, parts, order)
    elif kind == CHARACTERS:
        _add_text(contents, name, shape, _next(parts), order)
    elif kind not in NUMERIC:
        raise _Damaged(f"{name!r} is of the unknown class {kind}")
    elif is_complex:
        contents.refused[name] = COMPLEX
    else:
        values = _numbers(_next(parts), order)
        if values.size != prod(shape):
            raise _Damaged(f"{name!r} has {values.size} numbers for the shape {shape}")
        add_array(contents, name, values.reshape(shape, order="F").squeeze())


def _add_struct(
    contents: Contents,
    name: str,
    shape: tuple[int, ...],
    parts: Iterator[_Element],
    order: str,
) -> None:
    """Sort in the fields of a single struct."""
    if prod(shape) != 1:
        contents.refused[name] = "an array of structs; save the fields of one as arrays"
        return
    length = _numbers(_next(parts), order)
    names = bytes(_next(parts).data)
    if length.size != 1 or length[0] < 1 or len(names) % int(length[0]):
        raise _Damaged(f"the names of the fields of {name!r} do not fit")
    step = int(length[0])
    for at in range(0, len(names), step):
        field = names[at : at + step].split(b"\0")[0].decode("utf-8", "replace")
        element = _next(parts)
        if element.kind != MATRIX:
            raise _Damaged(f"{name}.{field} is of the type {element.kind}")
        if element.data.size == 0:
            contents.refused[f"{name}.{field}"] = "empty"
        else:
            _add_matrix(contents, f"{name}.{field}", element.data, order)


def _add_text(
    contents: Contents,
    name: str,
    shape: tuple[int, ...],
    element: _Element,
    order: str,
) -> None:
    """Sort in a line of text."""
    if element.kind not in TEXTS:
        raise _Damaged(f"{name!r} has text of the unknown type {element.kind}")
    if len(shape) > 2 or (shape[0] > 1 and shape[1] > 0):
        contents.refused[name] = "several lines of text"
        return
    encoding = TEXTS[element.kind]
    if encoding in ("utf-16", "utf-32"):
        encoding += "-le" if order == "<" else "-be"
    contents.header[name] = bytes(element.data).decode(encoding, "replace")


def _next(parts: Iterator[_Element]) -> _Element:
    element = next(parts, None)
    if element is None:
        raise _Damaged("an array ends before its values")
    return element


def _numbers(element: _Element, order: str) -> NDArray[Any]:
    """Return the numbers in an element."""
    if element.kind not in NUMBERS:
        raise _Damaged(f"numbers are of the unknown type {element.kind}")
    dtype = np.dtype(order + NUMBERS[element.kind])
    if element.data.size % dtype.itemsize:
        raise _Damaged(f"{element.data.size} bytes are no whole numbers ({dtype})")
    return np.require(np.asarray(element.data).view(dtype), requirements="A")
