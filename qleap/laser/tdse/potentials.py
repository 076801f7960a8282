"""Potentials of one active electron: of atoms in space, of soft cores on a line.

Lengths are bohr and energies hartree here, as in every paper on them.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import HARTREE
from qleap.core.errors import InvalidValue
from qleap.laser.ionisation.atoms import Atom, atom

__all__ = [
    "POTENTIALS",
    "CentralPotential",
    "SoftCore",
    "central_potential",
    "soft_core",
]

Floats = NDArray[np.float64]

SOFTEST: Final = (0.05, 50.0)
"""Bounds within which a softening is sought, bohr."""

N_SINC: Final = 120
"""Functions of which the lowest state of a soft core is made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CentralPotential:
    r"""What one electron sees of a nucleus and the other electrons.

    .. math:: V(r) = -\frac{Z + a_1 e^{-a_2r} + a_3 r e^{-a_4r} + a_5 e^{-a_6r}}{r}

    in atomic units (Tong and Lin, J. Phys. B 38, 2593 (2005), equation 4).

    Parameters
    ----------
    name : str
        For people.
    screening : tuple of float
        :math:`a_1 \dots a_6`; all zero leave the bare Coulomb potential.
    charge : float
        :math:`Z` of the ion that is left, in elementary charges.
    n, l : int
        Principal quantum number and angular momentum of the active electron.
    source : str
        Of the numbers.
    """

    name: str
    screening: tuple[float, float, float, float, float, float] = (0.0,) * 6
    charge: float = 1.0
    n: int = 1
    l: int = 0  # noqa: E741  (the letter of every paper)
    source: str = "the user"

    def __post_init__(self) -> None:
        checks.positive("charge", self.charge, "e")
        checks.count("n", self.n)
        checks.count("l", self.l, 0, self.n - 1)
        given = checks.vector("screening", self.screening)
        if given.size != 6 or (given[1::2] < 0.0).any():
            raise InvalidValue(
                "screening must be the six numbers a1 to a6 with a2, a4 and a6 >= 0 "
                f"(1/bohr), got {self.screening}."
            )
        object.__setattr__(self, "screening", tuple(float(a) for a in given))

    @property
    def nodes(self) -> int:
        """Nodes of the active electron's radial function, ``n - l - 1``."""
        return self.n - self.l - 1

    @property
    def nuclear_charge(self) -> float:
        """Charge that is left at the nucleus, ``Z + a1 + a5``."""
        return self.charge + self.screening[0] + self.screening[4]

    def values_au(self, r: ArrayLike) -> Floats:
        """Return the potential at ``r`` (bohr, above zero), hartree."""
        x = np.asarray(r, np.float64)
        return np.asarray(-self._charge(x)[0] / x)

    def gradient_au(self, r: ArrayLike) -> Floats:
        """Return ``dV/dr`` at ``r`` (bohr, above zero), hartree/bohr."""
        x = np.asarray(r, np.float64)
        charge, slope = self._charge(x)
        return np.asarray((charge / x - slope) / x)

    def _charge(self, r: Floats) -> tuple[Floats, Floats]:
        """Return the charge inside ``r``, and its slope."""
        a1, a2, a3, a4, a5, a6 = self.screening
        first, second, third = np.exp(-a2 * r), np.exp(-a4 * r), np.exp(-a6 * r)
        charge = self.charge + a1 * first + a3 * r * second + a5 * third
        slope = a3 * (1.0 - a4 * r) * second - a1 * a2 * first - a5 * a6 * third
        return charge, slope


@dataclass(frozen=True, kw_only=True, slots=True)
class SoftCore:
    r"""The potential of an atom on a line, :math:`V(x) = -Z/\sqrt{x^2 + a^2}`.

    Parameters
    ----------
    softening : float
        :math:`a`, bohr; :math:`\sqrt2` gives hydrogen's level exactly.
    charge : float
        :math:`Z`, in elementary charges.
    name : str
        For people.

    See Also
    --------
    soft_core : with the level of an atom.
    """

    softening: float
    charge: float = 1.0
    name: str = "soft core"

    def __post_init__(self) -> None:
        checks.positive("softening", self.softening, "bohr")
        checks.positive("charge", self.charge, "e")

    def values_au(self, x: ArrayLike) -> Floats:
        """Return the potential at ``x`` (bohr), hartree."""
        given = np.asarray(x, np.float64)
        return np.asarray(-self.charge / np.hypot(given, self.softening))

    def gradient_au(self, x: ArrayLike) -> Floats:
        """Return ``dV/dx`` at ``x`` (bohr), hartree/bohr."""
        given = np.asarray(x, np.float64)
        return np.asarray(self.charge * given / np.hypot(given, self.softening) ** 3)

    @property
    def ground_energy_au(self) -> float:
        """Energy of the lowest state, hartree, to 1e-9 of itself."""
        return _lowest(self.softening, self.charge)


