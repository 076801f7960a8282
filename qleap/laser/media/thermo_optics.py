"""How the principal indices of crystals change with temperature."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.media import series

__all__ = ["ROOM", "THERMO_OPTICS", "ThermoOptics"]

Floats = NDArray[np.float64]
Terms = tuple[tuple[float, int], ...]

ROOM: Final = 293.15
"""Temperature at which the indices are those of the fits, K."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermoOptics:
    """One published ``dn/dT = sum c lambda^p`` for each principal axis.

    Parameters
    ----------
    terms : tuple
        Of x, y, z: pairs ``(c, p)``, c in 1/K, lambda in um.
    low, high : float
        Wavelengths between which it holds, um; held beyond.
    source : str
        The publication.
    """

    terms: tuple[Terms, Terms, Terms]
    low: float
    high: float
    source: str

    def slope(self, axis: int, microns: Floats) -> Floats:
        """Return dn/dT of an axis at wavelengths, 1/K."""
        held = np.clip(microns, self.low, self.high)
        return np.asarray(sum(c * held**p for c, p in self.terms[axis]))

    def slope_series(self, axis: int, microns: float, order: int) -> Floats:
        """Return the Taylor coefficients of dn/dT in omega/omega0 - 1, 1/K."""
        total = np.zeros(order + 1)
        if not self.low <= microns <= self.high:
            total[0] = self.slope(axis, np.array(microns))
            return total
        for c, p in self.terms[axis]:
            total += c * microns**p * series.power(-float(p), order)
        return total


_BBO: Final = ((-16.6e-6, 0),)

THERMO_OPTICS: Final[dict[str, ThermoOptics]] = {
    "BBO": ThermoOptics(
        terms=(_BBO, _BBO, ((-9.3e-6, 0),)),
        low=0.188,
        high=5.2,
        source="D. N. Nikogosyan, Appl. Phys. A 52, 359 (1991), as quoted by ndispers",
    ),
    "KTP": ThermoOptics(
        terms=(
            ((0.1717e-5, -3), (-0.5353e-5, -2), (0.8416e-5, -1), (0.1627e-5, 0)),
            ((0.1997e-5, -3), (-0.4063e-5, -2), (0.5154e-5, -1), (0.5425e-5, 0)),
            ((0.9221e-5, -3), (-2.9220e-5, -2), (3.6677e-5, -1), (-0.1897e-5, 0)),
        ),
        low=0.43,
        high=1.58,
        source="K. Kato and E. Takaoka, Appl. Opt. 41, 5040 (2002), as quoted by "
        "ndispers",
    ),
    "LBO": ThermoOptics(
        terms=(
            ((0.2300e-5, 0), (-0.3760e-5, 1)),
            ((-1.9318e-5, 0), (0.5779e-5, 1)),
            ((-1.1569e-5, 0), (0.4073e-5, 1)),
        ),
        low=0.16,
        high=2.6,
        source="K. Kato, S. G. Grechin and N. Umemura, Laser Phys. 28, 095403 (2018), "
        "as quoted by ndispers",
    ),
}
"""Names of crystals to how their indices change."""
