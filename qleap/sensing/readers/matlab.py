"""Arrays in the older MATLAB and NetCDF files, by way of SciPy."""

from pathlib import Path
from typing import Any

import numpy as np

from qleap.sensing.readers.contents import Contents, add_array, text_of

__all__ = ["matlab_contents", "netcdf3_contents"]


def matlab_contents(file: Path) -> Contents:
    """Return the arrays of a MATLAB file up to version 7, fields of structs included.

    A field ``freq`` of a struct ``scan`` is the array ``scan.freq``.
    """
    from scipy.io import loadmat

    contents = Contents()
    for name, value in loadmat(file, simplify_cells=True).items():
        if not name.startswith("__"):
            _add(contents, name, value)
    return contents


def _add(contents: Contents, name: str, value: Any) -> None:
    from scipy import sparse
    from scipy.io.matlab import MatlabFunction, MatlabOpaque

    if isinstance(value, dict):
        for part, inner in value.items():
            _add(contents, f"{name}.{part}", inner)
    elif isinstance(value, str):
        contents.header[name] = value
    elif isinstance(value, MatlabOpaque | MatlabFunction):
        contents.refused[name] = (
            "a MATLAB object; save table2array(...) of a table, or double(...) of it"
        )
    elif sparse.issparse(value):
        contents.refused[name] = "a sparse matrix; save full(...) of it"
    elif isinstance(value, list) or np.asarray(value).dtype == object:
        structs = any(
            isinstance(one, dict) for one in np.ravel(np.array(value, object))
        )
        contents.refused[name] = (
            "an array of structs; save the fields of one as arrays"
            if structs
            else "a cell array; save cell2mat(...) of it"
        )
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
