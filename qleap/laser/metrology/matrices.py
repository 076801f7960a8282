"""Numbers in files: matrices and columns, as text or as HDF5."""

import io
import lzma
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.delimited import decode, parse_text
from qleap.core.errors import StorageError

__all__ = ["read_columns", "read_matrix"]

Floats = NDArray[np.float64]

HDF5: Final = b"\x89HDF\r\n\x1a\n"
XZ: Final = b"\xfd7zXZ\x00"


def read_matrix(file: Path) -> Floats:
    """Return the numbers of a file as rows.

    Raises
    ------
    StorageError
        Where it cannot be read, or holds no one matrix.
    """
    content = _content(file)
    if content.startswith(HDF5):
        return _from_hdf5(content, file)
    return np.ascontiguousarray(_table(content, file).T)


def read_columns(file: Path) -> Floats:
    """Return the numbers of a text file as columns."""
    return _table(_content(file), file)


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
        if content.startswith(XZ):
            content = lzma.decompress(content)
    except (OSError, lzma.LZMAError) as error:
        raise StorageError(f"{file} cannot be read ({error}).") from error
    return content


def _table(content: bytes, file: Path) -> Floats:
    text = decode(content)[0].lstrip("\ufeff")
    table = parse_text(text.replace("\r\n", "\n").replace("\r", "\n"), file)
    return _finite(table.columns, file)


def _from_hdf5(content: bytes, file: Path) -> Floats:
    import h5py

    found: list[tuple[str, Floats]] = []

    def look(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim == 2:
            found.append((name, np.asarray(item[()], dtype=np.float64)))

    try:
        with h5py.File(io.BytesIO(content), "r") as opened:
            opened.visititems(look)
    except (OSError, TypeError, ValueError) as error:
        raise StorageError(f"{file} cannot be read as HDF5 ({error}).") from error
    if len(found) != 1:
        names = ", ".join(name for name, _ in found) or "none"
        raise StorageError(
            f"{file} must hold one array of two dimensions, got {names}; export that "
            "of the trace alone."
        )
    return _finite(found[0][1], file)


def _finite(values: Floats, file: Path) -> Floats:
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if bad:
        raise StorageError(
            f"{file} must hold finite numbers, but {bad} of {values.size} are not; "
            "mend or remove them."
        )
    return values
