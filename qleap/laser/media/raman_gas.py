"""Rotation and vibration of molecules in a gas, as sums of damped oscillators.

The polarisation that a molecule's motion adds to a gas of density N is

    P(t) = E(t) int h(t - t') E(t')^2 dt',  h(t) = N sum K sin(omega t) exp(-t/T2)

in the real field, from first-order perturbation by ``-alpha E^2/2`` (SI
polarisabilities, ``4 pi epsilon0`` times the volumes in `Molecule`):

* rotation ``J -> J + 2`` (Lin, Heritage, Gustafson, Chiao and McTague, Phys. Rev. A 13,
  813 (1976); as used by Wahlstrand et al., Phys. Rev. A 85, 043820 (2012))
  ``K = (2/15) (d_alpha^2/hbar) (J+1)(J+2)/(2J+3) (p_J/(2J+1) - p_{J+2}/(2J+5))``,
* vibration ``K = alpha'^2 / (2 mu omega) p_J``, one line of the Q branch for each J.

Populations p are Boltzmann's, with the weights of the nuclear spins.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import (
    AVOGADRO,
    BOLTZMANN,
    HBAR,
    PLANCK,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.laser.media.nonlinear import n2_from_chi3
from qleap.laser.media.raman import RamanModel

__all__ = ["RAMAN_GASES", "GasRaman", "Molecule"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

AMAGAT: Final = 101_325.0 / (BOLTZMANN * 273.15)
"""Molecules per volume at 1 atm and 0 C, 1/m^3."""

HIGHEST: Final = 60
"""Rotational quantum number up to which sums run."""

PER_CM: Final = 2e2 * math.pi * SPEED_OF_LIGHT
"""rad/s of one wave number 1/cm."""

WEAKEST: Final = 1e-9
"""Lines below this part of the strongest one are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Molecule:
    """Spectroscopic constants of a diatomic molecule.

    Parameters
    ----------
    rotation, stretching : float
        B0 and D, 1/cm.
    vibration, coupling : float
        Q(0) shift and rotation-vibration constant alpha_e, 1/cm.
    even, odd : int
        Statistical weights of even and odd J.
    anisotropy : float
        Difference of the polarisability volumes, m^3.
    slope : float
        Derivative of the mean polarisability volume after the bond length, m^2.
    mass : float
        Of one mole of molecules, kg; the atoms are alike.
    rotational_width, vibrational_width : (float, float)
        Full widths at half maximum of a line ``A/density + B density``: A in
        Hz amagat, B in Hz/amagat.
    source : str
        Publications.
    """

    rotation: float
    stretching: float
    vibration: float
    coupling: float
    even: int
    odd: int
    anisotropy: float
    slope: float
    mass: float
    rotational_width: tuple[float, float]
    vibrational_width: tuple[float, float]
    source: str


_HERZBERG: Final = (
    "levels: K. P. Huber and G. Herzberg, Constants of Diatomic Molecules (1979)"
)
_KOMASA: Final = (
    "levels of J <= 2: J. Komasa et al., J. Chem. Theory Comput. 7, 3105 (2011), as "
    "tabulated in A. Raj's program IntensityCalbr"
)
_HERRING: Final = (
    "G. C. Herring, M. J. Dyer and W. K. Bischel, Phys. Rev. A 34, 1944 (1986)"
)
_WAHLSTRAND: Final = "J. K. Wahlstrand et al., Phys. Rev. A {}"
_QUOTED: Final = "polarisabilities and widths as quoted by Luna.jl"

