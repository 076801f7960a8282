"""Nuclear spins and their magnetic moments."""

from dataclasses import dataclass
from typing import Final

from qleap.core import checks
from qleap.core.constants import NUCLEAR_MAGNETON, PLANCK

__all__ = ["ISOTOPES", "Isotope"]


@dataclass(frozen=True, slots=True)
class Isotope:
    """A nucleus.

    Parameters
    ----------
    spin : float
    g_factor : float
        Magnetic moment in nuclear magnetons over the spin.
    abundance : float
        Natural share of the element.
    """

    spin: float
    g_factor: float
    abundance: float

    @property
    def gyromagnetic_ratio(self) -> float:
        """Over 2 pi, Hz/T; the Zeeman term is minus this times B . I."""
        return self.g_factor * NUCLEAR_MAGNETON / PLANCK


ISOTOPES: Final = {
    "1H": Isotope(0.5, 5.58569468, 0.999885),
    "2H": Isotope(1.0, 0.8574382, 0.000115),
    "10B": Isotope(3.0, 0.600215, 0.199),
    "11B": Isotope(1.5, 1.7924326, 0.801),
    "13C": Isotope(0.5, 1.4048236, 0.0107),
    "14N": Isotope(1.0, 0.40376100, 0.99636),
    "15N": Isotope(0.5, -0.56637768, 0.00364),
    "17O": Isotope(2.5, -0.757516, 0.00038),
    "19F": Isotope(0.5, 5.257736, 1.0),
    "29Si": Isotope(0.5, -1.11058, 0.04685),
    "31P": Isotope(0.5, 2.26320, 1.0),
}
"""By name. The g factors are those of EasySpin's isotope table, digit by digit; it
names Stone, Table of Nuclear Magnetic Dipole and Electric Quadrupole Moments, IAEA
report INDC(NDS)-0658 (2014). Abundances agree with that table within 4e-5."""


def isotope(name: str) -> Isotope:
    """Return the isotope called ``name``, for example ``"13C"``."""
    return ISOTOPES[checks.one_of("isotope", name, tuple(ISOTOPES))]
