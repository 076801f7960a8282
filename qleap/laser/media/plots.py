"""Pictures of media: dispersion, phase matching, transmission in the XUV."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qleap.core import checks, style
from qleap.core.constants import ELEMENTARY_CHARGE, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.media.crystals import Crystal
from qleap.laser.media.materials import Material
from qleap.laser.media.mixing import ThreeWaveMixing
from qleap.laser.media.xuv import XuvMedium

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_dispersion", "plot_phase_matching", "plot_transmission"]

N_POINTS = 201
"""Of a curve."""


def plot_dispersion(
    materials: Sequence[Material], *, wavelengths: tuple[float, float] | None = None
) -> "Figure":
    """Return a figure of ``n - 1`` and of the group-velocity dispersion.

    Parameters
    ----------
    materials : sequence of Material
        One curve each; glasses and gases are best not mixed.
    wavelengths : (float, float), optional
        Ends of the axis, m; by default what all fits have in common.
    """
    if not materials:
        raise InvalidValue("materials must hold at least one Material, got none.")
    ends = [material.valid for material in materials]
    low, high = wavelengths or (max(e[0] for e in ends), min(e[1] for e in ends))
    if not low < high:
        raise InvalidValue(
            "wavelengths must ascend; the materials have no range in common, so give "
            "one and plot them apart."
        )
    made, panels = style.figure(1, 2, figsize=(9.0, 3.8))
    index, dispersion = np.ravel(panels)
    for material, colour in zip(materials, _colours(len(materials)), strict=True):
        shortest, longest = material.valid
        grid = np.geomspace(max(low, shortest), min(high, longest), N_POINTS)
        # Within rounding of the ends the fit would refuse.
        grid = np.clip(grid, shortest, longest)
        omega = 2.0 * np.pi * SPEED_OF_LIGHT / grid
        index.plot(1e6 * grid, material.index(omega) - 1.0, color=colour)
        beta2 = [material.group_velocity_dispersion(float(x)) for x in grid]
        dispersion.plot(
            1e6 * grid, 1e27 * np.array(beta2), color=colour, label=material.name
        )
    index.set(xlabel="wavelength (µm)", ylabel="n − 1")
    index.ticklabel_format(axis="y", style="sci", scilimits=(-2, 2))
    dispersion.set(xlabel="wavelength (µm)", ylabel="β₂ (fs²/mm)")
    dispersion.axhline(0.0, color="0.6", linewidth=0.8)
    dispersion.legend()
    return made


def plot_phase_matching(
    crystal: Crystal,
    pump: float,
    polarisations: Sequence[str],
    signals: tuple[float, float],
    *,
    theta: float | None = None,
    phi: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the matching angle over the signal's wavelength and return the axes.

    Parameters
    ----------
    crystal : Crystal
        Which.
    pump : float
        Shortest of the three wavelengths, m.
    polarisations : sequence of str
        Of signal, idler and pump; one curve each.
    signals : (float, float)
        Ends of the axis, m.
    theta, phi : float, optional
        The angle that stays fixed, as in `ThreeWaveMixing.matching_angles`.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    """
    ax = style.axes(ax)
    shortest, longest = crystal.valid
    colours = _colours(len(polarisations))
    for letters, colour in zip(polarisations, colours, strict=True):
        points: list[tuple[float, float]] = []
        for signal in np.linspace(*signals, N_POINTS):
            mixing = ThreeWaveMixing.parametric(
                crystal, pump=pump, signal=float(signal), polarisations=letters
            )
            waves = mixing.all_wavelengths
            if not (shortest <= min(waves) and max(waves) <= longest):
                continue
            angles = mixing.matching_angles(theta=theta, phi=phi)
            points.extend((float(signal), float(angle)) for angle in angles)
        if points:
            x, y = np.array(points).T
            ax.plot(1e6 * x, np.degrees(y), ".", ms=3, color=colour, label=letters)
    sought = "φ" if theta is not None else "θ"
    ax.set(
        xlabel="signal wavelength (µm)",
        ylabel=f"{sought} (degrees)",
        title=f"{crystal.name}, pump {pump * 1e9:.4g} nm",
    )
    ax.legend(markerscale=3.0)
    return ax


def plot_transmission(
    media: Sequence[XuvMedium],
    thickness: float,
    energies: tuple[float, float],
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the transmission of ``thickness`` (m) and return the axes.

    Parameters
    ----------
    media : sequence of XuvMedium
        One curve each.
    thickness : float
        Of each, m.
    energies : (float, float)
        Ends of the axis of photon energies, **J**.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    """
    ax = style.axes(ax)
    low, high = (checks.positive("energies", energy, "J") for energy in energies)
    omega = np.geomspace(low, high, 4 * N_POINTS) / HBAR
    for medium, colour in zip(media, _colours(len(media)), strict=True):
        ax.plot(
            omega * HBAR / ELEMENTARY_CHARGE,
            medium.transmission(omega, thickness),
            color=colour,
            label=medium.formula,
        )
    ax.set(
        xlabel="photon energy (eV)",
        ylabel="transmission",
        ylim=(0.0, 1.0),
        title=f"{thickness * 1e9:.4g} nm thick",
    )
    ax.legend()
    return ax


def _colours(count: int) -> list[str]:
    return [style.COLOURS[i % len(style.COLOURS)] for i in range(count)]