MOLECULES: Final[dict[str, Molecule]] = {
    "nitrogen": Molecule(
        rotation=1.98958,
        stretching=5.76e-6,
        vibration=2329.92,
        coupling=0.017318,
        even=6,
        odd=3,
        anisotropy=6.7e-31,
        slope=1.75e-20,
        mass=28.0134e-3,
        rotational_width=(0.0, 3.3e9),
        vibrational_width=(0.0, 3.3e9),
        source=f"{_HERZBERG}; anisotropy: {_WAHLSTRAND.format('85, 043820 (2012)')}; "
        f"widths: {_HERRING}, of rotation for both; slope: W. F. Murphy et al., Appl. "
        f"Spectrosc. 23, 211 (1969); {_QUOTED}",
    ),
    "oxygen": Molecule(
        rotation=1.43766,
        stretching=4.839e-6,
        vibration=1556.22,
        coupling=0.01593,
        even=0,
        odd=1,
        anisotropy=10.2e-31,
        slope=1.46e-20,
        mass=31.9988e-3,
        rotational_width=(0.0, 3.3e9),
        vibrational_width=(0.0, 3.3e9),
        source=f"{_HERZBERG}; anisotropy: {_WAHLSTRAND.format('85, 043820 (2012)')}; "
        f"slope: Phys. Rev. A 94, 023816 (2016); {_QUOTED}; widths: taken to be those "
        "of nitrogen",
    ),
    "hydrogen": Molecule(
        rotation=59.3342,
        stretching=0.04533,
        vibration=4161.166,
        coupling=2.956,
        even=1,
        odd=3,
        anisotropy=3.0e-31,
        slope=1.3e-20,
        mass=2.01568e-3,
        rotational_width=(6.15e6, 114e6),
        vibrational_width=(309e6, 52.2e6),
        source=f"{_KOMASA}; polarisabilities: "
        f"{_WAHLSTRAND.format('92, 063828 (2015)')}; widths: {_HERRING}, W. K. Bischel "
        f"and M. J. Dyer, Phys. Rev. A 33, 3113 (1986); {_QUOTED}",
    ),
    "deuterium": Molecule(
        rotation=29.9135,
        stretching=0.0115,
        vibration=2993.617,
        coupling=1.055,
        even=6,
        odd=3,
        anisotropy=3.0e-31,
        slope=1.4e-20,
        mass=4.0282e-3,
        rotational_width=(0.0, 120e6),
        vibrational_width=(101e6, 120e6),
        source=f"{_KOMASA}; polarisabilities: "
        f"{_WAHLSTRAND.format('92, 063828 (2015)')}; widths: J. Raman Spectrosc. 22, "
        f"607 (1991), IEEE J. Quantum Electron. 24, 2076 (1988); {_QUOTED}",
    ),
}

