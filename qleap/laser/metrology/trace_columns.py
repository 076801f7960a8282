"""Three columns of a trace's points: which hold the axes, and the matrix they make."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.laser.metrology.schemes import Scheme

__all__ = ["matrix_of_columns", "spectral_is_first"]

Floats = NDArray[np.float64]

PAIRS: Final = ((0, 1), (0, 2), (1, 2))
"""Columns that may be the axes; the third holds the intensity, usually the last."""

SECONDS: Final = 1e-6
"""Range of an axis below which it holds delays in seconds."""

WIDEST: Final = 5.0
"""Range of detunings in rad/fs, PHz or eV that is believed beside delays in fs."""


def matrix_of_columns(
    table: Floats, file: Path
) -> tuple[Floats, Floats, Floats, tuple[int, int]]:
    """Return both axes, the intensity over them, and which columns the axes are.

    The axes are the two columns whose values all meet each other just once.

    Parameters
    ----------
    table : ndarray, shape (points, 3)
    file : Path
        For what is said.
    """
    for pair in PAIRS:
        (first, row), (second, place) = (
            np.unique(table[:, column], return_inverse=True) for column in pair
        )
        if first.size * second.size != table.shape[0]:
            continue
        if np.unique(row * second.size + place).size == table.shape[0]:
            matrix = np.empty((first.size, second.size))
            matrix[row, place] = table[:, 3 - sum(pair)]
            return first, second, matrix, pair
    raise InvalidValue(_lacking(table, file))


def _lacking(table: Floats, file: Path) -> str:
    """Return what keeps the columns with the fewest values from being axes."""
    sizes = [np.unique(column).size for column in table.T]
    i, j = sorted(np.argsort(sizes, kind="stable")[:2])
    seen = np.unique(table[:, [i, j]], axis=0).shape[0]
    return (
        f"{file} must have one row for each pair of values of two of its columns, but "
        f"the {sizes[i]} values of column {i} and {sizes[j]} of column {j} make "
        f"{sizes[i] * sizes[j]} pairs, of which {table.shape[0]} rows hold {seen}; "
        "fill in what lacks, and remove or average what repeats."
    )


def spectral_is_first(pair: list[Floats], scheme: Scheme, name: str) -> bool:
    """Return whether the first of two axes about zero, beside delays, is the spectral.

    Detunings in rad/fs are small numbers beside delays in fs, and all are large ones
    beside delays in s; nothing like it holds beside shifts and insertions.
    """
    axis = scheme.axis[0]
    sizes = [float(np.ptp(one)) for one in pair]
    if axis == "delay" and max(sizes) > 10.0 * min(sizes):
        if min(sizes) < SECONDS:
            return sizes[0] > sizes[1]
        if min(sizes) < WIDEST:
            return sizes[0] < sizes[1]
    raise InvalidValue(
        f"{name}: both columns reach zero, over {sizes[0]:.4g} and {sizes[1]:.4g}, so "
        f"nothing tells which is the {axis}; give axes=({axis}, spectral axis) as two "
        "arrays or files."
    )
