"""Hollow fibres whose core is held by thin walls: guidance between their resonances."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode

__all__ = ["AntiresonantFibre"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, slots=True)
class AntiresonantFibre(Capillary):
    r"""A core in a thin tube with gas on both sides, the model of antiresonant fibres.

    Parameters
    ----------
    wall_thickness : float
        m.
    **others
        Of `Capillary`; ``loss`` scales the model's loss, which a fibre with more than
        one layer of tubes falls short of by orders of magnitude.

    Notes
    -----
    An expansion in :math:`\sigma = 1/(k n_\mathrm{gas} a)` up to the fourth order, far
    from the resonances :math:`k w \sqrt{n^2 - n_\mathrm{gas}^2} = \pi q` of the walls,
    where it diverges. Its term of third order is written here as the surface
    impedance of the wall has it (for hybrid modes half, for TE and TM twice what
    Luna.jl has), which is what the exact modes of the tube show.

    References
    ----------
    M. Zeisberger and M. A. Schmidt, Sci. Rep. 7, 11761 (2017), eq. (15), as quoted by
    Luna.jl.
    """

    wall_thickness: float

    def __post_init__(self) -> None:
        Capillary.__post_init__(self)
        checked = checks.positive("wall_thickness", self.wall_thickness, "m")
        object.__setattr__(self, "wall_thickness", checked)

    def resonances(self, count: int) -> Floats:
        """Return the longest wavelengths at which the walls do not guide, m.

        In an evacuated core; the first is ``2 w sqrt(n^2 - 1)``. Found by iterating the
        index of the wall.
        """
        orders = np.arange(1, checks.count("count", count, 1, 50) + 1)
        wavelength = 2.0 * self.wall_thickness / orders
        for _ in range(50):
            omega = 2.0 * math.pi * SPEED_OF_LIGHT / wavelength
            index = np.real(self.cladding_index(omega))
            wavelength = 2.0 * self.wall_thickness / orders * np.sqrt(index**2 - 1.0)
        return np.asarray(wavelength)

    def _excess(
        self, omega: Floats, susceptibility: Floats, radius: float, mode: Mode
    ) -> Complex:
        index = np.sqrt(1.0 + susceptibility)
        square = np.real(self.cladding_index(omega)) ** 2
        ratio = square / index**2
        thickness = omega * self.wall_thickness / SPEED_OF_LIGHT
        cotangent = 1.0 / np.tan(thickness * np.sqrt(square - index**2))
        small = SPEED_OF_LIGHT / (omega * index * radius)
        third, fourth, leak = _coefficients(mode, ratio, cotangent)
        second = 0.5 * mode.root**2
        real = small**2 * (second + small * (third + small * fourth))
        gas = susceptibility / (1.0 + index)
        return np.asarray(gas - index * (real - 1j * leak * small**4))


def _coefficients(
    mode: Mode, ratio: Floats, cotangent: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return B, C and D of the expansion."""
    u, over, root = mode.root, ratio - 1.0, np.sqrt(ratio - 1.0)
    beyond = 1.0 + cotangent**2
    if mode.kind in {"TE", "TM"}:
        kind = np.ones_like(ratio) if mode.kind == "TE" else ratio
        third = u**2 * kind / root * cotangent
        fourth = u**4 / 8.0 + 2.0 * u**2 * kind**2 / over * cotangent**2
        return third, fourth, u**3 * kind**2 * beyond / over
    m, sign = mode.azimuthal, 1.0 if mode.kind == "EH" else -1.0
    third = 0.5 * u**2 * (ratio + 1.0) / root * cotangent
    wall = u**2 / 4.0 * (2.0 + m * sign) * (ratio + 1.0) ** 2 / over
    wall = wall - u**4 * over / (8.0 * m)
    fourth = u**4 / 8.0 + 0.5 * u**2 * m * sign + wall * cotangent**2
    return third, fourth, 0.5 * u**3 * (ratio**2 + 1.0) / over * beyond
