"""Plots of the processing domain."""

from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import checks, style
from qleap.core.errors import InvalidKind
from qleap.processing.execution import RunResult

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from qleap.processing.snapshots.drift import Drift

__all__ = ["plot_counts", "plot_drift"]

MOST_BARS: Final = 32
"""Outcomes that a plot shows by default; their names stay legible."""

MARKERS: Final = ("o", "^", "s", "D")
"""The colours repeat after seven quantities; the markers then change."""


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


def plot_drift(drift: "Drift", *, ax: "Axes | None" = None) -> "Axes":
    """Draw every number of a device after against before, both over its median.

    Points on the diagonal stayed; the title says how many changed by more than a
    factor of two. The legend stands beside the axes: save the figure with
    ``bbox_inches="tight"``.

    Parameters
    ----------
    drift : Drift
        From `qleap.processing.snapshots.compare`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    axes = style.axes(ax)
    low, high = 1.0, 1.0
    for quantity, (middle, _) in drift.medians().items():
        pairs = np.array(
            [(c.before, c.after) for c in drift.changes if c.quantity == quantity]
        )
        good = (pairs * np.sign(middle) > 0.0).all(axis=1)
        if not good.any():
            continue
        shares = pairs[good] / middle
        marker = MARKERS[len(axes.lines) // 7 % len(MARKERS)]
        axes.loglog(*shares.T, marker, markersize=4, label=quantity.replace("_", " "))
        low, high = min(low, shares.min()), max(high, shares.max())
    ends = [0.8 * low, 1.25 * high]
    axes.plot(ends, ends, color="0.6", linewidth=1, zorder=0)
    axes.set_xlabel("before / median")
    axes.set_ylabel("after / median")
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    far = len(drift.beyond(2.0))
    axes.set_title(
        f"{drift.after.device}: {len(drift.changes)} changes,\n"
        f"{far} of them by more than a factor of 2"
    )
    return axes
