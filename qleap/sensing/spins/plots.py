"""Level diagrams and lines of spin systems over the size of the field."""

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, style
from qleap.core.errors import InvalidValue
from qleap.sensing.spins.crossings import find_anticrossings
from qleap.sensing.spins.system import SpinSystem

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection

__all__ = ["plot_levels", "plot_transitions"]

Floats = NDArray[np.float64]

_POINTS: Final = 601
_FAINTEST: Final = 1e-3
"""Lines with a smaller share of the strongest dipole are not drawn."""


class HasSpins(Protocol):
    """Anything that is made of spins, such as an NVCentre."""

    def spin_system(self) -> SpinSystem:
        """Return the spins."""


def plot_levels(
    system: SpinSystem | HasSpins,
    direction: ArrayLike,
    *,
    largest: float = 0.12,
    spin: str | None = None,
    anticrossings: bool = True,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the energies over the size of the field, coloured by a projection.

    Parameters
    ----------
    system : SpinSystem or NVCentre
    direction : array_like, shape (3,)
        Of the field, in the frame of the system.
    largest : float
        Where the plot ends, T.
    spin : str, optional
        Whose mean projection on z gives the colour; the first spin by default.
    anticrossings : bool
        Whether they are marked; the widest of those that lie close together has its
        gap written beside it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    spins, sizes, fields = _scan(system, direction, largest)
    name = spins.names[0] if spin is None else spin
    projection = spins.operators(name)[2]
    energies, states = spins.eigenstates(fields)
    means = np.einsum("nib,ij,njb->nb", states.conj(), projection, states).real
    axes = style.axes(ax)
    top = spins.spins[spins.names.index(name)].spin
    lines = _coloured(1e3 * sizes, energies / 1e9, means, (-top, top))
    axes.add_collection(lines)
    axes.autoscale()
    axes.margins(x=0.0, y=0.05)
    if axes.figure is not None:
        axes.figure.colorbar(lines, ax=axes, label=f"mean projection of {name} on z")
    if anticrossings:
        _mark_anticrossings(axes, spins, direction, largest)
    axes.set_xlabel(style.label("magnetic field", "mT"))
    axes.set_ylabel(style.label("energy / h", "GHz"))
    return axes


def plot_transitions(
    system: SpinSystem | HasSpins,
    direction: ArrayLike,
    *,
    largest: float = 0.12,
    drive: ArrayLike | None = None,
    highest: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the transition frequencies over the size of the field.

    Parameters
    ----------
    system : SpinSystem or NVCentre
    direction, largest, ax
        As of `plot_levels`.
    drive : array_like, shape (3,), optional
        Direction of the oscillating field; an average over all by default. The
        darker a line, the stronger its dipole.
    highest : float, optional
        Where the plot ends, Hz.
    """
    spins, sizes, fields = _scan(system, direction, largest)
    found = spins.transitions(fields, drive=drive)
    share = found.dipoles / found.dipoles.max()
    seen = np.flatnonzero(share.max(axis=0) > _FAINTEST)
    axes = style.axes(ax)
    frequencies = found.frequencies[:, seen] / 1e9
    strength = np.sqrt(share[:, seen])
    lines = _coloured(1e3 * sizes, frequencies, strength, (0.0, 1.0), faded=True)
    axes.add_collection(lines)
    axes.autoscale()
    axes.margins(x=0.0)
    clear = frequencies[share[:, seen] > _FAINTEST]
    top = float(clear.max()) if highest is None else highest / 1e9
    axes.set_ylim(0.0, 1.02 * top)
    axes.set_xlabel(style.label("magnetic field", "mT"))
    axes.set_ylabel(style.label("transition frequency", "GHz"))
    return axes


def _scan(
    system: SpinSystem | HasSpins, direction: ArrayLike, largest: float
) -> tuple[SpinSystem, Floats, Floats]:
    """Return the spins, sizes of the field ``(n,)`` and fields ``(n, 3)``, T."""
    checks.positive("largest", largest, "T")
    along = checks.triple("direction", direction, "1")
    length = float(np.linalg.norm(along))
    if length == 0.0:
        raise InvalidValue("direction must not be zero.")
    sizes = np.linspace(0.0, largest, _POINTS)
    spins = system if isinstance(system, SpinSystem) else system.spin_system()
    return spins, sizes, sizes[:, None] * along / length


def _coloured(
    x: Floats,
    curves: Floats,
    values: Floats,
    limits: tuple[float, float],
    *,
    faded: bool = False,
) -> "LineCollection":
    """Return lines ``curves`` ``(n, m)`` over ``x``, coloured by ``values``."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap

    points = np.stack([np.broadcast_to(x[:, None], curves.shape), curves], axis=-1)
    pairs = np.stack([points[:-1], points[1:]], axis=2).reshape(-1, 2, 2)
    shade = 0.5 * (values[:-1] + values[1:]).ravel()
    low, high = style.COLOURS[1], style.COLOURS[0]
    ends: list[Any] = [low, "#b9bfc4", high]
    if faded:
        ends = ["#ffffff", high]
        order = np.argsort(shade)  # the strong ones on top
        pairs, shade = pairs[order], shade[order]
    colours = LinearSegmentedColormap.from_list("levels", ends)
    lines = LineCollection(pairs.tolist(), cmap=colours, linewidths=1.6)
    lines.set_array(shade)
    lines.set_clim(*limits)
    lines.set_capstyle("round")
    return lines


def _mark_anticrossings(
    axes: "Axes", spins: SpinSystem, direction: ArrayLike, largest: float
) -> None:
    """Ring every anticrossing, and write the gap of the widest of each group."""
    found = find_anticrossings(spins, direction, 0.0, largest)
    groups: list[list[Any]] = []
    for each in found:
        energies = spins.energies(each.field)
        middle = float(energies[list(each.levels)].mean()) / 1e9
        axes.plot(
            1e3 * each.magnitude,
            middle,
            "o",
            markersize=9,
            markerfacecolor="none",
            markeredgecolor=style.COLOURS[4],
        )
        place = (each, middle)
        if groups and each.magnitude - groups[-1][-1][0].magnitude < 0.05 * largest:
            groups[-1].append(place)
        else:
            groups.append([place])
    for group in groups:
        each, middle = max(group, key=lambda place: place[0].gap)
        gap, unit = style.engineering([each.gap], "Hz")
        axes.annotate(
            f"{1e3 * each.magnitude:.2f} mT\ngap {gap[0]:.3g} {unit}",
            (1e3 * each.magnitude, middle),
            xytext=(0, 12),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8,
            color=style.COLOURS[4],
        )
