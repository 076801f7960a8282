"""Curves of dispersive mirrors from the files of their makers."""

import os
import re
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.delimited import TextTable
from qleap.core.errors import InvalidValue
from qleap.laser.pulses.columns import (
    axis_of,
    column_index,
    find_column,
    finite_column,
    read_text_table,
)
from qleap.laser.pulses.mirrors import ChirpedMirror

__all__ = ["read_mirror"]

Floats = NDArray[np.float64]

Curve = Literal["gdd", "group_delay"]


def read_mirror(
    path: str | os.PathLike[str],
    *,
    reflectivity: str | os.PathLike[str] | None = None,
    column: int | str | None = None,
    reflectivity_column: int | str | None = None,
    curve: Curve | None = None,
    unit: str | None = None,
    band: tuple[float, float] | None = None,
    bounces: int = 1,
) -> ChirpedMirror:
    """Return a mirror from its curve of GDD or group delay.

    Parameters
    ----------
    path : path-like
        Columns of an axis (wavelength, or frequency) and of GDD in fs^2, or group
        delay in fs.
    reflectivity : path-like, optional
        Another file, of an axis and the reflectivity (in percent, or of 1), which is
        interpolated.
    column : int or str, optional
        Number (from 0) or name of the curve; by default the first one.
    reflectivity_column : int or str, optional
        By default the one whose name ends as that of the curve does (an angle, a
        polarisation), else the first one.
    curve : {"gdd", "group_delay"}, optional
        By default what the name says, else the GDD.
    unit : str, optional
        Of the axis.
    band : tuple of float, optional
        Shortest and longest wavelength (m) that are kept: outside of their band,
        mirrors' curves mean nothing.
    bounces : int
        Number of reflections.

    Raises
    ------
    StorageError
        Where a file cannot be read.
    InvalidValue
        Where it holds no such curve; the sentence says what there is.
    """
    file = Path(path)
    table = read_text_table(file)
    axis = axis_of(table, 0, unit, file=file)
    if axis.quantity == "time":
        raise InvalidValue(
            f"{file} must have a spectral axis, got {axis.notes}; give unit=."
        )
    notes = list(axis.notes)
    chosen = 1 if column is None else column_index(table, column, file)
    if column is None:
        chosen = find_column(table, r"gdd|\bgd\b|group", [0]) or 1
    notes.append(_said(table, chosen))
    kind = curve or _kind(table.names[chosen], notes)
    checks.one_of("curve", kind, ("gdd", "group_delay"))
    wavelength = SPEED_OF_LIGHT / axis.frequency
    order = np.argsort(wavelength)
    wavelength = wavelength[order]
    scale = 1e-30 if kind == "gdd" else 1e-15
    values = scale * finite_column(table, chosen, file)[order]
    kept = _within(wavelength, band, file)
    passed = None
    if reflectivity is not None:
        passed = _reflectivity(
            Path(reflectivity), reflectivity_column, table.names[chosen],
            wavelength[kept], notes,
        )  # fmt: skip
    return ChirpedMirror(
        wavelength=wavelength[kept],
        gdd=values[kept] if kind == "gdd" else None,
        group_delay=values[kept] if kind == "group_delay" else None,
        reflectivity=passed,
        bounces=bounces,
        notes=tuple(f"{file.name}: {note}" for note in notes),
    )


def _kind(name: str, notes: list[str]) -> Curve:
    if re.search(r"gdd|dispersion", name, re.I):
        notes.append("curve: GDD in fs^2, from its name")
        return "gdd"
    if re.search(r"\bgd\b|delay|^gd", name, re.I):
        notes.append("curve: group delay in fs, from its name")
        return "group_delay"
    notes.append("curve: taken for GDD in fs^2 (curve= says otherwise)")
    return "gdd"


def _said(table: TextTable, chosen: int) -> str:
    name = table.names[chosen] or f"column {chosen}"
    rest = [
        n or f"column {k}" for k, n in enumerate(table.names) if k not in (0, chosen)
    ]
    tail = f"; not used: {', '.join(rest)} (column= takes them)" if rest else ""
    return f"columns: curve = {name}{tail}"


def _within(
    wavelength: Floats, band: tuple[float, float] | None, file: Path
) -> NDArray[np.bool_]:
    if band is None:
        return np.ones(wavelength.size, dtype=bool)
    low, high = (checks.positive("band", end, "m") for end in band)
    kept = (wavelength >= low) & (wavelength <= high)
    if np.count_nonzero(kept) < 4:
        raise InvalidValue(
            f"band must hold four points of {file} or more, which goes from "
            f"{wavelength[0]:.4g} to {wavelength[-1]:.4g} m, got {low:.4g} to "
            f"{high:.4g} m."
        )
    return kept


def _reflectivity(
    file: Path, column: int | str | None, like: str, at: Floats, notes: list[str]
) -> Floats:
    table = read_text_table(file)
    axis = axis_of(table, 0, None, file=file)
    if column is None:
        ending = re.sub(r"^(gdd|gd)", "", like, flags=re.I)
        found = find_column(table, re.escape(ending) + "$", [0]) if ending else None
        chosen = found or 1
    else:
        chosen = column_index(table, column, file)
    values = finite_column(table, chosen, file)
    if values.max() > 1.5:
        values = 0.01 * values
        notes.append(f"{file.name}: reflectivity in percent, from its size")
    notes.append(f"{file.name}: reflectivity = {table.names[chosen] or chosen}")
    wavelength = SPEED_OF_LIGHT / axis.frequency
    order = np.argsort(wavelength)
    places = wavelength[order]
    if at[0] < places[0] * (1 - 1e-6) or at[-1] > places[-1] * (1 + 1e-6):
        notes.append(f"{file.name}: held constant beyond its ends")
    return np.asarray(np.clip(np.interp(at, places, values[order]), 0.0, 1.0))
