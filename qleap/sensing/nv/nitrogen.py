"""The two isotopes of the centre's own nitrogen."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.sensing.spins.operators import spin_operators
from qleap.sensing.spins.spin import Coupling, Spin

__all__ = ["NITROGEN_14", "NITROGEN_15", "Nitrogen"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Nitrogen:
    """Nuclear spin and its couplings in the ground state.

    Parameters
    ----------
    spin : float
        1 or 1/2.
    hyperfine_parallel, hyperfine_perpendicular : float
        Factors of S_z I_z and of S_x I_x + S_y I_y, Hz.
    quadrupole : float
        Factor of I_z^2 - I(I+1)/3, Hz.
    gyromagnetic_ratio : float
        Nuclear, Hz/T; its term is minus this times B . I.
    """

    spin: float
    hyperfine_parallel: float
    hyperfine_perpendicular: float
    quadrupole: float
    gyromagnetic_ratio: float

    def __post_init__(self) -> None:
        checks.count("2 * spin", 2 * self.spin)
        for name in self.__slots__[1:]:
            checks.finite(name, getattr(self, name), "Hz")

    @property
    def multiplicity(self) -> int:
        """Number of nuclear levels, 2 I + 1."""
        return round(2 * self.spin) + 1

    def operators(self) -> NDArray[np.complex128]:
        """Return I_x, I_y, I_z with the highest projection first."""
        return spin_operators(self.spin)

    def spin_and_coupling(self) -> tuple[Spin, Coupling]:
        """Return the nucleus ``"nitrogen"`` and its coupling to ``"electron"``."""
        third = self.quadrupole / 3.0
        across, along = self.hyperfine_perpendicular, self.hyperfine_parallel
        nucleus = Spin(
            name="nitrogen",
            spin=self.spin,
            zeeman=-self.gyromagnetic_ratio,
            quadratic=[-third, -third, 2.0 * third],
        )
        pair = ("electron", "nitrogen")
        return nucleus, Coupling(between=pair, tensor=[across, across, along])

    def line_offsets(self) -> NDArray[np.float64]:
        """Return where the lines of a multiplet sit about its centre, Hz.

        First order: the projections of the nuclear spin times the parallel
        hyperfine constant.
        """
        projections = self.spin - np.arange(self.multiplicity)
        return np.sort(self.hyperfine_parallel * projections)


NITROGEN_14: Final = Nitrogen(
    spin=1.0,
    hyperfine_parallel=-2.162e6,
    hyperfine_perpendicular=-2.70e6,
    quadrupole=-4.945e6,
    gyromagnetic_ratio=3.0777e6,
)
"""Smeltzer et al., Phys. Rev. A 80, 050302 (2009): A_par = -2.162(2) MHz and
P = -4.945(5) MHz; Felton et al., Phys. Rev. B 79, 075203 (2009): A_perp =
-2.70(7) MHz (and -2.14(7) MHz for A_par)."""

NITROGEN_15: Final = Nitrogen(
    spin=0.5,
    hyperfine_parallel=3.03e6,
    hyperfine_perpendicular=3.65e6,
    quadrupole=0.0,
    gyromagnetic_ratio=-4.3173e6,
)
"""Felton et al., Phys. Rev. B 79, 075203 (2009): 3.03(3) and 3.65(3) MHz."""
