"""Measured spectrograms of photoelectrons, as matrices or as three columns."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import ELECTRONVOLT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.metrology.streaking import STREAKING
from qleap.laser.pulses.columns import column_index, finite_column, read_text_table

if TYPE_CHECKING:
    import xarray as xr

    from qleap.core.delimited import TextTable

__all__ = ["read_streaking"]

Floats = NDArray[np.float64]

ENERGY: Final = {"eV": ELECTRONVOLT, "J": 1.0}
TIME: Final = {"as": 1e-18, "fs": 1e-15, "s": 1.0}
BACKGROUNDS: Final = ("none", "edges", "minimum")


def read_streaking(
    path: str | os.PathLike[str],
    *,
    layout: str = "matrix",
    columns: tuple[int | str, int | str, int | str] = (0, 1, 2),
    energy_unit: str = "eV",
    delay_unit: str = "fs",
    reverse_delay: bool = False,
    background: str = "none",
) -> "xr.Dataset":
    """Return the streaking or RABBITT trace in a text file.

    Parameters
    ----------
    path : path-like
        Text: commas, tabs or blanks; lines that are no numbers are skipped.
    layout : {"matrix", "transposed", "columns"}
        A matrix has energies in its first column and delays in its first row (whose
        corner is ignored), transposed the other way; columns are one row a point, in
        any order.
    columns : tuple
        Of "columns": those of the delay, the energy and the counts, by number from 0 or
        name.
    energy_unit : {"eV", "J"}
    delay_unit : {"fs", "as", "s"}
    reverse_delay : bool
        Whether the file's delay is that of the dressing field after the pulse; ours is
        when the pulse arrives in the field's time.
    background : {"none", "edges", "minimum"}
        Taken away: the mean of the corners' tenths, or the least mean of an energy.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.streaking``, axes increasing and as uneven as they were.
        Counts per energy; negative ones are kept.
    """
    file = Path(path)
    checks.one_of("layout", layout, ("matrix", "transposed", "columns"))
    checks.one_of("background", background, BACKGROUNDS)
    energy_scale = ENERGY[checks.one_of("energy_unit", energy_unit, tuple(ENERGY))]
    delay_scale = TIME[checks.one_of("delay_unit", delay_unit, tuple(TIME))]
    table = read_text_table(file)
    if layout == "columns":
        delay, energy, counts = _from_columns(table, columns, file)
    else:
        delay, energy, counts = _from_matrix(table, layout, file)
    if reverse_delay:
        delay = -delay
    rows, places = np.argsort(delay), np.argsort(energy)
    delay, energy = delay[rows] * delay_scale, energy[places] * energy_scale
    counts = counts[rows][:, places]
    kept = energy > 0.0
    energy, counts = energy[kept], counts[:, kept]
    checks.increasing(f"delays in {file}", delay, "s")
    checks.increasing(f"energies in {file}", energy, "J")
    counts = counts - _background(counts, background)
    return results.dataset(
        kind=STREAKING,
        coords={"delay": (delay, "s"), "energy": (energy, "J")},
        variables={"spectrum": (("delay", "energy"), counts, "1")},
        parameters={"file": file.name, "background": background},
    )


def _from_matrix(
    table: "TextTable", layout: str, file: Path
) -> tuple[Floats, Floats, Floats]:
    named = [_number(name) for name in table.names]
    begin = 0 if np.isfinite(named[1:]).all() else 1
    first = np.array(named) if begin == 0 else table.columns[:, 0]
    everything = np.asarray(table.columns)[:, begin:]
    if not np.isfinite(everything).all():
        raise InvalidValue(
            f"{file} must hold finite counts, got "
            f"{np.count_nonzero(~np.isfinite(everything))} others; fill or cut them."
        )
    values = np.asarray(everything, np.float64)
    if values.shape[0] < 3 or values.shape[1] < 2 or not np.isfinite(first[1:]).all():
        raise InvalidValue(
            f"{file} must hold a first row and a first column of numbers around the "
            "counts; layout='columns' reads one point a row."
        )
    side, counts = values[0], values[1:]
    if layout == "matrix":
        return first[1:], side, counts
    return side, first[1:], counts.T


def _number(name: str) -> float:
    """Return a delay or energy that the file's first line holds, NaN for a word."""
    try:
        return float(name)
    except ValueError:
        return np.nan


def _from_columns(
    table: "TextTable", columns: tuple[int | str, int | str, int | str], file: Path
) -> tuple[Floats, Floats, Floats]:
    found = [
        finite_column(table, index, file) for index in _indices(table, columns, file)
    ]
    delay, row = np.unique(found[0], return_inverse=True)
    energy, place = np.unique(found[1], return_inverse=True)
    points = np.unique(row * energy.size + place).size
    if points < row.size:
        raise InvalidValue(
            f"{file} must hold each point once, but {row.size - points} of its "
            f"{row.size} rows repeat a delay and an energy; remove or average them."
        )
    missing = delay.size * energy.size - points
    if missing:
        raise InvalidValue(
            f"{file} must hold each energy at each delay, but lacks {missing} of "
            f"{delay.size * energy.size} points; complete or resample it, or check "
            f"columns = {columns!r:.60}."
        )
    counts = np.empty((delay.size, energy.size))
    counts[row, place] = found[2]
    return delay, energy, counts


def _indices(table: "TextTable", columns: Any, file: Path) -> list[int]:
    """Return the places of three different columns."""
    if (
        isinstance(columns, str)
        or not isinstance(columns, Sequence)
        or len(columns) != 3
    ):
        raise InvalidKind(
            "columns must be those of the delay, the energy and the counts, three "
            f"numbers from 0 or names, got {columns!r:.60}."
        )
    found = [column_index(table, wanted, file) for wanted in columns]
    if len(set(found)) < len(found):
        raise InvalidValue(
            "columns must be three different ones, of the delay, the energy and the "
            f"counts, got {columns!r:.60}."
        )
    return found


def _background(counts: Floats, kind: str) -> float:
    if kind == "none":
        return 0.0
    if kind == "minimum":
        return float(counts.mean(axis=0).min())
    rows, places = (max(1, size // 10) for size in counts.shape)
    corners = [
        counts[r, p].mean()
        for r in (slice(rows), slice(-rows, None))
        for p in (slice(places), slice(-places, None))
    ]
    return float(np.mean(corners))
