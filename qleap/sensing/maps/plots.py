"""Pictures of maps."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks, style
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_map"]

ROBUST = (1.0, 99.0)
"""Percentiles of the values between which the colours run."""

NARROW = 1e-2
"""Range of the colours, over the largest value, below which a value in the middle is
taken off: the ticks of a zero-field splitting would all read 2.87 GHz."""

BAR = 0.25
"""Largest share of the width that the scale bar takes."""


def plot_map(
    values: ArrayLike,
    *,
    unit: str = "1",
    name: str = "",
    pixel: float | None = None,
    symmetric: bool = False,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a map with colours between robust limits; missing pixels stay grey.

    Where the values hardly vary, a round value in their middle is taken off, and the
    label of the colours says so.

    Parameters
    ----------
    values : array_like, shape (rows, columns)
    unit, name : str
        What is shown.
    pixel : float, optional
        Distance of pixels, m; draws a scale bar.
    symmetric : bool
        Colours of a signed quantity, white at zero.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    picture = np.asarray(values, dtype=np.float64)
    finite = picture[np.isfinite(picture)]
    if picture.ndim != 2 or finite.size == 0:
        raise InvalidValue(
            "values must be a picture with at least one finite pixel, got the shape "
            f"{picture.shape} with {finite.size} of them."
        )
    low, high = np.percentile(finite, ROBUST)
    if symmetric:
        high = float(np.max(np.abs([low, high])))
        low = -high
    middle = _middle(float(low), float(high))
    if middle != 0.0:
        off, its = style.engineering([middle], unit)
        name = (
            f"{name or 'value'} \N{MINUS SIGN} {off[0]:.12g} {its.rstrip('1')}".rstrip()
        )
        picture, low, high = picture - middle, low - middle, high - middle
    _, shown = style.engineering([low, high], unit)
    largest = float(np.max(np.abs([low, high])))
    factor = 1.0 if largest == 0.0 else float(
        style.engineering([largest], unit)[0][0] / largest
    )  # fmt: skip
    axes = style.axes(ax)
    axes.set_facecolor("#d0d0d0")
    axes.grid(visible=False)
    image = axes.imshow(
        picture * factor,
        vmin=low * factor,
        vmax=high * factor,
        cmap="RdBu_r" if symmetric else "viridis",
        origin="lower",
        interpolation="nearest",
    )
    figure = axes.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(image, ax=axes, extend="both", shrink=0.85)
    bar.set_label(style.label(name or "value", shown))
    axes.set_xticks([])
    axes.set_yticks([])
    if pixel is not None:
        _scale_bar(axes, picture.shape, checks.positive("pixel", pixel, "m"))
    return axes


def _middle(low: float, high: float) -> float:
    """Return a round value between limits that are close together, else zero."""
    if not 0.0 < high - low < NARROW * max(abs(low), abs(high)):
        return 0.0
    digits = -int(np.floor(np.log10(high - low)))
    return round(0.5 * (low + high), digits)


def _scale_bar(axes: "Axes", shape: tuple[int, ...], pixel: float) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten."""
    rows, columns = shape
    most = BAR * columns * pixel
    power = 10.0 ** np.floor(np.log10(most))
    length = max(f * power for f in (1.0, 2.0, 5.0) if f * power <= 1.001 * most)
    left, low = 0.05 * columns, 0.06 * rows
    ends = [left, left + length / pixel]
    axes.plot(ends, [low, low], color="white", lw=5, solid_capstyle="butt")
    axes.plot(ends, [low, low], color="black", lw=3, solid_capstyle="butt")
    value, unit = style.engineering([length], "m")
    axes.text(
        float(np.mean(ends)),
        low + 0.02 * rows,
        f"{value[0]:g} {unit}",
        ha="center",
        va="bottom",
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
    )
