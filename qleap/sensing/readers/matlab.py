"""Arrays in the older MATLAB and NetCDF files."""

from pathlib import Path
from typing import Any

import numpy as np

from qleap.sensing.readers.contents import Contents, add_array, text_of
from qleap.sensing.readers.matlab_elements import add_variables

__all__ = ["matlab_contents", "netcdf3_contents"]


def matlab_contents(file: Path) -> Contents:
    """Return the arrays of a MATLAB file up to version 7, fields of structs included.

    A field ``freq`` of a struct ``scan`` is the array ``scan.freq``.

    Notes
    -----
    Version 5 to 7 is read here and not by SciPy, whose compiled reader trusts the
    sizes in a file: changed bytes can end the process.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import matfile_version

    contents = Contents()
    if matfile_version(file)[0] == 1:
        add_variables(contents, file)
        return contents
    for name, value in loadmat(file, squeeze_me=True).items():
        if not name.startswith("__"):
            _add(contents, name, value)
    return contents


def _add(contents: Contents, name: str, value: Any) -> None:
    """Sort in what a file of version 4 can hold."""
    from scipy import sparse

    if isinstance(value, str):
        contents.header[name] = value
    elif sparse.issparse(value):
        contents.refused[name] = "a sparse matrix; save full(...) of it"
    else:
        add_array(contents, name, np.asarray(value))


def netcdf3_contents(file: Path) -> Contents:
    """Return the arrays of a NetCDF file of the classic format."""
    from scipy.io import netcdf_file

    contents = Contents()
    with netcdf_file(file, "r", mmap=False, maskandscale=True) as content:
        for name, value in content._attributes.items():
            contents.header[name] = text_of(value)
        for name, variable in content.variables.items():
            values = np.ma.filled(np.ma.asarray(variable[...], np.float64), np.nan)
            details = {"axes": tuple(variable.dimensions)} if values.ndim > 1 else {}
            unit = text_of(getattr(variable, "units", b""))
            add_array(
                contents,
                name,
                values,
                **(details if not unit else {**details, "unit": unit}),
            )
    return contents
