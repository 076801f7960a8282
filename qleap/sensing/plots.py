"""Plots of the sensing domain."""

from typing import TYPE_CHECKING, Any

import numpy as np

from qleap.core import checks, style
from qleap.sensing.fitting.odmr import OdmrFit

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from qleap.sensing.fitting.result import FitResult

__all__ = ["plot_fit", "plot_odmr"]


def plot_odmr(result: "OdmrFit | xr.Dataset", *, ax: "Axes | None" = None) -> "Axes":
    """Draw a spectrum and, where there is one, its fit with the lines marked.

    Parameters
    ----------
    result : OdmrFit or xarray.Dataset
        A fit, its dataset, or the dataset of an `OdmrSpectrum`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    data = result.to_dataset() if isinstance(result, OdmrFit) else result
    axes = style.axes(ax)
    frequency = data["frequency"].values / 1e9
    unit = str(data["signal"].attrs["units"])
    if "fit" not in data:
        axes.plot(frequency, data["signal"].values)
    else:
        _draw_fit(axes, data, frequency)
    axes.set_xlabel(style.label("frequency", "GHz"))
    axes.set_ylabel(style.label("signal", unit))
    axes.margins(x=0.01)
    return axes


def _draw_fit(axes: "Axes", data: "xr.Dataset", frequency: Any) -> None:
    dots: dict[str, Any] = {"markersize": 3, "color": style.COLOURS[5], "alpha": 0.7}
    if "signal_error" in data:
        errors = data["signal_error"].values
        axes.errorbar(frequency, data["signal"].values, errors, fmt="o", lw=0.8, **dots)
    else:
        axes.plot(frequency, data["signal"].values, "o", **dots)
    axes.plot(frequency, data["fit"].values, color=style.COLOURS[1], label="fit")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.18 * (high - low))
    positions = data["line_position"].values
    for place, position in enumerate(positions):
        axes.axvline(
            position / 1e9, color=style.COLOURS[0], lw=0.7, alpha=0.5, zorder=0
        )
        level = 0.98 if place % 2 == 0 else 0.92
        axes.annotate(
            f"{position / 1e6:.2f}",
            (position / 1e9, level),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
            fontsize=7,
            color=style.COLOURS[0],
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )


def plot_fit(
    result: "FitResult", *, trace: int = 0, axes: "tuple[Axes, Axes] | None" = None
) -> "tuple[Axes, Axes]":
    """Draw a trace with its fit, and the residuals below.

    Parameters
    ----------
    result : FitResult
    trace : int
        Which of several traces.
    axes : pair of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    pair of matplotlib.axes.Axes
        Of the data and of the residuals.
    """
    problem = result.problem
    k = checks.count("trace", trace, 0, len(problem.traces) - 1)
    data, model = problem.traces[k], problem.models[k]
    if axes is None:
        _, made = style.figure(2, 1, sharex=True, height_ratios=(3, 1))
        axes = (made[0], made[1])
    upper, lower = axes
    x, unit = style.engineering(data.x, data.x_unit)
    dots: dict[str, Any] = {"markersize": 3, "color": style.COLOURS[5], "alpha": 0.7}
    if data.error is None:
        upper.plot(x, data.y, "o", **dots)
    else:
        upper.errorbar(x, data.y, data.error, fmt="o", lw=0.8, **dots)
    fine = np.linspace(data.x.min(), data.x.max(), max(1000, 4 * data.x.size))
    curve = model.evaluate(fine, result.values[problem.places[k]])
    upper.plot(np.linspace(x.min(), x.max(), fine.size), curve, color=style.COLOURS[1])
    lower.axhline(0.0, color=style.COLOURS[1], lw=0.8)
    lower.plot(x, -result.residuals[k], "o", **dots)  # data minus model
    upper.set_ylabel(style.label("signal", data.unit))
    over = result.errors_given
    lower.set_ylabel("residual / error" if over else style.label("residual", data.unit))
    lower.set_xlabel(style.label(data.x_name, unit))
    upper.set_title(data.label, fontsize=9, wrap=True)
    return upper, lower
