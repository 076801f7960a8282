"""The picture of a posterior: each parameter and each pair."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qleap.core import checks, style
from qleap.sensing.fitting.posterior import Posterior

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_posterior"]

MOST_DRAWN = 8
"""Parameters in one picture of a posterior."""

ONE_SIGMA, TWO_SIGMA = 0.393, 0.865
"""Share of a normal distribution of two parameters within its contours."""

FEWEST_BINS = 12
"""That must hold the inner share; narrower distributions get no contours."""

PREFIXED = ("Hz", "s", "T", "W")
"""Units that are drawn with a prefix."""


def plot_posterior(
    posterior: Posterior,
    names: Sequence[str] | None = None,
    *,
    truth: Mapping[str, float] | None = None,
    bins: int = 40,
) -> "Figure":
    """Draw the distribution of each parameter and of each pair.

    Parameters
    ----------
    posterior : Posterior
    names : sequence of str, optional
        Which parameters, up to 8; by default the first ones.
    truth : mapping of str to float, optional
        Values to be marked.
    bins : int
        Of the histograms; those of pairs have fewer where samples are few.

    Notes
    -----
    The band is the central 68 % interval; contours hold 39 and 86 %, which are one
    and two standard deviations of a normal distribution of two parameters. Where
    modes are far apart and narrow, points alone show them.
    """
    from matplotlib.ticker import MaxNLocator

    checks.count("bins", bins, 4)
    kept = posterior.names[:MOST_DRAWN] if names is None else tuple(names)
    checks.count("number of names", len(kept), 1, MOST_DRAWN)
    columns = [_Column(posterior, name, truth or {}) for name in kept]
    n = len(columns)
    coarse = int(np.clip(0.8 * np.sqrt(len(posterior.samples)), 14, max(bins, 14)))
    made, grid = style.figure(n, n, figsize=(1.9 * n + 0.8,) * 2, squeeze=False)
    for row, down in enumerate(columns):
        for place, across in enumerate(columns):
            axes = grid[row][place]
            if place > row:
                axes.set_visible(False)
                continue
            if place == row:
                _draw_marginal(axes, across, posterior.weights, bins)
            else:
                _draw_pair(axes, across, down, posterior.weights, coarse)
            axes.tick_params(labelsize=7)
            axes.tick_params(axis="x", rotation=45)
            axes.xaxis.set_major_locator(MaxNLocator(4))
            axes.xaxis.get_offset_text().set_fontsize(7)
            axes.yaxis.get_offset_text().set_fontsize(7)
            if row == n - 1:
                axes.set_xlabel(across.label, fontsize=8)
            else:
                axes.tick_params(labelbottom=False)
                axes.xaxis.get_offset_text().set_visible(False)
            if place == 0 and row > 0:
                axes.set_ylabel(down.label, fontsize=8)
            elif place > 0:
                axes.tick_params(labelleft=False)
                axes.yaxis.get_offset_text().set_visible(False)
    made.align_labels()
    return made


class _Column:
    """One parameter in a unit that suits it, with the range that is drawn."""

    def __init__(
        self, posterior: Posterior, name: str, truth: Mapping[str, float]
    ) -> None:
        k = posterior.names.index(checks.one_of("names", name, posterior.names))
        low, high = posterior.interval(name, level=0.998)
        largest, shown = max(abs(low), abs(high)), posterior.units[k]
        factor = 1.0
        if shown in PREFIXED and largest > 0.0:
            scaled, shown = style.engineering([largest], shown)
            factor = float(scaled[0]) / largest
        self.values = factor * posterior.samples[:, k]
        self.range = _widened(low * factor, high * factor)
        self.band = tuple(factor * edge for edge in posterior.interval(name))
        self.truth = factor * truth[name] if name in truth else None
        self.label = style.label(name, shown)


def _widened(low: float, high: float) -> tuple[float, float]:
    room = 0.08 * (high - low) or 1e-9
    return low - room, high + room


def _draw_marginal(axes: "Axes", column: _Column, weights: Any, bins: int) -> None:
    axes.hist(
        column.values,
        bins=bins,
        range=column.range,
        weights=weights,
        histtype="stepfilled",
        color=style.COLOURS[0],
        alpha=0.5,
    )
    axes.axvspan(*column.band, color=style.COLOURS[0], alpha=0.15, lw=0)
    if column.truth is not None:
        axes.axvline(column.truth, color=style.COLOURS[1], lw=1.2)
    axes.set_xlim(*column.range)
    axes.set_yticks([])


def _draw_pair(
    axes: "Axes", across: _Column, down: _Column, weights: Any, bins: int
) -> None:
    from scipy.ndimage import gaussian_filter

    counts, x, y = np.histogram2d(
        across.values,
        down.values,
        bins=bins,
        range=[across.range, down.range],
        weights=weights,
    )
    axes.plot(
        across.values, down.values, ".", ms=1.2, color=style.COLOURS[5], alpha=0.35
    )
    if _n_densest(counts, ONE_SIGMA) >= FEWEST_BINS:
        smooth = gaussian_filter(counts, 1.2)
        order = np.sort(smooth.ravel())[::-1]
        levels = [order[_n_densest(smooth, p) - 1] for p in (TWO_SIGMA, ONE_SIGMA)]
        middle = 0.5 * (x[1:] + x[:-1]), 0.5 * (y[1:] + y[:-1])
        axes.contour(*middle, smooth.T, levels, colors=style.COLOURS[0], linewidths=1.0)
    if across.truth is not None:
        axes.axvline(across.truth, color=style.COLOURS[1], lw=0.8)
    if down.truth is not None:
        axes.axhline(down.truth, color=style.COLOURS[1], lw=0.8)
    axes.set_xlim(*across.range)
    axes.set_ylim(*down.range)


def _n_densest(counts: Any, share: float) -> int:
    """Return how many of the fullest bins hold ``share`` of all."""
    order = np.sort(counts.ravel())[::-1]
    return int(np.searchsorted(np.cumsum(order), share * order.sum())) + 1
