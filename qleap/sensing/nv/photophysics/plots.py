"""Plots of what light does to the centre."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks, style
from qleap.sensing.nv.photophysics.cw_odmr import CwOdmrModel
from qleap.sensing.nv.photophysics.rates import NO_FIELD, RateModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_luminescence", "plot_power_broadening", "plot_transient"]

ANGLES: Final = tuple(np.radians([0.0, 1.0, 5.0, 20.0, 45.0, 90.0]).tolist())


def plot_power_broadening(
    model: CwOdmrModel,
    pump_rates: ArrayLike,
    rabi_frequencies: ArrayLike,
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw contrast (colours) and width (lines) over laser and microwave power.

    Parameters
    ----------
    model : CwOdmrModel
        Whose first line is drawn.
    pump_rates, rabi_frequencies : array_like
        1/s and Hz, increasing.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    pumps = checks.increasing("pump_rates", pump_rates, "1/s")
    rabis = checks.increasing("rabi_frequencies", rabi_frequencies, "Hz")
    shapes = np.array([
        [
            model.with_values(
                {"pump_rate": float(pump), "rabi_frequency": float(rabi)}
            ).contrast_and_width()
            for pump in pumps
        ]
        for rabi in rabis
    ])  # fmt: skip
    axes = style.axes(ax)
    colours = axes.pcolormesh(
        pumps, rabis / 1e6, 100.0 * shapes[..., 0], shading="gouraud", cmap="viridis"
    )
    if axes.figure is not None:
        axes.figure.colorbar(colours, ax=axes, label=style.label("contrast", "%"))
    lines = axes.contour(
        pumps,
        rabis / 1e6,
        np.log10(shapes[..., 1] / 1e6),
        levels=np.log10([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]),
        colors="white",
        linewidths=0.8,
        linestyles="solid",
    )
    axes.clabel(lines, fmt=lambda level: f"{10.0**level:g} MHz", fontsize=7)
    axes.set(xscale="log", yscale="log")
    axes.grid(visible=False)
    axes.set_xlabel(style.label("pump rate", "1/s"))
    axes.set_ylabel(style.label("Rabi frequency", "MHz"))
    return axes


def plot_transient(
    model: RateModel,
    pump_rate: float,
    field: ArrayLike = NO_FIELD,
    *,
    duration: float = 1e-6,
    window: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the fluorescence of both spin states from the beginning of the light on.

    Parameters
    ----------
    model : RateModel
    pump_rate : float
        1/s.
    field : array_like, shape (3,)
        In the frame of the axis, T.
    duration : float
        Of what is drawn, s.
    window : float, optional
        Readout window to be shaded, s.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    times = np.linspace(0.0, checks.positive("duration", duration, "s"), 501)
    bright = model.polarised(pump_rate, field)
    axes = style.axes(ax)
    if window is not None:
        axes.axvspan(0.0, 1e9 * window, color=style.COLOURS[4], alpha=0.12, lw=0)
    both = {"$m_S = 0$": bright, "$m_S = -1$": model.flipped(bright)}
    for (name, start), colour in zip(both.items(), style.COLOURS, strict=False):
        seen = model.evolve(start, times, pump_rate, field) @ model.emission_rates()
        axes.plot(1e9 * times, seen / 1e6, color=colour, label=name)
    axes.set_xlabel(style.label("time", "ns"))
    axes.set_ylabel(style.label("emitted photons", "1/µs"))
    axes.set_ylim(bottom=0.0)
    axes.margins(x=0.0)
    axes.legend()
    return axes


def plot_luminescence(
    model: RateModel,
    pump_rate: float,
    *,
    angles: ArrayLike = ANGLES,
    largest: float = 0.12,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the fluorescence over the size of the field, for angles to the axis.

    Parameters
    ----------
    model : RateModel
    pump_rate : float
        1/s.
    angles : array_like
        Between field and axis, rad.
    largest : float
        Where the plot ends, T.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    sizes = np.linspace(0.0, checks.positive("largest", largest, "T"), 481)
    without = float(model.luminescence(pump_rate))
    axes = style.axes(ax)
    for angle in checks.vector("angles", angles, "rad"):
        along = np.array([np.sin(angle), 0.0, np.cos(angle)])
        seen = model.luminescence(pump_rate, sizes[:, None] * along)
        axes.plot(1e3 * sizes, seen / without, label=f"{np.degrees(angle):.3g}°")
    axes.set_xlabel(style.label("magnetic field", "mT"))
    axes.set_ylabel("fluorescence over that at zero field")
    axes.margins(x=0.0)
    axes.legend(title="angle to the axis", ncols=2)
    return axes
