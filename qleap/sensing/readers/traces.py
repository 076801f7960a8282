"""Traces from files: Rabi, Ramsey, echo, relaxation, correlations, or anything."""

import ast
import os
from collections.abc import Mapping, Sequence
from typing import Any

from qleap.core import checks
from qleap.sensing.fitting.trace import Trace
from qleap.sensing.readers.columns import read_columns
from qleap.sensing.readers.quantities import KINDS

__all__ = ["plain_values", "read_trace"]


def read_trace(
    path: str | os.PathLike[str],
    *,
    kind: str | None = None,
    columns: Sequence[int | str] | None = None,
    unit: str | None = None,
    missing: str = "raise",
) -> Trace:
    """Return the trace in a text, NumPy, MATLAB, NetCDF, NeXus or HDF5 file.

    Parameters
    ----------
    path : path
    kind : str, optional
        odmr, rabi, ramsey, echo, t1, g2 or saturation: says what x is and where it
        usually ends, by which a missing unit is guessed. By default x is what its
        unit says, or taken as it is.
    columns : sequence of int or str, optional
        Indices (from 0) or names of x, signal and, if wanted, error; guessed from
        their names by default.
    unit : str, optional
        Of x; guessed from its name or its size.
    missing : str
        ``"raise"``, or ``"drop"``: rows in which a value is missing or infinite are
        left out, and ``notes`` say how many.

    Returns
    -------
    Trace
        x in the SI unit. ``notes`` say what was guessed; ``metadata`` are the header
        of a text file (qudi's parameters), or single values and attributes.

    Raises
    ------
    StorageError
        Where the file cannot be read or holds no table.
    InvalidValue
        Where the columns do not fit, or values are missing.
    """
    quantity = None
    if kind is not None:
        quantity = KINDS[checks.one_of("kind", kind, tuple(KINDS))]
    found = read_columns(path, quantity, columns=columns, unit=unit, missing=missing)
    return Trace(
        x=found.x,
        y=found.y,
        error=found.error,
        label=found.file.name,
        x_name=found.x_name,
        x_unit=found.x_unit,
        unit=found.unit,
        notes=tuple(found.notes),
        metadata=plain_values(found.table.header),
    )


def plain_values(header: Mapping[str, str]) -> dict[str, Any]:
    """Return a header with its Python literals as values, the rest as text."""
    found: dict[str, Any] = {}
    for key, text in header.items():
        try:
            found[key] = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            found[key] = text
    return found
