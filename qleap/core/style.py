"""One look for all plots: axes, labels with units, and atomic figure files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import atomic
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "PICTURES",
    "axes",
    "beside",
    "check_picture",
    "engineering",
    "figure",
    "label",
    "save_figure",
]

PICTURES = (".png", ".pdf", ".svg")
"""Endings of picture files."""

COLOURS = ("#0b6e99", "#c8553d", "#3d8361", "#8a5a9e", "#b08900", "#5c6b73")
"""Distinct for the common colour deficiencies, dark enough on white."""

_STYLE: dict[str, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "figure.dpi": 110,
    "figure.figsize": (6.4, 4.0),
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "savefig.dpi": 160,
}

_PREFIXES = {
    -18: "a",
    -15: "f",
    -12: "p",
    -9: "n",
    -6: "µ",
    -3: "m",
    0: "",
    3: "k",
    6: "M",
    9: "G",
    12: "T",
    15: "P",
}


def figure(
    rows: int = 1,
    columns: int = 1,
    *,
    figsize: tuple[float, float] | None = None,
    **layout: Any,
) -> "tuple[Figure, Any]":
    """Return a figure in the house style and its axes, as ``plt.subplots`` does.

    The figure belongs to no window and no global list, so nothing has to be
    closed; a notebook shows it when it is the value of a cell.
    """
    import matplotlib.style
    from cycler import cycler
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = {**_STYLE, "axes.prop_cycle": cycler(color=COLOURS)}
    with matplotlib.style.context(look):
        made = Figure(figsize=figsize)
        FigureCanvasAgg(made)
        return made, made.subplots(rows, columns, **layout)


def axes(ax: "Axes | None" = None) -> "Axes":
    """Return ``ax``, or the axes of a new figure in the house style."""
    if ax is not None:
        return ax
    made: Axes = figure()[1]
    return made


def beside(ax: "Axes") -> "Axes":
    """Return axes over the same x whose own scale stands on the right of ``ax``."""
    made: Axes = ax.twinx()
    made.spines.right.set_visible(True)
    made.spines.top.set_visible(False)
    made.grid(visible=False)
    return made


def label(name: str, unit: str) -> str:
    """Return an axis label: the quantity, and its unit where it has one."""
    return name if unit in {"", "1"} else f"{name} ({unit})"


def engineering(values: ArrayLike, unit: str) -> tuple[NDArray[np.float64], str]:
    """Return ``values`` with an SI prefix that suits the largest, and the unit."""
    array = np.asarray(values, dtype=np.float64)
    largest = float(np.max(np.abs(array), initial=0.0, where=np.isfinite(array)))
    if largest == 0.0 or unit == "1":
        return array, unit
    exponent = int(np.clip(3 * np.floor(np.log10(largest) / 3.0), -18, 15))
    return array / 10.0**exponent, f"{_PREFIXES[exponent]}{unit}"


def save_figure(made: "Figure", path: str | os.PathLike[str]) -> Path:
    """Write the figure to ``path`` (format from its ending), atomically.

    Raises
    ------
    InvalidValue
        Where the ending names no format.
    StorageError
        Where the file cannot be written.
    """
    target = check_picture(path)
    with atomic.replacing(target) as part:
        made.savefig(part, format=target.suffix.lstrip(".").lower())
    return target


def check_picture(path: str | os.PathLike[str]) -> Path:
    """Return ``path``, whose ending must name a picture format."""
    target = Path(path)
    if target.suffix.lower() not in PICTURES:
        raise InvalidValue(
            f"a picture's name must end in {', '.join(PICTURES)}, got {str(target)!r}."
        )
    return target
