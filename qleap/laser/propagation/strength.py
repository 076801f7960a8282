"""Light so strong that no equation here holds, refused before hours are spent on it.

A nonlinear index of a tenth is beyond every medium: glasses break and gases are
stripped of their electrons long before. What asks for it is a slip of units.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.laser.propagation.crystal_equation import Cut
    from qleap.laser.pulses.light import Light

__all__ = ["check_cubic", "check_quadratic"]

MOST: Final = 0.1
"""Largest change of the index, and largest second-order susceptibility by field."""


def check_cubic(pulse: "Light", rate: float, across: str) -> None:
    """Refuse a pulse that would change the index by more than a tenth.

    Parameters
    ----------
    pulse : Light
        What enters.
    rate : float
        Nonlinear phase per length at its peak, ``gamma P`` or ``omega n2 I / c``, 1/m.
    across : str
        What besides the pulse the rate follows from, with its unit, for the sentence.

    Raises
    ------
    InvalidValue
        Where it would.
    """
    change = abs(rate) * SPEED_OF_LIGHT / pulse.omega0
    # A rate that is no number fails the comparison too.
    if not change <= MOST:
        raise InvalidValue(
            f"the nonlinear index n2 I must be <= {MOST:g} at the entrance, got "
            f"{change:.3g} at a peak power of {pulse.peak_power:.3g} W, beyond any "
            f"medium; look for a slip of units: energy in J, fwhm in s, {across}."
        )


def check_quadratic(power: float, cut: "Cut") -> None:
    """Refuse light of which a crystal's second-order answer is more than a tenth.

    Parameters
    ----------
    power : float
        Peak power of all light that enters, W.
    cut : Cut
        The crystal, of which the largest ``d`` counts, and the area.

    Raises
    ------
    InvalidValue
        Where ``chi2 E = 2 d E`` is.
    """
    intensity = power / cut.area
    field = math.sqrt(2.0 * intensity / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    answer = 2.0 * float(np.abs(cut.crystal.nonlinear_tensor).max()) * field
    if not answer <= MOST:
        raise InvalidValue(
            f"chi2 E = 2 d E must be <= {MOST:g} at the entrance, got {answer:.3g} at "
            f"a peak power of {power:.3g} W ({intensity:.3g} W/m^2), beyond any "
            "crystal; look for a slip of units: energy in J, fwhm in s, waist in m, "
            "area in m^2."
        )
