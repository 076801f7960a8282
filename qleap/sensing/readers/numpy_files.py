"""Arrays in NPY and NPZ files, mapped into memory where the file allows it."""

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from qleap.core.errors import StorageError
from qleap.sensing.readers.contents import Contents, add_array

__all__ = ["numpy_contents"]

_LOCAL_HEADER = 30
"""Bytes of a zip file before the name of a member."""


def numpy_contents(file: Path) -> Contents:
    """Return the array of an NPY file, or those of an NPZ file.

    Pickled objects are refused: they can run code when they are read.
    """
    contents = Contents()
    if not zipfile.is_zipfile(file):
        add_array(contents, "", _map(file, 0))
        return contents
    with zipfile.ZipFile(file) as archive:
        members = [one for one in archive.infolist() if one.filename.endswith(".npy")]
        for member in members:
            name = member.filename.removesuffix(".npy")
            with archive.open(member) as stream:
                large = len(_header(stream, file)[0]) > 2
            if large and member.compress_type == zipfile.ZIP_STORED:
                array = _map(file, _begin(file, member.header_offset))
            else:  # with its check sum
                with archive.open(member) as stream:
                    array = np.lib.format.read_array(stream, allow_pickle=False)
                if large:
                    contents.notes.append(
                        f"{name!r} is compressed and read whole into memory"
                    )
            add_array(contents, name, array)
    return contents


def _begin(file: Path, header: int) -> int:
    """Return where the data of a stored member begin."""
    with file.open("rb") as stream:
        stream.seek(header)
        local = stream.read(_LOCAL_HEADER)
    name, extra = struct.unpack("<HH", local[26:30])
    return int(header + _LOCAL_HEADER + name + extra)


def _header(stream: Any, file: Path) -> tuple[tuple[int, ...], bool, Any]:
    """Return shape, order and dtype of the array whose NPY header comes next."""
    version = np.lib.format.read_magic(stream)
    read_header: Any = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, fortran, dtype = read_header(stream)
    if dtype.hasobject:
        raise StorageError(
            f"{file} must hold numbers, got pickled Python objects, which can run code "
            "when they are read; save arrays of numbers (np.savez with one name for "
            "each)."
        )
    return shape, fortran, dtype


def _map(file: Path, begin: int) -> Any:
    """Return the array whose NPY header begins at a byte of the file."""
    with file.open("rb") as stream:
        stream.seek(begin)
        shape, fortran, dtype = _header(stream, file)
        offset = stream.tell()
        if shape == () or 0 in shape:
            stream.seek(begin)
            return np.lib.format.read_array(stream, allow_pickle=False)
    return np.memmap(
        file, dtype, "r", offset=offset, shape=shape, order="F" if fortran else "C"
    )