def soft_core(target: Atom | str, *, charge: float | None = None) -> SoftCore:
    """Return the soft core whose lowest state lies at the ionisation energy.

    Parameters
    ----------
    target : Atom or str
        Its ionisation energy, and its charge unless ``charge`` is given.
    charge : float, optional
        In elementary charges.

    Raises
    ------
    InvalidValue
        Where no softening between 0.05 and 50 bohr gives that energy.
    """
    from scipy.optimize import brentq

    species = atom(target) if isinstance(target, str) else target
    z = species.charge if charge is None else checks.positive("charge", charge, "e")
    wanted = species.energy_au

    def excess(softening: float) -> float:
        return _lowest(softening, z) + wanted

    if not excess(SOFTEST[0]) < 0.0 < excess(SOFTEST[1]):
        raise InvalidValue(
            f"target must have a level that a softening between {SOFTEST[0]:g} and "
            f"{SOFTEST[1]:g} bohr gives, got {wanted * HARTREE:.4g} J with the charge "
            f"{z:g}."
        )
    found = float(brentq(excess, *SOFTEST, xtol=1e-10))
    return SoftCore(softening=found, charge=z, name=species.name)


@lru_cache(maxsize=256)
def _lowest(softening: float, charge: float) -> float:
    r"""Return the lowest level by even sinc functions of u, :math:`x = a\sinh u`.

    The potential is analytic within :math:`|\Im u| < \pi/2` whatever the softening, so
    that the error falls exponentially with the number of points.
    """
    far = 80.0 / charge + 40.0 * softening
    i = np.arange(N_SINC)
    h = math.asinh(far / softening) / N_SINC
    u = h * (i + 0.5)
    # Points stand half a step off zero: an even function adds its image.
    second = _sinc_second(i[:, None] - i, h) + _sinc_second(i[:, None] + i + 1, h)
    stretch = softening * np.cosh(u)
    # psi = phi/sqrt(x'), so -psi''/2 becomes -(phi/x')''/(2 x') and a potential.
    bend = (0.375 * np.tanh(u) ** 2 - 0.25) / stretch**2
    energy = -0.5 * second / np.outer(stretch, stretch)
    energy[i, i] += bend - charge / stretch
    return float(np.linalg.eigvalsh(energy)[0])


def _sinc_second(apart: NDArray[np.int64], h: float) -> Floats:
    """Return the second derivative of sinc functions at points so many steps apart."""
    safe = np.where(apart == 0, 1, apart)
    others = -2.0 * np.where(apart % 2, -1.0, 1.0) / safe**2
    return np.asarray(np.where(apart == 0, -(np.pi**2) / 3.0, others) / h**2)


TONG_LIN = "X. M. Tong, C. D. Lin, J. Phys. B 38, 2593 (2005), as quoted by SCID-TDSE"
ZHANG = (
    "Q. Zhang, P. Lan, P. Lu, Phys. Rev. A 90, 043410 (2014), as quoted by "
    "hydrogen-tunnel"
)
MULLER = "H. G. Muller, Phys. Rev. A 60, 1341 (1999), as quoted by SCID-TDSE"
GARVEY = (
    "fitted here to the shape of R. H. Garvey, C. H. Jackman, A. E. S. Green, Phys. "
    "Rev. A 12, 1144 (1975), as quoted by SCID-TDSE, with the level of NIST"
)

POTENTIALS: Final[dict[str, CentralPotential]] = {
    made.name: made
    for made in (
        CentralPotential(name="H", source="exact"),
        CentralPotential(
            name="He", source=TONG_LIN,
            screening=(1.231, 0.662, -1.325, 1.236, -0.231, 0.480),
        ),
        CentralPotential(
            name="Ne", n=2, l=1, source=TONG_LIN,
            screening=(8.069, 2.148, -3.570, 1.986, 0.931, 0.602),
        ),
        CentralPotential(
            name="Ar", n=3, l=1, source=TONG_LIN,
            screening=(16.039, 2.007, -25.543, 4.525, 0.961, 0.443),
        ),
        CentralPotential(
            name="Ar (Muller)", n=3, l=1, source=MULLER,
            screening=(5.4, 1.0, 0.0, 0.0, 11.6, 3.682),
        ),
        CentralPotential(
            name="Kr", n=4, l=1, source=GARVEY,
            screening=(21.994, 4.273, -35.661, 7.613, 13.006, 1.4116),
        ),
        CentralPotential(
            name="Xe", n=5, l=1, source=ZHANG,
            screening=(51.356, 2.112, -99.927, 3.737, 1.644, 0.431),
        ),
    )
}  # fmt: skip
"""Name to potential."""


def central_potential(name: str) -> CentralPotential:
    """Return the potential of the atom of that name, see `POTENTIALS`."""
    return POTENTIALS[checks.one_of("name", name, tuple(POTENTIALS))]
