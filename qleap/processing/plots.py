"""Plots of the processing domain."""

from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import checks, style
from qleap.core.errors import InvalidKind
from qleap.processing.execution import RunResult

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_counts"]

MOST_BARS: Final = 32
"""Outcomes that a plot shows by default; their names stay legible."""


def plot_counts(
    result: "RunResult | xr.Dataset",
    *,
    ax: "Axes | None" = None,
    most: int = MOST_BARS,
) -> "Axes":
    """Draw the share of each outcome with its binomial standard error.

    Parameters
    ----------
    result : RunResult or xarray.Dataset
        Counts, or their dataset.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    most : int
        Show the ``most`` frequent outcomes; the title says what is left out.
    """
    data = result.to_dataset() if isinstance(result, RunResult) else result
    if not hasattr(data, "data_vars"):
        raise InvalidKind(
            "result must be a RunResult or its dataset, got "
            f"{type(result).__name__}; plot what qleap.processing.run returns."
        )
    checks.count("most", most)
    order = np.argsort(-data["counts"].values, kind="stable")
    shown = np.sort(order[:most])  # the first ones, then by name
    shown = shown[np.argsort(data["outcome"].values[shown])]
    names = data["outcome"].values[shown].tolist()
    shares = data["probability"].values[shown].tolist()
    errors = data["standard_error"].values[shown].tolist()
    axes = style.axes(ax)
    axes.bar(range(len(names)), shares, yerr=errors, capsize=2)
    crowded = len(names) * max(map(len, names)) > 40
    axes.set_xticks(range(len(names)), names, rotation=90 if crowded else 0)
    axes.set_xlabel("outcome")
    axes.set_ylabel("share of shots")
    title = f"{int(data['counts'].values.sum())} shots"
    rest = order[most:]
    if rest.size:
        left = float(data["probability"].values[rest].sum())
        title += f"; {rest.size} rarer outcomes ({left:.0%}) not shown"
    axes.set_title(title)
    return axes
