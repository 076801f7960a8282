"""Plots of adaptive measurements."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks, style
from qleap.sensing.adaptive.particles import Particles
from qleap.sensing.adaptive.record import AdaptiveRecord
from qleap.sensing.adaptive.tracking import TrackedFrequency

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_adaptive", "plot_posterior", "plot_settings", "plot_tracking"]


def plot_adaptive(
    record: AdaptiveRecord,
    name: str,
    *,
    truth: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw mean and standard deviation of a parameter after each measurement.

    Parameters
    ----------
    record : AdaptiveRecord
    name : str
        Of the parameter.
    truth : float, optional
        Drawn as a line.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    """
    checks.one_of("name", name, record.names)
    axes, at = style.axes(ax), record.names.index(name)
    means, errors = record.means[:, at], record.standard_deviations[:, at]
    centre = means[-1] if truth is None else checks.finite("truth", truth)
    unit = record.units[at]
    shown, unit = style.engineering(np.stack([means - centre, errors]), unit)
    count = np.arange(1, means.size + 1)
    low, high = shown[0] - shown[1], shown[0] + shown[1]
    axes.fill_between(count, low, high, alpha=0.3, color=style.COLOURS[0], lw=0.0)
    axes.plot(count, shown[0])
    axes.axhline(0.0, color=style.COLOURS[5], lw=0.8)
    axes.set_xlabel("measurement")
    against = "last estimate" if truth is None else "truth"
    axes.set_ylabel(style.label(f"{name} - {against}", unit))
    return axes


def plot_settings(
    record: AdaptiveRecord, *, unit: str = "1", ax: "Axes | None" = None
) -> "Axes":
    """Draw which settings were chosen, one after the other.

    Parameters
    ----------
    record : AdaptiveRecord
    unit : str
        Of the settings.
    ax : matplotlib.axes.Axes, optional
    """
    axes = style.axes(ax)
    shown, unit = style.engineering(record.settings, unit)
    axes.plot(np.arange(1, shown.size + 1), shown, ".")
    axes.set_xlabel("measurement")
    axes.set_ylabel(style.label("chosen setting", unit))
    return axes


def plot_posterior(
    particles: Particles, name: str, *, bins: int = 60, ax: "Axes | None" = None
) -> "Axes":
    """Draw the distribution of one parameter.

    Parameters
    ----------
    particles : Particles
    name : str
        Of the parameter.
    bins : int
    ax : matplotlib.axes.Axes, optional
    """
    checks.one_of("name", name, particles.names)
    axes, at = style.axes(ax), particles.names.index(name)
    shown, unit = style.engineering(particles.values[at], particles.units[at])
    axes.hist(
        shown, bins=bins, weights=particles.weights, density=True, histtype="step"
    )
    axes.set_xlabel(style.label(name, unit))
    axes.set_ylabel("density" if unit == "1" else f"density (1/{unit})")
    return axes


def plot_tracking(
    tracked: TrackedFrequency,
    *,
    time: ArrayLike | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a tracked frequency with its error beside the true one.

    Parameters
    ----------
    tracked : TrackedFrequency
    time : array_like, shape (n,), s, optional
        The number of the step by default.
    ax : matplotlib.axes.Axes, optional
    """
    axes, n = style.axes(ax), tracked.truth.size
    at, unit = np.arange(n, dtype=np.float64), ""
    if time is not None:
        at, unit = style.engineering(checks.vector("time", time, "s", min_size=n), "s")
    errors = np.sqrt(tracked.variances)
    begin = tracked.truth[0]
    rows = np.stack([tracked.truth - begin, tracked.estimates - begin, errors])
    (truth, found, errors), hertz = style.engineering(rows, "Hz")
    axes.fill_between(at, found - errors, found + errors, alpha=0.3, lw=0.0)
    axes.plot(at, found, lw=1.0, label="tracked")
    axes.plot(at, truth, color=style.COLOURS[5], lw=1.0, label="true")
    axes.set_xlabel(style.label("time", unit) if unit else "step")
    axes.set_ylabel(style.label("shift of the resonance", hertz))
    axes.legend()
    return axes
