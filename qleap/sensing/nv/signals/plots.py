"""Plots of powders, electric fields and nuclear dips."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks, style
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.signals.dip import decoupled_coherence
from qleap.sensing.nv.signals.electrometry import electric_lines
from qleap.sensing.nv.signals.nmr import NuclearLayer
from qleap.sensing.nv.signals.powder import PowderSpectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_electric_rotation", "plot_nuclear_dip", "plot_powder"]


def plot_powder(spectrum: PowderSpectrum, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a powder spectrum with the lines of centres along and across the field.

    Parameters
    ----------
    spectrum : PowderSpectrum
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    _, lines, _ = spectrum.lines()
    margin = 0.1 * float(np.ptp(lines)) + 3.0 * spectrum.fwhm
    grid = np.linspace(lines.min() - margin, lines.max() + margin, 1201)
    axes = style.axes(ax)
    axes.plot(grid / 1e9, spectrum.evaluate(grid), color=style.COLOURS[0])
    at = spectrum.field * np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    energies = spectrum.centre.electron_energies(at)
    edges = (energies[:, 1:] - energies[:, :1]) / 1e9
    for row, name, colour in zip(edges, ("along", "across"), (1, 2), strict=True):
        for place, edge in enumerate(row):
            axes.axvline(
                edge,
                color=style.COLOURS[colour],
                lw=1.0,
                ls="--",
                label=f"axis {name} the field" if place == 0 else None,
                zorder=0,
            )
    axes.set_xlabel(style.label("frequency", "GHz"))
    axes.set_ylabel("fluorescence")
    axes.legend(loc="upper center")
    axes.margins(x=0.0)
    return axes


def plot_electric_rotation(
    centre: NVCentre,
    electric: ArrayLike,
    transverse: float,
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw what an electric field adds to the splitting while a field turns, polar.

    Parameters
    ----------
    centre : NVCentre
    electric : array_like, shape (3,)
        V/m, in the frame of the axis.
    transverse : float
        Size of a magnetic field across the axis, T, which turns about it.
    ax : matplotlib.projections.polar.PolarAxes, optional
        Polar axes; new ones by default.
    """
    checks.positive("transverse", transverse, "T")
    field = checks.triple("electric", electric, "V/m")
    angle = np.linspace(0.0, 2.0 * math.pi, 361)
    at = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    shifts = [
        np.diff(electric_lines(centre, transverse * at, given), axis=-1)[:, 0]
        for given in (field, np.zeros(3))
    ]
    change = (shifts[0] - shifts[1]) / 1e3
    if ax is None:
        _, ax = style.figure(figsize=(5.0, 5.0), subplot_kw={"projection": "polar"})
    axes: Axes = ax
    for sign, name, colour in ((1.0, "wider", 0), (-1.0, "narrower", 1)):
        axes.fill(
            angle,
            np.maximum(sign * change, 0.0),
            color=style.COLOURS[colour],
            alpha=0.35,
            label=name,
        )
        axes.plot(angle, np.maximum(sign * change, 0.0), color=style.COLOURS[colour])
    axes.set_title("change of the splitting (kHz) over the angle of the field")
    axes.legend(loc="lower right", bbox_to_anchor=(1.1, -0.05))
    return axes


def plot_nuclear_dip(
    layer: NuclearLayer,
    *,
    pulses: int,
    field: float,
    decay_rate: float = 0.0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the coherence around the Larmor frequency of a layer of nuclei.

    Parameters
    ----------
    layer : NuclearLayer
    pulses, field, decay_rate
        As in `decoupled_coherence`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    larmor = layer.larmor_frequency(field)
    width = max(6.0 / pulses, 0.02)
    probed = larmor * np.linspace(1.0 - width, 1.0 + width, 801)
    seen = decoupled_coherence(
        layer, 0.5 / probed, pulses=pulses, field=field, decay_rate=decay_rate
    )
    axes = style.axes(ax)
    axes.plot(
        probed / 1e6,
        seen,
        color=style.COLOURS[0],
        label=f"depth {1e9 * layer.depth:.1f} nm",
    )
    axes.axvline(
        larmor / 1e6,
        color=style.COLOURS[5],
        lw=1.0,
        ls="--",
        zorder=0,
        label=f"{layer.nucleus} at {1e3 * field:.1f} mT",
    )
    axes.set_xlabel("frequency of the pulses, 1 / 2 spacing (MHz)")
    axes.set_ylabel("coherence")
    axes.legend()
    axes.margins(x=0.0)
    return axes
