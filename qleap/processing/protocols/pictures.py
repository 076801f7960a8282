"""Pictures of decays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qleap.core import style
from qleap.processing.protocols.decays import Decay, Survivals
from qleap.processing.protocols.ramsey import Oscillation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Series", "draw_decays"]

MOST_NAMES = 6
"""Series that a legend can hold."""


class Series(NamedTuple):
    """One decay of a picture."""

    name: str
    data: Survivals
    decay: Decay | Oscillation


def draw_decays(
    ax: "Axes | None",
    series: Sequence[Series],
    *,
    x: str,
    y: str,
    unit: str = "1",
    error: float = 2.576,
) -> "Axes":
    """Draw every sequence as a point, means with 99 % bars, and the fitted curves."""
    made = style.axes(ax)
    largest = max(float(one.data.x[-1]) for one in series)
    scaled, shown = style.engineering(np.array([largest]), unit)
    factor = scaled[0] / largest
    for k, (name, data, decay) in enumerate(series):
        colour = style.COLOURS[k % len(style.COLOURS)]
        n_samples = data.shares.shape[1]
        if n_samples > 1:
            made.plot(
                np.repeat(data.x, n_samples) * factor,
                data.shares.ravel(),
                ".",
                color=colour,
                alpha=0.25,
                markersize=4,
                markeredgewidth=0,
            )
        made.errorbar(
            data.x * factor,
            data.means,
            error * data.errors,
            fmt="o",
            color=colour,
            markersize=4,
            linewidth=0,
            elinewidth=1.2,
        )
        grid = np.linspace(0.0, data.x[-1], 200)
        made.plot(
            grid * factor,
            decay.curve(grid),
            color=colour,
            label=name if k < MOST_NAMES else None,
        )
    made.set_xlabel(style.label(x, shown))
    made.set_ylabel(y)
    if len(series) > 1:
        made.legend()
    return made
