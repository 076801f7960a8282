"""Where the gas is: jets and cells as profiles for `propagate_beam`."""

import math
from typing import Final

import numpy as np

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.guides.profiles import Profile

__all__ = ["cell_profile", "jet_profile"]

PLACES: Final = 49
"""Of a jet; straight lines between them are within 2e-3 of its peak."""

WALL: Final = 1e-3
"""Share of a cell's length on which the density rises behind its holes."""


def jet_profile(fwhm: float, *, centre: float, shape: str = "gaussian") -> Profile:
    """Return the relative density of a jet.

    Parameters
    ----------
    fwhm : float
        Full width at half maximum of the density, m.
    centre : float
        Where it is one, m from where the propagation begins.
    shape : {"gaussian", "lorentzian"}
        A jet that a beam crosses at some distance from its nozzle is more like a
        Lorentzian. It is cut where it falls below 1 % of its peak.
    """
    width = checks.positive("fwhm", fwhm, "m")
    middle = checks.finite("centre", centre, "m")
    checks.one_of("shape", shape, ("gaussian", "lorentzian"))
    if shape == "gaussian":
        half = 0.5 * width * math.sqrt(math.log(100.0) / math.log(2.0))
        away = np.linspace(-half, half, PLACES)
        density = np.exp(-4.0 * math.log(2.0) * (away / width) ** 2)
    else:
        half = 0.5 * width * math.sqrt(99.0)
        # Closer together where the density changes most.
        away = (
            0.5
            * width
            * np.tan(np.linspace(-1.0, 1.0, PLACES) * math.atan(2.0 * half / width))
        )
        density = 1.0 / (1.0 + (2.0 * away / width) ** 2)
    density[[0, -1]] = 0.0
    return Profile(
        positions=tuple((middle + away).tolist()), values=tuple(density.tolist())
    )


def cell_profile(start: float, end: float) -> Profile:
    """Return the relative density of a cell in vacuum: one between two places (m)."""
    first = checks.finite("start", start, "m")
    last = checks.finite("end", end, "m")
    if not first < last:
        raise InvalidValue(f"end must be > start ({first:g} m), got {last:g} m.")
    wall = WALL * (last - first)
    return Profile(
        positions=(first, first + wall, last - wall, last), values=(0.0, 1.0, 1.0, 0.0)
    )
