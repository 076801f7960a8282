"""Which format a file has, by its first bytes, and what is in it."""

import zipfile
from pathlib import Path
from typing import Final

from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing.readers.contents import Contents

__all__ = [
    "HDF5",
    "MATLAB",
    "NUMPY",
    "TEXT",
    "format_of",
    "read_contents",
    "unreadable",
]

TEXT: Final = "text"
NUMPY: Final = "NumPy"
HDF5: Final = "HDF5"
MATLAB: Final = "MATLAB"
NETCDF3: Final = "NetCDF 3"

_BINARY: Final = {
    ".npy": NUMPY,
    ".npz": NUMPY,
    ".h5": HDF5,
    ".hdf5": HDF5,
    ".hdf": HDF5,
    ".nxs": HDF5,
    ".nx": HDF5,
    ".nc": HDF5,
    ".nc4": HDF5,
    ".mat": MATLAB,
}
"""What files must be whose first bytes say nothing."""

_HDF5_MARK: Final = b"\x89HDF\r\n\x1a\n"


def format_of(file: Path) -> str:
    """Return the format of a file; what it is called counts only if nothing else does.

    Raises
    ------
    StorageError
        Where there is no such file, it is empty, or it is a workbook or another
        binary file.
    """
    if not file.is_file():
        raise StorageError(f"{file} must be a file, but there is none of this name.")
    with file.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise StorageError(f"{file} must hold data, but it is empty (0 bytes).")
    if head.startswith(b"\x93NUMPY"):
        return NUMPY
    if head.startswith(b"PK"):
        return _zip(file)
    if head.startswith(b"MATLAB 5.0"):
        return MATLAB
    if any(head[at : at + 8] == _HDF5_MARK for at in (0, 512, 1024, 2048)):
        return HDF5
    if head.startswith((b"CDF\x01", b"CDF\x02")):
        return NETCDF3
    claimed = _BINARY.get(file.suffix.lower())
    if claimed is not None:
        return claimed
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not utf16:
        raise StorageError(
            f"{file} cannot be read as a table (it is binary and of no known kind); "
            "export CSV, NPZ, MATLAB or HDF5 from the program that wrote it."
        )
    return TEXT


def _zip(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise unreadable(file, error) from error
    if "[Content_Types].xml" in names:
        raise StorageError(
            f"{file} must be plain data, but it is a workbook; save the sheet as CSV."
        )
    return NUMPY


def read_contents(file: Path, kind: str) -> Contents:
    """Return the arrays of a file of a binary format.

    Raises
    ------
    StorageError
        Where the file is damaged or truncated.
    """
    try:
        if kind == NUMPY:
            from qleap.sensing.readers.numpy_files import numpy_contents

            return numpy_contents(file)
        if kind == HDF5:
            from qleap.sensing.readers.hdf5 import hdf5_contents

            return hdf5_contents(file)
        if kind == NETCDF3:
            from qleap.sensing.readers.matlab import netcdf3_contents

            return netcdf3_contents(file)
        from qleap.sensing.readers.matlab import matlab_contents

        return matlab_contents(file)
    except (StorageError, InvalidValue):
        raise
    except Exception as error:  # h5py and SciPy raise many kinds on a bad file
        raise unreadable(file, error) from error


def unreadable(file: Path, error: Exception) -> StorageError:
    """Return an error about a file that its own format does not explain."""
    reason = (str(error) or type(error).__name__).splitlines()[0][:100]
    return StorageError(
        f"{file} cannot be read as a table ({reason}); give CSV, TSV, TXT, DAT, NPY, "
        "NPZ, MATLAB, NetCDF or HDF5, and check that the file is complete."
    )
