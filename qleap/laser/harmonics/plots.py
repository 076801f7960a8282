"""Pictures of harmonic spectra."""

from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import checks, results, style
from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
)
from qleap.laser.harmonics.emission import HARMONICS, check_kind

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_harmonics"]

DECADES: Final = 10.0
"""Below the strongest harmonic above the fourth order where the axis ends."""


def plot_harmonics(
    data: "xr.Dataset",
    *,
    name: str | None = None,
    highest_order: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a spectrum over the order of the harmonics, with the law of its cutoff.

    Parameters
    ----------
    data : xarray.Dataset
        Of the kind ``laser.harmonics``; of two components their sum is drawn.
    name : str, optional
        For the legend.
    highest_order : float, optional
        Where the axis ends; by default at 1.4 times the cutoff.
    ax : Axes, optional
        To draw on; with several spectra on it, call once for each.
    """
    check_kind(data, HARMONICS, "harmonic_spectrum")
    ax = style.axes(ax)
    order = data["order"].values
    spectrum = data["spectrum"].sum("component").values
    (line,) = ax.semilogy(order[1:], spectrum[1:], label=name, linewidth=0.8)
    cutoff = _cutoff(results.parameters(data))
    end = order[-1] if cutoff is None else min(1.4 * cutoff, order[-1])
    if highest_order is not None:
        end = checks.positive("highest_order", highest_order)
    if cutoff is not None:
        ax.axvline(cutoff, color=line.get_color(), linestyle="--", linewidth=0.8)
    top = spectrum[(order > 4.0) & (order < max(end, 5.0))].max(initial=1e-300)
    low, high = 10.0**-DECADES * top, 30.0 * top
    if len(ax.lines) > 2:  # there was one before
        low, high = min(low, ax.get_ylim()[0]), max(high, ax.get_ylim()[1])
        end = max(end, ax.get_xlim()[1])
    ax.set_xlim(0.0, end)
    ax.set_ylim(low, high)
    ax.set_xlabel("harmonic order")
    ax.set_ylabel(style.label("radiated energy of an atom", "J/Hz"))
    if name is not None:
        ax.legend()
    return ax


def _cutoff(parameters: dict[str, object]) -> float | None:
    """Return the order of 1.32 Ip + 3.17 Up, where the model has an Ip."""
    bound, driving = parameters.get("ionisation_energy"), parameters["driving"]
    if not isinstance(bound, float) or not isinstance(driving, dict):
        return None
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / driving["wavelength"]
    swing = ELEMENTARY_CHARGE * driving["peak_field"] / omega
    quiver = swing**2 / (4.0 * ELECTRON_MASS)
    return float((1.32 * bound + 3.17 * quiver) / (HBAR * omega))