RAMAN_GASES: Final = tuple(MOLECULES)
"""Names of the gases with known rotation and vibration."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GasRaman:
    """The delayed nonlinearity of a molecular gas.

    Parameters
    ----------
    name : str
        One of `RAMAN_GASES`.
    number_density : float
        Molecules per volume, 1/m^3, such as `Material.number_density`; in a mixture
        those of this gas.
    temperature : float
        K.
    rotational, vibrational : bool
        Which motions count.

    Notes
    -----
    Lines have the width ``A/density + B density``; the first part is diffusion
    (Dicke), whose formula fails in thin gas, so it ends at the Doppler width. Lines do
    not narrow where they overlap.
    """

    name: str
    number_density: float
    temperature: float = 293.15
    rotational: bool = True
    vibrational: bool = True

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, RAMAN_GASES)
        checks.positive("number_density", self.number_density, "1/m^3")
        checks.positive("temperature", self.temperature, "K")

    @property
    def source(self) -> str:
        """Publications of the constants."""
        return MOLECULES[self.name].source

    def lines(self) -> tuple[Floats, Floats, Floats]:
        """Return frequencies (rad/s), strengths and decay rates (1/s) of the lines.

        The strength is ``N K`` of ``h(t)``, C m/(V^3 s).
        """
        parts = []
        if self.rotational:
            parts.append(self._rotational_lines())
        if self.vibrational:
            parts.append(self._vibrational_lines())
        if not parts:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        omega, strength, rate = (np.concatenate(x) for x in zip(*parts, strict=True))
        kept = np.abs(strength) > WEAKEST * np.max(np.abs(strength))
        return omega[kept], strength[kept], rate[kept]

    def polarisability(self, detuning: NDArray[np.float64]) -> Complex:
        """Return ``int h(t) exp(+i Omega t) dt`` in absolute units.

        Parameters
        ----------
        detuning : ndarray
            rad/s, any shape.

        Returns
        -------
        ndarray
            C m/V^3: what ``E^2`` at this frequency is multiplied with before it
            meets ``E``.
        """
        omega, strength, rate = self.lines()
        total = np.zeros(np.shape(detuning), np.complex128)
        for w, k, g in zip(omega, strength, rate, strict=True):
            total += k * w / ((g - 1j * np.asarray(detuning)) ** 2 + w * w)
        return total

    @property
    def chi3(self) -> float:
        """Susceptibility that acts like this on long pulses, m^2/V^2.

        Motion follows the cycle-averaged intensity alone, not its part at twice the
        carrier's frequency; so it is two thirds of ``int h dt / epsilon0``.
        """
        static = float(self.polarisability(np.zeros(1))[0].real)
        return 2.0 * static / (3.0 * VACUUM_PERMITTIVITY)

    def n2(self, index: float = 1.0) -> float:
        """Return the nonlinear index for pulses longer than the motion, m^2/W."""
        return n2_from_chi3(self.chi3, index)

    def model(self, electronic_chi3: float) -> RamanModel:
        """Return fraction and normalised transform beside a given instant part.

        Parameters
        ----------
        electronic_chi3 : float
            Of the electrons, m^2/V^2, such as `Material.chi3`.

        Returns
        -------
        RamanModel
            To be used with the sum of both susceptibilities.
        """
        electrons = checks.non_negative("electronic_chi3", electronic_chi3, "m^2/V^2")
        static = float(self.polarisability(np.zeros(1))[0].real)
        motion = self.chi3
        return RamanModel(
            name=self.name,
            fraction=motion / (motion + electrons),
            transform=lambda detuning: self.polarisability(detuning) / static,
            source=self.source,
        )

    def _populations(self) -> tuple[Floats, Floats, Floats]:
        """Return J, energies (1/cm) and populations of the levels, summing to one."""
        molecule = MOLECULES[self.name]
        j = np.arange(HIGHEST, dtype=np.float64)
        square = j * (j + 1.0)
        energy = molecule.rotation * square - molecule.stretching * square**2
        # Beyond its maximum the truncated series of the energy is no energy.
        rising = int(np.argmax(energy)) + 1
        j, energy = j[:rising], energy[:rising]
        weight = np.where(j % 2 == 0, molecule.even, molecule.odd) * (2.0 * j + 1.0)
        quantum = 100.0 * PLANCK * SPEED_OF_LIGHT / (BOLTZMANN * self.temperature)
        population = weight * np.exp(-quantum * energy)
        return j, energy, population / population.sum()

    def _rotational_lines(self) -> tuple[Floats, Floats, Floats]:
        molecule = MOLECULES[self.name]
        j, energy, p = self._populations()
        j, low, high = j[:-2], p[:-2], p[2:]
        omega = PER_CM * (energy[2:] - energy[:-2])
        difference = low / (2.0 * j + 1.0) - high / (2.0 * j + 5.0)
        anisotropy = 4.0 * math.pi * VACUUM_PERMITTIVITY * molecule.anisotropy
        factor = 2.0 / 15.0 * anisotropy**2 / HBAR * self.number_density
        strength = factor * (j + 1.0) * (j + 2.0) / (2.0 * j + 3.0) * difference
        return omega, strength, self._decay(omega, molecule.rotational_width)

    def _vibrational_lines(self) -> tuple[Floats, Floats, Floats]:
        molecule = MOLECULES[self.name]
        j, _, p = self._populations()
        omega = PER_CM * (molecule.vibration - molecule.coupling * j * (j + 1.0))
        reduced = molecule.mass / (4.0 * AVOGADRO)
        slope = 4.0 * math.pi * VACUUM_PERMITTIVITY * molecule.slope
        strength = self.number_density * slope**2 / (2.0 * reduced * omega) * p
        return omega, strength, self._decay(omega, molecule.vibrational_width)

    def _decay(self, omega: Floats, width: tuple[float, float]) -> Floats:
        """Return pi times the full widths at half maximum, 1/s."""
        amagats = self.number_density / AMAGAT
        mass = MOLECULES[self.name].mass / AVOGADRO
        thermal = math.sqrt(8.0 * math.log(2.0) * BOLTZMANN * self.temperature / mass)
        doppler = omega / (2.0 * math.pi * SPEED_OF_LIGHT) * thermal
        diffusion = np.minimum(width[0] / amagats, doppler)
        return np.asarray(math.pi * (diffusion + width[1] * amagats))
