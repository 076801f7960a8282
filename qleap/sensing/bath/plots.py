"""Plots of coherence and of its decay times."""

from typing import TYPE_CHECKING, Any

import numpy as np

from qleap.core import style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_coherence", "plot_t2_histogram"]


def plot_coherence(data: "xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the coherence of every lattice, their mean and its fit over the time.

    Parameters
    ----------
    data : xarray.Dataset
        From `lattice_average`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    axes = style.axes(ax)
    time, unit = style.engineering(data["time"].values, "s")
    t, t2 = data["time"].values, float(data["mean_t2"])
    exponent = float(data["mean_exponent"])
    thin: dict[str, Any] = {"lw": 0.5, "alpha": 0.25, "color": style.COLOURS[5]}
    axes.plot(time, np.abs(data["coherence"].values).T, **thin)
    mean = np.abs(data["mean"].values)
    axes.plot(time, mean, "o", ms=3, color=style.COLOURS[1], label="mean")
    shown, shown_unit = style.engineering([t2], "s")
    text = rf"$T_2$ = {shown[0]:.3g} {shown_unit}, exponent {exponent:.2f}"
    fine = np.linspace(t[0], t[-1], 301)
    fit = np.exp(-((fine / t2) ** exponent))
    scale = time[-1] / t[-1]
    axes.plot(fine * scale, fit, color=style.COLOURS[0], label=text)
    axes.set_xlabel(style.label("free evolution", unit))
    axes.set_ylabel(style.label("coherence", "1"))
    axes.set_ylim(0.0, 1.05)
    axes.margins(x=0.01)
    axes.legend()
    return axes


def plot_t2_histogram(
    data: "xr.Dataset", *, bins: int = 15, ax: "Axes | None" = None
) -> "Axes":
    """Draw how often each T2 occurs, with the median and that of the mean marked.

    Parameters
    ----------
    data : xarray.Dataset
        From `lattice_average`. Lattices without a converged fit are left out and
        counted in the legend.
    bins : int
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    axes = style.axes(ax)
    good = data["converged"].values
    t2, unit = style.engineering(data["t2"].values, "s")
    ensemble = float(data["mean_t2"]) * (t2[0] / float(data["t2"].values[0]))
    missing = int(np.sum(~good))
    text = f"{int(np.sum(good))} lattices" + (
        f", {missing} too slow" if missing else ""
    )
    axes.hist(t2[good], bins=bins, color=style.COLOURS[0], alpha=0.75, label=text)
    marks = (
        ("median", float(np.median(t2[good])), "-"),
        ("of the mean", ensemble, "--"),
    )
    for number, (name, value, line) in enumerate(marks, 1):
        label = f"{name}: {value:.3g} {unit}"
        axes.axvline(value, color=style.COLOURS[number], ls=line, label=label)
    axes.set_xlabel(style.label("T2", unit))
    axes.set_ylabel("lattices")
    axes.set_ylim(0.0, 1.4 * axes.get_ylim()[1])  # room for the legend
    axes.legend()
    return axes
