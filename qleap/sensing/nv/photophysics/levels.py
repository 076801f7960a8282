"""Levels of the centre under light, and the rates between them."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import BOLTZMANN, ELEMENTARY_CHARGE

__all__ = [
    "CHARGE_PARTS",
    "ERNST_2023",
    "EXCITED",
    "GROUND",
    "LEVELS",
    "OPTICAL_PARTS",
    "ROBLEDO_2011",
    "SINGLET",
    "TETIENNE_2012",
    "ChargeRates",
    "OpticalRates",
    "jump_parts",
]

LEVELS: Final = (
    "ground +1",
    "ground 0",
    "ground -1",
    "excited +1",
    "excited 0",
    "excited -1",
    "singlet",
    "NV0 ground",
    "NV0 excited",
    "NV0 quartet",
)
"""The first seven are those of NV-; the order of all vectors and matrices."""

GROUND: Final = slice(0, 3)
EXCITED: Final = slice(3, 6)
SINGLET: Final = 6
_NEUTRAL, _NEUTRAL_EXCITED, _QUARTET = 7, 8, 9

OPTICAL_PARTS: Final = (
    "radiative",
    "crossing_0",
    "crossing_1",
    "singlet_0",
    "singlet_1",
    "pump",
    "relaxation",
)
"""Names of the groups of jumps of NV-; all jumps of a group have one rate."""

CHARGE_PARTS: Final = (
    "ionisation",
    "to_quartet",
    "excitation",
    "neutral_radiative",
    "quartet_decay",
    "recombination",
)
"""Names of the groups of jumps to, in and from NV0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpticalRates:
    """Spontaneous rates of NV- in the basis without a field, all in 1/s.

    Parameters
    ----------
    radiative : float
        Excited to ground triplet, spin conserving.
    crossing_0, crossing_1 : float
        From m_S = 0, and from each of m_S = +1 and -1, of the excited triplet to
        the singlet.
    singlet_0, singlet_1 : float
        From the singlet to m_S = 0, and to each of m_S = +1 and -1, of the ground
        triplet.
    """

    radiative: float
    crossing_0: float
    crossing_1: float
    singlet_0: float
    singlet_1: float

    def __post_init__(self) -> None:
        checks.positive("radiative", self.radiative, "1/s")
        for name in ("crossing_0", "crossing_1", "singlet_0", "singlet_1"):
            checks.non_negative(name, getattr(self, name), "1/s")

    @property
    def lifetimes(self) -> tuple[float, float]:
        """Lifetimes of m_S = 0 and of m_S = +1 or -1 in the excited state, s."""
        decay = self.radiative
        return 1.0 / (decay + self.crossing_0), 1.0 / (decay + self.crossing_1)

    @property
    def singlet_lifetime(self) -> float:
        """Lifetime of the singlet, s."""
        return 1.0 / (self.singlet_0 + 2.0 * self.singlet_1)

    @classmethod
    def at_temperature(cls, temperature: float) -> "OpticalRates":
        r"""Return the rates of Ernst et al. 2023 at ``temperature``, 100 to 500 K.

        Notes
        -----
        Only the singlet depends on the temperature here, by the emission of a
        phonon of 16.6 meV: :math:`\tau = 320\,\mathrm{ns}\,(1 - e^{-E/k_BT})`. The
        averages over the orbitals of the excited state hold where these are mixed
        fast; below 100 K they do not, and other temperatures are refused.

        References
        ----------
        Ernst et al., Phys. Rev. B 108, 085203 (2023), arXiv:2304.02521; values of
        their centre "NV2" as they stand in the authors' program ``nvratemodel``
        (read there): 55.7, 98.7 (E_1,2), 98.7/0.52 (A_1), 8.2 (E_x,y) per
        microsecond, and a branching ratio of the singlet of 2.26.
        """
        kelvin = checks.between("temperature", temperature, 100.0, 500.0, "K")
        phonon = 16.6e-3 * ELEMENTARY_CHARGE / (BOLTZMANN * kelvin)
        decay = 1.0 / (320e-9 * -math.expm1(-phonon))
        return cls(
            radiative=55.7e6,
            crossing_0=8.2e6,
            # A_2 does not cross; E_1, E_2, A_1 and A_2 are equally occupied.
            crossing_1=98.7e6 * (2.0 + 1.0 / 0.52) / 4.0,
            singlet_0=decay * 2.26 / 3.26,
            singlet_1=decay / 3.26 / 2.0,
        )


ERNST_2023: Final = OpticalRates.at_temperature(300.0)
"""Ernst et al. 2023 at 300 K; a centre of high contrast."""

