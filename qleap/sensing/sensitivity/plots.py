"""Plots of noise budgets, trade-offs and Allan deviations."""

from typing import TYPE_CHECKING

import numpy as np

from qleap.core import style
from qleap.core.errors import InvalidValue
from qleap.sensing.sensitivity.allan import AllanDeviation
from qleap.sensing.sensitivity.budget import NoiseBudget

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_allan", "plot_noise_budget", "plot_tradeoff"]


def plot_noise_budget(budget: NoiseBudget, *, ax: "Axes | None" = None) -> "Axes":
    """Draw all parts of a budget and their total over the frequency.

    Parameters
    ----------
    budget : NoiseBudget
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    axes = style.axes(ax)
    largest, unit = style.engineering(budget.total, "T")
    scale = largest[0] / budget.total[0]
    for place, (name, part) in enumerate(budget.parts.items()):
        colour = style.COLOURS[place % len(style.COLOURS)]
        axes.loglog(budget.frequency, scale * part, lw=1.1, color=colour, label=name)
    axes.loglog(budget.frequency, largest, color="black", lw=2.0, label="total")
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, 1e-4 * high), 10.0 * high)  # room for the names
    axes.set_xlabel(style.label("frequency", "Hz"))
    axes.set_ylabel(style.label("equivalent magnetic noise", f"{unit}/√Hz"))
    axes.legend(fontsize=8, ncols=2, loc="upper right")
    return axes


def plot_tradeoff(
    data: "xr.Dataset", *, label: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw a sensitivity over one setting, or as contours over two.

    The best point is marked.

    Parameters
    ----------
    data : xarray.Dataset
        From `tradeoff`.
    label : str, optional
        Of the curve, where there are several.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    if data.attrs.get("kind") != "tradeoff":
        raise InvalidValue(
            f"data must be a dataset of the kind 'tradeoff', got "
            f"{data.attrs.get('kind')!r}."
        )
    axes = style.axes(ax)
    names = [str(n) for n in data["sensitivity"].dims]
    values = data["sensitivity"].values
    base = str(data["sensitivity"].attrs["units"]).split("/")[0]
    scaled, unit = style.engineering([np.nanmin(values)], base)
    values = values * (scaled[0] / np.nanmin(values))
    title = style.label("sensitivity", f"{unit}/√Hz")
    x = data[names[0]].values
    best = np.unravel_index(np.nanargmin(values), values.shape)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(_axis_label(data, names[0]))
    if len(names) == 1:
        (line,) = axes.plot(x, values, label=label)
        axes.plot(x[best[0]], values[best], "o", color=line.get_color())
        axes.set_ylabel(title)
        if label is not None:
            axes.legend()
        return axes
    y = data[names[1]].values
    levels = values[best] * np.array([1.02, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0])
    lines = axes.contour(x, y, values.T, levels=levels, cmap="viridis")
    axes.clabel(lines, fmt=lambda v: f"{v:.3g}", fontsize=8)
    axes.plot(x[best[0]], y[best[1]], "o", color=style.COLOURS[1])
    axes.set_ylabel(_axis_label(data, names[1]))
    axes.set_title(title, fontsize=10)
    return axes


def _axis_label(data: "xr.Dataset", name: str) -> str:
    return style.label(name.replace("_", " "), str(data[name].attrs["units"]))


def plot_allan(deviation: AllanDeviation, *, ax: "Axes | None" = None) -> "Axes":
    """Draw an Allan deviation with its confidence intervals, and its white part.

    Parameters
    ----------
    deviation : AllanDeviation
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    axes = style.axes(ax)
    values, unit = style.engineering(deviation.deviation, deviation.unit)
    scale = values[0] / deviation.deviation[0]
    below = scale * (deviation.deviation - deviation.low)
    above = scale * (deviation.high - deviation.deviation)
    axes.errorbar(
        deviation.tau, values, [below, above],
        fmt="o-", ms=3, lw=1.0, color=style.COLOURS[0], label=deviation.kind,
    )  # fmt: skip
    if np.isfinite(deviation.white_noise):
        line = scale * deviation.white_noise * deviation.white_shape
        axes.plot(deviation.tau, line, "--", color=style.COLOURS[1], label="white part")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(style.label("averaging time", "s"))
    axes.set_ylabel(style.label("Allan deviation", unit))
    axes.legend()
    return axes
