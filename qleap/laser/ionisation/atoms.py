"""Atoms, molecules and ions as the theories of ionisation see them: one electron.

Energies of atoms are those of the NIST Atomic Spectra Database, of molecules those of
the NIST Chemistry WebBook. A molecule counts as an atom with an effective charge.
"""

import math
from dataclasses import dataclass
from typing import Final

from qleap.core import checks
from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ELEMENTARY_CHARGE, HARTREE
from qleap.core.errors import InvalidValue

__all__ = ["ATOMS", "Atom", "atom", "checked_energy"]

NIST = "NIST Atomic Spectra Database, ionization energies"
WEBBOOK = "NIST Chemistry WebBook, ionization energies"
SCREENED = (
    "charge: A. Talebpour et al., Opt. Commun. 163, 29 (1999), as quoted by Luna.jl"
)


def checked_energy(given: float) -> float:
    """Return an ionisation energy, J, and refuse what was meant in other units."""
    value = checks.positive("ionisation_energy", given, "J")
    if not 1e-20 < value < 1e-14:
        raise InvalidValue(
            f"ionisation_energy must lie between 1e-20 and 1e-14 J, got {value:g}; one "
            "eV is 1.602e-19 J."
        )
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Atom:
    """The outermost electrons of an atom, a molecule or an ion.

    Parameters
    ----------
    name : str
        For people, and for the key of stored tables.
    ionisation_energy : float
        J.
    charge : float
        Of the ion that is left, in elementary charges; of molecules an effective one.
    l : int
        Orbital angular momentum of the electron.
    electrons : int
        In the shell, spread evenly over its states.
    amplitude : float
        ``C_l`` of the wave function far out, ``C_l r^(Z/kappa - 1) exp(-kappa r)`` in
        atomic units; NaN where nobody published one.
    suppression : float
        ``alpha`` of Tong and Lin's correction; NaN where nobody published one.
    polarisability, ion_polarisability : float
        Static, atomic units; NaN where they are not known here.
    source : str
        Of the numbers.
    """

    name: str
    ionisation_energy: float
    charge: float = 1.0
    l: int = 0  # noqa: E741  (the letter of every paper)
    electrons: int = 1
    amplitude: float = math.nan
    suppression: float = math.nan
    polarisability: float = math.nan
    ion_polarisability: float = math.nan
    source: str = "the user"

    def __post_init__(self) -> None:
        for name, unit in (("ionisation_energy", "J"), ("charge", "e")):
            value = checks.positive(name, getattr(self, name), unit)
            object.__setattr__(self, name, value)
        checks.count("l", self.l, 0, 3)
        checks.count("electrons", self.electrons, 1, 4 * self.l + 2)
        checked_energy(self.ionisation_energy)

    @property
    def energy_au(self) -> float:
        """Ionisation energy in hartree."""
        return self.ionisation_energy / HARTREE

    @property
    def kappa(self) -> float:
        """Decay constant of the wave function, ``sqrt(2 Ip)`` in atomic units."""
        return math.sqrt(2.0 * self.energy_au)

    @property
    def n_star(self) -> float:
        """Effective principal quantum number, ``Z/kappa``."""
        return self.charge / self.kappa

    @property
    def barrier_suppression_field(self) -> float:
        """Static field whose barrier is as low as the level, ``Ip^2/4 Z``, V/m."""
        return self.energy_au**2 / (4.0 * self.charge) * ATOMIC_ELECTRIC_FIELD


def _atom(name: str, electronvolts: float, **rest: object) -> Atom:
    values: dict[str, object] = {"source": NIST, **rest}
    energy = electronvolts * ELEMENTARY_CHARGE
    return Atom(name=name, ionisation_energy=energy, **values)  # type: ignore[arg-type]


_P: Final = {"l": 1, "electrons": 6, "suppression": 9.0}
_ION: Final = {"charge": 2.0, "l": 1, "electrons": 5}
_MOLECULE: Final = {"electrons": 2, "source": f"{WEBBOOK}; {SCREENED}"}

# amplitude: Tong, Zhao and Lin, Phys. Rev. A 66, 033402 (2002), table II, and
# suppression: Tong and Lin, J. Phys. B 38, 2593 (2005), both as quoted by HHGmax;
# hydrogen's amplitude is exact and its suppression fits the exact rates.
# Polarisabilities: Wang et al., Eur. Phys. J. D 75, 46 (2021), as quoted by Luna.jl.
ATOMS: Final[dict[str, Atom]] = {
    made.name: made
    for made in (
        _atom("H", 13.598434599702, amplitude=2.0, suppression=6.0,
              polarisability=4.5, ion_polarisability=0.0),
        _atom("He", 24.587389011, electrons=2, amplitude=3.13, suppression=6.0,
              polarisability=1.3207, ion_polarisability=0.2811),
        _atom("Ne", 21.564541, amplitude=2.10,
              polarisability=2.376, ion_polarisability=1.2417, **_P),
        _atom("Ar", 15.7596119, amplitude=2.44,
              polarisability=10.762, ion_polarisability=6.807, **_P),
        _atom("Kr", 13.9996055, amplitude=2.49, **_P),
        _atom("Xe", 12.1298437, amplitude=2.57, **_P),
        _atom("He+", 54.4177655282, charge=2.0, amplitude=2.0 * 2.0**1.5),
        _atom("Ne+", 40.96297, **_ION),
        _atom("Ar+", 27.62967, **_ION),
        _atom("Kr+", 24.35984, **_ION),
        _atom("Xe+", 20.975, **_ION),
        _atom("H2", 15.42593, electrons=2, source=WEBBOOK),
        _atom("N2", 15.581, charge=0.9, **_MOLECULE),
        _atom("O2", 12.0697, charge=0.53, **_MOLECULE),
    )
}  # fmt: skip
"""Name to atom, molecule or ion."""


def atom(name: str) -> Atom:
    """Return the atom, molecule or ion of that name, see `ATOMS`."""
    return ATOMS[checks.one_of("name", name, tuple(ATOMS))]