ROBLEDO_2011: Final = OpticalRates(
    radiative=62.5e6,
    crossing_0=10.5e6,
    crossing_1=76.9e6,
    singlet_0=3.0e6,
    singlet_1=2.63e6,
)
"""Bulk diamond at room temperature as quoted by the program ``odmr_sim``, which cites
Robledo et al., New J. Phys. 13, 025013 (2011), Ahmadi et al., Phys. Rev. Applied 8,
034001 (2017) and Masuyama et al., Sci. Rep. 14, 18135 (2024); the papers' tables could
not be opened. The lifetimes are Robledo's 13.7 and 7.3 ns, and the contrast of a pulse
is 26 to 28 % in the first 200 ns; the rates that are taken by default."""

TETIENNE_2012: Final = OpticalRates(
    radiative=65e6, crossing_0=8e6, crossing_1=55e6, singlet_0=1e6, singlet_1=1e6
)
"""Tetienne et al., New J. Phys. 14, 103033 (2012), rounded as in a program that states
this paper as its source; the paper's table could not be opened. The singlet lives
longer than in the other sets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeRates:
    """Two-photon ionisation of NV- and recombination of NV0.

    The light's part is given over the pump rate of NV-, so that all of it grows
    with the power. Ionisation starts from the excited triplet and leads to the
    quartet of NV0 (Razinkovas et al., arXiv:2104.09144, abstract); recombination
    starts from the excited doublet and leads to all three ground levels equally.

    Parameters
    ----------
    ionisation, recombination : float
        Rates of the second step over the pump rate.
    excitation : float
        Excitation of NV0 over the pump rate.
    to_quartet : float
        Share of ionisations that end in the quartet; the others end in the ground
        state of NV0.
    quartet_decay : float
        Rate from the quartet to the ground state of NV0, 1/s.
    radiative : float
        Decay of the excited doublet, 1/s.
    collected : float
        How well photons of NV0 are detected, relative to those of NV-.

    Notes
    -----
    The defaults are of our own choice: under green light about 70 % of the time
    is spent in NV- (Aslam et al., New J. Phys. 15, 013064 (2013), abstract: below
    75 % between 450 and 610 nm). Light of another colour is another `ChargeRates`:
    no excitation of NV0 beyond 575 nm.
    """

    ionisation: float = 0.004
    recombination: float = 0.005
    excitation: float = 1.0
    to_quartet: float = 1.0
    quartet_decay: float = 1e6
    radiative: float = 5e7
    collected: float = 0.0

    def __post_init__(self) -> None:
        for name in ("ionisation", "recombination", "excitation", "collected"):
            checks.non_negative(name, getattr(self, name))
        checks.probability("to_quartet", self.to_quartet)
        checks.positive("quartet_decay", self.quartet_decay, "1/s")
        checks.positive("radiative", self.radiative, "1/s")

    def weights(self, pump_rate: float) -> NDArray[np.float64]:
        """Return the rates of `CHARGE_PARTS`, 1/s."""
        lost = self.ionisation * pump_rate
        return np.array([
            (1.0 - self.to_quartet) * lost,
            self.to_quartet * lost,
            self.excitation * pump_rate,
            self.radiative,
            self.quartet_decay,
            self.recombination * pump_rate,
        ])  # fmt: skip

    def slopes(self) -> NDArray[np.float64]:
        """Return the derivatives of `weights` by the pump rate."""
        return self.weights(1.0) - self.weights(0.0)


def jump_parts(*, charge: bool) -> NDArray[np.float64]:
    """Return which jumps each group has, ``[group, from, to]``, of the value one.

    The groups are `OPTICAL_PARTS`, followed by `CHARGE_PARTS` with ``charge``.
    """
    size = 10 if charge else 7
    names = OPTICAL_PARTS + (CHARGE_PARTS if charge else ())
    parts = np.zeros((len(names), size, size))
    place = {name: parts[k] for k, name in enumerate(names)}
    for m in range(3):
        ground, excited = GROUND.start + m, EXCITED.start + m
        own = "0" if m == 1 else "1"
        place["radiative"][excited, ground] = 1.0
        place[f"crossing_{own}"][excited, SINGLET] = 1.0
        place[f"singlet_{own}"][SINGLET, ground] = 1.0
        place["pump"][ground, excited] = 1.0
    place["relaxation"][GROUND, GROUND] = 1.0 - np.eye(3)
    if charge:
        place["ionisation"][EXCITED, _NEUTRAL] = 1.0
        place["to_quartet"][EXCITED, _QUARTET] = 1.0
        place["excitation"][_NEUTRAL, _NEUTRAL_EXCITED] = 1.0
        place["neutral_radiative"][_NEUTRAL_EXCITED, _NEUTRAL] = 1.0
        place["quartet_decay"][_QUARTET, _NEUTRAL] = 1.0
        place["recombination"][_NEUTRAL_EXCITED, GROUND] = 1.0 / 3.0
    return parts
