"""A picture of how far a coherence has converged."""

from typing import TYPE_CHECKING

import numpy as np

from qleap.core import style
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_convergence"]

_MARKERS = "osd^v*"


def plot_convergence(data: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the largest difference from the finest curve over the bath radius.

    Colours are connection distances, markers orders. The finest curve itself, at
    zero, is left out.

    Parameters
    ----------
    data : xarray.Dataset
        From `convergence`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    if data.attrs.get("kind") != "cce-convergence":
        raise InvalidValue(
            f"data must be of the kind 'cce-convergence', got "
            f"{data.attrs.get('kind')!r}; use convergence()."
        )
    axes = style.axes(ax)
    radius = 1e9 * data["radius"].values
    difference = data["difference"].values
    for j, distance in enumerate(data["distance"].values):
        colour = style.COLOURS[j % len(style.COLOURS)]
        for k, order in enumerate(data["order"].values):
            if order == 1 and j > 0:  # single spins know no distance
                continue
            reach = "" if order == 1 else f", {1e9 * distance:.2g} nm"
            curve = np.where(difference[:, j, k] > 0.0, difference[:, j, k], np.nan)
            axes.plot(
                radius,
                curve,
                color=colour,
                marker=_MARKERS[k % len(_MARKERS)],
                markersize=4,
                label=f"CCE-{order}{reach}",
            )
    axes.set_yscale("log")
    axes.set_xlabel(style.label("bath radius", "nm"))
    axes.set_ylabel("largest difference of L")
    axes.legend(fontsize=7)
    return axes
