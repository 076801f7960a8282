"""Plots of sequences: diagrams, filter functions, Bloch spheres."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks, style
from qleap.sensing.sequences.elements import Free, Laser, Pulse, Sequence
from qleap.sensing.sequences.filters import filter_function
from qleap.sensing.sequences.trajectory import BlochTrajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_bloch", "plot_filter", "plot_sequence"]

LASER = "laser"


def plot_sequence(sequence: Sequence, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a sequence over time, a row for each channel and one for the laser.

    Finite pulses are boxes (or their envelopes) as high as their Rabi frequency,
    ideal ones bars as high as their angle; the colour tells the phase.

    Parameters
    ----------
    sequence : Sequence
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    axes = style.axes(ax)
    elements = list(sequence.flat())
    pulses = [one for one in elements if isinstance(one, Pulse)]
    rows = list(dict.fromkeys(one.channel for one in pulses))
    if any(isinstance(one, Laser) for one in elements):
        rows.append(LASER)
    ends = np.cumsum([one.duration for one in elements])
    total = float(ends[-1]) if len(ends) and ends[-1] > 0.0 else 1.0
    seen, unit = style.engineering(total, "s")
    scale = total / float(seen)
    strongest = max((abs(one.rabi_frequency) for one in pulses), default=0.0)
    for row in range(len(rows)):
        axes.axhline(-row, color=style.COLOURS[5], lw=0.8, zorder=1)
    for element, end in zip(elements, ends, strict=True):
        if not isinstance(element, Free):
            name = LASER if isinstance(element, Laser) else element.channel
            start = (end - element.duration) / scale
            _draw_element(
                axes, element, start, end / scale, -rows.index(name), strongest
            )
    axes.set_yticks([-row + 0.35 for row in range(len(rows))], rows)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(-0.03 * total / scale, 1.03 * total / scale)
    axes.set_ylim(-len(rows) + 0.8, 0.95)
    axes.set_xlabel(style.label("time", unit))
    _phase_legend(axes, pulses)
    return axes


def _draw_element(
    axes: "Axes",
    element: Pulse | Laser,
    start: float,
    end: float,
    level: float,
    strongest: float,
) -> None:
    if isinstance(element, Laser):
        axes.fill_between([start, end], level, level + 0.7, color="#5dbb63", lw=0)
        return
    colour = _phase_colour(element.phase)
    if element.duration == 0.0:
        top = level + 0.7 * min(abs(element.angle) / np.pi, 1.0)
        axes.plot([start, start], [level, top], color=colour, lw=2.0)
        return
    u = np.linspace(0.0, 1.0, 2 if element.is_rectangular else 61)
    height = 0.7 * element.rabi_frequency / strongest * element.envelope(u)
    time = start + (end - start) * u
    axes.fill_between(time, level, level + height, color=colour, alpha=0.9, lw=0.6)


def _phase_colour(phase: float) -> str:
    return style.COLOURS[round(phase / (0.5 * np.pi)) % 4]


def _phase_legend(axes: "Axes", pulses: list[Pulse]) -> None:
    from matplotlib.patches import Patch

    degrees = sorted({round(np.degrees(one.phase)) % 360 for one in pulses})
    near: dict[str, list[int]] = {}
    for angle in degrees:
        near.setdefault(_phase_colour(np.radians(angle)), []).append(angle)
    handles = [
        Patch(color=colour, label=", ".join(f"{angle}°" for angle in angles))
        for colour, angles in near.items()
    ]
    if handles:
        axes.legend(
            handles=handles, title="phase", loc="center left", bbox_to_anchor=(1.0, 0.5)
        )


def plot_filter(
    sequences: Mapping[str, Sequence],
    frequency: ArrayLike,
    *,
    channel: str = "microwave",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw filter functions over the square of their durations.

    Parameters
    ----------
    sequences : mapping of str to Sequence
        By the names of the legend.
    frequency : array_like, shape (n,)
        Hz; above zero.
    channel : str
        Drive of the spin.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    at = checks.vector("frequency", frequency, "Hz", min_size=2)
    axes = style.axes(ax)
    scaled, unit = style.engineering(at, "Hz")
    for name, sequence in sequences.items():
        seen = filter_function(sequence, at, channel=channel) / sequence.duration**2
        axes.plot(scaled, seen, label=name, lw=1.2)
    axes.set_xlabel(style.label("frequency", unit))
    axes.set_ylabel("filter function |Y|² / T²")
    axes.set_xlim(scaled.min(), scaled.max())
    axes.legend()
    return axes


def plot_bloch(trajectory: BlochTrajectory, *, ax: Any = None) -> Any:
    """Draw a trajectory on the Bloch sphere, from dark to light in time.

    Parameters
    ----------
    trajectory : BlochTrajectory
    ax : matplotlib axes with ``projection="3d"``, optional
        Where to draw; a new figure by default.
    """
    from matplotlib import colormaps

    if ax is None:
        ax = style.figure(figsize=(4.6, 4.6), subplot_kw={"projection": "3d"})[1]
    _draw_sphere(ax)
    path = trajectory.vector
    colours = colormaps["viridis"](np.linspace(0.0, 0.9, max(len(path) - 1, 1)))
    for k, colour in enumerate(colours[: len(path) - 1]):
        ax.plot(*path[k : k + 2].T, color=colour, lw=2.0)
    ax.scatter(*path[:1].T, color=style.COLOURS[5], s=25)
    ax.scatter(*path[-1:].T, color=style.COLOURS[1], s=35)
    return ax


def _draw_sphere(ax: Any) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 97)
    thin = {"color": style.COLOURS[5], "lw": 0.6, "alpha": 0.45}
    flat = np.zeros_like(turn)
    ax.plot(np.cos(turn), np.sin(turn), flat, **thin)
    ax.plot(np.cos(turn), flat, np.sin(turn), **thin)
    ax.plot(flat, np.cos(turn), np.sin(turn), **thin)
    for end, text in (
        ((1, 0, 0), "x"), ((0, 1, 0), "y"), ((0, 0, 1), "start"), ((0, 0, -1), ""),
    ):  # fmt: skip
        ax.plot(*([0, value] for value in end), **thin)
        ax.text(*(1.15 * np.array(end)), text, ha="center", va="center")
    ax.set_box_aspect((1, 1, 1))
    for set_limits in (ax.set_xlim, ax.set_ylim, ax.set_zlim):
        set_limits(-0.85, 0.85)
    ax.set_axis_off()
    ax.view_init(elev=20, azim=35)
